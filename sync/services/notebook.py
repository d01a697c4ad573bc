"""Checkpoints that one step reads once, however often it looks."""

from sync.engine.notes import with_notes
from sync.model.checkpoint import Checkpoint, Note, RunKey
from sync.model.entity import EntityType
from sync.ports import CheckpointStore


class Notebook:
    """A CheckpointStore for a step that is alone with its entity type: what it noted itself, it knows."""

    def __init__(self, store: CheckpointStore) -> None:
        self._store = store
        self._known: dict[tuple[RunKey, EntityType], Checkpoint] = {}

    def read(self, run: RunKey, entity: EntityType) -> Checkpoint:
        """Return everything noted about one entity type of a run."""
        known = self._known.get((run, entity))
        if known is None:
            known = self._known[run, entity] = self._store.read(run, entity)
        return known

    def write(self, run: RunKey, *notes: Note) -> None:
        """Note all of these or none (raises as the store does)."""
        self._store.write(run, *notes)
        for (of_run, entity), known in self._known.items():
            if of_run == run:
                self._known[of_run, entity] = with_notes(known, (note for note in notes if note.entity is entity))

    def restart(self, run: RunKey, *notes: Note) -> None:
        """Drop the staged pages of the ranges among the notes, and write the notes."""
        self._known.clear()
        self._store.restart(run, *notes)

    def drop(self, run: RunKey) -> None:
        """Forget everything about the run."""
        self._known.clear()
        self._store.drop(run)
