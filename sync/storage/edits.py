"""Edits of records in a table: a partition for each set, a record's edits together, newest first."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sync.model.record import SetKey
from sync.model.trail import Edit
from sync.storage.documents import read_document, write_document
from sync.storage.keys import BEYOND, escape, set_part
from sync.storage.tables import Entity, Tables

_TABLE = "Edits"
_END = "!"
"""Below every character that an escaped id may have: ends the record's part of a key."""
_AT_A_TIME = 200


class TableEditStore:
    """Edits of records."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def note(self, edit: Edit) -> None:
        """Store an edit."""
        self._tables.put(_TABLE, _row(edit))

    def take_back(self, edit: Edit) -> None:
        """Forget an edit that came to nothing."""
        row = _row(edit)
        self._tables.remove(_TABLE, row["PartitionKey"], row["RowKey"])

    def of_record(self, key: SetKey, external_id: str, *, after: str) -> Iterator[Edit]:
        """Yield a record's edits, newest first, those whose id lies behind `after`; as far as they are asked for."""
        low = f"{escape(external_id)}{_END}"
        values = {"set": set_part(key), "after": low + after, "beyond": low + BEYOND}
        condition = "PartitionKey eq @set and RowKey gt @after and RowKey lt @beyond"
        return (read_document(Edit, row) for row in self._tables.query(_TABLE, condition, values, page=_AT_A_TIME))

    def prune(self, key: SetKey, *, before: datetime) -> int:
        """Remove edits made before this time; return how many."""
        return self._remove("PartitionKey eq @set and at lt @before", key, {"before": before})

    def purge(self, key: SetKey, *, source: str) -> int:
        """Remove the edits of all records of a source; return how many."""
        return self._remove("PartitionKey eq @set and source eq @source", key, {"source": source})

    def _remove(self, condition: str, key: SetKey, values: dict[str, Any]) -> int:
        return self._tables.remove_where(_TABLE, condition, {"set": set_part(key), **values})


def _row(edit: Edit) -> Entity:
    return {
        "PartitionKey": set_part(edit.key),
        "RowKey": f"{escape(edit.external_id)}{_END}{escape(edit.id)}",
        "at": edit.at,
        "source": edit.source or "",
        **write_document(edit),
    }
