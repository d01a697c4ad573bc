"""Requests reach the account over libcurl, also when a connection was just closed."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError
from azure.core.rest import HttpRequest, HttpResponse

from sync.storage.transport import CurlTransport

REPLY = b"HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
ABSENT = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok"


@contextmanager
def server(*connections: Sequence[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """Accept connections one after the other; on each, give its answers to as many requests, then close it."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def serve() -> None:
        for answers in connections:
            connection, _ = listener.accept()
            with connection:
                for answer in answers:
                    heard.append(connection.recv(65_536))
                    connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heard
    finally:
        thread.join(5)
        listener.close()


@pytest.fixture
def transport() -> Iterator[CurlTransport]:
    with CurlTransport() as carrier:
        yield carrier


def ask(transport: CurlTransport, url: str, method: str = "GET", body: bytes | None = None) -> HttpResponse:
    return transport.send(HttpRequest(method, url, headers={"X-Own": "yes"}, content=body))


def test_an_answer_has_status_headers_and_body(transport: CurlTransport) -> None:
    with server([REPLY]) as (url, _), ask(transport, url) as answer:
        assert (answer.status_code, answer.reason, answer.headers["x-one"]) == (200, "OK", "1")
        assert (answer.content_type, answer.url, answer.request.method) == ("text/plain", url, "GET")
        assert (answer.read(), answer.content, answer.text()) == (b"ok", b"ok", "ok")


def test_an_answer_is_whole_when_it_is_given(transport: CurlTransport) -> None:
    with server([REPLY]) as (url, _):
        answer = ask(transport, url)
    answer.close()
    assert (answer.is_closed, answer.is_stream_consumed) == (True, True)
    assert (list(answer.iter_raw()), list(answer.iter_bytes())) == ([b"ok"], [b"ok"])


def test_an_answer_is_decoded_as_told(transport: CurlTransport) -> None:
    with server([b'HTTP/1.1 299 Fine\r\nContent-Length: 3\r\n\r\n"\xe9"']) as (url, _):
        answer = ask(transport, url)
    assert (answer.encoding, answer.text("latin-1"), answer.reason) == (None, '"é"', "")
    answer.encoding = "latin-1"
    assert answer.text() == '"é"'


def test_a_document_is_read(transport: CurlTransport) -> None:
    with server([b'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{"a":1}']) as (url, _):
        answer = ask(transport, url)
    assert (answer.json(), answer.body()) == ({"a": 1}, b'{"a":1}')  # type: ignore[attr-defined]  # asked for by name


def test_only_an_error_status_is_raised(transport: CurlTransport) -> None:
    with server([REPLY, ABSENT]) as (url, _):
        ask(transport, url).raise_for_status()
        with pytest.raises(HttpResponseError):
            ask(transport, url).raise_for_status()


def test_an_interim_answer_is_passed_over(transport: CurlTransport) -> None:
    with server([EARLY + REPLY]) as (url, _):
        answer = ask(transport, url)
    assert (answer.status_code, dict(answer.headers).get("Link"), answer.content) == (200, None, b"ok")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("body", [b"x" * 9, b""])
def test_a_body_goes_with_its_length_and_nothing_that_was_not_said(
    transport: CurlTransport, method: str, body: bytes
) -> None:
    with server([REPLY]) as (url, heard):
        ask(transport, url, method, body)
    head, _, sent = heard[0].partition(b"\r\n\r\n")
    assert head.startswith(method.encode() + b" / HTTP/1.1\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert (b"Expect" in head, b"Content-Type" in head, sent) == (False, False, body)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_request_without_a_body_says_no_length(transport: CurlTransport, method: str) -> None:
    with server([REPLY]) as (url, heard):
        ask(transport, url, method)
    assert heard[0].startswith(method.encode() + b" / HTTP/1.1\r\n")
    assert (b"X-Own: yes" in heard[0], b"Content-Length" in heard[0]) == (True, False)


def test_a_head_has_no_body(transport: CurlTransport) -> None:
    with server([REPLY.removesuffix(b"ok")]) as (url, _):
        assert ask(transport, url, "HEAD").content == b""


def test_a_connection_is_used_again(transport: CurlTransport) -> None:
    with server([REPLY, REPLY]) as (url, heard):
        ask(transport, url)
        assert (ask(transport, url).content, len(heard)) == (b"ok", 2)


def test_nothing_of_a_request_stays_for_the_next(transport: CurlTransport) -> None:
    with server([REPLY, REPLY]) as (url, heard):
        ask(transport, url, "PUT", b"body")
        transport.send(HttpRequest("GET", url))
    assert (b"body" in heard[1], b"X-Own" in heard[1], b"Content" in heard[1]) == (False, False, False)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_that_met_a_closed_connection_is_sent_once_more(transport: CurlTransport, method: str) -> None:
    with server([b""], [REPLY]) as (url, heard):
        assert (ask(transport, url, method).content, len(heard)) == (b"ok", 2)


def test_a_connection_that_was_closed_between_two_requests_is_replaced(transport: CurlTransport) -> None:
    with server([REPLY], [REPLY]) as (url, heard):
        ask(transport, url, "POST", b"one")
        assert (ask(transport, url, "POST", b"two").content, len(heard)) == (b"ok", 2)


def test_a_server_that_closes_every_connection_is_an_error(transport: CurlTransport) -> None:
    with server([b""], [b""]) as (url, _), pytest.raises(ServiceResponseError):
        ask(transport, url)


def test_an_answer_that_is_cut_is_an_error(transport: CurlTransport) -> None:
    with server([CUT]) as (url, _), pytest.raises(ServiceResponseError):
        ask(transport, url)


def test_a_server_that_is_not_there_was_asked_nothing(transport: CurlTransport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(ServiceRequestError):
        ask(transport, url)


def test_an_address_of_another_scheme_is_refused(transport: CurlTransport) -> None:
    with pytest.raises(ServiceRequestError):
        ask(transport, "file:///etc/hostname")
