"""Works off what is due, name by name: a few at a time, each by one thread, so that a slow one holds up no other."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Lock

logger = logging.getLogger(__name__)


class Rounds:
    """Gives each name its turn, and none a second one before the first is over."""

    def __init__(self, *, at_once: int, of: str, trouble: str) -> None:
        """Work off so many names at once; a turn that breaks is logged as `trouble`, with its name as `of`."""
        self._of, self._trouble = of, trouble
        self._pool = ThreadPoolExecutor(at_once)
        self._lock = Lock()
        self._busy: set[str] = set()

    def begin[T](
        self,
        dues: Iterable[T],
        work: Callable[[str, list[T]], object],
        *,
        name_of: Callable[[T], str],
        patience: float,
    ) -> int:
        """Begin the turn of every name that something is due for, wait some seconds, return how many were begun."""
        piles: dict[str, list[T]] = defaultdict(list)
        for due in dues:
            piles[name_of(due)].append(due)
        begun = [self._pool.submit(self._turn, work, name, pile) for name, pile in piles.items() if self._take(name)]
        wait(begun, timeout=patience)
        return len(begun)

    def _take(self, name: str) -> bool:
        with self._lock:
            is_free = name not in self._busy
            self._busy.add(name)
            return is_free

    def _turn[T](self, work: Callable[[str, list[T]], object], name: str, pile: list[T]) -> None:
        try:
            work(name, pile)
        except Exception:
            logger.exception(self._trouble, extra={self._of: name})
        finally:
            with self._lock:
                self._busy.discard(name)
