"""Everything outside the hub, as small Protocols; each has a memory and a real form under one contract suite."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sync.model.bucket import BucketWrite
from sync.model.checkpoint import Checkpoint, Note, RunKey
from sync.model.entity import EntityType
from sync.model.integration import Connection, Integration, Owner
from sync.model.log import Action, LogEntry, LogStatus
from sync.model.manifest import Manifest
from sync.model.record import Failure, Record, RecordSet, SetKey, SyncStatus
from sync.model.run import Run
from sync.model.secret import Secret


class Clock(Protocol):
    """The present."""

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        ...


class Ids(Protocol):
    """New identities."""

    def new(self, prefix: str) -> str:
        """Return `prefix_…`: unique, and sorting before every id made earlier with this prefix."""
        ...


@dataclass(frozen=True, slots=True)
class Page[T]:
    """Some items in order, and the cursor of the next page, if there is one."""

    items: tuple[T, ...]
    cursor: str | None = None


class IntegrationStore(Protocol):
    """Integrations by owner; nobody reads past the own partition."""

    def create(self, integration: Integration) -> Integration:
        """Store a new integration; the answer carries its version."""
        ...

    def get(self, owner: Owner, integration_id: str) -> Integration | None:
        """Return the owner's integration, or None: also when it is another owner's."""
        ...

    def save(self, integration: Integration) -> Integration:
        """Replace an integration if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        ...

    def delete(self, integration: Integration) -> None:
        """Remove an integration with its place in the schedule; nothing happens when it is gone."""
        ...

    def list(self, owner: Owner, *, cursor: str | None, limit: int) -> Page[Integration]:
        """Return the owner's integrations, newest first."""
        ...

    def find(self, integration_id: str) -> Integration | None:
        """Return an integration for timers and workflows, which act for no caller."""
        ...

    def due(self, moment: datetime, *, limit: int) -> tuple[Integration, ...]:
        """Return integrations whose next_run_at is at or before the moment, earliest first."""
        ...


class SecretStore(Protocol):
    """Secrets by name; names are 1-127 of 0-9a-zA-Z-."""

    def get(self, name: str) -> Secret | None:
        """Return the newest value of the secret, or None."""
        ...

    def set(self, name: str, value: Secret) -> None:
        """Store a new value of the secret."""
        ...

    def delete(self, name: str) -> None:
        """Remove the secret; nothing happens when there is none."""
        ...


class RunStore(Protocol):
    """Runs of an integration, newest first."""

    def create(self, run: Run) -> Run:
        """Store a new run; the answer carries its version."""
        ...

    def get(self, integration_id: str, run_id: str) -> Run | None:
        """Return a run, or None."""
        ...

    def save(self, run: Run) -> Run:
        """Replace a run if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        ...

    def list(self, integration_id: str, *, cursor: str | None, limit: int) -> Page[Run]:
        """Return runs, newest first."""
        ...

    def prune(self, integration_id: str, *, before: datetime) -> tuple[str, ...]:
        """Remove ended runs queued before this time; return their ids."""
        ...


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds something, until when it is theirs, and when they last showed life."""

    key: str
    holder: str
    expires_at: datetime
    facts: dict[str, str]


class LeaseStore(Protocol):
    """Leases by key: at most one holder at a time, over all processes."""

    def acquire(self, key: str, holder: str, *, until: datetime, now: datetime, facts: dict[str, str]) -> Lease | None:
        """Take or extend the lease when it is free, expired or the holder's own; None when another holds it."""
        ...

    def renew(self, key: str, holder: str, *, until: datetime) -> bool:
        """Extend a lease that the holder still has, expired or not; False when it is lost."""
        ...

    def release(self, key: str, holder: str) -> None:
        """Give the lease up; nothing happens when the holder does not have it."""
        ...

    def get(self, key: str) -> Lease | None:
        """Return the lease, expired or not."""
        ...

    def list(self, prefix: str) -> tuple[Lease, ...]:
        """Return all leases whose key begins so."""
        ...


class WatermarkStore(Protocol):
    """One watermark for each integration, source and entity type."""

    def get(self, integration_id: str, source: str, entity: EntityType) -> datetime | None:
        """Return the stored watermark."""
        ...

    def advance(self, integration_id: str, source: str, entity: EntityType, instant: datetime) -> datetime:
        """Move the watermark forward, never back; return what is stored then."""
        ...

    def clear(self, integration_id: str) -> None:
        """Forget the integration's watermarks: its next delta reads everything."""
        ...


class CheckpointStore(Protocol):
    """How far runs have come."""

    def read(self, run: RunKey, entity: EntityType) -> Checkpoint:
        """Return everything noted about one entity type of a run."""
        ...

    def write(self, run: RunKey, *notes: Note) -> None:
        """Note all of these or none; each replaces the note of the same plan, range, page or group (at most 100)."""
        ...

    def restart(self, run: RunKey, *notes: Note) -> None:
        """Drop the staged pages of the ranges among the notes, then write the notes."""
        ...

    def drop(self, run: RunKey) -> None:
        """Forget everything about the run."""
        ...


