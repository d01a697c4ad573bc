"""Where Dataverse tells of records, and what has to be registered there for it."""

import azure.functions as func

from sync.services.ringing import PATH, heed_change, registration_of
from sync.triggers.http import Answer, Call, Route, blueprint_of
from sync.triggers.hub import Hubs
from sync.triggers.receiving import Receiver

TEMPLATE = f"{PATH}/{{integrationId}}/{{token}}"
LARGEST_NOTICE = 1024 * 1024
"""Bytes; Dataverse shortens what is larger than 256 KB."""

_AUTHENTICATION = {"type": "WebhookKey", "value": "in-the-address"}
"""Dataverse asks for a key and sends it as `code`; the hub goes by the address alone."""


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the route of notices, whose address is all that it asks for, and the one that tells this address."""

    def take(request: func.HttpRequest, document: object) -> None:
        where = request.route_params
        heed_change(hubs().bridges, where["integrationId"], token=where["token"], document=document)

    receiver = Receiver(PATH, LARGEST_NOTICE, take)

    def notice_dynamics(req: func.HttpRequest) -> func.HttpResponse:
        return receiver.answer(req)

    blueprint = blueprint_of(
        hubs, Route("GET", "integrations/{id}/dynamics/webhook", show_webhook, "get_dynamics_webhook")
    )
    blueprint.route(route=TEMPLATE, methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)(notice_dynamics)
    return blueprint


def show_webhook(call: Call) -> Answer:
    """Show the owner what an administrator enters in Dataverse."""
    desk = call.hub.bridges
    found = registration_of(desk, call.bridge())
    entered = {
        "url": found.url,
        "authentication": _AUTHENTICATION,
        "messages": ["Update"],
        "stage": "PostOperation",
        "executionMode": "Asynchronous",
        "entities": list(found.columns),
        "filteringAttributes": {name: list(columns) for name, columns in found.columns.items()},
        "automatic": found.is_heeded,
    }
    return Answer(entered)
