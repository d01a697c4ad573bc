"""Mappings of integrations, version by version."""

from collections.abc import Mapping
from typing import Protocol

from sync.model.entity import EntityType
from sync.model.mapping import MappingVersion
from sync.ports.edges import Page


class MappingStore(Protocol):
    """Versions of mappings by integration and entity type; the newest is the current one."""

    def current(self, integration_id: str) -> Mapping[EntityType, int]:
        """Return the newest version of each entity type that has any."""
        ...

    def get(self, integration_id: str, entity: EntityType, version: int) -> MappingVersion | None:
        """Return one version, or None."""
        ...

    def add(self, *versions: MappingVersion) -> None:
        """Store all of these or none, oldest first, all of one entity type; the last is the current one then.

        Raises:
            StaleRecordError: There is one with such a number already.
        """
        ...

    def list(self, integration_id: str, entity: EntityType, *, cursor: str | None, limit: int) -> Page[MappingVersion]:
        """Return versions, newest first."""
        ...

    def clear(self, integration_id: str) -> None:
        """Forget all versions of the integration."""
        ...