class StageStore(Protocol):
    """Mapped pages between reading and writing."""

    def put(self, run: RunKey, name: str, body: bytes) -> None:
        """Store a page; an earlier one of the same name is replaced."""
        ...

    def read(self, run: RunKey, name: str, *, start: int, end: int) -> bytes:
        """Return bytes start to end of a page."""
        ...

    def drop(self, run: RunKey) -> None:
        """Forget all pages of the run."""
        ...


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which records to list."""

    status: SyncStatus | None = None
    updated_since: datetime | None = None
    text: str | None = None
    """Found in name, number or external id, whatever the case."""


class RecordStore(Protocol):
    """Records in buckets, each bucket with one manifest for each source (see sync.model.manifest)."""

    def open_set(self, key: SetKey, *, expected: int) -> tuple[RecordSet, bool]:
        """Return the set, made now for about `expected` records if there was none, and whether it was made now."""
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
        """Replace fields, custom, pinned and status of a record if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        ...

    def list(self, key: SetKey, which: RecordFilter, *, cursor: str | None, limit: int) -> Page[Record]:
        """Return records in a stable order."""
        ...

    def purge(self, key: SetKey, *, source: str) -> int:
        """Remove all records and manifests of a source; return how many records."""
        ...


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which log entries to list; times are half-open, from inclusive."""

    entity_type: str | None = None
    action: Action | None = None
    status: LogStatus | None = None
    run_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class LogStore(Protocol):
    """Sync logs, newest first."""

    def append(self, entry: LogEntry) -> None:
        """Store an entry; the same id again replaces it."""
        ...

    def list(self, integration_id: str, which: LogFilter, *, cursor: str | None, limit: int) -> Page[LogEntry]:
        """Return matching entries, newest first."""
        ...

    def prune(self, integration_id: str, *, before: datetime) -> int:
        """Remove entries created before this time; return how many."""
        ...


class FailureStore(Protocol):
    """Records that could not be taken over: those still open of an integration, and those of each run."""

    def note(self, integration_id: str, failures: Iterable[Failure]) -> None:
        """Remember failures, for the integration and for their run.

        `attempts` and `first_at` continue what is remembered; a repetition within one run changes nothing.
        """
        ...

    def clear(self, integration_id: str, entity: EntityType, external_ids: Iterable[str]) -> None:
        """Forget open failures that were mended; the runs' own lists stay."""
        ...

    def open(self, integration_id: str, entity: EntityType, *, limit: int) -> tuple[Failure, ...]:
        """Return open failures, those tried longest ago first."""
        ...

    def of_run(self, run: RunKey, *, cursor: str | None, limit: int) -> Page[Failure]:
        """Return the failures of one run."""
        ...

    def prune(self, run: RunKey) -> None:
        """Forget a run's list."""
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer kept for a repeated request: status, headers and body."""

    status: int
    headers: dict[str, str]
    body: str


class ReplyStore(Protocol):
    """Answers by caller and Idempotency-Key."""

    def begin(self, owner: Owner, key: str, *, digest: str, now: datetime) -> Reply | None:
        """Reserve the key for a request, or return the answer that it had.

        Raises:
            StateError: The first request is still running (IDEMPOTENCY_IN_PROGRESS).
            InvalidError: The key was used for another request (IDEMPOTENCY_KEY_REUSED).
        """
        ...

    def finish(self, owner: Owner, key: str, reply: Reply) -> None:
        """Keep the answer for 24 hours."""
        ...

    def abandon(self, owner: Owner, key: str) -> None:
        """Give the key free: the request failed and may be repeated."""
        ...


@dataclass(frozen=True, slots=True)
class Company:
    """A Business Central company."""

    id: str
    name: str
    display_name: str


@dataclass(frozen=True, slots=True)
class PageQuery:
    """What to read of one entity set: columns, key span and earliest modification; sizes in records."""

    entity_set: str
    select: tuple[str, ...]
    page_size: int
    since: datetime | None = None
    low: str | None = None
    high: str | None = None
    expand: tuple[str, ...] = ()
    filter: str | None = None
    route: str = "v2.0"


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One page of source records, decoded, and the cursor of the next."""

    records: list[dict[str, Any]]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Companies:
    """The companies that a connection sees, and the source's clock when it was asked."""

    items: tuple[Company, ...]
    asked_at: datetime


class Source(Protocol):
    """One Business Central company, read only: there is no method that writes.

    Every method may raise:
        SetupError: Credentials, consent, permissions, company or environment need a person.
        RetryLaterError: Throttled or unavailable for longer than a worker may wait.
        RefusedError: The request itself is refused.
    """

    def companies(self) -> Companies:
        """Return the companies of the environment."""
        ...

    def in_company(self, company_id: str) -> "Source":
        """Return the same connection, in this company."""
        ...

    def count(self, entity_set: str, *, where: str | None = None) -> int:
        """Return the source's own count of an entity set."""
        ...

    def page(self, query: PageQuery, cursor: str | None) -> SourcePage:
        """Return the first page of a query, or the one at the cursor.

        Raises:
            CursorLostError: The cursor is no longer known.
        """
        ...

    def record(self, query: PageQuery, external_id: str) -> dict[str, Any] | None:
        """Return one record by id, or None when it is gone."""
        ...

    def boundaries(self, query: PageQuery, *, expected: int) -> tuple[str, ...]:
        """Return record numbers that split the set into spans of about one page; any answer is safe."""
        ...


class Sources(Protocol):
    """Connects to Business Central."""

    def open(self, connection: Connection, secret: Secret | None) -> Source:
        """Return a source; nothing is asked of the remote system yet."""
        ...


class Launcher(Protocol):
    """Starts and looks after the workflow that carries a run."""

    async def start(self, run: Run, *, delay: timedelta) -> None:
        """Start the run's workflow after a delay, in place of an ended one; one under way is left alone."""
        ...

    async def alive(self, integration_id: str) -> bool:
        """Return whether a workflow of the integration is under way."""
        ...

    async def wait(self, integration_id: str, *, seconds: float) -> bool:
        """Return True as soon as the workflow has ended, False when the time has passed."""
        ...
