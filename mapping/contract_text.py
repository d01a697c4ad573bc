"""Values of Dataverse columns as the text of contract data fields, and back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mapping import days, flags, names, numerals
from mapping.columns import Column, ColumnType
from mapping.values import Typed, ValueCode, ValueProblem

LONGEST_VALUE = 1024
"""Characters that a data field of a contract holds."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What one type of column does; blank values never come here."""

    from_dynamics: Callable[[Column, Any, str | None], Typed | ValueProblem]
    to_text: Callable[[Column, Any], str | ValueProblem]
    from_text: Callable[[Column, str], Typed | ValueProblem]
    to_dynamics: Callable[[Column, Any], object]


_TEXT = _Kind(names.read_text, names.write, names.read, names.check_length)
_LABEL = _Kind(names.read_label, names.write, names.read, names.check_length)
_LABELS = _Kind(names.read_labels, names.write, names.read, names.check_length)
_NAME = _Kind(names.read_name, names.write, names.read, names.check_length)
_GUID = _Kind(names.read_guid, names.write, names.read, names.check_length)
_NUMBER = _Kind(numerals.read_number, numerals.write, numerals.parse, numerals.check)
_FLAG = _Kind(flags.read_flag, flags.write, flags.parse, lambda _, value: value)
_MOMENT = _Kind(days.read_moment, days.write, days.parse, days.to_dynamics)

_KINDS: Mapping[ColumnType, _Kind] = MappingProxyType(
    {
        ColumnType.STRING: _TEXT,
        ColumnType.MEMO: _TEXT,
        ColumnType.INTEGER: _NUMBER,
        ColumnType.BIG_INT: _NUMBER,
        ColumnType.DECIMAL: _NUMBER,
        ColumnType.DOUBLE: _NUMBER,
        ColumnType.MONEY: _NUMBER,
        ColumnType.BOOLEAN: _FLAG,
        ColumnType.DATE_TIME: _MOMENT,
        ColumnType.PICKLIST: _LABEL,
        ColumnType.STATE: _LABEL,
        ColumnType.STATUS: _LABEL,
        ColumnType.MULTI_SELECT: _LABELS,
        ColumnType.LOOKUP: _NAME,
        ColumnType.CUSTOMER: _NAME,
        ColumnType.OWNER: _NAME,
        ColumnType.UNIQUE_IDENTIFIER: _GUID,
    },
)
_KEEP_SPACES = frozenset({ColumnType.STRING, ColumnType.MEMO})


def from_dynamics(column: Column, raw: object, formatted: str | None = None) -> Typed | ValueProblem:
    """Return what a column of a record holds; `formatted` is Dataverse's FormattedValue.

    Numbers must have been read without float where digits matter.
    """
    if raw is None or raw == "":
        return None
    return _KINDS[column.type].from_dynamics(column, raw, formatted)


def to_text(column: Column, value: Typed) -> str | ValueProblem:
    """Return the text that a data field gets; blank is empty."""
    if value is None:
        return ""
    text = _KINDS[column.type].to_text(column, value)
    if isinstance(text, str) and len(text) > LONGEST_VALUE:
        return ValueProblem(ValueCode.VALUE_TOO_LONG, f"Oneflow takes at most {LONGEST_VALUE} characters.")
    return text


def from_text(column: Column, text: str) -> Typed | ValueProblem:
    """Return what the text of a data field means; empty is None.

    What can be read may still not fit the column: to_dynamics tells.
    """
    told = text if column.type in _KEEP_SPACES else text.strip()
    return _KINDS[column.type].from_text(column, told) if told else None


def to_dynamics(column: Column, value: Typed) -> object:
    """Return what a request to Dataverse holds for this value (a Decimal is a JSON number with exactly its digits).

    A value that the column does not take comes back as a ValueProblem.
    """
    if column.one_way is not None:
        return ValueProblem(ValueCode.NOT_TWO_WAY, column.one_way)
    if value is not None:
        return _KINDS[column.type].to_dynamics(column, value)
    if column.type is ColumnType.BOOLEAN:
        return ValueProblem(ValueCode.NOT_A_BOOLEAN, "A blank value is neither yes nor no.")
    if column.required:
        return ValueProblem(ValueCode.VALUE_REQUIRED, "Dynamics requires a value.")
    return None
