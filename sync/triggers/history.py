"""Routes that tell why a record is as it is."""

from functools import partial
from itertools import islice
from typing import Any

import azure.functions as func

from sync.codec import time_or_none, time_text
from sync.cursors import cut_page, read_cursor
from sync.engine.explaining import Reason
from sync.engine.timeline import Entry
from sync.model.conflict import Conflict
from sync.model.entity import EntityType
from sync.model.errors import InvalidError, Problem
from sync.model.record import RecordFault
from sync.services.explaining import Explainer, Explanation
from sync.services.records import Shelf
from sync.services.timeline import START, Chronicler
from sync.triggers.http import Answer, Body, Call, Route, blueprint_of
from sync.triggers.hub import Hubs
from sync.triggers.sources import view_values

_LIVE = {"true": True, "false": False}


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes of both kinds of record."""
    return blueprint_of(hubs, *(route for entity in EntityType for route in _routes(entity)))


def _routes(entity: EntityType) -> tuple[Route[Body], ...]:
    record, one = f"integrations/{{id}}/{entity.value}/{{externalId}}", entity.value.removesuffix("s")
    return (
        Route("GET", f"{record}/timeline", partial(list_timeline, entity=entity), f"list_{one}_timeline"),
        Route("GET", f"{record}/explain", partial(explain, entity=entity), f"explain_{one}"),
    )


def list_timeline(call: Call, entity: EntityType) -> Answer:
    """List what happened to a record, newest first."""
    chronicler, external_id = _chronicler(call, entity), call.path("externalId")
    scope, paging = (call.id, entity, external_id), call.paging
    after = read_cursor(paging["cursor"], START, *scope)
    entries = islice(chronicler.timeline(external_id, after=(after[0], after[1])), paging["limit"] + 1)
    page = cut_page(((entry.place, entry) for entry in entries), paging["limit"], *scope)
    return Answer([_told(entry) for entry in page.items], cursor=page.cursor)


def explain(call: Call, entity: EntityType) -> Answer:
    """Explain why a record is as it is; Business Central is asked for it unless `live` is false."""
    external_id = call.path("externalId")
    explainer = Explainer(Shelf(call.hub.desk, call.integration(), entity))
    live = call.request.params.get("live", "true")
    if live not in _LIVE:
        problem = Problem("/live", "UNKNOWN_VALUE", "One of true, false is needed.")
        raise InvalidError("The record cannot be explained like this", problem)
    return Answer({"externalId": external_id, **_explained(explainer.explain(external_id, live=_LIVE[live]))})


def _chronicler(call: Call, entity: EntityType) -> Chronicler:
    return Chronicler(Shelf(call.hub.desk, call.integration(), entity))


def _told(entry: Entry) -> dict[str, Any]:
    actor = entry.actor
    by_user = actor.user_id is not None
    return {
        "at": time_text(entry.at),
        "actor": {
            "kind": "user" if by_user else "run",
            "userId": actor.user_id,
            "runId": actor.run_id,
            "trigger": None if actor.trigger is None else actor.trigger.value,
        },
        "action": entry.story.value,
        "mappingVersion": entry.mapping_version,
        "sourceModifiedAt": entry.source_modified_at,
        "sourceEtag": entry.source_etag,
        "changes": {
            name: {"from": change.before, "to": change.after} if entry.whole else {"to": change.after}
            for name, change in entry.changes.items()
        },
        "note": None if entry.whole else "Values before are no longer kept",
        "error": _error(entry.fault),
    }


def _explained(explanation: Explanation) -> dict[str, Any]:
    facts, upcoming = explanation.facts, explanation.next
    look, record = facts.look, facts.record
    pinned = () if record is None else record.pinned
    return {
        "state": explanation.state.value,
        "because": {
            "code": explanation.reason.value,
            "detail": explanation.detail,
            "mappingVersion": facts.mapping_version,
            "filter": explanation.filter,
            "watermark": time_or_none(facts.watermark),
            "sourceModifiedAt": None if record is None else record.source_modified_at,
            "error": _error(look.fault or facts.fault),
            "runId": facts.held_by if explanation.reason is Reason.APPROVAL_REQUIRED else None,
            "conflict": _conflict(facts.conflict),
        },
        "next": {"detail": upcoming.detail, "at": time_or_none(upcoming.at)},
        "differences": [
            {"field": name, "stored": change.before, "source": change.after, "pinned": name in pinned}
            for name, change in look.differences.items()
        ],
        "lastRun": None if facts.latest is None else _told(facts.latest),
        "source": {
            "seen": look.seen.value,
            "modifiedAt": None if look.arrival is None else look.arrival.modified,
            "etag": None if look.arrival is None else look.arrival.etag,
            "values": view_values(look.arrival),
            "trouble": None if look.trouble is None else {"code": look.trouble.code, "detail": look.trouble.message},
        },
    }


def _conflict(conflict: Conflict | None) -> dict[str, Any] | None:
    if conflict is None:
        return None
    return {"id": conflict.id, "reason": conflict.reason.value, "integrationId": conflict.integration_id}


def _error(fault: RecordFault | None) -> dict[str, Any] | None:
    return None if fault is None else {"code": fault.code, "error": fault.message}
