"""What notices say, which run they ask for, and which run has seen it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sync.engine.notices import (
    MOST_SINGLE,
    Notice,
    Reading,
    condensed,
    read_notice,
    reading_for,
    renew_at,
    rest_after,
    rest_until,
    seen_by,
)
from sync.model.channel import Hint, HintKind, Subscription
from sync.model.run import Completeness, Run, RunFailure, RunKind, RunStatus, RunTrigger, Verdict
from tests.support.company import START
from tests.support.office import PRODUCTS, SUPPLIERS

COMPANY = "api/v2.0/companies(b18aed47-c385-49d2-b954-dbdf8ad71780)"
RECORD = "26814998-936a-401c-81c1-0e848a64971d"
CHANGES, GONE, EVERYTHING = HintKind.CHANGES, HintKind.GONE, HintKind.EVERYTHING
SECOND = timedelta(seconds=1)


def hint(kind: HintKind = CHANGES, **changes: Any) -> Hint:
    return replace(Hint("int_1", SUPPLIERS, kind, START), **changes)


def run(status: RunStatus = RunStatus.SUCCEEDED, **changes: Any) -> Run:
    both = (SUPPLIERS, PRODUCTS)
    made = Run("run_1", "int_1", RunKind.DELTA, RunTrigger.WEBHOOK, both, START, status, START, START + SECOND)
    return replace(made, **changes)


@pytest.mark.parametrize("lead", ["", "/", "https://api.businesscentral.dynamics.com/v2.0/"])
@pytest.mark.parametrize("change", ["created", "updated", "renamed in a later version", None])
def test_a_change_of_one_record_is_a_hint_at_changes(lead: str, change: Any) -> None:
    assert read_notice(f"{lead}{COMPANY}/items({RECORD})", change) == Notice(PRODUCTS, CHANGES)


def test_a_deletion_names_its_record_in_lower_case() -> None:
    assert read_notice(f"{COMPANY}/vendors({RECORD.upper()})", "deleted") == Notice(SUPPLIERS, GONE, RECORD)


@pytest.mark.parametrize("tail", ["", "()", "(1)", "(../x)"])
def test_a_deletion_of_nobody_knows_what_asks_for_a_full_listing(tail: str) -> None:
    assert read_notice(f"{COMPANY}/vendors{tail}", "deleted") == Notice(SUPPLIERS, EVERYTHING)


@pytest.mark.parametrize(
    ("tail", "kind"),
    [
        ("?$filter=lastModifiedDateTime%20gt%202026-10-26T12:54:00.123Z", CHANGES),
        ("?$filter=lastDateTimeModified%20gt%202018-10-15T11:00:00Z", CHANGES),
        ("", EVERYTHING),
    ],
)
def test_a_collection_without_a_filter_hides_deletions(tail: str, kind: HintKind) -> None:
    assert read_notice(f"/{COMPANY}/vendors{tail}", "collection") == Notice(SUPPLIERS, kind)


@pytest.mark.parametrize(
    "resource", [None, 7, "", "vendors", f"{COMPANY}/customers({RECORD})", f"{COMPANY}/vendors(x)/y"]
)
def test_what_the_hub_does_not_sync_says_nothing(resource: Any) -> None:
    assert read_notice(resource, "updated") is None


def test_the_same_notice_is_kept_once() -> None:
    told = [Notice(SUPPLIERS, CHANGES), Notice(SUPPLIERS, GONE, RECORD), Notice(PRODUCTS, CHANGES)]
    assert set(condensed(told * 3)) == set(told)
    assert len(condensed(told * 3)) == 3


def test_many_deletions_of_one_type_ask_for_a_full_listing_of_it() -> None:
    some = [Notice(SUPPLIERS, GONE, str(number)) for number in range(MOST_SINGLE)]
    assert len(condensed(some)) == MOST_SINGLE
    more = [*some, Notice(SUPPLIERS, GONE, "one more"), Notice(SUPPLIERS, CHANGES), Notice(PRODUCTS, GONE, "x")]
    found = condensed(more)
    assert found == (Notice(SUPPLIERS, CHANGES), Notice(SUPPLIERS, EVERYTHING), Notice(PRODUCTS, GONE, "x"))


@pytest.mark.parametrize("kind", [CHANGES, GONE])
def test_a_delta_of_the_touched_types_follows_on_changes(kind: HintKind) -> None:
    assert reading_for([hint(kind, entity=PRODUCTS)]) == Reading(RunKind.DELTA, (PRODUCTS,))
    assert reading_for([hint(kind, entity=PRODUCTS), hint()]) == Reading(RunKind.DELTA, (SUPPLIERS, PRODUCTS))


def test_where_deletions_may_hide_a_full_listing_comes_first() -> None:
    assert reading_for([hint(), hint(EVERYTHING, entity=PRODUCTS)]) == Reading(RunKind.FULL, (PRODUCTS,))


def test_a_run_that_began_later_has_seen_the_changes_of_its_types() -> None:
    mine, other = hint(), hint(entity=PRODUCTS)
    assert seen_by(run(), [mine, other]) == (mine, other)
    assert seen_by(run(entities=(SUPPLIERS,)), [mine, other]) == (mine,)


@pytest.mark.parametrize(
    "late",
    [
        run(started_at=START - SECOND),
        run(started_at=None),
        run(RunStatus.FAILED, error=RunFailure("SOURCE_UNAVAILABLE", "down")),
        run(RunStatus.PARTIAL, error=RunFailure("SOURCE_INCOMPLETE", "short")),
        run(RunStatus.CANCELLED),
        run(RunStatus.RUNNING),
        run(kind=RunKind.RETRY),
        run(modified_since=START),
    ],
)
def test_a_run_that_may_have_missed_them_has_not_seen_changes(late: Run) -> None:
    assert seen_by(late, [hint()]) == ()


def test_record_errors_do_not_keep_a_run_from_having_seen_changes() -> None:
    assert len(seen_by(run(RunStatus.PARTIAL), [hint()])) == 1


@pytest.mark.parametrize(
    ("kind", "verdict", "seen"),
    [
        (RunKind.FULL, Verdict.COMPLETE, True),
        (RunKind.FULL, Verdict.SHORT, False),
        (RunKind.FULL, None, False),
        (RunKind.DELTA, None, False),
    ],
)
def test_only_a_proven_full_listing_has_seen_everything(kind: RunKind, verdict: Verdict | None, *, seen: bool) -> None:
    proof = {} if verdict is None else {SUPPLIERS: Completeness(verdict, 1, 1)}
    assert bool(seen_by(run(kind=kind, completeness=proof), [hint(EVERYTHING)])) is seen


def test_no_run_settles_a_deleted_record_without_asking_for_it() -> None:
    proof = {SUPPLIERS: Completeness(Verdict.COMPLETE, 1, 1)}
    assert seen_by(run(kind=RunKind.FULL, completeness=proof), [hint(GONE, external_id=RECORD)]) == ()


def test_after_failures_the_next_run_rests_longer_each_time() -> None:
    failed = run(RunStatus.FAILED)
    ended = START + SECOND
    assert rest_until([]) is rest_until([run(), failed]) is rest_until([run(ended_at=None), failed]) is None
    assert rest_until([failed, run()]) == ended + timedelta(seconds=10)
    assert rest_until([failed, failed, failed]) == ended + timedelta(seconds=40)
    assert rest_until([run(RunStatus.PARTIAL, error=RunFailure("LISTING_SHORT", "short"))]) is not None


def test_no_rest_is_longer_than_a_quarter_of_an_hour() -> None:
    assert rest_after(60) == rest_after(600) == timedelta(minutes=15)


def test_a_subscription_is_renewed_when_half_of_its_life_is_over() -> None:
    assert renew_at(Subscription("1", "", START + 3 * SECOND, START)) == START + 1.5 * SECOND
