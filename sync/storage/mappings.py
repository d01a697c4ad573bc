"""Mappings in a table: one partition for each integration, beside those of the integrations themselves."""

from collections.abc import Mapping

from azure.data.tables import TableEntity

from sync.cursors import cut_page, read_cursor
from sync.model.entity import EntityType
from sync.model.errors import StaleRecordError
from sync.model.mapping import MappingVersion
from sync.ports import Page
from sync.storage.documents import read_document, write_document
from sync.storage.keys import BEYOND, mapping_part, version_key
from sync.storage.tables import Tables
from sync.storage.transactions import Operation, TransactionRefusedError, Verb

_TABLE = "Integrations"
_CURRENT = "current"
_LISTED = "PartitionKey eq @integration and RowKey gt @after and RowKey lt @beyond"


class TableMappingStore:
    """Versions of mappings; a small row in front of them tells the newest of each entity type."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def current(self, integration_id: str) -> Mapping[EntityType, int]:
        """Return the newest version of each entity type that has any."""
        row = self._tables.find(_TABLE, mapping_part(integration_id), _CURRENT)
        return {} if row is None else {entity: int(row[entity]) for entity in EntityType if entity in row}

    def get(self, integration_id: str, entity: EntityType, version: int) -> MappingVersion | None:
        """Return one version, or None."""
        row = self._tables.find(_TABLE, mapping_part(integration_id), version_key(entity, version))
        return None if row is None else _version(row)

    def add(self, *versions: MappingVersion) -> None:
        """Store all of these or none.

        Raises:
            StaleRecordError: There is one with such a number already.
        """
        newest = versions[-1]
        place = {"PartitionKey": mapping_part(newest.integration_id)}
        rows = [
            {**place, "RowKey": version_key(each.entity, each.version), **write_document(each)} for each in versions
        ]
        head = {**place, "RowKey": _CURRENT, newest.entity.value: newest.version}
        try:
            self._tables.transact(_TABLE, [*(Operation(Verb.INSERT, row) for row in rows), Operation(Verb.MERGE, head)])
        except TransactionRefusedError as error:
            raise StaleRecordError("The mapping was changed by someone else.") from error

    def list(self, integration_id: str, entity: EntityType, *, cursor: str | None, limit: int) -> Page[MappingVersion]:
        """Return versions, newest first."""
        (after,) = read_cursor(cursor, (f"{entity}_",), integration_id, entity)
        values = {"integration": mapping_part(integration_id), "after": after, "beyond": f"{entity}_{BEYOND}"}
        rows = self._tables.query(_TABLE, _LISTED, values, page=limit + 1)
        return cut_page(((row["RowKey"], _version(row)) for row in rows), limit, integration_id, entity)

    def clear(self, integration_id: str) -> None:
        """Forget all versions of the integration."""
        self._tables.remove_where(_TABLE, "PartitionKey eq @part", {"part": mapping_part(integration_id)})


def _version(row: TableEntity) -> MappingVersion:
    return read_document(MappingVersion, row)
