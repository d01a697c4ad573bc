"""Posts webhooks: to allowed addresses only, once, without following anything, and within fifteen seconds."""

import socket
from collections.abc import Callable, Mapping
from http import HTTPStatus
from io import BytesIO
from typing import Any, Protocol

import certifi
import pycurl

from sync.engine.reach import Reach, is_allowed
from sync.engine.retry import parse_retry_after
from sync.ports import Clock, Reception

TIMEOUT = 15.0
"""Seconds that a whole exchange may take (Standard Webhooks 1.0.0: 15 to 30)."""
EXCERPT = 500
"""Characters of an answer's body that are kept."""

_CONNECTING = 5_000
_MOST_READ = 4_096
_MILLISECONDS = 1_000
_USER_AGENT = "dynamics-sync-hub-webhooks/0.1"
_TROUBLES: dict[int | str, str] = {
    pycurl.E_OPERATION_TIMEDOUT: "ENDPOINT_TIMEOUT",
    pycurl.E_COULDNT_RESOLVE_HOST: "ENDPOINT_UNKNOWN",
    pycurl.E_SSL_CONNECT_ERROR: "ENDPOINT_TLS",
    pycurl.E_PEER_FAILED_VERIFICATION: "ENDPOINT_TLS",
}
_UNREACHABLE = "ENDPOINT_UNREACHABLE"


class Dial(Protocol):
    """An address as libcurl found it, before it connects."""

    family: int
    socktype: int
    protocol: int
    addr: tuple[Any, ...] | str | bytes


class WebhookSender:
    """Posts to endpoints (see sync.ports.Sender).

    Every address is checked at the moment in which libcurl is about to connect to it, so that a name which leads
    elsewhere by then is found out, too.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        reach: Reach,
        timeout: float = TIMEOUT,
        authorities: str | None = None,
        resolve: Callable[..., list[Any]] = socket.getaddrinfo,
    ) -> None:
        self._clock = clock
        self._reach = reach
        self._timeout = timeout
        self._authorities = authorities or certifi.where()
        self._resolve = resolve

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reception:
        """Post once; whatever happens is in the answer."""
        exchange = _Exchange(self._reach)
        curl = pycurl.Curl()
        try:
            for option, value in self._options(url, headers, body):
                curl.setopt(option, value)
            exchange.bind(curl)
            trouble = exchange.perform(curl)
            status = curl.getinfo(pycurl.RESPONSE_CODE)
            spent = round(curl.getinfo(pycurl.TOTAL_TIME) * _MILLISECONDS)
        finally:
            curl.close()
        return self._told(exchange, status, spent, trouble)

    def addresses(self, host: str) -> tuple[str, ...]:
        """Return the addresses that a name leads to now, none when it leads nowhere."""
        try:
            found = self._resolve(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return ()
        return tuple(dict.fromkeys(str(each[4][0]) for each in found))

    def _options(self, url: str, headers: Mapping[str, str], body: bytes) -> list[tuple[int, Any]]:
        named = {"Content-Type": "application/json", "User-Agent": _USER_AGENT, "Expect": "", **headers}
        return [
            (pycurl.URL, url),
            (pycurl.POST, 1),
            (pycurl.POSTFIELDS, body),
            (pycurl.HTTPHEADER, [f"{name}: {value}" if value else f"{name}:" for name, value in named.items()]),
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTPS | (pycurl.PROTO_HTTP if self._reach is Reach.LOCAL else 0)),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
            (pycurl.NOPROXY, "*"),
            (pycurl.CAINFO, self._authorities),
            (pycurl.NOSIGNAL, 1),
            (pycurl.CONNECTTIMEOUT_MS, min(_CONNECTING, round(self._timeout * _MILLISECONDS))),
            (pycurl.TIMEOUT_MS, round(self._timeout * _MILLISECONDS)),
        ]

    def _told(self, exchange: "_Exchange", status: int, spent: int, trouble: str | None) -> Reception:
        if status < HTTPStatus.OK:
            return Reception(None, spent, trouble or _UNREACHABLE)
        headers = exchange.headers()
        wish = parse_retry_after(headers.get("retry-after"), date=headers.get("date"), now=self._clock.now())
        return Reception(status, spent, None, exchange.excerpt(), wish)


class _Exchange:
    """One request under way: where it may go, and what came back."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._refused = False
        self._doubled: list[socket.socket] = []
        """Sockets of which pycurl has made copies for itself."""
        self._head = BytesIO()
        self._body = bytearray()

    def bind(self, curl: Any) -> None:
        """Let the request ask here where it may go, and leave here what it gets."""
        curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open)
        curl.setopt(pycurl.HEADERFUNCTION, self._head.write)
        curl.setopt(pycurl.WRITEFUNCTION, self._read)

    def perform(self, curl: Any) -> str | None:
        """Carry the request out; return why it did not end well, None when it did."""
        try:
            curl.perform()
        except pycurl.error as error:
            return "ADDRESS_REFUSED" if self._refused else _TROUBLES.get(error.args[0], _UNREACHABLE)
        finally:
            for each in self._doubled:
                each.close()
        return None

    def headers(self) -> dict[str, str]:
        """Return the headers of the last answer, names in lower case: an interim one may come first."""
        last = self._head.getvalue().rstrip(b"\r\n").rpartition(b"\r\n\r\n")[2]
        pairs = (line.partition(":") for line in last.decode("latin-1").split("\r\n")[1:])
        return {name.strip().lower(): value.strip() for name, _, value in pairs}

    def excerpt(self) -> str:
        """Return the beginning of the body as text on one line."""
        text = self._body.decode("utf-8", errors="replace")
        return "".join(each if each.isprintable() else " " for each in text)[:EXCERPT].strip()

    def _open(self, _purpose: int, dial: Dial) -> Any:
        if isinstance(dial.addr, tuple) and is_allowed(str(dial.addr[0]), self._reach):
            self._doubled.append(socket.socket(dial.family, dial.socktype, dial.protocol))
            return self._doubled[-1]
        self._refused = True
        return pycurl.SOCKET_BAD

    def _read(self, part: bytes) -> int | None:
        """Take what is worth keeping, and end the exchange when there is more: the status is known by then."""
        room = _MOST_READ - len(self._body)
        self._body += part[:room]
        return None if len(part) <= room else 0
