"""Routes of consent: where to sign in, and where the browser comes back to."""

import logging
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

import azure.functions as func

from sync.model.errors import SyncError
from sync.model.secret import Secret
from sync.ports import Reply
from sync.services.consents import Returned, integration_of
from sync.triggers.http import Answer, Call, Route, blueprint_of, respond, trace_id_of
from sync.triggers.hub import Hub, Hubs
from sync.triggers.pages import HEADERS, write_page

logger = logging.getLogger(__name__)

CALLBACK = "api/integrations/dynamics/callback"
_LONGEST = 8192
"""Characters of a code or state; Entra's codes have about 1,500."""


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes of consent; the callback asks for no token, its state tells who is meant."""
    authorizing = Route("POST", "integrations/{id}/dynamics/authorize", authorize, "authorize_integration")
    blueprint = blueprint_of(hubs, authorizing)

    def complete_authorization(req: func.HttpRequest) -> func.HttpResponse:
        trace_id = trace_id_of(req)
        reply = come_back(hubs, req, trace_id)
        logger.info("request answered", extra={"route": "callback", "status": reply.status, "trace": trace_id})
        return respond(reply, trace_id)

    anonymous = func.AuthLevel.ANONYMOUS
    blueprint.route(route=CALLBACK, methods=["GET"], auth_level=anonymous)(complete_authorization)
    return blueprint


def authorize(call: Call) -> Answer:
    """Return where the integration's owner signs in."""
    parts = urlsplit(call.request.url)
    origin = call.hub.public_url or f"{parts.scheme}://{parts.netloc}"
    address = call.hub.consents.begin(call.integration(), f"{origin}/{CALLBACK}")
    return Answer({"authorizeUrl": address})


def come_back(hubs: Hubs, request: func.HttpRequest, trace_id: str) -> Reply:
    """Take what a browser brings from the sign-in page, and say what came of it."""
    try:
        return _finish(hubs(), request, trace_id)
    except Exception:
        logger.exception("request failed", extra={"trace": trace_id, "route": "callback"})
        apology = ("Something went wrong; it is logged. Authorize again.", f"Trace: {trace_id}")
        return write_page(HTTPStatus.INTERNAL_SERVER_ERROR, "The connection was not authorized", apology)


def _finish(hub: Hub, request: func.HttpRequest, trace_id: str) -> Reply:
    state = _text(request, "state")
    try:
        done = hub.consents.finish(state, _returned(request))
    except SyncError as error:
        said = (error.message, f"Nothing was changed. Reason: {error.code}", f"Trace: {trace_id}")
        onward = _onward(hub, integration_of(state), error.code)
        return write_page(HTTPStatus.BAD_REQUEST, "The connection was not authorized", said, onward=onward)
    return _welcome(hub, done.id, done.name)


def _onward(hub: Hub, integration_id: str | None, code: str) -> tuple[str, str] | None:
    """Return the link to the step of the console that can be tried again, when there is a console."""
    if hub.console is None or integration_id is None:
        return None
    step = f"#/connect/{integration_id}/authorize?{urlencode({'refused': code})}"
    return f"{hub.console}{step}", "Go back to the console and try again"


def _welcome(hub: Hub, integration_id: str, name: str) -> Reply:
    if hub.console is not None:
        place = f"{hub.console}?{urlencode({'authorized': integration_id})}"
        return Reply(HTTPStatus.SEE_OTHER, {**HEADERS, "Location": place}, "")
    said = (
        f"The hub may now read Business Central for “{name}”.",
        "Next: choose a company if none is chosen, test the connection, then sync. You may close this page.",
    )
    return write_page(HTTPStatus.OK, "The connection is authorized", said)


def _returned(request: func.HttpRequest) -> Returned:
    code, error = _text(request, "code"), _text(request, "error")
    if code and not error:
        return Returned(code=Secret(code))
    return Returned(error=error or "invalid_request", description=_text(request, "error_description"))


def _text(request: func.HttpRequest, name: str) -> str:
    text: str = request.params.get(name, "")
    return text[:_LONGEST]
