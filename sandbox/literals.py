"""Words of the OData filter language: tokens and typed literals."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sandbox.clock import parse_time
from sandbox.refusals import RefusedError, bad_request
from sandbox.schema import ENUMS, Edm, Property


class Kind(StrEnum):
    """Kinds of tokens."""

    ENUM = "enum"
    TEXT = "text"
    GUID = "guid"
    TIME = "time"
    DATE = "date"
    NUMBER = "number"
    NAME = "name"
    MARK = "mark"
    END = "end"


_PATTERNS = (
    (Kind.ENUM, r"[A-Za-z][\w.]*\.\w+'(?:[^']|'')*'"),
    (Kind.TEXT, r"'(?:[^']|'')*'"),
    (Kind.GUID, r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"),
    (Kind.TIME, r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)"),
    (Kind.DATE, r"\d{4}-\d\d-\d\d"),
    (Kind.NUMBER, r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"),
    (Kind.NAME, r"[A-Za-z_]\w*"),
    (Kind.MARK, r"[(),/:]"),
)
_TOKEN = re.compile(r"\s*(?:" + "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS) + ")")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_FITS: dict[Edm, frozenset[str]] = {
    Edm.STRING: frozenset({"Edm.String"}),
    Edm.GUID: frozenset({"Edm.Guid"}),
    Edm.DECIMAL: frozenset({"Edm.Decimal"}),
    Edm.BOOLEAN: frozenset({"Edm.Boolean"}),
    Edm.DATE: frozenset({"Edm.Date"}),
    Edm.TIME: frozenset({"Edm.DateTimeOffset", "Edm.Date"}),
    Edm.ENUM: frozenset({"Edm.String"}),
}


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a filter."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value and its type; null has no type. Instants are microseconds since 1970."""

    value: str | Decimal | bool | int | None
    type_name: str


def syntax_error() -> RefusedError:
    """400 for a filter that cannot be read."""
    return bad_request("Bad Request - Error in query syntax.", code="BadRequest_NotFound")


def tokens(text: str) -> Iterator[Token]:
    """Cut a filter into words, with an end mark.

    Raises:
        RefusedError: A character belongs to no word.
    """
    place = 0
    end = len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise syntax_error()
        yield Token(Kind(found.lastgroup), found[found.lastgroup])
        place = found.end()
    yield Token(Kind.END, "")


def literal(token: Token) -> Literal | None:
    """Return the literal that a word is, or None when it is a name or a mark.

    Raises:
        RefusedError: The word looks like an instant or a date but is none.
    """
    if token.kind is Kind.NAME and token.text in _CONSTANTS:
        value = _CONSTANTS[token.text]
        return Literal(value, "" if value is None else "Edm.Boolean")
    if token.kind not in _MAKERS:
        return None
    type_name, make = _MAKERS[token.kind]
    try:
        return Literal(make(token.text), type_name)
    except ValueError as error:
        raise syntax_error() from error


def fitted(value: Literal, against: Property, operator: str) -> Literal:
    """Return the literal as this property compares it.

    Raises:
        RefusedError: Types do not fit, an enum has no such member, or the text is longer than the field.
    """
    if not value.type_name:
        return value
    if value.type_name not in _FITS[against.edm]:
        raise bad_request(
            "A binary operator with incompatible types was detected. Found operand types "
            f"'{against.type_name}' and '{value.type_name}' for operator kind '{operator}'."
        )
    if against.edm is Edm.ENUM and value.value not in ENUMS[against.of]:
        raise bad_request(f"The string '{value.value}' is not a valid enumeration type constant.")
    if against.edm is Edm.STRING and against.length and len(str(value.value)) > against.length:
        message = f"The length of the filter value exceeds {against.length} characters in field {against.name}."
        raise bad_request(message, code="Application_FilterErrorException")
    if against.edm is Edm.TIME and value.type_name == "Edm.Date":
        return Literal(parse_time(str(value.value)), "Edm.DateTimeOffset")
    return value


def _unquoted(text: str) -> str:
    return text[text.index("'") + 1 : -1].replace("''", "'")


def _date(text: str) -> str:
    parse_time(text)
    return text


_MAKERS: dict[Kind, tuple[str, Callable[[str], str | Decimal | int]]] = {
    Kind.ENUM: ("Edm.String", _unquoted),
    Kind.TEXT: ("Edm.String", _unquoted),
    Kind.GUID: ("Edm.Guid", str.lower),
    Kind.TIME: ("Edm.DateTimeOffset", parse_time),
    Kind.DATE: ("Edm.Date", _date),
    Kind.NUMBER: ("Edm.Decimal", Decimal),
}
