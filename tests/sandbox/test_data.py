"""What the companies hold."""

import re
from collections.abc import Callable

import pytest

from sandbox.datasets import Amounts, company
from sandbox.generated import Generated
from sandbox.schema import ROUTES, Edm
from sandbox.tables import Table
from tests.sandbox.clients import Caller


@pytest.mark.parametrize(
    ("key", "vendors", "items"), [("cronus", 66, 149), ("contoso", 7, 64), ("hostile", 22, 18), ("generated", 300, 500)]
)
def test_a_company_has_its_rows(caller_of: Callable[..., Caller], key: str, vendors: int, items: int) -> None:
    caller = caller_of(key)
    assert (caller.get("vendors/$count").text, caller.get("items/$count").text) == (str(vendors), str(items))


@pytest.mark.parametrize("key", ["cronus", "contoso", "generated"])
@pytest.mark.parametrize("name", ["vendors", "items", "itemCategories", "unitsOfMeasure", "countriesRegions"])
def test_texts_fit_their_fields(caller_of: Callable[..., Caller], key: str, name: str) -> None:
    limits = {each.name: each.length for each in ROUTES["v2.0"][name].properties if each.edm is Edm.STRING}
    rows = caller_of(key).get(name).json()["value"]
    assert [(row["id"], field) for row in rows for field, most in limits.items() if len(row[field]) > most] == []


@pytest.mark.parametrize("key", ["cronus", "contoso", "generated"])
def test_every_unit_and_category_of_an_item_exists(caller_of: Callable[..., Caller], key: str) -> None:
    rows = caller_of(key).get("items", expand="unitOfMeasure,itemCategory").json()["value"]
    assert all(bool(row["itemCategory"]) == bool(row["itemCategoryCode"]) for row in rows)
    assert all(row["unitOfMeasure"]["code"] == row["baseUnitOfMeasureCode"] for row in rows if row["unitOfMeasure"])


def test_the_hostile_set_holds_what_breaks_readers(caller_of: Callable[..., Caller]) -> None:
    caller = caller_of("hostile")
    rows = {row["number"]: row for row in caller.get("vendors").json()["value"]}
    assert (rows["H-BLANK-NAME"]["displayName"], rows["H-NULLS"]["displayName"]) == ("", None)
    assert rows["H-YEAR-1"]["lastModifiedDateTime"] == "0001-01-01T00:00:00Z"
    assert rows["H-EXTRA"]["zzNewList"] == [1, None]
    assert {"", "H'QUOTE/SLASH\"&+%#?;"} <= set(rows)


def test_huge_decimals_keep_their_digits(caller_of: Callable[..., Caller]) -> None:
    text = caller_of("hostile").get("vendors").text
    assert '"balance":99999999999999999.99' in text
    assert '"balance":-0.00000000000000000001' in text


def test_no_hostile_text_holds_a_zero_character(caller_of: Callable[..., Caller]) -> None:
    caller = caller_of("hostile")
    assert "\\u0000" not in caller.get("vendors").text + caller.get("items").text


def test_a_hostile_row_can_be_filtered_by_its_quoted_number(caller_of: Callable[..., Caller]) -> None:
    caller = caller_of("hostile")
    assert caller.values("vendors", filter="number eq 'H''QUOTE/SLASH\"&+%#?;'") == ["H'QUOTE/SLASH\"&+%#?;"]


def test_the_same_seed_makes_the_same_rows() -> None:
    first, second, other = Generated("items", 50, 3), Generated("items", 50, 3), Generated("items", 50, 4)
    assert [first.row(slot) for slot in range(50)] == [second.row(slot) for slot in range(50)]
    assert first.row(7) != other.row(7)


def test_a_generated_id_finds_its_row_among_a_million() -> None:
    source = Generated("vendors", 1_000_000, 1)
    assert [source.find(source.id_of(slot)) for slot in (0, 1, 77_777, 999_999)] == [0, 1, 77_777, 999_999]
    assert source.find(source.id_of(1_000_000)) is None


def test_generated_orders_agree_with_their_keys() -> None:
    table = Table(Generated("items", 2000, 5))
    assert [table.id_of(slot) for slot in table.ordered("id")] == sorted(table.id_of(slot) for slot in range(2000))
    assert [table.key_of(slot) for slot in table.ordered("number")] == sorted(
        table.key_of(slot) for slot in range(2000)
    )


def test_a_number_range_and_a_probe_agree(caller_of: Callable[..., Caller]) -> None:
    caller = caller_of("generated")
    edge = caller.values("items", orderby="number", skip="200", top="1")[0]
    below = caller.values("items", filter=f"number lt '{edge}'")
    above = caller.values("items", filter=f"number ge '{edge}'")
    assert (len(below), len(above), max(below) < min(above)) == (200, 300, True)


def test_some_generated_names_are_odd() -> None:
    names = [company("generated", Amounts(0, 5000, 1)).tables["items"].row(slot)["displayName"] for slot in range(5000)]
    assert 20 < sum(bool(re.search(r"['\"#\\🌲名]", name)) for name in names) < 200
