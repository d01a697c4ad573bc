"""Keeps what a held run or a plan has read: until it is used, something newer takes its place, or it is too late."""

from dataclasses import replace
from datetime import datetime

from sync.engine import totals
from sync.model.checkpoint import RunKey
from sync.model.entity import EntityType
from sync.model.run import Run, RunKind, RunStatus, Tally
from sync.ports import Lease
from sync.services.desk import Desk, lease_key, save_run

_HELD = "held_"
_PLANS = "plan_"


def held_key(integration_id: str) -> str:
    """Return the key of the lease on what the integration's held run has read."""
    return f"{_HELD}{integration_id}"


def plan_key(integration_id: str) -> str:
    """Return the key of the lease on what the integration's newest plan tells."""
    return f"{_PLANS}{integration_id}"


def is_kept(run: Run) -> bool:
    """Return whether what an ended run has read may be needed once more."""
    return run.held or (run.proposes and run.status.came_through)


def keep(desk: Desk, run: Run) -> None:
    """Keep what a held run or a plan has read; an integration keeps its newest held run and its newest plan."""
    if run.proposal is not None and is_kept(run):
        _take(desk, plan_key(run.integration_id), run, until=run.proposal.expires_at)
    if run.held and run.approval is not None and run.approval.expires_at is not None:
        _take(desk, held_key(run.integration_id), run, until=run.approval.expires_at)


def overtake(desk: Desk, newer: Run) -> None:
    """Let go of what a held run keeps, if a run that ends now has seen the same for itself, or written some of it."""
    kept = desk.leases.get(held_key(newer.integration_id))
    if kept is None or kept.holder == newer.id:
        return
    older = desk.runs.get(newer.integration_id, kept.holder)
    if older is None or any(_overtakes(newer, older, entity) for entity in _held_types(desk, older)):
        let_go(desk, kept)


def put_back(desk: Desk, former: Run) -> None:
    """Let a run that was to go on wait as it did before; one that has gone on already is left alone."""
    run = desk.runs.get(former.integration_id, former.id)
    if run is None or run.status is not RunStatus.QUEUED:
        return
    keep(desk, former)
    save_run(desk, run, lambda each: replace(former, version=each.version))
    desk.leases.release(lease_key(former.integration_id), former.id)


def sweep_kept(desk: Desk) -> int:
    """Let go of what is kept for nothing, or for too long; return how much there was."""
    now = desk.clock.now()
    late = [lease for lease in desk.leases.list(_HELD) if lease.expires_at <= now or _is_idle(desk, lease)]
    late += [lease for lease in desk.leases.list(_PLANS) if lease.expires_at <= now]
    for lease in late:
        let_go(desk, lease)
    return len(late)


def let_go(desk: Desk, kept: Lease) -> None:
    """Forget what an ended run has read: it cannot go on any more; one that goes on already is not disturbed."""
    key = RunKey(kept.facts["integrationId"], kept.holder)
    run = desk.runs.get(key.integration_id, key.run_id)
    if run is not None:
        run = save_run(desk, run, _closed)
    if run is None or run.status.ended:
        forget(desk, key)
    desk.leases.release(kept.key, kept.holder)


def let_go_all(desk: Desk, integration_id: str) -> None:
    """Forget what an integration's held run and plan have read."""
    for key in (held_key(integration_id), plan_key(integration_id)):
        kept = desk.leases.get(key)
        if kept is not None:
            let_go(desk, kept)


def forget(desk: Desk, key: RunKey) -> None:
    """Drop what only an active or kept run needs."""
    desk.stages.drop(key)
    desk.checkpoints.drop(key)


def _take(desk: Desk, key: str, run: Run, *, until: datetime) -> None:
    former = desk.leases.get(key)
    if former is not None and former.holder != run.id:
        let_go(desk, former)
    facts = {"integrationId": run.integration_id}
    desk.leases.acquire(key, run.id, until=until, now=desk.clock.now(), facts=facts)


def _held_types(desk: Desk, run: Run) -> tuple[EntityType, ...]:
    key = RunKey(run.integration_id, run.id)
    return tuple(entity for entity in run.entities if totals.held(desk.checkpoints.read(key, entity)))


def _overtakes(newer: Run, older: Run, entity: EntityType) -> bool:
    tally = newer.totals.get(entity, Tally())
    if tally.created or tally.updated:
        return True
    return newer.status.came_through and _has_seen(newer, older, entity)


def _has_seen(newer: Run, older: Run, entity: EntityType) -> bool:
    """Return whether a run has looked for everything that an older one had read; a listing is seen by a listing."""
    if entity in older.completeness:
        return entity in newer.completeness
    return entity in newer.entities and newer.kind is not RunKind.RETRY and newer.modified_since is None


def _is_idle(desk: Desk, kept: Lease) -> bool:
    run = desk.runs.get(kept.facts["integrationId"], kept.holder)
    return run is None or (run.status.ended and not run.held)


def _closed(run: Run) -> Run:
    return run if run.approval is None else replace(run, approval=replace(run.approval, required=False))
