"""Saves what people edit on the platform: the manifest learns of a pin in the same transaction, so no run misses it."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace

from sync.engine.buckets import bucket_of, record_key
from sync.engine.conflicts import conflict_id
from sync.engine.pinning import Edited, edited_pins
from sync.model.conflict import Conflict, Queue, Reason
from sync.model.errors import StaleRecordError
from sync.model.record import Record, SetKey
from sync.services.desk import TRIES, Desk
from sync.services.hearing import close


def save_edit(desk: Desk, key: SetKey, changed: Record, *, was_pinned: bool, named: Collection[str]) -> Record:
    """Store an edited record if it is still the one that was edited; `named` are the fields that the edit named.

    An edit that takes the cause of a conflict away ends it: what the source wanted besides comes into force.

    Raises:
        StaleRecordError: Someone else wrote it first.
    """
    if changed.source is None or not (was_pinned or changed.pinned):
        return desk.records.save(key, changed)
    queue = Queue(key.user_id, changed.source)
    conflict = desk.conflicts.get(queue, conflict_id(key.entity, changed.external_id, Reason.PINNED))
    for _ in range(TRIES):
        saved = _try_save(desk, key, changed, conflict, named)
        if saved is not None:
            return saved
        stored = desk.records.get(key, changed.external_id)
        if stored is None or stored.version != changed.version:
            break
    raise StaleRecordError(f"Record {changed.external_id} was changed or removed.")


def _try_save(
    desk: Desk, key: SetKey, changed: Record, conflict: Conflict | None, named: Collection[str]
) -> Record | None:
    """Return the stored record, or None when it or its manifest was written by someone else."""
    records, _ = desk.records.open_set(key)
    place, source = record_key(changed.external_id), str(changed.source)
    manifest = desk.records.manifest(records, bucket_of(place, records.buckets), source=source)
    entry = manifest.entries.get(place)
    if entry is None:
        return desk.records.save(key, changed)
    edited = edited_pins(changed, entry, conflict, named)
    told = replace(manifest, entries={**manifest.entries, place: edited.entry})
    try:
        saved = desk.records.rewrite(records, edited.record, {source: told})
    except StaleRecordError:
        return None
    _tell(desk, conflict, edited)
    return saved


def _tell(desk: Desk, conflict: Conflict | None, edited: Edited) -> None:
    """Bring the conflict of a held record up to date; a run that met it again meanwhile has the last word."""
    if conflict is None or edited.contested is None:
        return
    if not edited.contested:
        close(desk, conflict.queue, [conflict.id])
        return
    with suppress(StaleRecordError):
        desk.conflicts.save(replace(conflict, platform=edited.record.fields, contested=edited.contested))
