"""Answers by caller and Idempotency-Key, in a table."""

from contextlib import suppress
from datetime import datetime
from hashlib import sha256

from azure.data.tables import TableEntity

from sync.model.errors import KeyTakenError, StaleRecordError
from sync.model.integration import Owner
from sync.ports import Reply
from sync.storage.documents import read_document, write_document
from sync.storage.keys import owner_key
from sync.storage.rules import Reservation, kept_reply
from sync.storage.tables import Tables, etag_of

_TABLE = "Replies"


class TableReplyStore:
    """Answers by caller and Idempotency-Key."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def begin(self, owner: Owner, key: str, *, digest: str, now: datetime) -> Reply | None:
        """Reserve the key for a request, or return the answer that it had.

        Raises:
            StateError: The first request is still running (IDEMPOTENCY_IN_PROGRESS).
            InvalidError: The key was used for another request (IDEMPOTENCY_KEY_REUSED).
        """
        while True:
            row = self._find(owner, key)
            reply = kept_reply(_reservation(row) if row is not None else None, digest, now=now)
            if reply is not None:
                return reply
            with suppress(KeyTakenError, StaleRecordError):
                self._write(owner, key, Reservation(digest, now), row)
                return None

    def finish(self, owner: Owner, key: str, reply: Reply) -> None:
        """Keep the answer; nothing happens when the key is not reserved."""
        row = self._find(owner, key)
        if row is None:
            return
        found = _reservation(row)
        with suppress(StaleRecordError):
            self._write(owner, key, Reservation(found.digest, found.begun_at, reply), row)

    def abandon(self, owner: Owner, key: str) -> None:
        """Give the key free."""
        self._tables.remove(_TABLE, owner_key(owner), _place(key))

    def _find(self, owner: Owner, key: str) -> TableEntity | None:
        return self._tables.find(_TABLE, owner_key(owner), _place(key))

    def _write(self, owner: Owner, key: str, reservation: Reservation, row: TableEntity | None) -> None:
        entity = {"PartitionKey": owner_key(owner), "RowKey": _place(key), **write_document(reservation)}
        if row is None:
            self._tables.insert(_TABLE, entity)
        else:
            self._tables.replace(_TABLE, entity, etag=etag_of(row))


def _place(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _reservation(row: TableEntity) -> Reservation:
    return read_document(Reservation, row)
