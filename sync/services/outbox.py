"""Writes down what is to be told, in step with what it tells of; nobody listens unless an endpoint does."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import batched
from threading import Lock
from typing import Protocol

import orjson

from sync.codec import time_text
from sync.model.webhook import Delivery, Endpoint, Event, EventType
from sync.ports import Clock, DeliveryStore, EndpointStore

HELD = timedelta(minutes=5)
"""How long an event is kept back when the process dies before it lets it go: a run is resumed by then."""

_REMEMBERED = timedelta(seconds=10)
_MOST_REMEMBERED = 1_000
_AT_ONCE = 50
_MARK_BYTES = 3


class Outbox(Protocol):
    """Where events are left that others are to be told of."""

    def wanted(self, integration_id: str) -> frozenset[EventType]:
        """Return the events of an integration that somebody hears, as of some seconds ago; mostly none."""
        ...

    def tell(self, integration_id: str, events: Iterable[Event]) -> None:
        """Write events down for those who hear them; the same event again changes nothing.

        When this returns, they will be delivered; when it raises, the caller has to tell the same again.
        """
        ...

    def hold(self, integration_id: str, events: Iterable[Event]) -> None:
        """Write events down as tell does; they leave when they are released, or after HELD without that."""
        ...

    def release(self, events: Iterable[Event]) -> None:
        """Let held events leave now; what they tell does not matter here."""
        ...


class Silence:
    """An outbox that nobody hears."""

    def wanted(self, _: str) -> frozenset[EventType]:
        """Return no events."""
        return frozenset()

    def tell(self, _: str, events: Iterable[Event]) -> None:
        """Do nothing."""

    def hold(self, _: str, events: Iterable[Event]) -> None:
        """Do nothing."""

    def release(self, events: Iterable[Event]) -> None:
        """Do nothing."""


class Held:
    """An outbox whose events leave once what they tell of is stored: whoever is told, and looks, finds it so."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._told: list[Event] = []

    def wanted(self, integration_id: str) -> frozenset[EventType]:
        """Return the events of an integration that somebody hears."""
        return self._outbox.wanted(integration_id)

    def tell(self, integration_id: str, events: Iterable[Event]) -> None:
        """Write events down, and keep them back."""
        self._outbox.hold(integration_id, self._noted(events))

    hold = tell

    def release(self, events: Iterable[Event] = ()) -> None:
        """Let everything leave that was told until now."""
        told, self._told = [*self._told, *events], []
        if told:
            self._outbox.release(told)

    def _noted(self, events: Iterable[Event]) -> Iterator[Event]:
        for each in events:
            self._told.append(replace(each, data={}))
            yield each


@dataclass(frozen=True, slots=True)
class _Known:
    endpoints: tuple[Endpoint, ...]
    known_at: datetime


class Dispatch:
    """The outbox in front of the endpoints; whose an integration has is asked for again after ten seconds."""

    def __init__(
        self, endpoints: EndpointStore, deliveries: DeliveryStore, clock: Clock, *, hurry: Callable[[], object]
    ) -> None:
        self._endpoints = endpoints
        self._deliveries = deliveries
        self._clock = clock
        self._hurry = hurry
        self._lock = Lock()
        self._known: dict[str, _Known] = {}

    def wanted(self, integration_id: str) -> frozenset[EventType]:
        """Return the events of an integration that somebody hears."""
        return frozenset(event for each in self._of(integration_id) if each.enabled for event in each.events)

    def tell(self, integration_id: str, events: Iterable[Event]) -> None:
        """Write events down for those who hear them, and see to it that they leave soon."""
        if self._write(integration_id, events, until=None):
            self._hurry()

    def hold(self, integration_id: str, events: Iterable[Event]) -> None:
        """Write events down for those who hear them, and keep them back until they are released, or for HELD."""
        self._write(integration_id, events, until=self._clock.now() + HELD)

    def release(self, events: Iterable[Event]) -> None:
        """Let held events leave now."""
        told = False
        for some in batched(events, _AT_ONCE, strict=False):
            found = tuple(
                delivery for each in some for delivery in self._addressed(self._of(each.integration_id), [each])
            )
            self._deliveries.free(found)
            told = told or bool(found)
        if told:
            self._hurry()

    def forget(self, integration_id: str) -> None:
        """Ask anew who hears of an integration: something about its endpoints was changed."""
        with self._lock:
            self._known.pop(integration_id, None)

    def _write(self, integration_id: str, events: Iterable[Event], *, until: datetime | None) -> bool:
        """Write events down; return whether anybody hears them."""
        endpoints, told = self._of(integration_id), False
        for some in batched(events, _AT_ONCE, strict=False):
            found = tuple(self._addressed(endpoints, some))
            self._deliveries.add(found, until=until)
            told = told or bool(found)
        return told

    def _addressed(self, endpoints: Iterable[Endpoint], events: Iterable[Event]) -> Iterator[Delivery]:
        now = self._clock.now()
        return (delivery_of(event, each, now=now) for event in events for each in endpoints if each.hears(event.type))

    def _of(self, integration_id: str) -> tuple[Endpoint, ...]:
        now, known = self._clock.now(), self._known.get(integration_id)
        if known is not None and now - known.known_at < _REMEMBERED:
            return known.endpoints
        found = self._endpoints.list(integration_id)
        with self._lock:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[integration_id] = _Known(found, now)
        return found


def delivery_of(event: Event, endpoint: Endpoint, *, now: datetime) -> Delivery:
    """Return an event on its way to an endpoint; of the same event it is the same delivery."""
    mark = blake2b(endpoint.id.encode(), digest_size=_MARK_BYTES).hexdigest()
    return Delivery(
        id=f"{event.id.replace('evt', 'dlv', 1)}-{mark}",
        endpoint_id=endpoint.id,
        integration_id=event.integration_id,
        event_id=event.id,
        event=event.type,
        body=body_of(event),
        created_at=now,
        next_try_at=now,
    )


def body_of(event: Event) -> str:
    """Return what is sent of an event (Standard Webhooks 1.0.0: type, timestamp, data)."""
    data = {"integrationId": event.integration_id, **event.data}
    return orjson.dumps({"type": event.type.value, "timestamp": time_text(event.at), "data": data}).decode()
