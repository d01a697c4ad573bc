"""Tells what happens to contracts: written on either side, in conflict, or no longer let in."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from sync.codec import time_text
from sync.engine.telling import name_of
from sync.model.contract_link import ContractLink, OpenConflict
from sync.model.errors import SyncError
from sync.model.integration import Bridge, Status
from sync.model.log import LogEntry
from sync.model.merge import FieldContest, MergeReport
from sync.model.webhook import Event, EventType
from sync.services.bridge_desk import BridgeDesk

_LATEST = timedelta(days=1)
"""For how long a conflict may be told as new: told again, it is the same event."""
_PASSED_ON = ("contractId", "entity", "recordId", "trigger")


def announce_sync(desk: BridgeDesk, entry: LogEntry) -> None:
    """Tell of an entry of the log that something was written on either side of a contract; values stay in the log."""
    if EventType.CONTRACT_SYNCED not in desk.outbox.wanted(entry.integration_id):
        return
    data = {
        **{name: entry.metadata.get(name) for name in _PASSED_ON},
        "action": entry.action.value,
        "status": entry.status.value,
        "fields": _names(entry.metadata.get("fields", ())),
    }
    name = entry.id.replace("log", "evt", 1)
    event = Event(name, EventType.CONTRACT_SYNCED, entry.integration_id, entry.created_at, data)
    desk.outbox.tell(entry.integration_id, [event])


def announce_contests(desk: BridgeDesk, report: MergeReport) -> None:
    """Tell which fields of a contract a person has to decide about, before the link remembers it."""
    link = report.link
    if not report.conflicts or EventType.CONFLICT_DETECTED not in desk.outbox.wanted(link.integration_id):
        return
    since = desk.clock.now() - _LATEST
    found = ((each, link.memory(each.pair.key).conflict) for each in report.conflicts)
    new = [_contest(link, each, known) for each, known in found if known is not None and known.detected_at >= since]
    desk.outbox.tell(link.integration_id, new)


def announce_loss(desk: BridgeDesk, before: Bridge, after: Bridge, error: SyncError) -> None:
    """Tell that somebody has to authorize a bridge again, unless that was known before."""
    if after.standing is not Status.REAUTH_REQUIRED or before.standing is after.standing:
        return
    if EventType.REAUTH_REQUIRED in desk.outbox.wanted(after.id):
        data = {"runId": None, "code": error.code, "message": error.message}
        event = Event(desk.ids.new("evt"), EventType.REAUTH_REQUIRED, after.id, desk.clock.now(), data)
        desk.outbox.tell(after.id, [event])


def _contest(link: ContractLink, contest: FieldContest, known: OpenConflict) -> Event:
    kind, at = EventType.CONFLICT_DETECTED, known.detected_at
    data = {
        "conflictId": contest.id,
        "conflicts": [contest.id],
        "count": 1,
        "contractId": str(link.contract_id),
        "entity": link.entity,
        "recordId": link.record_id,
        "field": contest.pair.column,
        "oneflowField": contest.pair.data_field,
        "detectedAt": time_text(at),
    }
    return Event(name_of(at, kind, link.integration_id, contest.id), kind, link.integration_id, at, data)


def _names(fields: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"field": each["field"], "oneflowField": each["oneflowField"]} for each in fields]
