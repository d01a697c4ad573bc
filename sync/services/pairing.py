"""Finds everything wrong with the pairs of a mapping: their names, and what Dataverse has and lets be written."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from mapping.columns import ColumnType
from sync.model.errors import Problem, RefusedError
from sync.model.field_sync import ConflictPolicy, Direction
from sync.model.table import Reference
from sync.ports import Dynamics
from sync.services.catalog import VIRTUAL, FieldChoice, fields_of

UNGUARDED = "The table has no optimistic concurrency, so changes of others could be overwritten"

_MISSING = "This member is needed."
_DIRECTIONS = f"There are the directions {', '.join(Direction)}."
_POLICIES = f"There are the ways {', '.join(ConflictPolicy)}."


@dataclass(frozen=True, slots=True)
class PairOrder:
    """One pair as a caller describes it; None is a member that is missing."""

    entity: str | None
    via: str | None
    column: str | None
    data_field: str | None
    direction: str | None
    policy: str = ConflictPolicy.MANUAL
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """A table that pairs may name: its fields, and what speaks against writing any of them."""

    fields: Mapping[str, FieldChoice]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Reach:
    """What pairs of one table can lead to: by table and lookup."""

    places: Mapping[tuple[str, str | None], _Place]
    leads: tuple[Reference, ...]


def unfit_pairs(dynamics: Dynamics, entity: str, orders: tuple[PairOrder, ...]) -> list[Problem]:
    """Return every problem of the pairs, in their order.

    Raises:
        RefusedError: Dataverse has no such table (ENTITY_NOT_FOUND), or as Dynamics does.
    """
    reach = _reach(dynamics, entity, {(each.entity, each.via) for each in orders})
    names: Counter[str | None] = Counter()
    columns: Counter[tuple[str | None, ...]] = Counter()
    found: list[Problem] = []
    for index, order in enumerate(orders):
        column = (order.entity, order.via, order.column)
        names[order.data_field] += 1
        columns[column] += 1
        told = [*_of_names(order, names), *_of_words(order), *_of_column(order, reach, again=columns[column] > 1)]
        found += [Problem(f"/fields/{index}/{each.pointer}", each.code, each.detail) for each in told]
    return found


def _of_names(order: PairOrder, names: Mapping[str | None, int]) -> Iterator[Problem]:
    if not (order.data_field or "").strip():
        yield Problem("oneflowField", "ONEFLOW_NAME_MISSING", "The Oneflow field name is missing.")
    elif names[order.data_field] > 1:
        yield Problem("oneflowField", "ONEFLOW_NAME_NOT_UNIQUE", "The Oneflow field name is not unique.")


def _of_words(order: PairOrder) -> Iterator[Problem]:
    if order.direction is None:
        yield Problem("direction", "MISSING", _MISSING)
    elif order.direction not in frozenset(Direction):
        yield Problem("direction", "UNKNOWN_VALUE", _DIRECTIONS)
    if order.policy not in frozenset(ConflictPolicy):
        yield Problem("conflict", "UNKNOWN_VALUE", _POLICIES)
    if order.time_zone is not None and order.time_zone not in _zones():
        yield Problem("timeZone", "UNKNOWN_TIME_ZONE", "A time zone has an IANA name, such as Europe/Stockholm.")


def _of_column(order: PairOrder, reach: _Reach, *, again: bool) -> Iterator[Problem]:
    missing = [("dynamicsEntity", order.entity), ("dynamicsField", order.column)]
    yield from (Problem(member, "MISSING", _MISSING) for member, value in missing if not value)
    if not order.entity or not order.column:
        return
    place = reach.places.get((order.entity, order.via))
    if place is None:
        yield _astray(order, reach)
        return
    choice = place.fields.get(order.column)
    if choice is None:
        yield Problem("dynamicsField", "UNKNOWN_FIELD", "The table has no such field that a contract could take.")
        return
    if again:
        yield Problem("dynamicsField", "DYNAMICS_FIELD_TWICE", "The Dynamics field is mapped already.")
    reason = choice.reason or place.reason
    if order.direction == Direction.TWO_WAY and reason is not None:
        detail = f"Two-way sync is not available for this field: {reason}."
        yield Problem("direction", "TWO_WAY_NOT_AVAILABLE", detail)
    if order.time_zone is not None and choice.column.type != ColumnType.DATE_TIME:
        yield Problem("timeZone", "TIME_ZONE_NOT_NEEDED", "Only a DateTime field has a time zone.")


def _astray(order: PairOrder, reach: _Reach) -> Problem:
    """Return why a pair leads to no table: its lookup, or the table that it names."""
    known = sorted({each.table for each in reach.leads if each.column == order.via})
    if known:
        return Problem("dynamicsEntity", "UNKNOWN_TABLE", f"The lookup leads to {', '.join(known)}.")
    if order.via is not None:
        return Problem("via", "UNKNOWN_LOOKUP", "The table has no such lookup.")
    if any(each.table == order.entity for each in reach.leads):
        return Problem("via", "UNKNOWN_LOOKUP", "Name the lookup that leads to this table.")
    return Problem("dynamicsEntity", "UNKNOWN_TABLE", "No lookup leads to such a table.")


def _reach(dynamics: Dynamics, entity: str, wanted: Collection[tuple[str | None, str | None]]) -> _Reach:
    own = _place(dynamics, entity)
    leads = tuple(each for each in dynamics.references(entity) if each.column in own.fields)
    asked = [each for each in leads if (each.table, each.column) in wanted]
    known = {table: _known_place(dynamics, table) for table in sorted({each.table for each in asked})}
    places: dict[tuple[str, str | None], _Place] = {(entity, None): own}
    places |= {(name, None): _Place(_by_name(fields)) for name, (_, fields) in VIRTUAL.items()}
    for each in asked:
        place = known[each.table]
        if place is not None:
            places[each.table, each.column] = place
    return _Reach(places, leads)


def _known_place(dynamics: Dynamics, table: str) -> _Place | None:
    """Return a table that a lookup leads to, None when it has no rows of its own."""
    try:
        return _place(dynamics, table)
    except RefusedError as error:
        if error.code != "ENTITY_NOT_FOUND":
            raise
        return None


def _place(dynamics: Dynamics, table: str) -> _Place:
    guarded = dynamics.table(table).guarded
    shown = (each for each in fields_of(dynamics, table) if each.column.type in frozenset(ColumnType))
    return _Place(_by_name(shown), None if guarded else UNGUARDED)


def _by_name(choices: Iterable[FieldChoice]) -> dict[str, FieldChoice]:
    return {each.column.name: each for each in choices}


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
