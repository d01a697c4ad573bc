"""Removes the records that an integration leaves behind."""

from collections.abc import Iterator

from sync.model.conflict import Queue
from sync.model.entity import EXTERNAL_SYSTEM, EntityType
from sync.model.integration import Integration
from sync.model.record import Keeper, Record, SetKey, SyncStatus
from sync.ports import RecordFilter
from sync.services.desk import Desk

_AT_A_TIME = 200
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
    if _is_shared(desk, integration):
        return
    for key in keys:
        desk.records.purge(key, source=source)
        desk.chronicle.edits.purge(key, source=source)
    desk.conflicts.clear(Queue(user_id, source))


def _is_shared(desk: Desk, integration: Integration) -> bool:
    source, cursor = integration.connection.source, None
    while True:
        page = desk.integrations.list(integration.owner, cursor=cursor, limit=_AT_A_TIME)
        if any(each.connection.source == source and each.id != integration.id for each in page.items):
            return True
        cursor = page.cursor
        if cursor is None:
            return False


def _made_through(desk: Desk, key: SetKey, integration: Integration) -> Iterator[Record]:
    keeper = Keeper(integration.id, integration.connection.source)
    for status in _OF_MADE:
        which, cursor = RecordFilter(status, keeper=keeper), None
        while True:
            page = desk.records.list(key, which, cursor=cursor, limit=_AT_A_TIME)
            yield from (record for record in page.items if record.platform_made)
            cursor = page.cursor
            if cursor is None:
                break


def _remove(desk: Desk, key: SetKey, record: Record) -> None:
    desk.records.remove(key, record)
    desk.identities.put(key, record.external_id, ())
    for edit in list(desk.chronicle.edits.of_record(key, record.external_id, after="")):
        desk.chronicle.edits.take_back(edit)
