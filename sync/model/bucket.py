"""What is written to a bucket: row changes, and the manifest that is true after them."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sync.model.manifest import Entry, Manifest
from sync.model.record import SyncStatus


class RowWrite(NamedTuple):
    """One change of a record's row; members that are None stay as they are."""

    external_id: str
    create: bool
    """Insert, and fail when a row exists; otherwise merge into the row."""
    status: SyncStatus
    before: SyncStatus | None
    """The status so far, for the index by status; None when there is none."""
    fields: str | None = None
    modified: str | None = None
    present: bool | None = None
    fault: str | None = None
    """JSON of a RecordFault; an empty text clears it."""


type Change = tuple[bytes, Entry | None, RowWrite | None]
"""A record's key, its new manifest entry (None forgets it), and what happens to its row (None: nothing)."""


@dataclass(frozen=True, slots=True)
class BucketWrite:
    """Row changes of one bucket and the manifest that is true after them; all or nothing, at most 99 rows."""

    bucket: int
    source: str
    integration_id: str
    written_at: datetime
    rows: tuple[RowWrite, ...]
    manifest: Manifest
