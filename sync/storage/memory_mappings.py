"""Mappings in memory."""

from collections.abc import Mapping
from threading import Lock

from sync.cursors import cut_page, read_cursor
from sync.model.entity import EntityType
from sync.model.errors import StaleRecordError
from sync.model.mapping import MappingVersion
from sync.ports import Page
from sync.storage.keys import version_key


class MemoryMappingStore:
    """Versions of mappings by integration and entity type."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[str, dict[tuple[EntityType, int], MappingVersion]] = {}

    def current(self, integration_id: str) -> Mapping[EntityType, int]:
        """Return the newest version of each entity type that has any."""
        with self._lock:
            known = sorted(self._rows.get(integration_id, {}), key=lambda key: key[1])
        return dict(known)

    def get(self, integration_id: str, entity: EntityType, version: int) -> MappingVersion | None:
        """Return one version, or None."""
        return self._rows.get(integration_id, {}).get((entity, version))

    def add(self, *versions: MappingVersion) -> None:
        """Store all of these or none.

        Raises:
            StaleRecordError: There is one with such a number already.
        """
        with self._lock:
            rows = self._rows.setdefault(versions[-1].integration_id, {})
            keyed = {(each.entity, each.version): each for each in versions}
            if rows.keys() & keyed.keys():
                raise StaleRecordError("The mapping was changed by someone else.")
            rows.update(keyed)

    def list(self, integration_id: str, entity: EntityType, *, cursor: str | None, limit: int) -> Page[MappingVersion]:
        """Return versions, newest first."""
        (after,) = read_cursor(cursor, ("",), integration_id, entity)
        with self._lock:
            found = [row for row in self._rows.get(integration_id, {}).values() if row.entity is entity]
        rows = sorted((version_key(entity, row.version), row) for row in found)
        return cut_page(((key, row) for key, row in rows if key > after), limit, integration_id, entity)

    def clear(self, integration_id: str) -> None:
        """Forget all versions of the integration."""
        with self._lock:
            self._rows.pop(integration_id, None)
