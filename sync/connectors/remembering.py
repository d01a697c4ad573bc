"""Remembers for a short time what a remote system told, so that it is not asked again and again."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

from sync.connectors.waiting import Waiter


class Memory:
    """Values by key; safe for threads."""

    def __init__(self, waiter: Waiter, *, seconds: float) -> None:
        self._waiter = waiter
        self._seconds = seconds
        self._known: dict[Hashable, tuple[float, Any]] = {}
        self._lock = Lock()

    def recall[T](self, key: Hashable, ask: Callable[[], T]) -> T:
        """Return what is known under the key, or ask for it; what asking raises is not remembered."""
        now = self._waiter.monotonic()
        with self._lock:
            self._known = {each: kept for each, kept in self._known.items() if now < kept[0]}
            known = self._known.get(key)
        if known is not None:
            value: T = known[1]
            return value
        found = ask()
        with self._lock:
            self._known[key] = (now + self._seconds, found)
        return found
