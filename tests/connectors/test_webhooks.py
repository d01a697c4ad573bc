"""Posting to endpoints: over a real connection, to allowed addresses only."""

import socket
import ssl
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import trustme

from sync.connectors.webhooks import EXCERPT, WebhookSender
from sync.engine.reach import Reach
from sync.ports import Reception
from tests.connectors.kit import DATE
from tests.support.company import VirtualClock

HEADERS = {"webhook-id": "evt_1", "webhook-timestamp": "1", "webhook-signature": "v1,a v1,b"}


@dataclass(slots=True)
class Receiver:
    """A server on this machine; it answers as told and notes what it got."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    silent: bool = False
    authority: str = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    yield from served(None)


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Receiver]:
    """Return a receiver that speaks TLS; its `authority` has signed its certificate."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    for told in served(context):
        told.authority = str(tmp_path / "authority.pem")
        told.url = told.url.replace("http://127.0.0.1", "https://localhost")
        yield told


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of callers that break off: some tests are about them."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def served(context: ssl.SSLContext | None) -> Iterator[Receiver]:
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            if told.silent:
                self.rfile.read(1)
                return
            self.send_response_only(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    told.url = f"http://127.0.0.1:{server.server_port}/hooks?a=b"
    yield told
    server.shutdown()
    server.server_close()


def post(url: str, *, reach: Reach = Reach.LOCAL, timeout: float = 15.0) -> Reception:
    return WebhookSender(VirtualClock(), reach=reach, timeout=timeout).post(url, HEADERS, b'{"type":"x"}')


def test_the_body_arrives_to_the_byte_with_its_headers(receiver: Receiver) -> None:
    post(receiver.url)
    ((path, headers, body),) = receiver.got
    assert (path, body, headers["content-type"]) == ("/hooks?a=b", b'{"type":"x"}', "application/json")
    assert {name: headers[name] for name in HEADERS} == HEADERS


def test_the_answer_is_told(receiver: Receiver) -> None:
    receiver.status, receiver.body = 201, b"well\n\treceived\x00 "
    told = post(receiver.url)
    assert (told.status, told.trouble, told.excerpt, told.retry_after) == (201, None, "well  received", None)
    assert 0 <= told.milliseconds < 15_000


def test_a_long_answer_is_cut(receiver: Receiver) -> None:
    receiver.status, receiver.body = 500, b"x" * 1_000_000
    told = post(receiver.url)
    assert (told.status, told.excerpt) == (500, "x" * EXCERPT)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    receiver.status, receiver.headers = status, {"Location": "/elsewhere"}
    assert (post(receiver.url).status, len(receiver.got)) == (status, 1)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.05),
        ({"Retry-After": "Mon, 26 Oct 2026 12:00:30 GMT", "Date": DATE}, 31.0),
        ({"Retry-After": "soon"}, None),
    ],
)
def test_how_long_to_wait_is_read(receiver: Receiver, headers: dict[str, str], seconds: float | None) -> None:
    receiver.status, receiver.headers = 429, headers
    assert post(receiver.url).retry_after == seconds


def test_an_endpoint_that_says_nothing_is_given_up_in_time(receiver: Receiver) -> None:
    receiver.silent = True
    told = post(receiver.url, timeout=0.2)
    assert (told.status, told.trouble) == (None, "ENDPOINT_TIMEOUT")


def test_a_closed_door_is_told() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert post(f"http://127.0.0.1:{port}/").trouble == "ENDPOINT_UNREACHABLE"


def test_a_receiver_whose_certificate_is_good_is_posted_to(secured: Receiver) -> None:
    sender = WebhookSender(VirtualClock(), reach=Reach.LOCAL, authorities=secured.authority)
    assert (sender.post(secured.url, HEADERS, b"{}").status, len(secured.got)) == (200, 1)


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(secured: Receiver) -> None:
    told = post(secured.url)
    assert (told.status, told.trouble, secured.got) == (None, "ENDPOINT_TLS", [])


def test_a_receiver_without_tls_is_told(receiver: Receiver) -> None:
    assert post(receiver.url.replace("http:", "https:")).trouble == "ENDPOINT_TLS"


def test_a_name_that_leads_nowhere_is_told() -> None:
    assert post("http://nowhere.invalid/").trouble == "ENDPOINT_UNKNOWN"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_in_azure_nothing_goes_to_the_own_machine_however_it_is_named(receiver: Receiver, host: str) -> None:
    url = receiver.url.replace("http:", "https:").replace("127.0.0.1", host)
    told = post(url, reach=Reach.PUBLIC)
    assert (told.status, told.trouble, receiver.got) == (None, "ADDRESS_REFUSED", [])


def test_in_azure_nothing_goes_over_plain_http(receiver: Receiver) -> None:
    assert (post(receiver.url, reach=Reach.PUBLIC).status, receiver.got) == (None, [])


def test_a_name_is_looked_up() -> None:
    sender = WebhookSender(VirtualClock(), reach=Reach.PUBLIC)
    assert "127.0.0.1" in sender.addresses("localhost")


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 64])
def test_a_name_that_leads_nowhere_has_no_addresses(host: str) -> None:
    assert WebhookSender(VirtualClock(), reach=Reach.PUBLIC).addresses(host) == ()
