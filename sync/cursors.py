"""Opaque cursors: where a listing goes on, bound to what it lists."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Any, NoReturn

import orjson

from sync.codec import to_wire
from sync.model.errors import InvalidError, Problem
from sync.ports import Page


def write_cursor(position: Sequence[str | int], *scope: Any) -> str:
    """Return the cursor that goes on after this position of a listing with this scope."""
    return urlsafe_b64encode(orjson.dumps([_digest(scope), *position])).rstrip(b"=").decode()


def read_cursor(cursor: str | None, start: tuple[Any, ...], *scope: Any) -> tuple[Any, ...]:
    """Return the position that the cursor tells, or `start` without one; both are of the same shape.

    Raises:
        InvalidError: It is no cursor, or one of another listing (INVALID_CURSOR).
    """
    if cursor is None:
        return start
    try:
        told = orjson.loads(urlsafe_b64decode(cursor.encode() + b"=="))
    except ValueError:
        _refuse()
    if not isinstance(told, list) or told[:1] != [_digest(scope)] or _shape(told[1:]) != _shape(start):
        _refuse()
    return tuple(told[1:])


def cut_page[T](rows: Iterable[tuple[str | tuple[str | int, ...], T]], limit: int, *scope: Any) -> Page[T]:
    """Return the first rows as a page; its cursor tells the position of the last when more follow."""
    first = list(islice(rows, limit + 1))
    items = tuple(item for _, item in first[:limit])
    if len(first) <= limit:
        return Page(items)
    position = first[limit - 1][0]
    return Page(items, write_cursor([position] if isinstance(position, str) else position, *scope))


def cut_search[T](
    rows: Iterable[tuple[tuple[str | int, ...], T]], keeps: Callable[[T], bool], *scope: Any, limit: int, reach: int
) -> Page[T]:
    """Return the items that are kept, looking at `reach` rows at most; the cursor tells where to look further.

    A page that ends because of its reach may have few items, or none; only one without a cursor is the last.
    """
    kept, seen = list[T](), tuple[str | int, ...]()
    for count, (place, item) in enumerate(rows, start=1):
        keep = keeps(item)
        if keep and len(kept) == limit:
            return Page(tuple(kept), write_cursor(seen, *scope))
        kept += [item] if keep else []
        seen = place
        if count == reach:
            return Page(tuple(kept), write_cursor(seen, *scope))
    return Page(tuple(kept))


def _digest(scope: tuple[Any, ...]) -> str:
    return blake2b(orjson.dumps(to_wire(scope)), digest_size=6).hexdigest()


def _shape(position: Sequence[Any]) -> list[type]:
    return [type(part) for part in position]


def _refuse() -> NoReturn:
    problem = Problem("/cursor", "INVALID_CURSOR", "Leave the cursor out to begin again.")
    raise InvalidError("The cursor does not belong to this listing.", problem, code="INVALID_CURSOR")
