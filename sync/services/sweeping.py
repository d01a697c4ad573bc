"""Finds runs whose owner died, and resumes or ends them: no run stays running for ever."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

from sync.model.run import Run, RunFailure
from sync.ports import Launcher, Lease
from sync.services.desk import Desk, Job, State, Step, lease_key, save_run
from sync.services.finishing import finish_run, put_away
from sync.services.keeping import sweep_kept

logger = logging.getLogger(__name__)


async def sweep(desk: Desk, launcher: Launcher) -> int:
    """Look after every lease that has run out; return how many runs were resumed or ended."""
    now = desk.clock.now()
    late = [lease for lease in await asyncio.to_thread(desk.leases.list, lease_key("")) if lease.expires_at <= now]
    mended = 0
    for lease in late:
        mended += await _look_after(desk, launcher, lease)
    await asyncio.to_thread(sweep_kept, desk)
    return mended


async def _look_after(desk: Desk, launcher: Launcher, lease: Lease) -> bool:
    integration_id = lease.facts["integrationId"]
    if await launcher.alive(integration_id):
        await asyncio.to_thread(_extend, desk, lease)
        return False
    run = await asyncio.to_thread(desk.runs.get, integration_id, lease.holder)
    job = Job(integration_id, lease.holder)
    if run is None or run.status.ended:
        await asyncio.to_thread(put_away, desk, job, run)
        return True
    if run.attempt >= desk.policy.attempts:
        await asyncio.to_thread(_give_up, desk, job, run)
        return True
    await asyncio.to_thread(_extend, desk, lease)
    resumed = await asyncio.to_thread(save_run, desk, run, lambda each: replace(each, attempt=each.attempt + 1))
    logger.warning("run resumed", extra={"run": run.id, "integration": integration_id, "attempt": resumed.attempt})
    await launcher.start(resumed, delay=timedelta(0))
    return True


def _extend(desk: Desk, lease: Lease) -> None:
    desk.leases.renew(lease.key, lease.holder, until=desk.clock.now() + desk.policy.lease)


def _give_up(desk: Desk, job: Job, run: Run) -> None:
    message = f"The run's owner died {run.attempt} times; start a new run"
    failure = RunFailure("OWNER_LOST", message, retryable=True)
    finish_run(desk, job, [Step(State.FAILED, failure=failure)])
    logger.error("run given up", extra={"run": run.id, "integration": run.integration_id})
