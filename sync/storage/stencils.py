"""Encodes the rows of a sync: what all rows of a write share is encoded once, not once for each."""

from collections.abc import Sequence
from functools import partial

import orjson

from sync.model.bucket import BucketWrite, RowWrite
from sync.model.record import SyncStatus
from sync.storage.guard import LITTLE
from sync.storage.keys import are_plain, escape
from sync.storage.rows import written_row
from sync.storage.transactions import Operation, Verb, encoded

# As Operation(…), at a fifth of the cost: there are as many as rows.
_operation = partial(tuple.__new__, Operation)
_SYNCED = SyncStatus.SYNCED


class Stencil:
    """The operations that write the rows of one bucket."""

    def __init__(self, partition: str, write: BucketWrite) -> None:
        self._partition = partition
        self._write = write
        self._are_plain = are_plain([row.external_id for row in write.rows])
        self._created = (Verb.INSERT, "", _head(partition, write, create=True))
        self._changed = (Verb.MERGE, "*", _head(partition, write, create=False))

    def operation(self, row: RowWrite) -> Operation:
        """Return what writes a row; most rows are in step, come with fields and are small."""
        key, create, status, _, fields, modified, present, fault = row
        verb, etag, head = self._created if create else self._changed
        if (
            status is _SYNCED
            and fault == ""
            and present
            and fields is not None
            and (self._are_plain or escape(key) == key)
        ):
            own = {"RowKey": key, "fields": fields}
            if modified is not None:
                own["sourceModifiedAt"] = modified
            content = head + orjson.dumps(own)[1:]
            if len(content) <= LITTLE:
                return _operation((verb, {"PartitionKey": self._partition, "RowKey": key}, etag, content))
        return Operation(verb, written_row(self._partition, row, self._write), etag)

    def insertions(self, rows: Sequence[RowWrite]) -> list[bytes]:
        """Return the JSON of these rows when each is to be inserted, usual and small; nothing when one is not."""
        if not rows or not self._are_plain:
            return []
        names, created, statuses, _, fields, times, present, faults = zip(*rows, strict=True)
        same = ((created, True), (statuses, _SYNCED), (present, True), (faults, ""))
        if any(column.count(usual) < len(rows) for column, usual in same) or None in fields or None in times:
            return []
        head, dumps = self._created[2] + b'"RowKey":', orjson.dumps
        contents = [
            b"".join((head, dumps(name), b',"fields":', dumps(text), b',"sourceModifiedAt":', dumps(time), b"}"))
            for name, text, time in zip(names, fields, times, strict=True)
        ]
        return contents if max(map(len, contents)) <= LITTLE else []


def _head(partition: str, write: BucketWrite, *, create: bool) -> bytes:
    """Return the beginning of a usual row's JSON: all but what is the row's own."""
    row = RowWrite("-", create, SyncStatus.SYNCED, None, fields="", present=True, fault="")
    entity = written_row(partition, row, write)
    del entity["RowKey"], entity["fields"]
    return encoded(entity).removesuffix(b"}") + b","
