"""What is too much at once: limits, and what counts towards them."""

from typing import Any

import pytest

from sync.engine.assess import (
    LONGEST_SAMPLE,
    Breaker,
    Limit,
    breaker_of,
    field_changes,
    is_blanked,
    rewrites,
    sampled,
    stored_in,
)
from sync.model.approval import FieldChange
from sync.model.bucket import Change, RowWrite
from sync.model.entity import EntityType
from sync.model.manifest import Manifest, Mark
from sync.model.record import SyncStatus

HALF = Limit(share=0.5, count=100)
BREAKER = Breaker()


@pytest.mark.parametrize(
    ("records", "stored", "exceeded"),
    [(100, 10, False), (101, 10, True), (101, 202, False), (101, 201, True), (0, 0, False)],
)
def test_both_count_and_share_have_to_be_exceeded(records: int, stored: int, *, exceeded: bool) -> None:
    assert HALF.exceeded(records, stored=stored) is exceeded


@pytest.mark.parametrize(
    ("settings", "breaker"),
    [
        ({}, BREAKER),
        ({"breaker": None}, BREAKER),
        ({"breaker": {}}, BREAKER),
        ({"breaker": False}, None),
        ({"breaker": {"changes": {"share": 1}}}, Breaker(Limit(1.0, 100), BREAKER.blanks)),
        ({"breaker": {"blanks": {"count": 0}}}, Breaker(BREAKER.changes, Limit(0.2, 0))),
    ],
)
def test_settings_replace_single_limits(settings: dict[str, Any], breaker: Breaker | None) -> None:
    assert breaker_of(settings, BREAKER) == breaker


def test_few_changes_raise_no_doubt_and_many_blanks_trip_alone() -> None:
    assert not BREAKER.doubts(10, stored=10)
    assert BREAKER.doubts(11, stored=50)
    assert not BREAKER.trips(90, blanks=10, stored=90)
    assert BREAKER.trips(90, blanks=19, stored=90)
    assert BREAKER.trips(101, blanks=0, stored=200)


def change(before: bytes | None, after: bytes | None, **row: Any) -> tuple[dict[bytes, Any], Change]:
    write = RowWrite("a", False, SyncStatus.SYNCED, None, "{}")._replace(**row)
    entry = None if after is None else (after, Mark.UPDATED)
    return ({} if before is None else {b"k": (before, Mark.NONE)}), (b"k", entry, write)


@pytest.mark.parametrize(
    ("known", "counted"),
    [
        (change(b"1", b"2"), True),
        (change(b"1", b"1"), False),
        (change(b"1", b"2", create=True), False),
        (change(b"1", b"2", fields=None), False),
        (change(None, b"2"), False),
        (change(b"1", None), False),
    ],
)
def test_only_other_fields_of_a_stored_record_are_a_change(known: tuple[Any, Change], *, counted: bool) -> None:
    entries, one = known
    assert bool(list(rewrites(entries, [one]))) is counted


def test_a_change_without_a_row_is_none() -> None:
    assert list(rewrites({b"k": (b"1", Mark.NONE)}, [(b"k", (b"2", Mark.ERROR), None)])) == []


def test_what_is_only_remembered_is_not_stored() -> None:
    marks = (Mark.NONE, Mark.GONE, Mark.ERROR, Mark.UNSTORED | Mark.ERROR)
    assert stored_in(Manifest("", {bytes([mark]): (b"", mark) for mark in marks})) == 3


def test_fields_that_differ_are_told_with_both_values() -> None:
    before, after = {"name": "A", "city": "Lund", "old": 1}, {"name": "B", "city": "Lund", "phone": None}
    assert field_changes(before, after) == {"name": ("A", "B")}


@pytest.mark.parametrize(
    ("before", "after", "blanked"),
    [("A", None, True), ("A", "", True), (False, None, True), ("", None, False), (None, "", False), ("A", "B", False)],
)
def test_a_value_that_goes_away_is_a_blank(before: Any, after: Any, *, blanked: bool) -> None:
    assert is_blanked(before, after) is blanked


def test_a_sample_shows_lost_values_first_and_no_long_ones() -> None:
    kept = [FieldChange(EntityType.SUPPLIERS, str(n), "name", "A", "B" * 500) for n in range(30)]
    lost = FieldChange(EntityType.SUPPLIERS, "x", "phone", "1", None)
    shown = sampled([*kept, lost])
    assert (len(shown), shown[0]) == (LONGEST_SAMPLE, lost)
    assert shown[1].after == "B" * 199 + "…"
