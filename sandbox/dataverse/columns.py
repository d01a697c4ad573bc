"""The language in which tables are declared: columns of every type, option sets and their companions."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

LONGEST_MONEY = Decimal(922337203685477)
MILLIARD = Decimal(1_000_000_000_000)
INT32 = 2**31 - 1
INT64 = 2**63 - 1


class Kind(StrEnum):
    """The types of columns, by the name that AttributeTypeName has without "Type"."""

    STRING = "String"
    MEMO = "Memo"
    INTEGER = "Integer"
    BIGINT = "BigInt"
    DECIMAL = "Decimal"
    DOUBLE = "Double"
    MONEY = "Money"
    BOOLEAN = "Boolean"
    DATETIME = "DateTime"
    LOOKUP = "Lookup"
    CUSTOMER = "Customer"
    OWNER = "Owner"
    PICKLIST = "Picklist"
    MULTISELECT = "MultiSelectPicklist"
    STATE = "State"
    STATUS = "Status"
    GUID = "Uniqueidentifier"
    ENTITY_NAME = "EntityName"
    FILE = "File"
    IMAGE = "Image"
    MANAGED = "ManagedProperty"
    VIRTUAL = "Virtual"


REFERENCES = frozenset({Kind.LOOKUP, Kind.CUSTOMER, Kind.OWNER})
CHOICES = frozenset({Kind.PICKLIST, Kind.MULTISELECT, Kind.STATE, Kind.STATUS})
LABELLED = CHOICES | {Kind.BOOLEAN}
SHADOWS = frozenset({Kind.VIRTUAL, Kind.ENTITY_NAME, Kind.MANAGED})
"""Known to the metadata only: they are no properties of a row."""


class Source(StrEnum):
    """Where a value comes from, as SourceType counts it."""

    SIMPLE = "0"
    CALCULATED = "1"
    ROLLUP = "2"
    FORMULA = "3"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice; a status names its state, a state its default status."""

    value: int
    label: str
    state: int | None = None
    default_status: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what the metadata says of it, and what a write is checked against."""

    name: str
    kind: Kind
    label: str = ""
    schema: str = ""
    length: int = 0
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    precision: int = 0
    precision_source: int = 0
    options: tuple[Option, ...] = ()
    default: Any = None
    targets: tuple[str, ...] = ()
    relationship: str = ""
    behavior: str = "UserLocal"
    format: str = ""
    required: str = "None"
    readable: bool = True
    creatable: bool = True
    updatable: bool = True
    source: Source = Source.SIMPLE
    attribute_of: str = ""
    calculation_of: str = ""
    global_set: str = ""
    secured: bool = False

    @property
    def schema_name(self) -> str:
        """Its name in the schema, such as CustomerId."""
        return self.schema or self.name.capitalize()

    @property
    def is_custom(self) -> bool:
        """Whether a publisher's prefix leads its name."""
        return self.name.startswith("new_")

    @property
    def property_name(self) -> str:
        """Its name as a property of a row."""
        return f"_{self.name}_value" if self.kind in REFERENCES else self.name

    @property
    def shown(self) -> bool:
        """Whether a row has it as a property."""
        return self.kind not in SHADOWS and not (self.attribute_of and self.source is Source.SIMPLE)

    def navigation(self, target: str) -> str:
        """Return the name of the navigation property to one target; case matters."""
        lead = self.schema or self.name
        several = self.kind is Kind.CUSTOMER or (self.kind is Kind.LOOKUP and len(self.targets) > 1)
        return f"{lead}_{target}" if several else lead

    def option(self, value: int) -> Option | None:
        """Return the choice of this number."""
        return next((each for each in self.options if each.value == value), None)


def text(name: str, length: int = 100, **more: Any) -> Column:
    """Return a single line of text."""
    return Column(name, Kind.STRING, length=length, **{"format": "Text", **more})


def texts(length: int, *names: str) -> tuple[Column, ...]:
    """Return several lines of text of one length."""
    return tuple(text(name, length) for name in names)


def memo(name: str, length: int = 2000, **more: Any) -> Column:
    """Return multiple lines of text."""
    return Column(name, Kind.MEMO, length=length, **{"format": "TextArea", **more})


def whole(name: str, low: int = -INT32 - 1, high: int = INT32, **more: Any) -> Column:
    """Return a whole number."""
    return Column(name, Kind.INTEGER, low=Decimal(low), high=Decimal(high), **{"format": "None", **more})


def big(name: str, **more: Any) -> Column:
    """Return a number of 64 bits."""
    return Column(name, Kind.BIGINT, low=Decimal(-INT64 - 1), high=Decimal(INT64), **more)


def decimal(name: str, low: str, high: str, precision: int, **more: Any) -> Column:
    """Return a decimal number."""
    return Column(name, Kind.DECIMAL, low=Decimal(low), high=Decimal(high), precision=precision, **more)


