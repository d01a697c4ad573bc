"""Shows a contract beside the record that it was made from, field by field."""

from collections.abc import Iterable
from dataclasses import dataclass

from mapping.contract_text import to_text
from mapping.values import Typed, ValueCode, ValueProblem
from sync.engine.two_way import status_of
from sync.model.contract_link import ContractLink
from sync.model.entity_mapping import FieldPair
from sync.model.errors import RefusedError, StaleRecordError
from sync.model.field_sync import FieldState, FieldStatus, NoBase, Side
from sync.model.integration import Bridge
from sync.ports import Contract, ContractField, Row
from sync.services.bridge_desk import BridgeDesk
from sync.services.contract_values import Reason
from sync.services.field_sides import Reading, Route, dynamics_side, holder_of, oneflow_side, plan_of, read
from sync.services.linking import as_told, require_link

_CONTRACT_GONE, _RECORD_GONE = "CONTRACT_GONE", "RECORD_GONE"
_ABSENT = Side(problem=ValueProblem(ValueCode.FIELD_MISSING, "It is not there any more."))
_GONE: dict[str, Reason] = {
    _CONTRACT_GONE: (_CONTRACT_GONE, "The contract is not in Oneflow any more."),
    _RECORD_GONE: (_RECORD_GONE, "The record is not in Dynamics any more."),
}


@dataclass(frozen=True, slots=True)
class FieldView:
    """One mapped field as texts of Oneflow's form; None where there is no value, or none that can be shown."""

    pair: FieldPair
    base: str | None
    dynamics: str | None
    oneflow: str | None
    status: FieldStatus
    problem: Reason | None = None


@dataclass(frozen=True, slots=True)
class LinkView:
    """A contract with its mapped fields as they are now."""

    link: ContractLink
    fields: tuple[FieldView, ...] = ()


def shown(desk: BridgeDesk, bridge: Bridge, contract_id: int) -> LinkView:
    """Return a contract as both systems hold it now, and keep its state.

    Raises:
        NotFoundError: The integration has no such contract.
        SyncError: As both systems do; that either side is gone is no error.
    """
    link = require_link(desk, bridge, contract_id)
    contract = _contract(desk, bridge, contract_id)
    link = refreshed(desk, link, contract)
    mapping = desk.mappings.get(bridge.id, link.entity)
    if mapping is None:
        return LinkView(link)
    dynamics = desk.dynamics(bridge)
    plan = plan_of(dynamics, mapping)
    try:
        reading: Reading | None = read(dynamics, plan, link.record_id)
    except RefusedError as error:
        if error.code != _RECORD_GONE:
            raise
        reading = None
    routes = plan.routes if reading is None else reading.routes
    held = None if contract is None else contract.fields
    return LinkView(link, field_views(link, routes, None if reading is None else reading.row, held))


def refreshed(desk: BridgeDesk, link: ContractLink, contract: Contract | None) -> ContractLink:
    """Return the link with what Oneflow tells of the contract, and store it if that is new."""
    told = as_told(link, contract)
    if told == link:
        return link
    try:
        return desk.links.save(told)
    except StaleRecordError:
        return told


def field_views(
    link: ContractLink, routes: Iterable[Route], row: Row | None, held: Iterable[ContractField] | None
) -> tuple[FieldView, ...]:
    """Return all pairs with both sides; `row` or `held` is None when that side is gone."""
    gone = _RECORD_GONE if row is None else _CONTRACT_GONE if held is None else None
    known = {each.custom_id: each for each in held or ()}
    found = []
    for route in routes:
        dynamics = _ABSENT if row is None else dynamics_side(route, row, link.people)
        field = known.get(route.pair.data_field)
        oneflow = _ABSENT if held is None else oneflow_side(route, field)
        memory = link.memory(route.pair.key)
        base = (memory if row is None else memory.of(holder_of(route, row))).value
        state = FieldState(base, dynamics, oneflow, route.pair.direction, route.pair.policy)
        status = status_of(state) if gone is None else FieldStatus.PROBLEM
        found.append(
            FieldView(
                pair=route.pair,
                base=_text(route, base),
                dynamics=None if dynamics.problem is not None else _text(route, dynamics.value),
                oneflow=None if field is None else field.value,
                status=status,
                problem=_problem(state, gone) if status is FieldStatus.PROBLEM else None,
            )
        )
    return tuple(found)


def _contract(desk: BridgeDesk, bridge: Bridge, contract_id: int) -> Contract | None:
    try:
        return desk.oneflow(bridge).contract(contract_id)
    except RefusedError as error:
        if error.code != _CONTRACT_GONE:
            raise
        return None


def _text(route: Route, value: Typed | NoBase) -> str | None:
    if isinstance(value, NoBase):
        return None
    text = to_text(route.column, value)
    return text if isinstance(text, str) else None


def _problem(state: FieldState, gone: str | None) -> Reason | None:
    if gone is not None:
        return _GONE[gone]
    sides = (state.dynamics, state.oneflow)
    found = [problem for side in sides for problem in (side.problem, side.obstacle) if problem is not None]
    return (found[0].code.value, found[0].message) if found else None
