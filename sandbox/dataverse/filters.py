"""The $filter language of Dataverse, over rows and over definitions: text compares without regard to case."""

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sandbox.dataverse.refusals import DataverseError, bad_query, not_simulated

type Getter = Callable[[Any], Any]
type Resolver = Callable[[str], Getter]
type Test = Callable[[Any], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<enum>[A-Za-z][\w.]*'(?:[^']|'')*')|(?P<text>'(?:[^']|'')*')"
    r"|(?P<guid>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})"
    r"|(?P<time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?)|(?P<date>\d{4}-\d\d-\d\d)"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w.]*(?:/[A-Za-z_]\w*)*)|(?P<mark>[(),=\[\]]))"
)
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "contains": operator.contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
_CONSTANTS = {"true": True, "false": False, "null": None}
_END = ("end", "")


@dataclass(slots=True)
class _Parser:
    words: list[tuple[str, str]]
    resolve: Resolver
    place: int = 0

    def disjunction(self) -> Test:
        parts = [self._conjunction()]
        while self._took("or"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def end(self) -> None:
        if self.words[self.place] != _END:
            raise _unreadable(self.words[self.place][1])

    def _conjunction(self) -> Test:
        parts = [self._negation()]
        while self._took("and"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def _negation(self) -> Test:
        if self._took("not"):
            inner = self._negation()
            return lambda row: not inner(row)
        if self._took("("):
            inner = self.disjunction()
            self._expect(")")
            return inner
        return self._predicate()

    def _predicate(self) -> Test:
        kind, word = self.words[self.place]
        if kind == "name" and word in _TEXTS:
            return self._text_test(word)
        if word == "Microsoft.Dynamics.CRM.In":
            return self._query_function()
        if kind == "name" and word.startswith("Microsoft.Dynamics.CRM."):
            raise not_simulated(word)
        left = self._operand()
        _, sign = self._next()
        if sign == "in":
            return self._membership(left)
        if sign not in _SIGNS:
            raise _unreadable(sign)
        right = self._operand()
        return lambda row: _compared(sign, left(row), right(row))

    def _text_test(self, name: str) -> Test:
        self._next()
        self._expect("(")
        first = self._operand()
        self._expect(",")
        second = self._operand()
        self._expect(")")
        test = _TEXTS[name]
        return lambda row: test(str(first(row) or ""), str(second(row) or ""))

    def _query_function(self) -> Test:
        """Read In(PropertyName='name',PropertyValues=['a','b'])."""
        self._next()
        for mark in ("(", "PropertyName", "="):
            self._expect(mark)
        left = self.resolve(self._next()[1].strip("'"))
        for mark in (",", "PropertyValues", "="):
            self._expect(mark)
        values = self._list("[", "]")
        self._expect(")")
        return lambda row: str(_comparable(left(row))) in {str(each) for each in values}

    def _membership(self, left: Getter) -> Test:
        values = self._list("(", ")")
        return lambda row: left(row) in values

    def _list(self, first: str, last: str) -> list[Any]:
        self._expect(first)
        found = [self._operand()(None)]
        while self._took(","):
            found.append(self._operand()(None))
        self._expect(last)
        return found

    def _operand(self) -> Getter:
        kind, word = self._next()
        if kind == "name" and word not in _CONSTANTS:
            found = self.resolve(word)
            return lambda row: _comparable(found(row))
        if kind in {"mark", "end"}:
            raise _unreadable(word)
        value = _constant(kind, word)
        return lambda _row: value

    def _next(self) -> tuple[str, str]:
        word = self.words[self.place]
        self.place = min(self.place + 1, len(self.words) - 1)
        return word

    def _took(self, word: str) -> bool:
        if self.words[self.place][1] != word or self.words[self.place][0] not in {"name", "mark"}:
            return False
        self.place += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._took(word):
            raise _unreadable(self.words[self.place][1])


def parse_filter(text: str, resolve: Resolver) -> Test:
    """Read a filter; `resolve` says how a property is read.

    Raises:
        DataverseError: The text is no filter, or names what there is not.
    """
    parser = _Parser([*_words(text), _END], resolve)
    test = parser.disjunction()
    parser.end()
    return test


def sortable(value: Any) -> tuple[int, Any]:
    """Return a key by which values of one column are ordered: null first, text without regard to case."""
    return (0, 0) if value is None else (1, _comparable(value))


def _words(text: str) -> Iterator[tuple[str, str]]:
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise _unreadable(text[place:])
        yield found.lastgroup, found[found.lastgroup]
        place = found.end()


def _constant(kind: str, word: str) -> Any:
    if kind == "name":
        return _CONSTANTS[word]
    if kind in {"text", "enum"}:
        return _comparable(word[word.index("'") + 1 : -1].replace("''", "'"))
    try:
        return _comparable(_LITERALS[kind](word))
    except ValueError as error:
        raise _unreadable(word) from error


_LITERALS: dict[str, Callable[[str], Any]] = {
    "guid": str.lower,
    "time": datetime.fromisoformat,
    "date": date.fromisoformat,
    "number": Decimal,
}


def _comparable(value: Any) -> Any:
    if isinstance(value, str):
        return value.casefold()
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return value


def _compared(sign: str, left: Any, right: Any) -> bool:
    if left is None or right is None:
        return sign in {"eq", "ne"} and _SIGNS[sign](left, right)
    if isinstance(left, datetime) != isinstance(right, datetime) and isinstance(left, date) and isinstance(right, date):
        left, right = _as_instant(left), _as_instant(right)
    try:
        return _SIGNS[sign](left, right)
    except TypeError as error:
        text = f"A binary operator with incompatible types was detected: '{left}' and '{right}'."
        raise bad_query(text) from error


def _as_instant(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)


def _unreadable(word: str) -> DataverseError:
    return bad_query(f"Syntax error near '{word}' in the query expression.")
