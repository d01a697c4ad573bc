"""Entries of the sync log, as people read them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

CONTRACT = "CONTRACT"
"""The entity type of entries about contracts."""


class Action(StrEnum):
    """What was done."""

    UPSERT = "UPSERT"
    TEST = "TEST"
    AUTHORIZE = "AUTHORIZE"
    NOTICE = "NOTICE"
    RESOLVE = "RESOLVE"
    CREATE = "CREATE"
    PUSH = "PUSH"
    FETCH = "FETCH"


class LogStatus(StrEnum):
    """How it went."""

    SUCCESS = "SUCCESS"
    PARTIAL = "PARTIAL"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of an integration's history; ids sort newest first."""

    id: str
    integration_id: str
    entity_type: str | None
    action: Action
    status: LogStatus
    records_affected: int
    created_at: datetime
    metadata: dict[str, Any] = field(default_factory=dict)
