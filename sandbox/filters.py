"""The $filter language of Business Central: from text to a condition on rows."""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.clock import parse_time
from sandbox.literals import Kind, Literal, Token, fitted, literal, syntax_error, tokens
from sandbox.refusals import bad_request, unknown_property
from sandbox.schema import Edm, EntitySet, Filtering, Property
from sandbox.switches import Switches

type Row = dict[str, Any]
type Test = Callable[[Row], bool]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_NAMES = {
    "eq": "Equal",
    "ne": "NotEqual",
    "gt": "GreaterThan",
    "ge": "GreaterThanOrEqual",
    "lt": "LessThan",
    "le": "LessThanOrEqual",
}
_TESTS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": operator.contains,
}
_SHAPES: dict[str, Callable[..., str]] = {
    "tolower": str.lower,
    "toupper": str.upper,
    "trim": str.strip,
    "substring": lambda text, start, length=None: text[int(start) :][: None if length is None else int(length)],
}


@dataclass(frozen=True, slots=True)
class Bound:
    """A comparison of a bare property with a literal: what an index can answer."""

    name: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Condition:
    """What a filter asks: bounds that all hold, and a test for what no bound says."""

    bounds: tuple[Bound, ...] = ()
    tests: tuple[Test, ...] = ()

    def holds(self, row: Row) -> bool:
        """Whether a row passes the tests and the bounds."""
        return all(test(row) for test in self.tests) and all(
            _compare(bound.operator, _stored(row, bound.name), bound.value) for bound in self.bounds
        )


@dataclass(frozen=True, slots=True)
class _Node:
    """A piece of a filter: its test, the properties it names and, for a plain comparison, its bound."""

    test: Test
    names: frozenset[str]
    parts: tuple["_Node", ...] = ()
    bound: Bound | None = None

    def conjuncts(self) -> Iterator["_Node"]:
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.conjuncts()


@dataclass(frozen=True, slots=True)
class _Operand:
    """One side of a comparison or an argument of a function."""

    value: Callable[[Row], Any]
    source: Property | None = None
    constant: Literal | None = None
    shaped: bool = False

    @property
    def names(self) -> frozenset[str]:
        return frozenset({self.source.name}) if self.source else frozenset()


def parse_filter(text: str, entity_set: EntitySet, switches: Switches) -> Condition:
    """Read a $filter for an entity set.

    Raises:
        RefusedError: Business Central would answer 400.
    """
    parser = _Parser(tuple(tokens(text)), entity_set, switches)
    root = parser.disjunction()
    parser.expect(Kind.END, "")
    pieces = tuple(root.conjuncts())
    return Condition(
        tuple(piece.bound for piece in pieces if piece.bound),
        tuple(piece.test for piece in pieces if not piece.bound),
    )


def _stored(row: Row, name: str) -> Any:
    value = row.get(name)
    if name == "lastModifiedDateTime" and isinstance(value, str):
        return parse_time(value)
    return Decimal(str(value)) if isinstance(value, float) else value


def _compare(name: str, left: Any, right: Any) -> bool:
    if left is None or right is None:
        return name in {"eq", "ne"} and _COMPARE[name](left, right)
    return _COMPARE[name](left, right)


