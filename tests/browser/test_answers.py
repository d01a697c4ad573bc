"""What the console does with answers that are lost, late, or not as expected."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.kit import Browsing
from tests.flow.kit import Site

pytestmark = [pytest.mark.azurite, pytest.mark.flow]


def opened(browsing: Browsing, site: Site, rest: str) -> Page:
    return browsing.page(site.hub, f"#/integrations/{site.id}/{rest}")


def lost(route: Route) -> None:
    """Let the hub do what it is asked, and answer something else."""
    if route.request.method != "POST":
        return route.fallback()
    route.fetch()
    return route.fulfill(status=500, json={"code": "INTERNAL_ERROR", "title": "Lost", "detail": "It is lost."})


def test_what_is_sent_again_after_trouble_is_made_once(browsing: Browsing, site: Site) -> None:
    page = opened(browsing, site, "records")
    page.get_by_role("button", name="New supplier").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Ours")
    page.route("**/suppliers", lost)
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("It is lost.")
    page.unroute("**/suppliers")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", level=2, name="Ours")).to_be_visible()
    assert len(site.records("suppliers", "&q=ours")) == 1
