"""Mappings of Dataverse tables: one partition for each integration, beside those of the integrations themselves."""

from azure.data.tables import TableEntity

from sync.model.entity_mapping import EntityMapping
from sync.storage.documents import read_document, versioned, write_document
from sync.storage.keys import escape
from sync.storage.tables import Entity, Tables, etag_of

_TABLE = "Integrations"
_MINE = "PartitionKey eq @part"


class TableEntityMappingStore:
    """Mappings by integration and table."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(self, integration_id: str, entity: str) -> EntityMapping | None:
        """Return the mapping of a table, or None."""
        row = self._tables.find(_TABLE, _part(integration_id), escape(entity))
        return None if row is None else _mapping(row)

    def create(self, mapping: EntityMapping) -> EntityMapping:
        """Store the first mapping of a table (KeyTakenError when it has one)."""
        return versioned(mapping, self._tables.insert(_TABLE, _row(mapping)))

    def save(self, mapping: EntityMapping) -> EntityMapping:
        """Replace a mapping if its version is still current (StaleRecordError otherwise)."""
        return versioned(mapping, self._tables.replace(_TABLE, _row(mapping), etag=mapping.version))

    def list(self, integration_id: str) -> tuple[EntityMapping, ...]:
        """Return all mappings of an integration, by table."""
        rows = self._tables.query(_TABLE, _MINE, {"part": _part(integration_id)})
        return tuple(sorted(map(_mapping, rows), key=lambda each: each.entity))

    def clear(self, integration_id: str) -> None:
        """Forget all mappings of an integration."""
        self._tables.remove_where(_TABLE, _MINE, {"part": _part(integration_id)})


def _part(integration_id: str) -> str:
    """Return the partition of an integration's mappings; it meets no owner's, and not that of the other kind."""
    return f"e_{escape(integration_id)}"


def _row(mapping: EntityMapping) -> Entity:
    place = {"PartitionKey": _part(mapping.integration_id), "RowKey": escape(mapping.entity)}
    return {**place, **write_document(mapping)}


def _mapping(row: TableEntity) -> EntityMapping:
    found: EntityMapping = versioned(read_document(EntityMapping, row), etag_of(row))
    return found
