"""Looks at one record in Business Central: as it is sent there, and as the mapping takes it."""

from dataclasses import dataclass, replace
from typing import Any

from mapping.compiler import CompiledMapping
from mapping.completion import compile_complete
from mapping.targets import TARGETS
from sync.engine.arrivals import arrive
from sync.engine.explaining import Seen
from sync.model.guid import is_guid
from sync.model.record import Arrival
from sync.ports import PageQuery, Source
from sync.services import mappings
from sync.services.desk import source_of
from sync.services.joining import add_joined
from sync.services.reading import query_of
from sync.services.records import Shelf


@dataclass(frozen=True, slots=True)
class Sight:
    """What the source showed: the record as sent and as mapped, also when the mapping's filter leaves it out."""

    seen: Seen
    row: dict[str, Any] | None = None
    arrival: Arrival | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What the source showed, with which version of the mapping and through which filter."""

    sight: Sight
    mapping_version: int
    filter: str | None


def look(shelf: Shelf, external_id: str) -> Look:
    """Ask the source for one record with all its columns, whatever the mapping reads.

    Raises:
        SyncError: As Source does.
    """
    known = mappings.current(shelf.desk.mappings, shelf.integration, shelf.entity)
    mapping = compile_complete(mappings.rules_of(known), TARGETS[shelf.entity.value])
    sight = Sight(Seen.ABSENT)
    if is_guid(external_id):
        sight = see(
            source_of(shelf.desk, shelf.integration), mapping, replace(query_of(mapping, 1), select=()), external_id
        )
    return Look(sight, known.version, mapping.rules.filter)


def see(source: Source, mapping: CompiledMapping, query: PageQuery, external_id: str) -> Sight:
    """Ask with the query's filter, and without it for what that leaves out (raises as Source does)."""
    found = source.record(query, external_id)
    seen = Seen.PRESENT
    if found is None and query.filter is not None:
        found, seen = source.record(replace(query, filter=None), external_id), Seen.EXCLUDED
    if found is None:
        return Sight(Seen.ABSENT)
    (arrival,) = arrive(add_joined(source, mapping, [found]), mapping)
    return Sight(seen, found, arrival)
