"""Starts the delta syncs that are due."""

import asyncio
import logging

from sync.engine.schedule import jitter, next_after
from sync.model.errors import StateError
from sync.model.integration import Integration, Status
from sync.model.run import RunKind, RunTrigger
from sync.ports import Launcher
from sync.services.desk import Desk
from sync.services.integrations import update
from sync.services.runs import SyncOrder, admit

logger = logging.getLogger(__name__)
_AT_ONCE = 200


async def start_due(desk: Desk, launcher: Launcher) -> int:
    """Start a delta run for each due integration; return how many were started.

    The next time counts from now, so a time that was missed is made up for once.
    """
    due = await asyncio.to_thread(desk.integrations.due, desk.clock.now(), limit=_AT_ONCE)
    started = 0
    for integration in due:
        started += await _start(desk, launcher, integration)
    return started


async def _start(desk: Desk, launcher: Launcher, integration: Integration) -> bool:
    now = desk.clock.now()
    schedule = integration.schedule
    upcoming = None if schedule is None else next_after(schedule, now)
    moved = await asyncio.to_thread(update, desk.integrations, integration, next_run_at=upcoming)
    if schedule is None or moved.status is not Status.ACTIVE:
        return False
    order = SyncOrder(RunKind.DELTA, trigger=RunTrigger.TIMER)
    try:
        run = await asyncio.to_thread(admit, desk, moved, order)
    except StateError as error:
        logger.info("scheduled sync skipped", extra={"integration": integration.id, "code": error.code})
        return False
    await launcher.start(run, delay=jitter(integration.id, schedule, now))
    return True
