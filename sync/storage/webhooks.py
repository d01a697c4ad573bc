"""Webhook endpoints, their deliveries, and what of them is due, in tables."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from itertools import batched

from azure.data.tables import TableEntity

from sync.cursors import cut_page, read_cursor
from sync.model.errors import StaleRecordError
from sync.model.webhook import Delivery, Due, Endpoint
from sync.ports import DeliveryFilter, Page
from sync.storage.documents import read_document, versioned, write_document
from sync.storage.keys import BEYOND, escape, ticks
from sync.storage.rules import delivery_matches, due_of, shared_out
from sync.storage.tables import Entity, Tables, etag_of
from sync.storage.transactions import Operation, Verb

_ENDPOINTS = "WebhookEndpoints"
_DELIVERIES = "Deliveries"
_OUTBOX = "Outbox"
_END = "!"
"""Below every character that an escaped id may have: ends the endpoint's part of a key."""
_AT_ONCE = 50
"""Deliveries in one transaction: 20 KB each are far below 4 MiB."""
_OF_ENDPOINT = "PartitionKey eq @endpoint"


class TableEndpointStore:
    """Endpoints by integration."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def create(self, endpoint: Endpoint) -> Endpoint:
        """Store a new endpoint; the answer carries its version."""
        return versioned(endpoint, self._tables.insert(_ENDPOINTS, _endpoint_row(endpoint)))

    def get(self, integration_id: str, endpoint_id: str) -> Endpoint | None:
        """Return an endpoint, or None."""
        found = self._tables.find(_ENDPOINTS, escape(integration_id), escape(endpoint_id))
        return None if found is None else _endpoint(found)

    def save(self, endpoint: Endpoint) -> Endpoint:
        """Replace an endpoint if its version is still current (StaleRecordError otherwise)."""
        row = _endpoint_row(endpoint)
        return versioned(endpoint, self._tables.replace(_ENDPOINTS, row, etag=endpoint.version))

    def delete(self, endpoint: Endpoint) -> None:
        """Remove an endpoint; nothing happens when it is gone."""
        self._tables.remove(_ENDPOINTS, escape(endpoint.integration_id), escape(endpoint.id))

    def list(self, integration_id: str) -> tuple[Endpoint, ...]:
        """Return all endpoints of an integration, newest first."""
        values = {"integration": escape(integration_id)}
        return tuple(map(_endpoint, self._tables.query(_ENDPOINTS, "PartitionKey eq @integration", values)))

    def all(self) -> tuple[Endpoint, ...]:
        """Return all endpoints of all integrations."""
        return tuple(map(_endpoint, self._tables.query(_ENDPOINTS, "PartitionKey gt @first", {"first": ""})))


class TableDeliveryStore:
    """Deliveries by endpoint, newest first, and what of them is due.

    The table of what is due holds nothing else, so that looking through all of it costs little.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, deliveries: Iterable[Delivery], *, until: datetime | None = None) -> None:
        """Store these and let them wait, for their next try or until then; one that is known already stays as it is."""
        for some in _together(deliveries):
            self._let_wait(some, until)
            self._tables.insert_missing(_DELIVERIES, map(_delivery_row, some))

    def free(self, deliveries: Iterable[Delivery]) -> None:
        """Let these wait for no more than their next try, and write nothing else of them."""
        for some in _together(deliveries):
            self._let_wait(some, None)

    def get(self, endpoint_id: str, delivery_id: str) -> Delivery | None:
        """Return a delivery, or None."""
        found = self._tables.find(_DELIVERIES, escape(endpoint_id), escape(delivery_id))
        return None if found is None else _delivery(found)

    def save(self, delivery: Delivery) -> Delivery:
        """Replace a delivery if its version is still current (StaleRecordError otherwise)."""
        row = _delivery_row(delivery)
        return versioned(delivery, self._tables.replace(_DELIVERIES, row, etag=delivery.version))

    def list(self, endpoint_id: str, which: DeliveryFilter, *, cursor: str | None, limit: int) -> Page[Delivery]:
        """Return matching deliveries, newest first."""
        (after,) = read_cursor(cursor, ("",), endpoint_id, which)
        asked = (("status", which.status), ("event", which.event))
        wanted = {name: str(value) for name, value in asked if value is not None}
        condition = f"{_OF_ENDPOINT} and RowKey gt @after" + "".join(f" and {name} eq @{name}" for name in wanted)
        values = {"endpoint": escape(endpoint_id), "after": after, **wanted}
        rows = self._tables.query(_DELIVERIES, condition, values, page=limit + 1)
        found = ((row["RowKey"], _delivery(row)) for row in rows)
        kept = ((place, each) for place, each in found if delivery_matches(each, which))
        return cut_page(kept, limit, endpoint_id, which)

    def prune(self, endpoint_id: str, *, before: datetime) -> int:
        """Remove deliveries created before this time; return how many."""
        values = {"endpoint": escape(endpoint_id), "before": before}
        return self._tables.remove_where(_DELIVERIES, f"{_OF_ENDPOINT} and createdAt lt @before", values)

    def clear(self, endpoint_id: str) -> None:
        """Remove all deliveries of an endpoint, and what waits of them."""
        low = f"{escape(endpoint_id)}{_END}"
        values = {"part": _part(endpoint_id), "low": low, "high": low + BEYOND}
        condition = "PartitionKey eq @part and RowKey ge @low and RowKey lt @high"
        self._tables.remove_where(_OUTBOX, condition, values)
        self._tables.remove_where(_DELIVERIES, _OF_ENDPOINT, {"endpoint": escape(endpoint_id)})

    def due(self, moment: datetime, *, limit: int) -> tuple[Due, ...]:
        """Return what is due at the moment, the longest due first; a limit is shared among the endpoints."""
        rows = self._tables.query(_OUTBOX, "dueAt le @now", {"now": ticks(moment)})
        return shared_out(map(_due, rows), limit)

    def wait(self, due: Due) -> Due:
        """Let a delivery wait until then, whatever it waited for before."""
        return versioned(due, self._tables.put(_OUTBOX, _due_row(due)))

    def put_off(self, due: Due) -> Due:
        """Let a delivery wait until then (StaleRecordError when somebody has touched it since it was read)."""
        return versioned(due, self._tables.replace(_OUTBOX, _due_row(due), etag=due.version))

    def settle(self, due: Due) -> None:
        """Let a delivery wait no more; nothing happens when somebody has touched it since it was read."""
        with suppress(StaleRecordError):
            self._tables.remove(_OUTBOX, *_due_place(due), etag=due.version)

    def _let_wait(self, deliveries: Iterable[Delivery], until: datetime | None) -> None:
        rows = (_due_row(due_of(each, until=until)) for each in deliveries)
        self._tables.transact(_OUTBOX, [Operation(Verb.REPLACE, dict(row)) for row in rows])


