"""Webhook endpoints in memory, and a receiver that notes what was posted."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson

from sync.engine.reach import Reach
from sync.model.webhook import SUBSCRIBABLE, Delivery, Endpoint, Event, EventType
from sync.ports import Clock, DeliveryFilter, Ids, LogStore, Reception, SecretStore
from sync.services.endpoints import EndpointOrder, Webhooks, create
from sync.services.outbox import Dispatch
from sync.services.posting import Mail, Postman
from sync.storage.memory import MemorySecretStore
from sync.storage.memory_runs import MemoryLogStore
from sync.storage.memory_webhooks import MemoryDeliveryStore, MemoryEndpointStore
from tests.support.company import VirtualClock
from tests.support.desks import CountingIds

URL = "https://receiver.example/hooks"


@dataclass(frozen=True, slots=True)
class Posted:
    """One request that an endpoint got."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        return orjson.loads(self.body)


@dataclass(slots=True)
class ToyReceiver:
    """Answers as planned, one answer after the other, then with 200; it notes what it got."""

    got: list[Posted] = field(default_factory=list)
    planned: list[Reception] = field(default_factory=list)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None
    """What happens while a request is under way."""

    def plan(self, *statuses: int | None, **more: Any) -> None:
        self.planned += [Reception(status, 7, **more) for status in statuses]

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reception:
        self.got.append(Posted(url, headers, body))
        self.before()
        return self.planned.pop(0) if self.planned else Reception(200, 7, excerpt="thanks")

    def addresses(self, host: str) -> tuple[str, ...]:
        return self.names.get(host, ())


def hex_words() -> Callable[[], str]:
    """Return what makes words of 64 hexadecimal digits, another one each time."""
    numbers = itertools.count(1)
    return lambda: f"{next(numbers):064x}"


def mail_of(sender: ToyReceiver, *, secrets: SecretStore, logs: LogStore, clock: Clock, ids: Ids) -> Mail:
    """Return what deliveries are worked on with, in memory; chance is always nought."""
    return Mail(MemoryEndpointStore(), MemoryDeliveryStore(), secrets, logs, sender, clock, ids, lambda: 0.0)


def webhooks_of(mail: Mail, *, reach: Reach = Reach.PUBLIC) -> Webhooks:
    """Return what endpoints are looked after with; nothing hurries, so that tests say when the postman comes."""
    dispatch = Dispatch(mail.endpoints, mail.deliveries, mail.clock, hurry=lambda: None)
    return Webhooks(mail, dispatch, Postman(mail), hex_words(), reach)


@dataclass
class PostOffice:
    """Endpoints of one integration, a receiver behind them, and a postman."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    receiver: ToyReceiver = field(default_factory=ToyReceiver)
    logs: MemoryLogStore = field(default_factory=MemoryLogStore)
    secrets: MemorySecretStore = field(default_factory=MemorySecretStore)
    reach: Reach = Reach.PUBLIC
    integration_id: str = "int_1"
    mail: Mail = field(init=False)
    webhooks: Webhooks = field(init=False)

    def __post_init__(self) -> None:
        self.mail = mail_of(self.receiver, secrets=self.secrets, logs=self.logs, clock=self.clock, ids=CountingIds())
        self.webhooks = webhooks_of(self.mail, reach=self.reach)

    def endpoint(self, *events: EventType, url: str = URL) -> Endpoint:
        """Make an endpoint that hears of these events, of all if none is named."""
        return create(self.webhooks, self.integration_id, EndpointOrder(url, events or SUBSCRIBABLE))[0]

    def current(self, endpoint: Endpoint) -> Endpoint:
        """Return an endpoint as it is stored now."""
        found = self.mail.endpoints.get(endpoint.integration_id, endpoint.id)
        assert found is not None
        return found

    def deliveries(self, endpoint: Endpoint) -> tuple[Delivery, ...]:
        """Return all deliveries to an endpoint, newest first."""
        return self.mail.deliveries.list(endpoint.id, DeliveryFilter(), cursor=None, limit=999).items

    def bring(self, **later: float) -> int:
        """Let time pass, and the postman bring what is due; return how many requests were posted."""
        self.clock.pass_by(timedelta(**later).total_seconds())
        before = len(self.receiver.got)
        self.webhooks.postman.sweep(patience=30)
        return len(self.receiver.got) - before


@dataclass(slots=True)
class Ear:
    """An outbox in front of one listener, who hears what it was asked for; it counts how often somebody looks."""

    events: frozenset[EventType] = frozenset(SUBSCRIBABLE)
    told: list[Event] = field(default_factory=list)
    looks: int = 0
    before: Callable[[], object] = lambda: None
    """What happens before events are written down."""
    leaving: Callable[[], object] = lambda: None
    """What happens when held events are let go."""

    def wanted(self, integration_id: str) -> frozenset[EventType]:
        self.looks += 1
        return self.events

    def tell(self, integration_id: str, events: Iterable[Event]) -> None:
        self.before()
        self.told += events

    hold = tell

    def release(self, events: Iterable[Event]) -> None:
        self.leaving()

    def of(self, *kinds: EventType) -> list[Event]:
        """Return what was told of these types."""
        return [each for each in self.told if each.type in kinds]
