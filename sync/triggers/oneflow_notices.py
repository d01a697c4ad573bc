"""Where Oneflow tells of contracts, and the timers behind it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import azure.functions as func

from sync import orchestrators
from sync.ports import ComparisonLauncher, Launcher
from sync.services.bridge_desk import BridgeDesk
from sync.services.heeding import Reconcile, compare_lot, forget_notices, plan_comparisons, start_comparisons
from sync.services.hooks import tend_hooks
from sync.services.listening import PATH, take
from sync.services.merging import reconcile
from sync.services.walking import walk_all
from sync.triggers import durable
from sync.triggers.hub import Hubs
from sync.triggers.receiving import Receiver

TEMPLATE = f"{PATH}/{{integrationId}}/{{token}}"
LARGEST_NOTICE = 64 * 1024
"""Bytes; a notice has some hundred."""


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the route of notices; token and signature are what it asks for."""
    blueprint = func.Blueprint()  # type: ignore[no-untyped-call]  # the SDK has no types here

    def accept(request: func.HttpRequest, document: object) -> None:
        bridges, where = hubs().bridges, request.route_params
        take(bridges.listening, bridges.clock, where["integrationId"], token=where["token"], document=document)

    receiver = Receiver(PATH, LARGEST_NOTICE, accept)

    def notice_oneflow(req: func.HttpRequest) -> func.HttpResponse:
        return receiver.answer(req)

    blueprint.route(route=TEMPLATE, methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)(notice_oneflow)
    return blueprint


def timers(hubs: Hubs, *, hooks: str, cleaning: str) -> durable.Blueprint:
    """Return the timers that look after webhooks; schedules are six-field NCRONTAB in UTC."""
    blueprint = durable.new_blueprint()
    durable.register_timer(blueprint, _tick(hubs, tend_hooks), name="tend_oneflow_hooks", schedule=hooks)
    durable.register_timer(blueprint, _tick(hubs, forget_notices), name="clean_inbox", schedule=cleaning)
    return blueprint


def errands(hubs: Hubs, *, schedule: str, walks: str, reconcile: Reconcile = reconcile) -> durable.Blueprint:
    """Return what does what notices ask for, and the timer that walks over contracts for what nobody told."""
    blueprint = durable.new_blueprint()

    async def run_errands(launcher: ComparisonLauncher) -> None:
        hub = await asyncio.to_thread(hubs)
        await start_comparisons(hub.bridges, launcher)

    def plan(job: Any) -> Any:
        return [list(lot) for lot in plan_comparisons(hubs().bridges, job["integrationId"])]

    def compare(job: Any) -> None:
        compare_lot(hubs().bridges, job["integrationId"], job["contracts"], reconcile=reconcile)

    durable.register_workflow(blueprint, orchestrators.compare_contracts)
    durable.register_step(blueprint, plan, name=plan_comparisons.__name__)
    durable.register_step(blueprint, compare, name=compare_lot.__name__)
    durable.register_timer(blueprint, run_errands, name="run_errands", schedule=schedule)
    durable.register_timer(blueprint, _tick(hubs, walk_all), name="walk_contracts", schedule=walks)
    return blueprint


def _tick(hubs: Hubs, work: Callable[[BridgeDesk], object]) -> Callable[[Launcher], Awaitable[None]]:
    """Return what a timer does: the work, in a thread of its own."""

    async def tick(_: Launcher) -> None:
        hub = await asyncio.to_thread(hubs)
        await asyncio.to_thread(work, hub.bridges)

    return tick
