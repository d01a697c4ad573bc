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


ONE_WAY: Mapping[ColumnType, str] = MappingProxyType(
    {
        ColumnType.PICKLIST: "Option sets go to Oneflow as labels and do not come back.",
        ColumnType.STATE: "The state of a record cannot be set from Oneflow.",
        ColumnType.STATUS: "The status of a record cannot be set from Oneflow.",
        ColumnType.MULTI_SELECT: "Multi-select option sets go to Oneflow as labels and do not come back.",
        ColumnType.LOOKUP: "Lookups go to Oneflow as names and do not come back.",
        ColumnType.CUSTOMER: "Customers go to Oneflow as names and do not come back.",
        ColumnType.OWNER: "Owners go to Oneflow as names and do not come back.",
        ColumnType.UNIQUE_IDENTIFIER: "Unique identifiers cannot be set from Oneflow.",
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
