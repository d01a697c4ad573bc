"""Encodes the rows of a sync: what all rows of a write share is encoded once, not once for each."""

from functools import partial

import orjson

from sync.model.bucket import BucketWrite, RowWrite
from sync.model.record import SyncStatus
from sync.storage.guard import LITTLE
from sync.storage.keys import escape
from sync.storage.rows import written_row
from sync.storage.transactions import Operation, Verb, encoded

# As Operation(…), at a fifth of the cost: there are as many as rows.
_operation = partial(tuple.__new__, Operation)
_USUAL = (SyncStatus.SYNCED, "", True)


class Stencil:
    """The operations that write the rows of one bucket."""

    def __init__(self, partition: str, write: BucketWrite) -> None:
        self._partition = partition
        self._write = write
        self._created, self._changed = (_shared(partition, write, create=create) for create in (True, False))

    def operation(self, row: RowWrite) -> Operation:
        """Return what writes a row; most rows are in step, come with fields and are small."""
        verb, etag = (Verb.INSERT, "") if row.create else (Verb.MERGE, "*")
        content = self._content(row)
        if content is None:
            return Operation(verb, written_row(self._partition, row, self._write), etag)
        return _operation((verb, {"PartitionKey": self._partition, "RowKey": row.external_id}, etag, content))

    def _content(self, row: RowWrite) -> bytes | None:
        """Return a usual row as JSON, None for another."""
        key = row.external_id
        if (row.status, row.fault, row.present) != _USUAL or row.fields is None or escape(key) != key:
            return None
        own = {"RowKey": key, "fields": row.fields}
        if row.modified is not None:
            own["sourceModifiedAt"] = row.modified
        head = self._created if row.create else self._changed
        content = head + b"," + orjson.dumps(own).removeprefix(b"{")
        return content if len(content) <= LITTLE else None


def _shared(partition: str, write: BucketWrite, *, create: bool) -> bytes:
    """Return the beginning of a usual row's JSON: all but what is the row's own."""
    row = RowWrite("-", create, SyncStatus.SYNCED, None, fields="", present=True, fault="")
    entity = written_row(partition, row, write)
    del entity["RowKey"], entity["fields"]
    return encoded(entity).removesuffix(b"}")
