"""Whether a mapping can be used: every reason against it, with the JSON pointer of the member at fault."""

import re
from collections.abc import Iterable, Iterator, Mapping

from mapping.paths import PathError, is_column_name, parse_path
from mapping.problems import RuleCode, RuleProblem
from mapping.rules import FieldRule, MappingRules
from mapping.targets import EVERY_TARGET, Targets, find_target
from mapping.transforms import TRANSFORMS, check_transform

MOST_FIELDS = 200
"""Fields in one mapping: a stored record has room for 252 properties, its own included."""
MOST_JOINS = 3
"""Pages joined to one entity set: each costs a request for every 50 records."""

_ROUTE = re.compile(r"(?:\w[\w.-]*/\w[\w.-]*/)?\w[\w.-]*", re.ASCII)
_ROUTE_NEEDED = "The route must be a version (v2.0) or publisher/group/version."
_EXPAND = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?")
_QUOTED = re.compile(r"'(?:[^']|'')*'")


def check_rules(rules: MappingRules, targets: Targets = EVERY_TARGET) -> tuple[RuleProblem, ...]:
    """Return everything that speaks against a mapping to these targets, in the order of its members."""
    return (
        *_check_source(rules),
        *_check_joins(rules),
        *_check_fields(rules.fields, targets),
        *_check_version(rules.version),
    )


def is_route(text: str) -> bool:
    """Tell whether a text can be the route of an API: a version, or publisher/group/version."""
    return _ROUTE.fullmatch(text) is not None


def _check_source(rules: MappingRules) -> Iterator[RuleProblem]:
    if not is_route(rules.route):
        yield RuleProblem("/source/route", RuleCode.INVALID_ROUTE, _ROUTE_NEEDED)
    names = {"entitySet": rules.entity_set, "idField": rules.id_field, "modifiedField": rules.modified_field}
    yield from _check_names(names, "/source")
    if rules.filter is not None and not _is_closed(rules.filter):
        detail = "The filter must not be empty, and its quotes and brackets must be paired."
        yield RuleProblem("/source/filter", RuleCode.INVALID_FILTER, detail)
    for position, item in enumerate(rules.expand):
        if not _EXPAND.fullmatch(item):
            detail = "One navigation property, with its options in brackets if any."
            yield RuleProblem(f"/source/expand/{position}", RuleCode.INVALID_EXPAND, detail)


def _check_joins(rules: MappingRules) -> Iterator[RuleProblem]:
    if len(rules.joins) > MOST_JOINS:
        yield RuleProblem("/source/joins", RuleCode.INVALID_JOIN, f"At most {MOST_JOINS} pages can be joined.")
    columns = {text for rule in rules.fields for text in rule.sources}
    taken = columns | {rules.id_field, rules.modified_field} | {item.partition("(")[0] for item in rules.expand}
    for position, join in enumerate(rules.joins):
        pointer = f"/source/joins/{position}"
        if not is_route(join.route):
            yield RuleProblem(f"{pointer}/route", RuleCode.INVALID_ROUTE, _ROUTE_NEEDED)
        names = {"entitySet": join.entity_set, "on": join.on, "modifiedField": join.modified_field}
        yield from _check_names(names, pointer)
        own = join.prefix != join.entity_set
        if (own and not is_column_name(join.prefix)) or join.prefix in taken:
            detail = "A prefix, usually the entity set, is a name that no other join, no expansion and no column has."
            yield RuleProblem(f"{pointer}/{'prefix' if own else 'entitySet'}", RuleCode.INVALID_JOIN, detail)
        taken.add(join.prefix)


def _check_names(names: Mapping[str, str | None], pointer: str) -> Iterator[RuleProblem]:
    for member, name in names.items():
        if name is not None and not is_column_name(name):
            yield RuleProblem(f"{pointer}/{member}", RuleCode.INVALID_NAME, "Only letters, digits and _ make a name.")


def _is_closed(expression: str) -> bool:
    """Tell whether an expression can stand inside another without changing its meaning."""
    bare, depth = _QUOTED.sub("", expression), 0
    for sign in bare:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0:
            return False
    return depth == 0 and "'" not in bare and not expression.isspace() and expression != ""


def _check_fields(fields: tuple[FieldRule, ...], targets: Targets) -> Iterator[RuleProblem]:
    if len(fields) > MOST_FIELDS:
        yield RuleProblem("/fields", RuleCode.TOO_MANY_FIELDS, f"A mapping has at most {MOST_FIELDS} fields.")
    present = {rule.target for rule in fields}
    for target in targets.values():
        if target.required and target.name not in present:
            detail = f"A field must fill {target.name}."
            yield RuleProblem("/fields", RuleCode.REQUIRED_TARGET_MISSING, detail)
    seen: set[str] = set()
    for index, rule in enumerate(fields):
        yield from _check_target(rule, targets, seen, f"/fields/{index}")
        yield from _check_paths(rule, f"/fields/{index}")
        yield from _check_transforms(rule, f"/fields/{index}/transform")


def _check_target(rule: FieldRule, targets: Targets, seen: set[str], pointer: str) -> Iterator[RuleProblem]:
    target = find_target(rule.target, targets)
    if target is None:
        known = ", ".join(targets)
        detail = f"There is no field {rule.target}; there are {known}, and custom.<name>."
        yield RuleProblem(f"{pointer}/target", RuleCode.UNKNOWN_TARGET, detail)
        return
    if rule.target in seen:
        yield RuleProblem(f"{pointer}/target", RuleCode.DUPLICATE_TARGET, f"{rule.target} is filled twice.")
    seen.add(rule.target)
    default = rule.default
    if default is not None and not (target.accepts(default) and len(str(default)) <= target.max_length):
        detail = f"{rule.target} cannot hold this value."
        yield RuleProblem(f"{pointer}/default", RuleCode.INVALID_DEFAULT, detail)


def _check_paths(rule: FieldRule, pointer: str) -> Iterator[RuleProblem]:
    several = isinstance(rule.source, tuple)
    if several and not rule.sources:
        yield RuleProblem(f"{pointer}/source", RuleCode.INVALID_SOURCE, "The list of sources is empty.")
    for position, text in enumerate(rule.sources):
        try:
            parse_path(text)
        except PathError as error:
            where = f"{pointer}/source/{position}" if several else f"{pointer}/source"
            yield RuleProblem(where, RuleCode.INVALID_SOURCE, f"The source cannot be read: {error}.")


def _check_transforms(rule: FieldRule, pointer: str) -> Iterator[RuleProblem]:
    if isinstance(rule.source, tuple) and rule.source and not _combines(rule):
        detail = "Several sources need concat or first as the first transform."
        yield RuleProblem(pointer, RuleCode.SOURCES_NOT_COMBINED, detail)
    for where, spec in zip(transform_pointers(pointer, len(rule.transforms)), rule.transforms, strict=True):
        yield from check_transform(spec, where)


def _combines(rule: FieldRule) -> bool:
    known = TRANSFORMS.get(rule.transforms[0].name) if rule.transforms else None
    return known is not None and known.combines


def transform_pointers(pointer: str, count: int) -> Iterable[str]:
    """Return where each transform of a field stands: one stands for itself, several stand in a list."""
    return [pointer] if count == 1 else [f"{pointer}/{position}" for position in range(count)]


def _check_version(version: int) -> Iterator[RuleProblem]:
    if version < 1:
        yield RuleProblem("/version", RuleCode.INVALID_VERSION, "Versions count from 1.")
