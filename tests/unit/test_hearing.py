"""What a run finds out about arrivals that may be in conflict, also when something happens in between."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sync.engine.buckets import record_key
from sync.engine.hearing import judge
from sync.engine.identity import marks_of
from sync.engine.pinning import edited_pins
from sync.engine.reconcile import NO_DIGEST
from sync.model.bucket import BucketWrite
from sync.model.conflict import Choice, Conflict, ConflictStatus, Queue, Reason, Side
from sync.model.errors import StaleRecordError
from sync.model.manifest import Manifest, Mark
from sync.model.record import Arrival, Record, RecordSet, SyncStatus
from sync.ports import ConflictFilter, RecordFilter
from sync.services import editing
from sync.services.conflicts import Court
from sync.services.hearing import close
from sync.services.kinship import Kin
from sync.services.records import RecordOrder, Shelf
from tests.support.desks import ALICE
from tests.support.office import SUPPLIERS, VENDORS, Office, open_office, set_key, suppliers

ID, SOURCE = "v-1", "t/production/c"
KEY = record_key(ID)
ROW = Record(ID, {"name": "Ours"}, source=SOURCE, pinned=("name",))
CHANGED = Arrival(ID, KEY, b"new-hash", '{"name":"Theirs"}', None)
TWIN = Record("plt_1", {"name": "Ours", "number": "N00000"}, integration_id="int", present_in_source=False)


class Meddling:
    """A store during whose next call of one method something else happens first."""

    def __init__(self, store: Any, method: str, deed: Callable[[], Any], times: int = 1) -> None:
        self._store, self._method, self._deeds = store, method, [deed] * times

    def __getattr__(self, name: str) -> Any:
        if name == self._method and self._deeds:
            self._deeds.pop()()
        return getattr(self._store, name)


def shelf(office: Office) -> Shelf:
    return Shelf(office.desk, office.current, SUPPLIERS)


def court(office: Office) -> Court:
    return Court(office.desk, office.current)


def waiting(office: Office) -> tuple[Conflict, ...]:
    return court(office).list(ConflictFilter(), cursor=None, limit=9).items


def edit(office: Office, row: str, *pins: str, **fields: Any) -> Record:
    return editing.edit(shelf(office), office.kept(row), RecordOrder(fields, pinned=pins), owner=ALICE)


def with_pin() -> tuple[Office, str]:
    office = open_office()
    (row,) = office.add("Theirs")
    office.sync()
    edit(office, row, "name", name="Ours")
    return office, row


def with_conflict() -> tuple[Office, str, Conflict]:
    office, row = with_pin()
    office.company.put(VENDORS, row, "Changed")
    office.sync()
    (conflict,) = waiting(office)
    return office, row, conflict


def meddle(office: Office, store: str, method: str, deed: Callable[[], Any], times: int = 1) -> Office:
    """Return the office at a desk where the deed happens right before the next call of the store's method."""
    changes: dict[str, Any] = {store: Meddling(getattr(office.desk, store), method, deed, times)}
    desk = replace(office.desk, **changes)
    host = replace(office.host, desk=desk)
    return replace(office, desk=desk, host=host)


def test_a_pin_that_is_set_while_a_run_writes_is_obeyed() -> None:
    office = open_office()
    (row,) = office.add("Theirs")
    office.sync()
    office.company.put(VENDORS, row, "Changed")
    late = meddle(office, "records", "commit", lambda: edit(office, row, "name", name="Ours"))
    assert suppliers(late.sync()).conflicts == 1
    assert office.kept(row).fields["name"] == "Ours"


def test_a_pinned_value_that_is_edited_while_a_run_writes_is_not_lost() -> None:
    office, row = with_pin()
    office.company.put(VENDORS, row, "Ours")
    late = meddle(office, "records", "commit", lambda: edit(office, row, "name", name="Ours, newer"))
    assert suppliers(late.sync()).conflicts == 1
    assert office.kept(row).fields["name"] == "Ours, newer"


