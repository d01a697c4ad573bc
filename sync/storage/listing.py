"""Lists the records of a set: by status through the index, otherwise bucket by bucket."""

from collections.abc import Iterator

from sync.engine.buckets import bucket_of, record_key
from sync.model.record import Record, RecordSet, SyncStatus
from sync.ports import Page, RecordFilter
from sync.storage.cursors import cut_page, read_cursor
from sync.storage.index import INDEXED, Mentioned, StatusIndex
from sync.storage.keys import FIRST_RECORD, bucket_in, bucket_part, escape
from sync.storage.rows import COLUMNS, read_record
from sync.storage.rules import record_matches
from sync.storage.tables import Tables, written_at

_TABLE = "Records"
_REST = "PartitionKey eq @bucket and RowKey ge @first and RowKey gt @after"
_BEYOND = "PartitionKey gt @bucket and PartitionKey le @last and RowKey ge @first"
_OF_STATUS = " and syncStatus eq @status"
_LARGEST_PAGE = 1000


class RecordListing:
    """Pages of records in a stable order."""

    def __init__(self, tables: Tables, index: StatusIndex) -> None:
        self._tables = tables
        self._index = index

    def list(self, records: RecordSet, which: RecordFilter, *, cursor: str | None, limit: int) -> Page[Record]:
        """Return the records that the filter keeps, from the cursor on."""
        scope = (records.key, which)
        if which.status in INDEXED:
            (after,) = read_cursor(cursor, ("",), *scope)
            found: Iterator[tuple[tuple[str | int, ...], Record]] = self._indexed(records, which.status, after)
        else:
            bucket, after = read_cursor(cursor, (0, ""), *scope)
            page = _LARGEST_PAGE if which.text is not None else limit + 1
            found = self._scanned(records, which, bucket=bucket, after=after, page=page)
        return cut_page((row for row in found if record_matches(row[1], which)), limit, *scope)

    def _scanned(
        self, records: RecordSet, which: RecordFilter, *, bucket: int, after: str, page: int
    ) -> Iterator[tuple[tuple[str | int, ...], Record]]:
        values = {
            "bucket": bucket_part(records.key, bucket),
            "last": bucket_part(records.key, records.buckets - 1),
            "first": FIRST_RECORD,
            "after": after,
        }
        sifted = ""
        if which.status is not None:
            sifted, values["status"] = _OF_STATUS, which.status.value
        for span in (_REST, _BEYOND):
            for row in self._tables.query(_TABLE, span + sifted, values, select=COLUMNS, page=page):
                yield (bucket_in(row["PartitionKey"]), row["RowKey"]), read_record(row)

    def _indexed(
        self, records: RecordSet, status: SyncStatus, after: str
    ) -> Iterator[tuple[tuple[str | int, ...], Record]]:
        for mentioned in self._index.mentioned(records.key, status, after=after):
            record = self._checked(records, status, mentioned)
            if record is not None:
                yield (mentioned.place,), record

    def _checked(self, records: RecordSet, status: SyncStatus, mentioned: Mentioned) -> Record | None:
        """Return the record if it has the status; a mention older than its record is stale and goes."""
        bucket = bucket_of(record_key(mentioned.external_id), records.buckets)
        row = self._tables.find(_TABLE, bucket_part(records.key, bucket), escape(mentioned.external_id))
        if row is None:
            return None
        record = read_record(row)
        if record.sync_status is status:
            return record
        if written_at(row) > mentioned.since:
            self._index.remove(records.key, [(status, mentioned.external_id)])
        return None
