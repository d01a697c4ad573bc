"""What a run came to: verdicts, status, and what kept it from success."""

from dataclasses import replace

import pytest

from sync.engine.standing import HELD_CODES, status_after, worth_waiting
from sync.engine.totals import combined, judge, lost, outcome, walked
from sync.model.checkpoint import Checkpoint, GroupResult, Plan, Range
from sync.model.entity import EntityType
from sync.model.errors import CallerError, ConsentError, InvalidError, Problem, RefusedError, RetryLaterError, SyncError
from sync.model.integration import HELD, Status
from sync.model.run import Completeness, RunFailure, RunStatus, Tally, Verdict
from tests.support.company import START

ENTITY = EntityType.SUPPLIERS
PLAN = Plan(ENTITY, START, None, True, 2, 8, 1, "source", True, 100)
DONE, BROKEN = Range(ENTITY, 0, pages=1, done=True), Range(ENTITY, 1, done=True, failed="Broken")
COMPLETE = Completeness(Verdict.COMPLETE, 2, 2, gone=1)
SHORT = Completeness(Verdict.SHORT, 5, 3, missing=2)
UNPROVEN = Completeness(Verdict.UNPROVEN, None, 3, extra=1)


def noted(*ranges: Range, errors: int = 0) -> Checkpoint:
    return Checkpoint(PLAN, ranges, (), (GroupResult(ENTITY, 0, Tally(read=2, created=2 - errors, errors=errors)),))


def shrunk(tally: Tally, absent: int, *, stored: int | None = None) -> Checkpoint:
    """Return a full listing that did not hold so many stored records, of which half may be missing."""
    plan = replace(PLAN, largest_loss=0.5)
    left = tally.read + absent if stored is None else stored
    return Checkpoint(plan, (DONE,), (), (GroupResult(ENTITY, 0, tally, absent=absent, stored=left),))


@pytest.mark.parametrize(
    ("expected", "read", "verdict"),
    [
        ((3,), 3, Completeness(Verdict.COMPLETE, 3, 3)),
        ((3,), 2, Completeness(Verdict.SHORT, 3, 2, missing=1)),
        ((3,), 5, Completeness(Verdict.COMPLETE, 3, 5, extra=2)),
        ((3, 5), 4, Completeness(Verdict.COMPLETE, 5, 4)),
        ((5, 3), 2, Completeness(Verdict.SHORT, 3, 2, missing=1)),
        ((3, 5), 6, Completeness(Verdict.COMPLETE, 5, 6, extra=1)),
        ((), 4, Completeness(Verdict.UNPROVEN, None, 4)),
    ],
)
def test_anything_between_the_sources_counts_is_complete(
    expected: tuple[int, ...], read: int, verdict: Completeness
) -> None:
    assert judge(expected, read, walked=True) == verdict


def test_a_listing_that_was_not_walked_to_its_end_is_short_whatever_it_counts() -> None:
    assert judge((3,), 3, walked=False).verdict is Verdict.SHORT


def test_a_run_is_as_complete_as_its_worst_entity_type() -> None:
    assert combined([COMPLETE, SHORT]) == Completeness(Verdict.SHORT, 7, 5, missing=2, gone=1)


def test_a_run_expects_nothing_when_one_count_is_unknown() -> None:
    assert combined([COMPLETE, UNPROVEN]) == Completeness(Verdict.UNPROVEN, None, 5, extra=1, gone=1)


def test_a_run_that_listed_nothing_in_full_has_no_completeness() -> None:
    assert combined([]) is None


@pytest.mark.parametrize(
    ("checkpoint", "whole"),
    [
        (noted(DONE), True),
        (noted(DONE, BROKEN), False),
        (noted(Range(ENTITY, 0, pages=1)), False),
        (noted(), False),
        (Checkpoint(None, (DONE,)), False),
    ],
)
def test_only_a_planned_type_with_every_range_done_is_walked(checkpoint: Checkpoint, *, whole: bool) -> None:
    assert walked(checkpoint) is whole


@pytest.mark.parametrize(
    ("checkpoints", "judged", "status", "code"),
    [
        ([noted(DONE)], [COMPLETE], RunStatus.SUCCEEDED, None),
        ([noted(DONE, errors=1)], [COMPLETE], RunStatus.PARTIAL, None),
        ([noted(DONE)], [COMPLETE, SHORT], RunStatus.PARTIAL, "LISTING_SHORT"),
        ([noted(DONE, BROKEN)], [], RunStatus.PARTIAL, "SOURCE_INCOMPLETE"),
        ([noted(DONE), noted(BROKEN)], [SHORT], RunStatus.PARTIAL, "SOURCE_INCOMPLETE"),
        ([noted(BROKEN)], [], RunStatus.FAILED, "SOURCE_INCOMPLETE"),
    ],
)
def test_a_run_comes_to_what_its_entity_types_came_to(
    checkpoints: list[Checkpoint], judged: list[Completeness], status: RunStatus, code: str | None
) -> None:
    found, failure = outcome(checkpoints, judged=judged)
    assert (found, None if failure is None else failure.code) == (status, code)


