"""Walks listings of stores to their end, page by page."""

from collections.abc import Callable, Iterator

from sync.model.integration import Integration
from sync.ports import Page
from sync.services.desk import Desk

AT_A_TIME = 200
"""Items of a page."""


def every[T](page_at: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """Yield all items of a listing, as far as they are asked for; `page_at` returns the page at a cursor."""
    cursor: str | None = None
    while True:
        page = page_at(cursor)
        yield from page.items
        cursor = page.cursor
        if cursor is None:
            return


def readers_of(desk: Desk, integration: Integration, source: str) -> Iterator[Integration]:
    """Yield the other integrations of the same owner that read a company."""

    def page_at(cursor: str | None) -> Page[Integration]:
        return desk.integrations.list(integration.owner, cursor=cursor, limit=AT_A_TIME)

    return (each for each in every(page_at) if each.connection.source == source and each.id != integration.id)
