"""Which columns can be written back from Oneflow, and why others cannot."""

import pytest

from sync.engine.directions import HIDDEN, is_shown, reason_against_two_way
from sync.model.table import Column, Origin

WRITABLE = ("String", "Memo", "Integer", "BigInt", "Decimal", "Double", "Money", "Boolean", "DateTime")
BLOCKED = ("Lookup", "Customer", "Owner", "Picklist", "MultiSelectPicklist", "State", "Status", "Uniqueidentifier")


@pytest.mark.parametrize("kind", WRITABLE)
def test_a_plain_value_can_travel_both_ways(kind: str) -> None:
    assert reason_against_two_way(Column("x", kind, "X")) is None


@pytest.mark.parametrize("kind", [*BLOCKED, "SomethingNew"])
def test_a_value_that_a_text_cannot_name_travels_outward_only(kind: str) -> None:
    assert reason_against_two_way(Column("x", kind, "X")) is not None


@pytest.mark.parametrize("origin", [Origin.CALCULATED, Origin.ROLLUP, Origin.FORMULA])
def test_a_computed_value_travels_outward_only(origin: Origin) -> None:
    assert reason_against_two_way(Column("x", "Money", "X", origin=origin)) is not None


@pytest.mark.parametrize("name", ["totalamount", "totaltax", "totallineitemdiscountamount"])
def test_what_the_price_engine_computes_travels_outward_only(name: str) -> None:
    assert reason_against_two_way(Column(name, "Money", "Total")) == "The price engine computes the column"


def test_a_column_that_cannot_be_changed_travels_outward_only() -> None:
    assert reason_against_two_way(Column("x", "String", "X", updatable=False)) is not None


@pytest.mark.parametrize("kind", sorted(HIDDEN))
def test_a_column_without_a_value_for_a_contract_is_not_shown(kind: str) -> None:
    assert not is_shown(Column("x", kind, "X"))


def test_a_plain_column_is_shown() -> None:
    assert is_shown(Column("x", "String", "X"))
