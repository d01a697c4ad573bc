"""Who may bring notices from Dataverse."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from sync.engine.genuine import digest, is_same
from sync.model.errors import NotFoundError
from sync.ports import Clock, ListenerStore

_REMEMBERED = timedelta(seconds=30)
_MOST_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class _Known:
    token_digest: str
    known_at: datetime


class Door:
    """Lets in who knows an integration's address; a token that was right counts for half a minute.

    Dataverse signs nothing: the token of the address is all there is.
    """

    def __init__(self, listeners: ListenerStore, clock: Clock) -> None:
        self.listeners = listeners
        self._clock = clock
        self._lock = Lock()
        self._known: dict[str, _Known] = {}

    def check(self, integration_id: str, token: str) -> None:
        """Make sure that the token is the integration's.

        Raises:
            NotFoundError: It is not, or there is no such address: both look alike.
        """
        told, now = digest(token), self._clock.now()
        known = self._known.get(integration_id)
        if known is not None and now - known.known_at < _REMEMBERED and is_same(told, known.token_digest):
            return
        listener = self.listeners.get(integration_id)
        if listener is None or not is_same(told, listener.token_digest):
            raise NotFoundError("There is no such address")
        with self._lock:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[integration_id] = _Known(told, now)

    def forget(self, integration_id: str) -> None:
        """Ask anew at the next notice of an integration: something about it was changed."""
        with self._lock:
            self._known.pop(integration_id, None)
