"""Conflicts in a table: one partition for each queue, with a small row that puts each one in its order."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import batched, islice

from azure.data.tables import TableEntity

from sync.cursors import cut_page, read_cursor
from sync.model.conflict import Conflict, Queue
from sync.model.errors import RecordError, StaleRecordError
from sync.ports import ConflictFilter, Page
from sync.storage.documents import read_document, versioned, write_document
from sync.storage.keys import BEYOND, latest_first, queue_part
from sync.storage.rules import noted_again
from sync.storage.tables import Entity, Tables, etag_of
from sync.storage.transactions import Operation, TransactionRefusedError, Verb

_TABLE = "Conflicts"
_AT_ONCE = 30
_READERS = 8
_TRIES = 8
_LISTED = "PartitionKey eq @queue and RowKey gt @after and RowKey lt @beyond"
_PLACES = "at_"


class TableConflictStore:
    """Conflicts by queue, newest first; a conflict and its place are written in one transaction."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def note(self, conflicts: Iterable[Conflict]) -> None:
        """Remember conflicts as open; one that is open keeps the time of its detection."""
        for some in batched(conflicts, _AT_ONCE, strict=False):
            try:
                self._note(some)
            except (TransactionRefusedError, RecordError):
                for each in some:
                    self._note_alone(each)

    def get(self, queue: Queue, conflict_id: str) -> Conflict | None:
        """Return a conflict, or None."""
        row = self._tables.find(_TABLE, queue_part(queue), conflict_id)
        return None if row is None else _conflict(row)

    def save(self, conflict: Conflict) -> Conflict:
        """Replace a conflict if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        found = self.get(conflict.queue, conflict.id)
        if found is None or found.version != conflict.version:
            raise StaleRecordError("The conflict was changed or removed.")
        try:
            return versioned(conflict, self._tables.transact(_TABLE, _operations(conflict, found)))
        except TransactionRefusedError as error:
            raise StaleRecordError("The conflict was changed by someone else.") from error

    def list(self, queue: Queue, which: ConflictFilter, *, cursor: str | None, limit: int) -> Page[Conflict]:
        """Return conflicts, the latest detected first."""
        (after,) = read_cursor(cursor, ("",), queue, which)
        places = self._places(queue, which, after=after, page=limit + 1)
        page = cut_page(((place, name) for place, name in islice(places, limit + 1)), limit, queue, which)
        with ThreadPoolExecutor(_READERS) as pool:
            found = list(pool.map(lambda name: self.get(queue, name), page.items))
        return Page(tuple(each for each in found if each is not None), page.cursor)

    def clear(self, queue: Queue) -> None:
        """Forget all conflicts of the queue."""
        self._tables.remove_where(_TABLE, "PartitionKey eq @part", {"part": queue_part(queue)})

    def _note(self, conflicts: Sequence[Conflict]) -> None:
        with ThreadPoolExecutor(_READERS) as pool:
            known = list(pool.map(lambda each: self.get(each.queue, each.id), conflicts))
        pairs = zip(conflicts, known, strict=True)
        operations = [part for each, found in pairs for part in _operations(noted_again(each, found), found)]
        self._tables.transact(_TABLE, operations)

    def _note_alone(self, conflict: Conflict) -> None:
        for _ in range(_TRIES):
            try:
                return self._note([conflict])
            except TransactionRefusedError:
                continue
        raise StaleRecordError(f"A conflict was written by someone else {_TRIES} times")

    def _places(self, queue: Queue, which: ConflictFilter, *, after: str, page: int) -> Iterator[tuple[str, str]]:
        values = {"queue": queue_part(queue), "after": f"{_PLACES}{after}", "beyond": f"{_PLACES}{BEYOND}"}
        asked = (("status", which.status), ("entityType", which.entity), ("rival", which.rival))
        wanted = {name: str(value) for name, value in asked if value is not None}
        condition = _LISTED + "".join(f" and {name} eq @{name}" for name in wanted)
        for row in self._tables.query(_TABLE, condition, values | wanted, page=page):
            yield row["RowKey"].removeprefix(_PLACES), row["of"]


def _operations(conflict: Conflict, found: Conflict | None) -> list[Operation]:
    """Return what stores the conflict over the one that was found, and keeps its place right."""
    part = queue_part(conflict.queue)
    document: Entity = {"PartitionKey": part, "RowKey": conflict.id, **write_document(conflict)}
    place = {
        "PartitionKey": part,
        "RowKey": _place(conflict),
        "of": conflict.id,
        "status": conflict.status.value,
        "entityType": conflict.entity.value,
        "rival": conflict.rival.external_id,
    }
    if found is None:
        return [Operation(Verb.INSERT, dict(document)), Operation(Verb.REPLACE, place)]
    moved = [] if _place(found) == place["RowKey"] else [_removal(part, _place(found))]
    return [Operation(Verb.REPLACE, dict(document), found.version), Operation(Verb.REPLACE, place), *moved]


def _removal(part: str, place: str) -> Operation:
    return Operation(Verb.DELETE, {"PartitionKey": part, "RowKey": place}, "*")


def _place(conflict: Conflict) -> str:
    return f"{_PLACES}{latest_first(conflict.detected_at, conflict.id)}"


def _conflict(row: TableEntity) -> Conflict:
    found: Conflict = versioned(read_document(Conflict, row), etag_of(row))
    return found
