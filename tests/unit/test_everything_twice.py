"""Invariant 4: a killed process, a repeated delivery or a replay changes nothing and costs at most the page in hand."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from sync.model.checkpoint import RunKey
from sync.model.errors import KeyTakenError, NotFoundError, StaleRecordError
from sync.model.run import RunStatus, Tally
from sync.services.desk import State, Step, save_run, sit_down
from sync.services.finishing import finish_run
from sync.services.policy import Policy
from sync.services.proving import prove_entity
from sync.services.reading import plan_entity, read_page
from sync.services.steps import take
from sync.services.sweeping import sweep
from sync.services.writing import write_group
from tests.support.company import START
from tests.support.host import Crash, settle
from tests.support.office import SMALL, SUPPLIERS, Office, names, open_office, suppliers, twice


@dataclass(slots=True)
class Fails:
    """A store one of whose methods fails at chosen calls, before or after it did its work."""

    store: Any
    method: str
    error: BaseException
    calls: frozenset[int]
    done_first: frozenset[int] = frozenset()
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.store, name)
        return method if name != self.method else self._fail(method)

    def _fail(self, method: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            number = next(self.numbers)
            if number in self.done_first:
                method(*args, **kwargs)
            if number in self.calls | self.done_first:
                raise self.error
            return method(*args, **kwargs)

        return call


def failing(office: Office, store: str, method: str, error: BaseException, **calls: frozenset[int]) -> None:
    """Let a method of a store fail at `calls`, or at `done_first` when its work is done."""
    at, done_first = calls.get("calls", frozenset()), calls.get("done_first", frozenset())
    watched: dict[str, Any] = {store: Fails(getattr(office.desk, store), method, error, at, done_first)}
    office.desk = office.host.desk = replace(office.desk, **watched)


def five() -> Office:
    office = open_office(SMALL)
    office.add("A", "B", "C", "D", "E")
    return office


def resume(office: Office) -> None:
    office.clock.pass_by(11)
    settle(sweep(office.desk, office.host))


def test_a_range_is_read_again_by_at_most_one_page_after_a_crash() -> None:
    office = five()
    run = office.begin(entities=(SUPPLIERS,))
    failing(office, "checkpoints", "write", Crash(), calls=frozenset({3}))
    with pytest.raises(Crash):
        office.host.work()
    resume(office)
    office.work(run)
    assert (len(office.source.asked), suppliers(office.found(run))) == (4, Tally(read=5, created=5))


@pytest.mark.parametrize("commit", range(1, 5))
def test_a_bucket_written_before_a_crash_is_counted_as_this_runs_doing(commit: int) -> None:
    office = five()
    run = office.begin(entities=(SUPPLIERS,))
    failing(office, "records", "commit", Crash(), done_first=frozenset({commit}))
    with pytest.raises(Crash):
        office.host.work()
    resume(office)
    assert suppliers(office.work(run)) == Tally(read=5, created=5)


@pytest.mark.parametrize(
    ("store", "method", "call"),
    [
        ("logs", "append", 1),
        ("logs", "append", 2),
        ("watermarks", "advance", 2),
        ("integrations", "save", 2),
        ("runs", "save", 2),
        ("stages", "drop", 1),
        ("checkpoints", "drop", 1),
        ("leases", "release", 1),
    ],
)
def test_a_run_that_crashed_while_finishing_ends_the_same(store: str, method: str, call: int) -> None:
    office = five()
    run = office.begin()
    failing(office, store, method, Crash(), calls=frozenset({call}))
    with pytest.raises(Crash):
        office.host.work()
    resume(office)
    assert (office.work(run).status, suppliers(office.found(run))) == (RunStatus.SUCCEEDED, Tally(read=5, created=5))
    assert (len(office.logs()), office.watermark(), office.desk.leases.list("run_")) == (2, START, ())


def test_every_step_may_happen_twice() -> None:
    office = five()
    office.host.around = twice
    run = office.sync()
    assert (run.status, suppliers(run), len(office.logs())) == (RunStatus.SUCCEEDED, Tally(read=5, created=5), 2)


def test_a_run_finished_twice_stays_as_it_ended() -> None:
    office = five()
    run = office.sync()
    finish_run(office.desk, office.job(run), [Step(State.FAILED)])
    assert office.found(run) == run


def test_an_ended_run_leaves_no_checkpoint_behind() -> None:
    office = five()
    run = office.sync()
    assert office.desk.checkpoints.read(RunKey(run.integration_id, run.id), SUPPLIERS).plan is None


def test_a_planned_entity_type_is_not_planned_again() -> None:
    office = five()
    run = office.begin()
    noted = plan_entity(office.desk, office.job(run), sit_down(office.desk, office.job(run)), SUPPLIERS)
    office.add("F", "G", "H")
    assert plan_entity(office.desk, office.job(run), sit_down(office.desk, office.job(run)), SUPPLIERS) == noted


def test_a_range_that_is_done_is_not_read_again() -> None:
    office = open_office()
    run = office.begin()
    plan_entity(office.desk, office.job(run), sit_down(office.desk, office.job(run)), SUPPLIERS)
    steps = [
        read_page(office.desk, office.job(run), sit_down(office.desk, office.job(run)), SUPPLIERS) for _ in range(2)
    ]
    assert ([step.state for step in steps], len(office.source.asked)) == ([State.DONE] * 2, 1)


@pytest.mark.parametrize("writers", [1, 4])
@pytest.mark.parametrize("group_size", [1, 2, 5])
def test_what_was_read_is_written_once_in_however_many_groups_by_however_many(group_size: int, writers: int) -> None:
    office = open_office(Policy(page_size=2, group_size=group_size, writers=writers))
    ids = office.add("A", "B", "C", "D", "E")
    assert suppliers(office.sync()) == Tally(read=5, created=5)
    assert names([office.record(each) for each in ids]) == ["A", "B", "C", "D", "E"]


@pytest.mark.parametrize("body", [write_group, prove_entity])
def test_a_step_of_an_entity_type_without_a_plan_has_nothing_to_do(body: Any) -> None:
    office = open_office()
    job = office.job(office.begin())
    assert body(office.desk, job, sit_down(office.desk, job), SUPPLIERS) == Step(State.DONE)


def test_a_step_of_a_run_that_is_gone_is_cancelled() -> None:
    office = open_office()
    run = office.begin()
    office.desk.integrations.delete(office.current)
    assert take(office.desk, "open_run", office.job(run)) == Step(State.CANCELLED)


def test_a_run_whose_integration_is_gone_leaves_its_lease() -> None:
    office = open_office()
    run = office.begin()
    office.desk.integrations.delete(office.current)
    finish_run(office.desk, office.job(run), ())
    assert office.desk.leases.list("run_") == ()


@pytest.mark.parametrize("stumbles", [1, 7])
def test_a_bucket_that_someone_else_wrote_is_decided_again(stumbles: int) -> None:
    office = open_office()
    office.add("A")
    failing(office, "records", "commit", StaleRecordError("Else"), calls=frozenset(range(1, stumbles + 1)))
    assert suppliers(office.sync(entities=(SUPPLIERS,))) == Tally(read=1, created=1)


def test_a_bucket_that_others_write_for_ever_fails_the_run() -> None:
    office = open_office()
    office.add("A")
    failing(office, "records", "commit", StaleRecordError("Else"), calls=frozenset(range(100)))
    assert office.sync().status is RunStatus.FAILED


@pytest.mark.parametrize(("stumbles", "gone", "status"), [(1, False, RunStatus.SUCCEEDED), (9, True, RunStatus.FAILED)])
def test_marking_what_is_gone_is_decided_again_when_someone_else_wrote(
    stumbles: int, status: RunStatus, *, gone: bool
) -> None:
    office = open_office()
    first, _ = office.add("A", "B")
    office.sync(entities=(SUPPLIERS,))
    office.company.delete("vendors", first)
    failing(office, "records", "commit", StaleRecordError("Else"), calls=frozenset(range(1, stumbles + 1)))
    run = office.sync(entities=(SUPPLIERS,))
    assert (run.status, office.kept(first).present_in_source) == (status, gone)


def test_rows_that_no_manifest_tells_of_are_taken_over() -> None:
    office = open_office()
    (first,) = office.add("A")
    failing(office, "records", "commit", KeyTakenError("Taken"), calls=frozenset({1}))
    assert suppliers(office.sync(entities=(SUPPLIERS,))).created == 1
    assert office.kept(first).fields["name"] == "A"


def test_a_run_that_others_change_is_changed_again_until_it_holds() -> None:
    office = open_office()
    run = office.begin()
    office.desk.runs.save(replace(run, attempt=5))
    save_run(office.desk, run, lambda each: replace(each, cancel_requested=True))
    assert (office.found(run).attempt, office.found(run).cancel_requested) == (5, True)


def test_a_run_that_is_gone_cannot_be_changed() -> None:
    office = open_office()
    run = office.begin()
    with pytest.raises(NotFoundError):
        save_run(office.desk, replace(run, id="run_other"), lambda each: each)


def test_leases_outlive_a_resumed_run_no_longer_than_it() -> None:
    office = five()
    run = office.begin()
    office.host.waiting.clear()
    resume(office)
    office.work(run)
    office.clock.pass_by(timedelta(days=1).total_seconds())
    assert settle(sweep(office.desk, office.host)) == 0