def test_a_conflict_whose_pin_is_removed_while_a_run_writes_is_withdrawn() -> None:
    office, row = with_pin()
    office.company.put(VENDORS, row, "Changed")
    late = meddle(office, "records", "commit", lambda: edit(office, row))
    assert suppliers(late.sync()).updated == 1
    assert (waiting(office), office.kept(row).fields["name"]) == ((), "Changed")


def test_a_choice_that_is_made_while_a_run_writes_is_not_lost() -> None:
    office, row, conflict = with_conflict()
    office.add("Another")
    late = meddle(office, "records", "commit", lambda: court(office).resolve(conflict, Choice(Side.SOURCE), by=ALICE))
    late.sync()
    assert (waiting(office), office.kept(row).fields["name"]) == ((), "Changed")


def test_an_edit_of_a_pinned_record_holds_though_a_run_wrote_its_bucket() -> None:
    office, row = with_pin()
    late = meddle(office, "records", "rewrite", lambda: _touch(office, row))
    edit(late, row, "name", name="Ours, newer")
    assert office.kept(row).fields["name"] == "Ours, newer"


def test_an_edit_of_a_pinned_record_that_changed_meanwhile_is_refused() -> None:
    office, row = with_pin()
    late = meddle(office, "records", "rewrite", lambda: edit(office, row, "name", name="First"))
    with pytest.raises(StaleRecordError):
        edit(late, row, "name", name="Second")
    assert office.kept(row).fields["name"] == "First"


def test_an_edit_gives_up_when_the_bucket_never_rests() -> None:
    office, row = with_pin()
    late = meddle(office, "records", "rewrite", lambda: _touch(office, row), times=99)
    with pytest.raises(StaleRecordError):
        edit(late, row, "name", name="Ours, newer")


def test_an_edit_that_meets_a_newer_conflict_leaves_it_as_it_is() -> None:
    office, row, conflict = with_conflict()
    late = meddle(office, "conflicts", "save", lambda: office.desk.conflicts.note([conflict]))
    edit(late, row, "name", name="Ours, newer")
    assert [each.platform["name"] for each in waiting(office)] == ["Ours"]


def test_a_record_that_no_manifest_tells_of_is_edited_all_the_same() -> None:
    office = open_office()
    records, _ = office.desk.records.open_set(set_key(SUPPLIERS), expected=1)
    office.desk.records.create(records, replace(ROW, integration_id=office.integration.id))
    edit(office, ID, "name", name="Ours, newer")
    assert office.kept(ID).fields["name"] == "Ours, newer"


def test_a_choice_holds_though_a_run_wrote_the_bucket() -> None:
    office, row, conflict = with_conflict()
    late = meddle(office, "records", "rewrite", lambda: _touch(office, row))
    court(late).resolve(conflict, Choice(Side.SOURCE), by=ALICE)
    assert office.kept(row).fields["name"] == "Changed"


def test_a_choice_for_other_values_than_are_there_by_now_is_refused() -> None:
    office, _, conflict = with_conflict()
    newer = replace(conflict, digest="00", source={"name": "Newer"})
    late = meddle(office, "conflicts", "save", lambda: office.desk.conflicts.note([newer]))
    with pytest.raises(StaleRecordError):
        court(late).resolve(conflict, Choice(Side.SOURCE), by=ALICE)
    assert [each.source for each in waiting(office)] == [{"name": "Newer"}]


def test_of_two_who_choose_the_same_at_once_both_are_right() -> None:
    office, _, conflict = with_conflict()
    late = meddle(office, "conflicts", "save", lambda: court(office).resolve(conflict, Choice(Side.SOURCE), by=ALICE))
    assert court(late).resolve(conflict, Choice(Side.SOURCE), by=ALICE).sides == {"name": Side.SOURCE}


def test_a_choice_gives_up_when_the_bucket_never_rests() -> None:
    office, row, conflict = with_conflict()
    late = meddle(office, "records", "rewrite", lambda: _touch(office, row), times=99)
    with pytest.raises(StaleRecordError):
        court(late).resolve(conflict, Choice(Side.SOURCE), by=ALICE)
    assert len(waiting(office)) == 1


