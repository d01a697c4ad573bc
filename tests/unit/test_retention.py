"""What is kept no longer goes with everything that belongs to it, also when the process dies meanwhile."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sync.model.checkpoint import RunKey
from sync.model.errors import NotFoundError
from sync.model.integration import Integration
from sync.model.run import Run
from sync.model.trail import Footprint
from sync.services.desk import Desk
from sync.services.retention import forget, prune
from tests.support.host import Crash
from tests.support.office import SUPPLIERS, Office, open_office
from tests.unit.test_everything_twice import Fails
from tests.unit.test_hearing import edit

YEAR = timedelta(days=366).total_seconds()
QUARTERLY = "0 */15 * * * *"

type Cleaning = Callable[[Desk, Integration], object]


def forget_all(desk: Desk, integration: Integration) -> None:
    forget(desk, integration.id)


def kept_long() -> tuple[Office, Run, list[Footprint]]:
    """Return an office, a run of long ago that has everything a run can have, and where its journals are told."""
    office = open_office(schedule=QUARTERLY)
    office.add("A", "")
    run = office.sync()
    office.clock.pass_by(YEAR)
    return office, run, footprints(office, run)


def footprints(office: Office, run: Run) -> list[Footprint]:
    return list(office.desk.chronicle.trail.footprints(run.integration_id, SUPPLIERS, after=""))


def has_journal(office: Office, place: Footprint) -> bool:
    key = RunKey(place.integration_id, place.run_id)
    try:
        return office.desk.chronicle.journals.read(key, place.journal, start=0, end=1) is not None
    except NotFoundError:
        return False


def left_of(office: Office, run: Run, places: list[Footprint]) -> set[str]:
    """Return what is still there of a run."""
    key = RunKey(run.integration_id, run.id)
    return {
        name
        for name, there in (
            ("run", office.desk.runs.get(run.integration_id, run.id)),
            ("certificate", office.desk.certificates.get(key)),
            ("failures", office.failures(run)),
            ("footprints", footprints(office, run)),
            ("journals", any(has_journal(office, each) for each in places)),
        )
        if there
    }


def dying(desk: Desk, store: str, method: str, **calls: frozenset[int]) -> Desk:
    """Return the desk where a method of a store kills the process before (`calls`) or after (`done_first`) its work."""
    owner: Any = desk.chronicle if hasattr(desk.chronicle, store) else desk
    watched = Fails(getattr(owner, store), method, Crash(), calls.get("calls", frozenset()))
    watched.done_first = calls.get("done_first", frozenset())
    parts: dict[str, Any] = {store: watched}
    return replace(desk, chronicle=replace(owner, **parts)) if owner is desk.chronicle else replace(desk, **parts)


@pytest.mark.parametrize("clean", [prune, forget_all])
def test_with_a_run_goes_all_that_is_kept_for_it(clean: Cleaning) -> None:
    office, run, places = kept_long()
    before = left_of(office, run, places)
    clean(office.desk, office.current)
    assert (len(before), left_of(office, run, places)) == (5, set())


@pytest.mark.parametrize("clean", [prune, forget_all])
@pytest.mark.parametrize("when", ["calls", "done_first"])
@pytest.mark.parametrize(
    ("store", "method"),
    [("journals", "drop"), ("trail", "prune"), ("failures", "prune"), ("certificates", "prune"), ("runs", "remove")],
)
def test_what_a_dead_cleaning_has_left_goes_with_the_next(clean: Cleaning, when: str, store: str, method: str) -> None:
    office, run, places = kept_long()
    with pytest.raises(Crash):
        clean(dying(office.desk, store, method, **{when: frozenset({1})}), office.current)
    clean(office.desk, office.current)
    assert left_of(office, run, places) == set()


def test_forgetting_removes_journals_whose_run_is_gone_already() -> None:
    office, run, places = kept_long()
    office.desk.runs.remove(run.integration_id, (run.id,))
    forget_all(office.desk, office.current)
    assert left_of(office, run, places) & {"footprints", "journals"} == set()


def test_an_integration_without_a_schedule_is_cleaned_by_its_runs() -> None:
    office = open_office()
    old = office.sync()
    office.clock.pass_by(YEAR)
    office.sync()
    assert left_of(office, old, []) == set()


def test_an_integration_without_a_schedule_is_cleaned_once_a_day() -> None:
    office = open_office()
    row, *_ = office.add("A")
    office.sync()
    edit(office, row, name="Ours")
    office.desk = office.host.desk = dying(office.desk, "edits", "prune", calls=frozenset({1}))
    office.clock.pass_by(60)
    assert office.sync().status.came_through
    office.clock.pass_by(86_400)
    with pytest.raises(Crash):
        office.sync()
