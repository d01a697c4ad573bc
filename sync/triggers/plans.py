"""Routes of plans: what a run would do, row by row."""

from typing import Any
from urllib.parse import urlsplit

import azure.functions as func

from sync.codec import time_or_none, time_text, to_wire
from sync.model.entity import EntityType
from sync.model.errors import InvalidError, Problem
from sync.model.proposal import Effect
from sync.model.run import Run, Tally
from sync.services.plans import DiffFilter, PlannedRun
from sync.triggers.http import Answer, Call, Route, blueprint_of, next_link
from sync.triggers.hub import Hubs
from sync.triggers.queries import query_choice

FIRST_PAGE = 50
"""Rows that a plan shows by itself."""


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes that show a plan."""
    return blueprint_of(
        hubs,
        Route("GET", "integrations/{id}/plans/{planId}", show, "get_plan"),
        Route("GET", "integrations/{id}/plans/{planId}/changes", list_changes, "list_plan_changes"),
    )


def show(call: Call) -> Answer:
    """Show a plan with its counts and its first rows."""
    return show_plan(call, PlannedRun(call.hub.desk, call.owner, call.id, call.path("planId")).run())


def show_plan(call: Call, run: Run) -> Answer:
    """Show the plan that a run has made; an applied one, with what it came to, tells no rows any more."""
    planned = PlannedRun(call.hub.desk, call.owner, call.id, run.id)
    proposal = run.proposal
    assert proposal is not None, "only plans are shown as such"  # noqa: S101 - narrows for the type checker
    gone = planned.gone(run)
    entities = {each.value: {**to_wire(run.totals.get(each, Tally())), "gone": gone[each]} for each in run.entities}
    told: dict[str, Any] = {
        "planId": run.id,
        "runId": run.id,
        "status": run.status.value,
        "expiresAt": time_text(proposal.expires_at),
        "appliedAt": time_or_none(proposal.applied_at),
        "entities": entities,
    }
    if planned.tells_rows(run):
        told |= _first_page(call, planned, run)
    return Answer(told)


def list_changes(call: Call) -> Answer:
    """List the rows of a plan, those of one entity type or one action if asked."""
    planned = PlannedRun(call.hub.desk, call.owner, call.id, call.path("planId"))
    params, problems = call.request.params, list[Problem]()
    entity = query_choice(params, "entity", EntityType, problems=problems)
    effect = query_choice(params, "action", Effect, problems=problems)
    run = planned.run()
    if problems:
        raise InvalidError("The plan cannot be filtered like this", *problems)
    which = DiffFilter(None if entity is None else EntityType(entity), None if effect is None else Effect(effect))
    page = planned.changes(run, which, **call.paging)
    return Answer([_row(each, line) for each, line in page.items], cursor=page.cursor)


def _first_page(call: Call, planned: PlannedRun, run: Run) -> dict[str, Any]:
    page = planned.changes(run, DiffFilter(), cursor=None, limit=FIRST_PAGE)
    rows = {"changes": [_row(each, line) for each, line in page.items]}
    if page.cursor is None:
        return rows
    parts = urlsplit(call.request.url)
    place = f"{parts.scheme}://{parts.netloc}/api/integrations/{run.integration_id}/plans/{run.id}/changes"
    return {**rows, "nextLink": next_link(f"{place}?limit={FIRST_PAGE}", page.cursor, base=call.hub.public_url)}


def _row(entity: EntityType, line: dict[str, Any]) -> dict[str, Any]:
    return {"entityType": entity.log_name, **line}
