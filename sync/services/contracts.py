"""Makes contracts from records: once each, with every mapped field, whatever fails on the way."""

from dataclasses import dataclass, replace
from typing import Any

from sync.engine.telling import name_of as name_of_event
from sync.model.contract_link import DELETED, Birth, ContractLink
from sync.model.contract_order import ContractOrder
from sync.model.entity_mapping import EntityMapping
from sync.model.errors import InvalidError, Problem, RefusedError, RemoteError, SetupError, SyncError
from sync.model.integration import Bridge
from sync.model.log import CONTRACT, Action, LogEntry, LogStatus
from sync.model.webhook import EventType
from sync.ports import Contract, ContractField, Dynamics, Oneflow
from sync.services import births
from sync.services.bridge_desk import BridgeDesk
from sync.services.bridge_standing import watched
from sync.services.composing import Draft, compose, name_of, place_of, read_record
from sync.services.contract_log import keep, note
from sync.services.contract_rows import SETTING
from sync.services.contract_values import (
    REFUSED,
    FieldProblem,
    Outcome,
    Reason,
    Wanted,
    lagging,
    outcome,
    touched,
    wanted,
)
from sync.services.field_sides import Reading, time_told
from sync.services.hooks import ensure_hook
from sync.services.link_views import LinkView, field_views, shown
from sync.services.merging import begin_row
from sync.services.outbox import Held

_REFUSALS = frozenset({"SOURCE_REFUSED", "ONEFLOW_NOT_FOUND", "CONTRACT_LOCKED"})
"""Codes that say no more of a create than that Oneflow does not accept it."""


@dataclass(frozen=True, slots=True)
class Made:
    """A contract that is linked with the record; `is_new` unless it was linked before."""

    view: LinkView
    problems: tuple[FieldProblem, ...] = ()
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Making:
    """One order, with the record that it is about."""

    desk: BridgeDesk
    bridge: Bridge
    order: ContractOrder
    mapping: EntityMapping
    dynamics: Dynamics
    oneflow: Oneflow
    reading: Reading
    birth: Birth
    news: Held


def create(desk: BridgeDesk, bridge: Bridge, order: ContractOrder) -> Made:
    """Make a contract from a record, or return the one that it has.

    Raises:
        InvalidError: The table has no mapping (MAPPING_MISSING), template or workspace is missing or unknown, or
            Oneflow does not accept the contract (CONTRACT_REFUSED).
        StateError: Another caller is making it (CONTRACT_IN_PROGRESS), or it is not clear which one an earlier
            attempt made (CONTRACT_AMBIGUOUS).
        RefusedError: The record is gone (RECORD_GONE).
        SyncError: As both systems do.
    """
    mapping = desk.mappings.get(bridge.id, order.entity)
    if mapping is None:
        message = f"The table {order.entity} has no mapping: write one first."
        raise InvalidError(message, Problem("/entity", "MAPPING_MISSING", message), code="MAPPING_MISSING")
    news = Held(desk.outbox)
    holding = replace(desk, outbox=news)
    with watched(desk, bridge), births.turn(desk, f"birth_{bridge.id}_{order.entity}_{order.record_id}") as turn:
        return _existing(desk, bridge, order) or _made(_making(holding, bridge, order, mapping, news=news), turn)


def _existing(desk: BridgeDesk, bridge: Bridge, order: ContractOrder) -> Made | None:
    """Return the record's contract unless another one is wanted; one that was deleted does not count."""
    known = () if order.another else desk.links.of_record(bridge.id, order.entity, order.record_id)
    for link in known:
        if link.state != DELETED:
            view = shown(desk, bridge, link.contract_id)
            if view.link.state != DELETED:
                return Made(view, is_new=False)
    return None


def _making(desk: BridgeDesk, bridge: Bridge, order: ContractOrder, mapping: EntityMapping, *, news: Held) -> Making:
    workspace_id, template_id = place_of(order, mapping)
    dynamics, oneflow = desk.dynamics(bridge), desk.oneflow(bridge)
    reading = read_record(dynamics, mapping, order.record_id)
    birth = Birth(
        integration_id=bridge.id,
        entity=order.entity,
        record_id=order.record_id,
        workspace_id=workspace_id,
        template_id=template_id,
        name=name_of(order, reading),
        started_at=desk.clock.now(),
    )
    return Making(desk, bridge, order, mapping, dynamics, oneflow, reading, birth, news)


def _made(making: Making, turn: births.Turn) -> Made:
    lost = making.desk.links.expected(making.bridge.id, making.order.entity, making.order.record_id)
    if lost is not None:
        turn.keep()
        found = births.look(making.desk, making.oneflow, lost)
        adopted = None if found is None else _adopted(replace(making, birth=lost), found)
        if adopted is not None and (not making.order.another or _is_same(lost, making.birth)):
            return adopted
    draft = compose(
        making.dynamics,
        making.oneflow,
        order=making.order,
        mapping=making.mapping,
        reading=making.reading,
        birth=making.birth,
    )
    ensure_hook(making.desk, making.bridge)
    turn.keep()
    try:
        contract, refused = _asked(making, draft)
    except SyncError as error:
        _fail(making, error)
        raise
    kept_back = draft.kept_back | {each.key: REFUSED for each in draft.fields if each.custom_id in refused}
    held = _held(making, contract, draft.fields)
    held = _written(making, contract, lagging(draft.fields, held, kept_back), held)
    result = outcome(draft.fields, held, kept_back)
    return _linked(making, contract, held=held, result=result, others=draft.problems)


