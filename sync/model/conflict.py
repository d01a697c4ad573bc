"""Conflicts: two sides want different things of one record, and a person decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sync.model.entity import EntityType


class Reason(StrEnum):
    """Why a record of the source was not taken over."""

    KEY = "key"
    """Another environment or company of the user has a record with this external id."""
    DUPLICATE = "duplicate"
    """The platform itself has made a record with the same tax id or number."""
    PINNED = "pinned"
    """The source has changed a record of which the platform has pinned a field to another value."""


class Side(StrEnum):
    """Whose value a field gets."""

    SOURCE = "source"
    PLATFORM = "platform"


class ConflictStatus(StrEnum):
    """Whether somebody still has to decide."""

    OPEN = "open"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Queue:
    """Where the conflicts of one company wait for its user: they belong to the records, not to an integration."""

    user_id: str
    source: str


@dataclass(frozen=True, slots=True)
class Rival:
    """The record that stands in the way; what it was is kept here when the two become one."""

    external_id: str
    """The platform's own id when `source` is None."""
    integration_id: str | None = None
    source: str | None = None
    custom: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conflict:
    """One record that waits for a decision, with both sides; one for each record and reason."""

    id: str
    queue: Queue
    integration_id: str
    """Whose run met it first."""
    entity: EntityType
    external_id: str
    reason: Reason
    contested: tuple[str, ...]
    """The fields to decide on."""
    source: dict[str, Any]
    """All mapped fields as the source wants them."""
    platform: dict[str, Any]
    """The record's fields as they were stored when the conflict was met."""
    rival: Rival
    digest: str
    """The hash of the source's content, in hexadecimal."""
    modified: str | None
    run_id: str
    detected_at: datetime
    status: ConflictStatus = ConflictStatus.OPEN
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    sides: dict[str, Side] | None = None
    """What was chosen, for each contested field; None as long as nobody chose, or when it closed by itself."""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person wants: a side for every field that is not named, and sides for those that are."""

    rest: Side = Side.PLATFORM
    named: Mapping[str, Side] = field(default_factory=lambda: MappingProxyType({}))
