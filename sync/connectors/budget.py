"""The shared budget of a principal: every request to its source goes through here."""

from collections import deque
from threading import Condition, Lock

from sync.connectors.waiting import Chance, Waiter
from sync.engine.budget import Limits, Pace, pause_before_send
from sync.model.errors import RetryLaterError

BUSINESS_CENTRAL = Limits()
"""Business Central online, Operational limits: 5 at once and 6,000 in 5 minutes for each user."""

DATAVERSE = Limits(in_flight=6, source="Dataverse")
"""Dataverse, service protection API limits: 6,000 in 5 minutes for each user; 52 at once would be allowed."""

ONEFLOW = Limits(in_flight=4, requests=2000, silence=60.0, longest_silence=300.0, source="Oneflow")
"""Oneflow, API rate limit: 2,000 in 5 minutes for each token; a 429 names no time."""

_SOON = 1.0


class Budget:
    """What one principal may still send; safe for threads, one for each principal in a process."""

    def __init__(self, waiter: Waiter, chance: Chance, *, limits: Limits = BUSINESS_CENTRAL) -> None:
        self._waiter = waiter
        self._chance = chance
        self._limits = limits
        self._pace = Pace(limits.in_flight)
        self._sent: deque[float] = deque(maxlen=limits.requests)
        self._in_flight = 0
        self._changed = Condition()

    @property
    def pace(self) -> Pace:
        """How fast the principal may go at present."""
        return self._pace

    def enter(self, deadline: float) -> float:
        """Wait for a place, count the request as sent, and return its time; `leave` must follow.

        Raises:
            RetryLaterError: No place before the deadline (SOURCE_THROTTLED).
        """
        with self._changed:
            while True:
                now = self._waiter.monotonic()
                pause = pause_before_send(self._pace, self._sent, self._in_flight, now=now, limits=self._limits)
                if pause <= 0:
                    self._sent.append(now)
                    self._in_flight += 1
                    return now
                self._wait(pause, deadline - now)

    def leave(self) -> None:
        """Give the place back."""
        with self._changed:
            self._in_flight -= 1
            self._changed.notify_all()

    def succeeded(self) -> None:
        """Note a good reply."""
        with self._changed:
            self._pace = self._pace.after_success(self._limits)
            self._changed.notify_all()

    def throttled(self, sent_at: float, *, retry_after: float | None) -> None:
        """Note that the source refused a request for its number: the whole principal falls silent."""
        with self._changed:
            now = self._waiter.monotonic()
            slowed = self._pace.slowed(sent_at=sent_at, now=now)
            jitter = self._chance.fraction()
            delay = self._limits.silence_after(slowed.strikes, retry_after=retry_after, jitter=jitter)
            self._pace = slowed.silenced(now + delay)
            self._changed.notify_all()

    def _wait(self, pause: float, left: float) -> None:
        if left <= 0 or left < pause < float("inf"):
            delay = pause if pause < float("inf") else _SOON
            message = f"The limits of {self._limits.source} for this app allow the next request in {delay:.0f} s"
            raise RetryLaterError(message, delay=delay, code="SOURCE_THROTTLED")
        self._waiter.wait(self._changed, min(pause, left))


class Budgets:
    """All budgets of a process, by principal."""

    def __init__(self, waiter: Waiter, chance: Chance, *, limits: Limits = BUSINESS_CENTRAL) -> None:
        self._waiter = waiter
        self._chance = chance
        self._limits = limits
        self._budgets: dict[str, Budget] = {}
        self._lock = Lock()

    def of(self, principal: str) -> Budget:
        """Return the principal's budget, always the same one."""
        with self._lock:
            if principal not in self._budgets:
                self._budgets[principal] = Budget(self._waiter, self._chance, limits=self._limits)
            return self._budgets[principal]
