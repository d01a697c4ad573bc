"""Decides what an edit on the platform means for a record that has, had or gets pins."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sync.engine.conflicts import contested, with_pins
from sync.engine.reconcile import NO_DIGEST
from sync.model.conflict import Conflict
from sync.model.manifest import Entry, Mark
from sync.model.record import Record, SyncStatus

_HELD = Mark.CONFLICT | Mark.UNSTORED


@dataclass(frozen=True, slots=True)
class Edited:
    """A record and its manifest entry after an edit."""

    record: Record
    entry: Entry
    contested: tuple[str, ...] | None = None
    """What is left to decide on, when the record was held; empty: nothing is."""


def edited_pins(changed: Record, entry: Entry, conflict: Conflict | None, named: Collection[str]) -> Edited:
    """Return what becomes of an edited record; `named` are the fields that the edit named: they keep their values.

    A held record whose pins no longer stand against its source follows it at once.
    """
    digest, marks = entry
    marks = marks | Mark.PINNED if changed.pinned else marks & ~Mark.PINNED
    declined = {name: value for name, value in changed.declined.items() if name in changed.pinned}
    record = replace(changed, declined=declined)
    if marks & _HELD != Mark.CONFLICT:
        return Edited(record, (digest, marks))
    if conflict is None:
        return Edited(replace(record, sync_status=SyncStatus.SYNCED), (NO_DIGEST, marks & ~Mark.CONFLICT))
    names = contested(record, conflict.source)
    if names:
        return Edited(record, (digest, marks), names)
    kept = {name: record.fields.get(name) for name in named}
    released = replace(
        record,
        fields={**with_pins(record, conflict.source), **kept},
        sync_status=SyncStatus.SYNCED,
        source_modified_at=conflict.modified,
    )
    return Edited(released, (digest, marks & ~Mark.CONFLICT), ())
