"""OData v4 as Business Central speaks it: addresses, filters, pages."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from sync.connectors.faults import decoded
from sync.model.errors import RefusedError, RetryLaterError
from sync.ports import PageQuery, SourcePage

LARGEST_PAGE = 20_000

_PORTS = {"https": 443, "http": 80}
_DOTS = frozenset({"", ".", ".."})


def segment(text: str) -> str:
    """Return a text as one segment of a path.

    Raises:
        RefusedError: It would change the path instead.
    """
    if text in _DOTS:
        raise RefusedError(f"“{text}” cannot be part of an address")
    return quote(text, safe="")


def literal(text: str) -> str:
    """Return a text as a string literal of a filter."""
    return "'" + text.replace("'", "''") + "'"


def instant(moment: datetime) -> str:
    """Return a time as a literal of a filter: UTC, milliseconds, never later than the time itself."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def conditions(query: PageQuery) -> str:
    """Return the filter of a query, or an empty text when it asks for everything."""
    bounds = [
        query.low is not None and f"number ge {literal(query.low)}",
        query.high is not None and f"number lt {literal(query.high)}",
        query.since and query.modified_field and f"{query.modified_field} ge {instant(query.since)}",
    ]
    wanted = [bound for bound in bounds if bound]
    if query.filter and wanted:
        return " and ".join([f"({query.filter})", *wanted])
    return query.filter or " and ".join(wanted)


def with_options(url: str, options: dict[str, str]) -> str:
    """Return an address with those query options that have a value."""
    text = "&".join(f"${name}={quote(value, safe=',')}" for name, value in options.items() if value)
    return f"{url}?{text}" if text else url


def options_of(query: PageQuery) -> dict[str, str]:
    """Return the query options that shape each record: columns and expansions."""
    return {"select": ",".join(query.select), "expand": ",".join(query.expand)}


def page_preference(query: PageQuery) -> dict[str, str]:
    """Return the header that asks for pages of the query's size; it has to go with every page."""
    return {"Prefer": f"odata.maxpagesize={min(max(query.page_size, 1), LARGEST_PAGE)}"}


def own(url: str, base: str) -> str:
    """Return the address of a next page, exactly as it came, if it belongs to the base's origin.

    Raises:
        RefusedError: It leads elsewhere; the token must not follow (FOREIGN_NEXT_LINK).
    """
    if not url.isprintable() or "\\" in url or _origin(url) != _origin(base):
        message = "The source's next page is at another address than the source; the token is not sent there"
        raise RefusedError(message, code="FOREIGN_NEXT_LINK")
    return url


def read_page(body: bytes, *, url: str, base: str) -> SourcePage:
    """Return the records of a page and the address of the next one.

    Raises:
        RetryLaterError: The body is cut or no JSON.
        RefusedError: It is no page (SOURCE_UNREADABLE), or the next page is foreign or this one again (CURSOR_LOOP).
    """
    page = _document(body)
    records = page.get("value")
    if not isinstance(records, list) or not {dict}.issuperset(map(type, records)):
        raise _unreadable("a list of records")
    following = page.get("@odata.nextLink")
    if following is None:
        return SourcePage(records, None)
    if not isinstance(following, str):
        raise _unreadable("the address of the next page")
    if own(following, base) == url:
        raise RefusedError("The source's next page is the same page again", code="CURSOR_LOOP")
    return SourcePage(records, following)


def read_record(body: bytes) -> dict[str, Any]:
    """Return a single record.

    Raises:
        RetryLaterError: The body is cut or no JSON.
        RefusedError: It is no record (SOURCE_UNREADABLE).
    """
    return _document(body)


def read_count(body: bytes) -> int:
    """Return the number that `$count` answers as text.

    Raises:
        RetryLaterError: It is no number.
    """
    text = body.decode("utf-8-sig", errors="replace").strip()
    if text.isascii() and text.isdigit():
        return int(text)
    raise _cut()


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = decoded(body)
    except ValueError as error:
        raise _cut() from error
    if not isinstance(document, dict):
        raise _unreadable("an object")
    return document


def _origin(url: str) -> tuple[str, str | None, int | None, bool]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme), "@" in parts.netloc
    except ValueError:
        return "", url, None, False


def _cut() -> RetryLaterError:
    return RetryLaterError("The source's reply is cut or no JSON", delay=0, code="SOURCE_UNAVAILABLE")


def _unreadable(expected: str) -> RefusedError:
    return RefusedError(f"The source's reply does not have {expected} where it belongs", code="SOURCE_UNREADABLE")
