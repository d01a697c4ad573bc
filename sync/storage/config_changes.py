"""Changes of configuration in a table: a partition for each integration, beside the footprints of its runs."""

from collections.abc import Iterator
from datetime import datetime

from sync.model.config_change import ConfigChange
from sync.storage.documents import read_document, write_document
from sync.storage.keys import escape
from sync.storage.tables import Tables

_TABLE = "Trails"
_AT_A_TIME = 200


class TableConfigStore:
    """Trails of changes."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def note(self, change: ConfigChange) -> None:
        """Store a change; the same id again replaces it."""
        place = {"PartitionKey": _part(change.integration_id), "RowKey": escape(change.id), "at": change.at}
        self._tables.put(_TABLE, {**place, **write_document(change)})

    def changes(self, integration_id: str, *, after: str = "") -> Iterator[ConfigChange]:
        """Yield changes, newest first, those whose id lies behind `after`; as far as they are asked for."""
        values = {"part": _part(integration_id), "after": after}
        rows = self._tables.query(_TABLE, "PartitionKey eq @part and RowKey gt @after", values, page=_AT_A_TIME)
        return (read_document(ConfigChange, row) for row in rows)

    def prune(self, integration_id: str, *, before: datetime) -> int:
        """Remove changes made before this time; return how many."""
        values = {"part": _part(integration_id), "before": before}
        return self._tables.remove_where(_TABLE, "PartitionKey eq @part and at lt @before", values)


def _part(integration_id: str) -> str:
    return f"c_{escape(integration_id)}"
