"""Failures in tables: those still open of an integration, and those of each run."""

from collections.abc import Collection, Iterable, Sequence
from heapq import nsmallest
from itertools import batched
from operator import attrgetter, itemgetter

from sync.cursors import cut_page, read_cursor
from sync.model.checkpoint import RunKey
from sync.model.entity import EntityType
from sync.model.record import Failure
from sync.ports import FailureFilter, Page
from sync.storage.documents import read_document, write_document
from sync.storage.keys import BEYOND, escape, failure_key, run_part
from sync.storage.metadata import fit_failure
from sync.storage.rules import continued, failure_matches, failure_place
from sync.storage.tables import Entity, Tables
from sync.storage.transactions import Operation, Verb

_OPEN = "Failures"
_RUNS = "RunErrors"
_FEW = 8
_AT_ONCE = 100
_WRITTEN_AT_ONCE = 50
"""Rows in a transaction: of the largest size, they still fit."""
_SPAN = "PartitionKey eq @integration and RowKey ge @low and RowKey le @high"


class TableFailureStore:
    """Failures that are still open, and those of each run."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def note(self, integration_id: str, failures: Iterable[Failure]) -> None:
        """Remember failures, for the integration and for their run."""
        keyed: dict[str, Failure] = {}
        for failure in failures:
            keyed.setdefault(failure_key(failure.entity, failure.external_id), fit_failure(failure))
        for some in batched(sorted(keyed.items(), key=itemgetter(0)), _AT_ONCE, strict=False):
            self._note(integration_id, dict(some))

    def clear(self, integration_id: str, entity: EntityType, external_ids: Iterable[str]) -> None:
        """Forget open failures that were mended."""
        keys = ((escape(integration_id), failure_key(entity, external_id)) for external_id in external_ids)
        self._tables.remove_all(_OPEN, keys)

    def open(self, integration_id: str, entity: EntityType, *, limit: int) -> tuple[Failure, ...]:
        """Return open failures, those tried longest ago first."""
        found = self._between(integration_id, f"{entity}_", f"{entity}_{BEYOND}")
        return tuple(nsmallest(limit, found.values(), key=attrgetter("last_at")))

    def list(self, integration_id: str, which: FailureFilter, *, cursor: str | None, limit: int) -> Page[Failure]:
        """Return open failures that the filter keeps, in its order."""
        after = read_cursor(cursor, ("", ""), integration_id, which)
        low = "" if which.entity is None else f"{which.entity}_"
        found = self._between(integration_id, low, f"{which.entity or ''}{BEYOND}").values()
        placed = ((failure_place(each, which), each) for each in found if failure_matches(each, which))
        rest = nsmallest(limit + 1, (row for row in placed if row[0] > after), key=itemgetter(0))
        return cut_page(rest, limit, integration_id, which)

    def find(self, integration_id: str, entity: EntityType, external_ids: Iterable[str]) -> dict[str, Failure]:
        """Return the open failures of these records, by external id."""
        keys = {failure_key(entity, each): each for each in external_ids}
        known = self._known(integration_id, keys) if keys else {}
        return {keys[key]: failure for key, failure in known.items() if key in keys}

    def of_run(self, run: RunKey, *, cursor: str | None, limit: int) -> Page[Failure]:
        """Return the failures of one run."""
        (after,) = read_cursor(cursor, ("",), run)
        values = {"run": run_part(run), "after": after}
        rows = self._tables.query(_RUNS, "PartitionKey eq @run and RowKey gt @after", values, page=limit + 1)
        return cut_page(((row["RowKey"], read_document(Failure, row)) for row in rows), limit, run)

    def prune(self, run: RunKey) -> None:
        """Forget a run's list."""
        self._tables.remove_where(_RUNS, "PartitionKey eq @run", {"run": run_part(run)})

    def _note(self, integration_id: str, keyed: dict[str, Failure]) -> None:
        known = self._known(integration_id, keyed)
        news = {key: continued(failure, known.get(key)) for key, failure in keyed.items()}
        partition = escape(integration_id)
        self._put(_OPEN, [_row(partition, key, failure) for key, failure in news.items() if failure != known.get(key)])
        runs: dict[str, list[Entity]] = {}
        for key, failure in news.items():
            of_run = run_part(RunKey(integration_id, failure.run_id))
            runs.setdefault(of_run, []).append(_row(of_run, key, failure))
        for rows in runs.values():
            self._put(_RUNS, rows)

    def _put(self, table: str, rows: Sequence[Entity]) -> None:
        for some in batched(rows, _WRITTEN_AT_ONCE, strict=False):
            self._tables.transact(table, [Operation(Verb.REPLACE, dict(row)) for row in some])

    def _known(self, integration_id: str, keyed: Collection[str]) -> dict[str, Failure]:
        if len(keyed) > _FEW:
            return self._between(integration_id, min(keyed), max(keyed))
        rows = {key: self._tables.find(_OPEN, escape(integration_id), key) for key in keyed}
        return {key: read_document(Failure, row) for key, row in rows.items() if row is not None}

    def _between(self, integration_id: str, low: str, high: str) -> dict[str, Failure]:
        values = {"integration": escape(integration_id), "low": low, "high": high}
        return {row["RowKey"]: read_document(Failure, row) for row in self._tables.query(_OPEN, _SPAN, values)}


def _row(partition: str, key: str, failure: Failure) -> Entity:
    return {"PartitionKey": partition, "RowKey": key, **write_document(failure)}
