"""Tells how far a run is, from what is noted about it: no step reports anything twice."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sync.model.checkpoint import Checkpoint
from sync.model.run import Phase, Progress, Run
from sync.services.desk import Desk, Job, lease_key


def watch(desk: Desk, run: Run) -> Run:
    """Return the run with its progress as it is now; an ended run tells its last."""
    if run.status.ended:
        return run
    key = Job(run.integration_id, run.id).key
    noted = [desk.checkpoints.read(key, entity) for entity in run.entities]
    lease = desk.leases.get(lease_key(run.integration_id))
    heartbeat = None if lease is None else lease.expires_at - desk.policy.lease
    return replace(run, progress=replace(measure(run, noted, now=desk.clock.now()), heartbeat_at=heartbeat))


def measure(run: Run, noted: Iterable[Checkpoint], *, now: datetime) -> Progress:
    """Return phase, pages, records read, the source's count and records a second."""
    known = tuple(noted)
    records = sum(page.records for each in known for page in each.pages)
    counts = [each.plan.expected for each in known if each.plan is not None and each.plan.expected is not None]
    seconds = 0.0 if run.started_at is None else (now - run.started_at).total_seconds()
    return Progress(
        phase=_phase(run, known),
        pages=sum(each.pages for checkpoint in known for each in checkpoint.ranges),
        records=records,
        expected=sum(counts) if counts else None,
        rate_per_second=round(records / seconds, 1) if seconds > 0 else 0.0,
    )


def _phase(run: Run, noted: tuple[Checkpoint, ...]) -> Phase:
    if run.started_at is None or any(each.plan is None for each in noted):
        return Phase.STARTING
    if not all(span.done for each in noted for span in each.ranges):
        return Phase.READING
    written = sum(len(each.groups) for each in noted)
    wanted = sum(each.plan.groups for each in noted if each.plan is not None)
    return Phase.WRITING if written < wanted else Phase.FINISHING
