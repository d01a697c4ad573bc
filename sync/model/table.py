"""A Dataverse table as its metadata tells it."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Requirement(StrEnum):
    """Whether a column must have a value, as people are told."""

    NONE = "none"
    RECOMMENDED = "recommended"
    REQUIRED = "required"


class Origin(IntEnum):
    """Where a column's value comes from (SourceType)."""

    SIMPLE = 0
    CALCULATED = 1
    ROLLUP = 2
    FORMULA = 3


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its logical name, its set in addresses, and its two columns that every table has."""

    name: str
    entity_set: str
    id_column: str
    name_column: str | None
    label: str
    guarded: bool = True
    """Whether it takes If-Match (IsOptimisticConcurrencyEnabled); a table that does not cannot be written safely."""
    tracked: bool = False
    """Whether its changes can be asked for (ChangeTrackingEnabled)."""


@dataclass(frozen=True, slots=True)
class Details:
    """What only columns of some types have; None where a type has none."""

    max_length: int | None = None
    precision: int | None = None
    precision_source: int | None = None
    minimum: str | None = None
    """As digits: numbers of all types fit."""
    maximum: str | None = None
    format: str | None = None
    behavior: str | None = None
    """DateTimeBehavior: UserLocal, DateOnly or TimeZoneIndependent."""
    true_label: str | None = None
    false_label: str | None = None
    targets: tuple[str, ...] = ()
    """The tables that a lookup may lead to."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `type` is the attribute's type name without "Type", such as String or Picklist."""

    name: str
    type: str
    label: str
    required: Requirement = Requirement.NONE
    system_required: bool = False
    """Whether Dataverse itself refuses to leave it empty."""
    readable: bool = True
    creatable: bool = True
    updatable: bool = True
    part_of: str | None = None
    """The column that this one only accompanies (AttributeOf)."""
    origin: Origin = Origin.SIMPLE
    details: Details = Details()


@dataclass(frozen=True, slots=True)
class Reference:
    """A lookup from one table to another (N:1): the column, the table it leads to, and the name to expand it by."""

    column: str
    table: str
    navigation: str
