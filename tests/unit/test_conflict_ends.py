"""How conflicts end by themselves, turn into others, and survive a moment in which two things happen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from sync.engine.buckets import bucket_of, record_key
from sync.model.channel import Hint, HintKind
from sync.model.conflict import Choice, Conflict, ConflictStatus, Reason, Rival, Side
from sync.model.errors import StaleRecordError, StateError
from sync.model.manifest import Manifest, Mark
from sync.model.record import Record, SyncStatus
from sync.model.run import RunKind
from sync.ports import ConflictFilter
from sync.services import editing
from sync.services.desk import sit_down
from sync.services.hearing import close
from sync.services.purging import purge_records
from sync.services.records import RecordOrder
from sync.services.vanishing import confirm
from tests.support.company import START
from tests.support.desks import ALICE
from tests.support.host import Crash
from tests.support.office import SUPPLIERS, VENDORS, Office, open_office, set_key, suppliers
from tests.unit.test_everything_twice import failing, resume
from tests.unit.test_hearing import court, edit, made, meddle, shelf, waiting, with_clash, with_conflict, with_twin

FOREIGN = "another"


def status(office: Office, row: str) -> SyncStatus:
    return office.kept(row).sync_status


def conflicts(office: Office) -> dict[str, ConflictStatus]:
    found = court(office).list(ConflictFilter(status=None), cursor=None, limit=99).items
    return {each.reason.value: each.status for each in found}


def drop(office: Office, row: str) -> None:
    """Let another company of the user lose its record, as a purge does."""
    office.desk.records.remove(set_key(SUPPLIERS), office.kept(row))


def take(office: Office, row: str) -> None:
    """Let another company of the user bring a record."""
    records, _ = office.desk.records.open_set(set_key(SUPPLIERS), expected=1)
    office.desk.records.create(records, Record(row, {"name": "Other"}, source=FOREIGN))


def test_a_key_conflict_ends_when_a_full_listing_proves_the_record_gone() -> None:
    office, conflict, row = with_clash()
    office.add("Another")
    office.company.delete(VENDORS, row.external_id)
    office.sync()
    assert (waiting(office), status(office, conflict.external_id)) == ((), SyncStatus.SYNCED)


def test_a_duplicate_ends_when_a_full_listing_proves_the_record_gone() -> None:
    office, conflict = with_twin()
    office.add("Another")
    office.company.delete(VENDORS, conflict.external_id)
    office.sync()
    assert (waiting(office), status(office, "plt_1")) == ((), SyncStatus.PENDING)


def test_a_duplicate_is_found_among_many_open_conflicts_when_its_record_is_gone() -> None:
    office, conflict = with_twin()
    office.add("Another")
    later = replace(conflict, rival=Rival("plt_2"), detected_at=conflict.detected_at + timedelta(hours=1))
    office.desk.conflicts.note([replace(later, id=f"cfl_{n}", external_id=f"v-{n}") for n in range(200)])
    office.company.delete(VENDORS, conflict.external_id)
    office.sync()
    assert _stored(office, conflict).status is ConflictStatus.RESOLVED


def test_a_key_conflict_ends_when_the_source_says_that_the_record_is_gone() -> None:
    office, conflict, row = with_clash()
    office.company.delete(VENDORS, row.external_id)
    bench = sit_down(office.desk, office.job(office.begin()))
    confirm(office.desk, bench, [Hint(office.integration.id, SUPPLIERS, HintKind.GONE, START, row.external_id)])
    assert (waiting(office), status(office, conflict.external_id)) == ((), SyncStatus.SYNCED)


def test_a_conflict_stays_as_long_as_its_record_is_listed() -> None:
    office, conflict, _ = with_clash()
    (other,) = office.add("Another")
    office.sync()
    office.company.delete(VENDORS, other)
    office.sync()
    assert [each.id for each in waiting(office)] == [conflict.id]


def test_the_record_that_stood_in_the_way_of_one_that_is_gone_stands_as_its_company_says() -> None:
    office, conflict, row = with_clash()
    records, _ = office.desk.records.open_set(set_key(SUPPLIERS), expected=1)
    told = Manifest("r", {record_key(row.external_id): (b"12345678", Mark.ERROR)})
    office.desk.records.rewrite(records, row, {FOREIGN: told})
    close(office.desk, conflict.queue, [conflict.id])
    assert status(office, row.external_id) is SyncStatus.ERROR


def test_a_record_that_is_edited_in_the_moment_in_which_its_conflict_ends_is_released_all_the_same() -> None:
    office, conflict, row = with_clash()

    def touch() -> None:
        office.desk.records.save(set_key(SUPPLIERS), replace(office.kept(row.external_id), custom={"a": 1}))

    late = meddle(office, "records", "save", touch)
    close(late.desk, conflict.queue, [conflict.id])
    assert status(office, row.external_id) is SyncStatus.SYNCED


def test_a_record_that_is_edited_again_and_again_is_left_as_it_is() -> None:
    office, conflict, row = with_clash()

    def touch() -> None:
        office.desk.records.save(set_key(SUPPLIERS), replace(office.kept(row.external_id), custom={"a": 1}))

    close(meddle(office, "records", "save", touch, times=99).desk, conflict.queue, [conflict.id])
    assert (waiting(office), status(office, row.external_id)) == ((), SyncStatus.CONFLICT)


def test_a_twin_stays_in_conflict_until_the_last_conflict_with_it_ends() -> None:
    office, conflict = with_twin()
    other = replace(conflict, id="cfl_2", external_id="v-2")
    office.desk.conflicts.note([other])
    close(office.desk, conflict.queue, [conflict.id])
    assert status(office, "plt_1") is SyncStatus.CONFLICT
    close(office.desk, conflict.queue, [other.id])
    assert status(office, "plt_1") is SyncStatus.PENDING


def test_a_key_conflict_that_turns_into_a_duplicate_is_one() -> None:
    office, conflict, _ = with_clash()
    made(office)
    drop(office, conflict.external_id)
    assert suppliers(office.sync()).conflicts == 1
    assert conflicts(office) == {"key": ConflictStatus.RESOLVED, "duplicate": ConflictStatus.OPEN}
    assert status(office, "plt_1") is SyncStatus.CONFLICT


def test_a_duplicate_that_turns_into_a_key_conflict_is_one() -> None:
    office, conflict = with_twin()
    take(office, conflict.external_id)
    assert suppliers(office.sync()).conflicts == 1
    assert conflicts(office) == {"key": ConflictStatus.OPEN, "duplicate": ConflictStatus.RESOLVED}
    assert status(office, "plt_1") is SyncStatus.PENDING


@pytest.mark.parametrize("turn", [lambda _, __: None, take])
def test_a_conflict_that_turned_stands_without_being_written_again(turn: Callable[[Office, str], None]) -> None:
    office, conflict = with_twin()
    turn(office, conflict.external_id)
    office.sync()
    before = waiting(office)
    assert suppliers(office.sync()).conflicts == 1
    assert waiting(office) == before


def test_a_record_that_meets_something_else_in_the_second_try_is_in_that_conflict_only() -> None:
    office = open_office()
    made(office)
    (row,) = office.add("Theirs")
    office.sync()
    office.company.put(VENDORS, row, "Theirs, changed")
    late = meddle(office, "records", "commit", lambda: _overtake(office, row))
    late.sync()
    assert {name: each for name, each in conflicts(office).items() if each is ConflictStatus.OPEN} == {
        "key": ConflictStatus.OPEN
    }


def test_a_choice_that_was_written_while_a_run_closed_the_conflict_is_the_choice() -> None:
    office, row, conflict = with_conflict()
    late = meddle(office, "conflicts", "save", lambda: close(office.desk, conflict.queue, [conflict.id]))
    saved = court(late).resolve(conflict, Choice(Side.SOURCE), by=ALICE)
    assert (saved.sides, saved.resolved_by) == ({"name": Side.SOURCE}, ALICE.user_id)
    assert office.kept(row).fields["name"] == "Changed"


def test_a_choice_that_comes_after_a_run_closed_the_conflict_is_told() -> None:
    office, row, conflict = with_conflict()
    edit(office, row)
    with pytest.raises(StateError, match="closed by itself"):
        court(office).resolve(_stored(office, conflict), Choice(Side.SOURCE), by=ALICE)


def test_a_duplicate_that_was_written_while_it_was_closed_keeps_what_the_twin_was() -> None:
    office, conflict = with_twin()
    late = meddle(office, "conflicts", "save", lambda: close(office.desk, conflict.queue, [conflict.id]))
    saved = court(late).resolve(conflict, Choice(Side.SOURCE), by=ALICE)
    assert (saved.platform["name"], saved.reason) == ("Ours", Reason.DUPLICATE)


def _stored(office: Office, conflict: Conflict) -> Conflict:
    found = office.desk.conflicts.get(conflict.queue, conflict.id)
    assert found is not None
    return found


def _overtake(office: Office, row: str) -> None:
    """Let another company bring the record, and a run of this one's write the bucket."""
    take(office, row)
    records = office.desk.records.find_set(set_key(SUPPLIERS))
    assert records is not None
    source = office.current.connection.source
    bucket = bucket_of(record_key(row), records.buckets)
    manifest = office.desk.records.manifest(records, bucket, source=source)
    office.desk.records.rewrite(records, office.kept(row), {source: manifest})


