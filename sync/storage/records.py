"""Records in a table: a partition for each bucket, with the rows and their sources' manifests."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby
from operator import itemgetter

from sync.engine.buckets import bucket_of, record_key
from sync.model.bucket import BucketWrite, RowWrite
from sync.model.errors import KeyTakenError, RecordError, StaleRecordError
from sync.model.manifest import Manifest
from sync.model.record import Record, RecordSet, SetKey, SyncStatus
from sync.ports import Page, RecordFilter
from sync.storage.documents import versioned
from sync.storage.guard import check_entity
from sync.storage.index import INDEXED, Mention, StatusIndex, gained, lost
from sync.storage.keys import FIRST_RECORD, bucket_part, escape, manifest_key
from sync.storage.listing import RecordListing
from sync.storage.manifests import read_manifest, write_manifest
from sync.storage.rows import COLUMNS, created_row, edited_row, read_record
from sync.storage.sets import TableSets
from sync.storage.stencils import Stencil
from sync.storage.tables import Entity, Tables
from sync.storage.transactions import Operation, TransactionRefusedError, Verb

_TABLE = "Records"
_ROWS = "PartitionKey eq @bucket and RowKey ge @first"
_OF_SOURCE = "PartitionKey ge @low and PartitionKey le @high and source eq @source"
_PURGED = ("PartitionKey", "RowKey", "externalId", "syncStatus")
_MANIFESTS = "PartitionKey ge @low and PartitionKey le @high and RowKey eq @row"
_SYNCED = SyncStatus.SYNCED
_SYNCED_OR_NEW = (_SYNCED, None)
_DENSE = 4
_FEW = 2
_READERS = 8
_GONE, _TAKEN, _STALE = 404, 409, 412


class TableRecordStore:
    """Records in buckets, each bucket with one manifest for each source."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._sets = TableSets(tables)
        self._index = StatusIndex(tables)
        self._listing = RecordListing(tables, self._index)

    def open_set(self, key: SetKey, *, expected: int | None = None) -> tuple[RecordSet, bool]:
        """Return the set, made now if there was none, and whether it was made now."""
        return self._sets.open(key, expected=expected)

    def find_set(self, key: SetKey) -> RecordSet | None:
        """Return the set, or None when nothing was ever stored in it."""
        return self._sets.find(key)

    def manifest(self, records: RecordSet, bucket: int, *, source: str) -> Manifest:
        """Return the source's manifest of the bucket; an empty one without version when there is none."""
        row = self._tables.find(_TABLE, bucket_part(records.key, bucket), manifest_key(source))
        return read_manifest(row) if row is not None else Manifest()

    def manifests(self, records: RecordSet, buckets: Sequence[int], *, source: str) -> dict[int, Manifest]:
        """Return the source's manifests of several buckets.

        Neighbours are read by one query. Scattered ones are read one by one, side by side: a query over
        their span would read every row of the partitions between them.
        """
        if len(buckets) * _DENSE < max(buckets, default=0) - min(buckets, default=0) + 1 or len(buckets) <= _FEW:
            with ThreadPoolExecutor(_READERS) as pool:
                found = pool.map(lambda bucket: self.manifest(records, bucket, source=source), buckets)
                return dict(zip(buckets, found, strict=True))
        values = {
            "low": bucket_part(records.key, min(buckets)),
            "high": bucket_part(records.key, max(buckets)),
            "row": manifest_key(source),
        }
        stored = {row["PartitionKey"]: row for row in self._tables.query(_TABLE, _MANIFESTS, values)}
        parts = {bucket: stored.get(bucket_part(records.key, bucket)) for bucket in buckets}
        return {bucket: Manifest() if row is None else read_manifest(row) for bucket, row in parts.items()}

    def commit(self, records: RecordSet, write: BucketWrite) -> Manifest:
        """Write rows and manifest in one transaction; return the manifest with its new version.

        A merge into a row that is gone inserts it when the write tells its fields, and is left out otherwise.

        Raises:
            StaleRecordError: The manifest was written by someone else meanwhile.
            KeyTakenError: A row to be created exists already.
            RecordError: A row is too large (ROW_TOO_LARGE); the message names the record.
        """
        moved = [row for row in write.rows if row.status is not _SYNCED or row.before not in _SYNCED_OR_NEW]
        self._index.add(records.key, [(row.status, row.external_id) for row in moved if gained(row.before, row.status)])
        version = self._commit(records, write)
        former = ((row.before, row.external_id) for row in moved if row.before and lost(row.before, row.status))
        self._index.remove(records.key, former)
        return versioned(write.manifest, version)

    def bucket_rows(self, records: RecordSet, bucket: int) -> tuple[Record, ...]:
        """Return all records of a bucket, of every source and the platform's own."""
        values = {"bucket": bucket_part(records.key, bucket), "first": FIRST_RECORD}
        return tuple(map(read_record, self._tables.query(_TABLE, _ROWS, values, select=COLUMNS)))

    def get(self, key: SetKey, external_id: str) -> Record | None:
        """Return one record, or None."""
        records = self._sets.find(key)
        if records is None:
            return None
        row = self._tables.find(_TABLE, _partition(records, external_id), escape(external_id))
        return read_record(row) if row is not None else None

    def create(self, records: RecordSet, record: Record) -> Record:
        """Store a platform-made record.

        Raises:
            KeyTakenError: There is one with this id.
        """
        if gained(None, record.sync_status):
            self._index.add(records.key, [(record.sync_status, record.external_id)])
        row = created_row(_partition(records, record.external_id), record)
        return versioned(record, self._tables.insert(_TABLE, row))

    def save(self, key: SetKey, record: Record) -> Record:
        """Replace fields, custom, pins and status of a record if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        records, before = self._sets.find(key), self.get(key, record.external_id)
        if records is None or before is None or before.version != record.version:
            raise StaleRecordError(f"Record {record.external_id} was changed or removed.")
        if gained(before.sync_status, record.sync_status):
            self._index.add(key, [(record.sync_status, record.external_id)])
        row = edited_row(_partition(records, record.external_id), record)
        version = self._tables.merge(_TABLE, row, etag=record.version)
        if lost(before.sync_status, record.sync_status):
            self._index.remove(key, [(before.sync_status, record.external_id)])
        return replace(
            before,
            fields=record.fields,
            custom=record.custom,
            pinned=record.pinned,
            declined=record.declined,
            sync_status=record.sync_status,
            version=version,
        )

    def rewrite(self, records: RecordSet, record: Record, manifests: Mapping[str, Manifest]) -> Record:
        """Store a whole record and manifests of its bucket in one transaction; no version means: a new one.

        Raises:
            StaleRecordError: Someone else wrote the record or one of the manifests first.
            KeyTakenError: A new record's id is in use.
        """
        before = self.get(records.key, record.external_id)
        told, partition = record.external_id, _partition(records, record.external_id)
        if record.version and (before is None or before.version != record.version):
            raise StaleRecordError(f"Record {told} was changed or removed.")
        status = before.sync_status if before is not None else None
        if gained(status, record.sync_status):
            self._index.add(records.key, [(record.sync_status, told)])
        row = Operation(Verb.REPLACE if record.version else Verb.INSERT, created_row(partition, record), record.version)
        kept = [_manifest_row(partition, source, manifest) for source, manifest in manifests.items()]
        try:
            version = self._tables.transact(_TABLE, [row, *kept])
        except TransactionRefusedError as error:
            if error.index == 0 and error.status == _TAKEN:
                raise KeyTakenError(f"Record {told} exists already.") from error
            raise StaleRecordError(f"Record {told} or its bucket was written by someone else.") from error
        if status is not None and lost(status, record.sync_status):
            self._index.remove(records.key, [(status, told)])
        return versioned(record, version)

    def remove(self, key: SetKey, record: Record) -> None:
        """Remove a record if its version is still current; nothing happens when it is gone.

        Raises:
            StaleRecordError: Someone else wrote it first.
        """
        records = self._sets.find(key)
        if records is None:
            return
        place = escape(record.external_id)
        self._tables.remove(_TABLE, _partition(records, record.external_id), place, etag=record.version)
        if record.sync_status in INDEXED:
            self._index.remove(key, [(record.sync_status, record.external_id)])

    def list(self, key: SetKey, which: RecordFilter, *, cursor: str | None, limit: int) -> Page[Record]:
        """Return records in a stable order."""
        records = self._sets.find(key)
        return self._listing.list(records, which, cursor=cursor, limit=limit) if records is not None else Page(())

    def purge(self, key: SetKey, *, source: str) -> int:
        """Remove all records and manifests of a source; return how many records.

        The manifest of a bucket goes with its first rows: rows without one are found again, but nothing
        would bring rows back that a manifest still tells of.
        """
        records = self._sets.find(key)
        if records is None:
            return 0
        values = {"low": bucket_part(key, 0), "high": bucket_part(key, records.buckets - 1), "source": source}
        found = self._tables.query(_TABLE, _OF_SOURCE, values, select=_PURGED)
        count = 0
        for partition, rows in groupby(found, key=itemgetter("PartitionKey")):
            places = {row["RowKey"]: row for row in rows}
            self._tables.remove_all(_TABLE, ((partition, place) for place in places))
            gone = [row for place, row in places.items() if place >= FIRST_RECORD]
            self._index.remove(key, _mentions(gone))
            count += len(gone)
        return count

    def _commit(self, records: RecordSet, write: BucketWrite) -> str:
        partition = bucket_part(records.key, write.bucket)
        manifest = _manifest_operation(partition, write)
        rows, stencil = [*write.rows], Stencil(partition, write)
        while True:
            # The manifest goes first, so that of two writers the later one learns that before anything else.
            insertions = stencil.insertions(rows)
            operations = [manifest, *([] if insertions else map(stencil.operation, rows))]
            try:
                return self._tables.transact(_TABLE, operations, insertions)
            except TransactionRefusedError as error:
                _settle(rows, error)
            except RecordError as error:
                raise _named(error, rows, operations) from error


def _settle(rows: list[RowWrite], error: TransactionRefusedError) -> None:
    """Change the rows so that trying again helps, or raise what the refusal means."""
    if error.index == 0 and error.status in {_GONE, _TAKEN, _STALE}:
        raise StaleRecordError("The manifest was written by someone else.") from error
    if error.status == _TAKEN:
        raise KeyTakenError(f"Record {rows[error.index - 1].external_id} exists already.") from error
    if error.status != _GONE:
        raise error
    row = rows[error.index - 1]
    rows[error.index - 1 : error.index] = [row._replace(create=True)] if row.fields is not None else []


def _manifest_operation(partition: str, write: BucketWrite) -> Operation:
    return _manifest_row(partition, write.source, write.manifest)


def _manifest_row(partition: str, source: str, manifest: Manifest) -> Operation:
    row = {"PartitionKey": partition, "RowKey": manifest_key(source), "source": source}
    verb = Verb.REPLACE if manifest.version else Verb.INSERT
    return Operation(verb, row | write_manifest(manifest), manifest.version)


def _named(error: RecordError, rows: list[RowWrite], operations: list[Operation]) -> RecordError:
    """Return the error with the name of the record that is refused."""
    for row, operation in zip(rows, operations[1:], strict=False):
        try:
            check_entity(operation.entity)
        except RecordError as refused:
            message = f"Record {row.external_id}: {refused.message}"
            return RecordError(message, code=refused.code, external_id=row.external_id)
    return error


def _mentions(rows: Iterable[Entity]) -> Iterator[Mention]:
    for row in rows:
        status = SyncStatus(row["syncStatus"])
        if status in INDEXED:
            yield status, row.get("externalId") or row["RowKey"]


def _partition(records: RecordSet, external_id: str) -> str:
    return bucket_part(records.key, bucket_of(record_key(external_id), records.buckets))
