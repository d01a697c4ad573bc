"""Makes and edits records on behalf of users, and keeps who did it."""

from collections.abc import Callable
from typing import Any

from sync.engine.timeline import same
from sync.model.integration import Owner
from sync.model.record import Record
from sync.model.trail import Edit
from sync.services.desk import Desk
from sync.services.records import RecordOrder, Shelf

_CUSTOM = "custom."


def make(desk: Desk, shelf: Shelf, order: RecordOrder, *, owner: Owner) -> Record:
    """Store a record that the platform itself brings into being (raises as Shelf.draft does)."""
    record = shelf.draft(order, desk.ids)
    return noted(desk, shelf, None, record, owner=owner, store=shelf.make)


def edit(desk: Desk, shelf: Shelf, current: Record, order: RecordOrder, *, owner: Owner) -> Record:
    """Change a record if it is still the one given.

    Raises:
        InvalidError: The order names unknown fields or unusable values, or empties the name.
        StaleRecordError: It was changed meanwhile.
    """
    changed = shelf.changed(current, order)
    return noted(desk, shelf, current, changed, owner=owner, store=shelf.save)


def noted(
    desk: Desk, shelf: Shelf, before: Record | None, after: Record, *, owner: Owner, store: Callable[[Record], Record]
) -> Record:
    """Note what a user changes, then store it; what could not be stored is not told (raises as `store` does)."""
    told = _edit(desk, shelf, before, after, owner)
    if before is not None and not told.after and told.pinned_before == told.pinned_after:
        return store(after)
    desk.chronicle.edits.note(told)
    try:
        return store(after)
    except Exception:
        desk.chronicle.edits.take_back(told)
        raise


def values_of(record: Record) -> dict[str, Any]:
    """Return a record's values by name; the platform's own custom fields begin with `custom.`."""
    return record.fields | {f"{_CUSTOM}{name}": value for name, value in record.custom.items()}


def _edit(desk: Desk, shelf: Shelf, before: Record | None, after: Record, owner: Owner) -> Edit:
    old, new = {} if before is None else values_of(before), values_of(after)
    changed = [name for name in (*new, *(old.keys() - new.keys())) if not same(old.get(name), new.get(name))]
    return Edit(
        id=desk.ids.new("edit"),
        key=shelf.key,
        external_id=after.external_id,
        user_id=owner.user_id,
        at=desk.clock.now(),
        source=after.source,
        made_from="" if before is None else before.version,
        seen_at=after.last_synced_at,
        before={name: old.get(name) for name in changed},
        after={name: new.get(name) for name in changed},
        pinned_before=() if before is None else before.pinned,
        pinned_after=after.pinned,
    )
