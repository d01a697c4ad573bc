"""Starts, shows, cancels and repeats runs."""

from dataclasses import dataclass, replace
from datetime import datetime

from sync.engine.standing import HELD_CODES, may_be_tried
from sync.model.checkpoint import RunKey
from sync.model.entity import EntityType
from sync.model.errors import NotFoundError, StateError
from sync.model.guid import is_guid
from sync.model.integration import HELD, Integration, Owner
from sync.model.proposal import Intent, Proposal
from sync.model.record import Failure
from sync.model.run import BY_HAND, Run, RunKind, RunTrigger
from sync.ports import EVERY_RUN, Page, RunFilter
from sync.services.desk import Desk, lease_key, save_run
from sync.services.integrations import require
from sync.services.progress import watch


@dataclass(frozen=True, slots=True)
class SyncOrder:
    """What a caller wants synced: changes since a time, a mode, and which entity types."""

    kind: RunKind
    modified_since: datetime | None = None
    entities: tuple[EntityType, ...] = tuple(EntityType)
    trigger: RunTrigger = RunTrigger.MANUAL
    intent: Intent = Intent.WRITE
    record: str | None = None
    """The one record that a retry is about, by its external id."""


def admit(desk: Desk, integration: Integration, order: SyncOrder, *, retry_of: str | None = None) -> Run:
    """Let a new run begin, unless the integration is held or has one under way; by hand some holds may be tried.

    Raises:
        StateError: INTEGRATION_BROKEN, SETUP_REQUIRED, REAUTH_REQUIRED or SYNC_ALREADY_RUNNING.
    """
    if order.trigger not in BY_HAND or not may_be_tried(integration):
        check_standing(integration)
    now = desk.clock.now()
    run_id = desk.ids.new("run")
    take_lease(desk, integration.id, run_id, now)
    return desk.runs.create(
        Run(
            id=run_id,
            integration_id=integration.id,
            kind=order.kind,
            trigger=order.trigger,
            entities=order.entities,
            queued_at=now,
            modified_since=order.modified_since,
            retry_of=retry_of,
            record=order.record,
            proposal=Proposal(now + desk.policy.keep_plans) if order.intent is Intent.PLAN else None,
            whole=order.trigger is RunTrigger.WEBHOOK or set(order.entities) == set(EntityType),
        )
    )


def check_standing(integration: Integration) -> None:
    """Make sure that nobody has to mend the connection first.

    Raises:
        StateError: INTEGRATION_BROKEN, SETUP_REQUIRED or REAUTH_REQUIRED.
    """
    if integration.standing in HELD and not integration.untried:
        reason = integration.status_reason or "The connection does not work"
        raise StateError(f"{reason}. Mend it, then test the connection", code=HELD_CODES[integration.standing])


def show(desk: Desk, owner: Owner, integration_id: str, run_id: str) -> Run:
    """Return a run with its progress.

    Raises:
        NotFoundError: There is no such run of the owner's.
    """
    require(desk.integrations, owner, integration_id)
    found = desk.runs.get(integration_id, run_id)
    if found is None:
        raise NotFoundError("There is no such run")
    return watch(desk, found)


def listed(
    desk: Desk, owner: Owner, integration_id: str, which: RunFilter = EVERY_RUN, *, cursor: str | None, limit: int
) -> Page[Run]:
    """Return matching runs, newest first."""
    require(desk.integrations, owner, integration_id)
    page = desk.runs.list(integration_id, which, cursor=cursor, limit=limit)
    return Page(tuple(watch(desk, run) for run in page.items), page.cursor)


def cancel(desk: Desk, owner: Owner, integration_id: str, run_id: str) -> Run:
    """Ask a run to stop within a page; what it has read is kept.

    Raises:
        StateError: It has ended (RUN_ENDED).
    """
    found = show(desk, owner, integration_id, run_id)
    if found.status.ended:
        raise StateError("The run has ended", code="RUN_ENDED")
    return watch(desk, save_run(desk, found, lambda run: replace(run, cancel_requested=True)))


def repeat(desk: Desk, owner: Owner, integration_id: str, run_id: str) -> Run:
    """Begin a run that reads only the failed records of an ended one.

    Raises:
        StateError: The run has not ended (RUN_ACTIVE), or no new one may begin.
    """
    integration = require(desk.integrations, owner, integration_id)
    found = show(desk, owner, integration_id, run_id)
    if not found.status.ended:
        raise StateError("The run is still under way", code="RUN_ACTIVE", facts={"runId": run_id})
    order = SyncOrder(RunKind.RETRY, entities=found.entities, trigger=RunTrigger.RETRY)
    return admit(desk, integration, order, retry_of=run_id)


def reread(desk: Desk, integration: Integration, entity: EntityType, external_id: str) -> Run:
    """Begin a run that reads only one record, whether it failed or not.

    Raises:
        StateError: Business Central cannot be asked for it (RECORD_NOT_ASKABLE), or no new run may begin.
    """
    if not is_guid(external_id):
        message = "The record has no id that Business Central could be asked for"
        raise StateError(message, code="RECORD_NOT_ASKABLE")
    order = SyncOrder(RunKind.RETRY, entities=(entity,), trigger=RunTrigger.RETRY, record=external_id)
    return admit(desk, integration, order)


def errors(
    desk: Desk, owner: Owner, integration_id: str, run_id: str, *, cursor: str | None, limit: int
) -> Page[Failure]:
    """Return the failed records of a run."""
    show(desk, owner, integration_id, run_id)
    return desk.failures.of_run(RunKey(integration_id, run_id), cursor=cursor, limit=limit)


def take_lease(desk: Desk, integration_id: str, run_id: str, now: datetime) -> None:
    """Take the integration's lease for a run; one that a dead owner left is the sweeper's to clear, with its run.

    Raises:
        StateError: Another run is under way (SYNC_ALREADY_RUNNING).
    """
    key = lease_key(integration_id)
    held = desk.leases.get(key)
    run = desk.runs.get(integration_id, held.holder) if held is not None else None
    active = run is not None and not run.status.ended
    if held is not None and run is not None and not active:
        desk.leases.release(key, held.holder)
    facts = {"integrationId": integration_id}
    taken = None if active else desk.leases.acquire(key, run_id, until=now + desk.policy.lease, now=now, facts=facts)
    if taken is None:
        holder = held.holder if held is not None else ""
        raise StateError(
            "A sync of this integration is under way", code="SYNC_ALREADY_RUNNING", facts={"runId": holder}
        )
