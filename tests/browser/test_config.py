"""The Sync Config in the console: rules are tried on real records, saved as versions, and brought back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.kit import Browsing, check_axe, check_reflow
from tests.flow.kit import Site

pytestmark = [pytest.mark.azurite, pytest.mark.flow]

HOME = "/mappings/suppliers"


def opened(browsing: Browsing, site: Site, rest: str = "") -> Page:
    """Open the mapping of suppliers and wait until some records were tried."""
    page = browsing.page(site.hub, f"#/integrations/{site.id}/config{rest}")
    expect(page.get_by_text("would change").or_(page.get_by_role("heading", name="Versions")).first).to_be_visible()
    return page


def in_capitals(page: Page, target: str) -> None:
    """Let a field be written in capitals."""
    page.get_by_role("button", name=f"Edit {target}", exact=True).click()
    page.get_by_role("button", name="Add a step").click()
    page.get_by_role("dialog").get_by_label("Step 2", exact=True).select_option("upper")
    page.get_by_role("button", name="Apply").click()


def saved(page: Page, version: int) -> None:
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text(f"Version {version} is used from the next run on.")).to_be_visible()


def put(site: Site, source: str) -> None:
    """Save a mapping as somebody else would: the city comes from another column."""
    shown = site.call("GET", HOME)
    fields = [{**each, "source": source} if each["target"] == "city" else each for each in shown.data["fields"]]
    body = {"source": shown.data["source"], "fields": fields}
    assert site.call("PUT", HOME, body, If_Match=shown.headers["ETag"]).status == 200


def test_a_rule_is_tried_on_records_before_it_is_saved(browsing: Browsing, synced: Site) -> None:
    page = opened(browsing, synced)
    in_capitals(page, "city")
    expect(page.get_by_text("1 change is not saved")).to_be_visible()
    preview = page.get_by_role("table", name="Preview").get_by_role("row").filter(has_text="city")
    expect(preview.locator("ins")).to_have_text(preview.locator("del").inner_text().upper())
    assert synced.get(HOME)["version"] == 1
    check_axe(page)
    check_reflow(page)
    saved(page, 2)
    assert {"source": "city", "target": "city", "transform": ["trim", "upper"]} in synced.get(HOME)["fields"]


def test_a_mistake_is_told_at_its_rule_and_nothing_typed_is_lost(browsing: Browsing, synced: Site) -> None:
    page = opened(browsing, synced)
    page.get_by_role("button", name="Edit city", exact=True).click()
    page.get_by_role("dialog").get_by_label("Business Central field").fill("city[")
    check_axe(page)
    page.get_by_role("button", name="Apply").click()
    row = page.get_by_role("table", name="Fields").get_by_role("row").filter(has_text="city[")
    expect(row).to_contain_text("The source cannot be read")
    page.reload()
    expect(row).to_contain_text("The source cannot be read")
    expect(page.get_by_text("Your earlier input was kept.")).to_be_visible()
    page.get_by_role("button", name="Save as a new version").click()
    refusal = page.get_by_role("main").get_by_role("alert").filter(has_text="What to do")
    expect(refusal).to_be_visible()
    page.get_by_role("button", name="Discard").last.click()
    expect(refusal).to_have_count(0)


def test_a_table_that_is_half_typed_is_not_taken_over_and_not_lost(browsing: Browsing, synced: Site) -> None:
    page = opened(browsing, synced)
    page.get_by_role("button", name="Edit city", exact=True).click()
    page.get_by_role("button", name="Add a step").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Step 2", exact=True).select_option("blank")
    dialog.get_by_label("Values").press_sequentially("a, b, ")
    expect(dialog.get_by_label("Values")).to_have_value("a, b, ")
    dialog.get_by_label("Step 2", exact=True).select_option("lookup")
    dialog.get_by_label("Table").fill("Lund = LU\nMalmo")
    page.get_by_role("button", name="Apply").click()
    expect(dialog.get_by_label("Table")).to_be_focused()
    expect(dialog.get_by_label("Table")).to_have_accessible_description(re.compile("Line 2 has no = sign."))
    check_axe(page)
    page.reload()
    expect(dialog.get_by_label("Table")).to_have_value("Lund = LU\nMalmo")


def test_what_somebody_else_saved_is_not_overwritten_unseen(browsing: Browsing, synced: Site) -> None:
    page = opened(browsing, synced)
    in_capitals(page, "city")
    put(synced, "state")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("Somebody else saved this mapping")).to_be_visible()
    assert synced.get(HOME)["version"] == 2
    page.get_by_role("button", name="Keep mine, save over theirs").click()
    saved(page, 3)


def test_an_older_version_is_compared_and_brought_back(browsing: Browsing, synced: Site) -> None:
    put(synced, "state")
    page = opened(browsing, synced, "/suppliers/versions")
    page.get_by_role("button", name="What changed in version 2").click()
    expect(page.get_by_role("table", name="From version 1 to version 2").locator("ins")).to_have_text("state · trim")
    check_axe(page)
    check_reflow(page)
    page.get_by_role("button", name="Bring back version 1").click()
    page.get_by_role("dialog").get_by_role("button", name="Bring back").click()
    expect(page.get_by_text("Version 3 is used from the next run on.")).to_be_visible()
    assert synced.get(HOME)["restoredFrom"] == 1
