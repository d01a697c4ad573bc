"""What near real time works with, and the small questions that each of its services asks first."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest

from sync.model.channel import Channel
from sync.model.errors import KeyTakenError, NotFoundError, StaleRecordError
from sync.ports import Subscribers, SubscriptionStore
from sync.services.desk import Desk

PATH = "api/webhooks/business-central"
"""Where Business Central's notices arrive, below the hub's own address."""


@dataclass(frozen=True, slots=True)
class Realtime:
    """Everything that notices are worked on with; without a `public_url` nothing is subscribed."""

    desk: Desk
    store: SubscriptionStore
    subscribers: Subscribers
    new_word: Callable[[], str]
    """Makes a text that nobody can guess, of at least 32 characters."""
    public_url: str | None = None
    probe_every: timedelta = timedelta(minutes=15)
    """How often Business Central is asked whether the subscriptions are still there."""
    settling: timedelta = timedelta(seconds=1)
    """How long a run waits after the notice that started it: more notices may follow."""


def digest(word: str) -> str:
    """Return what is stored instead of a word that only its sender may know."""
    return sha256(word.encode(errors="surrogatepass")).hexdigest()


def enter(realtime: Realtime, integration_id: str, token: str) -> Channel:
    """Return the channel whose address was called.

    Raises:
        NotFoundError: There is no such address; an unknown integration and a wrong token look alike.
    """
    channel = realtime.store.get(integration_id)
    known = channel.token_digest if channel is not None else ""
    if channel is None or not compare_digest(known, digest(token)):
        raise NotFoundError("There is no such address")
    return channel


def enrol(realtime: Realtime, integration_id: str) -> None:
    """Let an integration be looked after from now on; nothing happens when it is already."""
    if realtime.store.get(integration_id) is None:
        with suppress(KeyTakenError):
            realtime.store.create(Channel(integration_id, realtime.desk.clock.now()))


def nudge(realtime: Realtime, integration_id: str) -> None:
    """Let an integration's channel be looked after soon: something about it was changed."""
    while realtime.public_url is not None and (channel := realtime.store.get(integration_id)) is not None:
        with suppress(StaleRecordError):
            realtime.store.save(replace(channel, look_at=realtime.desk.clock.now()))
            return
