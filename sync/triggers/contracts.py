"""Routes of contracts: made from records, listed, and shown beside them."""

import re
from typing import Any
from uuid import UUID

import azure.functions as func

from sync.codec import time_or_none
from sync.model.contract_link import ContractLink, ContractRow, conflict_id
from sync.model.errors import InvalidError, NotFoundError, Problem
from sync.model.guid import is_guid
from sync.services import contracts, linking
from sync.services.contract_values import FieldProblem
from sync.services.link_views import FieldView, LinkView, shown
from sync.triggers.contract_bodies import contract_order
from sync.triggers.documents import read_object
from sync.triggers.http import Answer, Call, Route, blueprint_of
from sync.triggers.hub import Hubs

_PATH = "integrations/{id}/oneflow/contracts"
_CREATED, _KNOWN = 201, 200
_NUMBER = re.compile("[1-9][0-9]{0,14}", re.ASCII)


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes of contracts."""
    return blueprint_of(
        hubs,
        Route("POST", _PATH, create, "create_contract", repeatable=True),
        Route("GET", _PATH, list_all, "list_contracts"),
        Route("GET", f"{_PATH}/{{contractId}}", show, "get_contract"),
    )


def create(call: Call) -> Answer:
    """Make a contract from a record; 200 with the contract that the record has already."""
    bridge = call.bridge()
    made = contracts.create(call.hub.bridges, bridge, contract_order(read_object(call.request)))
    contract_id = made.view.link.contract_id
    return Answer(
        {**view_link(made.view), "problems": [_view_problem(each) for each in made.problems]},
        _CREATED if made.is_new else _KNOWN,
        headers={"Location": f"/api/integrations/{bridge.id}/oneflow/contracts/{contract_id}"},
    )


def list_all(call: Call) -> Answer:
    """List contracts, the newest first: all of the integration's, or those of one record."""
    desk, bridge, record = call.hub.bridges, call.bridge(), _record(call)
    if record is None:
        page = linking.listed(desk, bridge, **call.paging)
    else:
        page = linking.of_record(desk, bridge, record, **call.paging)
    return Answer([_outline(each) for each in page.items], cursor=page.cursor)


def show(call: Call) -> Answer:
    """Show a contract beside its record, field by field, as both are now."""
    return Answer(view_link(shown(call.hub.bridges, call.bridge(), contract_id_of(call))))


def contract_id_of(call: Call) -> int:
    """Return the id of the contract that the path names (NotFoundError when it is none)."""
    text = call.path("contractId")
    if not _NUMBER.fullmatch(text):
        raise NotFoundError("There is no such contract")
    return int(text)


def view_link(view: LinkView) -> dict[str, Any]:
    """Return a contract with its fields."""
    return {**_outline(view.link), "fields": [_view_field(each, view.link) for each in view.fields]}


def _record(call: Call) -> tuple[str, str] | None:
    """Return table and id of the record whose contracts are asked for."""
    told = {name: call.request.params.get(name) or "" for name in ("entity", "recordId")}
    if not any(told.values()):
        return None
    detail = "entity and recordId belong together."
    problems = [Problem(f"/{name}", "MISSING", detail) for name, value in told.items() if not value]
    if told["recordId"] and not is_guid(told["recordId"]):
        problems.append(Problem("/recordId", "INVALID_ID", "A GUID is needed."))
    if problems:
        raise InvalidError("The contracts cannot be listed like this", *problems)
    return told["entity"], str(UUID(told["recordId"]))


def _outline(link: ContractLink) -> dict[str, Any]:
    return {
        "contractId": str(link.contract_id),
        "entity": link.entity,
        "recordId": link.record_id,
        "name": link.name,
        "state": link.state,
        "lifecycleState": link.lifecycle_state,
        "templateId": None if link.template_id is None else str(link.template_id),
        "workspaceId": None if link.workspace_id is None else str(link.workspace_id),
        "createdAt": time_or_none(link.created_at),
        "lastPushedAt": time_or_none(link.last_pushed_at),
        "lastFetchedAt": time_or_none(link.last_fetched_at),
        "conflicts": len(link.conflicts),
        **({} if link.row is None else {"contractRow": _view_row(link.row)}),
    }


def _view_row(row: ContractRow) -> dict[str, Any]:
    return {"table": row.table, "id": row.id, "gone": row.gone, "trouble": row.trouble}


def _view_field(view: FieldView, link: ContractLink) -> dict[str, Any]:
    pair, problem = view.pair, view.problem
    return {
        "dynamicsEntity": pair.entity,
        "via": pair.via,
        "field": pair.column,
        "oneflowField": pair.data_field,
        "direction": pair.direction.value,
        "base": view.base,
        "dynamics": view.dynamics,
        "oneflow": view.oneflow,
        "status": view.status.value,
        "conflictId": conflict_id(link.contract_id, pair.key) if pair.key in link.conflicts else None,
        "problem": None if problem is None else {"code": problem[0], "reason": problem[1]},
    }


def _view_problem(problem: FieldProblem) -> dict[str, Any]:
    return {
        "field": problem.field,
        "oneflowField": problem.data_field,
        "code": problem.code,
        "reason": problem.reason,
    }
