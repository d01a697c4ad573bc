"""A company full of oddities: every record is taken over as it should be, or is an error of its own."""

from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.control import Control
from scripts.stack import Stack
from tests.flow.kit import Connector, Site, watched

pytestmark = [pytest.mark.flow, pytest.mark.azurite]


@dataclass(frozen=True, slots=True)
class Oddities:
    """The hostile company after a full sync: records by number, and the run's answer."""

    site: Site
    totals: dict[str, Any]
    suppliers: dict[str, dict[str, Any]]
    products: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def odd(stack: Stack) -> Oddities:
    """Sync the hostile company."""
    with watched(stack.control):
        makes = Connector(stack, stack.control)
        site = makes.connect(makes.caller("alice"), "hostile")
        totals = site.sync()
        found = [{each["number"]: each for each in site.records(entity)} for entity in ("suppliers", "products")]
        return Oddities(site, totals, *found)


def test_only_records_without_a_name_are_errors(odd: Oddities) -> None:
    assert (odd.totals["suppliers"]["created"], odd.totals["suppliers"]["errors"]) == (20, 2)
    assert (odd.totals["products"]["created"], odd.totals["products"]["errors"]) == (16, 2)
    errors = odd.site.get(f"/runs/{odd.totals['runId']}/errors")
    assert sorted((each["entityType"], each["data"]["displayName"] or "") for each in errors) == [
        ("PRODUCT", ""), ("PRODUCT", ""), ("SUPPLIER", ""), ("SUPPLIER", ""),
    ]  # fmt: skip
    assert {each["error"] for each in errors} == {"Missing required field: name"}


def test_an_unknown_enum_member_is_kept_unescaped(odd: Oddities) -> None:
    assert odd.suppliers["H-UNKNOWN-ENUM"]["blocked"] == "Privacy Blocked"
    assert odd.products["H-UNKNOWN-ENUM"]["type"] == "Digital Good"


@pytest.mark.parametrize(
    ("number", "country"), [("H-COUNTRY-UK", "GB"), ("H-COUNTRY-EL", "GR"), ("H-COUNTRY-OWN", "NO-SVALB")]
)
def test_a_country_is_upper_case_iso_when_it_is_known(odd: Oddities, number: str, country: str) -> None:
    assert odd.suppliers[number]["country"] == country


def test_a_date_of_year_1_is_null(odd: Oddities) -> None:
    assert odd.suppliers["H-YEAR-1"]["sourceModifiedAt"] is None
    assert odd.products["H-YEAR-1"]["sourceModifiedAt"] is None


def test_text_comes_trimmed_and_otherwise_as_it_was(odd: Oddities) -> None:
    assert odd.suppliers["H-SPACES"]["name"] == "padded"
    assert odd.suppliers["H-SPACES"]["city"] is None
    assert odd.suppliers["H-EMOJI"]["name"] == "👩‍👩‍👧 Family & 🌳 Söhne"
    assert odd.suppliers["H-RTL"]["name"] == "שלום \u202eevil\u202c العربية"
    assert odd.suppliers["H-MARKUP"]["name"] == "<script>alert(1)</script>"
    assert odd.suppliers["H-COMBINING"]["name"] == "e\u0301 is not \u00e9"
    assert odd.suppliers["H-SURROGATE"]["name"].startswith("\U0001d518\U0001d52b")
    assert odd.products["H-LONG"]["name"] == "長" * 100


def test_a_blank_number_is_null_and_odd_ones_are_kept(odd: Oddities) -> None:
    assert {None, "H'QUOTE/SLASH\"&+%#?;"} <= set(odd.suppliers)
    assert {None, "4407 29 15"} <= set(odd.products)


def test_a_null_from_bc_is_null(odd: Oddities) -> None:
    assert "H-NULLS" not in odd.suppliers
    assert odd.products["H-EXTRA"]["custom"] == {}


def test_odd_records_are_found_by_their_odd_text(odd: Oddities) -> None:
    found = odd.site.records("suppliers", "&q=H%27QUOTE%2FSLASH%22%26%2B%25%23%3F%3B")
    assert [each["number"] for each in found] == ["H'QUOTE/SLASH\"&+%#?;"]


def test_a_second_sync_of_oddities_changes_nothing(odd: Oddities) -> None:
    totals = odd.site.sync()
    assert [totals[entity]["unchanged"] for entity in ("suppliers", "products")] == [20, 16]
    assert [totals[entity]["errors"] for entity in ("suppliers", "products")] == [2, 2]


def test_odd_records_are_read_page_by_page_between_odd_numbers(odd: Oddities, control: Control) -> None:
    control.set_switch(max_page_size=4)
    totals = odd.site.sync()["suppliers"]
    assert (totals["read"], totals["unchanged"], totals["errors"]) == (22, 20, 2)
