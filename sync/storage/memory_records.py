"""Records and manifests in memory."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from threading import Lock
from typing import Any

import orjson

from sync.codec import from_wire
from sync.cursors import cut_page, cut_search, read_cursor
from sync.engine.buckets import bucket_count, bucket_of, record_key
from sync.model.bucket import BucketWrite, RowWrite
from sync.model.errors import KeyTakenError, StaleRecordError
from sync.model.manifest import Manifest
from sync.model.record import Record, RecordFault, RecordSet, SetKey
from sync.ports import Page, RecordFilter
from sync.storage.keys import escape
from sync.storage.rules import record_matches


@dataclass(slots=True)
class _Shelf:
    """One set: its rows by bucket, and its manifests."""

    records: RecordSet
    rows: defaultdict[int, dict[str, Record]] = field(default_factory=lambda: defaultdict(dict))
    manifests: dict[tuple[int, str], Manifest] = field(default_factory=dict)

    def row_place(self, external_id: str) -> dict[str, Record]:
        return self.rows[bucket_of(record_key(external_id), self.records.buckets)]

    def all_rows(self) -> Iterable[Record]:
        return (row for bucket in self.rows.values() for row in bucket.values())


class MemoryRecordStore:
    """Records in buckets, each bucket with one manifest for each source."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._versions = count(1)
        self._shelves: dict[SetKey, _Shelf] = {}

    def open_set(self, key: SetKey, *, expected: int | None = None) -> tuple[RecordSet, bool]:
        """Return the set, made now if there was none, and whether it was made now."""
        with self._lock:
            found = self._shelves.get(key)
            if found is not None:
                return found.records, False
            self._shelves[key] = _Shelf(RecordSet(key, bucket_count(expected)))
            return self._shelves[key].records, True

    def find_set(self, key: SetKey) -> RecordSet | None:
        """Return the set, or None when nothing was ever stored in it."""
        found = self._shelves.get(key)
        return found.records if found is not None else None

    def manifest(self, records: RecordSet, bucket: int, *, source: str) -> Manifest:
        """Return the source's manifest of the bucket; an empty one without version when there is none."""
        return self._shelf(records).manifests.get((bucket, source)) or Manifest()

    def manifests(self, records: RecordSet, buckets: Sequence[int], *, source: str) -> dict[int, Manifest]:
        """Return the source's manifests of several buckets."""
        return {bucket: self.manifest(records, bucket, source=source) for bucket in buckets}

    def commit(self, records: RecordSet, write: BucketWrite) -> Manifest:
        """Write rows and manifest at once; return the manifest with its new version.

        Raises:
            StaleRecordError: The manifest was written by someone else meanwhile.
            KeyTakenError: A row to be created exists already.
        """
        shelf = self._shelf(records)
        with self._lock:
            place = (write.bucket, write.source)
            if shelf.manifests.get(place, Manifest()).version != write.manifest.version:
                raise StaleRecordError("The manifest was written by someone else.")
            rows = shelf.rows[write.bucket]
            taken = next((row.external_id for row in write.rows if row.create and row.external_id in rows), None)
            if taken is not None:
                raise KeyTakenError(f"Record {taken} exists already.")
            for row in write.rows:
                self._put(rows, row, write)
            shelf.manifests[place] = replace(write.manifest, version=str(next(self._versions)))
            return shelf.manifests[place]

    def bucket_rows(self, records: RecordSet, bucket: int) -> tuple[Record, ...]:
        """Return all records of a bucket, of every source and the platform's own."""
        with self._lock:
            shelf = self._shelves.get(records.key)
            return tuple(shelf.rows[bucket].values()) if shelf is not None else ()

    def get(self, key: SetKey, external_id: str) -> Record | None:
        """Return one record, or None."""
        shelf = self._shelves.get(key)
        return shelf.row_place(external_id).get(external_id) if shelf is not None else None

    def create(self, records: RecordSet, record: Record) -> Record:
        """Store a platform-made record.

        Raises:
            KeyTakenError: There is one with this id.
        """
        with self._lock:
            rows = self._shelf(records).row_place(record.external_id)
            if record.external_id in rows:
                raise KeyTakenError(f"Record {record.external_id} exists already.")
            return self._store(rows, record)

    def save(self, key: SetKey, record: Record) -> Record:
        """Replace fields, custom, pins and status of a record if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        with self._lock:
            found = self.get(key, record.external_id)
            if found is None or found.version != record.version:
                raise StaleRecordError(f"Record {record.external_id} was changed or removed.")
            changed = replace(
                found,
                fields=record.fields,
                custom=record.custom,
                pinned=record.pinned,
                declined=record.declined,
                sync_status=record.sync_status,
            )
            return self._store(self._shelves[key].row_place(record.external_id), changed)

    def rewrite(self, records: RecordSet, record: Record, manifests: Mapping[str, Manifest]) -> Record:
        """Store a whole record and manifests of its bucket at once; no version means: a new one.

        Raises:
            StaleRecordError: Someone else wrote the record or one of the manifests first.
            KeyTakenError: A new record's id is in use.
        """
        shelf, bucket = self._shelf(records), bucket_of(record_key(record.external_id), records.buckets)
        with self._lock:
            known = {source: shelf.manifests.get((bucket, source), Manifest()).version for source in manifests}
            if known != {source: manifest.version for source, manifest in manifests.items()}:
                raise StaleRecordError("A manifest was written by someone else.")
            rows = shelf.rows[bucket]
            found = rows.get(record.external_id)
            if found is not None and not record.version:
                raise KeyTakenError(f"Record {record.external_id} exists already.")
            if record.version and (found is None or found.version != record.version):
                raise StaleRecordError(f"Record {record.external_id} was changed or removed.")
            for source, manifest in manifests.items():
                shelf.manifests[bucket, source] = replace(manifest, version=str(next(self._versions)))
            return self._store(rows, record)

    def remove(self, key: SetKey, record: Record) -> None:
        """Remove a record if its version is still current; nothing happens when it is gone.

        Raises:
            StaleRecordError: Someone else wrote it first.
        """
        with self._lock:
            found = self.get(key, record.external_id)
            if found is None:
                return
            if found.version != record.version:
                raise StaleRecordError(f"Record {record.external_id} was changed.")
            del self._shelves[key].row_place(record.external_id)[record.external_id]

    def list(self, key: SetKey, which: RecordFilter, *, cursor: str | None, limit: int) -> Page[Record]:
        """Return records in a stable order."""
        (after,) = read_cursor(cursor, ("",), key, which)
        shelf = self._shelves.get(key)
        with self._lock:
            rows = {escape(row.external_id): row for row in shelf.all_rows()} if shelf is not None else {}
        found = ((place, rows[place]) for place in sorted(rows) if place > after)
        if which.text is not None:
            placed = (((place,), row) for place, row in found if record_matches(row, replace(which, text=None)))
            return cut_search(placed, partial(record_matches, which=which), key, which, limit=limit, reach=which.reach)
        return cut_page(((place, row) for place, row in found if record_matches(row, which)), limit, key, which)

    def purge(self, key: SetKey, *, source: str) -> int:
        """Remove all records and manifests of a source; return how many records."""
        shelf = self._shelves.get(key)
        if shelf is None:
            return 0
        with self._lock:
            before = sum(map(len, shelf.rows.values()))
            for bucket, rows in shelf.rows.items():
                shelf.rows[bucket] = {place: row for place, row in rows.items() if row.source != source}
            shelf.manifests = {place: known for place, known in shelf.manifests.items() if place[1] != source}
            return before - sum(map(len, shelf.rows.values()))

    def _shelf(self, records: RecordSet) -> _Shelf:
        return self._shelves.setdefault(records.key, _Shelf(records))

    def _store(self, rows: dict[str, Record], record: Record) -> Record:
        stored = replace(record, version=str(next(self._versions)))
        rows[record.external_id] = stored
        return stored

    def _put(self, rows: dict[str, Record], row: RowWrite, write: BucketWrite) -> None:
        found = rows.get(row.external_id)
        if found is not None:
            self._store(rows, replace(found, **_named(row, write)))
        elif row.create or row.fields is not None:
            blank = Record(row.external_id, {}, source=write.source)
            self._store(rows, replace(blank, **_named(row, write)))


def _named(row: RowWrite, write: BucketWrite) -> dict[str, Any]:
    named: dict[str, Any] = {"sync_status": row.status}
    if row.fields is not None:
        named |= {"fields": orjson.loads(row.fields), "last_synced_at": write.written_at}
        named["integration_id"] = write.integration_id
    if row.modified is not None:
        named["source_modified_at"] = row.modified
    if row.present is not None:
        named["present_in_source"] = row.present
    if row.fault is not None:
        named["fault"] = from_wire(RecordFault, orjson.loads(row.fault)) if row.fault else None
    return named
