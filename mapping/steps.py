"""What transforms do to one value: pure functions that raise TransformError for what they cannot handle."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from mapping.blanks import without_blank
from mapping.countries import COUNTRIES, country_key
from mapping.problems import FieldCode, TransformError

type Options = Mapping[str, Any]
type Step = Callable[[Any], Any]

_ESCAPED = re.compile(r"_[xX]([0-9a-fA-F]{8}|[0-9a-fA-F]{4})_")
_HS_CODE = re.compile(r"[0-9]+(?:[ .\u00a0]+[0-9]+)*")
_HS_LENGTHS = range(2, 11)
_NOT_DIGIT = re.compile(r"[^0-9]+")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T[0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2})?)?")
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")
_LARGEST_EXPONENT = 40
_LAST_CODE_POINT = 0x10FFFF
_YES = ("true", "yes", "1")
_NO = ("false", "no", "0")


def unescape(name: str) -> str:
    """Return a name without XmlConvert's escapes: `Non_x002D_Inventory` is `Non-Inventory`."""
    if "_" not in name or _ESCAPED.search(name) is None:
        return name
    # Two escaped surrogates are one character; half a pair is none.
    return _ESCAPED.sub(_unescaped, name).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescaped(found: re.Match[str]) -> str:
    code_point = int(found[1], 16)
    return chr(code_point) if code_point <= _LAST_CODE_POINT else found[0]


def text_step(change: Callable[[str], Any]) -> Callable[[Options], Step]:
    """Return the builder of a step that takes text only and has no options."""

    def step(value: Any) -> Any:
        return change(_text(value))

    return lambda _: step


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TransformError("text was expected", FieldCode.UNEXPECTED_TYPE)
    return value


def country_iso(options: Options) -> Step:
    """Return the step from a country code or name to ISO 3166-1 alpha-2; an unknown one stays as it came."""
    known = {**COUNTRIES, **{country_key(name): code for name, code in options.get("table", {}).items()}}

    def step(value: Any) -> str:
        text = _text(value)
        return known.get(text) or known.get(country_key(text)) or text.strip()

    return step


def hs_code(text: str) -> str:
    """Return the 2 to 10 digits of a tariff number.

    Raises:
        TransformError: There is anything but digits, blanks and points.
    """
    code = text.strip()
    digits = _NOT_DIGIT.sub("", code)
    if not _HS_CODE.fullmatch(code) or len(digits) not in _HS_LENGTHS:
        raise TransformError("2 to 10 digits were expected")
    return digits


def only_digits(text: str) -> str:
    """Return the ASCII digits of a text."""
    return _NOT_DIGIT.sub("", text)


def to_date(text: str) -> str:
    """Return the day of a date or time as `yyyy-MM-dd`.

    Raises:
        TransformError: There is no such day.
    """
    found = _DAY.fullmatch(text.strip())
    try:
        return date.fromisoformat(found[1] if found else "").isoformat()
    except ValueError as error:
        raise TransformError("a date was expected") from error


def to_decimal(value: Any) -> str:
    """Return a number as plain digits, exactly, without exponent or trailing zeros.

    Raises:
        TransformError: The value is not a number of sensible size.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise TransformError("a number was expected", FieldCode.UNEXPECTED_TYPE)
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        raise TransformError("a number was expected")
    try:
        number = Decimal(str(value).strip())
    except (InvalidOperation, ValueError) as error:
        raise TransformError("a number was expected") from error
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise TransformError("the number is out of range")
    plain = format(number, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return plain.removeprefix("+") if number else "0"


def to_bool(options: Options) -> Step:
    """Return the step from words for yes and no, in any case, to a boolean."""
    words = {word.casefold(): True for word in options.get("true", _YES)}
    words |= {word.casefold(): False for word in options.get("false", _NO)}

    def step(value: Any) -> bool:
        if isinstance(value, bool):
            return value
        meaning = words.get(_as_key(value).strip().casefold())
        if meaning is None:
            raise TransformError("yes or no was expected")
        return meaning

    return step


def lookup(options: Options) -> Step:
    """Return the step from a key to its entry in a table; the default stands in for what is not there."""
    table: Mapping[str, Any] = options["table"]

    def step(value: Any) -> Any:
        key = _as_key(value)
        if key in table:
            return table[key]
        if "default" not in options:
            raise TransformError("the table has no entry for it")
        return options["default"]

    return step


def _as_key(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (str, int)):
        raise TransformError("text was expected", FieldCode.UNEXPECTED_TYPE)
    return str(value)


def concat(options: Options) -> Step:
    """Return the step that joins several texts, without the blank ones."""
    separator: str = options.get("separator", " ")

    def step(value: Any) -> str:
        return separator.join(_text(part).strip() for part in _present(value))

    return step


def first(_: Options) -> Step:
    """Return the step that takes the first of several values that is not blank."""

    def step(value: Any) -> Any:
        return next(iter(_present(value)), None)

    return step


def _present(value: Any) -> list[Any]:
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts if without_blank(part) is not None]


def constant(options: Options) -> Step:
    """Return the step that answers one value, whatever the source holds."""
    answer = options["value"]
    return lambda _: answer


def split(options: Options) -> Step:
    """Return the step that cuts a text at a separator and takes one piece, None where there are too few."""
    separator: str = options.get("separator", ";")
    index: int = options.get("index", 0)

    def step(value: Any) -> str | None:
        pieces = _text(value).split(separator)
        return pieces[index].strip() if index < len(pieces) else None

    return step


def truncate(options: Options) -> Step:
    """Return the step that cuts a text to so many characters."""
    longest: int = options["max"]
    return lambda value: _text(value)[:longest].rstrip()


def blank(options: Options) -> Step:
    """Return the step that reads these texts, in any case, as no value."""
    fillers = frozenset(text.casefold() for text in options.get("values", ()))

    def step(value: Any) -> Any:
        return None if isinstance(value, str) and value.strip().casefold() in fillers else value

    return step
