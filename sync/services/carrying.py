"""Carries values to either side of contract fields, and finds out what was kept there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from mapping.contract_text import from_dynamics, from_text, to_dynamics, to_text
from mapping.values import Typed, ValueCode, ValueProblem
from sync.engine.deciding import REASONS
from sync.model.errors import RecordError, RefusedError, SyncError
from sync.model.field_sync import NO_BASE, Action, NoBase, SkipCode
from sync.model.table import Table
from sync.ports import ContractField, Dynamics, Oneflow, Row
from sync.services.field_sides import Reading, Route

_ONE_FIELD = frozenset({"SOURCE_REFUSED", "CONTRACT_GONE"})
"""What Oneflow says of a request with one bad field in it; an unknown field is not found, as a lost contract is."""
_ONE_COLUMN = frozenset({"COLUMN_FORBIDDEN", "RULE_REFUSED", "SOURCE_REFUSED"})
"""What Dataverse says of a request that it might take without one of its columns."""
_UNKNOWN = "Oneflow does not know the data field any more: correct the mapping."


@dataclass(frozen=True, slots=True)
class Order:
    """A value that is to be written; `before` is what the target shows now, as Oneflow shows it."""

    route: Route
    action: Action
    value: Typed
    before: str | None

    @property
    def text(self) -> str:
        """The value as Oneflow shows it; what Oneflow does not take is never ordered."""
        return cast("str", to_text(self.route.column, self.value))


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an order; with a code the value was not kept. `base` is what both sides agree on now, if known."""

    base: Typed | NoBase
    code: str = ""
    reason: str = ""
    lasting: bool = True
    """Whether the same value would be refused again."""


@dataclass(frozen=True, slots=True)
class Target:
    """A row of Dataverse with everything that is to be written to it."""

    table: Table
    row: Row
    is_own: bool
    orders: dict[str, Order] = field(default_factory=dict)


def targets(reading: Reading, orders: Mapping[str, Order]) -> tuple[Target, ...]:
    """Return the rows to be written, the record itself first; two lookups may lead to one row."""
    found: dict[tuple[str, str], Target] = {}
    places = {key: _place_of(reading, order.route) for key, order in orders.items()}
    own_first = sorted(orders, key=lambda key: orders[key].route.navigation is not None)
    for key, (table, row) in ((key, place) for key in own_first if (place := places[key]) is not None):
        target = Target(table, row, orders[key].route.navigation is None)
        found.setdefault((table.name, row.id), target).orders[key] = orders[key]
    return tuple(found.values())


def carry_out(oneflow: Oneflow, contract_id: int, orders: Mapping[str, Order]) -> dict[str, Result]:
    """Write data fields of a contract; one that is refused does not stop the others (else raises as Oneflow does)."""
    texts = {order.route.pair.data_field: order.text for order in orders.values()}
    try:
        held = oneflow.write(contract_id, texts)
    except RefusedError as error:
        if error.code not in _ONE_FIELD:
            raise
        oneflow.contract(contract_id)
        if len(orders) == 1:
            return {key: _unknown_field(error) for key in orders}
        each = (carry_out(oneflow, contract_id, {key: order}) for key, order in orders.items())
        return {key: result for results in each for key, result in results.items()}
    return _kept_there(orders, held)


def carry_in(dynamics: Dynamics, target: Target) -> dict[str, Result]:
    """Write columns of a row; one that is refused does not stop the others (else raises as Dynamics does)."""
    try:
        stored = dynamics.update(target.table, target.row, _columns(target.orders.values()))
    except (RecordError, RefusedError) as error:
        if not _is_of_a_column(error):
            raise
        if len(target.orders) == 1:
            return {key: _refused(error) for key in target.orders}
        return _one_by_one(dynamics, target)
    return {key: _kept_here(order, stored) for key, order in target.orders.items()}


def _place_of(reading: Reading, route: Route) -> tuple[Table, Row] | None:
    """Return the row that holds a field: the record, or the one that its lookup leads to, if it leads anywhere."""
    if route.table is None or route.navigation is None:
        return reading.table, reading.row
    found = reading.row.related.get(route.navigation)
    row_id = "" if found is None else str(found.values.get(route.table.id_column) or "")
    return None if found is None else (route.table, replace(found, id=row_id))


def _one_by_one(dynamics: Dynamics, target: Target) -> dict[str, Result]:
    results: dict[str, Result] = {}
    row = target.row
    for key, order in target.orders.items():
        try:
            stored = dynamics.update(target.table, row, _columns((order,)))
        except (RecordError, RefusedError) as error:
            if not _is_of_a_column(error):
                raise
            results[key] = _refused(error)
        else:
            row = replace(row, etag=stored.etag)
            results[key] = _kept_here(order, stored)
    return results


def _columns(orders: Iterable[Order]) -> dict[str, object]:
    return {order.route.address: to_dynamics(order.route.column, order.value) for order in orders}


def _is_of_a_column(error: SyncError) -> bool:
    return isinstance(error, RecordError) or error.code in _ONE_COLUMN


def _kept_there(orders: Mapping[str, Order], held: Iterable[ContractField]) -> dict[str, Result]:
    texts = {each.custom_id: each.value for each in held}
    return {key: _read_back(order, texts.get(order.route.pair.data_field)) for key, order in orders.items()}


def _read_back(order: Order, text: str | None) -> Result:
    """Compare: a field of the system's own stays as it was; any third value is somebody's who wrote after us."""
    if text is None or (text == order.before and from_text(order.route.column, text) != order.value):
        return _not_kept(NO_BASE)
    return Result(order.value)


def _kept_here(order: Order, stored: Row) -> Result:
    address = order.route.address
    value = from_dynamics(order.route.column, stored.values.get(address), stored.labels.get(address))
    if value == order.value:
        return Result(order.value)
    return _not_kept(NO_BASE if isinstance(value, ValueProblem) else value)


def _not_kept(base: Typed | NoBase) -> Result:
    return Result(base, SkipCode.VALUE_NOT_KEPT.value, REASONS[SkipCode.VALUE_NOT_KEPT])


def _unknown_field(error: RefusedError) -> Result:
    if error.code == "CONTRACT_GONE":
        return Result(NO_BASE, ValueCode.FIELD_MISSING.value, _UNKNOWN)
    return _refused(error)


def _refused(error: SyncError) -> Result:
    return Result(NO_BASE, error.code, error.message)
