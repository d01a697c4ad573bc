"""Records in the console: found, understood, mended, edited, pinned; and conflicts decided."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sandbox.control import Control
from tests.browser.kit import DESK, Browsing, check_axe, check_reflow, screenshot
from tests.flow.bridge_kit import TOPIC, Span, spans
from tests.flow.kit import Caller, Connector, Site

pytestmark = [pytest.mark.azurite, pytest.mark.flow]


@pytest.fixture
def cronus(connector: Connector, alice: Caller) -> Site:
    """Return an integration with CRONUS after a full sync, with a record of the platform's own."""
    made = connector.connect(alice, "cronus", name="CRONUS")
    made.sync()
    made.call("POST", "/suppliers", {"name": "Our own supplier", "country": "SE"})
    return made


@pytest.fixture
def span(control: Control, alice: Caller) -> Iterator[Span]:
    """Return a new bridge that hears no notices."""
    yield from spans(alice, control, realtime=False)


def opened(browsing: Browsing, site: Site, rest: str = "records") -> Page:
    return browsing.page(site.hub, f"#/integrations/{site.id}/{rest}")


def test_records_are_listed_a_page_at_a_time_and_found(browsing: Browsing, cronus: Site) -> None:
    page = opened(browsing, cronus)
    expect(page.get_by_role("row")).to_have_count(26)
    check_axe(page)
    check_reflow(page)
    screenshot(page, "records")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Page 2", exact=True)).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(26)
    page.get_by_role("searchbox", name="Search").fill("our own")
    row = page.get_by_role("row", name="Our own supplier")
    expect(row).to_contain_text("Made on the platform")
    expect(page.get_by_role("row")).to_have_count(2)


def test_a_record_tells_where_it_stands_and_what_happened(browsing: Browsing, cronus: Site) -> None:
    row = cronus.rows("vendors")[0]
    cronus.edit("suppliers", row["id"], {"city": "Lund", "pinned": ["phone"], "custom": {"risk": "low"}})
    page = opened(browsing, cronus, f"records/suppliers/{row['id']}")
    expect(page.get_by_text("It was edited on the platform")).to_be_visible()
    city = page.get_by_role("row", name="City").first
    expect(city).to_contain_text(row["city"])
    expect(city).to_contain_text("Edited here")
    expect(page.get_by_role("listitem").filter(has_text="by you")).to_contain_text("City")
    page.get_by_role("button", name="Read and show").click()
    expect(page.get_by_role("row", name="displayName")).to_contain_text(row["displayName"])
    check_axe(page)
    check_reflow(page)
    page.get_by_role("button", name="Hide").click()
    page.set_viewport_size({"width": DESK[0], "height": 1_500})
    page.evaluate("() => scrollTo(0, 0)")
    screenshot(page, "record")


def test_a_failed_record_is_understood_and_read_again(browsing: Browsing, synced: Site) -> None:
    row = synced.rows("vendors")[0]
    synced.change("vendors", {"displayName": ""}, id=row["id"])
    synced.sync(mode="delta")
    page = opened(browsing, synced, "records?status=failures")
    expect(page.get_by_role("row", name=row["id"])).to_contain_text("Missing required field: name")
    check_axe(page)
    page.get_by_role("link", name=row["id"]).click()
    expect(page.get_by_text("It could not be taken over.", exact=True)).to_be_visible()
    synced.change("vendors", {"displayName": "Mended"}, id=row["id"])
    page.get_by_role("button", name="Read this record now").click()
    expect(page.get_by_text("brought up to date")).to_be_visible()
    expect(page.get_by_role("heading", level=2, name="Mended")).to_be_visible()
    expect(page.get_by_text("The platform holds what Business Central has.")).to_be_visible()


def test_a_product_that_a_filter_leaves_out_leads_to_the_mapping_of_products(browsing: Browsing, site: Site) -> None:
    shown = site.call("GET", "/mappings/products")
    body = {"source": shown.data["source"] | {"filter": "number eq 'none'"}, "fields": shown.data["fields"]}
    assert site.call("PUT", "/mappings/products", body, If_Match=shown.headers["ETag"]).status == 200
    page = opened(browsing, site, f"records/products/{site.rows('items')[0]['id']}")
    page.get_by_role("link", name="Open the mapping").click()
    expect(page.get_by_role("link", name="Products")).to_have_attribute("aria-current", "page")


def test_what_was_typed_survives_a_change_by_somebody_else(browsing: Browsing, synced: Site) -> None:
    row = synced.rows("vendors")[0]["id"]
    page = opened(browsing, synced, f"records/suppliers/{row}")
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("dialog").get_by_label("City").fill("Lund")
    synced.edit("suppliers", row, {"phone": "112"})
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("112")
    check_axe(page)
    page.get_by_role("button", name="Save mine all the same").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    found = synced.record("suppliers", row).data
    assert (found["city"], found["phone"]) == ("Lund", "112")


