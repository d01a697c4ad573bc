"""The numbers that a deployment may tune, with their defaults."""

from dataclasses import dataclass, field
from datetime import timedelta

from sync.engine.assess import Breaker
from sync.engine.planning import GROUP_SIZE, OVERLAP, PAGE_SIZE


@dataclass(frozen=True, slots=True)
class Policy:
    """Sizes in records; an integration's settings may override page size, overlap, largest loss and breaker."""

    page_size: int = PAGE_SIZE
    group_size: int = GROUP_SIZE
    overlap: timedelta = OVERLAP
    writers: int = 4
    """Buckets of one entity type that are written at a time: by all steps that write together."""
    largest_loss: float = 0.5
    """The share of the stored records that may be missing from a full listing; settings may override it."""
    breaker: Breaker = field(default_factory=Breaker)
    """How many stored records a run may change or blank at once; settings may override it."""
    keep_held: timedelta = timedelta(days=7)
    """How long a run that waits for approval keeps what it has read."""
    keep_plans: timedelta = timedelta(days=1)
    """How long a plan may be applied."""
    lease: timedelta = timedelta(seconds=10)
    """How long a run stays its owner's without a sign of life."""
    attempts: int = 10
    """How often a run is resumed after its owner died."""
    retries: int = 2_000
    """Remembered failures of one entity type that one delta run tries again, those tried longest ago first."""
    keep_runs: timedelta = timedelta(days=90)
    keep_logs: timedelta = timedelta(days=365)