def test_a_choice_without_a_cause_writes_nothing() -> None:
    office, row, conflict = with_conflict()
    edit(office, row)
    before = office.kept(row)
    office.desk.conflicts.note([conflict])
    assert court(office).resolve(conflict, Choice(Side.PLATFORM), by=ALICE).status is ConflictStatus.RESOLVED
    assert office.kept(row) == before


def test_a_conflict_that_is_written_again_and_again_is_closed_by_the_next_run() -> None:
    office, _, conflict = with_conflict()
    late = meddle(office, "conflicts", "save", lambda: office.desk.conflicts.note([conflict]), times=99)
    close(late.desk, conflict.queue, [conflict.id])
    assert len(waiting(office)) == 1


def test_a_held_record_without_a_conflict_is_taken_from_the_source_again() -> None:
    entry = (b"digest-1", Mark.CONFLICT | Mark.PINNED)
    found = edited_pins(replace(ROW, sync_status=SyncStatus.CONFLICT), entry, None, ())
    assert (found.entry, found.record.sync_status) == ((NO_DIGEST, Mark.PINNED), SyncStatus.SYNCED)


def test_a_record_that_can_never_be_stored_is_a_fault_and_no_conflict() -> None:
    large = CHANGED._replace(fields=f'{{"name":"{"x" * 40_000}"}}')
    found = judge(Manifest("r", {KEY: (b"old-hash", Mark.PINNED)}), [large], {KEY: ROW}, twins={}, source=SOURCE)
    fault = found.arrivals[KEY].fault
    assert (fault.code if fault else None, found.met, found.held) == ("ROW_TOO_LARGE", [], set())


def test_a_pin_that_the_manifest_does_not_tell_of_is_seen_on_the_row() -> None:
    found = judge(Manifest("r", {KEY: (NO_DIGEST, Mark.NONE)}), [CHANGED], {KEY: ROW}, twins={}, source=SOURCE)
    assert ([met.reason for met in found.met], found.entries[KEY][1]) == ([Reason.PINNED], Mark.PINNED)


def test_an_ordinary_record_beside_a_pinned_one_is_left_to_the_run() -> None:
    plain = replace(ROW, pinned=())
    found = judge(Manifest("r", {KEY: (b"old-hash", Mark.NONE)}), [CHANGED], {KEY: plain}, twins={}, source=SOURCE)
    assert (found.met, found.held, found.arrivals) == ([], set(), {KEY: CHANGED})


def test_a_record_that_is_new_beside_a_pinned_one_is_left_to_the_run() -> None:
    found = judge(Manifest("r"), [CHANGED], {}, twins={}, source=SOURCE)
    assert (found.met, found.held, found.over) == ([], set(), [])


def test_a_twin_is_believed_only_as_far_as_its_row() -> None:
    office = open_office()
    office.desk.identities.put(set_key(SUPPLIERS), "plt_1", {"number:n00000"})
    office.add("Theirs")
    assert suppliers(office.sync()).created == 1


def test_the_set_is_asked_for_twins_once_and_only_for_what_is_new() -> None:
    office, asked = open_office(), list[str]()
    late = meddle(office, "identities", "known", lambda: asked.append("x"), times=9)
    kin = Kin(late.desk, set_key(SUPPLIERS))
    known = Manifest("r", {KEY: (b"old-hash", Mark.NONE)})
    assert [kin.among(known, [CHANGED]), len(asked)] == [{}, 0]
    assert [kin.among(Manifest(), [CHANGED]), kin.among(Manifest(), [CHANGED]), len(asked)] == [{}, {}, 1]


def test_a_choice_about_twins_that_was_cut_off_is_completed() -> None:
    office, conflict = with_twin()
    late = meddle(office, "identities", "move", _crash)
    with pytest.raises(ConnectionError):
        court(late).resolve(conflict, Choice(Side.SOURCE), by=ALICE)
    court(office).resolve(conflict, Choice(Side.SOURCE), by=ALICE)
    rows = office.desk.records.list(set_key(SUPPLIERS), RecordFilter(), cursor=None, limit=9).items
    assert [row.external_id for row in rows] == [conflict.external_id]