def test_a_field_is_pinned_once_its_meaning_was_told(browsing: Browsing, synced: Site) -> None:
    row = synced.rows("vendors")[0]["id"]
    page = opened(browsing, synced, f"records/suppliers/{row}")
    page.get_by_role("button", name="Pin Name").click()
    expect(page.get_by_role("dialog")).to_contain_text("waits as a conflict")
    page.get_by_role("dialog").get_by_role("button", name="Pin", exact=True).click()
    expect(page.get_by_role("button", name="Take the pin off Name")).to_be_visible()
    assert synced.record("suppliers", row).data["pinned"] == ["name"]


def test_a_record_of_the_platforms_own_is_made(browsing: Browsing, synced: Site) -> None:
    page = opened(browsing, synced)
    page.get_by_role("button", name="New supplier").click()
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    page.get_by_role("dialog").get_by_label("Name").fill("Ours")
    page.get_by_role("dialog").get_by_label("Another custom field").fill("risk")
    page.get_by_role("dialog").get_by_label("Another custom field").press("Enter")
    page.get_by_role("dialog").get_by_label("risk", exact=True).fill("low")
    check_axe(page)
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", level=2, name="Ours")).to_be_visible()
    assert [each["custom"] for each in synced.records("suppliers", "&q=ours")] == [{"risk": "low"}]


def contested(site: Site, count: int) -> list[dict[str, Any]]:
    """Let Business Central change so many records of which the platform keeps name and city."""
    rows = site.rows("vendors")[:count]
    for row in rows:
        site.edit("suppliers", row["id"], {"name": "Ours", "city": "Lund", "pinned": ["name", "city"]})
        site.change("vendors", {"displayName": "Theirs", "city": "Malmo"}, id=row["id"])
    site.sync(mode="delta")
    return rows


def test_conflicts_are_decided_field_by_field_one_after_the_other(browsing: Browsing, synced: Site) -> None:
    contested(synced, 2)
    page = opened(browsing, synced, "conflicts")
    expect(page.get_by_role("row").nth(1)).to_contain_text("A pinned field was changed")
    check_axe(page)
    page.get_by_role("link", name="Theirs").first.click()
    expect(page.get_by_text("1 of 2")).to_be_visible()
    page.get_by_role("group", name="Name").get_by_label("Theirs").check()
    page.get_by_role("group", name="City").get_by_label("Lund").check()
    expect(page.get_by_text("Each field gets the side that you chose, all")).to_be_visible()
    check_axe(page)
    check_reflow(page)
    page.get_by_role("button", name="Decide, and go on").click()
    expect(page.get_by_text("1 of 1")).to_be_visible()
    page.get_by_role("button", name="The platform", exact=True).click()
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    found = {(each["name"], each["city"]) for each in synced.records("suppliers", "&q=s")}
    assert {("Theirs", "Lund"), ("Ours", "Lund")} <= found


def test_a_conflict_that_moved_keeps_the_choice_and_shows_the_new_values(browsing: Browsing, synced: Site) -> None:
    (row,) = contested(synced, 1)
    found = synced.get("/conflicts")[0]["id"]
    page = opened(browsing, synced, f"conflicts/{found}")
    page.get_by_role("button", name="Business Central", exact=True).click()
    synced.change("vendors", {"displayName": "Newer"}, id=row["id"])
    synced.sync(mode="delta")
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_role("article").get_by_role("alert")).to_contain_text("Newer")
    expect(page.get_by_label("Newer")).to_be_checked()


def test_a_conflict_of_a_contract_shows_what_both_sides_agreed_on(browsing: Browsing, span: Span) -> None:
    span.map("opportunity", {**TOPIC, "direction": "two_way", "conflict": "manual"})
    deal = span.deals()[0]["opportunityid"]
    contract = span.create("opportunity", deal).data
    field = next(each for each in contract["fields"] if each["field"] == "name")
    span.dynamics.edit("update", "opportunity", deal, values={"name": "Here"})
    span.oneflow.edit(contract["contractId"], topic="There")
    span.call("POST", f"/oneflow/contracts/{contract['contractId']}/push", {})
    page = browsing.page(span.hub, f"#/integrations/{span.id}/conflicts")
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_text("Both sides last agreed on")).to_contain_text(str(field["base"]))
    page.get_by_label("There").check()
    check_axe(page)
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    assert span.deal(deal)["name"] == "There"
