"""Which columns can be written back from Oneflow, and why others cannot."""

from collections.abc import Mapping
from typing import Any

from mapping.columns import ONE_WAY, ColumnType
from sync.model.table import Column, Origin

HIDDEN = frozenset(
    {"Virtual", "EntityName", "ManagedProperty", "PartyList", "CalendarRules", "File", "Image", "ImageType", ""}
)
"""Types that are never shown: they hold no value that a contract could have."""

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

_WRITABLE = frozenset(ColumnType) - ONE_WAY.keys()


def is_shown(column: Column) -> bool:
    """Tell whether a column has a value of its own that a contract could take."""
    return column.readable and column.part_of is None and column.type not in HIDDEN


def reason_against_two_way(column: Column) -> str | None:
    """Return why values cannot come back from Oneflow into a column, None when they can."""
    reasons = (
        ONE_WAY.get(column.type),
        _BY_ORIGIN.get(column.origin),
        "The price engine computes the column" if column.name in _PRICED else None,
        None if column.updatable else "Dataverse does not let the column be changed",
        None if column.type in _WRITABLE else "Columns of this type are not written",
    )
    return next((reason for reason in reasons if reason is not None), None)


def goes_out_by_itself(settings: Mapping[str, Any]) -> bool:
    """Tell whether changes in Dynamics go to Oneflow though nobody asks for a push: only if its owner wants it."""
    return settings.get("automatic") is True
