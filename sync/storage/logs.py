"""Sync logs in a table: one partition for each integration, newest first."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sync.cursors import cut_page, read_cursor
from sync.model.log import LogEntry
from sync.ports import LogFilter, Page
from sync.storage.conditions import sifted
from sync.storage.documents import read_document, write_document
from sync.storage.keys import escape
from sync.storage.metadata import fit_metadata
from sync.storage.rules import log_matches
from sync.storage.tables import Entity, Tables

_TABLE = "SyncLogs"
_AT_A_TIME = 200


class TableLogStore:
    """Sync logs, newest first."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def append(self, entry: LogEntry) -> None:
        """Store an entry; the same id again replaces it."""
        self._tables.put(_TABLE, _row(replace(entry, metadata=fit_metadata(entry.metadata))))

    def list(self, integration_id: str, which: LogFilter, *, cursor: str | None, limit: int) -> Page[LogEntry]:
        """Return matching entries, newest first."""
        (after,) = read_cursor(cursor, (which.after,), integration_id, which)
        condition, values = _condition(which)
        condition = f"PartitionKey eq @integration and RowKey gt @after{condition}"
        values |= {"integration": escape(integration_id), "after": after}
        rows = self._tables.query(_TABLE, condition, values, page=_AT_A_TIME)
        found = ((row["RowKey"], read_document(LogEntry, row)) for row in rows)
        kept = ((key, entry) for key, entry in found if log_matches(entry, which))
        return cut_page(kept, limit, integration_id, which)

    def prune(self, integration_id: str, *, before: datetime) -> int:
        """Remove entries created before this time; return how many."""
        condition = "PartitionKey eq @integration and createdAt lt @before"
        values = {"integration": escape(integration_id), "before": before}
        return self._tables.remove_where(_TABLE, condition, values)


def _condition(which: LogFilter) -> tuple[str, dict[str, Any]]:
    """Return what the table itself can sift, so that few rows travel; log_matches has the last word."""
    return sifted(
        (
            ("entityType eq", "entity", which.entity_type),
            ("action eq", "action", which.action.value if which.action is not None else None),
            ("status eq", "status", which.status.value if which.status is not None else None),
            ("runId eq", "run", which.run_id),
            ("contractId eq", "contract", which.contract_id),
            ("createdAt ge", "since", which.since),
            ("createdAt le", "until", which.until),
        )
    )


def _row(entry: LogEntry) -> Entity:
    return {
        "PartitionKey": escape(entry.integration_id),
        "RowKey": escape(entry.id),
        "entityType": entry.entity_type or "",
        "action": entry.action.value,
        "status": entry.status.value,
        "runId": str(entry.metadata.get("runId", "")),
        "contractId": str(entry.metadata.get("contractId", "")),
        "createdAt": entry.created_at,
        **write_document(entry),
    }
