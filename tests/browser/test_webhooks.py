"""Webhooks in the console: an endpoint is added and tested, hears of a sync, and what failed is sent again."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.kit import Browsing, check_axe, check_reflow, screenshot
from tests.flow.kit import Site, until
from tests.flow.receiving import Receiver, receiving

pytestmark = [pytest.mark.azurite, pytest.mark.flow]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def opened(browsing: Browsing, site: Site, rest: str = "") -> Page:
    return browsing.page(site.hub, f"#/integrations/{site.id}/webhooks{rest}")


def made(site: Site, receiver: Receiver, *events: str) -> str:
    """Make an endpoint and return its path below the integration."""
    body = {"url": receiver.url, "events": events or ["sync.completed"]}
    return f"/webhook-endpoints/{site.call('POST', '/webhook-endpoints', body).data['id']}"


def dialog(page: Page, name: str) -> Locator:
    return page.get_by_role("dialog", name=name)


def added(page: Page, url: str, event: str) -> str:
    """Add an endpoint and return the secret that is shown."""
    page.get_by_role("button", name="Add an endpoint").click()
    form = dialog(page, "Add an endpoint")
    form.get_by_label("Address").fill(url)
    form.get_by_role("checkbox", name=event).check()
    form.get_by_role("button", name="Add", exact=True).click()
    shown = dialog(page, "Signing secret")
    expect(shown).to_contain_text("whsec_")
    return shown.get_by_text("whsec_").first.inner_text()


def test_an_endpoint_is_added_and_its_secret_is_shown_once(browsing: Browsing, site: Site, receiver: Receiver) -> None:
    page = opened(browsing, site)
    secret = added(page, receiver.url, "Sync completed")
    check_axe(page)
    check_reflow(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.evaluate("() => document.querySelector('dialog').close()")
    page.get_by_role("button", name="I have stored it").click()
    expect(page.get_by_role("button", name="Send a test")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Send a test")).to_be_visible()
    assert secret not in page.content() + json.dumps(page.evaluate("() => ({...sessionStorage, ...localStorage})"))


def test_a_test_and_then_a_sync_are_seen_to_arrive(browsing: Browsing, site: Site, receiver: Receiver) -> None:
    page = opened(browsing, site, made(site, receiver).removeprefix("/webhook-endpoints"))
    expect(page.get_by_text("Nothing was sent yet")).to_be_visible()
    page.get_by_role("button", name="Send a test").click()
    expect(dialog(page, "Test")).to_contain_text("The receiver took it.")
    dialog(page, "Test").get_by_role("button", name="Close").last.click()
    site.sync(entities=["suppliers"])
    until(lambda: receiver.events("sync.completed"), bool)
    page.get_by_role("button", name="Refresh").click()
    row = page.get_by_role("table", name="Deliveries").get_by_role("row").filter(has_text="Sync completed")
    expect(row).to_contain_text("Delivered")


def test_a_failing_endpoint_shows_its_attempts_and_is_sent_the_event_again(
    browsing: Browsing, site: Site, receiver: Receiver
) -> None:
    home = made(site, receiver)
    receiver.usual, receiver.words = 503, b"The warehouse is closed."
    site.sync(entities=["suppliers"])
    until(lambda: site.get(home)["failingSince"], bool)
    page = opened(browsing, site)
    expect(page.get_by_role("row").nth(1)).to_contain_text("Failing")
    page.get_by_role("link", name=receiver.url).click()
    page.get_by_role("combobox", name="State").select_option("Waiting")
    page.get_by_role("button", name="Details of Sync completed").click()
    shown = dialog(page, "Sync completed")
    expect(shown.get_by_role("table", name="Attempts")).to_contain_text("The warehouse is closed.")
    expect(shown).to_contain_text("Look into the receiver.")
    check_axe(page)
    check_reflow(page)
    screenshot(page, "webhooks-delivery")
    receiver.usual = 204
    shown.get_by_role("button", name="Send again").click()
    expect(shown).to_contain_text("The receiver took it.")
    assert (len(set(receiver.ids("sync.completed"))), site.get(f"{home}/deliveries")[0]["status"]) == (1, "delivered")


def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(browsing: Browsing, site: Site) -> None:
    page = opened(browsing, site)
    page.get_by_role("button", name="Add an endpoint").click()
    form = dialog(page, "Add an endpoint")
    form.get_by_label("Address").fill("ftp://receiver.example")
    form.get_by_role("button", name="Add", exact=True).click()
    address = form.get_by_label("Address")
    expect(address).to_have_accessible_description(re.compile("An address is written as https://host/path"))
    expect(form.get_by_role("group", name="Events")).to_have_accessible_description(re.compile("at least 1"))
    check_axe(page)
    page.reload()
    page.get_by_role("button", name="Add an endpoint").click()
    expect(address).to_have_value("ftp://receiver.example")


def test_what_somebody_else_changed_is_not_overwritten_unseen(
    browsing: Browsing, site: Site, receiver: Receiver
) -> None:
    home = made(site, receiver)
    page = opened(browsing, site, home.removeprefix("/webhook-endpoints"))
    page.get_by_role("button", name="Edit").click()
    form = dialog(page, "Edit the endpoint")
    form.get_by_role("checkbox", name="Conflict found").check()
    theirs = {"events": ["sync.failed"]}
    assert site.call("PATCH", home, theirs, If_Match=site.call("GET", home).etag).status == 200
    form.get_by_role("button", name="Save").click()
    alert = form.get_by_role("alert")
    expect(alert).to_contain_text("Somebody else changed this meanwhile")
    expect(alert.get_by_role("row")).to_contain_text(["", "Yours: Sync completed, Conflict found"])
    assert site.get(home)["events"] == ["sync.failed"]
    alert.get_by_role("button", name="Save mine all the same").click()
    expect(page.get_by_text("The endpoint was changed.")).to_be_visible()
    assert site.get(home)["events"] == ["sync.completed", "conflict.detected"]


def test_an_endpoint_gets_a_new_secret_is_disabled_and_is_deleted(
    browsing: Browsing, site: Site, receiver: Receiver
) -> None:
    home = made(site, receiver)
    page = opened(browsing, site, home.removeprefix("/webhook-endpoints"))
    page.get_by_role("button", name="New secret").click()
    dialog(page, "Make a new").get_by_role("button", name="New secret").click()
    expect(dialog(page, "Signing secret")).to_contain_text("The former secret signs beside it for 24 hours.")
    page.get_by_role("button", name="I have stored it").click()
    page.get_by_role("button", name="Disable").click()
    dialog(page, "Disable").get_by_role("button", name="Disable").click()
    expect(page.get_by_text("This endpoint is disabled")).to_be_visible()
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_role("button", name="Disable")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    dialog(page, "Delete").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Nobody is told yet")).to_be_visible()
    assert site.get("/webhook-endpoints") == []


def test_endpoints_tell_how_they_stand(browsing: Browsing, synced: Site, receiver: Receiver) -> None:
    made(synced, receiver, "supplier.created", "supplier.updated", "conflict.detected")
    gone = made(synced, receiver, "sync.completed", "sync.failed")
    receiver.planned += [410]
    synced.call("POST", f"{gone}/test")
    page = opened(browsing, synced)
    row = page.get_by_role("row").filter(has_text="Sync failed")
    expect(row).to_contain_text("The endpoint answered 410 Gone.")
    check_axe(page)
    check_reflow(page)
