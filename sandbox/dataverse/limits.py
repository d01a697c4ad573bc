"""Service protection: requests, execution time and concurrency of each user."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.dataverse.refusals import DataverseError, too_many_at_once, too_many_requests, too_much_time
from sandbox.dataverse.switches import DataverseSwitches

_LONGEST = 300


@dataclass(slots=True)
class Load:
    """What one user has asked in the window; `early` counts requests before an announced Retry-After had passed."""

    spent: deque[tuple[float, float]] = field(default_factory=deque)
    at_once: int = 0
    most_at_once: int = 0
    refused: int = 0
    throttled: int = 0
    early: int = 0
    not_before: float = 0.0


class Limits:
    """The load of every user."""

    def __init__(self, clock: Clock, switches: Callable[[], DataverseSwitches]) -> None:
        self._clock = clock
        self._switches = switches
        self.loads: dict[str, Load] = {}

    def of(self, user: str) -> Load:
        """Return the load of a user."""
        return self.loads.setdefault(user, Load())

    def arrive(self, load: Load) -> bool:
        """Count a request that has arrived; say whether it came too early."""
        early = self._clock.now() < load.not_before
        load.early += early
        load.at_once += 1
        load.most_at_once = max(load.most_at_once, load.at_once)
        return early

    @staticmethod
    def leave(load: Load) -> None:
        """Count a request that is answered."""
        load.at_once -= 1

    def admit(self, load: Load) -> None:
        """Count one request of the window.

        Raises:
            DataverseError: 429, when a limit is passed.
        """
        limits, now = self._switches(), self._clock.now()
        while load.spent and load.spent[0][0] <= now - limits.window_seconds:
            load.spent.popleft()
        if load.at_once > limits.concurrent_limit:
            raise self._throttled(load, too_many_at_once(limits.concurrent_limit), 1)
        if len(load.spent) >= limits.request_limit:
            raise self._throttled(
                load, too_many_requests(limits.request_limit, limits.window_seconds), self._left(load)
            )
        if sum(cost for _, cost in load.spent) >= limits.execution_limit_ms:
            refused = too_much_time(limits.execution_limit_ms, limits.window_seconds)
            raise self._throttled(load, refused, self._left(load))
        load.refused = 0
        load.spent.append((now, 0.0))

    @staticmethod
    def spend(load: Load, milliseconds: float) -> None:
        """Add execution time to the latest request."""
        if load.spent:
            at, cost = load.spent[-1]
            load.spent[-1] = (at, cost + milliseconds)

    def remaining(self, load: Load) -> dict[str, str]:
        """Return the headers that tell what is left."""
        limits = self._switches()
        seconds = max(0.0, limits.execution_limit_ms - sum(cost for _, cost in load.spent)) / 1000
        return {
            "x-ms-ratelimit-burst-remaining-xrm-requests": str(max(0, limits.request_limit - len(load.spent))),
            "x-ms-ratelimit-time-remaining-xrm-requests": f"{seconds:,.2f}",
        }

    def _left(self, load: Load) -> float:
        return load.spent[0][0] + self._switches().window_seconds - self._clock.now() if load.spent else 1.0

    def _throttled(self, load: Load, error: DataverseError, seconds: float) -> DataverseError:
        """Tell how long to wait: the longer, the more was asked in vain."""
        wait = min(_LONGEST, max(1, -int(-seconds // 1)) + load.refused)
        load.refused += 1
        load.throttled += 1
        load.not_before = max(load.not_before, self._clock.now() + wait)
        return DataverseError(error.status, error.code, error.message, {"Retry-After": str(wait)})
