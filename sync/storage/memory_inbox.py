"""Webhooks at Oneflow and errands in memory."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from itertools import count
from threading import Lock

from sync.model.errand import Errand, Listener, Walk
from sync.model.errors import KeyTakenError, StaleRecordError


class MemoryListenerStore:
    """Webhooks of one remote system by integration."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._versions = count(1)
        self._rows: dict[str, Listener] = {}

    def create(self, listener: Listener) -> Listener:
        """Store a new listener (KeyTakenError when the integration has one)."""
        with self._lock:
            if listener.integration_id in self._rows:
                raise KeyTakenError("The integration has a listener already.")
            return self._store(listener)

    def get(self, integration_id: str) -> Listener | None:
        """Return the integration's listener, or None."""
        return self._rows.get(integration_id)

    def save(self, listener: Listener) -> Listener:
        """Replace a listener if its version is still current (StaleRecordError otherwise)."""
        with self._lock:
            found = self._rows.get(listener.integration_id)
            if found is None or found.version != listener.version:
                raise StaleRecordError("The listener was changed or removed.")
            return self._store(listener)

    def delete(self, integration_id: str) -> None:
        """Remove the integration's listener; nothing happens when there is none."""
        with self._lock:
            self._rows.pop(integration_id, None)

    def due(self, moment: datetime, *, limit: int) -> tuple[Listener, ...]:
        """Return listeners whose look_at is at or before the moment."""
        with self._lock:
            return tuple(each for each in self._rows.values() if each.look_at <= moment)[:limit]

    def _store(self, listener: Listener) -> Listener:
        stored = replace(listener, version=str(next(self._versions)))
        self._rows[stored.integration_id] = stored
        return stored


class MemoryInboxStore:
    """Errands that wait, one for each contract and occasion, and the ids of the notices that asked for them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._versions = count(1)
        self._waiting: dict[tuple[str, int, str], Errand] = {}
        self._heard: dict[tuple[str, str], datetime] = {}
        self._walks: dict[str, Walk] = {}

    def is_heard(self, integration_id: str, callback_id: str) -> bool:
        """Tell whether this notice was heard before, as far as that is remembered."""
        return (integration_id, callback_id) in self._heard

    def hear(self, integration_id: str, callback_ids: Collection[str], *, now: datetime) -> None:
        """Remember notices; nothing happens to those that were heard before."""
        with self._lock:
            for each in callback_ids:
                self._heard.setdefault((integration_id, each), now)

    def ask(self, errand: Errand) -> None:
        """Let an errand wait in place of the one of its occasion."""
        with self._lock:
            self._store(errand)

    def suggest(self, errand: Errand) -> None:
        """Let an errand wait; nothing happens when its contract has one of this occasion."""
        with self._lock:
            if _place(errand) not in self._waiting:
                self._store(errand)

    def due(self, moment: datetime, *, limit: int) -> tuple[Errand, ...]:
        """Return errands whose due_at is at or before the moment."""
        with self._lock:
            return tuple(each for each in self._waiting.values() if each.due_at <= moment)[:limit]

    def due_of(self, integration_id: str, moment: datetime, *, limit: int) -> tuple[Errand, ...]:
        """Return errands of one integration whose due_at is at or before the moment."""
        with self._lock:
            mine = [each for each in self._waiting.values() if each.integration_id == integration_id]
        return tuple(each for each in mine if each.due_at <= moment)[:limit]

    def of_contract(self, integration_id: str, contract_id: int) -> tuple[Errand, ...]:
        """Return the errands of one contract, whenever they are due."""
        wanted = (integration_id, contract_id)
        with self._lock:
            return tuple(each for place, each in self._waiting.items() if place[:2] == wanted)

    def put_off(self, errand: Errand) -> Errand:
        """Replace an errand that waits (StaleRecordError when it was asked for anew, or is done)."""
        with self._lock:
            if not self._is_current(errand):
                raise StaleRecordError("The errand was changed or done.")
            return self._store(errand)

    def settle(self, errand: Errand) -> None:
        """Forget an errand that was run; nothing happens when it was asked for anew, or is gone."""
        with self._lock:
            if self._is_current(errand):
                del self._waiting[_place(errand)]

    def walk(self, integration_id: str) -> Walk | None:
        """Return the last walk over the contracts of an integration, or None."""
        return self._walks.get(integration_id)

    def note_walk(self, walk: Walk) -> None:
        """Remember a walk in place of the one before."""
        self._walks[walk.integration_id] = walk

    def clear(self, integration_id: str) -> None:
        """Forget the errands of an integration that wait, and its last walk."""
        with self._lock:
            self._walks.pop(integration_id, None)
            self._waiting = {place: each for place, each in self._waiting.items() if place[0] != integration_id}

    def prune(self, before: datetime, *, limit: int) -> int:
        """Forget notices that were heard before this time; return how many."""
        with self._lock:
            old = [place for place, at in self._heard.items() if at < before][:limit]
            for place in old:
                del self._heard[place]
        return len(old)

    def _is_current(self, errand: Errand) -> bool:
        found = self._waiting.get(_place(errand))
        return found is not None and found.version == errand.version

    def _store(self, errand: Errand) -> Errand:
        stored = replace(errand, version=str(next(self._versions)))
        self._waiting[_place(errand)] = stored
        return stored


def _place(errand: Errand) -> tuple[str, int, str]:
    return errand.integration_id, errand.contract_id, errand.occasion
