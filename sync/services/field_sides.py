"""Reads both sides of mapped fields: a row of Dataverse with its related rows, and the data fields of a contract."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from zoneinfo import ZoneInfo

from mapping.columns import Column, ColumnType, DateBehavior, DateFormat
from mapping.contract_text import from_dynamics, from_text, to_dynamics, to_text
from mapping.values import Typed, ValueCode, ValueProblem
from sync.engine.directions import is_shown, reason_against_two_way
from sync.model.contract_link import ContractLink
from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.field_sync import Direction, FieldState, Side
from sync.model.table import Column as TableColumn
from sync.model.table import Origin, Table
from sync.ports import ContractField, Dynamics, Row, RowQuery
from sync.services.catalog import VIRTUAL
from sync.services.pairing import UNGUARDED

MODIFIED = "modifiedon"
_CURRENCY = "transactioncurrencyid"
_CURRENCY_TABLE = "transactioncurrency"
_CURRENCY_DECIMALS = "currencyprecision"
_CURRENCY_ID = f"_{_CURRENCY}_value"
_ORGANIZATION = "organization"
_PRICING_DECIMALS = "pricingdecimalprecision"
_OF_ORGANIZATION, _OF_CURRENCY = 1, 2
"""PrecisionSource: whose decimals a Money column has, if not its own."""
_LOOKUPS = frozenset({ColumnType.LOOKUP, ColumnType.CUSTOMER, ColumnType.OWNER})
_NO_COLUMN = ValueProblem(ValueCode.FIELD_MISSING, "Dataverse has no such column any more: correct the mapping.")
_NO_DATA_FIELD = ValueProblem(ValueCode.FIELD_MISSING, "The contract has no such data field: its template lacks it.")
_NO_ROW = ValueProblem(ValueCode.FIELD_MISSING, "The lookup leads to no row that could be changed.")
_TEXT = Column(ColumnType.STRING)
_BEHAVIORS: Mapping[str | None, DateBehavior] = MappingProxyType({each.value: each for each in DateBehavior})
_FORMATS: Mapping[str | None, DateFormat] = MappingProxyType({each.value: each for each in DateFormat})


@dataclass(frozen=True, slots=True)
class Route:
    """How the values of one pair are read and written."""

    pair: FieldPair
    column: Column
    address: str
    """What the column is called in addresses and rows."""
    navigation: str | None = None
    """What the related row is expanded by, None for the row itself."""
    table: Table | None = None
    """The table that holds the column; None for a virtual one."""
    money_of: int | None = None
    """The PrecisionSource of a Money column."""
    missing: ValueProblem | None = None
    """Why there is nothing to read."""
    one_way: str | None = None
    """Why nothing can come back from Oneflow."""

    @property
    def money(self) -> tuple[int | None, str | None]:
        """What its decimals depend on: the PrecisionSource, and whose currency it is."""
        return self.money_of, self.navigation if self.money_of == _OF_CURRENCY else None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to ask Dataverse for, so that all pairs of a mapping have their values."""

    table: Table
    routes: tuple[Route, ...]
    query: RowQuery


@dataclass(frozen=True, slots=True)
class Reading:
    """One record as it was read; `routes` know by now how many decimals its money has."""

    table: Table
    row: Row
    routes: tuple[Route, ...]


def plan_of(dynamics: Dynamics, mapping: EntityMapping) -> Plan:
    """Return what to ask for (raises as Dynamics does; ENTITY_NOT_FOUND when the table is gone)."""
    table = dynamics.table(mapping.entity)
    paths: dict[tuple[str | None, str], str | None] = {(None, mapping.entity): None}
    paths |= {(each.column, each.table): each.navigation for each in dynamics.references(mapping.entity)}
    asked = {mapping.entity} | {pair.entity for pair in mapping.fields if (pair.via, pair.entity) in paths}
    known = {name: _shown(dynamics, name) for name in sorted(asked)}
    tables = {name: dynamics.table(name) for name in sorted(asked)}
    routes = tuple(_route(pair, tables, known, paths) for pair in mapping.fields)
    return Plan(table, routes, _query(table, routes, known))


