"""Asks for approval of what a held run would do, and lets it go on."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

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
from sync.services.keeping import held_key
from sync.services.runs import check_standing, show, take_lease


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
    kept = desk.leases.get(held_key(integration_id))
    if kept is None or kept.holder != run_id or not _is_current(desk, integration, run, kept):
        _give_back(desk, run)
        raise _overtaken(desk, run)
    resumed = save_run(desk, run, lambda each: _approved(desk, each))
    desk.leases.release(kept.key, run_id)
    return resumed


def held_run(desk: Desk, integration: Integration) -> Run | None:
    """Return the run that can be approved now, None when none waits for that."""
    kept = desk.leases.get(held_key(integration.id))
    run = None if kept is None else desk.runs.get(integration.id, kept.holder)
    if kept is None or run is None or not run.held or not _is_current(desk, integration, run, kept):
        return None
    return run


def _give_back(desk: Desk, run: Run) -> None:
    """Give the integration's lease back, unless another approval of the same run has just let it go on."""
    current = desk.runs.get(run.integration_id, run.id)
    if current is None or current.status.ended:
        desk.leases.release(lease_key(run.integration_id), run.id)


def _check_held(desk: Desk, run: Run) -> None:
    if run.held:
        return
    if run.approval is not None and not run.approved:
        raise _overtaken(desk, run)
    raise StateError("The run waits for no approval", code="NOT_HELD", facts={"runId": run.id})


def _overtaken(desk: Desk, run: Run) -> StateError:
    """Return the error that names the run to approve instead, if there is one."""
    kept = desk.leases.get(held_key(run.integration_id))
    other = {"runId": kept.holder} if kept is not None and kept.holder != run.id else {}
    message = "What the run has read is too old: a newer run has come through, or the connection was changed"
    return StateError(message, code="APPROVAL_STALE", facts=other)


def _is_current(desk: Desk, integration: Integration, run: Run, kept: Lease) -> bool:
    plans = [desk.checkpoints.read(RunKey(run.integration_id, run.id), entity).plan for entity in run.entities]
    here = all(plan is not None and plan.source == integration.connection.source for plan in plans)
    return here and kept.expires_at > desk.clock.now()


def _approved(desk: Desk, run: Run) -> Run:
    if run.approval is None or not run.held:
        raise StateError("The run waits for no approval", code="NOT_HELD", facts={"runId": run.id})
    approval = replace(run.approval, required=False, approved_at=desk.clock.now())
    return replace(run, status=RunStatus.QUEUED, ended_at=None, error=None, attempt=run.attempt + 1, approval=approval)
