"""Lets runs follow on hints, and forgets the hints that a run has seen for itself."""

import asyncio
import logging
from collections.abc import Collection, Iterable
from datetime import timedelta
from itertools import groupby

from sync.engine.notices import reading_for, rest_until, seen_by
from sync.model.channel import Hint, HintKind
from sync.model.errors import RefusedError, StateError, SyncError
from sync.model.integration import Status
from sync.model.run import Run, RunTrigger
from sync.ports import Launcher
from sync.services.desk import Job, State, Step, sit_down
from sync.services.finishing import finish_run
from sync.services.realtime import Realtime, enrol
from sync.services.runs import SyncOrder, admit
from sync.services.vanishing import confirm

logger = logging.getLogger(__name__)

_RECENT = 20


async def follow_all(realtime: Realtime, launcher: Launcher) -> int:
    """Start a run for each integration that has hints, may run and does not; return how many."""
    if realtime.public_url is None:
        return 0
    started = 0
    hints = await asyncio.to_thread(realtime.store.hints)
    for _, some in groupby(hints, lambda hint: hint.integration_id):
        started += await _follow_safely(realtime, launcher, tuple(some))
    return started


async def _follow_safely(realtime: Realtime, launcher: Launcher, hints: tuple[Hint, ...]) -> bool:
    """Follow hints as follow does; trouble with one integration does not concern the others."""
    try:
        return await follow(realtime, launcher, hints)
    except SyncError as error:
        logger.warning("hints not followed", extra={"integration": hints[0].integration_id, "code": error.code})
        return False


async def follow(
    realtime: Realtime, launcher: Launcher, hints: Collection[Hint], *, delay: timedelta = timedelta(0)
) -> bool:
    """Start the run that an integration's hints ask for, if one may begin; otherwise they wait."""
    run = await asyncio.to_thread(_admitted, realtime, hints) if hints else None
    if run is not None:
        await launcher.start(run, delay=delay)
    return run is not None


def end_run(realtime: Realtime, job: Job, steps: Iterable[Step]) -> Step:
    """End a run as finish_run does; what it saw is no hint any more, and after a good run changes are subscribed to."""
    told = tuple(steps)
    if realtime.public_url is None:
        return finish_run(realtime.desk, job, told)
    hints = realtime.store.hints(job.integration_id)
    done = _confirmed(realtime, job, told, hints)
    ended = finish_run(realtime.desk, job, told)
    run = realtime.desk.runs.get(job.integration_id, job.run_id)
    if run is not None:
        realtime.store.settle((*done, *seen_by(run, hints)))
        if run.status.came_through and not run.proposes:
            enrol(realtime, job.integration_id)
    return ended


def _admitted(realtime: Realtime, hints: Collection[Hint]) -> Run | None:
    desk = realtime.desk
    integration_id = next(iter(hints)).integration_id
    integration = desk.integrations.find(integration_id)
    if integration is None:
        realtime.store.delete(integration_id)
        return None
    if integration.settings.get("realtime") is False:
        realtime.store.settle(hints)
        return None
    if integration.status is not Status.ACTIVE or _rests(realtime, integration_id):
        return None
    wanted = reading_for(hints)
    try:
        return admit(desk, integration, SyncOrder(wanted.kind, entities=wanted.entities, trigger=RunTrigger.WEBHOOK))
    except StateError:
        return None


def _rests(realtime: Realtime, integration_id: str) -> bool:
    """Return whether the latest runs came to nothing, and not long ago."""
    recent = realtime.desk.runs.list(integration_id, cursor=None, limit=_RECENT).items
    until = rest_until(recent)
    return until is not None and realtime.desk.clock.now() < until


def _confirmed(realtime: Realtime, job: Job, steps: tuple[Step, ...], hints: Iterable[Hint]) -> tuple[Hint, ...]:
    """Look for the records that are said to be deleted, while the run keeps others from writing.

    Those that the source cannot be asked about one by one are looked for in a full listing.
    """
    gone = [hint for hint in hints if hint.kind is HintKind.GONE]
    if not gone or any(step.state in {State.FAILED, State.CANCELLED} for step in steps):
        return ()
    mine: list[Hint] = []
    try:
        bench = sit_down(realtime.desk, job)
        mine = [hint for hint in gone if hint.entity in bench.run.entities]
        return () if bench.run.status.ended or bench.run.proposes else confirm(realtime.desk, bench, mine)
    except RefusedError:
        now = realtime.desk.clock.now()
        kinds = sorted({hint.entity for hint in mine})
        realtime.store.note(Hint(job.integration_id, each, HintKind.EVERYTHING, now) for each in kinds)
        return tuple(mine)
    except SyncError as error:
        logger.warning("deletions not confirmed", extra={"run": job.run_id, "code": error.code})
        return ()
