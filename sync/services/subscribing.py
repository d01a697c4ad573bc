"""Looks after subscriptions: makes them, renews them, notices when they are lost, and ends them."""

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from sync.engine.notices import renew_at, rest_after
from sync.model.channel import Channel, Hint, HintKind
from sync.model.entity import EntityType
from sync.model.errors import StaleRecordError, SyncError
from sync.model.integration import HELD, Integration
from sync.model.secret import Secret
from sync.ports import Subscriber
from sync.services.integrations import update
from sync.services.realtime import PATH, Realtime, digest

logger = logging.getLogger(__name__)

_AT_ONCE = 4
_MOST = 1_000
_IDLE = timedelta(days=1)
_HELD_PAUSE = timedelta(minutes=1)


def tend_all(realtime: Realtime) -> int:
    """Look after every channel that is due, a few at a time; return how many."""
    if realtime.public_url is None:
        return 0
    due = realtime.store.due(realtime.desk.clock.now(), limit=_MOST)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda channel: tend(realtime, channel), due))
    return len(due)


def tend(realtime: Realtime, channel: Channel) -> None:
    """Look after one channel; trouble is told in the integration's health, and stops nothing else."""
    integration = realtime.desk.integrations.find(channel.integration_id)
    if integration is None:
        _forget(realtime, channel)
        return
    care = _Care(realtime, integration, channel)
    trouble: str | None = None
    try:
        care.give()
    except StaleRecordError:
        return
    except SyncError as error:
        trouble = error.message
        logger.warning("subscriptions in trouble", extra={"integration": integration.id, "code": error.code})
        care.put_off()
    if trouble != integration.realtime_trouble:
        update(realtime.desk.integrations, integration, realtime_trouble=trouble)


def farewell(realtime: Realtime, integration: Integration) -> None:
    """End the subscriptions of an integration that is about to be deleted, while its credentials are still there.

    Whatever goes wrong is logged: Business Central drops what nobody answers for.
    """
    channel = realtime.store.get(integration.id)
    if channel is None:
        return
    try:
        _forget(realtime, channel)
        secret = realtime.desk.secrets.get(integration.connection.secret_name)
        subscriber = realtime.subscribers.open(integration.connection, secret)
        for subscription in channel.subscriptions.values():
            subscriber.remove(subscription.id)
    except SyncError as error:
        logger.warning("subscriptions left behind", extra={"integration": integration.id, "code": error.code})


def _forget(realtime: Realtime, channel: Channel) -> None:
    realtime.store.delete(channel.integration_id)
    if channel.secret_name:
        realtime.desk.secrets.delete(channel.secret_name)


class _Care:
    """One look after a channel, step by step; whatever is reached is saved at once."""

    def __init__(self, realtime: Realtime, integration: Integration, channel: Channel) -> None:
        self._realtime = realtime
        self._integration = integration
        self._channel = channel
        self._now = realtime.desk.clock.now()

    @cached_property
    def _subscriber(self) -> Subscriber:
        connection = self._integration.connection
        secret = self._realtime.desk.secrets.get(connection.secret_name)
        return self._realtime.subscribers.open(connection, secret)

    def give(self) -> None:
        """Do what is due.

        Raises:
            StaleRecordError: Someone else looks after the channel.
            SyncError: Business Central or the storage does not do what is asked.
        """
        if self._integration.settings.get("realtime") is False:
            self._end_all()
            self._save(look_at=self._now + _IDLE, failures=0)
        elif self._integration.standing in HELD or self._integration.connection.company_id is None:
            self._save(look_at=self._now + _HELD_PAUSE)
        else:
            token, state = self._words()
            self._probe()
            self._subscribe(token, state)
            self._renew(token, state)
            self._save(look_at=self._next_look(), failures=0)

    def put_off(self) -> None:
        """Try again later, later each time."""
        failures = self._channel.failures + 1
        with suppress(StaleRecordError):
            self._save(failures=failures, look_at=self._now + rest_after(failures))

    def _words(self) -> tuple[str, Secret]:
        """Return the token of the address and the client state; new ones when the place is another."""
        channel, secrets = self._channel, self._realtime.desk.secrets
        place = f"{self._realtime.public_url} {self._integration.connection.source}"
        known = secrets.get(channel.secret_name) if channel.place == place else None
        if known is not None:
            token, _, state = known.reveal().partition(" ")
            return token, Secret(state)
        if channel.subscriptions:
            self._end_all()
        token, state = self._realtime.new_word(), self._realtime.new_word()
        name = self._realtime.desk.ids.new("secret").replace("_", "-")
        secrets.set(name, Secret(f"{token} {state}"))
        self._save(
            place=place, secret_name=name, token_digest=digest(token), state_digest=digest(state), probed_at=None
        )
        if channel.secret_name:
            secrets.delete(channel.secret_name)
        return token, Secret(state)

    def _probe(self) -> None:
        """Ask from time to time what is still there; after silence, see for ourselves."""
        if not self._is_probe_due():
            return
        listed = {row.id: row for row in self._subscriber.listed()}
        kept = {
            entity: replace(each, etag=listed[each.id].etag, expires_at=listed[each.id].expires_at)
            for entity, each in self._channel.subscriptions.items()
            if each.id in listed
        }
        ours = {each.id for each in kept.values()}
        for row in listed.values():
            if row.url.startswith(self._address("")) and row.id not in ours:
                self._subscriber.remove(row.id)
        self._save(subscriptions=kept, probed_at=self._now)
        synced = self._integration.last_synced_at
        if synced is None or self._now - synced >= self._realtime.probe_every:
            self._fill_gap(EntityType)

    def _is_probe_due(self) -> bool:
        probed, missing = self._channel.probed_at, len(self._channel.subscriptions) < len(EntityType)
        return probed is None or missing or self._now - probed >= self._realtime.probe_every

    def _subscribe(self, token: str, state: Secret) -> None:
        for entity in EntityType:
            if entity not in self._channel.subscriptions:
                made = self._subscriber.subscribe(entity.entity_set, url=self._address(token), state=state)
                self._save(subscriptions={**self._channel.subscriptions, entity: made})
                self._fill_gap([entity])

    def _renew(self, token: str, state: Secret) -> None:
        for entity, each in self._channel.subscriptions.items():
            if self._now < renew_at(each):
                continue
            try:
                renewed = self._subscriber.renew(each, entity.entity_set, url=self._address(token), state=state)
            except StaleRecordError:
                self._save(probed_at=None)
                continue
            others = {known: one for known, one in self._channel.subscriptions.items() if known is not entity}
            self._save(subscriptions={**others, entity: renewed} if renewed is not None else others)
        self._subscribe(token, state)

    def _fill_gap(self, entities: Iterable[EntityType]) -> None:
        """Let a delta read whatever happened while nobody told us."""
        now = self._realtime.desk.clock.now()
        self._realtime.store.note(Hint(self._integration.id, each, HintKind.CHANGES, now) for each in entities)

    def _end_all(self) -> None:
        for each in self._channel.subscriptions.values():
            with suppress(SyncError):
                self._subscriber.remove(each.id)
        self._save(subscriptions={})

    def _next_look(self) -> Any:
        probed = self._channel.probed_at
        halves = [renew_at(each) for each in self._channel.subscriptions.values()]
        return min([self._now if probed is None else probed + self._realtime.probe_every, *halves])

    def _address(self, token: str) -> str:
        return f"{self._realtime.public_url}/{PATH}/{self._integration.id}/{token}"

    def _save(self, **changes: Any) -> None:
        self._channel = self._realtime.store.save(replace(self._channel, **changes))
