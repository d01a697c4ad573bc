"""Routes that push to a contract, and fetch from it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import azure.functions as func

from sync.model.entity_mapping import FieldPair
from sync.model.errors import InvalidError, Problem
from sync.model.field_sync import Operation
from sync.model.merge import FieldContest, MergeReport
from sync.services import merging
from sync.services.linking import require_link
from sync.services.merge_notes import MANUAL
from sync.triggers.contracts import contract_id_of
from sync.triggers.http import Answer, Call, Route, blueprint_of
from sync.triggers.hub import Hubs
from sync.triggers.queries import is_sent_empty

_FLAGS: Mapping[str | None, bool] = MappingProxyType({None: False, "false": False, "true": True})
_DRY_RUN, _OVERWRITE = "dryRun", "overwrite"


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes of pushes and fetches."""
    path = "integrations/{id}/oneflow/contracts/{contractId}"
    return blueprint_of(
        hubs,
        Route("POST", f"{path}/push", push, "push_contract"),
        Route("POST", f"{path}/fetch", fetch, "fetch_contract"),
    )


def push(call: Call) -> Answer:
    """Bring what Dynamics holds to a contract; with `overwrite` whatever Oneflow holds, with `dryRun` only tell."""
    flags = _flags(call, _DRY_RUN, _OVERWRITE)
    return _merged(call, Operation.OVERWRITE if flags[_OVERWRITE] else Operation.PUSH, dry_run=flags[_DRY_RUN])


def fetch(call: Call) -> Answer:
    """Bring what a contract holds to Dynamics; with `dryRun` only tell."""
    return _merged(call, Operation.FETCH, dry_run=_flags(call, _DRY_RUN)[_DRY_RUN])


def view_merge(report: MergeReport) -> dict[str, Any]:
    """Return what a merge did."""
    return {
        "updated": [{**named(each.pair), "from": each.before, "to": each.after} for each in report.updated],
        "unchanged": report.unchanged,
        "skipped": [{**named(each.pair), "code": each.code, "reason": each.reason} for each in report.skipped],
        "conflicts": [view_contest(each) for each in report.conflicts],
    }


def view_contest(contest: FieldContest) -> dict[str, Any]:
    """Return a field that a person has to decide about."""
    sides = {"base": contest.base, "dynamics": contest.dynamics, "oneflow": contest.oneflow}
    return {"id": contest.id, **named(contest.pair), **sides}


def named(pair: FieldPair) -> dict[str, str]:
    """Return what a field is called on both sides."""
    return {"field": pair.column, "oneflowField": pair.data_field}


def _merged(call: Call, operation: Operation, *, dry_run: bool) -> Answer:
    desk, bridge = call.hub.bridges, call.bridge()
    link = require_link(desk, bridge, contract_id_of(call))
    return Answer(view_merge(merging.work(desk, bridge, link, operation, trigger=MANUAL, dry_run=dry_run)))


def _flags(call: Call, *names: str) -> dict[str, bool]:
    params = call.request.params
    problems = [
        Problem(f"/{name}", "INVALID_VALUE", "There are true and false.")
        for name in names
        if params.get(name) not in _FLAGS or is_sent_empty(call.request, name)
    ]
    problems += [Problem(f"/{each}", "UNKNOWN_MEMBER", f"There is no {each}.") for each in params if each not in names]
    if problems:
        raise InvalidError("The request cannot be carried out like this", *problems)
    return {name: _FLAGS[params.get(name)] for name in names}
