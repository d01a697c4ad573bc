"""Shows conflicts, and settles them as a person chose: at once, once, and told in the log."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from sync.engine.buckets import bucket_of, record_key
from sync.engine.conflicts import owned, settled, sides_of
from sync.engine.reconcile import status_of
from sync.model.conflict import Choice, Conflict, ConflictStatus, Queue, Reason, Side
from sync.model.entity import EXTERNAL_SYSTEM
from sync.model.errors import NotFoundError, StaleRecordError, StateError
from sync.model.integration import Integration, Owner
from sync.model.log import Action, LogEntry, LogStatus
from sync.model.manifest import Entry, Manifest, Mark
from sync.model.record import Record, RecordSet, SetKey
from sync.ports import ConflictFilter, Page
from sync.services.desk import TRIES, Desk
from sync.services.editing import noted


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conflict's record lives, and its source's manifest there."""

    records: RecordSet
    bucket: int
    key: bytes
    manifest: Manifest

    @property
    def marks(self) -> int:
        """How the record stands; 0 when the manifest does not know it."""
        return self.manifest.entries.get(self.key, (b"", Mark.NONE))[1]

    def told(self, entry: Entry) -> Manifest:
        """Return the manifest with another entry for the record."""
        return replace(self.manifest, entries={**self.manifest.entries, self.key: entry})


