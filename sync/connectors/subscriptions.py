"""Subscribes to change notices: of all of Business Central, `subscriptions` is the one thing that is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from sync.codec import time_value
from sync.connectors import odata
from sync.connectors.budget import Budgets
from sync.connectors.business_central import STANDARD, ConnectionSignIn, route_address
from sync.connectors.exchange import Exchange, Means, Wish
from sync.connectors.http import Answer
from sync.connectors.tokens import EntraTokens
from sync.model.channel import Subscription
from sync.model.errors import RefusedError, SetupError, StaleRecordError
from sync.model.integration import Connection
from sync.model.secret import Secret
from sync.ports import Clock, Listed, SourcePage

LIFETIME = timedelta(days=3)
"""How long a subscription lives unless it is renewed (Working with webhooks in Dynamics 365 Business Central)."""

_SET = "subscriptions"
_STALE = frozenset({HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED})


class BusinessCentralSubscribers:
    """Opens the subscriptions of one Business Central service."""

    def __init__(self, base_url: str, means: Means, *, tokens: EntraTokens, budgets: Budgets) -> None:
        self._base = base_url.rstrip("/")
        self._means = means
        self._tokens = tokens
        self._budgets = budgets

    def open(self, connection: Connection, secret: Secret | None) -> "BusinessCentralSubscriber":
        """Return a subscriber; nothing is asked of the remote system yet."""
        budget = self._budgets.of(connection.principal)
        exchange = Exchange(self._means, budget, ConnectionSignIn(self._tokens, connection, secret))
        return BusinessCentralSubscriber(self._base, connection, exchange, self._means.clock)


@dataclass(frozen=True, slots=True)
class BusinessCentralSubscriber:
    """The subscriptions of one connection (see sync.ports.Subscriber)."""

    base: str
    connection: Connection
    exchange: Exchange
    clock: Clock

    def listed(self) -> tuple[Listed, ...]:
        """Return all subscriptions of the environment, also other people's."""
        found: list[Listed] = []
        url: str | None = self._address
        while url is not None:
            page = self._page(url)
            found += [self._listed(row) for row in page.records]
            url = page.cursor
        return tuple(found)

    def subscribe(self, entity_set: str, *, url: str, state: Secret) -> Subscription:
        """Ask for notices of an entity set; Business Central calls the URL before this returns."""
        body = self._body(entity_set, url, state)
        return self.exchange.send(Wish(self._address, _SET, {}, "POST", body), self._subscription)

    def renew(self, subscription: Subscription, entity_set: str, *, url: str, state: Secret) -> Subscription | None:
        """Let a subscription live on, or return None when it is gone.

        Raises:
            StaleRecordError: It has another version by now; list it again.
        """
        headers, body = {"If-Match": subscription.etag or "*"}, self._body(entity_set, url, state)
        wish = Wish(self._one(subscription.id), _SET, headers, "PATCH", body)
        try:
            return self.exchange.send(wish, self._subscription)
        except RefusedError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            if error.status in _STALE:
                raise StaleRecordError("The subscription was changed meanwhile") from error
            raise

    def remove(self, subscription_id: str) -> None:
        """End a subscription; nothing happens when it is gone."""
        wish = Wish(self._one(subscription_id), _SET, {"If-Match": "*"}, "DELETE")
        try:
            self.exchange.send(wish, lambda _: None)
        except RefusedError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise

    def _page(self, url: str) -> SourcePage:
        return self.exchange.get(
            Wish(url, _SET, {}), lambda answer: odata.read_page(answer.body, url=url, base=self.base)
        )

    @property
    def _address(self) -> str:
        return f"{route_address(self.base, self.connection, STANDARD)}/{_SET}"

    def _one(self, subscription_id: str) -> str:
        return f"{self._address}('{odata.segment(subscription_id)}')"

    def _body(self, entity_set: str, url: str, state: Secret) -> Mapping[str, str]:
        company = self.connection.company_id
        if company is None:
            raise SetupError("No company is chosen: choose one in the connection.", code="COMPANY_REQUIRED")
        resource = f"/api/{STANDARD}/companies({company})/{entity_set}"
        return {"notificationUrl": url, "resource": resource, "clientState": state.reveal()}

    def _subscription(self, answer: Answer) -> Subscription:
        row = self._listed(odata.read_record(answer.body))
        return Subscription(row.id, row.etag, row.expires_at, self.clock.now())

    def _listed(self, row: dict[str, Any]) -> Listed:
        return Listed(
            id=str(row.get("subscriptionId") or ""),
            url=str(row.get("notificationUrl") or ""),
            etag=str(row.get("@odata.etag") or ""),
            expires_at=self._time(row.get("expirationDateTime")),
        )

    def _time(self, text: Any) -> datetime:
        try:
            return time_value(text)
        except (TypeError, ValueError):
            return self.clock.now() + LIFETIME
