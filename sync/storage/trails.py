"""Footprints of runs in a table: a partition for each integration and entity type, newest first."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from azure.data.tables import TableEntity

from sync.model.entity import EntityType
from sync.model.trail import Footprint
from sync.storage.documents import read_document, write_document
from sync.storage.keys import escape
from sync.storage.tables import Entity, Tables

_TABLE = "Trails"
_AT_A_TIME = 200


class TableTrailStore:
    """Footprints of runs."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def mark(self, footprint: Footprint) -> None:
        """Store a footprint; one of the same step is replaced."""
        self._tables.put(_TABLE, _row(footprint))

    def footprints(self, integration_id: str, entity: EntityType, *, after: str) -> Iterator[Footprint]:
        """Yield footprints, newest first, those whose place lies behind `after`; as far as they are asked for."""
        values = {"part": _part(integration_id, entity), "after": after}
        rows = self._tables.query(_TABLE, "PartitionKey eq @part and RowKey gt @after", values, page=_AT_A_TIME)
        return map(_footprint, rows)

    def prune(self, integration_id: str, *, runs: Collection[str] | None) -> frozenset[str]:
        """Remove the footprints of these runs, None: of all; return the runs that had any."""
        return frozenset[str]().union(*(self._prune(_part(integration_id, entity), runs) for entity in EntityType))

    def _prune(self, part: str, runs: Collection[str] | None) -> set[str]:
        values = {"part": part, "from": "" if runs is None else min(runs, default="~")}
        known = self._tables.query(
            _TABLE, "PartitionKey eq @part and RowKey ge @from", values, select=("RowKey", "run")
        )
        rows = [row for row in known if runs is None or row["run"] in runs]
        self._tables.remove_all(_TABLE, ((part, row["RowKey"]) for row in rows))
        return {row["run"] for row in rows}


def _part(integration_id: str, entity: EntityType) -> str:
    return f"{escape(integration_id)}_{entity}"


def _row(footprint: Footprint) -> Entity:
    told = {} if footprint.touched is None else {"touched": footprint.touched}
    return {
        "PartitionKey": _part(footprint.integration_id, footprint.entity),
        "RowKey": escape(footprint.place),
        "run": footprint.run_id,
        **write_document(replace(footprint, touched=None)),
        **told,
    }


def _footprint(row: TableEntity) -> Footprint:
    return replace(read_document(Footprint, row), touched=row.get("touched"))
