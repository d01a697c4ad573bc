"""HTTP as the connectors see it."""

import traceback
from datetime import timedelta

import pytest
import requests
import urllib3

from sync.connectors.http import Web
from sync.model.errors import RefusedError, RetryLaterError
from tests.connectors.kit import BASE, Canned, Net

TIMED_OUT = urllib3.exceptions.ReadTimeoutError(urllib3.HTTPConnectionPool("host"), "/", "Read timed out.")


def web_on(*script: Canned) -> tuple[Web, Net]:
    net = Net(*script)
    return Web(lambda: "request-7", adapter=net), net


def sent_headers() -> dict[str, str]:
    web, net = web_on(Canned())
    web.get(f"{BASE}/x", {"Authorization": "Bearer t"})
    return dict(net.sent[0].headers)


def test_every_request_carries_the_headers_that_business_central_wants() -> None:
    assert sent_headers() == {
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "Accept-Language": "en-US",
        "User-Agent": "dynamics-sync-hub/0.1",
        "client-request-id": "request-7",
        "Authorization": "Bearer t",
    }


def test_an_address_is_sent_exactly_as_it_came() -> None:
    url = f"{BASE}/Company('KRAL%20AG')/v?$select=id%2cname&aid=FIN&x=%7e/../y"
    web, net = web_on(Canned())
    web.get(url, {})
    assert net.urls == [url]


def test_a_redirect_is_an_answer_and_never_followed() -> None:
    web, net = web_on(Canned(302, b"", {"Location": "https://elsewhere.example/"}))
    assert (web.get(f"{BASE}/x", {}).status, len(net.sent)) == (302, 1)


def test_cookies_are_not_kept() -> None:
    web, net = web_on(Canned(200, b"", {"Set-Cookie": "affinity=1"}), Canned())
    web.get(f"{BASE}/x", {})
    web.get(f"{BASE}/y", {})
    assert "Cookie" not in net.sent[1].headers


def test_proxies_and_credentials_of_the_machine_are_ignored() -> None:
    assert not web_on()[0]._session.trust_env


def test_a_form_is_posted() -> None:
    web, net = web_on(Canned())
    web.post_form(f"{BASE}/token", {"a": "b c"}, {})
    assert (net.sent[0].method, net.sent[0].body) == ("POST", "a=b+c")


def test_an_answer_says_how_long_it_took_to_begin() -> None:
    web, _ = web_on(Canned())
    assert 0 <= web.get(f"{BASE}/x", {}).elapsed < timedelta(minutes=1).total_seconds()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (requests.exceptions.ReadTimeout("slow"), "SOURCE_TIMEOUT"),
        (requests.exceptions.ConnectionError(TIMED_OUT), "SOURCE_TIMEOUT"),
        (requests.exceptions.ConnectTimeout("slow"), "SOURCE_UNAVAILABLE"),
        (requests.exceptions.ConnectionError(), "SOURCE_UNAVAILABLE"),
        (requests.exceptions.ChunkedEncodingError("cut"), "SOURCE_UNAVAILABLE"),
        (requests.exceptions.ContentDecodingError("no gzip"), "SOURCE_UNAVAILABLE"),
        (requests.exceptions.SSLError("certificate"), "SOURCE_UNAVAILABLE"),
        (urllib3.exceptions.ProtocolError("reset"), "SOURCE_UNAVAILABLE"),
    ],
)
def test_a_reply_that_does_not_arrive_may_arrive_later(error: Exception, code: str) -> None:
    web, _ = web_on(Canned(error=error))
    with pytest.raises(RetryLaterError) as caught:
        web.get(f"{BASE}/x", {})
    assert caught.value.code == code


def test_a_body_shorter_than_announced_did_not_arrive() -> None:
    web, _ = web_on(Canned(200, b'{"value":', {"Content-Length": "500"}))
    with pytest.raises(RetryLaterError):
        web.get(f"{BASE}/x", {})


def test_a_body_that_is_no_gzip_did_not_arrive() -> None:
    web, _ = web_on(Canned(200, b"plain", {"Content-Encoding": "gzip"}))
    with pytest.raises(RetryLaterError):
        web.get(f"{BASE}/x", {})


@pytest.mark.parametrize("url", ["ftp://host/x", "no-address", "https://", "http://[::1"])
def test_an_unusable_address_is_refused(url: str) -> None:
    with pytest.raises(RefusedError):
        web_on()[0].get(url, {})


def test_a_token_that_makes_a_header_invalid_is_not_quoted_anywhere() -> None:
    with pytest.raises(RefusedError) as caught:
        web_on()[0].get(f"{BASE}/x", {"Authorization": "Bearer planted\ntoken"})
    shown = "".join(traceback.format_exception_only(caught.value)) + repr(caught.value.__cause__)
    assert "planted" not in shown


def test_a_closed_web_closes_its_connections() -> None:
    web, net = web_on()
    closed: list[bool] = []
    net.close = lambda: closed.append(True)  # type: ignore[method-assign]  # a fake that notes the call
    web.close()
    assert closed
