"""Platform records, what arrives for them, and the set that they are kept in."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

from sync.model.entity import EntityType


class SyncStatus(StrEnum):
    """How a record stands against its source."""

    PENDING = "pending"
    SYNCED = "synced"
    ERROR = "error"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class SetKey:
    """All records of one user, one external system and one entity type: the wall between owners."""

    user_id: str
    system: str
    entity: EntityType


@dataclass(frozen=True, slots=True)
class RecordSet:
    """A set and the number of buckets that its records are spread over."""

    key: SetKey
    buckets: int


@dataclass(frozen=True, slots=True)
class RecordFault:
    """Why a record could not be taken over, with the source values at fault."""

    code: str
    message: str
    data: dict[str, Any] = field(default_factory=dict)


class Arrival(NamedTuple):
    """One record as it came from the source, mapped; a tuple because there are millions."""

    external_id: str
    key: bytes
    """16 bytes, a hash of the external id: its place in bucket and manifest."""
    digest: bytes
    """8 bytes, a hash of `fields`: equal means unchanged. Empty when the record has a fault."""
    fields: str
    """The mapped fields as JSON text, as they are stored."""
    modified: str | None
    """The source's own modification time, as it was written there."""
    fault: RecordFault | None = None
    etag: str | None = None
    """The source's own version of the record: opaque."""


new_arrival = partial(tuple.__new__, Arrival)
"""As Arrival(…), from one tuple of all members, at a fifth of the cost: there are as many as records."""


@dataclass(frozen=True, slots=True)
class Record:
    """A stored platform record. `external_id` is the platform's own id when `system` is None."""

    external_id: str
    fields: dict[str, Any]
    sync_status: SyncStatus = SyncStatus.SYNCED
    integration_id: str | None = None
    source: str | None = None
    custom: dict[str, Any] = field(default_factory=dict)
    pinned: tuple[str, ...] = ()
    declined: dict[str, Any] = field(default_factory=dict)
    """The source's values of pinned fields that a person did not want."""
    last_synced_at: datetime | None = None
    source_modified_at: str | None = None
    present_in_source: bool = True
    fault: RecordFault | None = None
    version: str = ""

    @property
    def platform_made(self) -> bool:
        """Whether the platform, not a source, brought this record into being."""
        return self.source is None


@dataclass(frozen=True, slots=True)
class Keeper:
    """An integration among those that share a set: its records are those of its company, and those made through it."""

    integration_id: str
    source: str

    def keeps(self, record: Record) -> bool:
        """Tell whether a record is one of them."""
        return record.integration_id == self.integration_id or record.source == self.source


@dataclass(frozen=True, slots=True)
class Failure:
    """A record that could not be taken over, remembered until it can be or is gone."""

    entity: EntityType
    external_id: str
    fault: RecordFault
    run_id: str
    attempts: int
    first_at: datetime
    last_at: datetime
    source: str = ""
    """The company that the record is in (see Connection.source); empty when that was not noted yet."""
