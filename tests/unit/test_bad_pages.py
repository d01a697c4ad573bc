"""Invariants 8 and 11: waits are obeyed to the second, and a stranger's mistake never stops a run."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from sync.model.bucket import BucketWrite
from sync.model.errors import CursorLostError, RecordError, RefusedError, RetryLaterError, SyncError
from sync.model.integration import Status
from sync.model.run import RunFailure, RunKind, RunStatus, Tally
from sync.services import runs
from sync.services.desk import Job, State, Step, sit_down
from sync.services.reading import plan_entity, read_page
from sync.services.steps import NAMES, take
from tests.support.company import START
from tests.support.desks import ALICE
from tests.support.office import SMALL, SUPPLIERS, Office, open_office, suppliers

THROTTLED = RetryLaterError("Too many requests", delay=42.5, code="SOURCE_THROTTLED")
TIMEOUT = RetryLaterError("Too slow", delay=5, code="SOURCE_TIMEOUT", announced=True)


def five() -> Office:
    office = open_office(SMALL)
    office.add("A", "B", "C", "D", "E")
    return office


def reading(office: Office) -> Job:
    """Begin a run, plan its suppliers, and return the step that reads their first page."""
    job = office.job(office.begin())
    plan_entity(office.desk, job, sit_down(office.desk, job), SUPPLIERS)
    return job


def last_try(job: Job) -> Job:
    return Job(job.integration_id, job.run_id, job.entity, job.index, last_try=True)


def test_one_bad_page_never_stops_a_run() -> None:
    office = five()
    office.source.troubles["page"] = [None, RefusedError("This page is broken")]
    run = office.sync()
    assert (run.status, suppliers(run)) == (RunStatus.PARTIAL, Tally(read=3, created=3))


def test_one_bad_record_never_stops_a_run() -> None:
    office = five()
    office.add("")
    assert suppliers(office.sync()) == Tally(read=6, created=5, errors=1)


def test_one_record_too_large_for_its_row_never_stops_a_run() -> None:
    office = five()
    (large,) = office.add("Large")
    office.host.desk = replace(office.desk, records=Narrow(office.desk.records, large))
    run = office.sync(entities=(SUPPLIERS,))
    assert (run.status, suppliers(run)) == (RunStatus.PARTIAL, Tally(read=6, created=5, errors=1))


def test_a_store_that_refuses_a_whole_bucket_fails_the_run() -> None:
    office = five()
    office.host.desk = replace(office.desk, records=Narrow(office.desk.records, "", named=False))
    run = office.sync(entities=(SUPPLIERS,))
    assert (run.status, run.error.code if run.error else None) == (RunStatus.FAILED, "ROW_TOO_LARGE")


@dataclass(frozen=True, slots=True)
class Narrow:
    """A record store in which one record's row is too large."""

    store: Any
    large: str
    named: bool = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def commit(self, records: Any, write: BucketWrite) -> Any:
        if not self.named:
            raise RecordError("A transaction is too large", code="ROW_TOO_LARGE")
        if any(row.external_id == self.large and row.fields is not None for row in write.rows):
            raise RecordError(f"Record {self.large} is too large", code="ROW_TOO_LARGE", external_id=self.large)
        return self.store.commit(records, write)


def test_a_wait_that_the_source_asked_for_is_slept_to_the_second() -> None:
    office = five()
    office.source.troubles["page"] = [THROTTLED]
    run = office.sync()
    assert (office.host.slept, run.status) == ([42.5], RunStatus.SUCCEEDED)


@pytest.mark.parametrize("method", ["companies", "count"])
def test_every_step_may_be_put_off(method: str) -> None:
    office = five()
    office.source.troubles[method] = [THROTTLED]
    assert (office.sync().status, office.host.slept) == (RunStatus.SUCCEEDED, [42.5])


def test_a_range_that_the_source_never_serves_is_left_and_the_run_goes_on() -> None:
    office = five()
    job = reading(office)
    office.source.troubles["page"] = [THROTTLED]
    assert read_page(office.desk, last_try(job), sit_down(office.desk, last_try(job)), SUPPLIERS) == Step(State.DONE)
    spans = office.desk.checkpoints.read(job.key, SUPPLIERS).ranges
    assert [span.failed for span in spans] == ["Too many requests", None, None]


def test_trouble_without_an_end_in_sight_leaves_the_range() -> None:
    office = five()
    job = reading(office)
    office.source.troubles["page"] = [RetryLaterError("Down", delay=60)]
    assert read_page(office.desk, job, sit_down(office.desk, job), SUPPLIERS) == Step(State.DONE)


