"""Conflicts that wait for a person, and those that were decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from sync.model.conflict import Conflict, ConflictStatus, Queue
from sync.model.entity import EntityType
from sync.ports.edges import Page


@dataclass(frozen=True, slots=True)
class ConflictFilter:
    """Which conflicts to list; None: all."""

    status: ConflictStatus | None = ConflictStatus.OPEN
    entity: EntityType | None = None
    rival: str | None = None
    """The external id of the record that stands in the way."""


class ConflictStore(Protocol):
    """Conflicts by queue, newest first; one for each record and reason."""

    def note(self, conflicts: Iterable[Conflict]) -> None:
        """Remember conflicts as open, over what was known of them; one that is open keeps the time of its detection."""
        ...

    def get(self, queue: Queue, conflict_id: str) -> Conflict | None:
        """Return a conflict, or None."""
        ...

    def save(self, conflict: Conflict) -> Conflict:
        """Replace a conflict if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        ...

    def list(self, queue: Queue, which: ConflictFilter, *, cursor: str | None, limit: int) -> Page[Conflict]:
        """Return conflicts, the latest detected first."""
        ...

    def clear(self, queue: Queue) -> None:
        """Forget all conflicts of the queue."""
        ...
