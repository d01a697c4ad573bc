"""Route templates as ASP.NET Core reads them: precedence, constraints, defaults, optional and catch-all parts."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from devhost.settings import StartError

_PARAMETER = re.compile(
    r"\{(?P<stars>\*{0,2})(?P<name>\w+)(?P<constraints>(?::\w+(?:\((?:[^()]|\([^()]*\))*\))?)*)"
    r"(?:=(?P<default>[^}?]*))?(?P<optional>\?)?\}"
)
_CONSTRAINT = re.compile(r":(\w+)(?:\(((?:[^()]|\([^()]*\))*)\))?")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_SLASH = re.compile(r"(%2[Ff])")

Check = Callable[[str], bool]


def _parses(parse: Callable[[str], object], value: str) -> bool:
    try:
        parse(value)
    except ValueError:
        return False
    return True


def _whole(low: int, high: int, value: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]+", value) is not None and low <= int(value) <= high


def _sized(low: int, high: int, value: str) -> bool:
    return low <= len(value) <= high


def _matches(pattern: str, value: str) -> bool:
    return re.search(pattern, value, re.IGNORECASE) is not None


_LONG = 2**63
_NUMBER = partial(_matches, r"\A[+-]?[0-9]*\.?[0-9]+\Z")
_CHECKS: Mapping[str, Callable[..., Check]] = {
    "int": lambda: partial(_whole, -(2**31), 2**31 - 1),
    "long": lambda: partial(_whole, -_LONG, _LONG - 1),
    "bool": lambda: partial(_matches, r"\A(true|false)\Z"),
    "alpha": lambda: partial(_matches, r"\A[a-z]*\Z"),
    "guid": lambda: partial(_parses, UUID),
    "datetime": lambda: partial(_parses, datetime.fromisoformat),
    "decimal": lambda: _NUMBER,
    "double": lambda: _NUMBER,
    "float": lambda: _NUMBER,
    "required": lambda: bool,
    "min": lambda low: partial(_whole, int(low), _LONG - 1),
    "max": lambda high: partial(_whole, -_LONG, int(high)),
    "range": lambda low, high: partial(_whole, int(low), int(high)),
    "length": lambda low, high=None: partial(_sized, int(low), int(high or low)),
    "minlength": lambda low: partial(_sized, int(low), _LONG),
    "maxlength": lambda high: partial(_sized, 0, int(high)),
}


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    checks: tuple[Check, ...]
    is_catch_all: bool
    is_optional: bool
    default: str | None

    def accepts(self, value: str) -> bool:
        return all(check(value) for check in self.checks)


@dataclass(frozen=True, slots=True)
class _Segment:
    pattern: re.Pattern[str]
    parameters: tuple[_Parameter, ...]

    @property
    def tail(self) -> _Parameter | None:
        """The parameter that may be missing or may take several segments."""
        only = self.parameters[0] if len(self.parameters) == 1 else None
        return only if only and (only.is_catch_all or only.is_optional or only.default is not None) else None

    @property
    def rank(self) -> int:
        if not self.parameters:
            return 1
        several = len(self.parameters) > 1 or self.pattern.pattern != _group(self.parameters[0])
        rank = 2 if several or self.parameters[0].checks else 3
        return rank + 2 if self.parameters[0].is_catch_all else rank

    def match(self, value: str) -> dict[str, str] | None:
        found = self.pattern.fullmatch(value)
        if found is None or not all(p.accepts(found[p.name]) for p in self.parameters):
            return None
        return found.groupdict()


@dataclass(frozen=True, slots=True)
class Route:
    """One compiled template; of several that match, the one with the lowest rank wins."""

    template: str
    segments: tuple[_Segment, ...]

    @property
    def rank(self) -> tuple[int, ...]:
        """Literals come before constrained parameters, those before others, catch-alls last."""
        return tuple(segment.rank for segment in self.segments)

    def match(self, parts: Sequence[str]) -> dict[str, str] | None:
        """Return the parameters of a path given by its decoded segments, or None."""
        values: dict[str, str] = {}
        for index, segment in enumerate(self.segments):
            tail = segment.tail
            if tail is not None and (tail.is_catch_all or index >= len(parts)):
                return _rest(tail, parts[index:], values)
            found = segment.match(parts[index]) if index < len(parts) else None
            if found is None:
                return None
            values |= found
        return values if len(parts) == len(self.segments) else None


def compile_route(template: str) -> Route:
    """Read a template.

    Raises:
        StartError: It is malformed or names an unknown constraint.
    """
    try:
        return Route(template, tuple(_segment(part, template) for part in template.strip("/").split("/") if part))
    except re.error as error:
        raise StartError(f"the route template {template!r} has a parameter that is misnamed or named twice") from error


def split_path(raw_path: str) -> list[str]:
    """Split a request's raw path into decoded segments; an encoded slash stays encoded, as Kestrel leaves it."""
    parts: list[str] = []
    for raw in raw_path.strip("/").split("/") if raw_path.strip("/") else ():
        part = _ESCAPES.sub(_decode, raw)
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return parts


def _rest(tail: _Parameter, parts: Sequence[str], values: dict[str, str]) -> dict[str, str] | None:
    value = "/".join(parts) or tail.default
    if value is None:
        return values
    return values | {tail.name: value} if tail.accepts(value) else None


def _segment(text: str, template: str) -> _Segment:
    parameters: list[_Parameter] = []
    pattern, end = "", 0
    for match in _PARAMETER.finditer(text):
        parameters.append(_parameter(match, template))
        pattern += _literal(text[end : match.start()], template) + _group(parameters[-1])
        end = match.end()
    pattern += _literal(text[end:], template)
    return _Segment(re.compile(pattern, re.IGNORECASE | re.DOTALL), tuple(parameters))


def _group(parameter: _Parameter) -> str:
    return f"(?P<{parameter.name}>.+)"


def _literal(text: str, template: str) -> str:
    if "{" in text.replace("{{", "") or "}" in text.replace("}}", ""):
        raise StartError(f"the route template {template!r} is malformed near {text!r}")
    return re.escape(text.replace("{{", "{").replace("}}", "}"))


def _parameter(match: re.Match[str], template: str) -> _Parameter:
    checks = tuple(_check(name, argument, template) for name, argument in _CONSTRAINT.findall(match["constraints"]))
    return _Parameter(match["name"], checks, bool(match["stars"]), bool(match["optional"]), match["default"])


def _check(name: str, argument: str, template: str) -> Check:
    try:
        if name == "regex":
            return partial(_matches, re.compile(argument).pattern)
        return _CHECKS[name](*argument.split(",") if argument else ())
    except (KeyError, TypeError, ValueError, re.error) as error:
        raise StartError(f"the constraint {name!r} in the route template {template!r} cannot be resolved") from error


def _decode(match: re.Match[str]) -> str:
    return "".join(piece if _SLASH.fullmatch(piece) else _utf8(piece) for piece in _SLASH.split(match[0]))


def _utf8(escapes: str) -> str:
    try:
        return bytes.fromhex(escapes.replace("%", "")).decode()
    except UnicodeDecodeError:
        return escapes
