"""Identities of platform-made records in memory."""

from collections.abc import Collection, Mapping
from threading import Lock

from sync.model.record import SetKey


class MemoryIdentityStore:
    """The identities of a set's platform-made records."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._marks: dict[SetKey, dict[str, frozenset[str]]] = {}
        self._moved: dict[tuple[SetKey, str], str] = {}

    def put(self, key: SetKey, record_id: str, marks: Collection[str]) -> None:
        """Say by what a record is recognised."""
        with self._lock:
            self._marks.setdefault(key, {})[record_id] = frozenset(marks)

    def known(self, key: SetKey) -> Mapping[str, str]:
        """Return the id of a record for each mark."""
        with self._lock:
            rows = sorted(self._marks.get(key, {}).items())
        return {mark: record_id for record_id, marks in rows for mark in marks}

    def move(self, key: SetKey, record_id: str, external_id: str) -> None:
        """Forget by what a record is recognised, and remember which one it became."""
        with self._lock:
            self._marks.get(key, {}).pop(record_id, None)
            self._moved[key, record_id] = external_id

    def moved(self, key: SetKey, record_id: str) -> str | None:
        """Return the external id of the record that one became, or None."""
        return self._moved.get((key, record_id))
