"""Writes the function that maps one record: straight-line code, because there are millions of records."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, Protocol

from mapping.problems import FieldProblem
from mapping.rules import JsonValue

type Problems = list[FieldProblem]
type Run = Callable[[Mapping[str, Any]], tuple[dict[str, JsonValue], Problems]]

_REMEMBERED = 512
_REMEMBERED_TYPES = frozenset({str, bool, NoneType})  # no value of one equals one of another
_AT_FAULT: Any = object()

# The zero GUID and the first day of year 1 sort between "0000" and "0002".
_TEXT = """\
    {value} = get({column!r})
    text = {value}.strip() if {value}.__class__ is str else ""
    if (text >= "0002" or "" < text < "0000") and len(text) <= {longest}:
        {value} = text
    else:
        {value} = {fill}(raw, problems)"""
_OPTIONAL_TEXT = """\
    {value} = get({column!r})
    text = {value}.strip() if {value}.__class__ is str else ""
    if (text >= "0002" or "" < text < "0000") and len(text) <= {longest}:
        {value} = text
    elif {value} is None or {value} == "":
        {value} = None
    else:
        {value} = {fill}(raw, problems)"""
_CODE = """\
    {value} = get({column!r})
    {value} = {known}[{value}] if {value}.__class__ in remembered else at_fault
    if {value} is at_fault:
        {value} = {fill}(raw, problems)"""
_OTHER = "    {value} = {fill}(raw, problems)"


class Filler(Protocol):
    """One target's rule."""

    def fill(self, raw: Mapping[str, Any], problems: Problems) -> Any:
        """Return the target's value for a record; None, and a problem on the list, where there is none."""
        ...

    def settled(self, came: Any, at_fault: Any) -> Any:
        """Return what the target gets for a value that came, `at_fault` where it cannot get anything."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """How one target is filled: by `template`, from `column` where it reads just one."""

    target: str
    filler: Filler
    template: str
    column: str = ""
    longest: int = 0


def text_part(target: str, filler: Filler, *, column: str, longest: int, optional: bool) -> Part:
    """Return the part for a column of text that is only trimmed; an optional one may be null."""
    return Part(target, filler, _OPTIONAL_TEXT if optional else _TEXT, column, longest)


def code_part(target: str, filler: Filler, *, column: str) -> Part:
    """Return the part for a column of codes or options: few values, met again and again."""
    return Part(target, filler, _CODE, column)


def other_part(target: str, filler: Filler) -> Part:
    """Return the part for a target that nothing special is known of."""
    return Part(target, filler, _OTHER)


def generate(parts: Iterable[Part], empty: Mapping[str, JsonValue]) -> Run:
    """Return a function from a source record to its fields, in the order of `empty`, and their problems.

    Fields without a part keep the value that `empty` has; nothing in a record makes the function raise.
    """
    names: dict[str, Any] = {"remembered": _REMEMBERED_TYPES, "at_fault": _AT_FAULT}
    values: dict[str, str] = {}
    lines = ["def run(raw):", "    get = raw.get", "    problems = []"]
    for index, part in enumerate(parts):
        own = {"value": f"value_{index}", "fill": f"fill_{index}", "known": f"known_{index}"}
        names |= {own["fill"]: part.filler.fill, own["known"]: _Known(part.filler)}
        lines.append(part.template.format(**own, column=part.column, longest=part.longest))
        values[part.target] = own["value"]
    for index, target in enumerate(target for target in empty if target not in values):
        values[target] = f"fixed_{index}"
        names[values[target]] = empty[target]
    fields = ", ".join(f"{target!r}: {values[target]}" for target in empty)
    lines.append(f"    return {{{fields}}}, problems")
    exec("\n".join(lines), names)  # noqa: S102 - the templates above, with nothing of a mapping in them but quoted texts
    run: Run = names["run"]
    return run


class _Known(dict[Any, Any]):
    """What a column's values become, by value; forgotten when there are too many."""

    def __init__(self, filler: Filler) -> None:
        super().__init__()
        self._filler = filler

    def __missing__(self, came: Any) -> Any:
        if len(self) >= _REMEMBERED:
            self.clear()
        settled = self[came] = self._filler.settled(came, _AT_FAULT)
        return settled
