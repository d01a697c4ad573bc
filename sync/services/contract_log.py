"""Entries of the sync log about contracts."""

from collections.abc import Mapping
from typing import Any

from sync.model.log import CONTRACT, Action, LogEntry, LogStatus
from sync.services.bridge_desk import BridgeDesk
from sync.services.contract_events import announce_sync


def note(
    desk: BridgeDesk, integration_id: str, action: Action, status: LogStatus, facts: Mapping[str, Any], *, affected: int
) -> None:
    """Log what was done about a contract; `affected` counts contracts or records, and `facts` are its metadata."""
    keep(
        desk,
        LogEntry(
            id=desk.ids.new("log"),
            integration_id=integration_id,
            entity_type=CONTRACT,
            action=action,
            status=status,
            records_affected=affected,
            created_at=desk.clock.now(),
            metadata=dict(facts),
        ),
    )


def keep(desk: BridgeDesk, entry: LogEntry) -> None:
    """Keep an entry, and tell of what was written; with the same id it is the same entry and the same event."""
    desk.logs.append(entry)
    if entry.records_affected:
        announce_sync(desk, entry)
