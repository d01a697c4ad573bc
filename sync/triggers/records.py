"""Routes of suppliers and products."""

from functools import partial
from typing import Any
from urllib.parse import quote

import azure.functions as func

from sync.model.entity import EntityType
from sync.model.errors import InvalidError, Problem
from sync.model.record import Record, SyncStatus
from sync.ports import RecordFilter
from sync.services import editing
from sync.services.records import RecordOrder, Shelf
from sync.services.troubles import Trouble, of_record
from sync.triggers.documents import read_object
from sync.triggers.http import Answer, Body, Call, Route, blueprint_of
from sync.triggers.hub import Hubs
from sync.triggers.queries import is_sent_empty, query_time
from sync.triggers.tags import tag_of
from sync.triggers.views import view_record


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes of both kinds of record."""
    return blueprint_of(hubs, *(route for entity in EntityType for route in _routes(entity)))


def _routes(entity: EntityType) -> tuple[Route[Body], ...]:
    all_of = f"integrations/{{id}}/{entity.value}"
    one_of, one = f"{all_of}/{{externalId}}", entity.value.removesuffix("s")
    return (
        Route("GET", all_of, partial(list_all, entity=entity), f"list_{entity.value}"),
        Route("POST", all_of, partial(create, entity=entity), f"create_{one}", repeatable=True),
        Route("GET", one_of, partial(show, entity=entity), f"get_{one}"),
        Route("PATCH", one_of, partial(change, entity=entity), f"change_{one}"),
    )


def list_all(call: Call, entity: EntityType) -> Answer:
    """List the integration's records."""
    shelf = _shelf(call, entity)
    page = shelf.list(_filter(call), **call.paging)
    return Answer([view_record(record, entity, shelf.integration) for record in page.items], cursor=page.cursor)


def show(call: Call, entity: EntityType) -> Answer:
    """Show a record."""
    shelf = _shelf(call, entity)
    found = shelf.get(call.path("externalId"))
    trouble = None if found.fault is None else of_record(call.hub.desk, shelf.integration, entity, found.external_id)
    return _shown(shelf, found, trouble=trouble)


def create(call: Call, entity: EntityType) -> Answer:
    """Make a record of the platform's own."""
    shelf = _shelf(call, entity)
    made = editing.make(shelf, _order(read_object(call.request)), owner=call.owner)
    place = f"/api/integrations/{call.id}/{entity.value}/{quote(made.external_id, safe='')}"
    return _shown(shelf, made, status=201, headers={"Location": place})


def change(call: Call, entity: EntityType) -> Answer:
    """Change a record by a merge patch."""
    shelf = _shelf(call, entity)
    current = shelf.get(call.path("externalId"))
    call.check_match(_tag(current))
    order = _order(read_object(call.request))
    return _shown(shelf, editing.edit(shelf, current, order, owner=call.owner))


def _shelf(call: Call, entity: EntityType) -> Shelf:
    return Shelf(call.hub.desk, call.integration(), entity)


def _shown(
    shelf: Shelf,
    record: Record,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    trouble: Trouble | None = None,
) -> Answer:
    tagged = {"ETag": _tag(record), **(headers or {})}
    return Answer(view_record(record, shelf.entity, shelf.integration, trouble), status, tagged)


def _tag(record: Record) -> str:
    return tag_of(record.external_id, record.version)


def _filter(call: Call) -> RecordFilter:
    params, problems = call.request.params, list[Problem]()
    status = "" if is_sent_empty(call.request, "syncStatus") else params.get("syncStatus")
    if status is not None and status not in frozenset(SyncStatus):
        problems.append(Problem("/syncStatus", "UNKNOWN_VALUE", f"One of {', '.join(SyncStatus)} is needed."))
    since = query_time(params, "updatedSince", problems=problems)
    if problems:
        raise InvalidError("The records cannot be filtered like this", *problems)
    return RecordFilter(None if status is None else SyncStatus(status), since, params.get("q") or None)


def _order(body: dict[str, Any]) -> RecordOrder:
    fields = {name: value for name, value in body.items() if name not in {"custom", "pinned"}}
    custom, pinned = body.get("custom"), body.get("pinned")
    problems = []
    if not isinstance(custom, dict | None):
        problems.append(Problem("/custom", "WRONG_TYPE", "custom is an object."))
    names = [] if pinned is None else pinned
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        problems.append(Problem("/pinned", "WRONG_TYPE", "pinned is a list of field names."))
    if problems:
        raise InvalidError("The record cannot be written like this", *problems)
    return RecordOrder(fields, custom or {}, tuple(sorted(set(names))) if "pinned" in body else None)
