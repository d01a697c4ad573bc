"""The components that pages are made of, without a page."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.kit import Browsing, check_axe, check_reflow

pytestmark = [pytest.mark.azurite, pytest.mark.flow]

GALLERY = (Path(__file__).parent / "gallery.js").read_text(encoding="utf-8")


def gallery(browsing: Browsing) -> Page:
    """Return a page that shows every component."""
    return filled(browsing.page(None))


def filled(page: Page) -> Page:
    """Show every component on a page of the console."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    script = page.locator("script[type=module]").get_attribute("src") or ""
    page.evaluate(f"({GALLERY[GALLERY.index('async') :].rstrip().rstrip(';')})({script.removesuffix('main.js')!r})")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gallery")
    return page


def test_every_component_is_fit_for_everybody(browsing: Browsing) -> None:
    page = gallery(browsing)
    check_axe(page)
    check_reflow(page)


def test_a_dialog_keeps_the_focus_and_gives_it_back(browsing: Browsing) -> None:
    page = gallery(browsing)
    page.get_by_role("button", name="Ask").click()
    dialog = page.get_by_role("dialog", name="Delete it?")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    check_axe(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Ask")).to_be_focused()


def test_the_first_wrong_field_gets_the_focus_and_says_what_is_wrong(browsing: Browsing) -> None:
    field = gallery(browsing).get_by_role("textbox", name="Name")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("As people know it. This member is needed.")


def test_a_message_with_a_field_is_told_there_alone(browsing: Browsing) -> None:
    form = gallery(browsing).get_by_role("textbox", name="Name").locator("xpath=ancestor::form")
    expect(form.get_by_text("This member is needed.")).to_have_count(1)


def test_what_is_typed_survives_a_reload(browsing: Browsing) -> None:
    page = gallery(browsing)
    page.get_by_role("textbox", name="Name").fill("CRONUS")
    page.reload()
    filled(page)
    expect(page.get_by_role("textbox", name="Name")).to_have_value("CRONUS")
    expect(page.get_by_text("Your earlier input was kept.")).to_be_visible()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("")
    expect(page.get_by_text("Your earlier input was kept.")).to_have_count(0)
