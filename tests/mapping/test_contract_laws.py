"""Whatever goes out as text comes back as the same value: a hundred thousand values of each two-way type."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.columns import Column, ColumnType, DateBehavior, DateFormat
from mapping.contract_text import from_dynamics, from_text, to_dynamics, to_text
from mapping.names import plain
from mapping.stored import from_stored, to_stored
from mapping.values import Typed, ValueProblem

MANY = 100_000
_ZONE = ZoneInfo("America/New_York")
_START = datetime(1900, 1, 1, tzinfo=UTC)
_LETTERS = "ab \n\t,.;:0123456789åäöéß漢字\U0001f600\u200b'\"<&"

type Maker = Callable[[random.Random], Typed]


def words(chance: random.Random) -> str:
    return plain("".join(chance.choices(_LETTERS, k=chance.randint(1, 40))))


def whole(bits: int) -> Maker:
    return lambda chance: chance.randint(-(2**bits), 2**bits - 1)


def decimals(places: int, digits: int) -> Maker:
    return lambda chance: Decimal(chance.randint(-(10**digits), 10**digits)).scaleb(-places)


def instant(chance: random.Random) -> datetime:
    return _START + timedelta(seconds=chance.randrange(200 * 365 * 86_400))


def day(chance: random.Random) -> date:
    return instant(chance).date()


def wall(chance: random.Random) -> datetime:
    return instant(chance).replace(tzinfo=None)


KINDS: dict[str, tuple[Column, Maker]] = {
    "string": (Column(ColumnType.STRING, max_length=100), words),
    "memo": (Column(ColumnType.MEMO, max_length=2000), words),
    "integer": (Column(ColumnType.INTEGER), whole(31)),
    "bigint": (Column(ColumnType.BIG_INT), whole(63)),
    "decimal": (Column(ColumnType.DECIMAL, precision=10), decimals(10, 20)),
    "double": (Column(ColumnType.DOUBLE, precision=5), decimals(5, 15)),
    "money": (Column(ColumnType.MONEY, precision=4), decimals(4, 18)),
    "boolean": (Column(ColumnType.BOOLEAN, labels={1: "No", 0: "Yes"}), lambda chance: chance.random() < 0.5),
    "day": (Column(ColumnType.DATE_TIME, behavior=DateBehavior.DATE_ONLY), day),
    "instant": (Column(ColumnType.DATE_TIME), instant),
    "instant in a zone": (Column(ColumnType.DATE_TIME, time_zone=_ZONE), instant),
    "day in a zone": (Column(ColumnType.DATE_TIME, format=DateFormat.DATE_ONLY, time_zone=_ZONE), day),
    "wall clock": (Column(ColumnType.DATE_TIME, behavior=DateBehavior.TIME_ZONE_INDEPENDENT), wall),
}


@pytest.mark.untraced
@pytest.mark.parametrize("kind", KINDS)
def test_a_text_that_was_written_reads_back_as_its_value(kind: str) -> None:
    column, make = KINDS[kind]
    chance = random.Random(kind)
    for _ in range(MANY):
        value = make(chance)
        text = to_text(column, value)
        assert isinstance(text, str), (value, text)
        assert from_text(column, text) == (value if text.strip() or kind in {"string", "memo"} else None), (value, text)


@pytest.mark.untraced
@pytest.mark.parametrize("kind", KINDS)
def test_a_value_that_was_sent_to_dynamics_reads_back_as_itself(kind: str) -> None:
    column, make = KINDS[kind]
    chance = random.Random(kind)
    for _ in range(10_000):
        value = make(chance)
        sent = to_dynamics(column, value)
        assert from_dynamics(column, sent) == value, (value, sent)


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_that_was_stored_is_restored_with_its_type(kind: str) -> None:
    _, make = KINDS[kind]
    chance = random.Random(kind)
    for _ in range(10_000):
        value = make(chance)
        found = from_stored(to_stored(value))
        assert (found, type(found)) == (value, type(value))


def test_null_is_stored_as_null() -> None:
    assert (to_stored(None), from_stored(None)) == (None, None)


@pytest.mark.parametrize("document", [{}, {"colour": "red"}, {"decimal": "x"}, {"day": "x"}, {"day": "a", "text": "b"}])
def test_what_was_never_stored_is_refused(document: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_stored(document)


@pytest.mark.parametrize("kind", KINDS)
def test_blank_is_blank_on_both_sides(kind: str) -> None:
    column, _ = KINDS[kind]
    assert (to_text(column, None), from_text(column, ""), from_dynamics(column, None)) == ("", None, None)


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=40))
def test_any_text_is_a_value_or_a_problem_and_writing_it_again_is_stable(kind: str, text: str) -> None:
    column, _ = KINDS[kind]
    value = from_text(column, text)
    if isinstance(value, ValueProblem):
        return
    again = to_text(column, value)
    if isinstance(again, ValueProblem):
        return
    assert to_text(column, from_text(column, again)) == again  # type: ignore[arg-type]  # a problem would differ


@given(st.sampled_from(sorted(KINDS)), st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20))
def test_anything_that_dynamics_may_send_is_a_value_or_a_problem(kind: str, raw: object) -> None:
    column, _ = KINDS[kind]
    value = from_dynamics(column, raw)
    assert isinstance(value, ValueProblem) or isinstance(to_text(column, value), (str, ValueProblem))
