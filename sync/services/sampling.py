"""Looks into a source without syncing: what an entity set has, and what a mapping would make of some records."""

from dataclasses import dataclass
from typing import Any

import orjson

from mapping.blanks import without_blank
from mapping.compiler import CompiledMapping
from sync.engine.arrivals import arrive
from sync.model.entity import EXTERNAL_SYSTEM, EntityType
from sync.model.integration import Integration
from sync.model.record import Arrival, RecordFault, SetKey
from sync.ports import PageQuery, Source, SourceField, SourceSchema
from sync.services.desk import Desk, source_of
from sync.services.joining import add_joined
from sync.services.opening import choose
from sync.services.reading import query_of

_SAMPLED = 5
"""Records that are looked at for sample values."""


@dataclass(frozen=True, slots=True)
class Described:
    """An entity set with sample values; a field without one was blank in every record that was looked at."""

    schema: SourceSchema
    samples: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a mapping makes of one record: mapped fields as stored and as they would be; none when they are not there.

    `changed` names the fields that differ, also those of a record that is new.
    """

    external_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    changed: tuple[str, ...]
    fault: RecordFault | None


def describe(desk: Desk, integration: Integration, *, route: str, entity_set: str) -> Described:
    """Return the fields of an entity set with sample values (raises as Source does)."""
    source = _source(desk, integration)
    schema = source.schema(route, entity_set)
    records = source.page(PageQuery(entity_set, (), _SAMPLED, route=route), None).records
    return Described(schema, {field.name: _sample(field, records) for field in schema.fields})


def preview(
    desk: Desk, integration: Integration, entity: EntityType, mapping: CompiledMapping, *, sample: int
) -> tuple[Preview, ...]:
    """Return what a mapping makes of the first records, beside what is stored; nothing is written.

    Raises as Source does.
    """
    source = _source(desk, integration)
    records = source.page(query_of(mapping, sample), None).records[:sample]
    arrivals = arrive(add_joined(source, mapping, records), mapping)
    return tuple(_preview(desk, integration, entity, each) for each in arrivals)


def _source(desk: Desk, integration: Integration) -> Source:
    connection, source = integration.connection, source_of(desk, integration)
    if connection.company_id is not None:
        return source
    return source.in_company(choose(source.companies(), connection).id)


def _sample(field: SourceField, records: list[dict[str, Any]]) -> Any:
    values = (without_blank(record.get(field.name)) for record in records)
    return next((value for value in values if value is not None), None)


def _preview(desk: Desk, integration: Integration, entity: EntityType, arrival: Arrival) -> Preview:
    key = SetKey(integration.owner.user_id, EXTERNAL_SYSTEM, entity)
    stored = desk.records.get(key, arrival.external_id)
    mine = stored is not None and stored.source == integration.connection.source
    before = stored.fields if stored is not None and mine else None
    if arrival.fault is not None:
        return Preview(arrival.external_id, before, None, (), arrival.fault)
    after = orjson.loads(arrival.fields)
    known = before or {}
    names = dict.fromkeys((*after, *known))
    changed = tuple(name for name in names if not _same(known.get(name), after.get(name)))
    return Preview(arrival.external_id, before, after, changed, None)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other
