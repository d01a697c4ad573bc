"""What a bucket's rows become: the whole truth table."""

import json

import pytest

from sync.engine.buckets import record_key
from sync.engine.reconcile import NO_DIGEST, adopt, after, latest_by_key, of_run, parts, reconcile, retire
from sync.model.bucket import Change, RowWrite
from sync.model.manifest import Manifest, Mark
from sync.model.record import Arrival, RecordFault, SyncStatus
from sync.model.run import Tally

ID = "v-1"
KEY = record_key(ID)
OLD, NEW = b"old-hash", b"new-hash"
FAULT = RecordFault("REQUIRED_FIELD_MISSING", "Missing required field: name", {"displayName": "Ä"})
STAMP = "2026-01-05T08:00:00Z"

EQUAL = Arrival(ID, KEY, OLD, '{"name":"old"}', STAMP)
CHANGED = Arrival(ID, KEY, NEW, '{"name":"new"}', STAMP)
FAULTY = Arrival(ID, KEY, b"", "{}", STAMP, FAULT)

SYNCED, ERROR = SyncStatus.SYNCED, SyncStatus.ERROR
FRESH, FAILED = Mark.UNSTORED | Mark.ERROR, Mark.ERROR
TURNED = Mark.TURNED
CLASH = Mark.UNSTORED | Mark.CONFLICT
YIELDED = Mark.UNSTORED | Mark.YIELDED

TABLE: list[tuple[int | None, Arrival, str, str, int | None]] = [
    # marks so far, arrival, counted as, what happens to the row, marks afterwards (None: no change at all)
    (None, CHANGED, "created", "insert", Mark.CREATED),
    (None, FAULTY, "errors", "", FRESH | TURNED),
    (Mark.NONE, EQUAL, "unchanged", "", None),
    (Mark.NONE, CHANGED, "updated", "merge over synced", Mark.UPDATED),
    (Mark.NONE, FAULTY, "errors", "mark over synced", FAILED | TURNED),
    (Mark.CREATED, EQUAL, "created", "", None),
    (Mark.CREATED, CHANGED, "created", "merge over synced", Mark.CREATED),
    (Mark.CREATED, FAULTY, "errors", "mark over synced", FAILED | TURNED | Mark.CREATED),
    (Mark.UPDATED, EQUAL, "updated", "", None),
    (Mark.UPDATED, CHANGED, "updated", "merge over synced", Mark.UPDATED),
    (Mark.UPDATED, FAULTY, "errors", "mark over synced", FAILED | TURNED | Mark.UPDATED),
    (FAILED, EQUAL, "updated", "merge over error", Mark.UPDATED),
    (FAILED, CHANGED, "updated", "merge over error", Mark.UPDATED),
    (FAILED, FAULTY, "errors", "", None),
    (FAILED | Mark.CREATED, EQUAL, "created", "merge over error", Mark.CREATED),
    (FAILED | Mark.CREATED, CHANGED, "created", "merge over error", Mark.CREATED),
    (FAILED | Mark.CREATED, FAULTY, "errors", "", None),
    (FAILED | Mark.UPDATED, EQUAL, "updated", "merge over error", Mark.UPDATED),
    (FAILED | Mark.UPDATED, CHANGED, "updated", "merge over error", Mark.UPDATED),
    (FAILED | Mark.UPDATED, FAULTY, "errors", "", None),
    (Mark.GONE, EQUAL, "updated", "merge over synced", Mark.UPDATED),
    (Mark.GONE, CHANGED, "updated", "merge over synced", Mark.UPDATED),
    (Mark.GONE, FAULTY, "errors", "mark over synced", FAILED | TURNED),
    (FRESH, EQUAL, "created", "insert", Mark.CREATED),
    (FRESH, CHANGED, "created", "insert", Mark.CREATED),
    (FRESH, FAULTY, "errors", "", None),
    (CLASH, EQUAL, "conflicts", "", None),
    (CLASH, CHANGED, "created", "insert", Mark.CREATED),
    (CLASH, FAULTY, "errors", "", CLASH | TURNED | Mark.ERROR),
    (CLASH | Mark.ERROR, EQUAL, "created", "insert", Mark.CREATED),
    (CLASH | Mark.ERROR, CHANGED, "created", "insert", Mark.CREATED),
    (CLASH | Mark.ERROR, FAULTY, "errors", "", None),
]
TAKEN = [
    (marks, arrival, *(("conflicts", "clash", CLASH) if arrival.fault is None else (outcome, row, marked)))
    for marks, arrival, outcome, row, marked in TABLE
    if (marks, arrival) != (CLASH, EQUAL)
]


