"""Reads single records by their ids, many with one request."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import batched, chain
from typing import Any, Protocol

from sync.model.errors import RefusedError
from sync.model.guid import is_guid
from sync.ports import PageQuery, SourcePage

IDS = 50
"""Ids in one request: an address that every gateway takes."""
AT_ONCE = 5
_MOST_PAGES = 1_000

type Row = dict[str, Any]


class Pages(Protocol):
    """What is asked for pages: a Source, or one that somebody watches."""

    def page(self, query: PageQuery, cursor: str | None) -> SourcePage:
        """Return the first page of a query, or the one at the cursor."""
        ...


def rows_where(source: Pages, query: PageQuery, column: str, ids: Iterable[object]) -> list[Row]:
    """Return all rows whose column is one of the ids; ids that are no GUIDs are left out (raises as Source does)."""
    usable = dict.fromkeys(each.lower() for each in ids if isinstance(each, str) and is_guid(each))
    parts = [_one_of(query, column, some) for some in batched(usable, IDS, strict=False)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(chain.from_iterable(pool.map(lambda part: walked(source, part), parts)))


def walked(source: Pages, query: PageQuery) -> list[Row]:
    """Return the rows of all pages of a query.

    Raises:
        RefusedError: The pages do not end (CURSOR_LOOP).
        RemoteError: As Source does.
    """
    rows: list[Row] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = source.page(query, cursor)
        rows += page.records
        cursor = page.cursor
        if cursor is None:
            return rows
    raise RefusedError("The source's pages do not end", code="CURSOR_LOOP")


def _one_of(query: PageQuery, column: str, ids: Sequence[str]) -> PageQuery:
    return narrowed(query, " or ".join(f"{column} eq {each}" for each in ids))


def narrowed(query: PageQuery, condition: str) -> PageQuery:
    """Return the query with a further condition in the source's own language."""
    return replace(query, filter=condition if query.filter is None else f"({query.filter}) and ({condition})")
