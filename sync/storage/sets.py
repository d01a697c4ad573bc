"""Record sets in a table: how many buckets each has."""

from sync.engine.buckets import bucket_count
from sync.model.errors import KeyTakenError
from sync.model.record import RecordSet, SetKey
from sync.storage.keys import escape, owner_part
from sync.storage.tables import Tables

_TABLE = "RecordSets"


class TableSets:
    """The sets; a set never changes once it is made, so each is read once."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._known: dict[SetKey, RecordSet] = {}

    def open(self, key: SetKey, *, expected: int | None) -> tuple[RecordSet, bool]:
        """Return the set, made now if there was none, and whether it was made now."""
        found = self.find(key)
        if found is not None:
            return found, False
        records = RecordSet(key, bucket_count(expected))
        partition, row = _place(key)
        try:
            self._tables.insert(_TABLE, {"PartitionKey": partition, "RowKey": row, "buckets": records.buckets})
        except KeyTakenError:
            return self.open(key, expected=expected)
        self._known[key] = records
        return records, True

    def find(self, key: SetKey) -> RecordSet | None:
        """Return the set, or None."""
        known = self._known.get(key)
        if known is not None:
            return known
        row = self._tables.find(_TABLE, *_place(key))
        if row is None:
            return None
        return self._known.setdefault(key, RecordSet(key, row["buckets"]))


def _place(key: SetKey) -> tuple[str, str]:
    return f"u_{owner_part(key.user_id)}", f"{escape(key.system)}_{key.entity}"