def row_of(arrival: Arrival, what: str) -> RowWrite | None:
    """Return what the table's words mean for the row."""
    told = {"code": FAULT.code, "message": FAULT.message, "data": FAULT.data}
    fault = json.dumps(told, ensure_ascii=False)
    known: dict[str, RowWrite | None] = {
        "": None,
        "insert": RowWrite(ID, True, SYNCED, None, arrival.fields, STAMP, True, ""),
        "merge over synced": RowWrite(ID, False, SYNCED, SYNCED, arrival.fields, STAMP, True, ""),
        "merge over error": RowWrite(ID, False, SYNCED, ERROR, arrival.fields, STAMP, True, ""),
        "mark over synced": RowWrite(ID, False, ERROR, SYNCED, None, None, True, fault),
        "clash": RowWrite(ID, False, SyncStatus.CONFLICT, SYNCED),
    }
    return known[what]


def holding(marks: int | None, digest: bytes = OLD) -> Manifest:
    return Manifest("run-1", {} if marks is None else {KEY: (digest, marks)}, "7")


def expected_change(so_far: int | None, arrival: Arrival, row: str, marked: int | None) -> tuple[Change, ...]:
    if marked is None:
        return ()
    kept = OLD if so_far is not None else NO_DIGEST
    entry = (arrival.digest if arrival.fault is None else kept, marked)
    return ((KEY, entry, row_of(arrival, row)),)


@pytest.mark.parametrize(("so_far", "arrival", "outcome", "row", "marked"), TABLE)
def test_an_arrival_meets_what_is_stored(
    so_far: int | None, arrival: Arrival, outcome: str, row: str, marked: int | None
) -> None:
    plan = reconcile(holding(so_far), [arrival])
    assert plan.tally == Tally(read=1, **{outcome: 1})
    assert plan.changes == expected_change(so_far, arrival, row, marked)


@pytest.mark.parametrize(("so_far", "arrival", "outcome", "row", "marked"), TAKEN)
def test_an_arrival_meets_a_key_that_another_source_owns(
    so_far: int | None, arrival: Arrival, outcome: str, row: str, marked: int | None
) -> None:
    plan = reconcile(holding(so_far), [arrival], taken={KEY})
    assert plan.tally == Tally(read=1, **{outcome: 1})
    assert plan.changes == expected_change(so_far, arrival, row, marked)


def test_a_conflict_that_stands_is_not_written_again() -> None:
    assert reconcile(holding(CLASH), [EQUAL], taken={KEY}).changes == ()


@pytest.mark.parametrize(
    ("marks", "absent", "gone"),
    [(Mark.NONE, 1, 0), (FAILED, 1, 0), (Mark.GONE, 0, 1), (CLASH, 0, 0), (Mark.CREATED, 1, 0), (Mark.UPDATED, 1, 0)],
)
def test_what_did_not_arrive_is_absent_unless_it_was_gone_or_another_sources(
    marks: int, absent: int, gone: int
) -> None:
    plan = reconcile(holding(marks), [])
    assert (plan.absent, plan.gone, plan.changes) == (absent, gone, ())


def test_what_was_never_stored_is_not_absent() -> None:
    assert reconcile(holding(FRESH), []).absent == 0


@pytest.mark.parametrize(
    ("marks", "arrival", "mended"),
    [
        (FAILED, EQUAL, (ID,)),
        (FRESH, CHANGED, (ID,)),
        (CLASH | Mark.ERROR, CHANGED, (ID,)),
        (FAILED, FAULTY, ()),
        (Mark.NONE, CHANGED, ()),
        (None, CHANGED, ()),
    ],
)
def test_a_record_whose_last_arrival_had_a_fault_and_whose_newest_has_none_is_mended(
    marks: int | None, arrival: Arrival, mended: tuple[str, ...]
) -> None:
    assert reconcile(holding(marks), [arrival]).mended == mended


def test_a_gone_record_that_arrives_is_not_counted_as_gone() -> None:
    assert reconcile(holding(Mark.GONE), [EQUAL]).gone == 0


@pytest.mark.parametrize(
    ("marks", "arrivals", "options", "stored"),
    [
        (None, [CHANGED], {}, 1),
        (None, [FAULTY], {}, 0),
        (None, [CHANGED], {"taken": {KEY}}, 0),
        (None, [CHANGED], {"held": {KEY}}, 0),
        (Mark.NONE, [EQUAL], {}, 1),
        (Mark.NONE, [CHANGED], {}, 1),
        (Mark.NONE, [FAULTY], {}, 1),
        (Mark.NONE, [CHANGED], {"held": {KEY}}, 1),
        (Mark.NONE, [CHANGED], {"taken": {KEY}}, 0),
        (Mark.CONFLICT, [EQUAL], {}, 1),
        (Mark.PINNED, [EQUAL], {}, 1),
        (CLASH, [EQUAL], {}, 0),
        (YIELDED, [EQUAL], {}, 0),
        (YIELDED, [EQUAL], {"taken": {KEY}}, 0),
        (YIELDED, [CHANGED], {"taken": {KEY}}, 0),
        (Mark.GONE, [FAULTY], {}, 1),
        (FRESH, [CHANGED], {}, 1),
        (FRESH, [FAULTY], {}, 0),
        (FAILED, [FAULTY], {}, 1),
        (Mark.NONE, [], {}, 1),
        (Mark.GONE, [], {}, 0),
        (FRESH, [], {}, 0),
    ],
)
def test_what_is_stored_and_not_gone_afterwards_is_counted(
    marks: int | None, arrivals: list[Arrival], options: dict[str, set[bytes]], stored: int
) -> None:
    assert reconcile(holding(marks), arrivals, **options).stored == stored


