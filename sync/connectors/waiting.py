"""Time that passes, and chance, as connectors need them; the real ones are given by the edge."""

from threading import Condition
from typing import Protocol


class Waiter(Protocol):
    """Lets a worker wait, and says how long it has; seconds throughout."""

    def monotonic(self) -> float:
        """Return a time that only grows."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return when the time has passed."""
        ...

    def wait(self, condition: Condition, seconds: float) -> None:
        """Return when the condition, which the caller holds, is notified or the time has passed."""
        ...


class Chance(Protocol):
    """Spreads what would otherwise happen at the same moment."""

    def fraction(self) -> float:
        """Return a number from 0 up to, not including, 1."""
        ...
