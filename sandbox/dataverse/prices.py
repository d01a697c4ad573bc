"""The price engine: lines, totals and an opportunity's estimate, computed over whatever was sent."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sandbox.dataverse.home import Home, Values
from sandbox.dataverse.rules import LINES, lines_of
from sandbox.dataverse.store import Ref

_ZERO = Decimal(0)
_CENT = Decimal("0.01")
_PARENTS = {child: (parent, column) for parent, (child, column) in LINES.items()}


def line_amounts(home: Home, current: Values, values: Values) -> Values:
    """Return the computed columns of a line that has these values."""
    merged = {**current, **values}
    price = merged.get("priceperunit")
    product = home.follow(merged.get("productid"))
    if price is None and product:
        price = product.values.get("price")
    base = _cents(_number(merged, "quantity") * (price or _ZERO))
    extended = base - _number(merged, "manualdiscountamount") + _number(merged, "tax")
    return {"priceperunit": price, "baseamount": base, "extendedamount": extended}


def parent_of(table: str, values: Values) -> Ref | None:
    """Return the opportunity or quote that a line belongs to."""
    found = values.get(_PARENTS[table][1]) if table in _PARENTS else None
    return found if isinstance(found, Ref) else None


def totals(home: Home, table: str, key: str, values: Values) -> Values:
    """Return the computed columns of an opportunity or quote that has these values."""
    rows = [row.values for row in lines_of(home, table, key)]
    items = sum((_number(row, "baseamount") - _number(row, "manualdiscountamount") for row in rows), _ZERO)
    tax = sum((_number(row, "tax") for row in rows), _ZERO)
    percent = _cents(items * _number(values, "discountpercentage") / 100)
    discount = _number(values, "discountamount") + percent
    freight = _number(values, "freightamount")
    found: dict[str, Any] = {
        "totallineitemamount": items,
        "totallineitemdiscountamount": sum((_number(row, "manualdiscountamount") for row in rows), _ZERO),
        "totaldiscountamount": discount,
        "totaltax": tax,
        "totalamountlessfreight": items - discount,
        "totalamount": items - discount + freight + tax,
    }
    if table == "opportunity" and values.get("isrevenuesystemcalculated"):
        found["estimatedvalue"] = found["totalamount"]
    return found


def _number(values: Values, name: str) -> Decimal:
    found = values.get(name)
    return found if isinstance(found, Decimal) else _ZERO


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_EVEN)