def test_a_twin_whose_vendor_another_company_brought_meanwhile_is_left_alone() -> None:
    office, conflict = with_twin()
    records, _ = office.desk.records.open_set(set_key(SUPPLIERS), expected=1)
    office.desk.records.create(records, Record(conflict.external_id, {"name": "Other"}, source="another"))
    with pytest.raises(StaleRecordError):
        court(office).resolve(conflict, Choice(Side.SOURCE), by=ALICE)
    assert office.record("plt_1") is not None


def test_a_twin_that_is_edited_in_the_same_moment_keeps_its_status() -> None:
    office = open_office()
    made(office)
    office.add("Theirs")
    late = meddle(office, "records", "save", lambda: _edit_twin(office))
    assert suppliers(late.sync()).conflicts == 1
    assert office.kept("plt_1").sync_status is SyncStatus.PENDING


@pytest.mark.parametrize(
    ("fields", "marks"),
    [
        ({"taxId": " SE 55.66-77 ", "number": " V 1 "}, {"taxId:se556677", "number:v 1"}),
        ({"taxId": " - ", "number": ""}, set()),
        ({"taxId": None}, set()),
        ({"number": 7}, set()),
    ],
)
def test_tax_ids_and_numbers_are_compared_in_one_form(fields: dict[str, Any], marks: set[str]) -> None:
    assert marks_of(fields) == marks


@pytest.mark.parametrize(
    ("theirs", "status"),
    [(Mark.NONE, SyncStatus.SYNCED), (Mark.ERROR, SyncStatus.ERROR), (Mark.CONFLICT, SyncStatus.CONFLICT)],
)
def test_a_record_left_to_its_company_stands_as_it_stands_there(theirs: int, status: SyncStatus) -> None:
    office, conflict, row = with_clash()
    records, _ = office.desk.records.open_set(set_key(SUPPLIERS), expected=1)
    told = Manifest("r", {record_key(row.external_id): (b"12345678", theirs)})
    office.desk.records.rewrite(records, row, {"another": told})
    court(office).resolve(conflict, Choice(Side.PLATFORM), by=ALICE)
    assert office.kept(row.external_id).sync_status is status


def test_a_queue_is_the_users_and_the_companys() -> None:
    office, _, conflict = with_conflict()
    assert conflict.queue == Queue(ALICE.user_id, office.current.connection.source)


def made(office: Office) -> None:
    records, _ = office.desk.records.open_set(set_key(SUPPLIERS), expected=1)
    pending = replace(TWIN, integration_id=office.integration.id, sync_status=SyncStatus.PENDING)
    office.desk.records.create(records, pending)
    office.desk.identities.put(set_key(SUPPLIERS), "plt_1", marks_of(TWIN.fields))


def with_twin() -> tuple[Office, Conflict]:
    office = open_office()
    made(office)
    office.add("Theirs")
    office.sync()
    (conflict,) = waiting(office)
    return office, conflict


def with_clash() -> tuple[Office, Conflict, Record]:
    office = open_office()
    (row,) = office.add("Theirs")
    records, _ = office.desk.records.open_set(set_key(SUPPLIERS), expected=1)
    office.desk.records.create(records, Record(row, {"name": "Other"}, source="another"))
    office.sync()
    (conflict,) = waiting(office)
    return office, conflict, office.kept(row)


def _touch(office: Office, row: str) -> None:
    """Write the bucket's manifest as a run does that changes another record."""
    key, records = set_key(SUPPLIERS), office.desk.records.find_set(set_key(SUPPLIERS))
    assert records is not None
    bucket = int.from_bytes(record_key(row)[:4], "big") % records.buckets
    source = office.current.connection.source
    manifest = office.desk.records.manifest(records, bucket, source=source)
    write = BucketWrite(bucket, source, office.integration.id, office.clock.now(), (), manifest)
    office.desk.records.commit(RecordSet(key, records.buckets), write)


def _edit_twin(office: Office) -> None:
    office.desk.records.save(set_key(SUPPLIERS), replace(office.kept("plt_1"), custom={"a": 1}))


def _crash() -> None:
    raise ConnectionError
