"""The route that tells about an integration at one look."""

from typing import Any

import azure.functions as func

from sync.codec import time_or_none, to_wire
from sync.model.entity import EntityType
from sync.model.integration import is_bridge
from sync.model.log import LogEntry
from sync.model.run import Run, Tally
from sync.services.summary import (
    BridgeSummary,
    Stand,
    SupplySummary,
    bridge_summary,
    supply_summary,
)
from sync.triggers.http import Answer, Call, Route, blueprint_of
from sync.triggers.hub import Hubs
from sync.triggers.views import view_run


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the route of summaries."""
    return blueprint_of(hubs, Route("GET", "integrations/{id}/summary", show, "get_integration_summary"))


def show(call: Call) -> Answer:
    """Show what happened lately, what runs now, and what is open."""
    found = call.either()
    if is_bridge(found):
        return Answer(_view_bridge(bridge_summary(call.hub.bridges, found)))
    return Answer(_view_supply(supply_summary(call.hub.desk, call.integration())))


def _view_supply(summary: SupplySummary) -> dict[str, Any]:
    return {
        "activity": [_view_run(run) for run in summary.runs],
        "activeRun": None if summary.active is None else view_run(summary.active),
        "heldRuns": list(summary.held),
        "records": {entity.value: _view_stand(summary.records[entity]) for entity in EntityType},
        "failures": to_wire(summary.failures),
        "conflicts": to_wire(summary.conflicts),
    }


def _view_bridge(summary: BridgeSummary) -> dict[str, Any]:
    return {
        "activity": [_view_entry(entry) for entry in summary.entries],
        "activeRun": None,
        "contracts": {"states": summary.contracts, "more": summary.more_contracts},
        "conflicts": to_wire(summary.conflicts),
    }


def _view_run(run: Run) -> dict[str, Any]:
    whole = sum(run.totals.values(), Tally())
    return {
        "runId": run.id,
        "at": time_or_none(run.started_at or run.queued_at),
        "endedAt": time_or_none(run.ended_at),
        "kind": run.kind.value,
        "trigger": run.trigger.value,
        "plan": run.proposes,
        "status": run.status.value,
        "read": whole.read,
        "records": whole.created + whole.updated,
        "errors": whole.errors,
    }


def _view_entry(entry: LogEntry) -> dict[str, Any]:
    return {
        "at": time_or_none(entry.created_at),
        "kind": entry.action.value,
        "status": entry.status.value,
        "records": entry.records_affected,
    }


def _view_stand(stand: Stand | None) -> dict[str, Any] | None:
    if stand is None:
        return None
    told = {"read": stand.read, "inStep": stand.in_step, "createdSince": stand.created_since}
    return {**told, "at": time_or_none(stand.at)}
