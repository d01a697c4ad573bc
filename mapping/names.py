"""Text, labels of options, names of related records, and unique identifiers."""

import unicodedata

from mapping.columns import Column
from mapping.values import Typed, ValueCode, ValueProblem

_SEPARATOR = "; "


def read_text(_: Column, raw: object, __: str | None) -> Typed | ValueProblem:
    """Return a text as it is compared."""
    return plain(raw) if isinstance(raw, str) else _unexpected("text")


def read_label(column: Column, raw: object, formatted: str | None) -> Typed | ValueProblem:
    """Return the label of an option."""
    if isinstance(raw, bool) or not isinstance(raw, int):
        return _unexpected("the number of an option")
    return _label(column.labels.get(raw) or formatted)


def read_labels(column: Column, raw: object, formatted: str | None) -> Typed | ValueProblem:
    """Return the labels of several options, which Dataverse sends as numbers with commas."""
    if not isinstance(raw, str):
        return _unexpected("numbers of options")
    numbers = [part.strip() for part in raw.split(",")]
    labels = [column.labels.get(int(part)) if part.isascii() and part.isdecimal() else None for part in numbers]
    known = [label for label in labels if label]
    return _label(_SEPARATOR.join(known) if len(known) == len(numbers) else formatted)


def read_name(_: Column, __: object, formatted: str | None) -> Typed | ValueProblem:
    """Return the primary name of a related record."""
    return plain(formatted) if formatted else _unexpected("a related record with its name")


def read_guid(_: Column, raw: object, __: str | None) -> Typed | ValueProblem:
    """Return a unique identifier in small letters."""
    return raw.lower() if isinstance(raw, str) else _unexpected("a unique identifier")


def write(_: Column, value: str) -> str | ValueProblem:
    """Return the text itself."""
    return value


def read(_: Column, text: str) -> Typed | ValueProblem:
    """Return the text of a data field as it is compared."""
    return plain(text)


def check_length(column: Column, value: str) -> object:
    """Return the text, or the problem that it is too long for the column."""
    units = len(value.encode("utf-16-le", "surrogatepass")) // 2
    if column.max_length is not None and units > column.max_length:
        return ValueProblem(ValueCode.VALUE_TOO_LONG, f"Dynamics takes at most {column.max_length} characters.")
    return value


def plain(text: str) -> str:
    """Return a text as it is compared: composed characters, plain line feeds."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def _label(text: str | None) -> Typed | ValueProblem:
    if text:
        return plain(text)
    return ValueProblem(ValueCode.UNKNOWN_OPTION, "The option has no label.")


def _unexpected(wanted: str) -> ValueProblem:
    return ValueProblem(ValueCode.UNEXPECTED_TYPE, f"Dynamics sent something else than {wanted}.")
