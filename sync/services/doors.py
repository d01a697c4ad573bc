"""Who may bring notices: those who know the token of an integration's address."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from sync.engine.genuine import digest, is_same
from sync.model.errand import Listener
from sync.model.errors import NotFoundError
from sync.ports import Clock, ListenerStore

_REMEMBERED = timedelta(seconds=30)
_MOST_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class _Known[T]:
    token_digest: str
    learned: T = field(repr=False)
    known_at: datetime


class Door[T]:
    """Lets in who knows an integration's address; a token that was right counts for half a minute.

    `learn` tells what else is needed of a listener, None when that is gone.
    """

    def __init__(self, listeners: ListenerStore, clock: Clock, learn: Callable[[Listener], T | None]) -> None:
        self.listeners = listeners
        self._clock = clock
        self._learn = learn
        self._lock = Lock()
        self._known: dict[str, _Known[T]] = {}

    def check(self, integration_id: str, token: str) -> T:
        """Make sure that the token is the integration's, and return what was learned of its listener.

        Raises:
            NotFoundError: It is not, or there is no such address: both look alike.
        """
        told, now = digest(token), self._clock.now()
        known = self._known.get(integration_id)
        if known is not None and now - known.known_at < _REMEMBERED and is_same(told, known.token_digest):
            return known.learned
        listener = self.listeners.get(integration_id)
        learned = None
        if listener is not None and is_same(told, listener.token_digest):
            learned = self._learn(listener)
        if learned is None:
            raise NotFoundError("There is no such address")
        with self._lock:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[integration_id] = _Known(told, learned, now)
        return learned

    def forget(self, integration_id: str) -> None:
        """Ask anew at the next notice of an integration: something about it was changed."""
        with self._lock:
            self._known.pop(integration_id, None)


def plain_door(listeners: ListenerStore, clock: Clock) -> Door[Listener]:
    """Return a door for a sender that signs nothing: the token of the address is all there is."""
    return Door(listeners, clock, lambda listener: listener)
