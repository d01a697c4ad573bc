"""Routes of integrations: made, shown, changed, removed."""

from collections.abc import Sequence

import azure.functions as func

from sync.engine.standing import HELD_CODES
from sync.model.errors import InvalidError, Problem, StaleRecordError, StateError
from sync.model.integration import HELD, AnyIntegration, Status, is_bridge, is_supply
from sync.services.endpoints import delete_all
from sync.services.health import health_of
from sync.services.hooks import remove_hook
from sync.services.integrations import IntegrationOrder
from sync.services.realtime import nudge
from sync.services.ringing import close_door
from sync.services.subscribing import farewell
from sync.triggers.bridge_bodies import Allowed
from sync.triggers.documents import merge, pointer_to, read_object
from sync.triggers.http import Answer, Call, Route, blueprint_of
from sync.triggers.hub import Hubs
from sync.triggers.integration_views import view_integration
from sync.triggers.kinds import AnyBody, checked, new_order, outline
from sync.triggers.queries import query_choice
from sync.triggers.tags import tag_of

_RECENT = 2
_FLAGS = ("true", "false")
_NEVER_NULL = (
    ("status",),
    ("connection", "clientSecret"),
    ("connection", "dynamics", "clientSecret"),
    ("connection", "oneflow", "apiToken"),
)
"""Members that a patch changes or leaves out, but cannot take away."""
_NO_NULL = "This cannot be taken away: send a value, or leave it out."


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes of integrations."""
    return blueprint_of(
        hubs,
        Route("POST", "integrations", create, "create_integration", repeatable=True),
        Route("GET", "integrations", list_all, "list_integrations"),
        Route("GET", "integrations/{id}", show, "get_integration"),
        Route("PATCH", "integrations/{id}", change, "change_integration"),
        Route("DELETE", "integrations/{id}", delete, "delete_integration"),
    )


def create(call: Call) -> Answer:
    """Store a new integration."""
    order = new_order(merge({}, read_object(call.request)), call.hub.allowed)
    made = call.hub.integrations.create(call.owner, order)
    return _shown(call, made, status=201, headers={"Location": f"/api/integrations/{made.id}"})


def list_all(call: Call) -> Answer:
    """List the caller's integrations, newest first."""
    page = call.hub.integrations.list(call.owner, **call.paging)
    return Answer([_view(call, each) for each in page.items], cursor=page.cursor)


def show(call: Call) -> Answer:
    """Show an integration."""
    return _shown(call, call.either())


def change(call: Call) -> Answer:
    """Change an integration by a merge patch; what the hub itself notes meanwhile does not get in the way."""
    while True:
        current = call.either()
        call.check_match(version_of(current))
        order = _order(current, read_object(call.request), call.hub.allowed)
        try:
            changed = call.hub.integrations.change(current, order)
        except StaleRecordError:
            continue
        nudge(call.hub.realtime, changed.id)
        return _shown(call, changed)


def delete(call: Call) -> Answer:
    """Remove an integration, with `purge=true` its records, too."""
    problems: list[Problem] = []
    purge = query_choice(call.request.params, "purge", _FLAGS, problems=problems) == "true"
    if problems:
        raise InvalidError("The integration cannot be removed like this", *problems)
    found = call.either()
    if is_supply(found):
        farewell(call.hub.realtime, found)
    if is_bridge(found):
        remove_hook(call.hub.bridges, found)
        close_door(call.hub.bridges, found)
    delete_all(call.hub.webhooks, found.id)
    call.hub.integrations.delete(call.owner, call.id, purge=purge)
    return Answer(None, 204)


def version_of(integration: AnyIntegration) -> str:
    """Return the ETag: another one after each change by its owner, the same while only the hub notes things."""
    return tag_of(integration.id, integration.updated_at.isoformat())


def _order(current: AnyIntegration, patch: dict[str, object], allowed: Allowed) -> IntegrationOrder:
    body = _checked(current, patch, allowed)
    if body.status is Status.ACTIVE and current.status in HELD:
        reason = current.status_reason or "The connection does not work"
        message = f"{reason}. Mend it, then test the connection"
        raise StateError(message, code=HELD_CODES[current.status])
    return body.to_order()


def _checked(current: AnyIntegration, patch: dict[str, object], allowed: Allowed) -> AnyBody:
    document = merge(outline(current, patch), patch)
    moved = document.get("kind") != current.kind
    problems = [Problem("/kind", "READ_ONLY", "The kind of an integration stays.")] if moved else []
    problems += [Problem(pointer_to(*names), "WRONG_TYPE", _NO_NULL) for names in _NEVER_NULL if _is_null(patch, names)]
    try:
        body = checked(current.kind, document, allowed)
    except InvalidError as error:
        raise InvalidError(error.message, *problems, *error.problems) from None
    if problems:
        raise InvalidError("The integration cannot be changed like this", *problems)
    return body


def _is_null(patch: object, names: Sequence[str]) -> bool:
    first, *rest = names
    if not isinstance(patch, dict) or first not in patch:
        return False
    return _is_null(patch[first], rest) if rest else patch[first] is None


def _shown(
    call: Call, integration: AnyIntegration, *, status: int = 200, headers: dict[str, str] | None = None
) -> Answer:
    tagged = {"ETag": version_of(integration), **(headers or {})}
    return Answer(_view(call, integration), status, tagged)


def _view(call: Call, integration: AnyIntegration) -> dict[str, object]:
    runs = call.hub.desk.runs.list(integration.id, cursor=None, limit=_RECENT).items
    health = health_of(integration, runs, now=call.hub.desk.clock.now())
    return view_integration(integration, next(iter(runs), None), health)
