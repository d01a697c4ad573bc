"""Runs in a table: one partition for each integration, newest first."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from azure.data.tables import TableEntity

from sync.cursors import cut_page, read_cursor
from sync.model.run import Run, RunStatus
from sync.ports import EVERY_RUN, Page, RunFilter
from sync.storage.conditions import sifted
from sync.storage.documents import read_document, versioned, write_document
from sync.storage.keys import escape
from sync.storage.tables import Entity, Tables, etag_of

_TABLE = "Runs"


class TableRunStore:
    """Runs of an integration, newest first."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def create(self, run: Run) -> Run:
        """Store a new run.

        Raises:
            KeyTakenError: There is one with this id.
        """
        return versioned(run, self._tables.insert(_TABLE, _row(run)))

    def get(self, integration_id: str, run_id: str) -> Run | None:
        """Return a run, or None."""
        found = self._tables.find(_TABLE, escape(integration_id), escape(run_id))
        return _run(found) if found is not None else None

    def save(self, run: Run) -> Run:
        """Replace a run if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        return versioned(run, self._tables.replace(_TABLE, _row(run), etag=run.version))

    def list(self, integration_id: str, which: RunFilter = EVERY_RUN, *, cursor: str | None, limit: int) -> Page[Run]:
        """Return matching runs, newest first."""
        (after,) = read_cursor(cursor, (which.after,), integration_id, which)
        terms, values = _sifted(which)
        values |= {"integration": escape(integration_id), "after": after}
        condition = f"PartitionKey eq @integration and RowKey gt @after{terms}"
        rows = self._tables.query(_TABLE, condition, values, page=limit + 1)
        return cut_page(((row["RowKey"], _run(row)) for row in rows), limit, integration_id, which)

    def ended(self, integration_id: str, *, before: datetime) -> tuple[str, ...]:
        """Return the ids of ended runs queued before this time."""
        values = {"integration": escape(integration_id), "before": before}
        condition = "PartitionKey eq @integration and queuedAt lt @before"
        rows = self._tables.query(_TABLE, condition, values, select=("RowKey", "status"))
        return tuple(row["RowKey"] for row in rows if RunStatus(row["status"]).ended)

    def remove(self, integration_id: str, runs: Collection[str]) -> None:
        """Remove these runs; nothing happens to those that are not there."""
        self._tables.remove_all(_TABLE, ((escape(integration_id), escape(run_id)) for run_id in runs))


def _sifted(which: RunFilter) -> tuple[str, dict[str, Any]]:
    """Return what the table itself sifts: a page costs what it shows, however many runs there are."""
    return sifted(
        (
            ("status eq", "status", None if which.status is None else which.status.value),
            ("kind eq", "kind", None if which.kind is None else which.kind.value),
            ("queuedAt ge", "since", which.since),
            ("queuedAt le", "until", which.until),
        )
    )


def _row(run: Run) -> Entity:
    return {
        "PartitionKey": escape(run.integration_id),
        "RowKey": escape(run.id),
        "status": run.status.value,
        "kind": run.kind.value,
        "queuedAt": run.queued_at,
        **write_document(versioned(run, "")),
    }


def _run(row: TableEntity) -> Run:
    return versioned(read_document(Run, row), etag_of(row))
