"""The overview, and the first page of an integration."""

import pytest
from playwright.sync_api import expect

from sandbox.control import Control
from tests.browser.kit import Browsing, check_axe, check_reflow, screenshot
from tests.flow.bridge_kit import order
from tests.flow.kit import Caller, Connector, Site

pytestmark = [pytest.mark.azurite, pytest.mark.flow]


@pytest.fixture
def busy(connector: Connector, alice: Caller, control: Control) -> Caller:
    """Return a user with a healthy integration, one that waits for consent, a paused one, and a bridge."""
    well = connector.connect(alice, name="Contoso Coffee", schedule="0 */15 * * * *")
    well.sync()
    well.sync(mode="delta")
    connector.connect(alice, name="Fabrikam", connection={"grant": "authorization_code", "companyId": None})
    connector.connect(alice, "hostile", name="Northwind Traders").sync()
    alice.post("/api/integrations", {**order(control), "name": "Deals to Oneflow"})
    return alice


def test_a_tile_tells_how_an_integration_does(browsing: Browsing, busy: Caller) -> None:
    page = browsing.page(busy)
    tile = page.get_by_role("article").filter(has_text="Northwind Traders")
    expect(tile.get_by_text("Needs a look")).to_be_visible()
    expect(tile.get_by_text("failed records")).to_be_visible()
    expect(page.get_by_role("article").filter(has_text="Contoso Coffee").get_by_text("71 of 71")).to_be_visible()
    check_axe(page)
    check_reflow(page)


def test_nothing_connected_is_told_as_such(browsing: Browsing, alice: Caller) -> None:
    page = browsing.page(alice)
    expect(page.get_by_text("Nothing is connected yet")).to_be_visible()
    check_axe(page)


def test_an_integration_opens_with_its_numbers_and_runs(browsing: Browsing, synced: Site) -> None:
    page = browsing.page(synced.hub)
    page.get_by_role("article").get_by_role("link", name="A flow test").click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_text("64 of 64")).to_be_visible()
    expect(page.get_by_role("row").nth(1)).to_contain_text("Succeeded")
    check_axe(page)
    check_reflow(page)


def test_what_waits_leads_to_exactly_that(browsing: Browsing, synced: Site) -> None:
    for kind in ("vendors", "items"):
        synced.change(kind, {"displayName": ""}, id=synced.rows(kind)[0]["id"])
    synced.sync(mode="delta")
    page = browsing.page(synced.hub)
    page.get_by_role("link", name="2 failed records").click()
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page.get_by_role("cell", name="Supplier", exact=True)).to_be_visible()
    check_axe(page)
    page.get_by_role("link", name="Products").click()
    expect(page.get_by_role("row")).to_have_count(2)


def test_integrations_beyond_the_first_page_are_reached(browsing: Browsing, site: Site) -> None:
    known, first = site.get(), "/api/integrations?limit=200"
    second = {"success": True, "data": [{**known, "id": "int_far", "name": "Far away"}]}
    page = browsing.page(site.hub, "#/nowhere")
    begun = {"success": True, "data": [known], "nextLink": f"https://hub.example{first}&cursor=more"}
    page.route(f"**{first}", lambda route: route.fulfill(json=begun))
    page.route(f"**{first}&cursor=more", lambda route: route.fulfill(json=second))
    page.get_by_role("link", name="Go to the overview").click()
    page.get_by_role("button", name="Show more integrations").click()
    expect(page.get_by_role("heading", name="Far away")).to_be_visible()
    expect(page.get_by_role("button", name="Show more integrations")).to_have_count(0)


def test_a_sync_is_started_and_followed_to_its_end(browsing: Browsing, connector: Connector, alice: Caller) -> None:
    site = connector.connect(alice, "generated", name="Generated Trading", settings={"pageSize": 100})
    site.control.set_switch(latency_ms=2_000)
    page = browsing.page(alice, f"#/integrations/{site.id}")
    page.get_by_role("button", name="Full sync").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text("a second")).to_be_visible()
    screenshot(page, "running")
    site.control.set_switch(latency_ms=0)
    check_axe(page)
    expect(page.get_by_text("250 of 250")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)


def test_an_integration_is_paused_and_resumed(browsing: Browsing, site: Site) -> None:
    page = browsing.page(site.hub, f"#/integrations/{site.id}")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("dialog").get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    assert site.get()["status"] == "paused"
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
