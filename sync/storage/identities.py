"""Identities of platform-made records in a table: beside the index by status."""

from collections.abc import Collection, Mapping

import orjson

from sync.model.record import SetKey
from sync.storage.keys import BEYOND, escape, index_part
from sync.storage.tables import Tables

_TABLE = "Records"
_KNOWN, _MOVED = "known_", "moved_"
_LISTED = "PartitionKey eq @index and RowKey gt @first and RowKey lt @beyond"


class TableIdentityStore:
    """The identities of a set's platform-made records."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, key: SetKey, record_id: str, marks: Collection[str]) -> None:
        """Say by what a record is recognised."""
        told = {"of": record_id, "marks": orjson.dumps(sorted(marks)).decode()}
        self._tables.put(_TABLE, {"PartitionKey": index_part(key), "RowKey": _place(_KNOWN, record_id), **told})

    def known(self, key: SetKey) -> Mapping[str, str]:
        """Return the id of a record for each mark."""
        values = {"index": index_part(key), "first": _KNOWN, "beyond": f"{_KNOWN}{BEYOND}"}
        rows = list(self._tables.query(_TABLE, _LISTED, values, select=("of", "marks")))
        return {mark: row["of"] for row in rows for mark in orjson.loads(row["marks"])}

    def move(self, key: SetKey, record_id: str, external_id: str) -> None:
        """Forget by what a record is recognised, and remember which one it became."""
        part = index_part(key)
        row = {"PartitionKey": part, "RowKey": _place(_MOVED, record_id), "to": external_id}
        self._tables.put(_TABLE, row)
        self._tables.remove(_TABLE, part, _place(_KNOWN, record_id))

    def moved(self, key: SetKey, record_id: str) -> str | None:
        """Return the external id of the record that one became, or None."""
        row = self._tables.find(_TABLE, index_part(key), _place(_MOVED, record_id))
        return None if row is None else str(row["to"])


def _place(kind: str, record_id: str) -> str:
    return f"{kind}{escape(record_id)}"