def test_of_two_arrivals_of_a_record_the_newer_one_counts() -> None:
    older, newer = EQUAL._replace(modified="2026-01-05T09:00:00+01:00"), CHANGED._replace(modified=f"{STAMP[:-1]}.5Z")
    assert latest_by_key([newer, older]) == {KEY: newer}


@pytest.mark.parametrize("stamp", [None, "yesterday", STAMP])
def test_of_two_arrivals_that_time_cannot_order_the_last_one_counts(stamp: str | None) -> None:
    first, last = EQUAL._replace(modified=stamp), CHANGED._replace(modified=stamp)
    assert latest_by_key([first, last]) == {KEY: last}


def test_a_record_that_arrives_twice_is_counted_once() -> None:
    assert reconcile(holding(None), [CHANGED, CHANGED]).tally == Tally(read=1, created=1)


@pytest.mark.parametrize("marks", [Mark.NONE, Mark.ERROR, Mark.GONE, CLASH])
def test_the_doings_of_an_earlier_run_are_not_told_again(marks: int) -> None:
    earlier = Manifest("run-0", {KEY: (OLD, marks | Mark.UPDATED)}, "7")
    assert of_run(earlier, "run-1") == Manifest("run-1", {KEY: (OLD, marks)}, "7")


def test_an_earlier_runs_quiet_entries_stay_as_they_are() -> None:
    assert of_run(Manifest("run-0", {KEY: (OLD, Mark.GONE)}), "run-1").entries == {KEY: (OLD, Mark.GONE)}


def test_a_run_goes_on_with_its_own_doings() -> None:
    assert of_run(holding(Mark.CREATED), "run-1") == holding(Mark.CREATED)


@pytest.mark.parametrize(
    ("marks", "before", "left"),
    [(Mark.NONE, SYNCED, Mark.GONE), (FAILED, ERROR, Mark.GONE), (Mark.UPDATED, SYNCED, Mark.GONE | Mark.UPDATED)],
)
def test_what_a_proven_listing_did_not_hold_is_marked_as_gone(marks: int, before: SyncStatus, left: int) -> None:
    row = RowWrite(ID, False, SYNCED, before, present=False, fault="")
    assert retire(holding(marks), (), ids={KEY: ID}) == ((KEY, (OLD, left | TURNED), row),)


def test_what_has_no_row_and_did_not_come_is_forgotten() -> None:
    changes = retire(holding(FRESH), (), ids={})
    assert after(holding(FRESH), changes).entries == {}


@pytest.mark.parametrize("marks", [Mark.GONE, CLASH])
def test_what_is_gone_already_or_another_sources_is_not_retired(marks: int) -> None:
    assert retire(holding(marks), (), ids={KEY: ID}) == ()


def test_what_arrived_is_not_retired() -> None:
    assert retire(holding(Mark.NONE), {KEY}, ids={KEY: ID}) == ()


@pytest.mark.parametrize("known", [None, FRESH, CLASH])
def test_rows_that_no_manifest_tells_of_are_adopted_to_be_written_over(known: int | None) -> None:
    assert adopt(holding(known), [KEY]) == holding(Mark.NONE, NO_DIGEST)


def test_rows_that_the_manifest_tells_of_are_left_to_it() -> None:
    assert adopt(holding(FAILED), [KEY]) == holding(FAILED)


def rows_of(*texts: str) -> tuple[Change, ...]:
    return tuple((bytes([n]), None, RowWrite("i", True, SYNCED, None, text, fault="")) for n, text in enumerate(texts))


def test_a_part_holds_no_more_rows_than_it_may() -> None:
    found = list(parts(rows_of("a", "b", "c"), rows=2, characters=100))
    assert [len(part) for part in found] == [2, 1]


def test_a_part_holds_no_more_text_than_it_may() -> None:
    found = list(parts(rows_of("aaa", "bbb", "c"), rows=99, characters=4))
    assert [len(part) for part in found] == [1, 2]


def test_a_change_too_long_for_any_part_stands_alone() -> None:
    found = list(parts(rows_of("a", "bbbbbbbb", "c"), rows=99, characters=4))
    assert [len(part) for part in found] == [1, 1, 1]


def test_changes_without_rows_take_no_room() -> None:
    quiet = ((b"q", None, None),) * 5
    assert list(parts((*quiet, *rows_of("a")), rows=1, characters=1)) == [(*quiet, *rows_of("a"))]


def test_nothing_to_write_has_no_parts() -> None:
    assert list(parts((), rows=1, characters=1)) == []
