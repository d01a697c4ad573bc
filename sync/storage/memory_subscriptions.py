"""Channels and hints in memory."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import count
from threading import Lock

from sync.model.channel import Channel, Hint
from sync.model.errors import KeyTakenError, StaleRecordError

type _Place = tuple[str, str, str, str]


class MemorySubscriptionStore:
    """Channels by integration, and the hints that notices left."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._versions = count(1)
        self._channels: dict[str, Channel] = {}
        self._hints: dict[_Place, Hint] = {}

    def create(self, channel: Channel) -> Channel:
        """Store a new channel.

        Raises:
            KeyTakenError: The integration has one.
        """
        with self._lock:
            if channel.integration_id in self._channels:
                raise KeyTakenError("The integration has a channel already.")
            return self._store(channel)

    def get(self, integration_id: str) -> Channel | None:
        """Return the integration's channel, or None."""
        return self._channels.get(integration_id)

    def save(self, channel: Channel) -> Channel:
        """Replace a channel if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        with self._lock:
            found = self._channels.get(channel.integration_id)
            if found is None or found.version != channel.version:
                raise StaleRecordError("The channel was changed or removed.")
            return self._store(channel)

    def delete(self, integration_id: str) -> None:
        """Remove the integration's channel and hints; nothing happens when there are none."""
        with self._lock:
            self._channels.pop(integration_id, None)
            self._hints = {place: hint for place, hint in self._hints.items() if place[0] != integration_id}

    def due(self, moment: datetime, *, limit: int) -> tuple[Channel, ...]:
        """Return channels whose look_at is at or before the moment."""
        with self._lock:
            return tuple(each for each in self._channels.values() if each.look_at <= moment)[:limit]

    def note(self, hints: Iterable[Hint]) -> None:
        """Remember all of these or none, at most 100; the same hint again takes the place of the earlier one."""
        with self._lock:
            for hint in hints:
                self._hints[_place(hint)] = replace(hint, version=str(next(self._versions)))

    def hints(self, integration_id: str | None = None) -> tuple[Hint, ...]:
        """Return the hints of one integration, or of all, those of an integration together."""
        with self._lock:
            return tuple(self._hints[place] for place in sorted(self._hints) if integration_id in {None, place[0]})

    def settle(self, hints: Iterable[Hint]) -> None:
        """Forget these hints, except those that were noted again since they were read."""
        with self._lock:
            for hint in hints:
                found = self._hints.get(_place(hint))
                if found is not None and found.version == hint.version:
                    del self._hints[_place(hint)]

    def _store(self, channel: Channel) -> Channel:
        stored = replace(channel, version=str(next(self._versions)))
        self._channels[stored.integration_id] = stored
        return stored


def _place(hint: Hint) -> _Place:
    return hint.integration_id, hint.entity, hint.kind, hint.external_id
