"""What a run changed is kept, once, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from sync.engine import journal
from sync.engine.buckets import record_key
from sync.model.channel import Hint, HintKind
from sync.model.checkpoint import RunKey
from sync.model.errors import RecordError
from sync.model.record import Arrival
from sync.model.run import Run, RunKind
from sync.model.trail import Deed, Footprint, Happening
from sync.services.desk import sit_down
from sync.services.policy import Policy
from sync.services.vanishing import confirm
from tests.support.company import START
from tests.support.host import Crash
from tests.support.office import SMALL, SUPPLIERS, VENDORS, Office, open_office, twice
from tests.unit.test_everything_twice import Fails, failing, resume


def trail(office: Office, run: Run) -> list[Footprint]:
    found = office.desk.chronicle.trail.footprints(run.integration_id, SUPPLIERS, after="")
    return [each for each in found if each.run_id == run.id]


def told(office: Office, run: Run, external_id: str) -> Happening | None:
    """Return what the run's newest journal of a record tells."""
    key = record_key(external_id)
    for footprint in trail(office, run):
        if journal.may_lead_to(footprint, key):
            place = RunKey(run.integration_id, run.id)
            body = office.desk.chronicle.journals.read(place, footprint.journal, start=0, end=footprint.size)
            return journal.find(body, key)
    return None


def deed(office: Office, run: Run, external_id: str) -> Deed | None:
    found = told(office, run, external_id)
    return None if found is None else found[0]


def refused(external_id: str) -> RecordError:
    return RecordError("Too large", code="ROW_TOO_LARGE", external_id=external_id)


def chronicle_failing(office: Office, store: str, method: str, **calls: frozenset[int]) -> None:
    """Let a method of a chronicle's store kill the process at chosen calls."""
    at, done_first = calls.get("calls", frozenset()), calls.get("done_first", frozenset())
    chronicle = office.desk.chronicle
    watched: dict[str, Any] = {store: Fails(getattr(chronicle, store), method, Crash(), at, done_first)}
    office.desk = office.host.desk = replace(office.desk, chronicle=replace(chronicle, **watched))


def put(office: Office, external_id: str, name: str) -> None:
    office.clock.pass_by(10)
    office.company.put(VENDORS, external_id, name)


@pytest.mark.parametrize("group_size", [1, 2, 100])
def test_a_first_sync_keeps_every_record_as_created(group_size: int) -> None:
    office = open_office(Policy(page_size=2, group_size=group_size))
    ids = office.add("A", "B", "C", "D", "E")
    run = office.sync()
    assert [deed(office, run, each) for each in ids] == [Deed.CREATED] * 5


def test_a_changed_record_is_kept_with_its_values_and_the_others_are_not() -> None:
    office = open_office()
    first, second = office.add("A", "B")
    office.sync()
    put(office, first, "A2")
    run = office.sync()
    found = told(office, run, first)
    assert found is not None
    assert (found[0], '"name":"A2"' in found[1].fields, told(office, run, second)) == (Deed.UPDATED, True, None)


def test_a_run_that_changes_nothing_keeps_nothing() -> None:
    office = open_office()
    office.add("A", "B", "")
    office.sync()
    assert trail(office, office.sync()) == []


@pytest.mark.parametrize("name", ["A", ""])
def test_a_failure_is_kept_by_the_run_that_met_it_first(name: str) -> None:
    office = open_office()
    (row,) = office.add(name)
    office.sync()
    put(office, row, "")
    later = office.sync(RunKind.DELTA)
    assert deed(office, later, row) is (Deed.FAILED if name else None)


def test_a_record_that_was_refused_by_the_store_is_kept_as_failed() -> None:
    office = open_office()
    (row,) = office.add("A")
    run = office.begin()
    failing(office, "records", "commit", refused(row), calls=frozenset({1}))
    office.work(run)
    found = told(office, run, row)
    assert found is not None
    assert (found[0], found[1].fault is not None and found[1].fault.code) == (Deed.FAILED, "ROW_TOO_LARGE")


