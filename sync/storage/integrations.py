"""Integrations in tables: by owner, findable by id, and in the schedule."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from azure.data.tables import TableEntity

from sync.cursors import cut_page, read_cursor
from sync.model.errors import StaleRecordError
from sync.model.integration import AnyConnection, AnyIntegration, Integration, Owner
from sync.ports import Page
from sync.storage.documents import read_document, versioned, write_document
from sync.storage.keys import BEYOND, escape, owner_key, ticks
from sync.storage.tables import Entity, Tables, etag_of
from sync.storage.transactions import Operation, TransactionRefusedError, Verb

_TABLE = "Integrations"
_LOOKUP = "IntegrationLookup"
_SCHEDULES = "Schedules"
_DUE = "due"


class TableIntegrationStore:
    """Integrations by owner; nobody reads past the own partition.

    A schedule row is only a hint: it is written before its integration and moved after it, and whatever a crash
    leaves behind is put right by `due`, which believes the integration.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def create[I: AnyIntegration](self, integration: I) -> I:
        """Store a new integration.

        Raises:
            KeyTakenError: There is one with this id.
        """
        lookup = {"PartitionKey": escape(integration.id), "RowKey": "owner", **write_document(integration.owner)}
        self._tables.insert(_LOOKUP, lookup)
        self._plan(integration)
        return versioned(integration, self._tables.insert(_TABLE, _row(integration)))

    def get(self, owner: Owner, integration_id: str) -> AnyIntegration | None:
        """Return the owner's integration, or None."""
        found = self._tables.find(_TABLE, owner_key(owner), escape(integration_id))
        return _integration(found) if found is not None else None

    def save[I: AnyIntegration](self, integration: I) -> I:
        """Replace an integration if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        before = self.get(integration.owner, integration.id)
        if before is None or before.version != integration.version:
            raise StaleRecordError(f"Integration {integration.id} was changed or removed.")
        moved = before.next_run_at != integration.next_run_at
        if moved:
            self._plan(integration)
        stored = versioned(integration, self._tables.replace(_TABLE, _row(integration), etag=integration.version))
        if moved:
            self._plan(integration)
            self._unplan(before)
        return stored

    def delete(self, integration: AnyIntegration) -> None:
        """Remove an integration with its place in the schedule; nothing happens when it is gone."""
        stored = self.get(integration.owner, integration.id)
        self._tables.remove(_TABLE, owner_key(integration.owner), escape(integration.id))
        if stored is not None:
            self._unplan(stored)
            self._tables.remove(_LOOKUP, escape(integration.id), "owner")

    def list(self, owner: Owner, *, cursor: str | None, limit: int) -> Page[AnyIntegration]:
        """Return the owner's integrations, newest first."""
        (after,) = read_cursor(cursor, ("",), owner)
        values = {"owner": owner_key(owner), "after": after}
        rows = self._tables.query(_TABLE, "PartitionKey eq @owner and RowKey gt @after", values, page=limit + 1)
        return cut_page(((row["RowKey"], _integration(row)) for row in rows), limit, owner)

    def find(self, integration_id: str) -> AnyIntegration | None:
        """Return an integration whoever owns it."""
        found = self._tables.find(_LOOKUP, escape(integration_id), "owner")
        return self.get(read_document(Owner, found), integration_id) if found is not None else None

    def due(self, moment: datetime, *, limit: int) -> tuple[AnyIntegration, ...]:
        """Return integrations whose next_run_at is at or before the moment, earliest first."""
        return tuple(islice(self._due(moment), limit))

    def everyone(self) -> Iterator[AnyIntegration]:
        """Yield the integrations of all owners."""
        for row in self._tables.query(_LOOKUP, "RowKey eq @row", {"row": "owner"}):
            integration = self._of_lookup(row)
            if integration is not None:
                yield integration

    def _of_lookup(self, row: TableEntity) -> AnyIntegration | None:
        found = self._tables.find(_TABLE, owner_key(read_document(Owner, row)), row["PartitionKey"])
        return _integration(found) if found is not None else None

    def _due(self, moment: datetime) -> Iterator[AnyIntegration]:
        values = {"due": _DUE, "until": ticks(moment) + BEYOND}
        for row in self._tables.query(_SCHEDULES, "PartitionKey eq @due and RowKey lt @until", values):
            integration = self.find(row["integrationId"])
            if integration is not None and _place(integration) == row["RowKey"]:
                yield integration
            else:
                self._put_right(row, integration)

    def _put_right(self, row: TableEntity, integration: AnyIntegration | None) -> None:
        """Move a row to where its integration says; one that was written again meanwhile is left alone."""
        stale = {"PartitionKey": _DUE, "RowKey": row["RowKey"]}
        operations = [Operation(Verb.DELETE, stale, etag_of(row))]
        if integration is not None and integration.next_run_at is not None:
            operations.append(Operation(Verb.REPLACE, _schedule_row(integration)))
        try:
            self._tables.transact(_SCHEDULES, operations)
        except TransactionRefusedError:
            return

    def _plan(self, integration: AnyIntegration) -> None:
        if integration.next_run_at is not None:
            self._tables.put(_SCHEDULES, _schedule_row(integration))

    def _unplan(self, integration: AnyIntegration) -> None:
        if integration.next_run_at is not None:
            self._tables.remove(_SCHEDULES, _DUE, _place(integration))


def _row(integration: AnyIntegration) -> Entity:
    return {
        "PartitionKey": owner_key(integration.owner),
        "RowKey": escape(integration.id),
        **write_document(versioned(integration, "")),
    }


def _integration(row: TableEntity) -> AnyIntegration:
    return versioned(read_document(Integration[AnyConnection], row), etag_of(row))


def _place(integration: AnyIntegration) -> str:
    at = integration.next_run_at
    return f"{ticks(at)}_{escape(integration.id)}" if at is not None else ""


def _schedule_row(integration: AnyIntegration) -> dict[str, str]:
    return {"PartitionKey": _DUE, "RowKey": _place(integration), "integrationId": integration.id}
