"""Oneflow Settings in the console: fields are mapped, checked, saved, and nothing that was typed is lost."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from sandbox.control import Control
from tests.browser.kit import Browsing, check_axe, check_reflow, screenshot
from tests.flow.bridge_kit import PROPOSAL, TOPIC, Span, spans
from tests.flow.kit import Caller

pytestmark = [pytest.mark.azurite, pytest.mark.flow]

TYPE = 5
"""The type of the proposal, which holds its data fields."""
TWO_WAY = TOPIC | {"direction": "two_way"}
BUDGET = TOPIC | {"dynamicsField": "budgetamount", "oneflowField": "budgetamount", "direction": "dynamics_to_oneflow"}


@pytest.fixture
def span(control: Control, alice: Caller) -> Iterator[Span]:
    """Return a new bridge between the simulated Dataverse and Oneflow, which hears no notices."""
    yield from spans(alice, control, realtime=False)


def opened(browsing: Browsing, span: Span, *rows: dict[str, Any]) -> Page:
    """Open the mapping of opportunities, which has these rows."""
    assert span.map("opportunity", *rows).status == 200
    page = browsing.page(span.hub, f"#/integrations/{span.id}/oneflow/opportunity")
    expect(row(page, len(rows))).to_be_visible()
    return page


def row(page: Page, place: int) -> Locator:
    return page.get_by_role("group", name=f"Field mapping {place}:")


def add(page: Page, name: str) -> None:
    page.get_by_role("button", name="Add field mapping").click()
    page.get_by_role("searchbox", name="Search fields").fill(name)
    page.get_by_role("dialog").get_by_role("button", name=name).first.click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save mapping").click()


def names(span: Span) -> list[str]:
    return [each["dynamicsField"] for each in span.get("/entities/opportunity/mapping")["fields"]]


def test_a_table_is_set_up_field_by_field_and_saved(browsing: Browsing, span: Span) -> None:
    page = browsing.page(span.hub, f"#/integrations/{span.id}/oneflow")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Opportunity")
    page.get_by_role("searchbox", name="Search all tables").fill("opportunity")
    page.get_by_role("link", name="Opportunity", exact=True).click()
    page.get_by_label("Workspace", exact=True).select_option(label="Sales")
    page.get_by_label("Template", exact=True).select_option(PROPOSAL)
    add(page, "Topic")
    row(page, 1).get_by_label("Sync direction").select_option("two_way")
    expect(row(page, 1).get_by_label("Oneflow field")).to_have_value("topic")
    add(page, "Potential Customer")
    expect(row(page, 2)).to_contain_text("Two-way sync is not available")
    expect(row(page, 2)).to_contain_text("The Oneflow field name is missing.")
    check_axe(page)
    check_reflow(page)
    row(page, 2).get_by_label("Oneflow field").select_option("customer")
    screenshot(page, "oneflow")
    save(page)
    expect(page.get_by_text("Mapping saved: 2 fields.")).to_be_visible()
    assert names(span) == ["name", "customerid"]


def test_what_only_the_api_knows_is_told_at_its_row(browsing: Browsing, span: Span) -> None:
    page = opened(browsing, span, TWO_WAY, BUDGET)
    row(page, 2).get_by_label("Sync direction").select_option("once")
    span.oneflow.set_field(TYPE, "budgetamount", active=False)
    save(page)
    expect(row(page, 2)).to_contain_text("The data field is not active.")
    expect(row(page, 1)).not_to_contain_text("not active")
    row(page, 2).get_by_role("button", name="Remove").click()
    save(page)
    expect(page.get_by_text("Mapping saved: 1 field.")).to_be_visible()


def test_a_mapping_that_somebody_else_saved_is_shown_and_ones_own_can_go_on(browsing: Browsing, span: Span) -> None:
    page = opened(browsing, span, TWO_WAY)
    row(page, 1).get_by_label("Sync direction").select_option("once")
    assert span.map("opportunity", TWO_WAY, BUDGET).status == 200
    save(page)
    expect(page.get_by_role("alert").get_by_text("Somebody else changed this").first).to_be_visible()
    expect(page.get_by_role("table")).to_contain_text("budgetamount · Dynamics to Oneflow")
    check_axe(page)
    page.get_by_role("button", name="Save mine all the same").click()
    expect(page.get_by_text("Mapping saved: 1 field.")).to_be_visible()
    assert [each["direction"] for each in span.get("/entities/opportunity/mapping")["fields"]] == ["once"]


def test_rows_are_moved_by_keyboard_and_what_is_not_saved_survives_a_reload(browsing: Browsing, span: Span) -> None:
    page = opened(browsing, span, TWO_WAY, BUDGET)
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    row(page, 1).get_by_role("button", name="down").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Move Topic down")).to_be_focused()
    page.reload()
    expect(page.get_by_text("Your earlier input was kept.")).to_be_visible()
    assert asked == ["beforeunload"]
    save(page)
    expect(page.get_by_text("Mapping saved: 2 fields.")).to_be_visible()
    assert names(span) == ["budgetamount", "name"]
