"""Records in buckets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sync.model.bucket import BucketWrite
from sync.model.manifest import Manifest
from sync.model.record import Keeper, Record, RecordSet, SetKey, SyncStatus
from sync.ports.edges import Page

MOST_SEARCHED = 5_000
"""Records that one page of a search looks at, unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which records to list."""

    status: SyncStatus | None = None
    updated_since: datetime | None = None
    text: str | None = None
    """Found in name, number, tax id, e-mail address or external id, whatever the case."""
    reach: int = MOST_SEARCHED
    """How many records a page looks at for the text, at most."""
    keeper: Keeper | None = None
    """Whose records; None: those of all that share the set."""


class RecordStore(Protocol):
    """Records in buckets, each bucket with one manifest for each source (see sync.model.manifest)."""

    def open_set(self, key: SetKey, *, expected: int | None = None) -> tuple[RecordSet, bool]:
        """Return the set, made now for about `expected` records if there was none, and whether it was made now.

        Without `expected`, nobody can tell how many will come.
        """
        ...

    def find_set(self, key: SetKey) -> RecordSet | None:
        """Return the set, or None when nothing was ever stored in it."""
        ...

    def manifest(self, records: RecordSet, bucket: int, *, source: str) -> Manifest:
        """Return the source's manifest of the bucket; an empty one without version when there is none."""
        ...

    def manifests(self, records: RecordSet, buckets: Sequence[int], *, source: str) -> dict[int, Manifest]:
        """Return the source's manifests of several buckets, in fewer requests than buckets where that is cheaper."""
        ...

    def commit(self, records: RecordSet, write: BucketWrite) -> Manifest:
        """Write rows and manifest in one transaction; return the manifest with its new version.

        Raises:
            StaleRecordError: The manifest was written by someone else meanwhile.
            KeyTakenError: A row to be created exists already.
        """
        ...

    def bucket_rows(self, records: RecordSet, bucket: int) -> tuple[Record, ...]:
        """Return all records of a bucket, of every source and the platform's own."""
        ...

    def get(self, key: SetKey, external_id: str) -> Record | None:
        """Return one record, or None."""
        ...

    def create(self, records: RecordSet, record: Record) -> Record:
        """Store a platform-made record.

        Raises:
            KeyTakenError: There is one with this id.
        """
        ...

    def save(self, key: SetKey, record: Record) -> Record:
        """Replace fields, custom, pins and status of a record if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        ...

    def rewrite(self, records: RecordSet, record: Record, manifests: Mapping[str, Manifest]) -> Record:
        """Store a whole record and manifests of its bucket (by source) in one transaction; no version means: a new one.

        Raises:
            StaleRecordError: Someone else wrote the record or one of the manifests first.
            KeyTakenError: A new record's id is in use.
        """
        ...

    def remove(self, key: SetKey, record: Record) -> None:
        """Remove a record that no manifest tells of, if its version is still current; nothing happens when it is gone.

        Raises:
            StaleRecordError: Someone else wrote it first.
        """
        ...

    def list(self, key: SetKey, which: RecordFilter, *, cursor: str | None, limit: int) -> Page[Record]:
        """Return records in a stable order; every page but the last is full, but for those of a search for a text."""
        ...

    def purge(self, key: SetKey, *, source: str) -> int:
        """Remove all records and manifests of a source; return how many records."""
        ...