@dataclass(frozen=True, slots=True)
class Court:
    """The conflicts of the company that an integration reads."""

    desk: Desk
    integration: Integration

    @property
    def queue(self) -> Queue:
        """Where they wait: integrations of one company share them, as they share its records."""
        return Queue(self.integration.owner.user_id, self.integration.connection.source)

    def list(self, which: ConflictFilter, *, cursor: str | None, limit: int) -> Page[Conflict]:
        """Return conflicts, the latest detected first."""
        return self.desk.conflicts.list(self.queue, which, cursor=cursor, limit=limit)

    def get(self, conflict_id: str) -> Conflict:
        """Return a conflict.

        Raises:
            NotFoundError: The integration has none with this id.
        """
        found = self.desk.conflicts.get(self.queue, conflict_id)
        if found is None:
            raise NotFoundError("There is no such conflict")
        return found

    def resolve(self, conflict: Conflict, choice: Choice, *, by: Owner) -> Conflict:
        """Write what was chosen and remember it; the same choice again changes nothing.

        Raises:
            InvalidError: The choice names fields that are not contested.
            StateError: It was resolved otherwise, or closed by itself (CONFLICT_RESOLVED).
            StaleRecordError: It was met again with other values meanwhile.
        """
        current, written = conflict, None
        for _ in range(TRIES):
            sides = sides_of(current, choice)
            if current.status is ConflictStatus.RESOLVED and (written is None or current.sides is not None):
                return _repeated(current, sides)
            try:
                written = _SETTLED[current.reason](self, current, sides) or written
                known = replace(written or current, version=current.version)
                saved = self.desk.conflicts.save(_decided(known, sides, self.desk, by))
            except StaleRecordError:
                current = self.get(conflict.id)
                if current.digest != conflict.digest:
                    break
                continue
            self._log(saved)
            return saved
        raise StaleRecordError("It was met again with other values: read it again")

    def _settle_key(self, conflict: Conflict, sides: Mapping[str, Side]) -> Conflict | None:
        """Let the other source keep its record, or take it over; None when there is nothing to decide about."""
        place, row = self._place(conflict), self._row(conflict)
        if not place.marks & Mark.CONFLICT:
            return None
        if row is None:
            return self._let_in(place, conflict)
        if row.source is None or row.source == self.queue.source:
            return None
        rival = replace(place, manifest=self._manifest(place, row.source))
        if Side.SOURCE not in sides.values():
            digest, _ = place.manifest.entries[place.key]
            kept = replace(row, sync_status=status_of(rival.marks))
            self._write(place, row, kept, {self.queue.source: place.told((digest, Mark.YIELDED | Mark.UNSTORED))})
            return conflict
        others = {key: entry for key, entry in rival.manifest.entries.items() if key != place.key}
        left = {row.source: replace(rival.manifest, entries=others)} if rival.manifest.version else {}
        taken = self._owned(settled(row, conflict, sides), conflict)
        self._write(place, row, taken, {**left, self.queue.source: place.told(_entry(conflict, taken))})
        return conflict

    def _settle_pins(self, conflict: Conflict, sides: Mapping[str, Side]) -> Conflict | None:
        """Let the record follow its source, but for what the platform keeps; None when it does already."""
        place, row = self._place(conflict), self._row(conflict)
        if not place.marks & Mark.CONFLICT or row is None or row.source != self.queue.source:
            return None
        after = self._owned(settled(row, conflict, sides), conflict)
        self._write(place, row, after, {self.queue.source: place.told(_entry(conflict, after))})
        return conflict

    def _settle_twins(self, conflict: Conflict, sides: Mapping[str, Side]) -> Conflict | None:
        """Let the platform-made record become the source's: its custom fields go with it, its id leads there."""
        place, row, key = self._place(conflict), self._row(conflict), self._set_key(conflict)
        twin = self.desk.records.get(key, conflict.rival.external_id)
        if row is None and not place.marks & Mark.CONFLICT:
            return None
        if twin is None:
            return self._let_in(place, conflict) if row is None else None
        if row is not None and row.source != self.queue.source:
            raise StaleRecordError("Another company has a record with this key by now.")
        became = self._owned(settled(twin, conflict, sides), conflict)
        written = replace(became, version="" if row is None else row.version)
        self._write(place, row, written, {self.queue.source: place.told(_entry(conflict, became))})
        self.desk.identities.move(key, twin.external_id, conflict.external_id)
        self.desk.records.remove(key, twin)
        return replace(conflict, platform=twin.fields, rival=replace(conflict.rival, custom=twin.custom))

    def _let_in(self, place: Place, conflict: Conflict) -> Conflict:
        """Store the source's record, whatever was chosen: what stood in its way is gone."""
        found = settled(Record(conflict.external_id, conflict.source), conflict, {})
        stored = self._owned(found, conflict)
        self._write(place, None, stored, {self.queue.source: place.told(_entry(conflict, stored))})
        return conflict

    def _place(self, conflict: Conflict) -> Place:
        """Return the record's place.

        Raises:
            StaleRecordError: The record was met again with other values.
        """
        records, _ = self.desk.records.open_set(self._set_key(conflict))
        key = record_key(conflict.external_id)
        place = Place(records, bucket_of(key, records.buckets), key, Manifest())
        place = replace(place, manifest=self._manifest(place, self.queue.source))
        digest, marks = place.manifest.entries.get(key, (b"", Mark.NONE))
        if marks & Mark.CONFLICT and digest.hex() != conflict.digest:
            raise StaleRecordError("The record was met again with other values.")
        return place

    def _row(self, conflict: Conflict) -> Record | None:
        return self.desk.records.get(self._set_key(conflict), conflict.external_id)

    def _set_key(self, conflict: Conflict) -> SetKey:
        return SetKey(self.queue.user_id, EXTERNAL_SYSTEM, conflict.entity)

    def _manifest(self, place: Place, source: str | None) -> Manifest:
        return Manifest() if source is None else self.desk.records.manifest(place.records, place.bucket, source=source)

    def _owned(self, record: Record, conflict: Conflict) -> Record:
        return owned(record, conflict, integration_id=self.integration.id, now=self.desk.clock.now())

    def _write(self, place: Place, before: Record | None, after: Record, manifests: Mapping[str, Manifest]) -> None:
        """Write the record as its owner decided, and note who did it."""

        def store(record: Record) -> Record:
            return self.desk.records.rewrite(place.records, record, manifests)

        noted(self.desk, place.records.key, before, after, owner=self.integration.owner, store=store)

    def _log(self, conflict: Conflict) -> None:
        self.desk.logs.append(
            LogEntry(
                id=self.desk.ids.new("log"),
                integration_id=self.integration.id,
                entity_type=conflict.entity.log_name,
                action=Action.RESOLVE,
                status=LogStatus.SUCCESS,
                records_affected=1,
                created_at=self.desk.clock.now(),
                metadata={
                    "conflictId": conflict.id,
                    "externalId": conflict.external_id,
                    "reason": conflict.reason.value,
                    "choice": {name: side.value for name, side in (conflict.sides or {}).items()},
                    "userId": conflict.resolved_by,
                    "errors": [],
                },
            )
        )


def _decided(conflict: Conflict, sides: dict[str, Side], desk: Desk, by: Owner) -> Conflict:
    return replace(
        conflict,
        status=ConflictStatus.RESOLVED,
        resolved_at=desk.clock.now(),
        resolved_by=by.user_id,
        sides=sides,
    )


def _repeated(conflict: Conflict, sides: dict[str, Side]) -> Conflict:
    if conflict.sides == sides:
        return conflict
    how = "closed by itself: its cause is gone" if conflict.sides is None else "resolved otherwise"
    raise StateError(f"The conflict was {how}", code="CONFLICT_RESOLVED")


def _entry(conflict: Conflict, record: Record) -> Entry:
    return bytes.fromhex(conflict.digest), Mark.PINNED if record.pinned else Mark.NONE


_SETTLED: Mapping[Reason, Callable[[Court, Conflict, Mapping[str, Side]], Conflict | None]] = MappingProxyType(
    {
        Reason.KEY: Court._settle_key,  # noqa: SLF001 - the table belongs to the class
        Reason.DUPLICATE: Court._settle_twins,  # noqa: SLF001 - the table belongs to the class
        Reason.PINNED: Court._settle_pins,  # noqa: SLF001 - the table belongs to the class
    }
)
