"""Turns a mapping into a function from a source record to platform fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from mapping.blanks import without_blank
from mapping.check import check_rules
from mapping.generation import Part, Problems, Run, code_part, generate, other_part, text_part
from mapping.paths import Path, Reader, parse_path
from mapping.problems import FieldCode, FieldProblem, RulesError, TransformError
from mapping.rules import FieldRule, JsonValue, MappingRules, TransformSpec
from mapping.steps import Step
from mapping.targets import EVERY_TARGET, Target, TargetKind, Targets, find_target
from mapping.transforms import TRANSFORMS

_TRIMMED = (TransformSpec("trim"),)
_MESSAGES = {
    FieldCode.REQUIRED_FIELD_MISSING: "Missing required field: {target}",
    FieldCode.UNEXPECTED_TYPE: "Unexpected type for {target}: {detail}",
    FieldCode.INVALID_VALUE: "Invalid value for {target}: {detail}",
    FieldCode.VALUE_TOO_LONG: "Value too long for {target}: {detail}",
}
# The two standard pages whose `number` lets a full read be cut into ranges.
_NUMBERED = frozenset({("v2.0", "vendors"), ("v2.0", "items")})


class Mapped(NamedTuple):
    """What a record became: every target of the mapping, null where blank or at fault, and what went wrong."""

    fields: dict[str, JsonValue]
    problems: tuple[FieldProblem, ...] = ()

    @property
    def data(self) -> dict[str, object]:
        """Return the source fields at fault with what they held."""
        return {name: value for problem in self.problems for name, value in problem.data.items()}

    @property
    def message(self) -> str:
        """Return all problems in one line; empty when there are none."""
        return "; ".join(problem.message for problem in self.problems)


@dataclass(frozen=True, slots=True)
class _Field:
    """One rule, ready to fill its target."""

    rule: FieldRule
    target: Target
    read: Reader
    steps: tuple[tuple[Step, bool], ...]
    default: Any
    required: bool

    def fill(self, raw: Mapping[str, Any], problems: Problems) -> Any:
        """Return the target's value for a record; None, and a problem on the list, where there is none."""
        came: Any = None
        try:
            came = self.read(raw)
            return self.settle(came)
        except TransformError as error:
            message = _MESSAGES[error.code].format(target=self.target.name, detail=error)
            problems.append(FieldProblem(error.code, self.target.name, self.rule.source, came, message))
            return None

    def settled(self, came: Any, at_fault: Any) -> Any:
        """Return what the target gets for a value that came, `at_fault` where it cannot get anything."""
        try:
            return self.settle(came)
        except TransformError:
            return at_fault

    def settle(self, came: Any) -> Any:
        """Return what the target gets for a value that came; it depends on nothing else.

        Raises:
            TransformError: The target cannot get anything for it.
        """
        value = without_blank(came)
        for step, takes_null in self.steps:
            if value is not None or takes_null:
                value = without_blank(step(value))
        if value is None:
            value = self.default
        if value is None and self.required:
            raise TransformError("", FieldCode.REQUIRED_FIELD_MISSING)
        if value is not None and not self.target.accepts(value):
            raise TransformError(f"{self.target.kind.value} was expected", FieldCode.UNEXPECTED_TYPE)
        if isinstance(value, str) and len(value) > self.target.max_length:
            raise TransformError(f"at most {self.target.max_length} characters", FieldCode.VALUE_TOO_LONG)
        return value


@dataclass(frozen=True, slots=True)
class CompiledMapping:
    """A mapping ready for use; `select` and `expand` are what the source must be asked for."""

    rules: MappingRules
    select: tuple[str, ...]
    expand: tuple[str, ...]
    targets: tuple[str, ...]
    run: Run
    """From a decoded source record to its fields and their problems; nothing in the record makes it raise."""

    def apply(self, raw: Mapping[str, Any]) -> Mapped:
        """Return the platform fields of one decoded source record; nothing in the record makes it raise."""
        fields, problems = self.run(raw)
        return Mapped(fields, tuple(problems))


def compile_rules(rules: MappingRules, targets: Targets = EVERY_TARGET) -> CompiledMapping:
    """Return the mapping ready for use.

    Raises:
        RulesError: The mapping cannot be used; it carries every problem.
    """
    problems = check_rules(rules, targets)
    if problems:
        raise RulesError(problems)
    paths = {text: parse_path(text) for rule in rules.fields for text in rule.sources}
    empty: dict[str, JsonValue] = {rule.target: None for rule in rules.fields}
    found = ((rule, find_target(rule.target, targets)) for rule in rules.fields)
    fields = [_field(rule, target, paths) for rule, target in found if target is not None]
    parts = [_part(field, paths) for field in fields if field.rule.sources or not _is_fixed(field, empty)]
    expand = _expand(rules, paths)
    return CompiledMapping(
        rules=rules,
        select=_select(rules, paths, expand),
        expand=expand,
        targets=tuple(empty),
        run=generate(parts, empty),
    )


def _field(rule: FieldRule, target: Target, paths: Mapping[str, Path]) -> _Field:
    known = [(TRANSFORMS[spec.name], spec.options) for spec in rule.transforms]
    return _Field(
        rule=rule,
        target=target,
        read=_reader(rule, paths),
        steps=tuple((transform.build(options), transform.takes_null) for transform, options in known),
        default=without_blank(rule.default),
        required=rule.required or target.required,
    )


def _reader(rule: FieldRule, paths: Mapping[str, Path]) -> Reader:
    readers = [paths[text].read for text in rule.sources]
    if isinstance(rule.source, tuple):
        return lambda raw: [read(raw) for read in readers]
    return readers[0] if readers else lambda _: None


def _part(field: _Field, paths: Mapping[str, Path]) -> Part:
    name, source = field.target.name, field.rule.source
    if not isinstance(source, str) or not paths[source].is_column:
        return other_part(name, field)
    if field.rule.transforms != _TRIMMED or field.target.kind is TargetKind.FLAG:
        return code_part(name, field, column=source)
    optional = not field.required and field.default is None
    return text_part(name, field, column=source, longest=field.target.max_length, optional=optional)


def _is_fixed(field: _Field, empty: dict[str, JsonValue]) -> bool:
    """Put a value that no record can change into the empty record; tell whether there is one."""
    problems: Problems = []
    empty[field.target.name] = field.fill({}, problems)
    return not problems


def _expand(rules: MappingRules, paths: Mapping[str, Path]) -> tuple[str, ...]:
    named = {item.partition("(")[0] for item in rules.expand}
    implied = dict.fromkeys(name for path in paths.values() for name in path.navigated)
    return (*rules.expand, *(name for name in implied if name not in named))


def _select(rules: MappingRules, paths: Mapping[str, Path], expand: tuple[str, ...]) -> tuple[str, ...]:
    number = ("number",) if (rules.route, rules.entity_set) in _NUMBERED else ()
    modified = () if rules.modified_field is None else (rules.modified_field,)
    columns = (name for path in paths.values() for name in path.columns)
    wanted = dict.fromkeys((rules.id_field, *number, *columns, *modified))
    expanded = {item.partition("(")[0] for item in expand}
    return tuple(name for name in wanted if name not in expanded)
