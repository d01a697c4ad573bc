"""The life of a contract as Oneflow tells it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Life:
    """Times of a contract's life as they came; None where Oneflow tells none (oneflow facts: contract object)."""

    published: str | None = None
    moved: str | None = None
    """When it came into its present state."""
    expires: str | None = None
    """When the period in which it can be signed is over."""
    starts: str | None = None
    ends: str | None = None
    canceled: str | None = None
    period_ends: str | None = None
    recurring: bool = False
    """Whether another period follows the present one."""
