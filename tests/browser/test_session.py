"""Sessions that end, are renewed, or lose the hub for a while."""

import re

import pytest
from playwright.sync_api import Page, expect

from sandbox.control import Control
from tests.browser.kit import Browsing, check_axe
from tests.flow.kit import Caller

pytestmark = [pytest.mark.azurite, pytest.mark.flow]


def signed_in(browsing: Browsing, user: str = "bob") -> Page:
    """Return a page after a real sign-in."""
    page = browsing.page(None)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=f"{user}@example.com").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    return page


def altered(page: Page, change: str, at: str) -> None:
    """Go on elsewhere with another session: `change` makes it of the one that is `held`."""
    page.evaluate(
        f"""() => {{
            const held = JSON.parse(sessionStorage.getItem("hub.session"));
            sessionStorage.setItem("hub.session", JSON.stringify({change}));
            location.hash = "{at}";
            location.reload();
        }}"""
    )


def refreshes(control: Control) -> int:
    entries = control.journal(part="entra")
    return sum(1 for entry in entries if entry["note"].get("grant_type") == "refresh_token" and entry["status"] == 200)


def test_a_session_that_has_ended_leads_back_to_the_same_place(browsing: Browsing, control: Control) -> None:
    old = Caller(browsing.stack.url, control.user_token("alice", lifetime=-120))
    page = browsing.page(old, "#/nowhere?from=here")
    dialog = page.get_by_role("dialog", name="Your session has ended")
    expect(dialog).to_be_visible()
    check_axe(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Sign in again").click()
    page.get_by_role("button", name="alice@example.com").click()
    expect(page.get_by_text("Signed in as alice@example.com")).to_be_visible()
    assert page.evaluate("location.hash") == "#/nowhere?from=here"


def test_a_session_is_renewed_before_it_ends(browsing: Browsing, control: Control) -> None:
    control.set_switch(platform_token_seconds=60)
    page = signed_in(browsing)
    page.goto(f"{browsing.stack.url}/#/nowhere")
    page.get_by_role("link", name="Go to the overview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    assert refreshes(control) >= 1


def test_without_a_refresh_token_a_session_is_renewed_by_a_short_visit(browsing: Browsing, control: Control) -> None:
    page = signed_in(browsing)
    altered(page, "{...held, refreshToken: '', expiresAt: Date.now() + 200_000}", "#/nowhere")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
    page.wait_for_function("() => JSON.parse(sessionStorage.getItem('hub.session')).refreshToken !== ''")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")


def test_a_session_that_cannot_be_renewed_goes_on_once_the_sign_in_service_answers(browsing: Browsing) -> None:
    page = signed_in(browsing)
    page.route("**/token", lambda route: route.abort())
    altered(page, "{...held, expiresAt: 0}", "#/connect/business_central")
    expect(page.get_by_role("alert")).to_contain_text("Your session cannot be renewed")
    page.get_by_label("Name").fill("Kept")
    page.unroute("**/token")
    expect(page.get_by_text("The sign-in service answers again.")).to_be_visible()
    expect(page.get_by_role("alert").first).to_be_empty()
    expect(page.get_by_label("Name")).to_have_value("Kept")


def test_a_sign_in_that_cannot_begin_says_why_and_is_tried_again(browsing: Browsing) -> None:
    page = browsing.page(None)
    page.route("**/openid-configuration", lambda route: route.abort())
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("The sign-in service does not answer")
    page.unroute("**/openid-configuration")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="alice@example.com")).to_be_visible()


def test_what_one_person_typed_is_not_shown_to_the_next(browsing: Browsing) -> None:
    page = signed_in(browsing)
    page.goto(f"{browsing.stack.url}/#/connect/business_central")
    page.get_by_label("Name").fill("Bob's")
    altered(page, "{...held, accessToken: 'stale'}", "#/connect/business_central")
    page.get_by_role("button", name="Sign in again").click()
    page.get_by_role("button", name="alice@example.com").click()
    expect(page.get_by_text("Signed in as alice@example.com")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("")
    assert "Bob's" not in page.evaluate("JSON.stringify({...sessionStorage})")


def test_who_signs_out_is_out(browsing: Browsing) -> None:
    page = signed_in(browsing)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('hub.session')") is None


def test_a_sign_in_that_fails_says_why(browsing: Browsing) -> None:
    page = browsing.page(None, "#code=made-up&state=made-up")
    expect(page.get_by_role("alert")).to_contain_text("was not begun in this window")
    expect(page).to_have_url(re.compile("#/$"))


def test_a_hub_that_does_not_answer_is_asked_again(browsing: Browsing, alice: Caller) -> None:
    page = browsing.page(alice)
    expect(page.get_by_text("Nothing is connected yet")).to_be_visible()
    page.route("**/api/**", lambda route: route.abort())
    expect(page.get_by_role("alert")).to_contain_text("The hub does not answer")
    page.unroute("**/api/**")
    expect(page.get_by_text("The hub answers again.").first).to_be_visible()


def test_a_theme_is_kept(browsing: Browsing, alice: Caller) -> None:
    page = browsing.page(alice)
    page.get_by_label("Theme").select_option("dark")
    page.reload()
    expect(page.get_by_label("Theme")).to_have_value("dark")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_menu_opens_on_a_phone_and_the_keyboard_skips_it(browsing: Browsing, alice: Caller) -> None:
    page = browsing.page(alice, size=(360, 740))
    menu = page.get_by_role("button", name="Menu")
    expect(menu).to_have_attribute("aria-expanded", "false")
    menu.click()
    expect(page.get_by_role("navigation").get_by_role("link", name="Overview")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Skip to the content").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
