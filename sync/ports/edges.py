"""The present, identities, and pages of lists."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


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
