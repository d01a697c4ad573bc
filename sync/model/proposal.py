"""A run that only plans: what it would do, kept row by row until somebody applies it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Intent(StrEnum):
    """Whether a run is to write, or to tell only what it would write."""

    WRITE = "write"
    PLAN = "plan"


class Effect(StrEnum):
    """What would become of one record."""

    CREATE = "create"
    UPDATE = "update"
    ERROR = "error"
    CONFLICT = "conflict"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Proposal:
    """That a run is to plan first, and how far that is."""

    expires_at: datetime
    applied_at: datetime | None = None
    checked: bool = False
    """Whether store and source were found as they were when it was planned."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some neighbouring records of a group of which the same would become: bytes start to end of its blob."""

    effect: Effect
    start: int
    end: int
    count: int
