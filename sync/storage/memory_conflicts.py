"""Conflicts in memory."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from threading import Lock

from sync.cursors import cut_page, read_cursor
from sync.model.conflict import Conflict, ConflictStatus, Queue
from sync.model.errors import StaleRecordError
from sync.ports import ConflictFilter, Page
from sync.storage.keys import latest_first
from sync.storage.rules import noted_again


class MemoryConflictStore:
    """Conflicts by queue, newest first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._versions = count(1)
        self._rows: dict[Queue, dict[str, Conflict]] = {}

    def note(self, conflicts: Iterable[Conflict]) -> None:
        """Remember conflicts as open; one that is open keeps the time of its detection."""
        with self._lock:
            for conflict in conflicts:
                self._store(noted_again(conflict, self._rows.get(conflict.queue, {}).get(conflict.id)))

    def get(self, queue: Queue, conflict_id: str) -> Conflict | None:
        """Return a conflict, or None."""
        return self._rows.get(queue, {}).get(conflict_id)

    def save(self, conflict: Conflict) -> Conflict:
        """Replace a conflict if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        with self._lock:
            found = self.get(conflict.queue, conflict.id)
            if found is None or found.version != conflict.version:
                raise StaleRecordError("The conflict was changed or removed.")
            return self._store(conflict)

    def list(self, queue: Queue, which: ConflictFilter, *, cursor: str | None, limit: int) -> Page[Conflict]:
        """Return conflicts, the latest detected first."""
        (after,) = read_cursor(cursor, ("",), queue, which)
        with self._lock:
            found = [row for row in self._rows.get(queue, {}).values() if _matches(row, which)]
        rows = sorted((latest_first(row.detected_at, row.id), row) for row in found)
        return cut_page(((place, row) for place, row in rows if place > after), limit, queue, which)

    def clear(self, queue: Queue) -> None:
        """Forget all conflicts of the queue."""
        with self._lock:
            self._rows.pop(queue, None)

    def _store(self, conflict: Conflict) -> Conflict:
        stored = replace(conflict, version=str(next(self._versions)))
        self._rows.setdefault(conflict.queue, {})[conflict.id] = stored
        return stored


def _matches(conflict: Conflict, which: ConflictFilter) -> bool:
    status: ConflictStatus | None = which.status
    if status not in {None, conflict.status} or which.entity not in {None, conflict.entity}:
        return False
    return which.rival in {None, conflict.rival.external_id}