def read(dynamics: Dynamics, plan: Plan, record_id: str) -> Reading:
    """Return a record (raises as Dynamics does; RECORD_GONE when it is not there)."""
    row = dynamics.row(plan.table, record_id, plan.query)
    decimals = {each: _decimals(dynamics, row, *each) for each in {route.money for route in plan.routes}}
    return Reading(plan.table, row, tuple(_settled(route, decimals) for route in plan.routes))


def states(
    reading: Reading, contract_fields: Iterable[ContractField], link: ContractLink
) -> dict[str, tuple[Route, FieldState]]:
    """Return every pair with both sides and its base, by its key."""
    held = {each.custom_id: each for each in contract_fields}
    return {
        route.pair.key: (
            route,
            FieldState(
                base=link.memory(route.pair.key).of(holder_of(route, reading.row)).value,
                dynamics=dynamics_side(route, reading.row, link.people),
                oneflow=_landing(route, reading.row, oneflow_side(route, held.get(route.pair.data_field))),
                direction=route.pair.direction,
                policy=route.pair.policy,
            ),
        )
        for route in reading.routes
    }


def holder_of(route: Route, row: Row) -> str:
    """Return the id of the related row that holds a field; empty for the record's own and where the lookup is."""
    found = None if route.navigation is None else row.related.get(route.navigation)
    return "" if found is None or route.table is None else str(found.values.get(route.table.id_column) or "")


def dynamics_side(route: Route, row: Row, people: Mapping[str, str]) -> Side:
    """Return what Dynamics holds; an obstacle when Oneflow does not take it."""
    if route.missing is not None:
        return Side(problem=route.missing)
    holder: Row | None = row if route.navigation is None else row.related.get(route.navigation)
    if route.table is None:
        raw, label, modified = people.get(route.address), None, None
    elif holder is None:
        raw, label, modified = None, None, None
    else:
        raw, label = holder.values.get(route.address), holder.labels.get(route.address)
        modified = time_told(holder.values.get(MODIFIED))
    value = from_dynamics(route.column, raw, label)
    if isinstance(value, ValueProblem):
        return Side(modified=modified, problem=value)
    text = to_text(route.column, value)
    return Side(value, modified, obstacle=text if isinstance(text, ValueProblem) else None)


def oneflow_side(route: Route, found: ContractField | None) -> Side:
    """Return what the contract holds; an obstacle when Dynamics does not take it."""
    if found is None:
        return Side(problem=_NO_DATA_FIELD)
    modified = time_told(found.updated_at)
    value = from_text(route.column, found.value)
    if isinstance(value, ValueProblem):
        return Side(modified=modified, problem=value)
    return Side(value, modified, obstacle=_obstacle(route, value))


def time_told(text: object) -> datetime | None:
    """Return the instant that a remote system told, None when it told none (oneflow facts: +0000 and +00:00)."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo is not None else None


def _landing(route: Route, row: Row, side: Side) -> Side:
    """Return Oneflow's side with the obstacle that there is no row to write to, if that is so."""
    lost = route.navigation is not None and row.related.get(route.navigation) is None
    if lost and route.pair.direction is Direction.TWO_WAY and side.problem is None:
        return replace(side, obstacle=_NO_ROW)
    return side


def _obstacle(route: Route, value: Typed) -> ValueProblem | None:
    if route.pair.direction is not Direction.TWO_WAY:
        return None
    if route.one_way is not None:
        return ValueProblem(ValueCode.NOT_TWO_WAY, route.one_way)
    told = to_dynamics(route.column, value)
    return told if isinstance(told, ValueProblem) else None