def test_of_thousands_of_open_failures_only_that_of_the_record_that_is_gone_is_forgotten() -> None:
    office = open_office()
    row, _ = office.add("", "B")
    office.sync()
    known = office.desk.failures.find(office.integration.id, SUPPLIERS, [row])[row]
    office.desk.failures.note(office.integration.id, [replace(known, external_id=f"f-{n}") for n in range(5000)])
    office.company.delete(VENDORS, row)
    office.sync()
    assert len(office.desk.failures.open(office.integration.id, SUPPLIERS, limit=9999)) == 5000


def test_a_choice_about_values_that_a_run_has_overtaken_writes_nothing() -> None:
    office, row, conflict = with_conflict()
    office.clock.pass_by(3600)
    office.company.put(VENDORS, row, "Newer")
    office.sync(RunKind.DELTA)
    with pytest.raises(StaleRecordError):
        court(office).resolve(conflict, Choice(Side.SOURCE), by=ALICE)
    assert (office.kept(row).fields["name"], status(office, row)) == ("Ours", SyncStatus.CONFLICT)


def test_after_an_overtaken_choice_the_newest_values_can_be_taken() -> None:
    office, row, conflict = with_conflict()
    office.clock.pass_by(3600)
    office.company.put(VENDORS, row, "Newer")
    office.sync(RunKind.DELTA)
    with pytest.raises(StaleRecordError):
        court(office).resolve(conflict, Choice(Side.SOURCE), by=ALICE)
    (newer,) = waiting(office)
    court(office).resolve(newer, Choice(Side.SOURCE), by=ALICE)
    assert office.kept(row).fields["name"] == "Newer"


