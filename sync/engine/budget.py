"""How many requests one principal may send, and when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf


@dataclass(frozen=True, slots=True)
class Limits:
    """What a source allows one principal; times in seconds."""

    in_flight: int = 5
    requests: int = 6000
    window: float = 300.0
    slack: float = 1.0
    """Added to the window: a request may arrive later than it was sent."""
    recovery: int = 50
    """Good replies after which one more request at once is allowed again."""
    silence: float = 1.0
    """What to wait at first, at most, when the source throttles and names no time; it doubles from wave to wave."""
    longest_silence: float = 60.0
    source: str = "Business Central"

    def silence_after(self, strikes: int, *, retry_after: float | None, jitter: float) -> float:
        """Return the seconds without a request after this wave of throttling, the first being 1.

        A Retry-After is a floor and wins; without it the wait is shortened by up to half by a `jitter` of 0 to 1.
        """
        if retry_after is not None:
            return retry_after
        doublings = min(max(strikes, 1) - 1, 16)
        return min(self.longest_silence, self.silence * 2.0**doublings) * (1.0 - jitter / 2)


@dataclass(frozen=True, slots=True)
class Pace:
    """What the source has told about the principal's speed so far; times on a monotonic clock."""

    allowed: int
    good: int = 0
    strikes: int = 0
    """Waves of throttling since the last good reply."""
    throttled_at: float = -inf
    silent_until: float = -inf

    def after_success(self, limits: Limits) -> "Pace":
        """Return the pace after a good reply: slowly faster."""
        if self.allowed >= limits.in_flight:
            return self if not self.strikes else replace(self, strikes=0)
        good = self.good + 1
        if good < limits.recovery:
            return replace(self, good=good, strikes=0)
        return replace(self, allowed=self.allowed + 1, good=0, strikes=0)

    def slowed(self, *, sent_at: float, now: float) -> "Pace":
        """Return the pace after a throttled reply: half as many at once.

        Requests sent before the last throttling was known belong to the same wave and slow nothing further.
        """
        if sent_at < self.throttled_at:
            return self
        return replace(self, allowed=max(1, self.allowed // 2), good=0, strikes=self.strikes + 1, throttled_at=now)

    def silenced(self, until: float) -> "Pace":
        """Return the pace with nothing sent before this time; an earlier, longer silence stays."""
        return replace(self, silent_until=max(self.silent_until, until))


def pause_before_send(pace: Pace, sent: Sequence[float], in_flight: int, *, now: float, limits: Limits) -> float:
    """Return the seconds until a request may be sent: 0 for now, infinity until another one is finished.

    `sent` holds the times of the last requests, oldest first, at most `limits.requests` of them.
    """
    window = sent[0] + limits.window + limits.slack - now if len(sent) >= limits.requests else 0.0
    pause = max(pace.silent_until - now, window)
    if pause > 0:
        return pause
    return inf if in_flight >= pace.allowed else 0.0
