"""An app that is killed, and a session that ends, while somebody types: a clear message, and nothing typed is lost."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from sandbox.control import Control
from scripts.campaign import fallen
from tests.browser.kit import Browsing, check_axe
from tests.flow.kit import Caller

pytestmark = [pytest.mark.azurite, pytest.mark.flow]


def save(page: Page) -> None:
    page.get_by_role("button", name="Save and go on").click()


def test_what_is_typed_while_the_app_is_killed_and_started_again_is_sent_afterwards(
    browsing: Browsing, alice: Caller, control: Control
) -> None:
    page, other, app = browsing.page(alice, "#/connect/business_central"), browsing.page(alice), control.client("hub")
    expect(other.get_by_text("Nothing is connected yet")).to_be_visible()
    page.get_by_label("Name").fill("Typed before the fall")
    page.get_by_label("Tenant ID").fill(app["tenantId"])
    with fallen(browsing.stack):
        page.get_by_label("Client ID").fill(app["clientId"])
        page.get_by_label("Client secret (").fill(app["clientSecret"])
        save(page)
        expect(page.get_by_role("alert").filter(has_text="The hub does not answer").first).to_be_visible()
        check_axe(page)
        expect(page.get_by_label("Name")).to_have_value("Typed before the fall")
        expect(page.get_by_label("Client secret (")).to_have_value(app["clientSecret"])
        expect(other.get_by_role("alert")).to_contain_text("The hub does not answer. Trying again")
    expect(other.get_by_text("The hub answers again.").first).to_be_visible()
    save(page)
    expect(page.get_by_role("radio", name="CRONUS International Ltd.")).to_be_visible()
    assert [each["name"] for each in alice.get("/api/integrations")] == ["Typed before the fall"]


def test_what_was_typed_before_the_session_ended_is_there_after_signing_in_again(
    browsing: Browsing, alice: Caller, control: Control
) -> None:
    signed_in = replace(alice, token=control.user_token("alice"))
    page = browsing.page(signed_in, "#/connect/business_central")
    page.get_by_label("Name").fill("Typed before the end")
    page.evaluate(
        """(accessToken) => {
            const held = JSON.parse(sessionStorage.getItem("hub.session"));
            sessionStorage.setItem("hub.session", JSON.stringify({...held, accessToken}));
            location.reload();
        }""",
        control.user_token("alice", lifetime=-120),
    )
    page.get_by_role("dialog", name="Your session has ended").get_by_role("button", name="Sign in again").click()
    page.get_by_role("button", name="alice@example.com").click()
    expect(page.get_by_text("Signed in as alice@example.com")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Typed before the end")
