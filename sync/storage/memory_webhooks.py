"""Webhook endpoints and deliveries in memory."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import count
from threading import Lock

from sync.cursors import cut_page, read_cursor
from sync.model.errors import StaleRecordError
from sync.model.webhook import Delivery, Due, Endpoint
from sync.ports import DeliveryFilter, Page
from sync.storage.rules import delivery_matches, due_of, shared_out


class MemoryEndpointStore:
    """Endpoints by integration."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._versions = count(1)
        self._rows: dict[tuple[str, str], Endpoint] = {}

    def create(self, endpoint: Endpoint) -> Endpoint:
        """Store a new endpoint; the answer carries its version."""
        with self._lock:
            return self._store(endpoint)

    def get(self, integration_id: str, endpoint_id: str) -> Endpoint | None:
        """Return an endpoint, or None."""
        return self._rows.get((integration_id, endpoint_id))

    def save(self, endpoint: Endpoint) -> Endpoint:
        """Replace an endpoint if its version is still current (StaleRecordError otherwise)."""
        with self._lock:
            found = self.get(endpoint.integration_id, endpoint.id)
            if found is None or found.version != endpoint.version:
                raise StaleRecordError("The endpoint was changed or removed.")
            return self._store(endpoint)

    def delete(self, endpoint: Endpoint) -> None:
        """Remove an endpoint; nothing happens when it is gone."""
        with self._lock:
            self._rows.pop((endpoint.integration_id, endpoint.id), None)

    def list(self, integration_id: str) -> tuple[Endpoint, ...]:
        """Return all endpoints of an integration, newest first."""
        return tuple(each for each in self.all() if each.integration_id == integration_id)

    def all(self) -> tuple[Endpoint, ...]:
        """Return all endpoints of all integrations."""
        with self._lock:
            return tuple(sorted(self._rows.values(), key=lambda each: (each.integration_id, each.id)))

    def _store(self, endpoint: Endpoint) -> Endpoint:
        stored = replace(endpoint, version=str(next(self._versions)))
        self._rows[stored.integration_id, stored.id] = stored
        return stored


class MemoryDeliveryStore:
    """Deliveries by endpoint, newest first, and what of them is due."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._versions = count(1)
        self._rows: dict[tuple[str, str], Delivery] = {}
        self._waiting: dict[tuple[str, str], Due] = {}

    def add(self, deliveries: Iterable[Delivery], *, until: datetime | None = None) -> None:
        """Store these and let them wait, for their next try or until then; one that is known already stays as it is."""
        for each in deliveries:
            self.wait(due_of(each, until=until))
            with self._lock:
                if (each.endpoint_id, each.id) not in self._rows:
                    self._store(each)

    def free(self, deliveries: Iterable[Delivery]) -> None:
        """Let these wait for no more than their next try, and write nothing else of them."""
        for each in deliveries:
            self.wait(due_of(each))

    def get(self, endpoint_id: str, delivery_id: str) -> Delivery | None:
        """Return a delivery, or None."""
        return self._rows.get((endpoint_id, delivery_id))

    def save(self, delivery: Delivery) -> Delivery:
        """Replace a delivery if its version is still current (StaleRecordError otherwise)."""
        with self._lock:
            found = self.get(delivery.endpoint_id, delivery.id)
            if found is None or found.version != delivery.version:
                raise StaleRecordError("The delivery was changed or removed.")
            return self._store(delivery)

    def list(self, endpoint_id: str, which: DeliveryFilter, *, cursor: str | None, limit: int) -> Page[Delivery]:
        """Return matching deliveries, newest first."""
        (after,) = read_cursor(cursor, ("",), endpoint_id, which)
        with self._lock:
            found = sorted((each.id, each) for each in self._rows.values() if each.endpoint_id == endpoint_id)
        kept = ((place, each) for place, each in found if place > after and delivery_matches(each, which))
        return cut_page(kept, limit, endpoint_id, which)

    def prune(self, endpoint_id: str, *, before: datetime) -> int:
        """Remove deliveries created before this time; return how many."""
        with self._lock:
            rows = self._rows.items()
            old = [key for key, each in rows if each.endpoint_id == endpoint_id and each.created_at < before]
            for key in old:
                del self._rows[key]
        return len(old)

    def clear(self, endpoint_id: str) -> None:
        """Remove all deliveries of an endpoint, and what waits of them."""
        with self._lock:
            self._rows = {key: each for key, each in self._rows.items() if key[0] != endpoint_id}
            self._waiting = {key: each for key, each in self._waiting.items() if key[0] != endpoint_id}

    def due(self, moment: datetime, *, limit: int) -> tuple[Due, ...]:
        """Return what is due at the moment, the longest due first; a limit is shared among the endpoints."""
        with self._lock:
            found = [each for each in self._waiting.values() if each.due_at <= moment]
        return shared_out(found, limit)

    def wait(self, due: Due) -> Due:
        """Let a delivery wait until then, whatever it waited for before."""
        with self._lock:
            return self._let_wait(due)

    def put_off(self, due: Due) -> Due:
        """Let a delivery wait until then (StaleRecordError when somebody has touched it since it was read)."""
        with self._lock:
            if not self._is_current(due):
                raise StaleRecordError("The delivery was touched by someone else.")
            return self._let_wait(due)

    def settle(self, due: Due) -> None:
        """Let a delivery wait no more; nothing happens when somebody has touched it since it was read."""
        with self._lock:
            if self._is_current(due):
                del self._waiting[due.endpoint_id, due.delivery_id]

    def _is_current(self, due: Due) -> bool:
        found = self._waiting.get((due.endpoint_id, due.delivery_id))
        return found is not None and found.version == due.version

    def _let_wait(self, due: Due) -> Due:
        stored = replace(due, version=str(next(self._versions)))
        self._waiting[due.endpoint_id, due.delivery_id] = stored
        return stored

    def _store(self, delivery: Delivery) -> Delivery:
        stored = replace(delivery, version=str(next(self._versions)))
        self._rows[stored.endpoint_id, stored.id] = stored
        return stored
