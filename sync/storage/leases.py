"""Leases in a table: create, or replace what has not changed meanwhile, are the only two steps."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from azure.data.tables import TableEntity

from sync.model.errors import KeyTakenError, StaleRecordError
from sync.ports import Lease
from sync.storage.documents import read_document, write_document
from sync.storage.keys import BEYOND, escape
from sync.storage.rules import may_take
from sync.storage.tables import Entity, Tables, etag_of

_TABLE = "Leases"
_PARTITION = "lease"
_LISTED = "PartitionKey eq @partition and RowKey ge @low and RowKey lt @high"
_HASHED = "h_"


class TableLeaseStore:
    """Leases by key: at most one holder at a time, over all processes."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def acquire(self, key: str, holder: str, *, until: datetime, now: datetime, facts: dict[str, str]) -> Lease | None:
        """Take or extend the lease when it is free, expired or the holder's own; None when another holds it."""
        lease = Lease(key, holder, until, dict(facts))
        while True:
            row = self._find(key)
            if row is not None and not may_take(_lease(row), holder, now=now):
                return None
            with suppress(KeyTakenError, StaleRecordError):
                self._write(lease, row)
                return lease

    def renew(self, key: str, holder: str, *, until: datetime) -> bool:
        """Extend a lease that the holder still has, expired or not; False when it is lost."""
        while (row := self._held(key, holder)) is not None:
            with suppress(StaleRecordError):
                self._write(replace(_lease(row), expires_at=until), row)
                return True
        return False

    def release(self, key: str, holder: str) -> None:
        """Give the lease up; nothing happens when the holder does not have it."""
        while (row := self._held(key, holder)) is not None:
            with suppress(StaleRecordError):
                self._tables.remove(_TABLE, _PARTITION, row["RowKey"], etag=etag_of(row))
                return

    def get(self, key: str) -> Lease | None:
        """Return the lease, expired or not."""
        row = self._find(key)
        return _lease(row) if row is not None else None

    def list(self, prefix: str) -> tuple[Lease, ...]:
        """Return all leases whose key begins so."""
        found = {lease.key: lease for low in (prefix, _HASHED) for lease in self._from(low)}
        return tuple(found[key] for key in sorted(found) if key.startswith(prefix))

    def _from(self, low: str) -> Iterator[Lease]:
        values = {"partition": _PARTITION, "low": low, "high": low + BEYOND}
        return map(_lease, self._tables.query(_TABLE, _LISTED, values))

    def _find(self, key: str) -> TableEntity | None:
        return self._tables.find(_TABLE, _PARTITION, escape(key))

    def _held(self, key: str, holder: str) -> TableEntity | None:
        row = self._find(key)
        return row if row is not None and row["holder"] == holder else None

    def _write(self, lease: Lease, row: TableEntity | None) -> None:
        if row is None:
            self._tables.insert(_TABLE, _row(lease))
        else:
            self._tables.replace(_TABLE, _row(lease), etag=etag_of(row))


def _row(lease: Lease) -> Entity:
    return {"PartitionKey": _PARTITION, "RowKey": escape(lease.key), "holder": lease.holder, **write_document(lease)}


def _lease(row: TableEntity) -> Lease:
    return read_document(Lease, row)
