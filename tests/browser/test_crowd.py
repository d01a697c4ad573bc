"""Lists with 10,000 runs and 100,000 records: the first page is there at once, and no more is held than shown."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.crowd import crowd
from tests.browser.kit import Browsing
from tests.flow.kit import Site

pytestmark = [pytest.mark.azurite, pytest.mark.flow]

SHOWN = 25
SOON = 300
"""Milliseconds from the API's answer to the first page on the screen."""
_WATCH = """
    const look = new MutationObserver(() => {
        if (document.querySelectorAll("main tbody tr").length === 0) return;
        look.disconnect();
        requestAnimationFrame(() => performance.mark("list-shown"));
    });
    look.observe(document, { childList: true, subtree: true });
"""
_TOOK = """(part) => {
    const [shown] = performance.getEntriesByName("list-shown");
    const answer = performance.getEntriesByType("resource").find((each) => each.name.includes(part));
    return shown && answer ? shown.startTime - answer.responseEnd : null;
}"""


def shown_after(page: Page, part: str) -> float:
    """Load the page again and return the milliseconds from the list's answer to its rows."""
    page.reload()
    expect(page.get_by_role("row")).to_have_count(SHOWN + 1)
    took: float = page.wait_for_function(_TOOK, arg=part).json_value()
    return took


def check(browsing: Browsing, site: Site, address: str, part: str) -> None:
    """Make sure that a list is shown soon, and that this page and the next hold nothing but what they show."""
    page = browsing.page(site.hub, f"#/integrations/{site.id}/{address}")
    page.add_init_script(_WATCH)
    times = [shown_after(page, part) for _ in range(2)]
    assert min(times) < SOON, times
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Page 2", exact=True)).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(SHOWN + 1)
    assert page.locator("tr").count() == SHOWN + 1


def test_the_first_page_of_ten_thousand_runs_and_a_hundred_thousand_suppliers_is_shown_at_once(
    browsing: Browsing, site: Site
) -> None:
    crowd(browsing.stack.storage, site, runs=10_000, suppliers=100_000)
    check(browsing, site, "history", "/runs?limit=25")
    check(browsing, site, "records", "/suppliers?limit=25")
