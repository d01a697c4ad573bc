"""Runs and what belongs to them, in memory: checkpoints, staged pages, logs, failures."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from itertools import count
from operator import attrgetter, itemgetter
from threading import Lock

from sync.cursors import cut_page, read_cursor
from sync.engine.notes import build_checkpoint, keyed_notes, superseded_pages
from sync.model.checkpoint import Checkpoint, Note, RunKey
from sync.model.entity import EntityType
from sync.model.errors import KeyTakenError, NotFoundError, StaleRecordError
from sync.model.log import LogEntry
from sync.model.record import Failure
from sync.model.run import Run
from sync.ports import EVERY_RUN, FailureFilter, LogFilter, Page, RunFilter
from sync.storage.keys import failure_key
from sync.storage.metadata import fit_failure, fit_metadata
from sync.storage.rules import continued, failure_matches, failure_place, log_matches, run_matches


class MemoryRunStore:
    """Runs of an integration, newest first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._versions = count(1)
        self._rows: dict[str, dict[str, Run]] = {}

    def create(self, run: Run) -> Run:
        """Store a new run.

        Raises:
            KeyTakenError: There is one with this id.
        """
        with self._lock:
            if run.id in self._rows.get(run.integration_id, {}):
                raise KeyTakenError(f"Run {run.id} exists already.")
            return self._store(run)

    def get(self, integration_id: str, run_id: str) -> Run | None:
        """Return a run, or None."""
        return self._rows.get(integration_id, {}).get(run_id)

    def save(self, run: Run) -> Run:
        """Replace a run if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        with self._lock:
            found = self._rows.get(run.integration_id, {}).get(run.id)
            if found is None or found.version != run.version:
                raise StaleRecordError(f"Run {run.id} was changed or removed.")
            return self._store(run)

    def list(self, integration_id: str, which: RunFilter = EVERY_RUN, *, cursor: str | None, limit: int) -> Page[Run]:
        """Return matching runs, newest first."""
        (after,) = read_cursor(cursor, (which.after,), integration_id, which)
        with self._lock:
            rows = sorted(self._rows.get(integration_id, {}).items())
        kept = ((key, run) for key, run in rows if key > after and run_matches(run, which))
        return cut_page(kept, limit, integration_id, which)

    def ended(self, integration_id: str, *, before: datetime) -> tuple[str, ...]:
        """Return the ids of ended runs queued before this time."""
        with self._lock:
            runs = list(self._rows.get(integration_id, {}).values())
        return tuple(run.id for run in runs if run.status.ended and run.queued_at < before)

    def remove(self, integration_id: str, runs: Collection[str]) -> None:
        """Remove these runs; nothing happens to those that are not there."""
        with self._lock:
            known = self._rows.get(integration_id, {})
            for run_id in runs:
                known.pop(run_id, None)

    def _store(self, run: Run) -> Run:
        stored = replace(run, version=str(next(self._versions)))
        self._rows.setdefault(run.integration_id, {})[run.id] = stored
        return stored


class MemoryCheckpointStore:
    """How far runs have come."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[RunKey, dict[str, Note]] = {}

    def read(self, run: RunKey, entity: EntityType) -> Checkpoint:
        """Return everything noted about one entity type of a run."""
        with self._lock:
            notes = list(self._rows.get(run, {}).values())
        return build_checkpoint(note for note in notes if note.entity is entity)

    def write(self, run: RunKey, *notes: Note) -> None:
        """Note all of these or none.

        Raises:
            ValueError: These are more than 100.
        """
        rows = keyed_notes(notes)
        with self._lock:
            self._rows.setdefault(run, {}).update(rows)

    def restart(self, run: RunKey, *notes: Note) -> None:
        """Drop the staged pages of the ranges among the notes, and write the notes."""
        rows = keyed_notes(notes)
        with self._lock:
            kept = self._rows.setdefault(run, {})
            for key in superseded_pages(kept, rows):
                del kept[key]
            kept.update(rows)

    def drop(self, run: RunKey) -> None:
        """Forget everything about the run."""
        with self._lock:
            self._rows.pop(run, None)


