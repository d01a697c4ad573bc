"""Instants as SQL Server rounds them and as the wire writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import Clock, http_date, parse_time, sql_rounded, wire_time

_MICROS = st.integers(parse_time("1753-01-01T00:00:00Z"), parse_time("9999-12-31T23:59:58Z"))


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("2020-08-21T07:38:46.53Z", "2020-08-21T07:38:46.53Z"),
        ("2020-08-21T07:38:46.001Z", "2020-08-21T07:38:46Z"),
        ("2020-08-21T07:38:46.002Z", "2020-08-21T07:38:46.003Z"),
        ("2020-08-21T07:38:46.005Z", "2020-08-21T07:38:46.007Z"),
        ("2020-08-21T07:38:46.999Z", "2020-08-21T07:38:47Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ],
)
def test_instants_are_rounded_and_trimmed(text: str, wire: str) -> None:
    assert wire_time(sql_rounded(parse_time(text))) == wire


@given(_MICROS)
def test_rounding_moves_an_instant_by_half_a_tick_at_most(micros: int) -> None:
    assert abs(sql_rounded(micros) - micros) <= 2_334


@given(_MICROS)
def test_rounding_twice_is_rounding_once(micros: int) -> None:
    assert sql_rounded(sql_rounded(micros)) == sql_rounded(micros)


@given(_MICROS.map(sql_rounded))
def test_what_is_written_can_be_read(micros: int) -> None:
    assert parse_time(wire_time(micros)) == micros


def test_a_frozen_clock_stands_and_moves_when_told() -> None:
    clock = Clock()
    clock.freeze()
    before = clock.now()
    clock.advance(90)
    assert clock.now() == before + 90


def test_a_running_clock_goes_on_from_where_it_was_frozen() -> None:
    clock = Clock()
    clock.offset(-1000)
    clock.freeze()
    frozen = clock.now()
    clock.run()
    assert 0 <= clock.now() - frozen < 1


def test_http_dates_are_in_gmt() -> None:
    assert http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT"
