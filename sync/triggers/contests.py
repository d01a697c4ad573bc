"""Conflicts between both sides of a contract, over HTTP."""

from typing import Any

import orjson

from sync.codec import time_text, to_wire
from sync.model.conflict import ConflictStatus
from sync.model.errors import InvalidError, NotFoundError, Problem, StateError
from sync.model.integration import Bridge
from sync.services.contests import Contest, Winner, find, listed
from sync.services.contests import resolve as settle
from sync.triggers.documents import pointer_to, read_object
from sync.triggers.http import Answer, Call
from sync.triggers.merging import named
from sync.triggers.tags import tag_of

_SIDES = f"One of {', '.join(Winner)} is needed."


def list_all(call: Call, bridge: Bridge, status: ConflictStatus | None) -> Answer:
    """List open conflicts, the latest detected first; those that are resolved are only in the log."""
    if status is ConflictStatus.RESOLVED:
        return Answer([])
    page = listed(call.hub.bridges, bridge, **call.paging)
    return Answer([_view(each) for each in page.items], cursor=page.cursor)


def show(call: Call, bridge: Bridge) -> Answer:
    """Show a conflict with both sides (NotFoundError when there is none any more)."""
    contest = find(call.hub.bridges, bridge, call.path("conflictId"))
    if contest is None:
        raise NotFoundError("There is no such conflict any more")
    return Answer(_view(contest), headers={"ETag": _tag(contest)})


def resolve(call: Call, bridge: Bridge) -> Answer:
    """Write one side's value to the other at once.

    Raises:
        StateError: It is resolved already (CONFLICT_RESOLVED).
    """
    desk = call.hub.bridges
    contest = find(desk, bridge, call.path("conflictId"))
    winner = _winner(read_object(call.request))
    if contest is None:
        raise StateError("The field is not in conflict any more", code="CONFLICT_RESOLVED")
    if call.request.headers.get("if-match"):
        call.check_match(_tag(contest))
    settle(desk, bridge, contest, winner, by=call.owner.user_id)
    return Answer({**_view(contest), "status": ConflictStatus.RESOLVED.value, "choice": winner.value})


def _view(contest: Contest) -> dict[str, Any]:
    conflict = contest.conflict
    return {
        "id": contest.id,
        "contractId": str(contest.link.contract_id),
        "contractName": contest.link.name,
        "entity": contest.link.entity,
        "recordId": contest.link.record_id,
        **named(contest.pair),
        **{side: conflict.texts.get(side) for side in ("base", "dynamics", "oneflow")},
        "detectedAt": time_text(conflict.detected_at),
        "status": ConflictStatus.OPEN.value,
    }


def _tag(contest: Contest) -> str:
    return tag_of(contest.id, orjson.dumps(to_wire(contest.conflict)).decode())


def _winner(body: dict[str, Any]) -> Winner:
    problems = [
        Problem(pointer_to(each), "UNKNOWN_MEMBER", f"There is no {each}.") for each in body if each != "choice"
    ]
    given = body.get("choice")
    if "choice" not in body:
        problems.append(Problem("/choice", "MISSING", "choice says whose value the field gets."))
    elif not isinstance(given, str):
        problems.append(Problem("/choice", "WRONG_TYPE", f"choice is a text. {_SIDES}"))
    elif given not in frozenset(Winner):
        problems.append(Problem("/choice", "UNKNOWN_VALUE", _SIDES))
    if problems:
        raise InvalidError("The conflict cannot be resolved like this", *problems)
    return Winner(str(given))