class MemoryStageStore:
    """Mapped pages between reading and writing."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[RunKey, dict[str, bytes]] = {}

    def put(self, run: RunKey, name: str, body: bytes) -> None:
        """Store a page; an earlier one of the same name is replaced."""
        with self._lock:
            self._rows.setdefault(run, {})[name] = bytes(body)

    def read(self, run: RunKey, name: str, *, start: int, end: int) -> bytes:
        """Return bytes start to end of a page.

        Raises:
            NotFoundError: There is no such page.
        """
        with self._lock:
            page = self._rows.get(run, {}).get(name)
        if page is None:
            raise NotFoundError(f"There is no staged page {name}.")
        return page[start:end]

    def drop(self, run: RunKey) -> None:
        """Forget all pages of the run."""
        with self._lock:
            self._rows.pop(run, None)


class MemoryLogStore:
    """Sync logs, newest first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[str, dict[str, LogEntry]] = {}

    def append(self, entry: LogEntry) -> None:
        """Store an entry; the same id again replaces it."""
        fitting = replace(entry, metadata=fit_metadata(entry.metadata))
        with self._lock:
            self._rows.setdefault(entry.integration_id, {})[entry.id] = fitting

    def list(self, integration_id: str, which: LogFilter, *, cursor: str | None, limit: int) -> Page[LogEntry]:
        """Return matching entries, newest first."""
        (after,) = read_cursor(cursor, (which.after,), integration_id, which)
        with self._lock:
            rows = sorted(self._rows.get(integration_id, {}).items())
        found = ((key, entry) for key, entry in rows if key > after and log_matches(entry, which))
        return cut_page(found, limit, integration_id, which)

    def prune(self, integration_id: str, *, before: datetime) -> int:
        """Remove entries created before this time; return how many."""
        with self._lock:
            entries = self._rows.get(integration_id, {})
            old = [entry.id for entry in entries.values() if entry.created_at < before]
            for entry_id in old:
                del entries[entry_id]
        return len(old)


class MemoryFailureStore:
    """Failures that are still open, and those of each run."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: dict[str, dict[tuple[EntityType, str], Failure]] = {}
        self._runs: dict[RunKey, dict[str, Failure]] = {}

    def note(self, integration_id: str, failures: Iterable[Failure]) -> None:
        """Remember failures, for the integration and for their run."""
        with self._lock:
            known = self._open.setdefault(integration_id, {})
            for failure in failures:
                place = (failure.entity, failure.external_id)
                known[place] = continued(fit_failure(failure), known.get(place))
                of_run = self._runs.setdefault(RunKey(integration_id, failure.run_id), {})
                of_run.setdefault(failure_key(failure.entity, failure.external_id), known[place])

    def clear(self, integration_id: str, entity: EntityType, external_ids: Iterable[str]) -> None:
        """Forget open failures that were mended."""
        with self._lock:
            known = self._open.get(integration_id, {})
            for external_id in external_ids:
                known.pop((entity, external_id), None)

    def open(self, integration_id: str, entity: EntityType, *, limit: int) -> tuple[Failure, ...]:
        """Return open failures, those tried longest ago first."""
        with self._lock:
            found = [failure for failure in self._open.get(integration_id, {}).values() if failure.entity is entity]
        return tuple(sorted(found, key=attrgetter("last_at"))[:limit])

    def list(self, integration_id: str, which: FailureFilter, *, cursor: str | None, limit: int) -> Page[Failure]:
        """Return open failures that the filter keeps, in its order."""
        after = read_cursor(cursor, ("", ""), integration_id, which)
        with self._lock:
            found = [each for each in self._open.get(integration_id, {}).values() if failure_matches(each, which)]
        placed = sorted(((failure_place(each, which), each) for each in found), key=itemgetter(0))
        return cut_page((row for row in placed if row[0] > after), limit, integration_id, which)

    def find(self, integration_id: str, entity: EntityType, external_ids: Iterable[str]) -> dict[str, Failure]:
        """Return the open failures of these records, by external id."""
        with self._lock:
            known = self._open.get(integration_id, {})
            return {each: known[entity, each] for each in external_ids if (entity, each) in known}

    def of_run(self, run: RunKey, *, cursor: str | None, limit: int) -> Page[Failure]:
        """Return the failures of one run."""
        (after,) = read_cursor(cursor, ("",), run)
        with self._lock:
            rows = sorted(self._runs.get(run, {}).items())
        return cut_page(((key, failure) for key, failure in rows if key > after), limit, run)

    def prune(self, run: RunKey) -> None:
        """Forget a run's list."""
        with self._lock:
            self._runs.pop(run, None)
