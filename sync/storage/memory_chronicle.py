"""Footprints and edits in memory."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from threading import Lock

from sync.model.config_change import ConfigChange
from sync.model.entity import EntityType
from sync.model.record import SetKey
from sync.model.trail import Edit, Footprint


class MemoryTrailStore:
    """Footprints of runs."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[tuple[str, EntityType], dict[str, Footprint]] = {}

    def mark(self, footprint: Footprint) -> None:
        """Store a footprint; one of the same step is replaced."""
        with self._lock:
            self._rows.setdefault((footprint.integration_id, footprint.entity), {})[footprint.place] = footprint

    def footprints(self, integration_id: str, entity: EntityType, *, after: str) -> Iterator[Footprint]:
        """Yield footprints, newest first, those whose place lies behind `after`; as far as they are asked for."""
        with self._lock:
            rows = sorted(self._rows.get((integration_id, entity), {}).items())
        return iter([footprint for place, footprint in rows if place > after])

    def prune(self, integration_id: str, *, runs: Collection[str] | None) -> frozenset[str]:
        """Remove the footprints of these runs, None: of all; return the runs that had any."""
        removed: set[str] = set()
        with self._lock:
            for entity in EntityType:
                rows = self._rows.get((integration_id, entity), {})
                for place, footprint in list(rows.items()):
                    if runs is None or footprint.run_id in runs:
                        removed.add(footprint.run_id)
                        del rows[place]
        return frozenset(removed)


class MemoryEditStore:
    """Edits of records."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[SetKey, dict[tuple[str, str], Edit]] = {}

    def note(self, edit: Edit) -> None:
        """Store an edit."""
        with self._lock:
            self._rows.setdefault(edit.key, {})[edit.external_id, edit.id] = edit

    def take_back(self, edit: Edit) -> None:
        """Forget an edit that came to nothing."""
        with self._lock:
            self._rows.get(edit.key, {}).pop((edit.external_id, edit.id), None)

    def of_record(self, key: SetKey, external_id: str, *, after: str) -> Iterator[Edit]:
        """Yield a record's edits, newest first, those whose id lies behind `after`; as far as they are asked for."""
        with self._lock:
            rows = sorted(self._rows.get(key, {}).items())
        return iter([edit for (place, edit_id), edit in rows if place == external_id and edit_id > after])

    def prune(self, key: SetKey, *, before: datetime) -> int:
        """Remove edits made before this time; return how many."""
        return self._remove(key, lambda edit: edit.at < before)

    def purge(self, key: SetKey, *, source: str) -> int:
        """Remove the edits of all records of a source; return how many."""
        return self._remove(key, lambda edit: edit.source == source)

    def _remove(self, key: SetKey, unwanted: Callable[[Edit], bool]) -> int:
        with self._lock:
            rows = self._rows.get(key, {})
            found = [place for place, edit in rows.items() if unwanted(edit)]
            for place in found:
                del rows[place]
        return len(found)


class MemoryConfigStore:
    """Changes of configuration."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[str, dict[str, ConfigChange]] = {}

    def note(self, change: ConfigChange) -> None:
        """Store a change; the same id again replaces it."""
        with self._lock:
            self._rows.setdefault(change.integration_id, {})[change.id] = change

    def changes(self, integration_id: str, *, after: str = "") -> Iterator[ConfigChange]:
        """Yield changes, newest first, those whose id lies behind `after`; as far as they are asked for."""
        with self._lock:
            rows = sorted(self._rows.get(integration_id, {}).items())
        return iter([change for place, change in rows if place > after])

    def prune(self, integration_id: str, *, before: datetime) -> int:
        """Remove changes made before this time; return how many."""
        with self._lock:
            rows = self._rows.get(integration_id, {})
            found = [place for place, change in rows.items() if change.at < before]
            for place in found:
                del rows[place]
        return len(found)
