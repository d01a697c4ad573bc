"""Keeps what a held run has read until somebody approves it, a newer run has seen for itself, or it is too late."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import takewhile

from sync.engine import totals
from sync.engine.assess import sampled
from sync.model.approval import Approval
from sync.model.checkpoint import Checkpoint, RunKey
from sync.model.errors import StateError
from sync.model.integration import Integration, Owner
from sync.model.run import Run, RunStatus
from sync.ports import Lease
from sync.services.desk import Desk, lease_key, save_run
from sync.services.integrations import require
from sync.services.runs import check_standing, show, take_lease

_PREFIX = "held_"
PLANS = "plan_"
"""What the leases of kept plans are called."""
_MOST_RUNS = 200
"""Newer runs, all of which came to nothing, after which an approval is too late."""


def asked(noted: Iterable[Checkpoint], *, until: datetime) -> Approval | None:
    """Return what somebody has to approve until then, None when nothing is held."""
    doubts = [each.doubt for each in noted if each.doubt is not None and totals.held(each)]
    if not doubts:
        return None
    return Approval(
        required=True,
        changes=sum(doubt.changes for doubt in doubts),
        blanks=sum(doubt.blanks for doubt in doubts),
        stored=sum(doubt.stored for doubt in doubts),
        sample=sampled(change for doubt in doubts for change in doubt.sample),
        expires_at=until,
    )


def is_kept(run: Run) -> bool:
    """Return whether what an ended run has read may be needed once more."""
    return run.held or (run.proposes and run.status.came_through)


def keep(desk: Desk, run: Run) -> None:
    """Keep what a held run or a plan has read; of an integration's held runs only the newest is kept."""
    if run.proposal is not None and is_kept(run):
        facts = {"integrationId": run.integration_id}
        until = run.proposal.expires_at
        desk.leases.acquire(f"{PLANS}{run.id}", run.id, until=until, now=desk.clock.now(), facts=facts)
    if run.approval is None or run.approval.expires_at is None or not run.held:
        return
    key, now = _key(run.integration_id), desk.clock.now()
    former = desk.leases.get(key)
    if former is not None and former.holder != run.id:
        let_go(desk, former)
    facts = {"integrationId": run.integration_id}
    desk.leases.acquire(key, run.id, until=run.approval.expires_at, now=now, facts=facts)


def approve(desk: Desk, owner: Owner, integration_id: str, run_id: str) -> Run:
    """Let a held run go on from where it stopped.

    Raises:
        NotFoundError: There is no such run of the owner's.
        StateError: It waits for nobody (NOT_HELD), is overtaken or too old (APPROVAL_STALE), or no run may begin now.
    """
    integration = require(desk.integrations, owner, integration_id)
    run = show(desk, owner, integration_id, run_id)
    _check_held(desk, run)
    check_standing(integration)
    take_lease(desk, integration_id, run_id, desk.clock.now())
    kept = desk.leases.get(_key(integration_id))
    if kept is None or kept.holder != run_id or not _is_current(desk, integration, run, kept):
        desk.leases.release(lease_key(integration_id), run_id)
        raise _overtaken(desk, run)
    resumed = save_run(desk, run, lambda each: _approved(desk, each))
    desk.leases.release(kept.key, run_id)
    return resumed


def held_run(desk: Desk, integration: Integration) -> Run | None:
    """Return the run that can be approved now, None when none waits for that."""
    kept = desk.leases.get(_key(integration.id))
    run = None if kept is None else desk.runs.get(integration.id, kept.holder)
    if kept is None or run is None or not run.held or not _is_current(desk, integration, run, kept):
        return None
    return run


def sweep_held(desk: Desk) -> int:
    """Let go of what held runs keep when it is too late for them; return how many there were."""
    late = [lease for lease in desk.leases.list(_PREFIX) if _is_late(desk, lease)]
    late += [lease for lease in desk.leases.list(PLANS) if lease.expires_at <= desk.clock.now()]
    for lease in late:
        let_go(desk, lease)
    return len(late)


def let_go(desk: Desk, kept: Lease) -> None:
    """Forget what a held run has read: it cannot be approved any more; an approved one goes on undisturbed."""
    key = RunKey(kept.facts["integrationId"], kept.holder)
    run = desk.runs.get(key.integration_id, key.run_id)
    if run is not None:
        run = save_run(desk, run, _closed)
    if run is None or run.status.ended:
        forget(desk, key)
    desk.leases.release(kept.key, kept.holder)


def forget(desk: Desk, key: RunKey) -> None:
    """Drop what only an active or held run needs."""
    desk.stages.drop(key)
    desk.checkpoints.drop(key)


def _key(integration_id: str) -> str:
    return f"{_PREFIX}{integration_id}"


def _check_held(desk: Desk, run: Run) -> None:
    if run.held:
        return
    if run.approval is not None and not run.approved:
        raise _overtaken(desk, run)
    raise StateError("The run waits for no approval", code="NOT_HELD", facts={"runId": run.id})


def _overtaken(desk: Desk, run: Run) -> StateError:
    """Return the error that names the run to approve instead, if there is one."""
    kept = desk.leases.get(_key(run.integration_id))
    other = {"runId": kept.holder} if kept is not None and kept.holder != run.id else {}
    message = "What the run has read is too old: a newer run has come through, or the connection was changed"
    return StateError(message, code="APPROVAL_STALE", facts=other)


def _is_late(desk: Desk, kept: Lease) -> bool:
    if kept.expires_at <= desk.clock.now():
        return True
    integration_id = kept.facts["integrationId"]
    run, integration = desk.runs.get(integration_id, kept.holder), desk.integrations.find(integration_id)
    if run is None or integration is None:
        return True
    return run.status.ended and not (run.held and _is_current(desk, integration, run, kept))


def _is_current(desk: Desk, integration: Integration, run: Run, kept: Lease) -> bool:
    plans = [desk.checkpoints.read(RunKey(run.integration_id, run.id), entity).plan for entity in run.entities]
    here = all(plan is not None and plan.source == integration.connection.source for plan in plans)
    return here and kept.expires_at > desk.clock.now() and not any(map(_overtakes, _newer(desk, run)))


def _newer(desk: Desk, run: Run) -> tuple[Run, ...]:
    """Return the runs that were queued after this one; it is among them when they are too many to look at."""
    recent = desk.runs.list(run.integration_id, cursor=None, limit=_MOST_RUNS).items
    newer = tuple(takewhile(lambda each: each.id != run.id, recent))
    return newer if len(newer) < len(recent) else (*newer, run)


def _overtakes(run: Run) -> bool:
    """Return whether a newer run has come through, or written anything."""
    if run.proposes:
        return False
    return run.status.came_through or any(tally.created or tally.updated for tally in run.totals.values())


def _approved(desk: Desk, run: Run) -> Run:
    if run.approval is None or not run.held:
        raise StateError("The run waits for no approval", code="NOT_HELD", facts={"runId": run.id})
    approval = replace(run.approval, required=False, approved_at=desk.clock.now())
    return replace(run, status=RunStatus.QUEUED, ended_at=None, error=None, attempt=run.attempt + 1, approval=approval)


def _closed(run: Run) -> Run:
    return run if run.approval is None else replace(run, approval=replace(run.approval, required=False))
