"""Lists: filters, order and pages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote_plus

from sandbox.oneflow.refusals import Problems, bad_request

type Key = Callable[[Any], str | int | None]

_MOST = 100
_FARTHEST = 19_900
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the query of a list asks for."""

    limit: int
    offset: int
    sort: tuple[str, ...]
    filters: Mapping[str, str]
    plain: Mapping[str, str]


def read_query(query: str) -> Wanted:
    """Read limit, offset, sort, filters and other parameters.

    Raises:
        OneflowError: 400: a limit is passed, or a filter is there twice.
    """
    problems = Problems()
    pairs = parse_qsl(query, keep_blank_values=True)
    names = [name for name, _ in pairs]
    for name in {name for name in names if names.count(name) > 1}:
        problems.add(name, "The parameter may be given once.")
    given = dict(pairs)
    limit = _whole(given.get("limit", str(_MOST)), "limit", range(1, _MOST + 1), problems)
    offset = _whole(given.get("offset", "0"), "offset", range(_FARTHEST + 1), problems)
    problems.check()
    filters = {name[7:-1]: value for name, value in given.items() if name.startswith("filter[") and name.endswith("]")}
    plain = {name: value for name, value in given.items() if not name.startswith("filter[")}
    sort = tuple(part for part in given.get("sort", "").split(",") if part)
    return Wanted(limit, offset, sort, filters, plain)


def ordered[T](rows: Iterable[T], sort: Sequence[str], keys: Mapping[str, Key], own: Key) -> list[T]:
    """Return the rows in the order asked for; without one in an order that means nothing.

    Raises:
        OneflowError: 400: the rows cannot be sorted by this.
    """
    found = sorted(rows, key=lambda row: sha256(str(own(row)).encode()).digest())
    for part in reversed(sort):
        name = part.removeprefix("-")
        if name not in keys:
            raise bad_request("sort", f"Cannot sort by {name}.")
        key = keys[name]
        known = [row for row in found if key(row) is not None]
        rest = [row for row in found if key(row) is None]
        found = sorted(known, key=lambda row, key=key: key(row), reverse=part.startswith("-")) + rest  # type: ignore[misc]  # a lambda's default
    return found


def page(rows: Sequence[Any], wanted: Wanted, address: str, query: str) -> dict[str, Any]:
    """Return one page in its envelope; the links lead to the pages beside it."""
    others = [(name, value) for name, value in parse_qsl(query) if name not in {"limit", "offset"}]

    def link(offset: int) -> dict[str, str]:
        pairs = [("offset", str(offset)), ("limit", str(wanted.limit)), *others]
        return {"href": f"{address}?" + "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)}

    end = wanted.offset + wanted.limit
    nothing = {"href": None}
    return {
        "_links": {
            "next": link(end) if end < len(rows) else nothing,
            "previous": link(max(0, wanted.offset - wanted.limit)) if wanted.offset else nothing,
            "self": link(wanted.offset),
        },
        "count": len(rows),
        "data": list(rows[wanted.offset : end]),
    }


def listed(text: str) -> list[str]:
    """Return the values of a filter that takes several."""
    return [part.strip() for part in text.split(",")]


def within(text: str, name: str) -> Callable[[int | None], bool]:
    """Return the test of a range: `from|to`, `from|` or `|to`, in dates or times.

    Raises:
        OneflowError: 400: it is no range.
    """
    first, bar, last = text.partition("|")
    try:
        start = _instant(first, timedelta(0)) if first else None
        end = _instant(last, _DAY) if last else None
    except ValueError as error:
        raise bad_request(f"filter[{name}]", "A date or time was expected.") from error
    if not bar:
        raise bad_request(f"filter[{name}]", "A range was expected.")

    def test(value: int | None) -> bool:
        return value is not None and (start is None or value >= start) and (end is None or value <= end)

    return test


def _instant(text: str, whole_day: timedelta) -> float:
    moment = datetime.fromisoformat(text)
    if "T" not in text:
        moment += whole_day
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _whole(text: str, name: str, allowed: range, problems: Problems) -> int:
    if text.isascii() and text.isdecimal() and int(text) in allowed:
        return int(text)
    problems.add(name, f"Must be a number from {allowed.start} to {allowed.stop - 1}.")
    return 0
