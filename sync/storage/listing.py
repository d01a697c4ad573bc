"""Lists the records of a set: by status through the index, otherwise bucket by bucket."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import batched, chain, islice
from typing import Any

from sync.cursors import cut_page, cut_search, read_cursor
from sync.engine.buckets import bucket_of, record_key
from sync.model.record import Record, RecordSet, SyncStatus
from sync.ports import Page, RecordFilter
from sync.storage.conditions import sifted
from sync.storage.index import INDEXED, Mentioned, StatusIndex
from sync.storage.keys import FIRST_RECORD, bucket_in, bucket_part, escape
from sync.storage.rows import COLUMNS, read_record
from sync.storage.rules import record_matches
from sync.storage.tables import Tables, written_at

_TABLE = "Records"
_REST = "PartitionKey eq @bucket and RowKey ge @first and RowKey gt @after"
_BEYOND = "PartitionKey gt @bucket and PartitionKey le @last and RowKey ge @first"
_OF_KEEPER = " and ( integrationId eq @integration or source eq @source )"  # the SDK finds parameters between blanks
_LARGEST_PAGE = 1000
_READERS = 8
_READ_AT_ONCE = 100


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
            found: Iterator[tuple[tuple[str | int, ...], Record]] = self._indexed(
                records, which.status, after=after, page=limit + 1
            )
        else:
            bucket, after = read_cursor(cursor, (0, ""), *scope)
            page = _LARGEST_PAGE if which.text is not None else limit + 1
            found = self._scanned(records, which, bucket=bucket, after=after, page=page)
        if which.text is not None:
            keeps = partial(record_matches, which=which)
            return cut_search(found, keeps, *scope, limit=limit, reach=which.reach)
        return cut_page((row for row in found if record_matches(row[1], which)), limit, *scope)

    def _scanned(
        self, records: RecordSet, which: RecordFilter, *, bucket: int, after: str, page: int
    ) -> Iterator[tuple[tuple[str | int, ...], Record]]:
        values: dict[str, Any] = {
            "bucket": bucket_part(records.key, bucket),
            "last": bucket_part(records.key, records.buckets - 1),
            "first": FIRST_RECORD,
            "after": after,
        }
        terms, wanted = _sifted(which)
        for span in (_REST, _BEYOND):
            for row in self._tables.query(_TABLE, span + terms, values | wanted, select=COLUMNS, page=page):
                yield (bucket_in(row["PartitionKey"]), row["RowKey"]), read_record(row)

    def _indexed(
        self, records: RecordSet, status: SyncStatus, *, after: str, page: int
    ) -> Iterator[tuple[tuple[str | int, ...], Record]]:
        mentions = self._index.mentioned(records.key, status, after=after)
        first = tuple(islice(mentions, page))
        with ThreadPoolExecutor(_READERS) as pool:
            for some in chain([first], batched(mentions, _READ_AT_ONCE, strict=False)):
                found = pool.map(partial(self._checked, records, status), some)
                for mentioned, record in zip(some, found, strict=True):
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


def _sifted(which: RecordFilter) -> tuple[str, dict[str, Any]]:
    """Return what the table itself can sift, so that few rows travel; record_matches has the last word."""
    text, values = sifted(
        (
            ("syncStatus eq", "status", None if which.status is None else which.status.value),
            ("lastSyncedAt ge", "since", which.updated_since),
        )
    )
    if which.keeper is None:
        return text, values
    return text + _OF_KEEPER, values | {"integration": which.keeper.integration_id, "source": which.keeper.source}
