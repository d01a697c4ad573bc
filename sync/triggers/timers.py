"""What happens by itself: due delta syncs, runs of dead owners, old history, and notices of what will end."""

import asyncio
import logging
from datetime import UTC, datetime

from sync.ports import Launcher
from sync.services.forecasting import announce
from sync.services.retention import prune, prune_notes
from sync.services.scheduling import start_due
from sync.services.sweeping import sweep
from sync.triggers import durable
from sync.triggers.hub import Hub, Hubs

logger = logging.getLogger(__name__)

_FOREVER = datetime.max.replace(tzinfo=UTC)
_CLEANED_AT_ONCE = 10_000


def timers(hubs: Hubs, *, delta: str, sweep_every: str, cleaning: str) -> durable.Blueprint:
    """Return the timers; schedules are six-field NCRONTAB in UTC."""

    async def start_due_syncs(launcher: Launcher) -> None:
        hub = await asyncio.to_thread(hubs)
        await start_due(hub.desk, launcher)

    async def sweep_runs(launcher: Launcher) -> None:
        hub = await asyncio.to_thread(hubs)
        await sweep(hub.desk, launcher)

    async def clean_history(_: Launcher) -> None:
        hub = await asyncio.to_thread(hubs)
        await asyncio.to_thread(clean, hub)
        await asyncio.to_thread(announce, hub.desk)

    blueprint = durable.new_blueprint()
    durable.register_timer(blueprint, start_due_syncs, name="start_due_syncs", schedule=delta)
    durable.register_timer(blueprint, sweep_runs, name="sweep_runs", schedule=sweep_every)
    durable.register_timer(blueprint, clean_history, name="clean_history", schedule=cleaning)
    return blueprint


def clean(hub: Hub) -> int:
    """Remove what was kept long enough of bridges, and of other integrations with a schedule; return how many rows."""
    bridges = [each.id for each in hub.bridges.integrations.everyone()]
    known = hub.desk.integrations.due(_FOREVER, limit=_CLEANED_AT_ONCE)
    removed = sum(prune(hub.desk, integration) for integration in known)
    removed += sum(prune_notes(hub.desk, bridge_id) for bridge_id in bridges)
    logger.info("history cleaned", extra={"integrations": len(known) + len(bridges), "removed": removed})
    return removed