def double(name: str, low: str, high: str, precision: int, **more: Any) -> Column:
    """Return a floating point number."""
    return Column(name, Kind.DOUBLE, low=Decimal(low), high=Decimal(high), precision=precision, **more)


def money(name: str, low: Decimal = Decimal(0), high: Decimal = MILLIARD, **more: Any) -> Column:
    """Return an amount in the row's currency."""
    return Column(name, Kind.MONEY, low=low, high=high, **{"precision": 2, "precision_source": 2, **more})


def total(name: str, **more: Any) -> Column:
    """Return an amount that the price engine computes, though an update may send it."""
    return money(name, -LONGEST_MONEY, LONGEST_MONEY, creatable=False, **more)


def yes_no(name: str, true: str = "Yes", false: str = "No", **more: Any) -> Column:
    """Return a two-way choice with its own labels."""
    return Column(name, Kind.BOOLEAN, options=(Option(1, true), Option(0, false)), **{"default": False, **more})


def day(name: str, **more: Any) -> Column:
    """Return a date without a time."""
    return Column(name, Kind.DATETIME, **{"behavior": "DateOnly", "format": "DateOnly", **more})


def moment(name: str, **more: Any) -> Column:
    """Return an instant."""
    return Column(name, Kind.DATETIME, **{"format": "DateAndTime", **more})


def lookup(name: str, *targets: str, **more: Any) -> Column:
    """Return a reference to a row."""
    return Column(name, Kind.LOOKUP, targets=targets, **more)


def customer(name: str, **more: Any) -> Column:
    """Return a reference to an account or a contact."""
    return Column(name, Kind.CUSTOMER, targets=("account", "contact"), **more)


def choice(name: str, options: str, **more: Any) -> Column:
    """Return a choice; options are written "1 Hot;2 Warm"."""
    return Column(name, Kind.PICKLIST, options=choices(options), **more)


def choices(written: str) -> tuple[Option, ...]:
    """Read options that are written "1 Hot;2 Warm"."""
    pairs = (each.strip().partition(" ") for each in written.split(";"))
    return tuple(Option(int(number), label) for number, _, label in pairs)


def flags(name: str, options: str, **more: Any) -> Column:
    """Return a multiple choice."""
    return Column(name, Kind.MULTISELECT, options=choices(options), **more)


def identity(name: str) -> Column:
    """Return a table's key."""
    return Column(name, Kind.GUID, required="SystemRequired", updatable=False)


def guid(name: str, **more: Any) -> Column:
    """Return an identifier that refers to nothing known."""
    return Column(name, Kind.GUID, **more)


def states(written: str, status: str) -> tuple[Column, Column]:
    """Return statecode and statuscode; a state ends with its default status, a status with its state."""
    stages = tuple(_parts(each) for each in written.split(";"))
    reasons = tuple(_parts(each) for each in status.split(";"))
    return (
        Column(
            "statecode",
            Kind.STATE,
            label="Status",
            options=tuple(Option(number, label, default_status=tail) for number, label, tail in stages),
            default=stages[0][0],
            required="SystemRequired",
            creatable=False,
        ),
        Column(
            "statuscode",
            Kind.STATUS,
            label="Status Reason",
            options=tuple(Option(number, label, state=tail) for number, label, tail in reasons),
            default=stages[0][2],
        ),
    )


def read_only(column: Column) -> dict[str, Any]:
    """Return what makes a column like this one read-only."""
    return {"label": column.label, "creatable": False, "updatable": False}


def completed(columns: tuple[Column, ...]) -> Iterator[Column]:
    """Return the columns with the companions that the platform adds to money, rollups, lookups and choices."""
    for column in columns:
        yield column
        if column.kind is Kind.MONEY:
            yield Column(
                f"{column.name}_base",
                Kind.MONEY,
                low=-LONGEST_MONEY,
                high=LONGEST_MONEY,
                precision=4,
                creatable=False,
                updatable=False,
                calculation_of=column.name,
                schema=f"{column.schema_name}_Base",
            )
        if column.source is Source.ROLLUP:
            yield from _rollup(column)
        if column.kind in REFERENCES:
            yield text(f"{column.name}name", 160, attribute_of=column.name, creatable=False, updatable=False)
        if column.kind in LABELLED:
            yield Column(f"{column.name}name", Kind.VIRTUAL, attribute_of=column.name, creatable=False, updatable=False)


def _rollup(column: Column) -> Iterator[Column]:
    fixed: dict[str, Any] = {"creatable": False, "updatable": False}
    yield moment(f"{column.name}_date", schema=f"{column.schema_name}_Date", **fixed)
    yield whole(f"{column.name}_state", schema=f"{column.schema_name}_State", **fixed)


def _parts(written: str) -> tuple[int, str, int]:
    first, *label, last = written.split()
    return int(first), " ".join(label), int(last)
