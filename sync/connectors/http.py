"""HTTP to fixed remote systems: one thin wrapper over a requests session."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter

from sync.model.errors import RefusedError, RemoteError, RetryLaterError

READ_TIMEOUTS = (10.0, 540.0)
"""Seconds to connect and to read: a little more than the 8 minutes that Business Central gives one operation."""

_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "Accept-Language": "en-US",
    "User-Agent": "dynamics-sync-hub/0.1",
}
_POOL = 16
_PIECE = 256 * 1024
"""Bytes of a body that are taken at a time: in the ten thousand that requests takes, a page costs thrice as much."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole reply: header names in any case, the body as sent, and the seconds until it began."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    elapsed: float = 0.0


class Web:
    """Sends requests: never follows a redirect, keeps no cookie, heeds no proxy or credential of the machine."""

    def __init__(
        self,
        request_id: Callable[[], str],
        *,
        timeouts: tuple[float, float] = READ_TIMEOUTS,
        adapter: BaseAdapter | None = None,
    ) -> None:
        self._request_id = request_id
        self._timeouts = timeouts
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers = requests.structures.CaseInsensitiveDict(_HEADERS)
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        carrier = adapter or HTTPAdapter(pool_connections=_POOL, pool_maxsize=_POOL)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, carrier)

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Return the reply to a GET of exactly this URL, whatever its status.

        Raises:
            RetryLaterError: There was no whole reply (SOURCE_TIMEOUT, SOURCE_UNAVAILABLE); the caller sets the delay.
            RefusedError: The request cannot be sent as it is.
        """
        return self._send(requests.Request("GET", url, headers=headers))

    def post_form(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """Return the reply to a posted form, whatever its status.

        Raises:
            RetryLaterError: There was no whole reply; the caller sets the delay.
            RefusedError: The request cannot be sent as it is.
        """
        return self._send(requests.Request("POST", url, data=form, headers=headers))

    def send(self, method: str, url: str, headers: Mapping[str, str], body: Any) -> Answer:
        """Return the reply to any request, whatever its status; bytes are sent as they are, other bodies as JSON.

        Raises:
            RetryLaterError: There was no whole reply; it may have been carried out all the same.
            RefusedError: The request cannot be sent as it is.
        """
        if isinstance(body, bytes):
            return self._send(requests.Request(method, url, data=body, headers=headers))
        return self._send(requests.Request(method, url, json=body, headers=headers))

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def _send(self, request: requests.Request) -> Answer:
        request.headers = {"client-request-id": self._request_id(), **request.headers}
        try:
            prepared = self._session.prepare_request(request)
            prepared.url = request.url  # requests encodes anew; a nextLink is followed as it came
            reply = self._session.send(prepared, timeout=self._timeouts, allow_redirects=False, stream=True)
            with reply:
                body = b"".join(reply.iter_content(_PIECE))
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            raise _translated(error) from _presentable(error)
        return Answer(reply.status_code, reply.headers, body, reply.elapsed.total_seconds())


def _translated(error: Exception) -> RemoteError:
    if _is_timeout(error):
        message = "The remote system did not answer in time"
        return RetryLaterError(message, delay=0, code="SOURCE_TIMEOUT")
    if isinstance(error, ValueError):
        return RefusedError("The request cannot be sent: its address or a header is not acceptable")
    if isinstance(error, requests.exceptions.SSLError):
        return RetryLaterError("The remote system's certificate was not accepted", delay=0, code="SOURCE_UNAVAILABLE")
    return RetryLaterError("The connection to the remote system failed", delay=0, code="SOURCE_UNAVAILABLE")


def _is_timeout(error: Exception) -> bool:
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return False  # nothing was asked yet: as good as no connection
    inner = error.args[0] if error.args else None  # requests hides a time-out within the body in a ConnectionError
    return isinstance(error, requests.exceptions.ReadTimeout) or isinstance(inner, urllib3.exceptions.ReadTimeoutError)


def _presentable(error: Exception) -> Exception | None:
    """Return the cause for the traceback, unless its text quotes a header and with it a token."""
    return None if isinstance(error, requests.exceptions.InvalidHeader) else error
