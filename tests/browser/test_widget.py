"""The widget in a page of another origin: it gets its token from the page around, if that page is allowed."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Frame, Page, expect

from sandbox.control import Control
from scripts.stack import ROOT, Stack
from tests.browser.kit import Browsing, check_axe, screenshot
from tests.flow.bridge_kit import TOPIC, Span, spans
from tests.flow.kit import Caller
from tests.support.stacks import DOOR, FORM

pytestmark = [pytest.mark.azurite, pytest.mark.flow]

STRANGER = FORM.replace("127.0.0.1", "localhost")
"""The same server under a name that the setting does not have."""
NAME = "Chairs for Litware"
_STYLE = "<style>body { margin: 16px; font-family: sans-serif }</style>"
_HOST = (ROOT / "console" / "widget" / "host.js").read_text(encoding="utf-8")


@dataclass(slots=True)
class Form:
    """A page of Dynamics as far as the widget can tell."""

    pages: dict[str, str] = field(default_factory=dict)

    def show(self, page: Page, path: str, script: str, origin: str = FORM) -> None:
        """Serve a page with the host script and another one, and open it."""
        body = f"<h1>Opportunity</h1><div id=widget></div><script>{_HOST}</script><script>{script}</script>"
        self.pages[path] = f"<!DOCTYPE html><html lang=en><title>Form</title>{_STYLE}<body>{body}</body></html>"
        page.goto(f"{origin}{path}")


@pytest.fixture
def form() -> Iterator[Form]:
    """Return a tiny server whose origin may frame the widget."""
    made = Form()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = made.pages.get(urlsplit(self.path).path, "").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = DOOR.dup()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def span(control: Control, alice: Caller) -> Iterator[Span]:
    """Return a new bridge whose opportunities are mapped."""
    for made in spans(alice, control, realtime=False):
        assert made.map("opportunity", TOPIC | {"direction": "two_way"}).status == 200
        yield made


@pytest.fixture
def deal(span: Span) -> str:
    """Return the id of a deal with a name that people would give."""
    found = str(min(span.deals(), key=lambda each: str(each["opportunityid"]))["opportunityid"])
    span.dynamics.edit("update", "opportunity", found, values={"name": NAME})
    return found


def mounting(span: Span, deal: str, token: str) -> str:
    """Return the script of a form that shows the widget; `token` is a JavaScript function."""
    record = f"integration: '{span.id}', entity: 'opportunity', id: '{{{deal.upper()}}}'"
    count = "() => { window.changes = (window.changes ?? 0) + 1; }"
    place = f"element: document.getElementById('widget'), hub: '{span.hub.url}', changed: {count}"
    return f"HubWidget.mount({{{place}, {record}, token: {token}}})"


def blank(browsing: Browsing) -> Page:
    """Return a page that may go to the form."""
    browsing.foreign |= {FORM, STRANGER}
    return browsing.page(None, size=(560, 600))


def told(page: Page, changes: int) -> None:
    """Wait until the form was told so often that something changed."""
    page.wait_for_function(f"() => (window.changes ?? 0) === {changes}")


def frame_of(page: Page) -> Frame:
    expect(page.locator("iframe").first).to_be_attached()
    return page.frames[1]


def click(frame: Frame, *names: str) -> None:
    """Click buttons one after the other."""
    for name in names:
        frame.get_by_role("button", name=name).click()


def test_a_contract_is_created_pushed_and_fetched_inside_a_form(
    browsing: Browsing, form: Form, span: Span, deal: str
) -> None:
    page = blank(browsing)
    form.show(page, "/form", mounting(span, deal, f"() => '{span.hub.token}'"))
    frame = frame_of(page)
    click(frame, "Create contract", "Create contract")
    expect(frame.get_by_role("heading", name=NAME)).to_be_visible()
    (contract,) = span.oneflow.contracts()
    span.dynamics.edit("update", "opportunity", deal, values={"name": "Chairs and tables"})
    frame.get_by_role("button", name="Push updates to Oneflow").click()
    frame.get_by_role("button", name="Push", exact=True).click()
    expect(frame.get_by_role("alert")).to_contain_text("1 field was written to Oneflow")
    frame.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    assert span.oneflow.contract(contract["id"])["values"]["topic"] == "Chairs and tables"
    span.oneflow.edit(contract["id"], topic="Chairs, tables, lamps")
    click(frame, "More for", "Refresh")
    expect(frame.get_by_text("1 field changed in Oneflow.")).to_be_visible()
    check_axe(frame)
    screenshot(page, "widget")
    click(frame, "More for", "Fetch updates from Oneflow")
    frame.get_by_role("button", name="Fetch", exact=True).click()
    expect(frame.get_by_role("alert")).to_contain_text("1 field was written to Dynamics")
    assert span.deal(deal)["name"] == "Chairs, tables, lamps"
    told(page, 3)


def test_a_decision_is_told_to_the_form(browsing: Browsing, form: Form, span: Span, deal: str) -> None:
    contract = str(span.create("opportunity", deal).data["contractId"])
    span.dynamics.edit("update", "opportunity", deal, values={"name": "Ours"})
    span.oneflow.edit(contract, topic="Theirs")
    span.call("POST", f"/oneflow/contracts/{contract}/push")
    page = blank(browsing)
    form.show(page, "/form", mounting(span, deal, f"() => '{span.hub.token}'"))
    frame_of(page).get_by_role("button", name="Use Oneflow").click()
    told(page, 1)


def test_every_contract_of_a_record_is_shown_a_page_at_a_time(
    browsing: Browsing, form: Form, span: Span, deal: str
) -> None:
    for number in range(11):
        span.create("opportunity", deal, name=f"Number {number}", another=True)
    page = blank(browsing)
    form.show(page, "/form", mounting(span, deal, f"() => '{span.hub.token}'"))
    frame = frame_of(page)
    expect(frame.get_by_role("heading", name="Number")).to_have_count(10)
    frame.get_by_role("button", name="Next").click()
    expect(frame.get_by_role("heading", name="Number")).to_have_count(1)


def test_the_widget_says_what_keeps_it_from_working_and_tries_again(
    browsing: Browsing, form: Form, span: Span, deal: str
) -> None:
    page = blank(browsing)
    page.route("**/console/config.json", lambda route: route.abort())
    closed = "Promise.reject(new Error('closed'))"
    form.show(page, "/form", mounting(span, deal, f"() => window.good ?? {closed}"))
    frame = frame_of(page)
    expect(frame.get_by_role("alert")).to_contain_text("The hub does not answer")
    page.unroute("**/console/config.json")
    frame.get_by_role("button", name="Try again").click()
    expect(frame.get_by_role("alert")).to_contain_text("could not sign you in")
    page.evaluate("window.good = 'stale'")
    frame.get_by_role("button", name="Try again").click()
    expect(frame.get_by_role("alert")).to_contain_text("The hub does not take the sign-in")
    check_axe(frame)
    page.evaluate(f"window.good = '{span.hub.token}'")
    frame.get_by_role("button", name="Try again").click()
    expect(frame.get_by_text("No contract yet")).to_be_visible()
    expect(frame.get_by_role("alert")).to_have_count(0)
    browsing.complaints[:] = [each for each in browsing.complaints if "Error: closed" not in each]


def test_a_token_that_is_refused_is_asked_for_again(browsing: Browsing, form: Form, span: Span, deal: str) -> None:
    page = blank(browsing)
    form.show(page, "/form", mounting(span, deal, f"(refused) => refused ? '{span.hub.token}' : 'stale'"))
    expect(frame_of(page).get_by_text("No contract yet")).to_be_visible()


def test_a_token_of_another_page_is_not_taken(browsing: Browsing, form: Form, span: Span, deal: str) -> None:
    page = blank(browsing)
    form.pages["/stranger"] = f"""<!DOCTYPE html><title>Stranger</title><script>
        const message = {{type: "hub.token", token: "{span.hub.token}"}};
        setInterval(() => parent.frames[0].postMessage(message, "*"), 50);
        setTimeout(() => parent.postMessage("stranger spoke", "*"), 1500);
    </script>"""
    listen = f"""addEventListener("message", ({{data}}) => data === "stranger spoke" && (document.title = data));
        const other = document.createElement("iframe");
        other.src = "{STRANGER}/stranger";
        document.body.append(other);"""
    form.show(page, "/form", mounting(span, deal, "() => ''") + ";" + listen)
    expect(page).to_have_title("stranger spoke")
    expect(frame_of(page).get_by_text("Waiting for the page around this widget")).to_be_visible()


def test_a_page_that_the_setting_does_not_name_cannot_frame_the_widget(
    browsing: Browsing, form: Form, span: Span, deal: str
) -> None:
    page = blank(browsing)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    form.show(page, "/form", mounting(span, deal, f"() => '{span.hub.token}'"), STRANGER)
    page.wait_for_function("() => performance.getEntriesByType('resource').length > 0")
    assert [told for told in browsing.complaints if "frame-ancestors" in told]
    assert not [path for path in asked if path.startswith("/api/")]
    browsing.complaints.clear()


def test_the_widget_does_nothing_by_itself(browsing: Browsing, stack: Stack) -> None:
    page = browsing.page(None)
    page.goto(f"{stack.url}/widget?integration=int_1&entity=opportunity&id=1")
    expect(page.get_by_role("alert")).to_contain_text("This widget belongs in a form of Dynamics")
