"""Change notices: what is stored about them, and the one thing that is written to Business Central."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sync.model.channel import Channel, Hint, Subscription
from sync.model.integration import Connection
from sync.model.secret import Secret


class SubscriptionStore(Protocol):
    """Channels by integration, and the hints that notices left."""

    def create(self, channel: Channel) -> Channel:
        """Store a new channel.

        Raises:
            KeyTakenError: The integration has one.
        """
        ...

    def get(self, integration_id: str) -> Channel | None:
        """Return the integration's channel, or None."""
        ...

    def save(self, channel: Channel) -> Channel:
        """Replace a channel if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        ...

    def delete(self, integration_id: str) -> None:
        """Remove the integration's channel and hints; nothing happens when there are none."""
        ...

    def due(self, moment: datetime, *, limit: int) -> tuple[Channel, ...]:
        """Return channels whose look_at is at or before the moment."""
        ...

    def note(self, hints: Iterable[Hint]) -> None:
        """Remember all of these or none, at most 100; the same hint again takes the place of the earlier one."""
        ...

    def hints(self, integration_id: str | None = None) -> tuple[Hint, ...]:
        """Return the hints of one integration, or of all, those of an integration together."""
        ...

    def settle(self, hints: Iterable[Hint]) -> None:
        """Forget these hints, except those that were noted again since they were read."""
        ...


@dataclass(frozen=True, slots=True)
class Listed:
    """A subscription as Business Central lists it."""

    id: str
    url: str
    etag: str
    expires_at: datetime


class Subscriber(Protocol):
    """The subscriptions of one connection: the only thing that is ever written to Business Central.

    Every method may raise what a Source raises.
    """

    def listed(self) -> tuple[Listed, ...]:
        """Return all subscriptions of the environment, also other people's."""
        ...

    def subscribe(self, entity_set: str, *, url: str, state: Secret) -> Subscription:
        """Ask for notices of an entity set; Business Central calls the URL before this returns."""
        ...

    def renew(self, subscription: Subscription, entity_set: str, *, url: str, state: Secret) -> Subscription | None:
        """Let a subscription live on, or return None when it is gone.

        Raises:
            StaleRecordError: It has another version by now; list it again.
        """
        ...

    def remove(self, subscription_id: str) -> None:
        """End a subscription; nothing happens when it is gone."""
        ...


class Subscribers(Protocol):
    """Connects to the subscriptions of Business Central."""

    def open(self, connection: Connection, secret: Secret | None) -> Subscriber:
        """Return a subscriber; nothing is asked of the remote system yet."""
        ...
