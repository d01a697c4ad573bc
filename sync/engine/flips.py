"""The breaker for a field that goes back and forth between two systems."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sync.model.field_sync import Write


@dataclass(frozen=True, slots=True)
class Breaker:
    """Stops a field that was written so many times the other way round within the window."""

    limit: int = 6
    window: timedelta = timedelta(minutes=10)

    def remember(self, history: tuple[Write, ...], write: Write) -> tuple[Write, ...]:
        """Return the history with one more write, without what is too old to count."""
        return (*self._recent(history, write.at), write)

    def is_open(self, history: tuple[Write, ...], now: datetime) -> bool:
        """Tell whether the field must rest; it may go on when enough of its flips are older than the window."""
        actions = [write.action for write in self._recent(history, now)]
        flips = sum(before is not after for before, after in pairwise(actions))
        return flips >= self.limit

    def _recent(self, history: tuple[Write, ...], now: datetime) -> tuple[Write, ...]:
        return tuple(write for write in history if now - write.at < self.window)
