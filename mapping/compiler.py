"""Turns a mapping into a function from a source record to platform fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from types import NoneType
from typing import Any, NamedTuple

from mapping.blanks import without_blank
from mapping.check import check_rules
from mapping.paths import Path, Reader, parse_path
from mapping.problems import FieldCode, FieldProblem, RulesError, TransformError
from mapping.rules import FieldRule, JsonValue, MappingRules, TransformSpec
from mapping.steps import Step
from mapping.targets import EVERY_TARGET, Target, TargetKind, Targets, find_target
from mapping.transforms import TRANSFORMS

# Columns that need more than trimming hold codes and options: few values, met again and again.
_REMEMBERED = 512
_REMEMBERED_TYPES = frozenset({str, bool, NoneType})  # no value of one equals one of another
_AT_FAULT: Any = object()
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


# As Mapped(…), at a fifth of the cost: there are as many as records.
_mapped = partial(tuple.__new__, Mapped)


@dataclass(frozen=True, slots=True)
class _Field:
    """One rule, ready to fill its target."""

    rule: FieldRule
    target: Target
    read: Reader
    steps: tuple[tuple[Step, bool], ...]
    default: Any
    required: bool

    def fill(self, raw: Mapping[str, Any], fields: dict[str, JsonValue], problems: list[FieldProblem]) -> None:
        """Put the record's value into the target, or a problem on the list."""
        came: Any = None
        try:
            came = self.read(raw)
            fields[self.target.name] = self.settle(came)
        except TransformError as error:
            message = _MESSAGES[error.code].format(target=self.target.name, detail=error)
            problems.append(FieldProblem(error.code, self.target.name, self.rule.source, came, message))

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
    _empty: dict[str, JsonValue]
    _texts: tuple[tuple[str, str, int, bool, _Field], ...]
    _singles: tuple[tuple[str, str, Callable[[Any], Any], _Field], ...]
    _others: tuple[_Field, ...]

    def apply(self, raw: Mapping[str, Any]) -> Mapped:
        """Return the platform fields of one decoded source record; nothing in the record makes it raise."""
        fields = self._empty.copy()
        problems: list[FieldProblem] = []
        read = raw.get
        for column, target, longest, optional, field in self._texts:
            value = read(column)
            if not value and optional and (value is None or value == ""):
                continue
            if type(value) is str:
                value = value.strip()
                # The zero GUID and the first day of year 1 sort between these two.
                if (value >= "0002" or "" < value < "0000") and len(value) <= longest:
                    fields[target] = value
                    continue
            field.fill(raw, fields, problems)
        for column, target, settle, field in self._singles:
            value = read(column)
            settled = settle(value) if type(value) in _REMEMBERED_TYPES else _AT_FAULT
            if settled is _AT_FAULT:
                field.fill(raw, fields, problems)
            else:
                fields[target] = settled
        for field in self._others:
            field.fill(raw, fields, problems)
        return Mapped(fields, tuple(problems)) if problems else _mapped((fields, ()))


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
    texts: list[_Field] = []
    singles: list[_Field] = []
    others: list[_Field] = []
    found = ((rule, find_target(rule.target, targets)) for rule in rules.fields)
    for field in [_field(rule, target, paths) for rule, target in found if target is not None]:
        if _is_column(field, paths):
            (texts if _is_trimmed_text(field) else singles).append(field)
        elif field.rule.sources or not _is_fixed(field, empty):
            others.append(field)
    expand = _expand(rules, paths)
    return CompiledMapping(
        rules=rules,
        select=_select(rules, paths, expand),
        expand=expand,
        targets=tuple(empty),
        _empty=empty,
        _texts=tuple(_text_entry(field) for field in texts),
        _singles=tuple(_single_entry(field) for field in singles),
        _others=tuple(others),
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


def _is_column(field: _Field, paths: Mapping[str, Path]) -> bool:
    return isinstance(field.rule.source, str) and paths[field.rule.source].is_column


def _is_trimmed_text(field: _Field) -> bool:
    """Tell whether a column of text is only trimmed, as most are."""
    return field.rule.transforms == _TRIMMED and field.target.kind is not TargetKind.FLAG


def _text_entry(field: _Field) -> tuple[str, str, int, bool, _Field]:
    optional = not field.required and field.default is None
    return field.rule.sources[0], field.target.name, field.target.max_length, optional, field


def _single_entry(field: _Field) -> tuple[str, str, Callable[[Any], Any], _Field]:
    @lru_cache(_REMEMBERED)
    def settle(value: Any) -> Any:
        try:
            return field.settle(value)
        except TransformError:
            return _AT_FAULT

    return field.rule.sources[0], field.target.name, settle, field


def _is_fixed(field: _Field, empty: dict[str, JsonValue]) -> bool:
    """Put a value that no record can change into the empty record; tell whether there is one."""
    problems: list[FieldProblem] = []
    field.fill({}, empty, problems)
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
