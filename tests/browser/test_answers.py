"""What the console does with answers that are lost, late, or not as expected."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.kit import Browsing, check_axe
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


def test_any_answer_shows_that_the_hub_is_there(browsing: Browsing, site: Site) -> None:
    page = browsing.page(site.hub)
    expect(page.get_by_role("article")).to_be_visible()
    page.route("**/api/**", lambda route: route.abort())
    banner = page.get_by_text("The hub does not answer. Trying again")
    expect(banner).to_be_visible()
    page.unroute("**/api/**")
    trouble = {"code": "INTERNAL_ERROR", "title": "Trouble"}
    page.route("**/api/**", lambda route: route.fulfill(status=500, json=trouble))
    expect(page.get_by_role("alert").filter(has_text="It is asked for again by itself").first).to_be_visible()
    expect(banner).to_have_count(0)


def test_what_is_watched_says_when_it_is_watched_no_longer(browsing: Browsing, site: Site) -> None:
    page = browsing.page(site.hub)
    expect(page.get_by_role("article")).to_be_visible()
    refused = {"code": "FORBIDDEN", "title": "Not allowed"}
    page.route("**/api/integrations?*", lambda route: route.fulfill(status=403, json=refused))
    expect(page.get_by_role("alert").filter(has_text="not brought up to date any more")).to_be_visible()
    expect(page.get_by_role("article")).to_be_visible()


def test_a_busy_hub_says_how_long_to_wait(browsing: Browsing, site: Site) -> None:
    page = opened(browsing, site, "conflicts")
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    busy = {"code": "RATE_LIMITED", "title": "Too many requests", "detail": "Wait a little."}
    page.route("**/conflicts?**", lambda route: route.fulfill(status=429, headers={"Retry-After": "3"}, json=busy))
    page.get_by_label("Status").select_option("resolved")
    again = page.get_by_role("button", name="Try again")
    expect(page.get_by_role("timer")).to_contain_text("The hub takes it again in")
    expect(again).to_have_attribute("aria-disabled", "true")
    check_axe(page)
    page.unroute("**/conflicts?**")
    expect(page.get_by_role("timer")).to_have_text("You can try again now.")
    again.click()
    expect(page.get_by_role("alert")).to_have_count(1)


def test_a_page_that_stopped_working_is_tried_again_or_left(browsing: Browsing, site: Site) -> None:
    page = opened(browsing, site, "conflicts")
    crashed = page.get_by_text("This page stopped working")
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    page.route("**/conflicts?**", lambda route: route.fulfill(json={"success": True, "data": [None]}))
    page.get_by_label("Status").select_option("resolved")
    expect(crashed).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(crashed).to_be_visible()
    page.unroute("**/conflicts?**")
    page.evaluate(f"location.hash = '#/integrations/{site.id}/conflicts/cfl_unknown'")
    expect(page.get_by_text("This conflict is over")).to_be_visible()
    browsing.complaints.clear()
