"""Where Business Central tells of changes, and the timers behind it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import azure.functions as func
import orjson

from sync.model.channel import Channel, Hint
from sync.model.errors import CallerError, SyncError
from sync.ports import Launcher
from sync.services.following import follow, follow_all
from sync.services.noticing import take
from sync.services.realtime import PATH, enter
from sync.services.subscribing import tend_all
from sync.triggers import durable
from sync.triggers.http import respond, trace_id_of
from sync.triggers.hub import Hub, Hubs
from sync.triggers.problems import write_problem

logger = logging.getLogger(__name__)

TEMPLATE = f"{PATH}/{{integrationId}}/{{token}}"
METHODS = ("GET", "POST")
"""Which of both asks for the validation token back is not documented."""

_ACCEPTED = 202
_LARGEST_BATCH = 32 * 1024 * 1024
"""Bytes: 30,000 notices for each of two types, half a kilobyte each. A refusal would end the subscriptions."""
_HANDSHAKE = "validationToken"
_PLAIN = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}

type Answering = Callable[[func.HttpRequest, Launcher], Awaitable[func.HttpResponse]]


def routes(hubs: Hubs) -> durable.Blueprint:
    """Return the route of notices; the token in its path is what it asks for."""
    blueprint = durable.new_blueprint()
    for method in METHODS:
        name = f"notice_business_central_{method.lower()}"
        anonymous = func.AuthLevel.ANONYMOUS
        durable.register_route(blueprint, answering(hubs), name=name, method=method, template=TEMPLATE, level=anonymous)
    return blueprint


def timers(hubs: Hubs, *, subscriptions: str, notices: str) -> durable.Blueprint:
    """Return the timers that look after subscriptions and follow on notices; six-field NCRONTAB in UTC."""

    async def tend_subscriptions(_: Launcher) -> None:
        hub = await asyncio.to_thread(hubs)
        await asyncio.to_thread(tend_all, hub.realtime)

    async def follow_notices(launcher: Launcher) -> None:
        hub = await asyncio.to_thread(hubs)
        await follow_all(hub.realtime, launcher)

    blueprint = durable.new_blueprint()
    durable.register_timer(blueprint, tend_subscriptions, name="tend_subscriptions", schedule=subscriptions)
    durable.register_timer(blueprint, follow_notices, name="follow_notices", schedule=notices)
    return blueprint


def answering(hubs: Hubs) -> Answering:
    """Return what answers notices: at once, and before anything is read."""

    async def answer(request: func.HttpRequest, launcher: Launcher) -> func.HttpResponse:
        try:
            hub = await asyncio.to_thread(hubs)
            channel = await asyncio.to_thread(_entered, hub, request)
            word = request.params.get(_HANDSHAKE)
            if word is not None:
                return func.HttpResponse(word, status_code=200, mimetype="text/plain", headers=_PLAIN)
            hints = await asyncio.to_thread(_noted, hub, channel, request)
        except Exception as error:  # noqa: BLE001 - a trigger answers for everything
            return _refused(request, error)
        await _begin(hub, launcher, hints)
        return func.HttpResponse(status_code=_ACCEPTED, headers=_PLAIN)

    return answer


def _entered(hub: Hub, request: func.HttpRequest) -> Channel:
    return enter(hub.realtime, request.route_params["integrationId"], request.route_params["token"])


def _noted(hub: Hub, channel: Channel, request: func.HttpRequest) -> tuple[Hint, ...]:
    body = request.get_body()
    if len(body) > _LARGEST_BATCH:
        raise CallerError(f"A body has at most {_LARGEST_BATCH} bytes", code="BODY_TOO_LARGE")
    if request.method != "POST":
        raise CallerError("Notices are posted")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        logger.warning("notices cannot be read", extra={"integration": channel.integration_id})
        return ()
    return take(hub.realtime, channel, document)


async def _begin(hub: Hub, launcher: Launcher, hints: tuple[Hint, ...]) -> None:
    """Start the run that the notices ask for; what fails here is done by the timer."""
    if hub.realtime.public_url is None:
        return
    try:
        await follow(hub.realtime, launcher, hints, delay=hub.realtime.settling)
    except Exception:
        logger.exception("run not started", extra={"hints": len(hints)})


def _refused(request: func.HttpRequest, error: Exception) -> func.HttpResponse:
    known = error if isinstance(error, SyncError) else SyncError("Something went wrong; it is logged")
    trace_id = trace_id_of(request)
    if known is not error:
        logger.error("notices not taken", exc_info=error, extra={"trace": trace_id})
    hidden = f"/{PATH}/{urlsplit(request.url).path.rsplit('/', 2)[-2]}/***"
    return respond(write_problem(known, instance=hidden, trace_id=trace_id), trace_id)
