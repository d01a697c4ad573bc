"""The lines of a record, such as the products of an opportunity, as products of a contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sync.ports import Dynamics, Row, RowQuery
from sync.services.contract_values import FieldProblem

MOST_PRODUCTS = 150
"""Products that a contract takes (Create a contract)."""

_PRODUCT, _NAME, _TEXT = "_productid_value", "productdescription", "description"
_QUANTITY, _PRICE = "quantity", "priceperunit"
_DISCOUNT, _VOLUME_DISCOUNT = "manualdiscountamount", "volumediscountamount"
_COLUMNS = (_PRODUCT, _NAME, _TEXT, _QUANTITY, _PRICE, _DISCOUNT, _VOLUME_DISCOUNT)
_ORDER = "lineitemnumber asc"
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Lines:
    """The table of a record's lines, and its lookup that leads to the record."""

    table: str
    lookup: str


LINES: Mapping[str, Lines] = MappingProxyType(
    {
        "opportunity": Lines("opportunityproduct", "opportunityid"),
        "quote": Lines("quotedetail", "quoteid"),
    }
)
"""Tables whose records have lines."""


@dataclass(frozen=True, slots=True)
class Products:
    """Products as a create takes them, and what could not be taken over."""

    items: tuple[dict[str, Any], ...] = ()
    problems: tuple[FieldProblem, ...] = ()


def products_of(dynamics: Dynamics, entity: str, record_id: str) -> Products:
    """Return the products of a record, none where its table has no lines (raises as Dynamics does)."""
    lines = LINES.get(entity)
    if lines is None:
        return Products()
    table = dynamics.table(lines.table)
    title = table.name_column or _NAME
    query = RowQuery(
        tuple(dict.fromkeys((table.id_column, title, *_COLUMNS))),
        filter=f"_{lines.lookup}_value eq {record_id}",
        order=_ORDER,
    )
    page = dynamics.rows(table, query, page_size=MOST_PRODUCTS + 1)
    made = [_product(row, title) for row in page.items[:MOST_PRODUCTS]]
    problems = [
        FieldProblem(lines.table, None, code, f"Line {number}: {reason}")
        for number, (_, found) in enumerate(made, start=1)
        for code, reason in found
    ]
    if len(page.items) > MOST_PRODUCTS or page.cursor is not None:
        reason = f"Oneflow takes {MOST_PRODUCTS} products: the lines after them were left out."
        problems.append(FieldProblem(lines.table, None, "TOO_MANY_PRODUCTS", reason))
    return Products(tuple(item for item, _ in made), tuple(problems))


def _product(row: Row, title: str) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    price, problems = _price(row.values)
    name = row.labels.get(_PRODUCT) or row.values.get(_NAME) or row.values.get(title) or ""
    item: dict[str, Any] = {"name": name, "description": row.values.get(_TEXT) or ""}
    if price:
        item["price_1"] = price
    quantity = _number(row.values.get(_QUANTITY))
    if quantity is not None:
        whole = quantity == quantity.to_integral_value()
        item["quantity"] = {"type": "quantity", "amount": int(quantity) if whole else float(quantity)}
    return item, problems


def _price(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the price of one unit: Oneflow multiplies it, after its discount, with the quantity."""
    price, quantity = _number(values.get(_PRICE)), _number(values.get(_QUANTITY))
    if price is None:
        return {}, []
    if not _is_exact(price):
        return {}, [("EXCESS_DECIMALS", "Oneflow's prices have two decimals; the price was left out.")]
    found = {"base_amount": {"amount": str(price.quantize(_CENT))}}
    discount = _number(values.get(_DISCOUNT)) or Decimal(0)
    each = (_number(values.get(_VOLUME_DISCOUNT)) or Decimal(0)) + (discount / quantity if quantity else discount)
    if not _is_exact(each):
        return found, [("EXCESS_DECIMALS", "The discount of one unit has more than two decimals; it was left out.")]
    return {**found, "discount_amount": {"amount": str(each.quantize(_CENT))}}, []


def _is_exact(amount: Decimal) -> bool:
    return amount == amount.quantize(_CENT)


def _number(value: object) -> Decimal | None:
    return Decimal(value) if isinstance(value, (int, Decimal)) else None
