"""Tells what a run came to, from what is written of it: told again after a crash, it is the same events."""

from collections.abc import Iterator, Mapping
from itertools import islice, takewhile
from typing import Any

from sync.codec import time_or_none, time_text, to_wire
from sync.engine import journal
from sync.engine.telling import MOST_ALONE, RECORD_EVENTS, bundled, mark_of
from sync.model.conflict import Conflict, ConflictStatus, Queue
from sync.model.entity import EntityType
from sync.model.errors import NotFoundError
from sync.model.integration import Integration
from sync.model.run import Run, RunFailure, RunStatus, Tally
from sync.model.trail import Deed, Footprint
from sync.model.webhook import Event, EventType
from sync.ports import ConflictFilter
from sync.services.desk import Desk, Job
from sync.services.paging import AT_A_TIME, every

_CANCELLED = RunFailure("RUN_CANCELLED", "The run was cancelled.")
_PLACES = {EventType.SYNC_COMPLETED: "0", EventType.SYNC_FAILED: "0", EventType.REAUTH_REQUIRED: "1"}
"""Where an event of a run stands among the others: what happened last sorts first."""
_REST = "2"


def announce(desk: Desk, integration: Integration, run: Run) -> None:
    """Tell those who hear of the integration what a run has come to, before the run itself says that it has ended."""
    wanted = desk.outbox.wanted(integration.id)
    if wanted:
        told = (each for each in _happened(desk, integration, run, wanted) if each.type in wanted)
        desk.outbox.tell(integration.id, told)


def announce_loss(desk: Desk, run: Run, failure: RunFailure) -> None:
    """Tell those who hear of the integration that somebody has to authorize it again."""
    if EventType.REAUTH_REQUIRED in desk.outbox.wanted(run.integration_id):
        data = {"code": failure.code, "message": failure.message}
        desk.outbox.tell(run.integration_id, [_event(run, EventType.REAUTH_REQUIRED, data, "")])


def _happened(desk: Desk, integration: Integration, run: Run, wanted: frozenset[EventType]) -> Iterator[Event]:
    if EventType.CONFLICT_DETECTED in wanted:
        yield from _conflicts(desk, integration, run)
    for entity in run.entities:
        for deed in (Deed.CREATED, Deed.UPDATED):
            if RECORD_EVENTS[entity, deed] in wanted:
                yield from _records(desk, run, entity, deed)
    yield _end(run)


def _end(run: Run) -> Event:
    kind = EventType.SYNC_COMPLETED if run.status.came_through else EventType.SYNC_FAILED
    failure = _CANCELLED if run.status is RunStatus.CANCELLED else run.error
    data = {
        "kind": run.kind.value,
        "trigger": run.trigger.value,
        "status": run.status.value,
        "startedAt": time_or_none(run.started_at),
        "endedAt": time_or_none(run.ended_at),
        "entities": {entity.value: to_wire(tally) for entity, tally in run.totals.items()},
        "error": None if failure is None else {"code": failure.code, "message": failure.message},
    }
    return _event(run, kind, data, "approved" if run.approved else "")


def _records(desk: Desk, run: Run, entity: EntityType, deed: Deed) -> Iterator[Event]:
    tally = run.totals.get(entity, Tally())
    count = tally.created if deed is Deed.CREATED else tally.updated
    ids = _changed(desk, run, entity, deed) if count else iter(())
    for some in bundled(ids, expected=count):
        data: dict[str, Any] = {"entityType": entity.value, "records": list(some), "count": len(some)}
        if count <= MOST_ALONE:
            data["externalId"] = some[0]
        yield _event(run, RECORD_EVENTS[entity, deed], data, *some)


def _changed(desk: Desk, run: Run, entity: EntityType, deed: Deed) -> Iterator[str]:
    """Yield the ids of records that a run created or updated, one of its steps after the other."""
    after = f"{run.id}_"
    steps = desk.chronicle.trail.footprints(run.integration_id, entity, after=after)
    for footprint in takewhile(lambda each: each.run_id == run.id, steps):
        yield from journal.ids_of(_journal(desk, footprint), deed)


def _journal(desk: Desk, footprint: Footprint) -> bytes:
    """Return what a step of the run has written down, nothing when it died before it did."""
    key = Job(footprint.integration_id, footprint.run_id).key
    try:
        return desk.chronicle.journals.read(key, footprint.journal, start=0, end=footprint.size)
    except NotFoundError:
        return b""


def _conflicts(desk: Desk, integration: Integration, run: Run) -> Iterator[Event]:
    """Tell of conflicts that the run was the first to meet and that are open; each has an event while they are few."""
    first = list(islice(_met(desk, integration, run), MOST_ALONE + 1))
    if len(first) <= MOST_ALONE:
        for each in first:
            yield _event(run, EventType.CONFLICT_DETECTED, _told(each), each.id)
        return
    ids = (each.id for each in _met(desk, integration, run))
    for some in bundled(ids, expected=len(first)):
        yield _event(run, EventType.CONFLICT_DETECTED, {"conflicts": list(some), "count": len(some)}, *some)


def _met(desk: Desk, integration: Integration, run: Run) -> Iterator[Conflict]:
    queue, which = Queue(integration.owner.user_id, integration.connection.source), ConflictFilter(ConflictStatus.OPEN)
    known = every(lambda cursor: desk.conflicts.list(queue, which, cursor=cursor, limit=AT_A_TIME))
    late = takewhile(lambda each: each.detected_at >= run.queued_at, known)
    return (each for each in late if each.run_id == run.id)


def _told(conflict: Conflict) -> dict[str, Any]:
    return {
        "conflictId": conflict.id,
        "conflicts": [conflict.id],
        "count": 1,
        "entityType": conflict.entity.value,
        "externalId": conflict.external_id,
        "reason": conflict.reason.value,
        "fields": list(conflict.contested),
        "detectedAt": time_text(conflict.detected_at),
    }


def _event(run: Run, kind: EventType, data: Mapping[str, Any], *marks: str) -> Event:
    """Return an event of the run; what it is about makes its id, so that told again it has the same one."""
    name = f"{run.id.replace('run', 'evt', 1)}{_PLACES.get(kind, _REST)}{mark_of(kind, *marks)}"
    at = run.ended_at or run.queued_at
    return Event(name, kind, run.integration_id, at, {"runId": run.id, **data})
