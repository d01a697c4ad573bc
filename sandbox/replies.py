"""Replies of the simulated systems, before they become HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from html import escape
from uuid import UUID

import orjson

from sandbox.clock import http_date
from sandbox.refusals import RefusedError

JSON = "application/json; odata.metadata=minimal; odata.streaming=true"
PLAIN_JSON = "application/json; charset=utf-8"
XML = "application/xml"
HTML = "text/html; charset=utf-8"


class Delivery(StrEnum):
    """How a reply reaches the caller."""

    WHOLE = "whole"
    CUT = "cut"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, body, headers; a cut one breaks off after `cut_at` bytes; `not_before` is what Retry-After announces."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0
    delivery: Delivery = Delivery.WHOLE
    cut_at: int = 0
    not_before: float = 0.0

    def with_headers(self, headers: Mapping[str, str]) -> "Reply":
        """Return the reply with more headers."""
        return replace(self, headers={**self.headers, **headers})


@dataclass(frozen=True, slots=True)
class Told:
    """A Retry-After as header value and the instant it means."""

    value: str
    instant: float


def retry_after(form: str, seconds: float, now: float) -> Told | None:
    """Return Retry-After in one form: absent, seconds or date."""
    whole = -int(-seconds // 1)
    if form == "seconds":
        return Told(str(whole), now + whole)
    if form == "date":
        instant = float(-int(-(now + whole) // 1))
        return Told(http_date(instant), instant)
    return None


def told(reply: Reply, wait: Told | None) -> Reply:
    """Return the reply with a Retry-After, when there is one."""
    if wait is None:
        return reply
    return replace(reply, headers={**reply.headers, "Retry-After": wait.value}, not_before=wait.instant)


def json_reply(value: object, status: int = 200, content_type: str = PLAIN_JSON) -> Reply:
    """Return any JSON."""
    return Reply(status, orjson.dumps(value), content_type)


def refusal(error: RefusedError, number: int, accept: str) -> Reply:
    """Return an error body; gateway errors are XML for a caller who does not ask for JSON."""
    if error.code == "NoEnvironment" and "json" not in accept:
        return Reply(error.status, error_body("xml", error.code, error.message), XML)
    message = f"{error.message}  CorrelationId:  {correlation(number)}." if error.correlated else error.message
    content = JSON if error.correlated else PLAIN_JSON
    return Reply(error.status, error_body("json", error.code, message), content)


def correlation(number: int) -> str:
    """Return the correlation id of a request."""
    return str(UUID(int=(number * 0x9E3779B97F4A7C15F39CC0605CEDC834 + 1) % (1 << 128), version=4))


def error_body(kind: str, code: str, message: str) -> bytes:
    """Return an error as json, xml, html or empty."""
    if kind == "json":
        return orjson.dumps({"error": {"code": code, "message": message}})
    if kind == "xml":
        text = f"<code>{escape(code)}</code><message>{escape(message)}</message>"
        return f'<error xmlns="http://docs.oasis-open.org/odata/ns/metadata">{text}</error>'.encode()
    if kind == "html":
        return f"<!DOCTYPE html><html><body><h1>{escape(code)}</h1><p>{escape(message)}</p></body></html>".encode()
    return b""


BODY_TYPES = {"json": PLAIN_JSON, "xml": XML, "html": HTML, "empty": ""}
