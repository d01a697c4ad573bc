"""The console's frame: sign-in, menu, and what it promises about security, size and speed."""

import pytest
from playwright.sync_api import expect

from tests.browser.kit import Browsing, check_axe, check_reflow
from tests.flow.kit import Caller

pytestmark = [pytest.mark.azurite, pytest.mark.flow]


def test_a_user_signs_in_at_the_authority_and_comes_back(browsing: Browsing) -> None:
    page = browsing.page(None)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="bob@example.com").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    expect(page.get_by_text("Signed in as bob@example.com")).to_be_visible()
    assert page.evaluate("location.hash") == "#/"


def test_the_first_page_is_fit_for_everybody(browsing: Browsing) -> None:
    page = browsing.page(None)
    expect(page.get_by_role("heading", level=1)).to_have_text("Dynamics Sync Hub")
    check_axe(page)
    check_reflow(page)


def test_an_unknown_address_says_so(browsing: Browsing, alice: Caller) -> None:
    page = browsing.page(alice, "#/nowhere/at/all")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")


def test_the_policy_lets_nothing_in(browsing: Browsing) -> None:
    page = browsing.page(None)
    headers = page.request.get(browsing.stack.url).headers
    policy = headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy
    assert "'unsafe-eval'" not in policy
    assert f"connect-src 'self' {browsing.stack.sandbox.url};" in policy


def test_the_first_view_is_small(browsing: Browsing, alice: Caller) -> None:
    page, responses = browsing.loaded(alice)
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    assert sum(each.request.sizes()["responseBodySize"] for each in responses) < 150_000


def test_the_document_names_every_module_of_the_first_view(browsing: Browsing, alice: Caller) -> None:
    page, responses = browsing.loaded(alice)
    expect(page.get_by_text("Nothing is connected yet")).to_be_visible()
    named = page.evaluate("() => [...document.querySelectorAll('script, link')].map((each) => each.src || each.href)")
    loaded = {each.url for each in responses if each.url.endswith(".js")}
    assert (loaded - set(named), len(loaded) > 30) == (set(), True)


def test_a_console_that_is_not_set_up_says_which_settings_are_missing(browsing: Browsing) -> None:
    page = browsing.page(None)
    missing = {"authority": "", "clientId": "", "scope": "", "missing": ["HUB_CONSOLE_CLIENT_ID"]}
    page.route("**/config.json", lambda route: route.fulfill(json={"data": missing}))
    page.reload()
    expect(page.get_by_text("HUB_CONSOLE_CLIENT_ID")).to_be_visible()
    check_axe(page)


def test_a_console_that_finds_no_hub_waits_for_it(browsing: Browsing) -> None:
    page = browsing.page(None)
    page.route("**/config.json", lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("The hub does not answer")
    page.unroute("**/config.json")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
