"""Routes of conflicts."""

from typing import Any

import azure.functions as func

from sync.model.conflict import Choice, Conflict, ConflictStatus, Side
from sync.model.entity import EntityType
from sync.model.errors import InvalidError, Problem
from sync.model.integration import is_bridge
from sync.ports import ConflictFilter
from sync.services.conflicts import Court
from sync.triggers import contests
from sync.triggers.documents import pointer_to, read_object
from sync.triggers.http import Answer, Call, Route, blueprint_of
from sync.triggers.hub import Hubs
from sync.triggers.tags import tag_of
from sync.triggers.views import view_conflict

_ALL = "all"
_STATUSES: dict[str, ConflictStatus | None] = {**{each.value: each for each in ConflictStatus}, _ALL: None}
_TYPES = {name: each for each in EntityType for name in (each.log_name, each.value)}
_SIDES = f"One of {', '.join(Side)} is needed."


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes of conflicts."""
    return blueprint_of(
        hubs,
        Route("GET", "integrations/{id}/conflicts", list_all, "list_conflicts"),
        Route("GET", "integrations/{id}/conflicts/{conflictId}", show, "get_conflict"),
        Route("POST", "integrations/{id}/conflicts/{conflictId}/resolve", resolve, "resolve_conflict"),
    )


def list_all(call: Call) -> Answer:
    """List conflicts, newest first; only open ones unless asked otherwise."""
    integration = call.either()
    if is_bridge(integration):
        return contests.list_all(call, integration, _status(call))
    court = _court(call)
    page = court.list(_filter(call), **call.paging)
    return Answer([view_conflict(each, court.integration) for each in page.items], cursor=page.cursor)


def show(call: Call) -> Answer:
    """Show a conflict with both sides."""
    integration = call.either()
    if is_bridge(integration):
        return contests.show(call, integration)
    court = _court(call)
    return _shown(court, court.get(call.path("conflictId")))


def resolve(call: Call) -> Answer:
    """Settle a conflict as the caller chooses."""
    integration = call.either()
    if is_bridge(integration):
        return contests.resolve(call, integration)
    court = _court(call)
    conflict = court.get(call.path("conflictId"))
    if call.request.headers.get("if-match"):
        call.check_match(_tag(conflict))
    choice = _choice(read_object(call.request))
    return _shown(court, court.resolve(conflict, choice, by=call.owner))


def _court(call: Call) -> Court:
    return Court(call.hub.desk, call.integration())


def _shown(court: Court, conflict: Conflict) -> Answer:
    return Answer(view_conflict(conflict, court.integration), headers={"ETag": _tag(conflict)})


def _tag(conflict: Conflict) -> str:
    return tag_of(conflict.id, conflict.version)


def _status(call: Call) -> ConflictStatus | None:
    """Return the status of the conflicts that are asked for (InvalidError when there is no such status)."""
    return _filter(call).status


def _filter(call: Call) -> ConflictFilter:
    params, problems = call.request.params, list[Problem]()
    status, kind = params.get("status") or ConflictStatus.OPEN.value, params.get("entityType")
    if status not in _STATUSES:
        problems.append(Problem("/status", "UNKNOWN_VALUE", f"One of {', '.join(_STATUSES)} is needed."))
    if kind and kind not in _TYPES:
        problems.append(Problem("/entityType", "UNKNOWN_VALUE", f"One of {', '.join(_TYPES)} is needed."))
    if problems:
        raise InvalidError("The conflicts cannot be filtered like this", *problems)
    return ConflictFilter(_STATUSES[status], _TYPES[kind] if kind else None)


def _choice(body: dict[str, Any]) -> Choice:
    problems = [
        Problem(pointer_to(name), "UNKNOWN_MEMBER", f"There is no {name}.") for name in body if name != "choice"
    ]
    given: Any = body.get("choice")
    if isinstance(given, dict) and given:
        problems += [
            Problem(pointer_to("choice", name), "UNKNOWN_VALUE", _SIDES)
            for name, side in given.items()
            if not _is_side(side)
        ]
    elif not _is_side(given):
        problems.append(_unusable(given, is_there="choice" in body))
    if problems:
        raise InvalidError("The conflict cannot be resolved like this", *problems)
    if isinstance(given, dict):
        return Choice(named={name: Side(side) for name, side in given.items()})
    return Choice(Side(given))


def _is_side(value: Any) -> bool:
    return isinstance(value, str) and value in frozenset(Side)


def _unusable(given: Any, *, is_there: bool) -> Problem:
    if not is_there:
        return Problem("/choice", "MISSING", "choice says whose values the record gets.")
    if isinstance(given, str):
        return Problem("/choice", "UNKNOWN_VALUE", _SIDES)
    return Problem(
        "/choice", "WRONG_TYPE", "choice is source, platform, or an object from field to source or platform."
    )
