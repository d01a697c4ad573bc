"""What the console is for, told once from end to end in one window."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from sandbox.control import Control
from tests.browser.kit import Browsing, check_axe, check_reflow, screenshot
from tests.flow.bridge_kit import TOPIC, Span, spans
from tests.flow.kit import Caller, Site, until
from tests.flow.receiving import Receiver, receiving

pytestmark = [pytest.mark.azurite, pytest.mark.flow]

COMPANY = "CRONUS International Ltd."
DEAL = "Chairs for Litware"
BUDGET = TOPIC | {"dynamicsField": "budgetamount", "oneflowField": "budgetamount", "direction": "dynamics_to_oneflow"}


@pytest.fixture
def span(control: Control, alice: Caller) -> Iterator[Span]:
    """Return a bridge whose opportunities are mapped; one of them has a name that people would give."""
    for made in spans(alice, control, realtime=False):
        assert made.map("opportunity", {**TOPIC, "direction": "two_way"}, BUDGET).status == 200
        made.dynamics.edit("update", "opportunity", deal_of(made), values={"name": DEAL, "budgetamount": 1200})
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return somebody who hears of what happens here."""
    with receiving() as made:
        yield made


def deal_of(span: Span) -> str:
    return str(min(span.deals(), key=lambda each: str(each["opportunityid"]))["opportunityid"])


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def tab(page: Page, name: str, *, of: str = "CRONUS") -> None:
    page.get_by_role("navigation", name=of).get_by_role("link", name=name).click()


def test_from_the_first_field_to_a_contract_and_a_webhook_in_one_window(
    browsing: Browsing, alice: Caller, span: Span, receiver: Receiver
) -> None:
    page = browsing.page(alice)
    site = connect_and_test(page, alice, span.control)
    plan_and_apply_with_progress(page, site)
    understand_and_retry_a_failed_record(page, site)
    decide_a_conflict(page, site)
    edit_the_mapping_with_a_preview(page, site)
    create_push_and_fetch_a_contract(page, span, receiver)
    see_the_webhook(page, receiver)


def connect_and_test(page: Page, hub: Caller, control: Control) -> Site:
    app = control.client("hub")
    page.get_by_role("link", name="Connect a system").first.click()
    page.get_by_role("link", name="Begin: Business Central").click()
    fields = {"Name": "CRONUS", "Tenant ID": app["tenantId"], "Client ID": app["clientId"]}
    for label, value in {**fields, "Client secret (": app["clientSecret"]}.items():
        page.get_by_label(label).fill(value)
    page.get_by_label("Client secret expires on").fill("2030-01-31")
    check_axe(page)
    check_reflow(page)
    screenshot(page, "connect")
    press(page, "Save and go on")
    page.get_by_role("radio", name=COMPANY).check()
    expect(page.get_by_text("66 vendors, 149 items")).to_be_visible()
    screenshot(page, "connect-company")
    press(page, "Choose and go on")
    expect(page.get_by_text(f"{COMPANY}: 66 vendors and 149 items can be read.")).to_be_visible()
    made = next(each for each in hub.get("/api/integrations") if each["name"] == "CRONUS")
    assert made["connection"]["clientSecretExpiresAt"] == "2030-01-31T00:00:00Z"
    return Site(hub, control, made["id"], made["connection"]["companyId"])


def plan_and_apply_with_progress(page: Page, site: Site) -> None:
    page.get_by_role("link", name="Go on", exact=True).click()
    page.get_by_role("radio", name="Look at a plan first").check()
    press(page, "Make a plan")
    expect(page.get_by_text("This is what the sync would do")).to_be_visible()
    expect(page.get_by_text("The plan can be applied until")).to_contain_text("UTC.")
    expect(page.get_by_role("row", name="Suppliers")).to_contain_text("66")
    check_axe(page)
    check_reflow(page)
    screenshot(page, "connect-plan")
    site.control.set_switch(latency_ms=800)
    press(page, "Apply the plan")
    expect(page.get_by_role("progressbar")).to_be_visible()
    site.control.set_switch(latency_ms=0)
    expect(page.get_by_text("Everything is in step")).to_be_visible()
    page.get_by_role("link", name="Go on", exact=True).click()
    expect(page.get_by_role("heading", name="The next five times")).to_be_visible()
    assert "schedule" not in page.evaluate("Object.keys(sessionStorage).join()")
    check_axe(page)
    screenshot(page, "connect-schedule")
    press(page, "Save and go on")
    expect(page.get_by_role("heading", level=2, name="All set", exact=True)).to_be_visible()
    made = site.get()
    assert (made["schedule"], made["connection"]["companyName"]) == ("0 */15 * * * *", COMPANY)
    site.patch({"schedule": None})


