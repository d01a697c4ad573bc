"""Ends a run: totals, watermarks, log entries and the integration's standing, in an order that survives a crash."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from sync.engine import totals
from sync.engine.standing import healed, placed
from sync.model.checkpoint import Checkpoint
from sync.model.entity import EntityType
from sync.model.integration import Integration, Status
from sync.model.log import Action, LogEntry, LogStatus
from sync.model.mapping import PRESET_VERSION
from sync.model.run import Phase, Progress, Run, RunFailure, RunStatus, Tally
from sync.services.announcing import announce, announce_loss
from sync.services.certifying import certify
from sync.services.config_notes import note_standing
from sync.services.desk import Desk, Job, State, Step, lease_key, save_run
from sync.services.holding import asked
from sync.services.integrations import revise
from sync.services.keeping import forget, is_kept, keep, overtake
from sync.services.outbox import Held
from sync.services.paging import every
from sync.services.progress import measure
from sync.services.proving import completeness
from sync.services.retention import prune_daily

LOGGED_ERRORS = 100
"""How many record errors a log entry holds; the rest are with the run."""


def finish_run(desk: Desk, job: Job, steps: Iterable[Step]) -> Step:
    """End a run whose steps are over, well or not; a second call changes nothing.

    What it tells leaves when the run says that it has ended, and the next one may begin.
    """
    news = Held(desk.outbox)
    desk = replace(desk, outbox=news)
    run = desk.runs.get(job.integration_id, job.run_id)
    integration = desk.integrations.find(job.integration_id)
    if run is not None and integration is not None and not run.status.ended:
        noted = _noted(desk, run)
        ended = _ended(desk, run, noted, tuple(steps))
        if not run.proposes:
            _log(desk, ended, noted)
            certify(desk, integration, ended, noted)
            _advance(desk, ended, noted)
            _settle(desk, integration, ended, tuple(steps))
            overtake(desk, ended)
            announce(desk, integration, ended)
        keep(desk, ended)
        run = save_run(desk, run, lambda current: replace(ended, version=current.version))
    put_away(desk, job, run)
    news.release()
    if integration is not None and integration.schedule is None:
        prune_daily(desk, integration)
    return Step(State.DONE)


def put_away(desk: Desk, job: Job, run: Run | None) -> None:
    """Let the next run begin, and drop what only an active run needs; a held run may be active again."""
    if run is None or not is_kept(run):
        forget(desk, job.key)
    desk.leases.release(lease_key(job.integration_id), job.run_id)


def _noted(desk: Desk, run: Run) -> dict[EntityType, Checkpoint]:
    """Return what the run has come to; what it only planned counts for nothing unless planning is all it does."""
    key = Job(run.integration_id, run.id).key
    noted = {entity: desk.checkpoints.read(key, entity) for entity in run.entities}
    return noted if run.proposes else {entity: totals.done(each) for entity, each in noted.items()}


def _ended(desk: Desk, run: Run, noted: dict[EntityType, Checkpoint], steps: tuple[Step, ...]) -> Run:
    judged = {entity: verdict for entity, each in noted.items() if (verdict := completeness(each)) is not None}
    status, failure = _outcome(run, noted, steps)
    now = desk.clock.now()
    progress: Progress = replace(measure(run, noted.values(), now=now), phase=Phase.DONE, heartbeat_at=now)
    starts = [each.plan.since for each in noted.values() if each.plan is not None and each.plan.since is not None]
    return replace(
        run,
        status=status,
        ended_at=now,
        totals={entity: totals.total(each) for entity, each in noted.items()},
        completeness=judged,
        progress=progress,
        window=replace(run.window, since=min(starts, default=run.modified_since)),
        error=failure,
        approval=(asked(noted.values(), until=now + desk.policy.keep_held) if status.came_through else None)
        or run.approval,
    )


def _outcome(
    run: Run, noted: dict[EntityType, Checkpoint], steps: tuple[Step, ...]
) -> tuple[RunStatus, RunFailure | None]:
    failed = next((step for step in steps if step.state is State.FAILED), None)
    if failed is not None:
        return RunStatus.FAILED, failed.failure
    if run.cancel_requested or any(step.state is State.CANCELLED for step in steps):
        return RunStatus.CANCELLED, None
    judged = (verdict for each in noted.values() if (verdict := completeness(each)) is not None)
    return totals.outcome(noted.values(), judged=judged)


def _advance(desk: Desk, run: Run, noted: dict[EntityType, Checkpoint]) -> None:
    """Move each watermark to the run's start, if everything since the last one was read."""
    if not run.status.came_through:
        return
    for entity, each in noted.items():
        plan = each.plan
        believed = totals.walked(each) and totals.written(each) and not _short(run, entity) and not totals.lost(each)
        if plan is not None and plan.moves_watermark and believed:
            version = run.mapping_versions.get(entity, PRESET_VERSION)
            desk.watermarks.advance(run.integration_id, plan.source, entity, plan.started_at, mapping=version)


def _short(run: Run, entity: EntityType) -> bool:
    verdict = run.completeness.get(entity)
    return verdict is not None and verdict.missing > 0


