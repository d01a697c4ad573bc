"""Routes of webhook endpoints and their deliveries, and the timers that bring deliveries."""

import asyncio
from typing import Annotated, Any

import azure.functions as func
import orjson
from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from sync.codec import time_or_none, time_text
from sync.engine.reach import Reach, check_url
from sync.model.errors import InvalidError, NotFoundError, Problem
from sync.model.secret import Secret
from sync.model.webhook import SUBSCRIBABLE, Attempt, Delivery, DeliveryStatus, Endpoint, EventType
from sync.ports import DeliveryFilter, Launcher, Reply
from sync.services import endpoints
from sync.services.endpoints import EndpointOrder, Webhooks, require_delivery, require_endpoint
from sync.triggers import durable
from sync.triggers.documents import StrictBody, check_document, merge, read_object
from sync.triggers.http import Answer, Call, Route, blueprint_of
from sync.triggers.hub import Hubs
from sync.triggers.queries import query_choice
from sync.triggers.tags import tag_of

_PATH = "integrations/{id}/webhook-endpoints"
_ONE = f"{_PATH}/{{endpointId}}"
_DELIVERIES = f"{_ONE}/deliveries"
_PATIENCE = 10.0
_RESTS = "secretName"
"""Where the secret of a kept answer rests: told to nobody."""
_LATEST = ("id", "event", "status", "createdAt", "nextTryAt")
"""What a list of endpoints tells of the latest delivery to each."""


def _check_address(text: str, info: ValidationInfo[Reach]) -> str:
    problem = check_url(text, info.context)
    if problem is not None:
        raise PydanticCustomError(problem.code, "{detail}", {"detail": problem.detail})
    return text


def _check_event(text: str) -> str:
    if text not in SUBSCRIBABLE:
        raise PydanticCustomError("UNKNOWN_EVENT", "{known}", {"known": f"There are {', '.join(SUBSCRIBABLE)}."})
    return text


