"""Going about in the console: the focus is where the eye is, and the window says where that is."""

import pytest
from playwright.sync_api import expect

from tests.browser.kit import Browsing
from tests.flow.kit import Site

pytestmark = [pytest.mark.azurite, pytest.mark.flow]

HISTORY = ("Sync History", "A flow test")


def window(*names: str) -> str:
    """Return what the window is called, the narrowest name first."""
    return " \N{EN DASH} ".join([*names, "Dynamics Sync Hub"])


def test_who_goes_to_a_run_and_back_is_at_its_heading_and_at_that_of_the_list(browsing: Browsing, synced: Site) -> None:
    page = browsing.page(synced.hub, f"#/integrations/{synced.id}/history")
    expect(page).to_have_title(window(*HISTORY))
    page.get_by_role("row").nth(1).get_by_role("link").click()
    expect(page.get_by_role("heading", name="Full sync")).to_be_focused()
    expect(page).to_have_title(window("Full sync", *HISTORY))
    page.get_by_role("link", name="All runs").click()
    expect(page.get_by_role("heading", name="Runs")).to_be_focused()
    expect(page).to_have_title(window(*HISTORY))


def test_who_turns_the_page_is_at_the_first_row_of_the_next(browsing: Browsing, synced: Site) -> None:
    page = browsing.page(synced.hub, f"#/integrations/{synced.id}/records?type=products")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Page 2, 25 rows")).to_be_attached()
    expect(page.get_by_role("row").nth(1)).to_be_focused()
    page.get_by_role("link", name="Suppliers", exact=True).click()
    expect(page.get_by_role("row")).to_have_count(8)
    expect(page.get_by_role("link", name="Suppliers", exact=True)).to_be_focused()


def test_another_tab_names_the_window_and_is_said(browsing: Browsing, synced: Site) -> None:
    page = browsing.page(synced.hub, f"#/integrations/{synced.id}/conflicts")
    expect(page).to_have_title(window("Conflicts", "A flow test"))
    page.get_by_role("link", name="Webhooks").click()
    expect(page).to_have_title(window("Webhooks", "A flow test"))
    expect(page.get_by_role("status").get_by_text("Webhooks", exact=True)).to_be_attached()


def test_each_step_of_the_guide_names_the_window(browsing: Browsing, site: Site) -> None:
    page = browsing.page(site.hub, f"#/connect/{site.id}/credentials")
    page.get_by_role("link", name="Go on without a change").click()
    expect(page).to_have_title(window("Company", "Set up “A flow test”"))
