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
    """Sync the hostile company as it is."""
    with watched(stack.control):
        makes = Connector(stack, stack.control)
        site = makes.connect(makes.caller("alice"), "hostile")
        totals = site.sync()
        found = [{each["number"]: each for each in site.records(entity)} for entity in ("suppliers", "products")]
        return Oddities(site, totals, *found)


@pytest.mark.parametrize("separator", ["\u2028", "\u2029"])
def test_a_unicode_line_separator_is_text_like_any_other(site: Site, separator: str) -> None:
    row = site.rows("vendors")[0]
    site.change("vendors", {"displayName": f"a{separator}b"}, id=row["id"])
    answer = site.try_sync({"entities": ["suppliers"]}, Prefer="wait=20")
    site.call("DELETE", "")
    assert (answer.status, answer.body["data"].get("suppliers", {}).get("created")) == (200, 7)


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


def test_a_second_sync_of_oddities_page_by_page_changes_nothing(odd: Oddities, control: Control) -> None:
    control.set_switch(max_page_size=4)
    totals = odd.site.sync(entities=["suppliers"])["suppliers"]
    assert (totals["read"], totals["updated"], totals["errors"]) == (22, 0, 2)
    assert totals["unchanged"] == 20