class EndpointBody(StrictBody):
    """An endpoint as its owner writes it."""

    url: Annotated[str, AfterValidator(_check_address)]
    events: Annotated[list[Annotated[str, AfterValidator(_check_event)]], Field(min_length=1, max_length=100)]
    enabled: bool = True

    def to_order(self) -> EndpointOrder:
        """Return what the service takes."""
        events = tuple(each for each in SUBSCRIBABLE if each.value in self.events)
        return EndpointOrder(self.url, events, enabled=self.enabled)


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes of webhook endpoints."""
    return blueprint_of(
        hubs,
        Route("GET", _PATH, list_all, "list_webhook_endpoints"),
        Route("POST", _PATH, create, "create_webhook_endpoint", repeatable=True, revive=_with_secret),
        Route("GET", _ONE, show, "get_webhook_endpoint"),
        Route("PATCH", _ONE, change, "change_webhook_endpoint"),
        Route("DELETE", _ONE, delete, "delete_webhook_endpoint"),
        Route("POST", f"{_ONE}/test", test, "test_webhook_endpoint", repeatable=True),
        Route("POST", f"{_ONE}/rotate-secret", rotate, "rotate_webhook_secret"),
        Route("GET", _DELIVERIES, list_deliveries, "list_webhook_deliveries"),
        Route("GET", f"{_DELIVERIES}/{{deliveryId}}", show_delivery, "get_webhook_delivery"),
        Route("POST", f"{_DELIVERIES}/{{deliveryId}}/resend", resend, "resend_webhook_delivery"),
        Route("POST", f"{_PATH}/deliveries/{{deliveryId}}/resend", resend_any, "resend_any_webhook_delivery"),
    )


def timers(hubs: Hubs, *, deliveries: str, cleaning: str) -> durable.Blueprint:
    """Return the timers that bring what is due and remove what is old; six-field NCRONTAB in UTC."""

    async def deliver_webhooks(_: Launcher) -> None:
        hub = await asyncio.to_thread(hubs)
        await asyncio.to_thread(lambda: hub.webhooks.postman.sweep(patience=_PATIENCE))

    async def clean_deliveries(_: Launcher) -> None:
        hub = await asyncio.to_thread(hubs)
        await asyncio.to_thread(endpoints.clean, hub.webhooks)

    blueprint = durable.new_blueprint()
    durable.register_timer(blueprint, deliver_webhooks, name="deliver_webhooks", schedule=deliveries)
    durable.register_timer(blueprint, clean_deliveries, name="clean_deliveries", schedule=cleaning)
    return blueprint


def list_all(call: Call) -> Answer:
    """List all endpoints of an integration, newest first: there are few. Each comes with its latest delivery."""
    found = call.hub.webhooks.mail.endpoints.list(call.either().id)
    return Answer([{**_view(each), "lastDelivery": _latest(call.hub.webhooks, each)} for each in found])


def create(call: Call) -> Answer:
    """Make an endpoint; its secret is shown once, and not kept with the answer, but where it rests is."""
    integration = call.either()
    order = _order(call.hub.webhooks, read_object(call.request))
    made, secret = endpoints.create(call.hub.webhooks, integration.id, order)
    place = f"/api/integrations/{integration.id}/webhook-endpoints/{made.id}"
    headers = {"ETag": _tag(made), "Location": place}
    return Answer(_view_once(made, secret), 201, headers, kept={**_view(made), _RESTS: made.secret_name})


def show(call: Call) -> Answer:
    """Show an endpoint without its secret."""
    return _shown(_endpoint(call))


def change(call: Call) -> Answer:
    """Change an endpoint by a merge patch."""
    current = _endpoint(call)
    call.check_match(_tag(current))
    patch = read_object(call.request)
    known = {"url": current.url, "events": [each.value for each in current.events], "enabled": current.enabled}
    nulls = [Problem(f"/{name}", "WRONG_TYPE", "This cannot be taken away.") for name in known if _is_null(patch, name)]
    if nulls:
        raise InvalidError("The webhook endpoint cannot be changed like this", *nulls)
    return _shown(endpoints.change(call.hub.webhooks, current, _order(call.hub.webhooks, merge(known, patch))))


def delete(call: Call) -> Answer:
    """Remove an endpoint with its deliveries."""
    endpoints.delete(call.hub.webhooks, _endpoint(call))
    return Answer(None, 204)


def test(call: Call) -> Answer:
    """Send a test event at once, and show what came of it."""
    return Answer(_view_delivery(endpoints.test(call.hub.webhooks, _endpoint(call))))


def rotate(call: Call) -> Answer:
    """Give an endpoint a new secret, shown once; the one so far signs beside it for a day."""
    changed, secret = endpoints.rotate(call.hub.webhooks, _endpoint(call))
    return Answer(_view_once(changed, secret), headers={"ETag": _tag(changed)})


def list_deliveries(call: Call) -> Answer:
    """List deliveries to an endpoint, newest first."""
    endpoint, params = _endpoint(call), call.request.params
    problems: list[Problem] = []
    status = query_choice(params, "status", DeliveryStatus, problems=problems)
    event = query_choice(params, "event", EventType, problems=problems)
    if problems:
        raise InvalidError("The deliveries cannot be filtered like this", *problems)
    which = DeliveryFilter(DeliveryStatus(status) if status else None, EventType(event) if event else None)
    page = call.hub.webhooks.mail.deliveries.list(endpoint.id, which, **call.paging)
    return Answer([_view_delivery(each) for each in page.items], cursor=page.cursor)


def show_delivery(call: Call) -> Answer:
    """Show a delivery with what was sent."""
    delivery = require_delivery(call.hub.webhooks, _endpoint(call), call.path("deliveryId"))
    return Answer({**_view_delivery(delivery), "body": orjson.loads(delivery.body)})


def resend(call: Call) -> Answer:
    """Send a delivery again at once, and show what came of it."""
    endpoint = _endpoint(call)
    delivery = require_delivery(call.hub.webhooks, endpoint, call.path("deliveryId"))
    return Answer(_view_delivery(endpoints.resend(call.hub.webhooks, endpoint, delivery)))


def resend_any(call: Call) -> Answer:
    """Send a delivery to any endpoint of the integration again; the same as resend, with a shorter address."""
    webhooks, name = call.hub.webhooks, call.path("deliveryId")
    for endpoint in webhooks.mail.endpoints.list(call.either().id):
        found = webhooks.mail.deliveries.get(endpoint.id, name)
        if found is not None:
            return Answer(_view_delivery(endpoints.resend(webhooks, endpoint, found)))
    raise NotFoundError("There is no such delivery")


def _latest(webhooks: Webhooks, endpoint: Endpoint) -> dict[str, Any] | None:
    page = webhooks.mail.deliveries.list(endpoint.id, DeliveryFilter(), cursor=None, limit=1)
    shown = [_view_delivery(each) for each in page.items]
    return {name: shown[0][name] for name in _LATEST} if shown else None


def _endpoint(call: Call) -> Endpoint:
    return require_endpoint(call.hub.webhooks, call.either().id, call.path("endpointId"))


def _order(webhooks: Webhooks, document: dict[str, Any]) -> EndpointOrder:
    return check_document(EndpointBody, document, knowing=webhooks.reach).to_order()


def _is_null(patch: dict[str, Any], name: str) -> bool:
    return name in patch and patch[name] is None


def _with_secret(call: Call, kept: Reply) -> Reply:
    """Return the answer to a repeated request: its own secret, as long as the endpoint signs with no other one."""
    body, mail = orjson.loads(kept.body), call.hub.webhooks.mail
    name = body["data"].pop(_RESTS, None)
    found = mail.endpoints.get(call.id, body["data"]["id"])
    secret = mail.secrets.get(name) if found is not None and found.secret_name == name else None
    if secret is not None:
        body["data"]["secret"] = secret.reveal()
    return Reply(kept.status, kept.headers, orjson.dumps(body).decode())


def _shown(endpoint: Endpoint) -> Answer:
    return Answer(_view(endpoint), headers={"ETag": _tag(endpoint)})


def _tag(endpoint: Endpoint) -> str:
    """Return the ETag: another one after each change by its owner, or when the hub disabled it."""
    return tag_of(endpoint.id, time_text(endpoint.updated_at))


def _view(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "integrationId": endpoint.integration_id,
        "url": endpoint.url,
        "events": [each.value for each in endpoint.events],
        "enabled": endpoint.enabled,
        "disabledReason": endpoint.disabled_reason,
        "failingSince": time_or_none(endpoint.failing_since),
        "formerSecretUntil": time_or_none(max((each.until for each in endpoint.former), default=None)),
        "createdAt": time_text(endpoint.created_at),
        "updatedAt": time_text(endpoint.updated_at),
    }


def _view_once(endpoint: Endpoint, secret: Secret) -> dict[str, Any]:
    return {**_view(endpoint), "secret": secret.reveal()}


def _view_delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "endpointId": delivery.endpoint_id,
        "eventId": delivery.event_id,
        "event": delivery.event.value,
        "status": delivery.status.value,
        "createdAt": time_text(delivery.created_at),
        "nextTryAt": time_or_none(delivery.next_try_at),
        "trouble": delivery.trouble,
        "attempts": [_view_attempt(each) for each in delivery.attempts],
    }


def _view_attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "at": time_text(attempt.at),
        "status": attempt.status,
        "durationMs": attempt.milliseconds,
        "trouble": attempt.trouble,
        "response": attempt.excerpt,
    }
