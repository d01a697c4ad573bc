"""Watermarks in a table: one partition for each integration."""

from contextlib import suppress
from datetime import datetime
from hashlib import blake2b

from azure.data.tables import TableEntity

from sync.codec import time_text, time_value
from sync.model.entity import EntityType
from sync.model.errors import KeyTakenError, StaleRecordError
from sync.model.mapping import PRESET_VERSION
from sync.model.run import Watermark
from sync.storage.keys import escape
from sync.storage.tables import Entity, Tables, etag_of

_TABLE = "Watermarks"


class TableWatermarkStore:
    """One watermark for each integration, source, entity type and version of its mapping."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(
        self, integration_id: str, source: str, entity: EntityType, *, mapping: int = PRESET_VERSION
    ) -> datetime | None:
        """Return the stored watermark."""
        row = self._tables.find(_TABLE, escape(integration_id), _place(source, entity, mapping))
        return time_value(row["instant"]) if row is not None else None

    def advance(
        self,
        integration_id: str,
        source: str,
        entity: EntityType,
        instant: datetime,
        *,
        mapping: int = PRESET_VERSION,
    ) -> datetime:
        """Move the watermark forward, never back; return what is stored then."""
        keys = {"PartitionKey": escape(integration_id), "RowKey": _place(source, entity, mapping)}
        while True:
            row = self._tables.find(_TABLE, *keys.values())
            stored = Watermark(time_value(row["instant"])) if row is not None else None
            wanted = stored.advanced_to(instant) if stored is not None else Watermark(instant)
            if wanted == stored:
                return wanted.instant
            with suppress(KeyTakenError, StaleRecordError):
                self._write({**keys, "source": source, "instant": time_text(wanted.instant)}, row)
                return wanted.instant

    def clear(self, integration_id: str) -> None:
        """Forget the integration's watermarks."""
        values = {"integration": escape(integration_id)}
        rows = list(self._tables.query(_TABLE, "PartitionKey eq @integration", values))
        self._tables.remove_all(_TABLE, ((row["PartitionKey"], row["RowKey"]) for row in rows))

    def _write(self, entity: Entity, row: TableEntity | None) -> None:
        if row is None:
            self._tables.insert(_TABLE, entity)
        else:
            self._tables.replace(_TABLE, entity, etag=etag_of(row))


def _place(source: str, entity: EntityType, mapping: int) -> str:
    place = f"{entity}_{blake2b(source.encode(), digest_size=16).hexdigest()}"
    return place if mapping == PRESET_VERSION else f"{place}_{mapping}"
