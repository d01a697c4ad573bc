"""What happened to records: the deeds of runs and where they are told, and the edits of people."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sync.model.entity import EntityType
from sync.model.record import Arrival, SetKey
from sync.model.run import RunTrigger


class Deed(StrEnum):
    """What a run did to a record, or learned about it."""

    CREATED = "created"
    UPDATED = "updated"
    FAILED = "failed"
    GONE = "gone"

    @property
    def tells_values(self) -> bool:
        """Whether the record held exactly these values afterwards."""
        return self in {Deed.CREATED, Deed.UPDATED}


type Happening = tuple[Deed, Arrival]
"""A deed and the record that it was about, as it had arrived; of one that is gone only the id is known."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """A step of a run that changed records of one entity type, and which ones those may be."""

    integration_id: str
    run_id: str
    entity: EntityType
    part: str
    """Which of the run's steps; the later ones sort first."""
    trigger: RunTrigger
    source: str
    mapping_version: int
    started_at: datetime
    """When the run began."""
    at: datetime
    """When the step had changed what it changed."""
    buckets: int
    groups: int
    group: int
    size: int
    """Bytes of the step's journal."""
    touched: bytes | None = None
    """The first four bytes of the changed records' keys, one after the other; None when they are too many to tell."""

    @property
    def place(self) -> str:
        """Where it stands among the footprints of all runs, newest first."""
        return f"{self.run_id}_{self.part}"

    @property
    def journal(self) -> str:
        """The name of the journal among those of the run."""
        return f"{self.entity}-{self.part}"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change that a user of the platform made to a record; the first one made the record if it was `made`."""

    id: str
    key: SetKey
    external_id: str
    user_id: str
    at: datetime
    source: str | None
    made_from: str
    """The record's version before; empty when there was no record."""
    seen_at: datetime | None
    """When a run had last written the record."""
    before: dict[str, Any] = field(default_factory=dict)
    """The changed fields as they were; the platform's own begin with `custom.`."""
    after: dict[str, Any] = field(default_factory=dict)
    pinned_before: tuple[str, ...] = ()
    pinned_after: tuple[str, ...] = ()

    @property
    def made(self) -> bool:
        """Whether it brought the record into being."""
        return not self.made_from
