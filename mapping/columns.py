"""Columns of Dataverse tables, as far as their values depend on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType


class ColumnType(StrEnum):
    """Dataverse's AttributeTypeName without its ending "Type"."""

    STRING = "String"
    MEMO = "Memo"
    INTEGER = "Integer"
    BIG_INT = "BigInt"
    DECIMAL = "Decimal"
    DOUBLE = "Double"
    MONEY = "Money"
    BOOLEAN = "Boolean"
    DATE_TIME = "DateTime"
    PICKLIST = "Picklist"
    STATE = "State"
    STATUS = "Status"
    MULTI_SELECT = "MultiSelectPicklist"
    LOOKUP = "Lookup"
    CUSTOMER = "Customer"
    OWNER = "Owner"
    UNIQUE_IDENTIFIER = "Uniqueidentifier"


class DateBehavior(StrEnum):
    """Dataverse's DateTimeBehavior: an instant, a day, or what a clock on the wall shows."""

    USER_LOCAL = "UserLocal"
    DATE_ONLY = "DateOnly"
    TIME_ZONE_INDEPENDENT = "TimeZoneIndependent"


class DateFormat(StrEnum):
    """Whether people see a time beside the day; a day may be stored as an instant all the same."""

    DATE_AND_TIME = "DateAndTime"
    DATE_ONLY = "DateOnly"


ONE_WAY: Mapping[str, str] = MappingProxyType(
    {
        ColumnType.LOOKUP: "A lookup leads to another row; a text cannot say which",
        ColumnType.CUSTOMER: "A customer leads to an account or a contact; a text cannot say which",
        ColumnType.OWNER: "An owner leads to a user or a team; a text cannot say which",
        ColumnType.PICKLIST: "An option set takes its own options only",
        ColumnType.MULTI_SELECT: "A multi-select option set takes its own options only",
        ColumnType.STATE: "The state changes by its own steps only",
        ColumnType.STATUS: "The status changes by its own steps only",
        ColumnType.UNIQUE_IDENTIFIER: "A unique identifier stays as it is",
    },
)
"""Types whose values only go to Oneflow, each with the reason for people."""

_NO_LABELS: Mapping[int, str] = MappingProxyType({})
_CALCULATED = "Calculated columns cannot be set from Oneflow."


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `max_length` is in UTF-16 units, `precision` in decimals, and `time_zone` that of the mapped field.

    `labels` holds the texts of options by their numbers; a Boolean has those of 0 and 1. A calculated column (also
    Rollup and Formula) has the type of its result.
    """

    type: ColumnType
    max_length: int | None = None
    precision: int | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    labels: Mapping[int, str] = _NO_LABELS
    behavior: DateBehavior = DateBehavior.USER_LOCAL
    format: DateFormat = DateFormat.DATE_AND_TIME
    time_zone: tzinfo = UTC
    required: bool = False
    calculated: bool = False

    @property
    def one_way(self) -> str | None:
        """Why the column cannot be set from Oneflow, or None when it can."""
        return _CALCULATED if self.calculated else ONE_WAY.get(self.type)

    @property
    def is_day(self) -> bool:
        """Whether a value is a day without a time, however it is stored."""
        return self.behavior is DateBehavior.DATE_ONLY or self.format is DateFormat.DATE_ONLY
