"""Connecting a system in the console, from the first field to the first sync, and what may go wrong on the way."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sandbox.control import Control
from tests.browser.kit import Browsing, check_axe, check_reflow
from tests.flow import bridge_kit
from tests.flow.kit import Caller, Connector, Site

pytestmark = [pytest.mark.azurite, pytest.mark.flow]

DELEGATED = {"grant": "authorization_code", "companyId": None}


def fill(page: Page, values: dict[str, str]) -> None:
    """Fill in fields by their labels."""
    for label, value in values.items():
        page.get_by_label(label).fill(value)


def app_of(control: Control, name: str = "hub") -> dict[str, str]:
    """Return the fields of an app registration."""
    app = control.client(name)
    return {"Tenant ID": app["tenantId"], "Client ID": app["clientId"], "Client secret (": app["clientSecret"]}


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def step(page: Page, name: str) -> None:
    """Wait for a step of the guide."""
    expect(page.get_by_role("heading", level=2, name=name, exact=True)).to_be_visible()


def works(page: Page) -> None:
    """Wait for a test that passes."""
    expect(page.get_by_role("main").get_by_text("The connection works")).to_be_visible()


def test_every_wrong_field_tells_what_is_wrong_and_what_was_typed_survives_a_reload(
    browsing: Browsing, alice: Caller
) -> None:
    page = browsing.page(alice, "#/connect/business_central")
    fill(page, {"Name": "Kept", "Tenant ID": "nonsense", "Client ID": "also", "Client secret (": "hush-hush"})
    press(page, "Save and go on")
    expect(page.get_by_label("Tenant ID")).to_be_focused()
    expect(page.get_by_text("The tenant's GUID or domain is needed.").last).to_be_visible()
    expect(page.get_by_label("Client ID")).to_have_attribute("aria-invalid", "true")
    assert "hush-hush" not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    page.reload()
    expect(page.get_by_label("Name")).to_have_value("Kept")
    expect(page.get_by_label("Client secret (")).to_have_value("")


def test_a_declined_sign_in_leads_back_and_an_accepted_one_to_the_next_step(
    browsing: Browsing, connector: Connector, alice: Caller
) -> None:
    waiting = connector.connect(alice, connection=DELEGATED)
    page = browsing.page(alice, "#/connect")
    page.get_by_role("link", name="Go on with A flow test").click()
    press(page, "Authorise with Microsoft")
    page.get_by_role("button", name="Decline").click()
    page.get_by_role("link", name="Go back to the console and try again").click()
    expect(page.get_by_text("What the app asks for was not accepted at Microsoft.")).to_be_visible()
    check_axe(page)
    press(page, "Authorise with Microsoft")
    page.get_by_role("button", name="Accept").click()
    step(page, "Company")
    assert waiting.get()["status"] == "active"


def test_a_failed_check_leads_to_its_field_and_the_test_passes_once_it_is_mended(
    browsing: Browsing, connector: Connector, alice: Caller
) -> None:
    site = connector.connect(alice, connection={"clientSecret": "wrong", "companyId": None})
    page = browsing.page(alice, f"#/connect/{site.id}/test")
    failed = page.get_by_role("listitem").filter(has_text="Credentials").filter(has_text="failed")
    expect(failed).to_contain_text("What to do")
    expect(page.get_by_text("not tried")).to_have_count(3)
    check_axe(page)
    check_reflow(page)
    page.get_by_role("link", name="Change: Client secret").click()
    expect(page.get_by_label("Client secret", exact=True)).to_be_focused()
    page.get_by_label("Client secret", exact=True).fill(site.control.client("hub")["clientSecret"])
    press(page, "Save and go on")
    works(page)


def test_dynamics_and_oneflow_are_connected(browsing: Browsing, alice: Caller, control: Control) -> None:
    ends: dict[str, Any] = bridge_kit.order(control)["connection"]
    page = browsing.page(alice, "#/connect/oneflow")
    fill(page, {"Name": "Deals", "Organization address": ends["dynamics"]["orgUrl"], **app_of(control)})
    fill(page, {"API token": ends["oneflow"]["apiToken"], "User's e-mail address": ends["oneflow"]["userEmail"]})
    check_reflow(page)
    press(page, "Save and go on")
    works(page)
    check_axe(page)
    page.get_by_role("link", name="Go on", exact=True).click()
    expect(page.get_by_role("link", name="Set up tables and fields")).to_have_attribute("href", re.compile("/oneflow$"))


def settings(browsing: Browsing, site: Site) -> Page:
    """Open the settings, and wait until nothing is loading that would move what is below it."""
    page = browsing.page(site.hub, f"#/integrations/{site.id}/settings")
    expect(page.get_by_role("heading", name="Delete")).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
    return page


def test_settings_are_changed_each_by_itself(browsing: Browsing, site: Site) -> None:
    page = settings(browsing, site)
    name = page.get_by_role("form", name="Name")
    name.get_by_label("Name").fill("Contoso")
    name.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Contoso")
    behaviour = page.get_by_role("form", name="Behaviour")
    behaviour.get_by_label("Records a page").fill("7")
    behaviour.get_by_role("button", name="Save").click()
    expect(behaviour.get_by_label("Records a page")).to_have_attribute("aria-invalid", "true")
    behaviour.get_by_label("Records a page").fill("500")
    behaviour.get_by_label("Largest loss in percent").fill("12.5")
    behaviour.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.").last).to_be_visible()
    check_axe(page)
    check_reflow(page)
    assert site.get()["settings"] == {"pageSize": 500, "largestLoss": 0.125}


def test_somebody_elses_change_is_shown_and_what_was_typed_is_kept(browsing: Browsing, site: Site) -> None:
    page = settings(browsing, site)
    name = page.get_by_role("form", name="Name")
    name.get_by_label("Name").fill("Mine")
    site.patch({"name": "Theirs"})
    name.get_by_role("button", name="Save").click()
    expect(name.get_by_text("Somebody else changed this meanwhile").first).to_be_visible()
    expect(name.get_by_role("row")).to_contain_text(["", "Theirs"])
    expect(name.get_by_label("Name")).to_have_value("Mine")
    check_axe(page)
    name.get_by_role("button", name="Save mine all the same").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mine")


def test_a_failed_check_gets_the_focus_and_then_its_field(
    browsing: Browsing, connector: Connector, alice: Caller
) -> None:
    page = settings(browsing, connector.connect(alice, connection={"clientSecret": "wrong", "companyId": None}))
    press(page, "Test connection")
    expect(page.get_by_role("listitem").filter(has_text="Credentials").filter(has_text="failed")).to_be_focused()
    check_axe(page)
    page.get_by_role("link", name="Change: Client secret").press("Enter")
    expect(page.get_by_label("Client secret", exact=True)).to_be_focused()


def test_a_pause_is_tried_again_on_what_somebody_else_made_of_it(browsing: Browsing, site: Site) -> None:
    page = browsing.page(site.hub, f"#/integrations/{site.id}")
    press(page, "Pause")
    dialog = page.get_by_role("dialog")
    site.patch({"name": "Theirs"})
    dialog.get_by_role("button", name="Pause").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The integration was changed meanwhile")
    expect(page.get_by_role("heading", level=1)).to_have_text("Theirs")
    dialog.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()


def test_an_integration_is_deleted_only_when_its_name_is_typed(browsing: Browsing, synced: Site) -> None:
    page = settings(browsing, synced)
    press(page, "Delete integration …")
    press(page, "Delete for good")
    expect(page.get_by_text("This is not the name.")).to_be_visible()
    page.get_by_label("Delete its suppliers and products, too").check()
    page.get_by_label("Type “A flow test” to confirm").fill("A flow test")
    check_axe(page)
    press(page, "Delete for good")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    assert synced.call("GET", "").status == 404
