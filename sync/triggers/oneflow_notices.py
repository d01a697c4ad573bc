"""Where Oneflow tells of contracts, and the timers behind it."""

import asyncio
import logging

import azure.functions as func
import orjson

from sync.model.errors import NotFoundError, SyncError
from sync.ports import Launcher
from sync.services.heeding import Heeder, Reconcile, forget_notices
from sync.services.hooks import tend_hooks
from sync.services.listening import PATH, take
from sync.services.merging import reconcile
from sync.services.walking import walk_all
from sync.triggers import durable
from sync.triggers.http import respond, trace_id_of
from sync.triggers.hub import Hub, Hubs
from sync.triggers.problems import write_problem

logger = logging.getLogger(__name__)

TEMPLATE = f"{PATH}/{{integrationId}}/{{token}}"
LARGEST_NOTICE = 64 * 1024
"""Bytes; a notice has some hundred."""

_TAKEN = 200
"""Oneflow takes every other answer for a failure, 202 and 204 too."""
_PATIENCE = 10.0
_PLAIN = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the route of notices; token and signature are what it asks for."""
    blueprint = func.Blueprint()  # type: ignore[no-untyped-call]  # the SDK has no types here

    def notice_oneflow(req: func.HttpRequest) -> func.HttpResponse:
        return answer(hubs, req)

    blueprint.route(route=TEMPLATE, methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)(notice_oneflow)
    return blueprint


def timers(hubs: Hubs, *, hooks: str, cleaning: str) -> durable.Blueprint:
    """Return the timers that look after webhooks; schedules are six-field NCRONTAB in UTC."""

    async def tend_oneflow_hooks(_: Launcher) -> None:
        hub = await asyncio.to_thread(hubs)
        await asyncio.to_thread(tend_hooks, hub.bridges)

    async def clean_inbox(_: Launcher) -> None:
        hub = await asyncio.to_thread(hubs)
        await asyncio.to_thread(forget_notices, hub.bridges)

    blueprint = durable.new_blueprint()
    durable.register_timer(blueprint, tend_oneflow_hooks, name="tend_oneflow_hooks", schedule=hooks)
    durable.register_timer(blueprint, clean_inbox, name="clean_inbox", schedule=cleaning)
    return blueprint


def errands(hubs: Hubs, *, schedule: str, walks: str, reconcile: Reconcile = reconcile) -> durable.Blueprint:
    """Return the timers that do what notices ask for, and that walk over contracts for what nobody told."""
    heeder = Heeder(reconcile)

    async def run_errands(_: Launcher) -> None:
        hub = await asyncio.to_thread(hubs)
        await asyncio.to_thread(heeder.sweep, hub.bridges, patience=_PATIENCE)

    async def walk_contracts(_: Launcher) -> None:
        hub = await asyncio.to_thread(hubs)
        await asyncio.to_thread(walk_all, hub.bridges)

    blueprint = durable.new_blueprint()
    durable.register_timer(blueprint, run_errands, name="run_errands", schedule=schedule)
    durable.register_timer(blueprint, walk_contracts, name="walk_contracts", schedule=walks)
    return blueprint


def answer(hubs: Hubs, request: func.HttpRequest) -> func.HttpResponse:
    """Take a notice, and answer at once; the work is done later."""
    try:
        _take(hubs(), request)
    except Exception as error:  # noqa: BLE001 - a trigger answers for everything
        return _refused(request, error)
    return func.HttpResponse(status_code=_TAKEN, headers=_PLAIN)


def _take(hub: Hub, request: func.HttpRequest) -> None:
    body = request.get_body()
    if len(body) > LARGEST_NOTICE:
        raise NotFoundError("There is no such address")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    where = request.route_params
    bridges = hub.bridges
    take(bridges.listening, bridges.clock, where["integrationId"], token=where["token"], document=document)


def _refused(request: func.HttpRequest, error: Exception) -> func.HttpResponse:
    """Return the problem without the address: whatever is unknown or forged looks alike."""
    known = error if isinstance(error, SyncError) else SyncError("Something went wrong; it is logged")
    trace_id = trace_id_of(request)
    if known is not error:
        logger.error("notice not taken", exc_info=error, extra={"trace": trace_id})
    return respond(write_problem(known, instance=f"/{PATH}", trace_id=trace_id), trace_id)
