"""Subscriptions of a toy Business Central, and near real time around them."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sync.model.channel import Subscription
from sync.model.errors import RefusedError, StaleRecordError, SyncError
from sync.model.integration import Connection
from sync.model.secret import Secret
from sync.ports import Listed, SubscriptionStore
from sync.services.desk import Desk
from sync.services.realtime import Realtime
from tests.support.company import START

LIFETIME = timedelta(days=3)
PUBLIC_URL = "https://hub.example"


@dataclass(frozen=True, slots=True)
class Standing:
    """A subscription as the toy keeps it."""

    listed: Listed
    entity_set: str
    state: str


@dataclass(slots=True)
class ToySubscribers:
    """One environment's subscriptions; `troubles` are raised by the next calls of a method, in turn."""

    now: Callable[[], datetime] = lambda: START
    rows: dict[str, Standing] = field(default_factory=dict)
    troubles: dict[str, list[SyncError]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def open(self, connection: Connection, secret: Secret | None) -> "ToySubscribers":
        return self

    def listed(self) -> tuple[Listed, ...]:
        self._called("listed")
        return tuple(each.listed for each in self.rows.values())

    def subscribe(self, entity_set: str, *, url: str, state: Secret) -> Subscription:
        self._called("subscribe")
        number = next(self.numbers)
        row = Listed(f"sub-{number}", url, f'W/"{number}"', self.now() + LIFETIME)
        self.rows[row.id] = Standing(row, entity_set, state.reveal())
        return Subscription(row.id, row.etag, row.expires_at, self.now())

    def renew(self, subscription: Subscription, entity_set: str, *, url: str, state: Secret) -> Subscription | None:
        self._called("renew")
        found = self.rows.get(subscription.id)
        if found is None:
            return None
        if found.listed.etag != subscription.etag:
            raise StaleRecordError("changed")
        row = replace(found.listed, etag=f"{found.listed.etag}+", expires_at=self.now() + LIFETIME)
        self.rows[row.id] = Standing(row, entity_set, state.reveal())
        return Subscription(row.id, row.etag, row.expires_at, self.now())

    def remove(self, subscription_id: str) -> None:
        self._called("remove")
        self.rows.pop(subscription_id, None)

    def trouble(self, method: str, *errors: SyncError) -> None:
        """Let the next calls of a method fail."""
        self.troubles[method] = list(errors)

    @property
    def sets(self) -> list[str]:
        """What is subscribed to."""
        return sorted(each.entity_set for each in self.rows.values())

    def _called(self, method: str) -> None:
        self.calls.append(method)
        planned = self.troubles.get(method)
        if planned:
            raise planned.pop(0)


def refusal(status: int = 400) -> RefusedError:
    """Return what Business Central answers when it does not want to."""
    return RefusedError("Business Central refuses the subscription", status=status)


def realtime_of(
    desk: Desk, subscribers: ToySubscribers, store: SubscriptionStore, *, public_url: str | None = PUBLIC_URL
) -> Realtime:
    """Return near real time at a desk of memory stores; its words can be told apart."""
    subscribers.now = desk.clock.now
    words = itertools.count(1)
    return Realtime(desk, store, subscribers, lambda: f"{next(words):064d}", public_url)
