"""The real clock, identities, chance and waiting, which the rest takes as arguments; and the process itself."""

import gc
import secrets
import time
from datetime import UTC, datetime
from threading import Condition, Lock

_HIGHEST = 2**52 - 1
_DIGITS = 13
_NANOSECONDS = 1_000
_RANDOM_BYTES = 4


_COLLECT_AFTER = (200_000, 20, 100)
"""Objects that come to be before the collector looks at the young ones; a page brings tens of thousands."""


def calm_collector() -> None:
    """Let the garbage collector pass over everything loaded so far, and look at the rest less often.

    What a sync makes has no cycles and goes by itself; looking for cycles all the time costs a twentieth of its CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


class SystemClock:
    """The machine's clock (see sync.ports.Clock)."""

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        return datetime.now(UTC)


class SystemIds:
    """Identities from time and chance (see sync.ports.Ids); in one process each sorts before all earlier ones."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._latest = 0

    def new(self, prefix: str) -> str:
        """Return `prefix_` with 13 hex digits that fall with time, and 8 random ones."""
        with self._lock:
            self._latest = max(self._latest + 1, time.time_ns() // _NANOSECONDS)
            moment = self._latest
        return f"{prefix}_{_HIGHEST - moment:0{_DIGITS}x}{secrets.token_hex(_RANDOM_BYTES)}"


class SystemChance:
    """The machine's random numbers (see sync.connectors.waiting.Chance)."""

    def fraction(self) -> float:
        """Return a number from 0 up to, not including, 1."""
        return secrets.randbits(53) / 2**53


class SystemWaiter:
    """Lets time pass (see sync.connectors.waiting.Waiter)."""

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Return when the time has passed."""
        time.sleep(seconds)

    def wait(self, condition: Condition, seconds: float) -> None:
        """Return when the condition, which the caller holds, is notified or the time has passed."""
        condition.wait(seconds)


def new_word() -> str:
    """Return 64 hex digits that nobody can guess."""
    return secrets.token_hex(32)


def new_trace_id() -> str:
    """Return a trace id as W3C Trace Context writes it."""
    return secrets.token_hex(16)
