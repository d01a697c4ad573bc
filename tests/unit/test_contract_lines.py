"""Lines of a deal as products of its contract."""

from decimal import Decimal
from typing import Any

import pytest

from sync.ports import Row
from sync.services.contract_lines import MOST_PRODUCTS, products_of
from tests.support.bridges import PLAIN
from tests.support.deals import RECORD, TOPIC, Deals, trade

CHAIR = {"opportunityproductname": "Chair", "quantity": Decimal("4.00000"), "priceperunit": Decimal("100.0000")}


def line(**values: Any) -> Row:
    return Row("1", 'W/"1"', {**CHAIR, **values})


def made(*rows: Row, entity: str = "opportunity") -> Any:
    return products_of(Deals(lines=rows), entity, RECORD)


def test_a_line_is_a_product_with_its_price_and_quantity() -> None:
    found = made(line(description="Oak"))
    assert (found.problems, found.items) == (
        (),
        (
            {
                "name": "Chair",
                "description": "Oak",
                "price_1": {"base_amount": {"amount": "100.00"}, "discount_amount": {"amount": "0.00"}},
                "quantity": {"type": "quantity", "amount": 4},
            },
        ),
    )


def test_only_the_records_own_lines_are_asked_for() -> None:
    dynamics = Deals()
    products_of(dynamics, "opportunity", RECORD)
    assert (dynamics.queries[0].filter, dynamics.queries[0].order) == (
        f"_opportunityid_value eq {RECORD}",
        "lineitemnumber asc",
    )


def test_a_table_without_lines_has_no_products() -> None:
    assert made(line(), entity="account").items == ()


def test_a_product_of_the_catalogue_goes_by_its_name() -> None:
    row = Row("1", 'W/"1"', {"productdescription": "Written in"}, {"_productid_value": "Oak chair"})
    assert made(row, entity="quote").items == ({"name": "Oak chair", "description": ""},)


def test_a_product_that_was_written_in_goes_by_its_description() -> None:
    assert made(line(productdescription="Written in")).items[0]["name"] == "Written in"


@pytest.mark.parametrize(
    ("values", "discount"),
    [
        ({"manualdiscountamount": Decimal("10.0000")}, "2.50"),
        ({"volumediscountamount": Decimal(5)}, "5.00"),
        ({"manualdiscountamount": 8, "volumediscountamount": Decimal(1)}, "3.00"),
        ({"manualdiscountamount": 8, "quantity": None}, "8.00"),
    ],
)
def test_a_discount_is_told_for_one_unit(values: dict[str, Any], discount: str) -> None:
    assert made(line(**values)).items[0]["price_1"]["discount_amount"] == {"amount": discount}


@pytest.mark.parametrize(
    ("values", "left"),
    [
        ({"priceperunit": Decimal("1.2345")}, None),
        ({"manualdiscountamount": Decimal("0.01")}, {"base_amount": {"amount": "100.00"}}),
    ],
)
def test_what_oneflow_would_round_is_left_out_and_told(values: dict[str, Any], left: Any) -> None:
    found = made(line(), line(**values))
    (problem,) = found.problems
    assert (problem.code, problem.reason.startswith("Line 2"), found.items[1].get("price_1")) == (
        *("EXCESS_DECIMALS", True),
        left,
    )


def test_a_part_of_a_unit_stays_one() -> None:
    assert made(line(quantity=Decimal("2.50000"))).items[0]["quantity"]["amount"] == 2.5


@pytest.mark.parametrize(("lines", "more"), [(MOST_PRODUCTS + 1, False), (MOST_PRODUCTS, True)])
def test_more_lines_than_oneflow_takes_are_left_out_and_told(lines: int, more: bool) -> None:  # noqa: FBT001 - a case
    found = products_of(Deals(lines=(line(),) * lines, more_lines=more), "opportunity", RECORD)
    assert (len(found.items), [each.code for each in found.problems]) == (150, ["TOO_MANY_PRODUCTS"])


def test_products_go_with_the_contract_if_the_mapping_says_so() -> None:
    here = trade(TOPIC, products=True)
    here.dynamics.lines = (line(),)
    here.make()
    (group,) = here.oneflow.orders[0]["product_groups"]
    assert [each["name"] for each in group["products"]] == ["Chair"]


def test_a_contract_of_a_deal_without_lines_keeps_the_templates_own() -> None:
    here = trade(TOPIC, products=True)
    here.make()
    assert "product_groups" not in here.oneflow.orders[0]


def test_a_template_without_a_product_table_takes_no_lines() -> None:
    here = trade(TOPIC, products=True, template_id=PLAIN.id)
    here.dynamics.lines = (line(),)
    made_one = here.make()
    assert "product_groups" not in here.oneflow.orders[0]
    assert "PRODUCTS_NOT_TAKEN" in [each.code for each in made_one.problems]
