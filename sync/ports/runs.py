"""Runs, who carries them, how far they are, and the workflow behind them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sync.model.checkpoint import Checkpoint, Note, RunKey
from sync.model.entity import EntityType
from sync.model.run import Run, RunKind, RunStatus
from sync.ports.edges import Page


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs to list; both times are inclusive, and are those of being queued."""

    status: RunStatus | None = None
    kind: RunKind | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""
    """Only those whose id lies behind this one."""


EVERY_RUN = RunFilter()


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

    def list(self, integration_id: str, which: RunFilter = EVERY_RUN, *, cursor: str | None, limit: int) -> Page[Run]:
        """Return matching runs, newest first."""
        ...

    def ended(self, integration_id: str, *, before: datetime) -> tuple[str, ...]:
        """Return the ids of ended runs queued before this time."""
        ...

    def remove(self, integration_id: str, runs: Collection[str]) -> None:
        """Remove these runs; nothing happens to those that are not there."""
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
