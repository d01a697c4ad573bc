"""Pictures in docs/screens that need a company with a past: CRONUS after some days. Only `make screens` runs this."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sandbox.control import Control
from sandbox.dataverse.control import DataverseControl
from sandbox.oneflow.control import OneflowControl
from tests.browser.kit import DESK, PHONE, Browsing, screenshot
from tests.flow.bridge_kit import TOPIC, Span, order
from tests.flow.kit import Caller, Connector, Site, until
from tests.flow.receiving import receiving

pytestmark = [pytest.mark.azurite, pytest.mark.flow]

NAME = "CRONUS"


@pytest.fixture
def cronus(connector: Connector, alice: Caller) -> Site:
    """Return CRONUS after some days: changes, a failure that was mended, one that is not, an edit, and conflicts."""
    site = connector.connect(alice, "cronus", name=NAME)
    site.sync()
    rows = site.rows("vendors")
    for number, city in enumerate(("Lund", "Malmö", "Ystad")):
        change(site, rows[number], city=city)
    change(site, rows[3], displayName="")
    site.sync(mode="delta")
    change(site, rows[3], displayName=rows[3]["displayName"])
    site.sync(mode="delta")
    for row in rows[4:6]:
        site.edit("suppliers", row["id"], {"phone": "+46 46 123 45 67", "pinned": ["phone", "city"]})
        change(site, row, phoneNumber="+46 40 765 43 21", city="Helsingborg")
    change(site, rows[7], displayName="")
    site.sync(mode="delta")
    return site


def change(site: Site, row: dict[str, Any], **values: Any) -> None:
    site.change("vendors", values, id=row["id"])


def bridge(hub: Caller, control: Control) -> Span:
    """Return a bridge with two contracts."""
    made = hub.post(
        "/api/integrations", {**order(control), "name": "Deals to Oneflow", "settings": {"realtime": False}}
    )
    span = Span(hub, made["id"], DataverseControl(control.url), OneflowControl(control), control)
    assert span.map("opportunity", {**TOPIC, "direction": "two_way"}).status == 200
    for deal in span.deals()[:2]:
        span.create("opportunity", deal["opportunityid"])
    return span


def at(browsing: Browsing, site: Site, rest: str = "", *, shows: str, height: int = DESK[1]) -> Page:
    """Open a page of the integration and wait for a text on it."""
    page = browsing.page(site.hub, f"#/integrations/{site.id}{rest}", size=(DESK[0], height))
    expect(page.get_by_role("main").get_by_text(shows).first).to_be_visible()
    return page


def test_the_overview(browsing: Browsing, cronus: Site, connector: Connector) -> None:
    hub = cronus.hub
    bridge(hub, cronus.control)
    connector.connect(hub, name="Fabrikam", connection={"grant": "authorization_code", "companyId": None})
    connector.connect(hub, "contoso", name="Contoso Coffee", schedule="0 */15 * * * *").sync()
    for name, theme, size in (("", "light", DESK), ("-dark", "dark", DESK), ("-phone", "light", PHONE)):
        page = browsing.page(hub, theme=theme, size=size)
        expect(page.get_by_text("71 of 71")).to_be_visible()
        expect(page.get_by_text("of 215")).to_be_visible()
        screenshot(page, f"overview{name}")


def test_an_integration_and_its_settings(browsing: Browsing, cronus: Site) -> None:
    page = at(browsing, cronus, shows="Latest runs")
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    screenshot(page, "integration")
    screenshot(at(browsing, cronus, "/settings", shows="Records a page"), "settings")


def test_what_happened(browsing: Browsing, cronus: Site) -> None:
    screenshot(at(browsing, cronus, "/history", shows="These 4 runs"), "history")
    newest = cronus.get("/runs")[0]["id"]
    page = at(browsing, cronus, f"/history/{newest}", shows="1 record could not be taken over", height=1_500)
    expect(page.get_by_role("heading", name="1 supplier")).to_be_visible()
    screenshot(page, "history-run")
    cronus.patch({"schedule": "0 0 4 * * *", "connection": {"clientSecret": "another-secret-word"}})
    screenshot(at(browsing, cronus, "/history?view=timeline", shows="Configuration changed"), "history-timeline")


def test_a_run_that_waits(browsing: Browsing, connector: Connector, alice: Caller) -> None:
    breaker = {"changes": {"share": 0.05, "count": 3}, "blanks": {"share": 0.2, "count": 1}}
    site = connector.connect(alice, "cronus", name=NAME, settings={"breaker": breaker})
    site.sync()
    for row in site.rows("vendors")[:7]:
        change(site, row, city="Lund")
    held = site.sync(mode="delta")["runId"]
    screenshot(at(browsing, site, f"/history/{held}", shows="The run waits", height=1_150), "history-held")


def test_a_conflict_and_a_mapping(browsing: Browsing, cronus: Site) -> None:
    page = at(browsing, cronus, f"/conflicts/{cronus.get('/conflicts')[0]['id']}", shows="Helsingborg", height=950)
    page.get_by_label("Helsingborg").check()
    page.get_by_label("+46 46 123 45 67").check()
    screenshot(page, "conflict")
    page = at(browsing, cronus, "/config", shows="would change")
    page.get_by_role("button", name="Edit city", exact=True).click()
    page.get_by_role("button", name="Add a step").click()
    page.get_by_role("dialog").get_by_label("Step 2", exact=True).select_option("upper")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("1 change is not saved")).to_be_visible()
    expect(page.get_by_role("table", name="Preview").locator("ins")).to_be_visible()
    screenshot(page, "config")


def test_a_failed_check(browsing: Browsing, connector: Connector, alice: Caller) -> None:
    site = connector.connect(alice, "cronus", name=NAME, connection={"clientSecret": "wrong", "companyId": None})
    page = browsing.page(alice, f"#/connect/{site.id}/test")
    expect(page.get_by_text("not tried")).to_have_count(3)
    screenshot(page, "connect-test")


def test_webhooks(browsing: Browsing, cronus: Site) -> None:
    with receiving() as receiver:
        for events in (["sync.completed", "sync.failed"], ["supplier.updated", "conflict.detected"]):
            cronus.call("POST", "/webhook-endpoints", {"url": receiver.url, "events": events})
        for each in cronus.get("/webhook-endpoints"):
            cronus.call("POST", f"/webhook-endpoints/{each['id']}/test")
        receiver.usual, receiver.words = 503, b"The warehouse is closed."
        cronus.sync(mode="delta")
        until(lambda: any(each["failingSince"] for each in cronus.get("/webhook-endpoints")), bool)
        screenshot(at(browsing, cronus, "/webhooks", shows=receiver.url), "webhooks")
