"""Records that need attention, by status: hints beside the records, which have the last word."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import batched
from typing import NamedTuple

from sync.model.record import SetKey, SyncStatus
from sync.storage.guard import MOST_OPERATIONS
from sync.storage.keys import BEYOND, escape, index_part
from sync.storage.tables import Tables, written_at
from sync.storage.transactions import Operation, Verb

INDEXED = (SyncStatus.ERROR, SyncStatus.CONFLICT, SyncStatus.PENDING)
"""States that few records are in; no set, because an enum's hash costs more than three comparisons."""

_TABLE = "Records"
_LISTED = "PartitionKey eq @index and RowKey gt @after and RowKey lt @beyond"

type Mention = tuple[SyncStatus, str]
"""A status, and the external id of a record that has it."""


class Mentioned(NamedTuple):
    """A mention as it is stored; `since` is the account's own time."""

    place: str
    external_id: str
    since: datetime


class StatusIndex:
    """The index of all record sets; a mention is added before its record changes, and removed after."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, key: SetKey, mentions: Iterable[Mention]) -> None:
        """Mention records by status."""
        for some in batched(mentions, MOST_OPERATIONS, strict=False):
            self._tables.transact(_TABLE, [Operation(Verb.REPLACE, _row(key, *mention)) for mention in some])

    def remove(self, key: SetKey, mentions: Iterable[Mention]) -> None:
        """Take mentions back."""
        self._tables.remove_all(_TABLE, ((index_part(key), _place(*mention)) for mention in mentions))

    def mentioned(self, key: SetKey, status: SyncStatus, *, after: str) -> Iterator[Mentioned]:
        """Return the records mentioned with a status, in order of place, behind this place."""
        values = {"index": index_part(key), "after": f"{status}_{after}", "beyond": f"{status}_{BEYOND}"}
        for row in self._tables.query(_TABLE, _LISTED, values):
            place = row["RowKey"].removeprefix(f"{status}_")
            yield Mentioned(place, row.get("externalId") or place, written_at(row))


def gained(before: SyncStatus | None, now: SyncStatus) -> bool:
    """Whether a record comes to be in a state that is indexed."""
    return now in INDEXED and before is not now


def lost(before: SyncStatus | None, now: SyncStatus) -> bool:
    """Whether a record leaves a state that is indexed."""
    return before in INDEXED and before is not now


def _place(status: SyncStatus, external_id: str) -> str:
    return f"{status}_{escape(external_id)}"


def _row(key: SetKey, status: SyncStatus, external_id: str) -> dict[str, str]:
    row = {"PartitionKey": index_part(key), "RowKey": _place(status, external_id)}
    return row if escape(external_id) == external_id else {**row, "externalId": external_id}
