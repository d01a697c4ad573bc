"""Finds what a record waits for: somebody's word on a conflict, or on a held run."""

from collections.abc import Iterator

from sync.engine import totals
from sync.engine.conflicts import conflict_id
from sync.model.checkpoint import RunKey
from sync.model.conflict import Conflict, ConflictStatus, Queue, Reason
from sync.model.record import Record, SyncStatus
from sync.ports import ConflictFilter
from sync.services import holding
from sync.services.records import Shelf

_MOST_COMPANIES = 200


def held_run(shelf: Shelf) -> str | None:
    """Return the id of the run that waits for an approval with what it has read of this type, if there is one."""
    desk = shelf.desk
    run = holding.held_run(desk, shelf.integration)
    if run is None:
        return None
    noted = desk.checkpoints.read(RunKey(run.integration_id, run.id), shelf.entity)
    return run.id if totals.held(noted) else None


def open_conflict(shelf: Shelf, external_id: str, record: Record | None) -> Conflict | None:
    """Return the conflict that a record is in, as the one that is held back or as the one that stands in the way."""
    found = next(_own(shelf, external_id), None)
    if found is not None or record is None or record.sync_status is not SyncStatus.CONFLICT:
        return found
    if record.platform_made:
        return _of_twin(shelf, record)
    return next(_of_others(shelf, external_id), None)


def _own(shelf: Shelf, external_id: str) -> Iterator[Conflict]:
    queue = Queue(shelf.key.user_id, shelf.integration.connection.source)
    for reason in Reason:
        yield from _open(shelf, queue, external_id, reason)


def _of_twin(shelf: Shelf, record: Record) -> Conflict | None:
    queue = Queue(shelf.key.user_id, shelf.integration.connection.source)
    which = ConflictFilter(entity=shelf.entity, rival=record.external_id)
    return next(iter(shelf.desk.conflicts.list(queue, which, cursor=None, limit=1).items), None)


def _of_others(shelf: Shelf, external_id: str) -> Iterator[Conflict]:
    """Yield what other companies of the owner want of a record."""
    owned = shelf.desk.integrations.list(shelf.integration.owner, cursor=None, limit=_MOST_COMPANIES).items
    for source in dict.fromkeys(each.connection.source for each in owned):
        yield from _open(shelf, Queue(shelf.key.user_id, source), external_id, Reason.KEY)


def _open(shelf: Shelf, queue: Queue, external_id: str, reason: Reason) -> Iterator[Conflict]:
    found = shelf.desk.conflicts.get(queue, conflict_id(shelf.entity, external_id, reason))
    if found is not None and found.status is ConflictStatus.OPEN:
        yield found
