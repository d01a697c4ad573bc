"""Carries the SDK's requests over libcurl, which spends a fifth of the CPU that requests does.

A full sync is thousands of small requests to one account, sent by several threads. libcurl sends and
receives without the interpreter's lock, and keeps one connection open for each request under way.
"""

import json
from collections import deque
from collections.abc import Iterator, MutableMapping
from http import HTTPStatus
from io import BytesIO
from types import TracebackType
from typing import Any, Self

import certifi
import pycurl
from azure.core.exceptions import (
    HttpResponseError,
    ServiceRequestError,
    ServiceRequestTimeoutError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest, HttpResponse
from azure.core.utils import case_insensitive_dict

CONNECT_TIMEOUT = 5
READ_TIMEOUT = 60
"""Seconds that a connection, and then a whole answer, may take."""
_BUFFER = 256 * 1024
_CUT = frozenset({pycurl.E_GOT_NOTHING, pycurl.E_RECV_ERROR, pycurl.E_SEND_ERROR})
_BODILESS = frozenset({"GET", "HEAD", "DELETE"})
_ALWAYS = (
    (pycurl.HEADER, 1),  # the headers come before the body, in one stream
    (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
    (pycurl.NOPROXY, "*"),
    (pycurl.CAINFO, certifi.where()),
    (pycurl.NOSIGNAL, 1),
    (pycurl.BUFFERSIZE, _BUFFER),
    (pycurl.CONNECTTIMEOUT, CONNECT_TIMEOUT),
    (pycurl.TIMEOUT, READ_TIMEOUT),
)
"""What every request is sent with."""
_FAILURES: dict[tuple[bool, bool], type[ServiceRequestError | ServiceResponseError]] = {
    (False, False): ServiceRequestError,
    (False, True): ServiceResponseError,
    (True, False): ServiceRequestTimeoutError,
    (True, True): ServiceResponseTimeoutError,
}
"""What to raise, by whether time ran out and whether anything had left."""


class CurlTransport(HttpTransport[HttpRequest, HttpResponse]):
    """Sends requests of any number of threads, each over a connection of its own while it lasts.

    A request that met a connection which the server had just closed is sent once more, whatever its
    method: everything that the hub stores may happen twice.
    """

    def __init__(self) -> None:
        self._idle: deque[Any] = deque()

    def open(self) -> None:
        """Do nothing: connections open with the first request."""

    def close(self) -> None:
        """Close all idle connections."""
        while self._idle:
            self._idle.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self.close()

    def send(self, request: HttpRequest, **_: Any) -> HttpResponse:
        """Return the whole answer, whatever its status.

        Raises:
            ServiceRequestError: The request did not leave.
            ServiceResponseError: No whole answer came.
        """
        try:
            curl = self._idle.pop()
        except IndexError:
            curl = _new_handle()
        try:
            return _perform(curl, request)
        finally:
            self._idle.append(curl)


class CurlResponse(HttpResponse):
    """An answer that has been read to its end."""

    def __init__(self, request: HttpRequest, status: int, head: bytes, body: bytes) -> None:
        self._request = request
        self._status = status
        self._head = head
        self._headers: MutableMapping[str, str] | None = None
        self._body = body
        self._encoding: str | None = None

    @property
    def request(self) -> HttpRequest:
        """What was asked."""
        return self._request

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self._status

    @property
    def headers(self) -> MutableMapping[str, str]:
        """The headers, names in any case; read when someone asks, which few do."""
        if self._headers is None:
            self._headers = case_insensitive_dict(_headers(self._head))
        return self._headers

    @property
    def reason(self) -> str:
        """The status in words."""
        return HTTPStatus(self._status).phrase if self._status in HTTPStatus else ""

    @property
    def content_type(self) -> str | None:
        """The media type of the body."""
        return self.headers.get("Content-Type")

    @property
    def is_closed(self) -> bool:
        """True: nothing is left on the connection."""
        return True

    @property
    def is_stream_consumed(self) -> bool:
        """True: the body is here."""
        return True

    @property
    def encoding(self) -> str | None:
        """How the body's text is encoded; None stands for UTF-8."""
        return self._encoding

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        self._encoding = value

    @property
    def url(self) -> str:
        """The address that was asked."""
        return self._request.url

    @property
    def content(self) -> bytes:
        """The body."""
        return self._body

    def text(self, encoding: str | None = None) -> str:
        """Return the body as text."""
        return self._body.decode(encoding or self._encoding or "utf-8-sig", errors="replace")

    def body(self) -> bytes:
        """Return the body, as older policies ask for it."""
        return self._body

    def json(self) -> Any:
        """Return the body's document.

        Raises:
            ValueError: It is no JSON.
        """
        return json.loads(self._body)

    def raise_for_status(self) -> None:
        """Do nothing unless the status says error.

        Raises:
            HttpResponseError: It does.
        """
        if self._status >= HTTPStatus.BAD_REQUEST:
            raise HttpResponseError(response=self)

    def read(self) -> bytes:
        """Return the body."""
        return self._body

    def iter_raw(self, **_: Any) -> Iterator[bytes]:
        """Return the body in one piece."""
        yield self._body

    def iter_bytes(self, **_: Any) -> Iterator[bytes]:
        """Return the body in one piece."""
        yield self._body

    def close(self) -> None:
        """Do nothing: the connection is free already."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def _new_handle() -> Any:
    curl = pycurl.Curl()
    for option, value in _ALWAYS:
        curl.setopt(option, value)
    return curl


def _perform(curl: Any, request: HttpRequest) -> HttpResponse:
    for option, value in _options(request):
        curl.setopt(option, value)
    try:
        answer = _answer(curl)
    except pycurl.error as error:
        if error.args[0] not in _CUT:
            raise _failure(curl, error) from error
        curl.setopt(pycurl.FRESH_CONNECT, 1)
        try:
            answer = _answer(curl)
        except pycurl.error as again:
            raise _failure(curl, again) from again
        finally:
            curl.setopt(pycurl.FRESH_CONNECT, 0)
    split = curl.getinfo(pycurl.HEADER_SIZE)
    return CurlResponse(request, curl.getinfo(pycurl.RESPONSE_CODE), answer[:split], answer[split:])


def _answer(curl: Any) -> bytes:
    answer = BytesIO()
    curl.setopt(pycurl.WRITEDATA, answer)
    curl.perform()
    return answer.getvalue()


def _options(request: HttpRequest) -> Iterator[tuple[int, Any]]:
    """Return all options that an earlier request of the same handle may have left otherwise."""
    method, body = request.method, request.content
    # Left alone, libcurl waits for permission to send a large body; and it takes an empty list for none at all.
    headers = ["Expect:", *[f"{name}: {value}" for name, value in request.headers.items()]]
    yield pycurl.URL, request.url
    yield pycurl.NOBODY, method == "HEAD"
    if body is not None or method not in _BODILESS:
        yield pycurl.POSTFIELDS, body or b""
        headers += [] if "Content-Type" in request.headers else ["Content-Type:"]  # libcurl would name one of its own
    elif method != "HEAD":
        yield pycurl.HTTPGET, 1
    yield pycurl.CUSTOMREQUEST, method
    yield pycurl.HTTPHEADER, headers


def _headers(head: bytes) -> dict[str, str]:
    """Return the headers of the last of the answers in these bytes: an interim one may come first."""
    last = head.rstrip(b"\r\n").rpartition(b"\r\n\r\n")[2]
    pairs = (line.partition(":") for line in last.decode("latin-1").split("\r\n")[1:])
    return {name.strip(): value.strip() for name, _, value in pairs}


def _failure(curl: Any, error: pycurl.error) -> ServiceRequestError | ServiceResponseError:
    late, sent = error.args[0] == pycurl.E_OPERATION_TIMEDOUT, curl.getinfo(pycurl.REQUEST_SIZE) > 0
    return _FAILURES[late, sent](f"libcurl: {error}", error=error)
