"""Shows the sync log."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sync.model.entity import EntityType
from sync.model.errors import InvalidError, Problem
from sync.model.log import CONTRACT, Action, LogEntry, LogStatus
from sync.ports import LogFilter, LogStore, Page

_TYPES = frozenset(entity.log_name for entity in EntityType) | {CONTRACT}


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Which entries a caller wants, in the caller's words; both times are inclusive."""

    entity_type: str | None = None
    action: str | None = None
    status: str | None = None
    run_id: str | None = None
    contract_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def listed(
    logs: LogStore, integration_id: str, query: HistoryQuery, *, cursor: str | None, limit: int
) -> Page[LogEntry]:
    """Return an integration's log entries, newest first.

    Raises:
        InvalidError: The query names an entity type, action or status that there is not.
    """
    problems = [
        *_unknown("/entityType", query.entity_type, _TYPES),
        *_unknown("/action", query.action, frozenset(Action)),
        *_unknown("/status", query.status, frozenset(LogStatus)),
    ]
    if problems:
        raise InvalidError("The log cannot be filtered like this", *problems)
    which = LogFilter(
        entity_type=query.entity_type,
        action=None if query.action is None else Action(query.action),
        status=None if query.status is None else LogStatus(query.status),
        run_id=query.run_id,
        contract_id=query.contract_id,
        since=query.since,
        until=query.until,
    )
    return logs.list(integration_id, which, cursor=cursor, limit=limit)


def _unknown(pointer: str, value: str | None, known: frozenset[str] | frozenset[StrEnum]) -> list[Problem]:
    if value is None or value in known:
        return []
    return [Problem(pointer, "UNKNOWN_VALUE", f"One of {', '.join(sorted(known))} is needed.")]
