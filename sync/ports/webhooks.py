"""Webhooks out: endpoints, deliveries that wait or are done, and the way to an endpoint."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sync.model.webhook import Delivery, DeliveryStatus, Due, Endpoint, EventType
from sync.ports.edges import Page


class EndpointStore(Protocol):
    """Endpoints by integration."""

    def create(self, endpoint: Endpoint) -> Endpoint:
        """Store a new endpoint; the answer carries its version."""
        ...

    def get(self, integration_id: str, endpoint_id: str) -> Endpoint | None:
        """Return an endpoint, or None."""
        ...

    def save(self, endpoint: Endpoint) -> Endpoint:
        """Replace an endpoint if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        ...

    def delete(self, endpoint: Endpoint) -> None:
        """Remove an endpoint; nothing happens when it is gone."""
        ...

    def list(self, integration_id: str) -> tuple[Endpoint, ...]:
        """Return all endpoints of an integration, newest first."""
        ...

    def all(self) -> tuple[Endpoint, ...]:
        """Return all endpoints of all integrations."""
        ...


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries to list; None: all."""

    status: DeliveryStatus | None = None
    event: EventType | None = None


class DeliveryStore(Protocol):
    """Deliveries by endpoint, newest first, and what of them is due."""

    def add(self, deliveries: Iterable[Delivery], *, until: datetime | None = None) -> None:
        """Store these and let them wait, for their next try or until then; one that is known already stays as it is.

        What waits is written first: when the process dies in between, the same is to be added again.
        """
        ...

    def free(self, deliveries: Iterable[Delivery]) -> None:
        """Let these wait for no more than their next try, and write nothing else of them."""
        ...

    def get(self, endpoint_id: str, delivery_id: str) -> Delivery | None:
        """Return a delivery, or None."""
        ...

    def save(self, delivery: Delivery) -> Delivery:
        """Replace a delivery if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        ...

    def list(self, endpoint_id: str, which: DeliveryFilter, *, cursor: str | None, limit: int) -> Page[Delivery]:
        """Return matching deliveries, newest first."""
        ...

    def prune(self, endpoint_id: str, *, before: datetime) -> int:
        """Remove deliveries created before this time; return how many."""
        ...

    def clear(self, endpoint_id: str) -> None:
        """Remove all deliveries of an endpoint, and what waits of them."""
        ...

    def due(self, moment: datetime, *, limit: int) -> tuple[Due, ...]:
        """Return what is due at the moment, the longest due first.

        When that is more than `limit`, each endpoint gets its share, and of each the longest due are returned.
        """
        ...

    def wait(self, due: Due) -> Due:
        """Let a delivery wait until then, whatever it waited for before."""
        ...

    def put_off(self, due: Due) -> Due:
        """Let a delivery wait until then, if nobody else has touched it since it was read.

        Raises:
            StaleRecordError: Somebody has.
        """
        ...

    def settle(self, due: Due) -> None:
        """Let a delivery wait no more; nothing happens when somebody has touched it since it was read."""
        ...


@dataclass(frozen=True, slots=True)
class Reception:
    """What came of one request; without a status there was no answer, and `trouble` says why."""

    status: int | None
    milliseconds: int
    trouble: str | None = None
    excerpt: str = ""
    retry_after: float | None = None
    """Seconds that the endpoint asks for."""


class Sender(Protocol):
    """Posts to endpoints: follows no redirect, and goes to no address that is not allowed."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reception:
        """Post once; whatever happens is in the answer."""
        ...

    def addresses(self, host: str) -> tuple[str, ...]:
        """Return the addresses that a name leads to now, none when it leads nowhere."""
        ...
