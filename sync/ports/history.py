"""Sync logs, failures, and answers kept for repeated requests."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sync.engine.failures import FailureClass
from sync.model.checkpoint import RunKey
from sync.model.entity import EntityType
from sync.model.integration import Owner
from sync.model.log import Action, LogEntry, LogStatus
from sync.model.record import Failure
from sync.ports.edges import Page


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which log entries to list; both times are inclusive."""

    entity_type: str | None = None
    action: Action | None = None
    status: LogStatus | None = None
    run_id: str | None = None
    contract_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""
    """Only those whose id lies behind this one."""


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


class FailureOrder(StrEnum):
    """In which order open failures are listed."""

    LONGEST_OPEN = "longest_open"
    LONGEST_UNTRIED = "longest_untried"


@dataclass(frozen=True, slots=True)
class FailureFilter:
    """Which open failures to list, and in which order."""

    entity: EntityType | None = None
    kind: FailureClass | None = None
    code: str | None = None
    to_ask: str | None = None
    """Only those that this source can be asked for by their ids."""
    order: FailureOrder = FailureOrder.LONGEST_OPEN


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

    def list(self, integration_id: str, which: FailureFilter, *, cursor: str | None, limit: int) -> Page[Failure]:
        """Return open failures that the filter keeps, in its order."""
        ...

    def find(self, integration_id: str, entity: EntityType, external_ids: Iterable[str]) -> dict[str, Failure]:
        """Return the open failures of these records, by external id."""
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
