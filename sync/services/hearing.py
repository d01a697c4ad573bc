"""Hears what arrivals want that meet a pin or another record: a person decides, and the rest of the run goes on."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace

import orjson

from sync.engine.buckets import bucket_of, record_key
from sync.engine.conflicts import conflict_id
from sync.engine.hearing import Findings, Met, asks_for_hearing, judge
from sync.engine.reconcile import adopt, status_of
from sync.model.conflict import Conflict, ConflictStatus, Queue, Reason, Rival
from sync.model.entity import EXTERNAL_SYSTEM, EntityType
from sync.model.errors import StaleRecordError
from sync.model.manifest import Manifest, Mark
from sync.model.record import Arrival, Record, RecordSet, SetKey, SyncStatus
from sync.ports import ConflictFilter
from sync.services.desk import TRIES, Desk, Job
from sync.services.kinship import Kin
from sync.services.paging import AT_A_TIME, every


@dataclass(frozen=True, slots=True)
class Case:
    """A bucket's arrivals as they may be reconciled, and the conflicts that they are in."""

    manifest: Manifest
    arrivals: Collection[Arrival]
    taken: Collection[bytes] = frozenset()
    held: Collection[bytes] = frozenset()
    conflicts: tuple[Conflict, ...] = ()
    over: tuple[str, ...] = ()
    """External ids of records whose conflict has lost its cause."""
    turned: tuple[tuple[str, Reason], ...] = ()
    """External ids of records that are in another conflict by now, and the reason of the former one."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What one run finds out about the arrivals of one bucket; `noted` are the conflicts that it has written."""

    desk: Desk
    job: Job
    records: RecordSet
    queue: Queue
    """Where conflicts wait."""
    kin: Kin
    noted: dict[str, bytes] = field(default_factory=dict)

    def hear(self, bucket: int, manifest: Manifest, arrivals: Collection[Arrival], *, again: bool) -> Case:
        """Return what may be written; `again` when a row stood in the way of the first try."""
        twins = self.kin.among(manifest, arrivals)
        if not again and not twins and not asks_for_hearing(manifest, arrivals):
            return Case(manifest, arrivals)
        rows = self.desk.records.bucket_rows(self.records, bucket)
        if again:
            manifest = adopt(manifest, [record_key(row.external_id) for row in rows if row.source == self.queue.source])
        by_key = {record_key(row.external_id): row for row in rows}
        return self._case(manifest, judge(manifest, arrivals, by_key, twins=twins, source=self.queue.source))

    def note(self, case: Case) -> None:
        """Remember the case's conflicts, before any record is marked: a mark without a conflict could not be undone."""
        if case.conflicts:
            self.noted.update((each.id, record_key(each.external_id)) for each in case.conflicts)
            self.desk.conflicts.note(case.conflicts)
        for conflict in case.conflicts:
            _mark(self.desk, conflict, SyncStatus.CONFLICT)

    def close(self, case: Case, done: Collection[bytes]) -> None:
        """Close what lost its cause; of what is `done`, an earlier try may have died before it closed anything."""
        entity, standing = self.records.key.entity, {*case.taken, *case.held}
        latest = {record_key(each.external_id): each.id for each in case.conflicts}
        withdrawn = [name for name, key in self.noted.items() if key not in standing or latest.get(key, name) != name]
        turned = [conflict_id(entity, external_id, reason) for external_id, reason in case.turned]
        close(self.desk, self.queue, [*withdrawn, *turned, *_ids(entity, case.over)])
        end_by_key(self.desk, self.queue, entity, set(done).difference(standing))

    def _case(self, manifest: Manifest, found: Findings) -> Case:
        return Case(
            manifest=replace(manifest, entries=found.entries),
            arrivals=tuple(found.arrivals.values()),
            taken=found.taken,
            held=found.held,
            conflicts=tuple(self._conflict(met) for met in found.met),
            over=tuple(found.over),
            turned=tuple(found.turned),
        )

    def _conflict(self, met: Met) -> Conflict:
        entity, arrival = self.records.key.entity, met.arrival
        return Conflict(
            id=conflict_id(entity, arrival.external_id, met.reason),
            queue=self.queue,
            integration_id=self.job.integration_id,
            entity=entity,
            external_id=arrival.external_id,
            reason=met.reason,
            contested=met.contested,
            source=orjson.loads(arrival.fields),
            platform=met.record.fields,
            rival=_rival(met.record),
            digest=arrival.digest.hex(),
            modified=arrival.modified,
            run_id=self.job.run_id,
            detected_at=self.desk.clock.now(),
        )


