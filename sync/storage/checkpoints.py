"""Checkpoints in a table: one partition for each run."""

from collections.abc import Iterator
from itertools import batched

from sync.engine.notes import MOST_NOTES, NOTE_TYPES, build_checkpoint, keyed_notes, superseded_pages
from sync.model.checkpoint import Checkpoint, Note, RunKey
from sync.model.entity import EntityType
from sync.storage.documents import read_document, write_document
from sync.storage.keys import BEYOND, run_part
from sync.storage.tables import Entity, Tables
from sync.storage.transactions import Operation, Verb

_TABLE = "Checkpoints"
_LISTED = "PartitionKey eq @run and RowKey ge @low and RowKey lt @high"


class TableCheckpointStore:
    """How far runs have come."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def read(self, run: RunKey, entity: EntityType) -> Checkpoint:
        """Return everything noted about one entity type of a run."""
        values = {"run": run_part(run), "low": f"{entity}_", "high": f"{entity}_{BEYOND}"}
        return build_checkpoint(_note(row) for row in self._tables.query(_TABLE, _LISTED, values))

    def write(self, run: RunKey, *notes: Note) -> None:
        """Note all of these or none.

        Raises:
            ValueError: These are more than 100.
        """
        if keyed := keyed_notes(notes):
            self._tables.transact(_TABLE, _written(run, keyed))

    def restart(self, run: RunKey, *notes: Note) -> None:
        """Drop the staged pages of the ranges among the notes, and write the notes.

        The notes go first: pages that a crash leaves behind are of an earlier walk, and reading leaves those out.
        """
        keyed = keyed_notes(notes)
        dropped = superseded_pages(self._keys(run), keyed)
        operations = _written(run, keyed) + [
            Operation(Verb.DELETE, {"PartitionKey": run_part(run), "RowKey": key}, "*") for key in dropped
        ]
        for some in batched(operations, MOST_NOTES, strict=False):
            self._tables.transact(_TABLE, some)

    def drop(self, run: RunKey) -> None:
        """Forget everything about the run."""
        self._tables.remove_all(_TABLE, [(run_part(run), key) for key in self._keys(run)])

    def _keys(self, run: RunKey) -> Iterator[str]:
        rows = self._tables.query(_TABLE, "PartitionKey eq @run", {"run": run_part(run)}, select=("RowKey",))
        return (row["RowKey"] for row in rows)


def _written(run: RunKey, keyed: dict[str, Note]) -> list[Operation]:
    return [
        Operation(Verb.REPLACE, {"PartitionKey": run_part(run), "RowKey": key, **write_document(note)})
        for key, note in keyed.items()
    ]


def _note(row: Entity) -> Note:
    return read_document(NOTE_TYPES[row["RowKey"].split("_")[1]], row)
