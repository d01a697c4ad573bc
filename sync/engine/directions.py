"""Which columns can be written back from Oneflow, and why others cannot."""

from sync.model.table import Column, Origin

HIDDEN = frozenset(
    {"Virtual", "EntityName", "ManagedProperty", "PartyList", "CalendarRules", "File", "Image", "ImageType", ""}
)
"""Types that are never shown: they hold no value that a contract could have."""

_BY_TYPE = {
    "Lookup": "A lookup leads to another row; a text cannot say which",
    "Customer": "A customer leads to an account or a contact; a text cannot say which",
    "Owner": "An owner leads to a user or a team; a text cannot say which",
    "Picklist": "An option set takes its own options only",
    "MultiSelectPicklist": "A multi-select option set takes its own options only",
    "State": "The state changes by its own steps only",
    "Status": "The status changes by its own steps only",
    "Uniqueidentifier": "A unique identifier stays as it is",
}
_BY_ORIGIN = {
    Origin.CALCULATED: "Dataverse calculates the column",
    Origin.ROLLUP: "Dataverse rolls the column up from other rows",
    Origin.FORMULA: "A formula computes the column",
}
_PRICED = frozenset(
    {
        "totalamount",
        "totalamountlessfreight",
        "totaldiscountamount",
        "totallineitemamount",
        "totallineitemdiscountamount",
        "totaltax",
    }
)
"""Valid for update by their metadata, and overwritten by the price engine."""

_WRITABLE = frozenset({"String", "Memo", "Integer", "BigInt", "Decimal", "Double", "Money", "Boolean", "DateTime"})


def is_shown(column: Column) -> bool:
    """Tell whether a column has a value of its own that a contract could take."""
    return column.readable and column.part_of is None and column.type not in HIDDEN


def reason_against_two_way(column: Column) -> str | None:
    """Return why values cannot come back from Oneflow into a column, None when they can."""
    reasons = (
        _BY_TYPE.get(column.type),
        _BY_ORIGIN.get(column.origin),
        "The price engine computes the column" if column.name in _PRICED else None,
        None if column.updatable else "Dataverse does not let the column be changed",
        None if column.type in _WRITABLE else "Columns of this type are not written",
    )
    return next((reason for reason in reasons if reason is not None), None)