def test_a_page_that_is_too_slow_is_asked_for_by_halves_down_to_a_hundred() -> None:
    office = open_office(settings={"pageSize": 350})
    office.source.troubles["page"] = [TIMEOUT, TIMEOUT, None]
    office.sync(entities=(SUPPLIERS,))
    assert [query.page_size for query in office.source.asked] == [350, 175, 100]


def test_a_page_that_is_too_slow_at_its_smallest_waits() -> None:
    office = open_office(settings={"pageSize": 100})
    office.source.troubles["page"] = [TIMEOUT]
    office.sync(entities=(SUPPLIERS,))
    assert office.host.slept == [5]


def test_a_walk_whose_cursor_died_starts_again() -> None:
    office = five()
    office.source.dead_cursors = 1
    run = office.sync(RunKind.DELTA, modified_since=START)
    assert (run.status, run.progress.pages, suppliers(run)) == (RunStatus.SUCCEEDED, 4, Tally(read=5, created=5))


def test_a_source_that_loses_every_cursor_leaves_the_range() -> None:
    office = open_office()
    office.source.troubles["page"] = [CursorLostError("Unknown token")] * 5
    run = office.sync(entities=(SUPPLIERS,))
    reason = "The source lost its page cursor 5 times: Unknown token"
    assert run.error == RunFailure("SOURCE_INCOMPLETE", reason, retryable=True)


def test_a_cancelled_run_stops_within_one_page_and_keeps_what_is_done() -> None:
    office = five()
    run = office.begin(entities=(SUPPLIERS,))

    def stop() -> None:
        if len(office.source.asked) == 2:
            runs.cancel(office.desk, ALICE, office.integration.id, run.id)

    office.company.before_page = stop
    ended = office.work(run)
    assert (ended.status, len(office.source.asked), suppliers(ended).created) == (RunStatus.CANCELLED, 2, 4)


def test_a_small_sync_that_is_cancelled_keeps_the_page_that_it_read() -> None:
    office = open_office()
    office.add("")
    office.sync(entities=(SUPPLIERS,))
    (new,) = office.add("New")
    run = office.begin(modified_since=START, entities=(SUPPLIERS,))

    def stop() -> None:
        runs.cancel(office.desk, ALICE, office.integration.id, run.id)

    office.company.before_page = stop
    assert (office.work(run).progress.pages, office.record(new) is not None) == (1, True)


def test_a_run_that_is_cancelled_before_it_is_proven_marks_nothing_as_gone() -> None:
    office = five()
    office.sync(entities=(SUPPLIERS,))
    gone = next(iter(office.company.sets["vendors"]))
    office.company.delete("vendors", gone)
    run = office.begin(entities=(SUPPLIERS,))

    def stop() -> None:
        if len(office.source.asked) == 5:
            runs.cancel(office.desk, ALICE, office.integration.id, run.id)

    office.company.before_page = stop
    assert (office.work(run).status, office.kept(gone).present_in_source) == (RunStatus.CANCELLED, True)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "open_run"])
def test_a_step_without_its_entity_type_fails(name: str) -> None:
    office = open_office()
    step = take(office.desk, name, office.job(office.begin(), None))
    assert (step.state, step.standing) == (State.FAILED, None)


@pytest.mark.parametrize(("announced", "last"), [(False, False), (True, True)])
def test_trouble_that_lasts_too_long_fails_a_step(*, announced: bool, last: bool) -> None:
    office = open_office()
    job = office.job(office.begin())
    office.source.troubles["companies"] = [RetryLaterError("Down", delay=5, announced=announced)]
    step = take(office.desk, "open_run", last_try(job) if last else job)
    assert step == Step(State.FAILED, failure=RunFailure("SOURCE_UNAVAILABLE", "Down", retryable=True))


def test_the_first_page_is_not_read_again_when_a_small_sync_goes_on() -> None:
    office = open_office()
    office.add("A")
    job = office.job(office.begin())
    office.source.troubles["page"] = [THROTTLED]
    steps: list[Any] = [take(office.desk, "begin_entity", job) for _ in range(3)]
    assert [step.state for step in steps] == [State.WAIT, State.DONE, State.DONE]
    assert len(office.source.asked) == 2


def test_an_error_without_a_code_of_its_own_is_internal() -> None:
    assert SyncError("Unforeseen").code == "INTERNAL_ERROR"


def test_a_refused_connection_holds_the_integration_but_passing_trouble_does_not() -> None:
    office = open_office()
    office.source.troubles["companies"] = [RetryLaterError("Down", delay=0)]
    run = office.sync()
    assert (run.status, office.current.status) == (RunStatus.FAILED, Status.ACTIVE)
