"""Quotas of Business Central: requests of one principal at once, waiting, and in a sliding window."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.arrivals import Arrivals
from sandbox.clock import Clock
from sandbox.refusals import RefusedError, too_many
from sandbox.switches import Switches


@dataclass(slots=True)
class Usage(Arrivals):
    """What one principal has done."""

    running: int = 0
    running_max: int = 0
    stamps: deque[float] = field(default_factory=deque)
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Quotas:
    """The usage of every principal."""

    def __init__(self, clock: Clock, switches: Callable[[], Switches]) -> None:
        self._clock = clock
        self._switches = switches
        self.usages: dict[str, Usage] = {}

    def of(self, principal: str) -> Usage:
        """Return the usage of a principal."""
        return self.usages.setdefault(principal, Usage())

    async def start(self, usage: Usage) -> None:
        """Wait for a place among the running requests.

        Raises:
            RefusedError: 429 when a limit is passed, 503 after too long in the queue.
        """
        limits = self._switches()
        most = limits.running_limit + limits.queued_limit
        if usage.in_flight > most:
            raise too_many(usage.in_flight, most)
        self._count(usage, limits)
        if usage.running >= limits.running_limit:
            await self._wait(usage, limits.queue_seconds)
        else:
            usage.running += 1
        usage.running_max = max(usage.running_max, usage.running)

    def finish(self, usage: Usage) -> None:
        """Give a running request's place to the next one that waits, or free it."""
        while usage.waiting:
            waiter = usage.waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        usage.running -= 1

    @staticmethod
    def announce(usage: Usage, instant: float) -> None:
        """Remember until when the principal was told to wait."""
        usage.not_before = max(usage.not_before, instant)

    def wait_seconds(self, usage: Usage) -> float:
        """Seconds until the window has room again, at least one."""
        limits = self._switches()
        if len(usage.stamps) < limits.window_limit or not usage.stamps:
            return 1.0
        return max(1.0, usage.stamps[0] + limits.window_seconds - self._clock.now())

    def _count(self, usage: Usage, limits: Switches) -> None:
        now = self._clock.now()
        while usage.stamps and usage.stamps[0] <= now - limits.window_seconds:
            usage.stamps.popleft()
        if len(usage.stamps) >= limits.window_limit:
            raise too_many(len(usage.stamps) + 1, limits.window_limit)
        usage.stamps.append(now)
        usage.window_max = max(usage.window_max, len(usage.stamps))

    @staticmethod
    async def _wait(usage: Usage, seconds: float) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        usage.waiting.append(waiter)
        try:
            await asyncio.wait_for(waiter, seconds)
        except TimeoutError as error:
            raise RefusedError(503, "Internal_ServerError", "The request waited too long in the queue.") from error