@pytest.mark.parametrize("side", [Side.SOURCE, Side.PLATFORM])
def test_a_record_is_stored_when_what_it_duplicated_is_gone(side: Side) -> None:
    office, conflict = with_twin()
    office.desk.records.remove(set_key(SUPPLIERS), office.kept("plt_1"))
    court(office).resolve(conflict, Choice(side), by=ALICE)
    assert office.kept(conflict.external_id).fields == conflict.source


@pytest.mark.parametrize("side", [Side.SOURCE, Side.PLATFORM])
def test_a_record_is_stored_when_the_one_with_its_key_is_gone(side: Side) -> None:
    office, conflict, row = with_clash()
    drop(office, row.external_id)
    court(office).resolve(conflict, Choice(side), by=ALICE)
    assert office.kept(row.external_id).source == office.integration.connection.source


def test_a_purge_frees_records_of_other_integrations_that_were_in_conflict() -> None:
    office, _ = with_twin()
    twin = office.kept("plt_1")
    office.desk.records.remove(set_key(SUPPLIERS), twin)
    records, _ = office.desk.records.open_set(set_key(SUPPLIERS), expected=1)
    office.desk.records.create(records, replace(twin, integration_id="int-other", version=""))
    purge_records(office.desk, office.current)
    assert (waiting(office), status(office, "plt_1")) == ((), SyncStatus.PENDING)


def killed_once(office: Office) -> None:
    """Sync, and be killed right after the first bucket is written; then the run goes on."""
    plain = office.desk
    failing(office, "records", "commit", Crash(), done_first=frozenset({1}))
    run = office.begin()
    with pytest.raises(Crash):
        office.host.work()
    office.desk = office.host.desk = plain
    resume(office)
    office.work(run)


def test_a_duplicate_that_lost_its_cause_ends_also_when_the_run_is_killed_before_it_says_so() -> None:
    office, conflict = with_twin()
    editing.edit(shelf(office), office.kept("plt_1"), RecordOrder({"number": "OTHER"}), owner=ALICE)
    office.clock.pass_by(60)
    killed_once(office)
    assert (waiting(office), status(office, "plt_1")) == ((), SyncStatus.PENDING)
    assert office.kept(conflict.external_id).fields == conflict.source


def test_a_conflict_of_a_record_that_is_gone_ends_also_when_the_run_is_killed_before_it_says_so() -> None:
    office, row, _ = with_conflict()
    office.add("Another", "One more")
    office.sync()
    office.company.delete(VENDORS, row)
    office.clock.pass_by(60)
    killed_once(office)
    assert (waiting(office), office.kept(row).present_in_source) == ((), False)


def test_a_choice_about_a_key_that_the_run_knows_no_more_writes_nothing() -> None:
    office, conflict, row = with_clash()
    office.desk.records.purge(set_key(SUPPLIERS), source=office.integration.connection.source)
    court(office).resolve(conflict, Choice(Side.SOURCE), by=ALICE)
    assert office.kept(row.external_id).fields == {"name": "Other"}


def test_a_choice_about_a_key_that_the_platform_uses_itself_writes_nothing() -> None:
    office, conflict, row = with_clash()
    drop(office, row.external_id)
    records, _ = office.desk.records.open_set(set_key(SUPPLIERS), expected=1)
    office.desk.records.create(records, Record(row.external_id, {"name": "Made here"}))
    court(office).resolve(conflict, Choice(Side.SOURCE), by=ALICE)
    assert office.kept(row.external_id).fields == {"name": "Made here"}


def test_a_purge_ends_conflicts_however_many() -> None:
    office, conflict = with_twin()
    office.desk.conflicts.note([replace(conflict, id=f"cfl_{number}") for number in range(201)])
    purge_records(office.desk, office.current)
    assert waiting(office) == ()


def test_a_choice_about_a_duplicate_that_the_run_knows_no_more_writes_nothing() -> None:
    office, conflict = with_twin()
    office.desk.records.purge(set_key(SUPPLIERS), source=office.integration.connection.source)
    court(office).resolve(conflict, Choice(Side.SOURCE), by=ALICE)
    assert (office.record(conflict.external_id), office.kept("plt_1").fields["name"]) == (
        None,
        conflict.platform["name"],
    )
