"""Makes and edits records on behalf of users, and keeps who did it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sync.engine.timeline import same
from sync.model.integration import Owner
from sync.model.record import Record, SetKey
from sync.model.trail import Edit
from sync.services.desk import Desk
from sync.services.records import RecordOrder, Shelf

_CUSTOM = "custom."


def make(shelf: Shelf, order: RecordOrder, *, owner: Owner) -> Record:
    """Store a record that the platform itself brings into being (raises as Shelf.draft does)."""
    record = shelf.draft(order)
    return noted(shelf.desk, shelf.key, None, record, owner=owner, store=shelf.make)


def edit(shelf: Shelf, current: Record, order: RecordOrder, *, owner: Owner) -> Record:
    """Change a record if it is still the one given.

    Raises:
        InvalidError: The order names unknown fields or unusable values, or empties the name.
        StaleRecordError: It was changed meanwhile.
    """
    changed = shelf.changed(current, order)

    def store(record: Record) -> Record:
        return shelf.save(current, record, named=order.fields.keys())

    return noted(shelf.desk, shelf.key, current, changed, owner=owner, store=store)


def noted(
    desk: Desk, key: SetKey, before: Record | None, after: Record, *, owner: Owner, store: Callable[[Record], Record]
) -> Record:
    """Note what a user changes, then store it; what could not be stored is not told (raises as `store` does).

    Storing may change more than the user named: an edit that ends a conflict lets in what the source wanted.
    """
    told = _edit(desk, key, before, after, owner)
    if before is not None and not told.after and told.pinned_before == told.pinned_after:
        return store(after)
    desk.chronicle.edits.note(told)
    try:
        saved = store(after)
    except Exception:
        desk.chronicle.edits.take_back(told)
        raise
    if saved.fields != after.fields:
        desk.chronicle.edits.note(replace(_edit(desk, key, before, saved, owner), id=told.id, at=told.at))
    return saved


def values_of(record: Record) -> dict[str, Any]:
    """Return a record's values by name; the platform's own custom fields begin with `custom.`."""
    return record.fields | {f"{_CUSTOM}{name}": value for name, value in record.custom.items()}


def _edit(desk: Desk, key: SetKey, before: Record | None, after: Record, owner: Owner) -> Edit:
    old, new = {} if before is None else values_of(before), values_of(after)
    changed = [name for name in (*new, *(old.keys() - new.keys())) if not same(old.get(name), new.get(name))]
    return Edit(
        id=desk.ids.new("edit"),
        key=key,
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
