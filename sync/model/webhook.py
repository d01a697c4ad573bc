"""How the hub tells others what happened: endpoints, events, and their deliveries."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventType(StrEnum):
    """What can be told."""

    SYNC_COMPLETED = "sync.completed"
    SYNC_FAILED = "sync.failed"
    SUPPLIER_CREATED = "supplier.created"
    SUPPLIER_UPDATED = "supplier.updated"
    PRODUCT_CREATED = "product.created"
    PRODUCT_UPDATED = "product.updated"
    CONTRACT_SYNCED = "contract.synced"
    CONFLICT_DETECTED = "conflict.detected"
    REAUTH_REQUIRED = "integration.reauth_required"
    TEST = "webhook.test"
    """Told only to the endpoint that is tested; nobody subscribes to it."""


SUBSCRIBABLE = tuple(each for each in EventType if each is not EventType.TEST)
"""The events that an endpoint may ask for."""


@dataclass(frozen=True, slots=True)
class FormerSecret:
    """A signing secret that was replaced; until then it signs beside the new one."""

    name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that hears of events of one integration; its signing secret is in the SecretStore."""

    id: str
    integration_id: str
    url: str
    events: tuple[EventType, ...]
    created_at: datetime
    updated_at: datetime
    """When its owner changed it, or it was disabled."""
    secret_name: str
    enabled: bool = True
    disabled_reason: str | None = None
    """Why the hub disabled it; None when the owner did, or nobody."""
    former: tuple[FormerSecret, ...] = ()
    failing_since: datetime | None = None
    """Since when every attempt has failed."""
    quiet_until: datetime | None = None
    """Before this it asked for no more requests."""
    version: str = ""
    """The store's ETag; empty before the first save."""

    @property
    def secret_names(self) -> frozenset[str]:
        """Names of all its secrets."""
        return frozenset({self.secret_name, *(each.name for each in self.former)})

    def hears(self, event: EventType) -> bool:
        """Whether it is to be told of events of this type."""
        return self.enabled and event in self.events


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; the same event told again has the same id."""

    id: str
    type: EventType
    integration_id: str
    at: datetime
    data: dict[str, Any]
    """What is told beside the integration's id: ids and counts, never a secret."""


class DeliveryStatus(StrEnum):
    """Whether the endpoint has taken an event."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request, and what came of it."""

    at: datetime
    status: int | None
    """The HTTP status; None when there was no answer."""
    milliseconds: int
    trouble: str | None = None
    """Why it failed: a code of docs/errors.md."""
    excerpt: str = ""
    """The beginning of the answer's body."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint; ids sort newest first."""

    id: str
    endpoint_id: str
    integration_id: str
    event_id: str
    event: EventType
    body: str
    """What is sent, to the byte."""
    created_at: datetime
    status: DeliveryStatus = DeliveryStatus.PENDING
    next_try_at: datetime | None = None
    attempts: tuple[Attempt, ...] = ()
    """The latest ones, the oldest first."""
    tries: int = 0
    """Attempts since it was sent, or sent again by hand: how far the schedule has come."""
    trouble: str | None = None
    """Why nothing more is tried, if not for the last attempt."""
    version: str = ""
    """The store's ETag; empty before the first save."""


@dataclass(frozen=True, slots=True)
class Due:
    """That a delivery waits for its next attempt, or that one is under way until then."""

    integration_id: str
    endpoint_id: str
    delivery_id: str
    due_at: datetime
    version: str = ""
    """The store's ETag; empty before the first save."""
