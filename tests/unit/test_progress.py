"""How far a run is, told from what is noted about it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from sync.model.run import Phase, Progress, Run
from sync.services import runs
from sync.services.desk import sit_down
from sync.services.opening import open_run
from sync.services.progress import measure, watch
from sync.services.reading import plan_entity, read_page
from sync.services.summary import supply_summary
from sync.services.writing import write_group
from tests.support.company import START
from tests.support.desks import ALICE
from tests.support.office import SMALL, SUPPLIERS, Office, open_office


def at(steps: int) -> tuple[Office, Run]:
    """Return an office whose run of four suppliers has taken so many steps."""
    office = open_office(SMALL)
    office.add("A", "B", "C", "D")
    run = office.begin(entities=(SUPPLIERS,))
    job, other = office.job(run), office.job(run, index=1)
    ways: list[Callable[[], object]] = [
        lambda: open_run(office.desk, job),
        lambda: plan_entity(office.desk, job, sit_down(office.desk, job), SUPPLIERS),
        lambda: read_page(office.desk, job, sit_down(office.desk, job), SUPPLIERS),
        lambda: read_page(office.desk, other, sit_down(office.desk, other), SUPPLIERS),
        lambda: write_group(office.desk, job, sit_down(office.desk, job), SUPPLIERS),
    ]
    for step in ways[:steps]:
        step()
        office.clock.pass_by(2)
    return office, office.found(run)


@pytest.mark.parametrize(
    ("steps", "phase"),
    [
        (0, Phase.STARTING),
        (1, Phase.STARTING),
        (2, Phase.READING),
        (3, Phase.READING),
        (4, Phase.WRITING),
        (5, Phase.FINISHING),
    ],
)
def test_a_run_is_in_the_phase_of_its_next_step(steps: int, phase: Phase) -> None:
    office, run = at(steps)
    assert watch(office.desk, run).progress.phase is phase


def test_pages_records_and_rate_are_told_while_a_run_reads() -> None:
    office, run = at(3)
    heartbeat = START + timedelta(seconds=4)
    assert watch(office.desk, run).progress == Progress(Phase.READING, 1, 2, 4, 0.3, heartbeat)


def test_an_integrations_summary_tells_the_same_progress() -> None:
    office, run = at(3)
    assert supply_summary(office.desk, office.current).active == watch(office.desk, run)


def test_a_run_that_reads_changes_expects_no_number_of_records() -> None:
    office = open_office()
    run = office.begin(modified_since=START)
    plan_entity(office.desk, office.job(run), sit_down(office.desk, office.job(run)), SUPPLIERS)
    assert watch(office.desk, run).progress.expected is None


def test_a_run_that_has_not_begun_has_no_rate() -> None:
    office, run = at(0)
    assert measure(run, (), now=office.clock.now()).rate_per_second == 0


def test_a_run_without_a_lease_shows_no_sign_of_life() -> None:
    office, run = at(1)
    office.desk.leases.release(f"run_{run.integration_id}", run.id)
    assert watch(office.desk, run).progress.heartbeat_at is None


def test_an_ended_run_tells_its_last_progress() -> None:
    office = open_office()
    run = office.sync()
    assert watch(office.desk, run) == run


def test_listed_runs_tell_their_progress_newest_first() -> None:
    office = open_office()
    first = office.sync()
    second = office.begin()
    open_run(office.desk, office.job(second))
    page = runs.listed(office.desk, ALICE, office.integration.id, cursor=None, limit=9)
    assert [run.id for run in page.items] == [second.id, first.id]
    assert page.items[0].progress.heartbeat_at == START
