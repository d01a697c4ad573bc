"""Invariant 1: a run's watermark, what a delta reads, and failed records that are remembered."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mapping.compiler import compile_rules
from mapping.presets import preset
from sync.model.errors import RefusedError
from sync.model.run import RunKind, RunStatus, Watermark
from sync.services import runs
from sync.services.opening import open_run
from sync.services.policy import Policy
from tests.support.company import START
from tests.support.desks import ALICE
from tests.support.host import Crash, StepHost
from tests.support.office import PRODUCTS, SMALL, SUPPLIERS, Office, open_office, suppliers

MINUTE = timedelta(minutes=1)


def since_asked(office: Office) -> set[object]:
    return {query.since for query in office.source.asked}


def test_a_runs_watermark_is_its_start_on_the_sources_clock() -> None:
    office = open_office(SMALL)
    office.add("A", "B", "C", "D")
    office.company.before_page = lambda: office.clock.pass_by(30)
    office.sync()
    assert (office.watermark(SUPPLIERS), office.watermark(PRODUCTS)) == (START, START)


def test_a_record_committed_while_a_run_reads_comes_with_the_next_delta() -> None:
    office = open_office()
    (late,) = office.add("Late")
    office.company.put("vendors", late, "Late, and changed", late=60)
    office.sync()
    office.clock.pass_by(300)
    office.sync(RunKind.DELTA)
    assert office.kept(late).fields["name"] == "Late, and changed"


def test_a_delta_reads_from_a_little_before_the_watermark() -> None:
    office = open_office()
    office.sync()
    office.source.asked.clear()
    office.clock.pass_by(3600)
    office.sync(RunKind.DELTA)
    assert since_asked(office) == {START - timedelta(minutes=10)}


def test_an_integrations_settings_say_how_far_before_the_watermark_a_delta_begins() -> None:
    office = open_office(settings={"overlapSeconds": 60, "pageSize": 7})
    office.sync()
    office.source.asked.clear()
    office.sync(RunKind.DELTA)
    assert {(query.since, query.page_size) for query in office.source.asked} == {(START - MINUTE, 7)}


def test_a_delta_without_a_watermark_reads_everything() -> None:
    office = open_office()
    office.sync(RunKind.DELTA)
    assert since_asked(office) == {None}


def test_the_watermark_never_moves_back() -> None:
    office = open_office()
    ahead = START + timedelta(days=1)
    office.desk.watermarks.advance(office.integration.id, office.current.connection.source, SUPPLIERS, ahead)
    office.sync()
    assert office.watermark() == ahead


def test_a_watermark_given_an_earlier_instant_stays() -> None:
    assert Watermark(START).advanced_to(START - MINUTE) == Watermark(START)


@pytest.mark.parametrize(
    ("back", "moves"),
    [
        (11, True),
        (10, True),
        pytest.param(9, False),
        pytest.param(0, False),
        (-1, False),
    ],
)
def test_a_callers_modified_since_moves_the_watermark_only_when_its_window_joins(back: int, *, moves: bool) -> None:
    office = open_office()
    office.sync()
    office.clock.pass_by(600)
    office.sync(RunKind.DELTA, modified_since=START - back * MINUTE)
    assert office.watermark() == (START + timedelta(seconds=600) if moves else START)


def test_a_callers_modified_since_does_not_skip_a_record_that_was_committed_late() -> None:
    office = open_office()
    office.clock.pass_by(120)
    late = office.company.add("vendors", "Stamped before the first sync, seen after it", late=60)
    office.clock.pass_by(30)
    office.sync()
    first_start = office.watermark()
    office.clock.pass_by(600)
    office.sync(RunKind.DELTA, modified_since=first_start)
    office.clock.pass_by(3600)
    office.sync(RunKind.DELTA)
    assert office.record(late) is not None


def test_a_callers_modified_since_reads_what_it_says() -> None:
    office = open_office()
    run = office.sync(RunKind.DELTA, modified_since=START - MINUTE)
    assert (since_asked(office), run.window.since) == ({START - MINUTE}, START - MINUTE)


def test_a_run_of_some_entity_types_moves_no_watermark() -> None:
    office = open_office()
    office.sync(entities=(SUPPLIERS,))
    assert office.watermark() is None


def test_a_run_that_could_not_read_a_page_moves_no_watermark_of_that_type() -> None:
    office = open_office(SMALL)
    office.add("A", "B", "C", "D")
    office.source.troubles["page"] = [None, RefusedError("This page cannot be read")]
    office.sync()
    assert (office.watermark(SUPPLIERS), office.watermark(PRODUCTS)) == (None, START)


def test_a_short_listing_moves_no_watermark() -> None:
    office = open_office()
    office.add("A")
    office.source.counts = [3, 3]
    office.sync()
    assert office.watermark() is None


def test_a_cancelled_run_moves_no_watermark() -> None:
    office = open_office()
    run = office.begin()
    runs.cancel(office.desk, ALICE, office.integration.id, run.id)
    assert (office.work(run).status, office.watermark()) == (RunStatus.CANCELLED, None)


def test_a_run_that_is_resumed_keeps_its_first_start() -> None:
    office = open_office()
    run = office.begin()
    open_run(office.desk, office.job(run))
    office.clock.pass_by(3600)
    office.work(run)
    assert (office.watermark(), office.found(run).started_at) == (START, START)


def test_a_failed_record_is_tried_again_until_it_succeeds() -> None:
    office = open_office()
    (bad,) = office.add("")
    office.sync()
    office.clock.pass_by(3600)
    again = office.sync(RunKind.DELTA)
    office.company.sets["vendors"][bad].name = "Mended in silence"
    mended = office.sync(RunKind.DELTA)
    assert [suppliers(run).errors for run in (again, mended)] == [1, 0]
    assert office.kept(bad).fields["name"] == "Mended in silence"
    assert office.desk.failures.open(office.integration.id, SUPPLIERS, limit=9) == ()


def test_a_failed_record_is_tried_again_until_it_is_gone() -> None:
    office = open_office()
    (bad,) = office.add("")
    office.sync()
    office.clock.pass_by(3600)
    office.company.delete("vendors", bad)
    assert suppliers(office.sync(RunKind.DELTA)).errors == 0
    assert office.desk.failures.open(office.integration.id, SUPPLIERS, limit=9) == ()


def test_each_run_that_tries_a_failed_record_counts_as_an_attempt() -> None:
    office = open_office()
    office.add("")
    first = office.sync()
    office.clock.pass_by(3600)
    second = office.sync(RunKind.DELTA)
    (failure,) = office.failures(second)
    assert (failure.attempts, failure.first_at) == (2, office.failures(first)[0].first_at)


def test_a_retry_reads_only_the_failed_records_of_its_run() -> None:
    office = open_office()
    good, bad = office.add("Good", "")
    first = office.sync()
    for each in (good, bad):
        office.company.sets["vendors"][each].name = "Later"
    again = office.repeat(first)
    assert (again.kind, suppliers(again).read) == (RunKind.RETRY, 1)
    assert [office.kept(each).fields["name"] for each in (good, bad)] == ["Good", "Later"]


def test_a_retry_of_many_failed_records_goes_on_page_by_page() -> None:
    office = open_office(Policy(retries=2))
    office.add("", "", "")
    office.add("", to="items")
    again = office.repeat(office.sync())
    assert (suppliers(again).errors, again.totals[PRODUCTS].errors) == (3, 1)


def test_a_retry_moves_no_watermark() -> None:
    office = open_office()
    first = office.sync()
    office.clock.pass_by(600)
    office.repeat(first)
    assert office.watermark() == START


def test_a_full_sync_forgets_a_failure_that_it_mends() -> None:
    office = open_office()
    office.add("Other")
    (bad,) = office.add("")
    office.sync()
    office.company.put("vendors", bad, "Good")
    office.sync()
    assert office.desk.failures.open(office.integration.id, SUPPLIERS, limit=9) == ()


def test_a_failure_that_was_mended_before_a_crash_is_forgotten() -> None:
    office = open_office()
    (bad,) = office.add("")
    office.sync()
    office.company.put("vendors", bad, "Good")
    run = office.begin(entities=(SUPPLIERS,))
    dying = replace(office.desk, failures=Dying())
    with pytest.raises(Crash):
        StepHost(dying, office.clock, waiting=list(office.host.waiting)).work()
    office.work(run)
    assert office.desk.failures.open(office.integration.id, SUPPLIERS, limit=9) == ()


def test_a_full_sync_forgets_the_failure_of_a_record_that_is_gone() -> None:
    office = open_office()
    (bad,) = office.add("")
    office.sync()
    office.company.delete("vendors", bad)
    office.sync()
    assert office.desk.failures.open(office.integration.id, SUPPLIERS, limit=9) == ()


def test_a_type_that_cannot_be_asked_for_changes_is_always_read_in_full() -> None:
    office = open_office()
    timeless = compile_rules(replace(preset("suppliers"), modified_field=None))
    office.host.desk = replace(office.desk, mapping=lambda *_: timeless)
    office.sync()
    office.source.asked.clear()
    office.sync(RunKind.DELTA)
    assert since_asked(office) == {None}


class Dying:
    """A failure store whose process is killed as soon as it is asked."""

    def __getattr__(self, name: str) -> Any:
        raise Crash