def test_a_record_that_is_gone_is_kept_as_gone_once() -> None:
    office = open_office()
    row, _ = office.add("A", "B")
    office.sync()
    office.company.delete(VENDORS, row)
    run, later = office.sync(), office.sync()
    assert (deed(office, run, row), trail(office, later)) == (Deed.GONE, [])


def test_every_step_done_twice_keeps_the_same() -> None:
    office = open_office(SMALL)
    office.host.around = twice
    kept, changed, blank, lost = office.add("A", "B", "C", "D")
    office.sync()
    put(office, changed, "B2")
    put(office, blank, "")
    office.company.delete(VENDORS, lost)
    run = office.sync()
    deeds = [deed(office, run, each) for each in (kept, changed, blank, lost)]
    assert deeds == [None, Deed.UPDATED, Deed.FAILED, Deed.GONE]


def test_a_record_that_the_source_does_not_know_any_more_is_kept_as_gone_however_often_it_is_asked() -> None:
    office = open_office()
    row, _ = office.add("A", "B")
    run = office.sync()
    office.company.delete(VENDORS, row)
    later = office.begin(RunKind.DELTA)
    office.work(later)
    bench = sit_down(office.desk, office.job(later))
    for _ in range(2):
        confirm(office.desk, bench, [Hint(run.integration_id, SUPPLIERS, HintKind.GONE, START, row)])
    assert (deed(office, later, row), len(trail(office, later))) == (Deed.GONE, 1)


def busy() -> tuple[Office, list[str]]:
    """Return an office in which a second sync has everything to do, in several buckets."""
    office = open_office()
    ids = list(office.add("A", "B", "C", "D", "E", "F"))
    office.sync()
    for row in ids[:2]:
        put(office, row, "changed")
    for row in ids[2:4]:
        put(office, row, "")
    office.company.delete(VENDORS, ids[4])
    return office, [*ids, *office.add("G")]


WANTED = [Deed.UPDATED, Deed.UPDATED, Deed.FAILED, Deed.FAILED, Deed.GONE, None, Deed.CREATED]


@pytest.mark.parametrize("commit", range(1, 8))
def test_what_was_changed_before_a_crash_is_kept_after_it(commit: int) -> None:
    office, ids = busy()
    run = office.begin(entities=(SUPPLIERS,))
    failing(office, "records", "commit", Crash(), done_first=frozenset({commit}))
    try:
        office.host.work()
    except Crash:
        resume(office)
        office.work(run)
    assert [deed(office, run, each) for each in ids] == WANTED


@pytest.mark.parametrize(("store", "method"), [("trail", "mark"), ("journals", "put")])
@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize("when", ["calls", "done_first"])
def test_a_crash_while_keeping_loses_nothing(store: str, method: str, call: int, when: str) -> None:
    office, ids = busy()
    run = office.begin(entities=(SUPPLIERS,))
    chronicle_failing(office, store, method, **{when: frozenset({call})})
    with pytest.raises(Crash):
        office.host.work()
    resume(office)
    office.work(run)
    assert [deed(office, run, each) for each in ids] == WANTED


def test_too_many_records_are_not_told_one_by_one() -> None:
    keys = [record_key(str(number)) for number in range(3)]
    assert journal.touched(keys, count=3) == b"".join(key[:4] for key in keys)
    assert journal.touched(keys, count=journal.MOST_TOUCHED + 1) is None


def test_a_journal_tells_nothing_of_a_record_that_is_not_in_it() -> None:
    arrival = Arrival("v-1", record_key("v-1"), bytes(8), "{}", None)
    body = journal.write([(Deed.CREATED, arrival)])
    assert (journal.find(body, record_key("v-2")), journal.find(b"", arrival.key)) == (None, None)
    assert journal.find(body, arrival.key) == (Deed.CREATED, arrival)


def test_a_change_that_is_no_deed_is_not_told() -> None:
    doings = journal.Doings(((b"k" * 16, None, None), (b"c" * 16, (b"", 2), None)), {}, 0, ())
    assert list(journal.happened(doings, {})) == []
