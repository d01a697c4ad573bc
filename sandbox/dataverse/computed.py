"""Values that no write stores: calculated and formula columns, and amounts in the base currency."""

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sandbox.dataverse.columns import Column
from sandbox.dataverse.schema import Table
from sandbox.dataverse.store import Ref, Row

type Values = dict[str, Any]

_ZERO = Decimal(0)


def _margin(values: Values) -> Decimal | None:
    worth, budget = values.get("estimatedvalue"), values.get("budgetamount")
    return None if worth is None or budget is None else worth - budget


_COMPUTED: dict[tuple[str, str], Callable[[Values], Any]] = {
    ("opportunity", "new_margin"): _margin,
    ("opportunity", "new_headline"): lambda values: f"Deal: {values.get('name') or ''}",
    ("new_agreement", "new_computed"): lambda values: (values.get("new_rate") or _ZERO) * 2,
    ("new_agreement", "new_formula"): lambda values: (values.get("new_name") or "").upper(),
}


def value_of(table: Table, column: Column, row: Row) -> Any:
    """Return the value of a column of a row, computed where it is."""
    if column.name == table.key:
        return row.id
    if column.name == "versionnumber":
        return row.version
    make = _COMPUTED.get((table.name, column.name))
    if make:
        return make(row.values)
    if column.calculation_of:
        return _in_base_currency(row.values.get(column.calculation_of), row.values.get("exchangerate"))
    return row.values.get(column.name)


def owning(owner: Ref) -> Values:
    """Return what follows from the owner of a row."""
    user = owner.table == "systemuser"
    return {"owninguser": owner if user else None, "owningteam": None if user else owner}


def full_name(values: Values) -> str:
    """Return the name that the platform makes of first and last name."""
    return " ".join(part for part in (values.get("firstname"), values.get("lastname")) if part)


def composite(values: Values, lead: str) -> str | None:
    """Return the address that the platform makes of its parts."""
    town = " ".join(
        part for name in ("city", "stateorprovince", "postalcode") if (part := values.get(f"{lead}_{name}"))
    )
    lines = [values.get(f"{lead}_line{number}") for number in (1, 2, 3)]
    whole = [part for part in (*lines, town, values.get(f"{lead}_country")) if part]
    return "\r\n".join(whole) or None


def _in_base_currency(amount: Decimal | None, rate: Decimal | None) -> Decimal | None:
    if amount is None:
        return None
    return (amount / (rate or Decimal(1))).quantize(Decimal("0.0001"), ROUND_HALF_EVEN)