def _adopted(making: Making, contract: Contract) -> Made:
    """Link what an earlier attempt made; what somebody has changed there since then stays."""
    fields = wanted(making.reading, making.order.people)
    kept_back: dict[str, Reason] = {each.key: each.problem for each in fields if each.problem is not None}
    kept_back |= touched(fields, contract.fields)
    held = _written(making, contract, lagging(fields, contract.fields, kept_back), contract.fields)
    return _linked(making, contract, held=held, result=outcome(fields, held, kept_back))


def _is_same(lost: Birth, birth: Birth) -> bool:
    return (lost.workspace_id, lost.template_id, lost.name) == (birth.workspace_id, birth.template_id, birth.name)


def _asked(making: Making, draft: Draft) -> tuple[Contract, frozenset[str]]:
    """Return the contract, and the custom ids of data fields that Oneflow refused and that were left out."""
    try:
        return births.bear(making.desk, making.oneflow, draft.birth, draft.body), frozenset()
    except RefusedError as error:
        blamed = draft.blamed(error.parameters)
        if not blamed:
            raise _refusal(error) from error
    rest = draft.without(blamed)
    try:
        return births.bear(making.desk, making.oneflow, rest.birth, rest.body), blamed
    except RefusedError as error:
        raise _refusal(error) from error


def _refusal(error: RefusedError) -> SyncError:
    if error.code not in _REFUSALS:
        return error
    return InvalidError(f"Oneflow does not accept the contract: {error.message}", code="CONTRACT_REFUSED")


def _held(making: Making, contract: Contract, fields: tuple[Wanted, ...]) -> tuple[ContractField, ...]:
    """Return the data fields of a new contract; none when they cannot be read now: then nothing is agreed on."""
    if contract.fields or not fields:
        return contract.fields
    try:
        return making.oneflow.contract(contract.id).fields
    except (RemoteError, SetupError):
        return ()


def _written(
    making: Making, contract: Contract, texts: dict[str, str], held: tuple[ContractField, ...]
) -> tuple[ContractField, ...]:
    """Return the data fields after these were written, if they could be."""
    if not texts:
        return held
    try:
        return making.oneflow.write(contract.id, texts)
    except (RemoteError, SetupError):
        return held


def _linked(
    making: Making,
    contract: Contract,
    *,
    held: tuple[ContractField, ...],
    result: Outcome,
    others: tuple[FieldProblem, ...] = (),
) -> Made:
    """Link a contract that was made.

    It is told before the link is there, under an id of its own: when the process dies in between, the next request
    finds the contract, and tells the same.
    """
    problems = (*result.problems, *others)
    _tell(making, contract, result.written, problems)
    desk, birth, order = making.desk, making.birth, making.order
    link = desk.links.create(
        ContractLink(
            integration_id=making.bridge.id,
            contract_id=contract.id,
            entity=order.entity,
            record_id=order.record_id,
            name=contract.name or birth.name,
            state=contract.state,
            created_at=time_told(contract.created_at) or desk.clock.now(),
            lifecycle_state=contract.lifecycle_state,
            template_id=birth.template_id,
            workspace_id=birth.workspace_id,
            seen_at=time_told(contract.updated_at),
            people=order.people,
            fields=result.memories,
        )
    )
    desk.links.settle(birth)
    making.news.release()
    if making.bridge.settings.get(SETTING) is not None:
        link = begin_row(desk, making.bridge, link, contract)
    return Made(LinkView(link, field_views(link, making.reading.routes, making.reading.row, held)), problems)


def _tell(making: Making, contract: Contract, written: tuple[Wanted, ...], problems: tuple[FieldProblem, ...]) -> None:
    """Log that the contract was made; told again, it is the same entry and the same event."""
    name = name_of_event(
        making.birth.started_at, EventType.CONTRACT_SYNCED, making.bridge.id, Action.CREATE.value, str(contract.id)
    )
    facts = {
        "contractId": str(contract.id),
        "fields": [
            {"field": each.route.pair.column, "oneflowField": each.custom_id, "from": None, "to": each.text}
            for each in written
        ],
        "errors": [{"field": each.field, "error": each.reason} for each in problems],
    }
    keep(
        making.desk,
        LogEntry(
            id=name.replace("evt", "log", 1),
            integration_id=making.bridge.id,
            entity_type=CONTRACT,
            action=Action.CREATE,
            status=LogStatus.PARTIAL if problems else LogStatus.SUCCESS,
            records_affected=1,
            created_at=making.desk.clock.now(),
            metadata={**_about(making), **facts},
        ),
    )


def _fail(making: Making, error: SyncError) -> None:
    facts = {**_about(making), "error": error.message, "code": error.code}
    note(making.desk, making.bridge.id, Action.CREATE, LogStatus.ERROR, facts, affected=0)


def _about(making: Making) -> dict[str, Any]:
    return {"trigger": "manual", "entity": making.order.entity, "recordId": making.order.record_id}
