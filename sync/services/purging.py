"""Removes the records that an integration leaves behind."""

from collections.abc import Iterator
from functools import partial

from sync.model.conflict import Queue
from sync.model.entity import EXTERNAL_SYSTEM, EntityType
from sync.model.integration import Integration
from sync.model.record import Keeper, Record, SetKey, SyncStatus
from sync.ports import ConflictFilter, Page, RecordFilter
from sync.services.desk import Desk
from sync.services.hearing import close
from sync.services.paging import AT_A_TIME, every, readers_of

_OF_MADE = (SyncStatus.PENDING, SyncStatus.CONFLICT)
"""States that a platform-made record may be in."""


def purge_records(desk: Desk, integration: Integration) -> None:
    """Remove the records of an integration's company, and those made through it, with their edits and conflicts.

    While another integration of the owner reads the same company, its records belong to that one, too, and stay.
    """
    user_id, source = integration.owner.user_id, integration.connection.source
    keys = [SetKey(user_id, EXTERNAL_SYSTEM, entity) for entity in EntityType]
    for key in keys:
        for record in list(_made_through(desk, key, integration)):
            _remove(desk, key, record)
    if any(readers_of(desk, integration, source)):
        return
    for key in keys:
        desk.records.purge(key, source=source)
        desk.chronicle.edits.purge(key, source=source)
    _clear_conflicts(desk, Queue(user_id, source))


def _clear_conflicts(desk: Desk, queue: Queue) -> None:
    """Remove all conflicts; platform-made records that were in one are free again."""
    waiting = every(lambda cursor: desk.conflicts.list(queue, ConflictFilter(), cursor=cursor, limit=AT_A_TIME))
    close(desk, queue, (each.id for each in waiting))
    desk.conflicts.clear(queue)


def _made_through(desk: Desk, key: SetKey, integration: Integration) -> Iterator[Record]:
    keeper = Keeper(integration.id, integration.connection.source)
    for status in _OF_MADE:
        found = every(partial(_page, desk, key, RecordFilter(status, keeper=keeper)))
        yield from (record for record in found if record.platform_made)


def _page(desk: Desk, key: SetKey, which: RecordFilter, cursor: str | None) -> Page[Record]:
    return desk.records.list(key, which, cursor=cursor, limit=AT_A_TIME)


def _remove(desk: Desk, key: SetKey, record: Record) -> None:
    desk.records.remove(key, record)
    desk.identities.put(key, record.external_id, ())
    for edit in list(desk.chronicle.edits.of_record(key, record.external_id, after="")):
        desk.chronicle.edits.take_back(edit)