def _route(
    pair: FieldPair,
    tables: Mapping[str, Table],
    known: Mapping[str, Mapping[str, TableColumn]],
    paths: Mapping[tuple[str | None, str], str | None],
) -> Route:
    if pair.entity in VIRTUAL:
        return Route(pair, _TEXT, f"{pair.entity}.{pair.column}", one_way="It is outward only")
    path = (pair.via, pair.entity)
    found = known[pair.entity].get(pair.column) if path in paths else None
    if found is None or found.type not in frozenset(ColumnType):
        return Route(pair, _TEXT, pair.column, missing=_NO_COLUMN)
    column = _column(found, pair.time_zone)
    return Route(
        pair=pair,
        column=column,
        address=f"_{found.name}_value" if column.type in _LOOKUPS else found.name,
        navigation=paths[path],
        table=tables[pair.entity],
        money_of=found.details.precision_source if column.type is ColumnType.MONEY else None,
        one_way=reason_against_two_way(found) or (None if tables[pair.entity].guarded else UNGUARDED),
    )


def _column(found: TableColumn, time_zone: str | None) -> Column:
    details = found.details
    flags = {1: details.true_label or "", 0: details.false_label or ""}
    plain = Column(ColumnType(found.type))
    return replace(
        plain,
        max_length=details.max_length,
        precision=details.precision,
        least=_number(details.minimum),
        most=_number(details.maximum),
        labels=flags if plain.type is ColumnType.BOOLEAN else plain.labels,
        behavior=_BEHAVIORS.get(details.behavior, plain.behavior),
        format=_FORMATS.get(details.format, plain.format),
        time_zone=plain.time_zone if time_zone is None else ZoneInfo(time_zone),
        required=found.system_required,
        calculated=found.origin is not Origin.SIMPLE,
    )


def _number(digits: str | None) -> Decimal | None:
    return None if digits is None else Decimal(digits)


def _query(table: Table, routes: Iterable[Route], known: Mapping[str, Mapping[str, TableColumn]]) -> RowQuery:
    own = dict.fromkeys((table.id_column, *_dated(known[table.name])))
    expand: dict[str, dict[str, None]] = {}
    for route in routes:
        if route.table is None or route.missing is not None:
            continue
        of_currency = route.money_of == _OF_CURRENCY
        if route.navigation is None:
            own[route.address] = None
            if of_currency:
                expand.setdefault(_CURRENCY, {})[_CURRENCY_DECIMALS] = None
        else:
            wanted = (route.address, *_dated(known[route.pair.entity]), *((_CURRENCY_ID,) if of_currency else ()))
            expand.setdefault(route.navigation, {}).update(dict.fromkeys(wanted))
    return RowQuery(tuple(own), {name: tuple(wanted) for name, wanted in expand.items()})


def _dated(columns: Mapping[str, TableColumn]) -> tuple[str, ...]:
    return (MODIFIED,) if MODIFIED in columns else ()


def _shown(dynamics: Dynamics, table: str) -> Mapping[str, TableColumn]:
    return {each.name: each for each in dynamics.columns(table) if is_shown(each)}


def _decimals(dynamics: Dynamics, row: Row, source: int | None, navigation: str | None) -> int | None:
    """Return how many decimals money has that does not say so itself, None when nobody says."""
    if source == _OF_ORGANIZATION:
        return _organization_decimals(dynamics)
    if source != _OF_CURRENCY:
        return None
    if navigation is None:
        return _currency_decimals(row.related.get(_CURRENCY))
    holder = row.related.get(navigation)
    currency_id = None if holder is None else holder.values.get(_CURRENCY_ID)
    if not isinstance(currency_id, str):
        return None
    table = dynamics.table(_CURRENCY_TABLE)
    return _currency_decimals(dynamics.row(table, currency_id, RowQuery((_CURRENCY_DECIMALS,))))


def _currency_decimals(currency: Row | None) -> int | None:
    return None if currency is None else _whole(currency.values.get(_CURRENCY_DECIMALS))


def _organization_decimals(dynamics: Dynamics) -> int | None:
    page = dynamics.rows(dynamics.table(_ORGANIZATION), RowQuery((_PRICING_DECIMALS,)), page_size=1)
    return _whole(page.items[0].values.get(_PRICING_DECIMALS)) if page.items else None


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, (int, Decimal)) else None


def _settled(route: Route, decimals: Mapping[tuple[int | None, str | None], int | None]) -> Route:
    precision = decimals[route.money]
    return route if precision is None else replace(route, column=replace(route.column, precision=precision))
