"""Route of what happened to an integration: runs or contracts, and changes of its configuration."""

from itertools import islice
from typing import Any

import azure.functions as func

from sync.codec import time_text
from sync.cursors import cut_page, read_cursor
from sync.model.config_change import Alteration, ConfigChange
from sync.model.run import Run
from sync.services.annals import Event, told
from sync.triggers.http import Answer, Call, Route, blueprint_of
from sync.triggers.hub import Hubs
from sync.triggers.views import view_entry, view_run


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the route of the timeline."""
    return blueprint_of(hubs, Route("GET", "integrations/{id}/timeline", list_events, "list_timeline"))


def list_events(call: Call) -> Answer:
    """List what happened, newest first."""
    integration, paging = call.either(), call.paging
    (after,) = read_cursor(paging["cursor"], ("",), call.id)
    events = islice(told(call.hub.desk, integration, after=after), paging["limit"] + 1)
    page = cut_page(events, paging["limit"], call.id)
    return Answer([_view(event) for event in page.items], cursor=page.cursor)


def _view(event: Event) -> dict[str, Any]:
    if isinstance(event, Run):
        return {"type": "run", "at": time_text(event.queued_at), "run": view_run(event)}
    if isinstance(event, ConfigChange):
        return {"type": "change", "at": time_text(event.at), "change": view_change(event)}
    return {"type": "entry", "at": time_text(event.created_at), "entry": view_entry(event)}


def view_change(change: ConfigChange) -> dict[str, Any]:
    """Return a change of configuration."""
    return {
        "id": change.id,
        "event": change.event.value,
        "actor": {
            "kind": "hub" if change.user_id is None else "user",
            "userId": change.user_id,
            "runId": change.run_id,
        },
        "entity": change.entity,
        "changes": [_alteration(each) for each in change.alterations],
        "reason": change.reason,
    }


def _alteration(each: Alteration) -> dict[str, Any]:
    values = {} if each.secret else {"from": each.before, "to": each.after}
    return {"field": each.field, "secret": each.secret, **values}