def sync(page: Page) -> None:
    """Start a delta sync from the list of runs and stay on its page."""
    tab(page, "Sync History")
    press(page, "Sync now")
    expect(page.get_by_role("heading", name="Delta sync")).to_be_visible()


def understand_and_retry_a_failed_record(page: Page, site: Site) -> None:
    vendor = site.rows("vendors")[0]
    site.change("vendors", {"displayName": ""}, id=vendor["id"])
    page.get_by_role("navigation", name="Main").get_by_role("link", name="CRONUS").click()
    sync(page)
    expect(page.get_by_text("1 record could not be taken over")).to_be_visible()
    site.change("vendors", {"displayName": vendor["displayName"]}, id=vendor["id"])
    press(page, "Retry failed")
    expect(page.get_by_role("heading", name="Retry sync")).to_be_visible()
    expect(page.get_by_text("Everything is in step")).to_be_visible()


def decide_a_conflict(page: Page, site: Site) -> None:
    vendor = site.rows("vendors")[1]
    site.edit("suppliers", vendor["id"], {"city": "Lund", "pinned": ["city"]})
    site.change("vendors", {"city": "Malmö"}, id=vendor["id"])
    sync(page)
    until(lambda: site.get("/conflicts"), bool)
    tab(page, "Conflicts")
    page.get_by_role("link", name=vendor["displayName"]).first.click()
    page.get_by_label("Malmö").check()
    press(page, "Decide")
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    assert site.record("suppliers", vendor["id"]).data["city"] == "Malmö"


def edit_the_mapping_with_a_preview(page: Page, site: Site) -> None:
    tab(page, "Sync Config")
    expect(page.get_by_text("would change").first).to_be_visible()
    press(page, "Edit city")
    press(page, "Add a step")
    page.get_by_role("dialog").get_by_label("Step 2", exact=True).select_option("upper")
    press(page, "Apply")
    preview = page.get_by_role("table", name="Preview").get_by_role("row").filter(has_text="city").first
    expect(preview.locator("ins")).to_have_text(preview.locator("del").inner_text().upper())
    press(page, "Save as a new version")
    expect(page.get_by_text("Version 2 is used from the next run on.")).to_be_visible()
    assert site.get("/mappings/suppliers")["version"] == 2


def create_push_and_fetch_a_contract(page: Page, span: Span, receiver: Receiver) -> None:
    span.call("POST", "/webhook-endpoints", {"url": receiver.url, "events": ["contract.synced"]})
    page.get_by_role("navigation", name="Main").get_by_role("link", name="A bridge").click()
    tab(page, "Contracts", of="A bridge")
    page.get_by_role("link", name="Create contract").click()
    page.get_by_role("searchbox", name="Record").fill("Litware")
    page.get_by_role("button", name=DEAL).click()
    press(page, "Create contract")
    expect(page.get_by_role("heading", name=DEAL)).to_be_visible()
    (contract,) = span.oneflow.contracts()
    deal = deal_of(span)
    span.dynamics.edit("update", "opportunity", deal, values={"budgetamount": 4321})
    carry(page, "Push")
    assert span.oneflow.contract(contract["id"])["values"]["budgetamount"] == "4321"
    span.oneflow.edit(contract["id"], topic="Chairs and tables")
    press(page, "Refresh")
    expect(page.get_by_text("1 field changed in Oneflow.")).to_be_visible()
    screenshot(page, "contract")
    carry(page, "Fetch")
    expect(page.get_by_role("table", name="What happened")).to_contain_text(f"name: {DEAL} → Chairs and tables")
    check_axe(page)
    check_reflow(page)
    assert span.deal(deal)["name"] == "Chairs and tables"


def carry(page: Page, way: str) -> None:
    """Push or fetch one field through the dialog, and close it."""
    page.get_by_role("button", name=f"{way} updates").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 field would change")
    dialog.get_by_role("button", name=way, exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("1 field was written")
    dialog.get_by_role("button", name="Close").last.click()


def see_the_webhook(page: Page, receiver: Receiver) -> None:
    until(lambda: receiver.events("contract.synced"), bool)
    tab(page, "Webhooks", of="A bridge")
    page.get_by_role("link", name=receiver.url).click()
    delivery = page.get_by_role("table", name="Deliveries").get_by_role("row").filter(has_text="Contract synced").first
    expect(delivery).to_contain_text("Delivered")