def end_conflicts(desk: Desk, queue: Queue, entity: EntityType, external_ids: Iterable[str]) -> None:
    """Close the open conflicts of records that are gone from their source."""
    close(desk, queue, _ids(entity, external_ids))


def end_by_key(desk: Desk, queue: Queue, entity: EntityType, keys: Collection[bytes]) -> None:
    """Close the open conflicts of records of which only the keys are known."""
    if keys:
        which = ConflictFilter(entity=entity)
        waiting = every(lambda cursor: desk.conflicts.list(queue, which, cursor=cursor, limit=AT_A_TIME))
        close(desk, queue, (each.id for each in waiting if record_key(each.external_id) in keys))


def close(desk: Desk, queue: Queue, ids: Iterable[str]) -> None:
    """Close conflicts that lost their cause, if they are open; nobody chose anything then."""
    for name in ids:
        _close(desk, queue, name)


def _close(desk: Desk, queue: Queue, name: str) -> None:
    for _ in range(TRIES):
        found = desk.conflicts.get(queue, name)
        if found is None or found.status is ConflictStatus.RESOLVED:
            return
        try:
            desk.conflicts.save(replace(found, status=ConflictStatus.RESOLVED, resolved_at=desk.clock.now()))
        except StaleRecordError:
            continue
        _release(desk, found)
        return


def _mark(desk: Desk, conflict: Conflict, status: SyncStatus) -> None:
    """Show on a platform-made record whether it is in conflict; an edit at the same moment goes first."""
    if conflict.reason is not Reason.DUPLICATE:
        return
    key = SetKey(conflict.queue.user_id, EXTERNAL_SYSTEM, conflict.entity)
    found = desk.records.get(key, conflict.rival.external_id)
    if found is None or found.sync_status is status:
        return
    with suppress(StaleRecordError):
        desk.records.save(key, replace(found, sync_status=status))


def _release(desk: Desk, conflict: Conflict) -> None:
    """Show on the record that stood in the way that nothing waits for it any more, unless something else does."""
    if conflict.reason is Reason.KEY:
        _release_key(desk, conflict)
    elif not desk.conflicts.list(
        conflict.queue, ConflictFilter(entity=conflict.entity, rival=conflict.rival.external_id), cursor=None, limit=1
    ).items:
        _mark(desk, conflict, SyncStatus.PENDING)


def _release_key(desk: Desk, conflict: Conflict) -> None:
    key, place = SetKey(conflict.queue.user_id, EXTERNAL_SYSTEM, conflict.entity), record_key(conflict.external_id)
    for _ in range(TRIES):
        records, row = desk.records.find_set(key), desk.records.get(key, conflict.external_id)
        if records is None or row is None or row.source is None or row.sync_status is not SyncStatus.CONFLICT:
            return
        manifest = desk.records.manifest(records, bucket_of(place, records.buckets), source=row.source)
        _, marks = manifest.entries.get(place, (b"", Mark.NONE))
        with suppress(StaleRecordError):
            desk.records.save(key, replace(row, sync_status=status_of(marks)))
            return


def _ids(entity: EntityType, external_ids: Iterable[str]) -> list[str]:
    return [conflict_id(entity, external_id, reason) for external_id in external_ids for reason in Reason]


def _rival(record: Record) -> Rival:
    return Rival(record.external_id, record.integration_id, record.source, record.custom)