def _together(deliveries: Iterable[Delivery]) -> Iterator[tuple[Delivery, ...]]:
    """Yield deliveries as one transaction takes them: to one endpoint each, and not too many."""
    by_endpoint: dict[str, list[Delivery]] = {}
    for each in deliveries:
        by_endpoint.setdefault(each.endpoint_id, []).append(each)
    for found in by_endpoint.values():
        yield from batched(found, _AT_ONCE, strict=False)


def _endpoint_row(endpoint: Endpoint) -> Entity:
    key = {"PartitionKey": escape(endpoint.integration_id), "RowKey": escape(endpoint.id)}
    return {**key, **write_document(versioned(endpoint, ""))}


def _endpoint(row: TableEntity) -> Endpoint:
    return versioned(read_document(Endpoint, row), etag_of(row))


def _delivery_row(delivery: Delivery) -> Entity:
    return {
        "PartitionKey": escape(delivery.endpoint_id),
        "RowKey": escape(delivery.id),
        "status": delivery.status.value,
        "event": delivery.event.value,
        "createdAt": delivery.created_at,
        **write_document(versioned(delivery, "")),
    }


def _delivery(row: TableEntity) -> Delivery:
    return versioned(read_document(Delivery, row), etag_of(row))


def _part(endpoint_id: str) -> str:
    """Return the partition of what waits for an endpoint: 256, so that no two endpoints wait for each other."""
    return f"{blake2b(endpoint_id.encode(), digest_size=1).digest()[0]:03d}"


def _due_place(due: Due) -> tuple[str, str]:
    return _part(due.endpoint_id), f"{escape(due.endpoint_id)}{_END}{escape(due.delivery_id)}"


def _due_row(due: Due) -> Entity:
    part, place = _due_place(due)
    return {"PartitionKey": part, "RowKey": place, "dueAt": ticks(due.due_at), **write_document(versioned(due, ""))}


def _due(row: TableEntity) -> Due:
    return versioned(read_document(Due, row), etag_of(row))
