"""How long to wait before a request is sent again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.engine.retry import DATE_MARGIN, LONGEST_BACK_OFF, SECONDS_MARGIN, delay_after, http_date, parse_retry_after

NOW = datetime(2026, 10, 26, 12, 0, tzinfo=UTC)


def test_without_a_retry_after_the_wait_doubles_up_to_a_minute() -> None:
    waits = [delay_after(attempt, retry_after=None, jitter=0) for attempt in range(1, 10)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_chance_shortens_a_wait_of_our_own_by_up_to_half() -> None:
    assert delay_after(4, retry_after=None, jitter=0.5) == 6


@given(st.integers(0, 10**6), st.integers(1, 100), st.floats(0, 1))
def test_a_retry_after_in_seconds_is_never_undercut(seconds: int, attempt: int, jitter: float) -> None:
    asked = parse_retry_after(str(seconds), date=None, now=NOW)
    assert delay_after(attempt, retry_after=asked, jitter=jitter) > seconds


@given(st.integers(0, 10**6), st.integers(-3600, 3600), st.floats(0, 0.999))
def test_a_retry_after_date_is_never_undercut_whatever_our_clock_shows(wait: int, wrong: int, late: float) -> None:
    sent = NOW + timedelta(seconds=late)  # the source's clock, which HTTP rounds down
    until = sent + timedelta(seconds=wait)
    asked = parse_retry_after(
        format_datetime(until, usegmt=True),
        date=format_datetime(sent, usegmt=True),
        now=NOW + timedelta(seconds=wrong),
    )
    assert asked is not None
    assert sent + timedelta(seconds=asked) >= until


def test_a_retry_after_date_counts_from_our_clock_when_the_reply_has_none() -> None:
    assert parse_retry_after("Mon, 26 Oct 2026 12:00:07 GMT", date="soon", now=NOW) == 7 + DATE_MARGIN


def test_a_retry_after_date_in_the_past_asks_for_the_margin_only() -> None:
    assert parse_retry_after("Mon, 26 Oct 2026 11:00:00 GMT", date=None, now=NOW) == DATE_MARGIN


def test_fractions_of_seconds_are_understood() -> None:
    assert parse_retry_after(" 1.5 ", date=None, now=NOW) == 1.5 + SECONDS_MARGIN


@pytest.mark.parametrize("text", [None, "", "soon", "-1", "1e3", "٣", "99999999999999999999", "Mon, 99 Oct 2026"])
def test_what_is_no_retry_after_asks_for_nothing(text: str | None) -> None:
    assert parse_retry_after(text, date=None, now=NOW) is None


def test_an_http_date_without_a_zone_is_utc() -> None:
    assert http_date("Mon, 26 Oct 2026 12:00:00 -0000") == NOW


def test_an_http_date_of_another_zone_becomes_utc() -> None:
    assert http_date("Mon, 26 Oct 2026 14:00:00 +0200") == NOW


@given(st.integers(1, 1000), st.floats(0, 1))
def test_a_wait_of_our_own_never_exceeds_a_minute(attempt: int, jitter: float) -> None:
    assert 0.5 <= delay_after(attempt, retry_after=None, jitter=jitter) <= LONGEST_BACK_OFF
