"""A run: one attempt to bring the platform up to date, and what it achieved."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sync.model.approval import Approval
from sync.model.entity import EntityType
from sync.model.proposal import Proposal


class RunKind(StrEnum):
    """What a run reads."""

    FULL = "full"
    DELTA = "delta"
    RETRY = "retry"


class RunTrigger(StrEnum):
    """Who started a run."""

    MANUAL = "manual"
    TIMER = "timer"
    WEBHOOK = "webhook"
    RETRY = "retry"


BY_HAND = frozenset({RunTrigger.MANUAL, RunTrigger.RETRY})
"""Triggers behind which a person waits for the answer."""


class RunStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to the run."""
        return self not in {RunStatus.QUEUED, RunStatus.RUNNING}

    @property
    def came_through(self) -> bool:
        """Whether the run reached its end with a result."""
        return self in {RunStatus.SUCCEEDED, RunStatus.PARTIAL}


class Phase(StrEnum):
    """What a running run is doing."""

    STARTING = "starting"
    READING = "reading"
    WRITING = "writing"
    FINISHING = "finishing"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of records, each record once, over all attempts of a run."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    conflicts: int = 0
    errors: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Add up two disjoint sets of records."""
        return Tally(
            self.read + other.read,
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.conflicts + other.conflicts,
            self.errors + other.errors,
        )


class Verdict(StrEnum):
    """Whether everything that the source counts was read."""

    COMPLETE = "complete"
    SHORT = "short"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class Completeness:
    """The source's count against what was read and what is stored; counts of records."""

    verdict: Verdict
    expected: int | None
    read: int
    missing: int = 0
    extra: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class RunFailure:
    """Why a run failed as a whole, or ended short of success."""

    code: str
    message: str
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class Watermark:
    """Every change before this instant, on the source's clock, has been read at least once."""

    instant: datetime

    def read_from(self, overlap: timedelta) -> datetime:
        """Start a little early: a repeated record is harmless, a missed one is not."""
        return self.instant - overlap

    def advanced_to(self, instant: datetime) -> "Watermark":
        """Move forward only; a late or repeated run never pulls it back."""
        return Watermark(max(self.instant, instant))


@dataclass(frozen=True, slots=True)
class Window:
    """The span of source time that a run covers; `since` is None when it reads everything."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; counts of records and pages."""

    phase: Phase = Phase.STARTING
    pages: int = 0
    records: int = 0
    expected: int | None = None
    rate_per_second: float = 0.0
    heartbeat_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one integration; ids sort newest first."""

    id: str
    integration_id: str
    kind: RunKind
    trigger: RunTrigger
    entities: tuple[EntityType, ...]
    queued_at: datetime
    status: RunStatus = RunStatus.QUEUED
    started_at: datetime | None = None
    ended_at: datetime | None = None
    modified_since: datetime | None = None
    retry_of: str | None = None
    record: str | None = None
    """The one record that a retry reads, by its external id; None: all that failed."""
    whole: bool = True
    """False when the caller named only some entity types: such a run moves no watermark.

    A run that follows on notices moves those of the types that it reads: it leaves no gap in them.
    """
    attempt: int = 1
    cancel_requested: bool = False
    window: Window = field(default_factory=Window)
    totals: dict[EntityType, Tally] = field(default_factory=dict)
    completeness: dict[EntityType, Completeness] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)
    error: RunFailure | None = None
    mapping_versions: dict[EntityType, int] = field(default_factory=dict)
    """The version of each mapping that the run reads with, from its opening to its end."""
    approval: Approval | None = None
    """What the run was held for, if it was."""
    proposal: Proposal | None = None
    """Set when the run is to plan first what it would do."""
    version: str = ""

    @property
    def proposes(self) -> bool:
        """Whether the run only plans: nothing is written, and nothing moves."""
        return self.proposal is not None and self.proposal.applied_at is None

    @property
    def held(self) -> bool:
        """Whether the run waits for somebody to approve it; what it has read is kept for that."""
        return self.approval is not None and self.approval.required

    @property
    def approved(self) -> bool:
        """Whether somebody has allowed the run to change as much as it would."""
        allowed = self.approval is not None and self.approval.approved_at is not None
        return allowed or (self.proposal is not None and not self.proposes)
