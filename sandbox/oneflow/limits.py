"""The rate limit: requests of one token in a sliding window, and who came too early."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.arrivals import Arrivals
from sandbox.clock import Clock
from sandbox.oneflow.switches import OneflowSwitches


@dataclass(slots=True)
class Usage(Arrivals):
    """What one account has done."""

    windows: dict[str, deque[float]] = field(default_factory=dict)


class RateLimit:
    """The usage of every account."""

    def __init__(self, clock: Clock, switches: Callable[[], OneflowSwitches]) -> None:
        self._clock = clock
        self._switches = switches
        self.usages: dict[str, Usage] = {}

    def of(self, principal: str) -> Usage:
        """Return the usage of an account."""
        return self.usages.setdefault(principal, Usage())

    def admit(self, usage: Usage, endpoint: str) -> bool:
        """Count a request in its window; say whether there was room."""
        limits = self._switches()
        window = usage.windows.setdefault("" if limits.window_per == "token" else endpoint, deque())
        now = self._clock.now()
        while window and window[0] <= now - limits.window_seconds:
            window.popleft()
        if len(window) >= limits.window_limit:
            return False
        window.append(now)
        usage.window_max = max(usage.window_max, len(window))
        return True

    def forget(self) -> None:
        """Forget the counts; windows in force stay."""
        for usage in self.usages.values():
            usage.requests = usage.throttled = usage.early = usage.window_max = 0
            usage.in_flight_max = usage.in_flight

    def wait_seconds(self, usage: Usage) -> float:
        """Seconds until the oldest window has room again, at least one."""
        firsts = [window[0] for window in usage.windows.values() if window]
        return max([1.0, *(first + self._switches().window_seconds - self._clock.now() for first in firsts)])
