"""What stores decide the same way whatever they are made of."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import batched
from operator import attrgetter, itemgetter

from sync.engine.failures import class_of, may_be_asked_for
from sync.model.conflict import Conflict, ConflictStatus
from sync.model.errors import InvalidError, StateError
from sync.model.log import LogEntry
from sync.model.record import Failure, Record
from sync.model.run import Run
from sync.model.webhook import Delivery, Due
from sync.ports import (
    DeliveryFilter,
    FailureFilter,
    FailureOrder,
    Lease,
    LogFilter,
    RecordFilter,
    Reply,
    RunFilter,
)
from sync.storage.keys import failure_key, ticks

REPLY_KEPT = timedelta(hours=24)
"""How long an answer is kept, from the beginning of its request."""
REPLY_AWAITED = timedelta(minutes=10)
"""How long a key stays reserved for a request that never ends."""

_due_at = attrgetter("due_at")
_SEARCHED = ("name", "number", "taxId", "email")


@dataclass(frozen=True, slots=True)
class Reservation:
    """An idempotency key in use: by which request, since when, and what was answered."""

    digest: str
    begun_at: datetime
    reply: Reply | None = None


def kept_reply(reservation: Reservation | None, digest: str, *, now: datetime) -> Reply | None:
    """Return the answer to repeat, or None when the key is free.

    Raises:
        StateError: The first request is still running (IDEMPOTENCY_IN_PROGRESS).
        InvalidError: The key was used for another request (IDEMPOTENCY_KEY_REUSED).
    """
    if reservation is None or reservation.begun_at + REPLY_KEPT <= now:
        return None
    if reservation.reply is None and reservation.begun_at + REPLY_AWAITED <= now:
        return None
    if reservation.digest != digest:
        raise InvalidError("The key was used for another request.", code="IDEMPOTENCY_KEY_REUSED")
    if reservation.reply is None:
        raise StateError("The first request with this key is still running.", code="IDEMPOTENCY_IN_PROGRESS")
    return reservation.reply


def may_take(lease: Lease | None, holder: str, *, now: datetime) -> bool:
    """Whether the holder may take the lease: it is free, expired or the holder's own."""
    return lease is None or lease.holder == holder or lease.expires_at <= now


def record_matches(record: Record, which: RecordFilter) -> bool:
    """Whether the filter keeps the record; `updated_since` asks when it was last synced."""
    if which.status is not None and record.sync_status is not which.status:
        return False
    if which.keeper is not None and not which.keeper.keeps(record):
        return False
    if which.updated_since is not None:
        synced = record.last_synced_at
        if synced is None or synced < which.updated_since:
            return False
    return which.text is None or _holds(record, which.text.casefold())


def log_matches(entry: LogEntry, which: LogFilter) -> bool:
    """Whether the filter keeps the entry; run and contract are `runId` and `contractId` of the metadata."""
    asked = (
        (which.entity_type, entry.entity_type),
        (which.action, entry.action),
        (which.status, entry.status),
        (which.run_id, entry.metadata.get("runId")),
        (which.contract_id, entry.metadata.get("contractId")),
    )
    if any(wanted is not None and wanted != found for wanted, found in asked):
        return False
    if which.since is not None and entry.created_at < which.since:
        return False
    return which.until is None or entry.created_at <= which.until


def run_matches(run: Run, which: RunFilter) -> bool:
    """Whether the filter keeps the run; its times are those of being queued."""
    if which.status not in {None, run.status} or which.kind not in {None, run.kind}:
        return False
    if which.since is not None and run.queued_at < which.since:
        return False
    return which.until is None or run.queued_at <= which.until


def continued(failure: Failure, known: Failure | None) -> Failure:
    """Return the failure to remember when another one of the record may be known."""
    if known is None:
        return failure
    if known.run_id == failure.run_id:
        return known
    if known.source not in {"", failure.source}:
        return failure
    return replace(failure, attempts=known.attempts + 1, first_at=known.first_at)


def noted_again(conflict: Conflict, known: Conflict | None) -> Conflict:
    """Return the conflict to remember when it may be known: one that is open has been waiting since then."""
    if known is None or known.status is not ConflictStatus.OPEN:
        return conflict
    return replace(conflict, detected_at=known.detected_at, integration_id=known.integration_id)


def failure_matches(failure: Failure, which: FailureFilter) -> bool:
    """Whether the filter keeps the failure."""
    if which.entity not in {None, failure.entity} or which.code not in {None, failure.fault.code}:
        return False
    if which.kind not in {None, class_of(failure.fault.code)}:
        return False
    return which.to_ask is None or may_be_asked_for(failure, which.to_ask)


def failure_place(failure: Failure, which: FailureFilter) -> tuple[str, str]:
    """Return a failure's place in a list of this order."""
    moment = failure.first_at if which.order is FailureOrder.LONGEST_OPEN else failure.last_at
    return ticks(moment), failure_key(failure.entity, failure.external_id)


def delivery_matches(delivery: Delivery, which: DeliveryFilter) -> bool:
    """Whether the filter keeps the delivery."""
    return which.status in {None, delivery.status} and which.event in {None, delivery.event}


def due_of(delivery: Delivery, *, until: datetime | None = None) -> Due:
    """Return what waits of a new delivery, for its next try or until then."""
    due_at = until or delivery.next_try_at or delivery.created_at
    return Due(delivery.integration_id, delivery.endpoint_id, delivery.id, due_at)


def shared_out(dues: Iterable[Due], limit: int) -> tuple[Due, ...]:
    """Return at most so many, shared among the endpoints: of each the longest due; all of them the longest due first.

    Never more than twice as many are held at a time, however many there are.
    """
    kept: list[Due] = []
    for some in batched(dues, limit, strict=False):
        kept = _fairest([*kept, *some], limit)
    return tuple(sorted(kept, key=_due_at))


def _fairest(dues: Iterable[Due], limit: int) -> list[Due]:
    turns: Counter[str] = Counter()
    ranked: list[tuple[int, Due]] = []
    for due in sorted(dues, key=_due_at):
        ranked.append((turns[due.endpoint_id], due))
        turns[due.endpoint_id] += 1
    return [due for _, due in sorted(ranked, key=itemgetter(0))[:limit]]


def _holds(record: Record, text: str) -> bool:
    found = (record.external_id, *(record.fields.get(name) for name in _SEARCHED))
    return any(isinstance(value, str) and text in value.casefold() for value in found)