@pytest.mark.parametrize(
    ("read", "created", "absent", "doubted"),
    [
        (50, 0, 50, 0),
        (49, 0, 51, 51),
        (149, 100, 51, 51),
        (2, 0, 10, 0),
        (9, 0, 11, 11),
        (0, 0, 10, 10),
        (0, 0, 1, 1),
        (0, 0, 0, 0),
        (3, 3, 3, 3),
        (4, 3, 3, 0),
    ],
)
def test_a_full_listing_may_lack_half_of_what_is_stored_or_ten_records_but_not_all(
    read: int, created: int, absent: int, doubted: int
) -> None:
    assert lost(shrunk(Tally(read=read, created=created), absent)) == doubted


def test_neither_failed_records_nor_conflicts_that_are_not_stored_have_come_again() -> None:
    assert lost(shrunk(Tally(read=4, created=1, errors=2, conflicts=1), 3, stored=4)) == 3


@pytest.mark.parametrize("tally", [Tally(read=2, created=1, errors=1), Tally(read=2, created=1, conflicts=1)])
def test_a_failed_or_disputed_record_that_is_stored_has_come_again(tally: Tally) -> None:
    assert lost(shrunk(tally, 3, stored=5)) == 0


def test_what_does_not_list_everything_loses_nothing() -> None:
    delta = replace(shrunk(Tally(), 5), plan=replace(PLAN, everything=False))
    assert (lost(delta), lost(Checkpoint(None))) == (0, 0)


def test_a_run_that_lost_too_much_is_partial_and_says_what_to_do() -> None:
    status, failure = outcome([shrunk(Tally(), 3)], judged=[COMPLETE])
    assert failure is not None
    assert (status, failure.code) == (RunStatus.PARTIAL, "LISTING_SHRUNK")
    assert "settings.largestLoss" in failure.message


def test_a_short_listing_tells_how_many_records_it_lacked() -> None:
    message = "The source counts 4 records more than it listed; nothing was marked as gone"
    assert outcome([], judged=[SHORT, SHORT])[1] == RunFailure("LISTING_SHORT", message, retryable=True)


@pytest.mark.parametrize("checkpoint", [Checkpoint(None), noted(Range(ENTITY, 0, pages=1))])
def test_a_run_without_proof_that_every_range_was_read_is_no_success(checkpoint: Checkpoint) -> None:
    assert outcome([checkpoint], judged=[])[0] is not RunStatus.SUCCEEDED


def test_every_hold_has_its_code() -> None:
    assert set(HELD_CODES) == HELD


@pytest.mark.parametrize("error", [SyncError("?"), RefusedError("?"), CallerError("?")])
def test_trouble_that_may_pass_holds_nothing(error: SyncError) -> None:
    assert status_after(error) is None


@pytest.mark.parametrize(
    ("delay", "code", "announced", "worth"),
    [
        (60, "SOURCE_UNAVAILABLE", True, True),
        (60, "SOURCE_UNAVAILABLE", False, False),
        (60, "SOURCE_THROTTLED", False, True),
        (60, "STORAGE_UNAVAILABLE", False, True),
        (0, "SOURCE_THROTTLED", False, False),
        (0, "SOURCE_UNAVAILABLE", True, False),
    ],
)
def test_a_run_waits_for_a_time_that_was_named_or_for_fewer_requests(
    delay: float, code: str, *, announced: bool, worth: bool
) -> None:
    assert worth_waiting(RetryLaterError("Later", delay=delay, code=code, announced=announced)) is worth


def test_a_dead_consent_asks_for_a_new_one() -> None:
    assert status_after(ConsentError("Revoked", code="INVALID_GRANT")) is Status.REAUTH_REQUIRED


def test_a_refused_request_tells_its_status() -> None:
    assert RefusedError("No", status=400).status == 400


def test_an_invalid_request_tells_every_problem_at_once() -> None:
    problems = (Problem("/a", "REQUIRED", "is missing"), Problem("/b", "TYPE", "is no text"))
    assert InvalidError("Two things are wrong", *problems).problems == problems


@pytest.mark.parametrize("status", RunStatus)
def test_only_a_queued_or_running_run_has_not_ended(status: RunStatus) -> None:
    assert status.ended is (status.value not in {"queued", "running"})
