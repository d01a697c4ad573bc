"""What browser tests speak with: a page of the console that complains about everything it should not do."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Frame,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from scripts.setup import CHROMIUMS
from scripts.stack import ROOT, Stack
from tests.flow.kit import Caller

SCREENS = ROOT / "docs" / "screens"
DESK, PHONE = (1280, 800), (360, 740)
_STICKS_OUT = """() => [...document.querySelectorAll("body *:not(nav *)")]
    .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth)
    .slice(0, 8).map((each) => each.outerHTML.slice(0, 200))"""
SETTLING = 5_000
"""Milliseconds in which a window that was made narrow finds its new form."""
PATIENCE = 40_000
"""Milliseconds for which an expectation waits."""

_AXE = (Path(__file__).parent / "vendor" / "axe.js").read_text(encoding="utf-8")
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_VIOLATIONS = """async (values) => {
    const found = await axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] });
    return found.violations;
}"""
_ALLOWED = ("Failed to load resource:",)
"""The browser's own words for an answer of 400 and above: a test may want one."""
_SHOW_TOASTS = """(visibility) => document.querySelectorAll(".toasts").forEach((each) => {
    each.style.visibility = visibility;
})"""
_SWITCHES = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--force-prefers-reduced-motion",
    "--no-proxy-server",
)


def chromium_path() -> str:
    """Return where Debian's Chromium is."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    assert found, f"chromium is missing: apt-get install {CHROMIUMS[0]}"
    return found


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Run a browser with a profile of its own until the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(_SWITCHES))
        yield browser
        browser.close()


@dataclass
class Browsing:
    """The console in a browser, for one test; `end` fails it for errors, violations and requests to strangers."""

    browser: Browser
    stack: Stack
    complaints: list[str] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)
    """Origins that a test lets the page go to, besides the app's own and the authority's."""
    _contexts: list[BrowserContext] = field(default_factory=list)

    def page(
        self, caller: Caller | None, at: str = "#/", *, theme: str = "light", size: tuple[int, int] = DESK
    ) -> Page:
        """Open the console, signed in as this caller (None: nobody), and return its page."""
        page = self._opened(caller, theme, size)
        page.goto(f"{self.stack.url}/{at}")
        return page

    def loaded(self, caller: Caller | None) -> tuple[Page, list[Response]]:
        """Open the console and return its page, with every answer that it gets."""
        page, responses = self._opened(caller, "light", DESK), list[Response]()

        def note(response: Response) -> None:
            responses.append(response)

        page.on("response", note)
        page.goto(f"{self.stack.url}/#/")
        return page, responses

    def end(self) -> None:
        """Close everything; AssertionError when a page did what it should not."""
        for context in self._contexts:
            context.close()
        assert not self.complaints, "\n".join(self.complaints)

    def _opened(self, caller: Caller | None, theme: str, size: tuple[int, int]) -> Page:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
        )
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        self._contexts.append(context)
        if caller is not None:
            context.add_init_script(_planted(caller.token))
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", self._watch)
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_ALLOWED):
            self.complaints.append(f"console: {message.text}")

    def _watch(self, request: Request) -> None:
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme != "data" and origin not in {self.stack.url, self.stack.sandbox.url, *self.foreign}:
            self.complaints.append(f"foreign request: {request.url}")


def check_axe(page: Page | Frame) -> None:
    """Make sure that axe finds nothing wrong with the page in light and in dark, as it stands now."""
    page.evaluate(_AXE)
    for theme in ("light", "dark"):
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme }", theme)
        found = page.evaluate(_VIOLATIONS, _TAGS)
        told = [
            f"{theme}: {each['id']}: {node['html'][:160]} {node['failureSummary']}"
            for each in found
            for node in each["nodes"]
        ]
        assert not told, "\n".join(told)
    page.evaluate("() => { delete document.documentElement.dataset.theme }")


def check_reflow(page: Page) -> None:
    """Make sure that nothing sticks out at the side of a narrow window."""
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    settled = "(width) => innerWidth === width && document.documentElement.scrollWidth <= width"
    with suppress(PlaywrightTimeoutError):
        page.wait_for_function(settled, arg=PHONE[0], timeout=SETTLING)
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{wide} px stick out: {page.evaluate(_STICKS_OUT)}"
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})


def screenshot(page: Page, name: str) -> None:
    """Write docs/screens/NAME.png, but only when SCREENS is set (`make screens`)."""
    if os.environ.get("SCREENS"):
        SCREENS.mkdir(exist_ok=True)
        page.evaluate(_SHOW_TOASTS, "hidden")  # what was told a moment ago would hide what the picture shows
        page.screenshot(path=SCREENS / f"{name}.png", animations="disabled", caret="hide")
        page.evaluate(_SHOW_TOASTS, "")


def _planted(token: str) -> str:
    """Return the script that leaves a session where the sign-in would."""
    claims = jwt.decode(token, options={"verify_signature": False})
    session: dict[str, Any] = {
        "accessToken": token,
        "refreshToken": "",
        "expiresAt": int((time.time() + 3_000) * 1000),
        "user": {"name": "Alice", "email": "alice@example.com", "id": f"{claims['tid']}:{claims['oid']}"},
    }
    planted = json.dumps(json.dumps(session))
    return f"sessionStorage.getItem('hub.session') ?? sessionStorage.setItem('hub.session', {planted})"