def _settle(desk: Desk, integration: Integration, run: Run, steps: tuple[Step, ...]) -> None:
    standing = next((step.standing for step in steps if step.standing is not None), None)
    if run.status is RunStatus.FAILED and standing is not None:
        lost = standing is Status.REAUTH_REQUIRED and not _authorized_since(integration, run)
        if lost and integration.standing is not standing:
            _notify(desk, run)
        _revise(desk, integration, run, lambda now: _held(now, run, standing))
    elif run.status is RunStatus.SUCCEEDED or (run.status is RunStatus.PARTIAL and run.error is None):
        _revise(desk, integration, run, lambda now: _well(replace(now, last_synced_at=_synced_at(now, run))))
    elif run.status is RunStatus.PARTIAL:
        _revise(desk, integration, run, _well)


def _revise(desk: Desk, integration: Integration, run: Run, change: Callable[[Integration], Integration]) -> None:
    made = revise(desk.integrations, integration, change)
    note_standing(desk, made.before, made.after, run_id=run.id)


def _held(now: Integration, run: Run, standing: Status) -> Integration:
    if standing is Status.REAUTH_REQUIRED and _authorized_since(now, run):
        return now
    reason = run.error.message if run.error is not None else None
    return placed(now, standing, reason)


def _authorized_since(integration: Integration, run: Run) -> bool:
    """Whether somebody has signed in since the run was queued: a later run judges that consent."""
    consent = integration.connection.consent
    return consent is not None and consent.given_at > run.queued_at


def _notify(desk: Desk, run: Run) -> None:
    """Note once that somebody has to authorize; a second end of the same run writes the same entry."""
    told = run.error or RunFailure("REAUTH_REQUIRED", "The connection has to be authorized again.")
    announce_loss(desk, run, told)
    desk.logs.append(
        LogEntry(
            id=f"{run.id.replace('run', 'log', 1)}-notice",
            integration_id=run.integration_id,
            entity_type=None,
            action=Action.NOTICE,
            status=LogStatus.ERROR,
            records_affected=0,
            created_at=run.ended_at or desk.clock.now(),
            metadata={"code": told.code, "message": told.message, "runId": run.id, "errors": []},
        )
    )


def _well(now: Integration) -> Integration:
    return now if now.connection.awaits_consent else healed(now)


def _synced_at(integration: Integration, run: Run) -> datetime | None:
    known = [moment for moment in (integration.last_synced_at, run.started_at) if moment is not None]
    return max(known, default=None)


def _log(desk: Desk, run: Run, noted: dict[EntityType, Checkpoint]) -> None:
    for entity, each in noted.items():
        tally = run.totals.get(entity, Tally())
        came_to, own = _own_outcome(run, each)
        status = LogStatus.ERROR if came_to is RunStatus.FAILED else _log_status(each, tally)
        metadata: dict[str, Any] = {
            "runId": run.id,
            "kind": run.kind.value,
            "trigger": run.trigger.value,
            "created": tally.created,
            "updated": tally.updated,
            "unchanged": tally.unchanged,
            "conflicts": tally.conflicts,
            "errorCount": tally.errors,
            "errors": _errors(desk, run, entity) if tally.errors else [],
        }
        if run.error is not None:
            metadata |= {"code": run.error.code, "message": run.error.message}
        if own is not None:
            metadata["error"] = {"code": own.code, "message": own.message}
        desk.logs.append(
            LogEntry(
                id=f"{run.id.replace('run', 'log', 1)}-{entity}",
                integration_id=run.integration_id,
                entity_type=entity.log_name,
                action=Action.UPSERT,
                status=status,
                records_affected=tally.created + tally.updated,
                created_at=run.ended_at or desk.clock.now(),
                metadata=metadata,
            )
        )


def _own_outcome(run: Run, noted: Checkpoint) -> tuple[RunStatus, RunFailure | None]:
    """Return what one entity type came to by itself; a run that failed or was cancelled decides for all of them."""
    if run.error is None or not run.status.came_through:
        return run.status, run.error
    verdict = completeness(noted)
    return totals.outcome([noted], judged=[] if verdict is None else [verdict])


def _log_status(noted: Checkpoint, tally: Tally) -> LogStatus:
    whole = totals.walked(noted) and not tally.errors and not _short_of(noted) and not totals.held(noted)
    return LogStatus.SUCCESS if whole and not totals.lost(noted) else LogStatus.PARTIAL


def _short_of(noted: Checkpoint) -> bool:
    verdict = completeness(noted)
    return verdict is not None and verdict.missing > 0


def _errors(desk: Desk, run: Run, entity: EntityType) -> list[dict[str, Any]]:
    """Return the first record errors in the seed's form."""
    key = Job(run.integration_id, run.id).key
    failed = every(lambda cursor: desk.failures.of_run(key, cursor=cursor, limit=LOGGED_ERRORS))
    told = (
        {"externalId": each.external_id, "error": each.fault.message, "data": each.fault.data}
        for each in failed
        if each.entity is entity
    )
    return list(islice(told, LOGGED_ERRORS))
