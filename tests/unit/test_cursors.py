"""Cursors: opaque, and bound to what they list."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.cursors import cut_page, read_cursor, write_cursor
from sync.model.errors import InvalidError
from sync.ports import LogFilter, Page

SCOPE = ("int-1", LogFilter(since=datetime(2026, 1, 1, tzinfo=UTC)))


@given(st.integers(0, 2**31), st.text())
def test_a_cursor_tells_its_position(bucket: int, place: str) -> None:
    assert read_cursor(write_cursor((bucket, place), *SCOPE), (0, ""), *SCOPE) == (bucket, place)


def test_without_a_cursor_a_listing_starts_at_its_start() -> None:
    assert read_cursor(None, (0, "x"), *SCOPE) == (0, "x")


@given(st.text())
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidError) as caught:
        read_cursor(text, ("",), *SCOPE)
    assert caught.value.code == "INVALID_CURSOR"


@pytest.mark.parametrize("scope", [("int-2", SCOPE[1]), ("int-1", LogFilter()), ()])
def test_a_cursor_of_another_listing_is_refused(scope: tuple[Any, ...]) -> None:
    with pytest.raises(InvalidError):
        read_cursor(write_cursor(("a",), *SCOPE), ("",), *scope)


@pytest.mark.parametrize("start", [(0,), ("", ""), ()])
def test_a_cursor_of_another_shape_is_refused(start: tuple[Any, ...]) -> None:
    with pytest.raises(InvalidError):
        read_cursor(write_cursor(("a",), *SCOPE), start, *SCOPE)


def test_a_page_is_cut_where_more_follows() -> None:
    page = cut_page([((1, "a"), "A"), ((2, "b"), "B"), ((3, "c"), "C")], 2)
    assert page == Page(("A", "B"), write_cursor((2, "b")))


def test_the_last_page_has_no_cursor() -> None:
    assert cut_page([("a", "A"), ("b", "B")], 2) == Page(("A", "B"))
