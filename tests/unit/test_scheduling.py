"""Timers: due delta syncs, missed times, and what is kept no longer."""

from datetime import timedelta
from typing import Any

import pytest

from sync.engine.schedule import jitter
from sync.model.checkpoint import RunKey
from sync.model.integration import Status
from sync.model.run import RunKind, RunStatus, RunTrigger
from sync.services import runs
from sync.services.retention import prune
from sync.services.scheduling import start_due
from tests.support.company import START
from tests.support.desks import ALICE
from tests.support.host import settle
from tests.support.office import Office, open_office

QUARTERLY = "0 */15 * * * *"
QUARTER = timedelta(minutes=15)


def due(**changes: Any) -> Office:
    return open_office(None, **({"schedule": QUARTERLY, "next_run_at": START} | changes))


def started(office: Office) -> int:
    count = settle(start_due(office.desk, office.host))
    assert isinstance(count, int)
    return count


def all_runs(office: Office) -> tuple[object, ...]:
    return runs.listed(office.desk, ALICE, office.integration.id, cursor=None, limit=50).items


def test_a_due_integration_starts_a_delta() -> None:
    office = due()
    assert started(office) == 1
    (run,) = runs.listed(office.desk, ALICE, office.integration.id, cursor=None, limit=50).items
    assert (run.kind, run.trigger, office.work(run).status) == (RunKind.DELTA, RunTrigger.TIMER, RunStatus.SUCCEEDED)


def test_an_integration_whose_time_has_not_come_is_left_alone() -> None:
    office = due(next_run_at=START + timedelta(seconds=1))
    assert (started(office), office.host.waiting) == (0, [])


def test_missed_times_are_made_up_for_once() -> None:
    office = due()
    office.clock.pass_by(timedelta(days=3).total_seconds())
    assert [started(office), started(office)] == [1, 0]
    assert office.current.next_run_at == START + timedelta(days=3) + QUARTER


def test_the_next_time_is_stored_before_the_run_begins() -> None:
    office = due()
    office.begin()
    assert (started(office), office.current.next_run_at) == (0, START + QUARTER)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.ACTIVE])
def test_paused_integrations_are_skipped(status: Status) -> None:
    office = due(status=status)
    assert (started(office), all_runs(office), office.current.next_run_at) == (0, (), START + QUARTER)


def test_an_integration_that_lost_its_schedule_is_due_no_more() -> None:
    office = due(schedule=None)
    assert (started(office), office.current.next_run_at) == (0, None)


def test_equal_schedules_do_not_start_at_once() -> None:
    office = due()
    started(office)
    (job,) = office.host.waiting
    assert job["delay"] == jitter(office.integration.id, QUARTERLY, START).total_seconds() > 0


def test_old_runs_and_logs_are_removed() -> None:
    office = due()
    office.sync()
    office.clock.pass_by(timedelta(days=366).total_seconds())
    assert prune(office.desk, office.current) == 1 + 2
    assert (all_runs(office), office.logs()) == ((), ())


def test_what_is_not_old_yet_is_kept() -> None:
    office = due()
    office.sync()
    office.clock.pass_by(timedelta(days=89).total_seconds())
    assert prune(office.desk, office.current) == 0


def test_the_certificate_of_a_removed_run_is_removed_with_it() -> None:
    office = due()
    run = RunKey(office.integration.id, office.sync().id)
    assert office.desk.certificates.get(run) is not None
    office.clock.pass_by(timedelta(days=366).total_seconds())
    prune(office.desk, office.current)
    assert office.desk.certificates.get(run) is None


def test_the_failed_records_of_a_removed_run_are_removed_with_it() -> None:
    office = due()
    office.add("")
    run = office.sync()
    office.clock.pass_by(timedelta(days=366).total_seconds())
    prune(office.desk, office.current)
    assert office.failures(run) == ()