class _Parser:
    """Recursive descent over the words of one filter."""

    def __init__(self, words: tuple[Token, ...], entity_set: EntitySet, switches: Switches) -> None:
        self._words = words
        self._place = 0
        self._set = entity_set
        self._switches = switches

    def disjunction(self) -> _Node:
        parts = [self._conjunction()]
        while self._took(Kind.NAME, "or"):
            parts.append(self._conjunction())
        if len(parts) == 1:
            return parts[0]
        names = frozenset[str]().union(*(part.names for part in parts))
        if len(names) > 1:
            raise bad_request("The 'OR' operator is not supported on distinct fields on an OData filter.")
        return _Node(lambda row: any(part.test(row) for part in parts), names)

    def expect(self, kind: Kind, text: str) -> None:
        if not self._took(kind, text):
            raise syntax_error()

    def _conjunction(self) -> _Node:
        parts = [self._negation()]
        while self._took(Kind.NAME, "and"):
            parts.append(self._negation())
        if len(parts) == 1:
            return parts[0]
        names = frozenset[str]().union(*(part.names for part in parts))
        return _Node(lambda row: all(part.test(row) for part in parts), names, tuple(parts))

    def _negation(self) -> _Node:
        if self._took(Kind.NAME, "not"):
            inner = self._negation()
            return _Node(lambda row: not inner.test(row), inner.names)
        if self._took(Kind.MARK, "("):
            inner = self.disjunction()
            self.expect(Kind.MARK, ")")
            return inner
        return self._predicate()

    def _predicate(self) -> _Node:
        word = self._words[self._place]
        if word.kind is Kind.NAME and word.text in _TESTS:
            return self._text_test(word.text)
        if self._is_lambda():
            return self._ignored_lambda()
        left = self._operand()
        sign = self._next()
        if sign.text == "in":
            raise bad_request("The 'in' operator is supported with $schemaversion=2.1 only.")
        if sign.kind is not Kind.NAME or sign.text not in _COMPARE:
            raise syntax_error()
        return _comparison(left, sign.text, self._operand())

    def _text_test(self, name: str) -> _Node:
        self._next()
        first, second = self._arguments()
        test = _TESTS[name]
        return _Node(lambda row: test(str(first.value(row) or ""), str(second.value(row))), first.names | second.names)

    def _arguments(self) -> tuple[_Operand, _Operand]:
        self.expect(Kind.MARK, "(")
        first = self._operand()
        self.expect(Kind.MARK, ",")
        second = self._operand()
        self.expect(Kind.MARK, ")")
        return first, second

    def _operand(self) -> _Operand:
        word = self._next()
        value = literal(word)
        if value is not None:
            return _Operand(lambda _row: value.value, constant=value)
        if word.kind is not Kind.NAME:
            raise syntax_error()
        if self._took(Kind.MARK, "("):
            return self._shape(word.text)
        found = self._property(word.text)
        return _Operand(lambda row: _stored(row, found.name), found)

    def _shape(self, name: str) -> _Operand:
        shape = _SHAPES.get(name)
        if shape is None:
            raise bad_request(f"An unknown function with name '{name}' was found.")
        arguments = [self._operand()]
        while self._took(Kind.MARK, ","):
            arguments.append(self._operand())
        self.expect(Kind.MARK, ")")
        if len(arguments) > (3 if name == "substring" else 1) or (name == "substring" and len(arguments) == 1):
            raise syntax_error()
        rest = arguments[1:]
        first = arguments[0]
        return _Operand(
            lambda row: shape(str(first.value(row) or ""), *(each.value(row) for each in rest)),
            first.source,
            shaped=True,
        )

    def _property(self, name: str) -> Property:
        found = self._set.property(name)
        if found is None:
            raise unknown_property(name, self._set.entity)
        computed = found.filtering is Filtering.COMPUTED and self._switches.computed_filter == "refused"
        if computed or (found.edm is Edm.ENUM and self._switches.enum_filter == "refused"):
            raise bad_request(f"The property '{name}' cannot be used in the $filter query option.")
        return found

    def _is_lambda(self) -> bool:
        words = [word.text for word in self._words[self._place + 1 : self._place + 4]]
        return words in (["/", "any", "("], ["/", "all", "("])

    def _ignored_lambda(self) -> _Node:
        self._place += 4
        depth = 1
        while depth:
            word = self._next()
            depth += {"(": 1, ")": -1}.get(word.text, 0)
        return _Node(lambda _row: True, frozenset())

    def _next(self) -> Token:
        word = self._words[self._place]
        if word.kind is Kind.END:
            raise syntax_error()
        self._place += 1
        return word

    def _took(self, kind: Kind, text: str) -> bool:
        if self._words[self._place] != Token(kind, text):
            return False
        self._place = min(self._place + 1, len(self._words) - 1)
        return True


_SWAPPED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}


def _comparison(left: _Operand, sign: str, right: _Operand) -> _Node:
    if left.constant and right.source:
        return _comparison(right, _SWAPPED.get(sign, sign), left)
    names = left.names | right.names
    if left.source is None or right.constant is None:
        return _Node(lambda row: _compare(sign, left.value(row), right.value(row)), names)
    value = fitted(right.constant, left.source, _NAMES[sign]).value
    bound = None if left.shaped else Bound(left.source.name, sign, value)
    return _Node(lambda row: _compare(sign, left.value(row), value), names, bound=bound)
