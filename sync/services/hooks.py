"""Looks after the webhook that an integration has at Oneflow: registers it, notices when it is lost, removes it."""

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from hashlib import blake2b
from typing import Any

from sync.engine.genuine import EVENTS, digest, rest_after
from sync.model.errand import Listener
from sync.model.errors import KeyTakenError, StaleRecordError, SyncError
from sync.model.integration import HELD, Bridge
from sync.model.secret import Secret
from sync.ports import Hook, Oneflow
from sync.services.bridge_desk import BridgeDesk
from sync.services.integrations import update
from sync.services.leasing import leased
from sync.services.listening import PATH, words_of

logger = logging.getLogger(__name__)

NO_ADDRESS = "the hub has no public address that Oneflow could call; set HUB_PUBLIC_URL"

_AT_ONCE = 4
_MOST = 1_000
_HELD_PAUSE = timedelta(minutes=1)
_CARE = timedelta(minutes=2)
"""How long one look may take before somebody else may begin another."""


def ensure_hook(desk: BridgeDesk, bridge: Bridge) -> None:
    """Register the integration's webhook at Oneflow when it is wanted and not there; one that is there costs one read.

    Whatever goes wrong is logged and told in the integration's health: the timer tries again.
    """
    if _is_off(bridge):
        return
    try:
        if desk.listening.public_url is None:
            _tell(desk, bridge, NO_ADDRESS)
            return
        listener = _enrolled(desk, bridge)
        if listener.hook_id is None or listener.place != _place(desk, bridge):
            _look_after(desk, bridge, listener)
    except SyncError as error:
        logger.warning("webhook not looked after", extra={"integration": bridge.id, "code": error.code})


def tend_hooks(desk: BridgeDesk) -> int:
    """Look after every webhook that is due, a few at a time; return how many."""
    if desk.listening.public_url is None:
        return 0
    due = desk.listening.listeners.due(desk.clock.now(), limit=_MOST)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda listener: _tend(desk, listener), due))
    return len(due)


def remove_hook(desk: BridgeDesk, bridge: Bridge) -> None:
    """Remove the webhook of an integration that is about to be deleted, while its token is still there.

    Whatever goes wrong is logged: a notice that still comes is answered with 404.
    """
    listening, listener = desk.listening, desk.listening.listeners.get(bridge.id)
    if listener is None:
        return
    try:
        listening.listeners.delete(bridge.id)
        listening.gate.forget(bridge.id)
        listening.inbox.clear(bridge.id)
        if listener.secret_name:
            desk.secrets.delete(listener.secret_name)
        oneflow = desk.oneflow(bridge)
        for hook in oneflow.hooks():
            if _is_ours(bridge, hook):
                oneflow.unhook(hook.id)
    except SyncError as error:
        logger.warning("webhook left behind", extra={"integration": bridge.id, "code": error.code})


def _enrolled(desk: BridgeDesk, bridge: Bridge) -> Listener:
    store = desk.listening.listeners
    while (found := store.get(bridge.id)) is None:
        with suppress(KeyTakenError):
            return store.create(Listener(bridge.id, desk.clock.now()))
    return found


def _tend(desk: BridgeDesk, listener: Listener) -> None:
    """Look after one webhook; trouble is told in the integration's health, and stops nothing else."""
    bridge = desk.integrations.find(listener.integration_id)
    if bridge is None:
        desk.listening.listeners.delete(listener.integration_id)
        if listener.secret_name:
            desk.secrets.delete(listener.secret_name)
        return
    try:
        _look_after(desk, bridge, listener)
    except SyncError as error:
        logger.warning("webhook not looked after", extra={"integration": bridge.id, "code": error.code})


def _look_after(desk: BridgeDesk, bridge: Bridge, listener: Listener) -> None:
    """Look after one webhook unless somebody else does already."""
    with leased(desk, f"hook_{bridge.id}", span=_CARE) as holder:
        if holder is not None:
            _care_for(desk, bridge, listener)


def _care_for(desk: BridgeDesk, bridge: Bridge, listener: Listener) -> None:
    care = _Care(desk, bridge, listener)
    try:
        care.give()
    except StaleRecordError:
        logger.info("webhook looked after by someone else", extra={"integration": bridge.id})
    except SyncError as error:
        logger.warning("webhook in trouble", extra={"integration": bridge.id, "code": error.code})
        care.put_off()
        _tell(desk, bridge, error.message)
    else:
        _tell(desk, bridge, None)


class _Care:
    """One look after a webhook, step by step; whatever is reached is saved at once."""

    def __init__(self, desk: BridgeDesk, bridge: Bridge, listener: Listener) -> None:
        self._desk = desk
        self._bridge = bridge
        self._listener = listener
        self._now = desk.clock.now()

    @cached_property
    def _oneflow(self) -> Oneflow:
        return self._desk.oneflow(self._bridge)

    def give(self) -> None:
        """Do what is due.

        Raises:
            StaleRecordError: Someone else looks after the webhook.
            SyncError: Oneflow or the storage does not do what is asked.
        """
        if self._bridge.standing in HELD:
            self._save(look_at=self._now + _HELD_PAUSE)
            return
        if _is_off(self._bridge):
            self._sort("")
            self._save(look_at=self._now + _pause(self._desk, self._bridge), failures=0)
            return
        token, sign_key = self._words()
        address = f"{self._desk.listening.public_url}/{PATH}/{self._bridge.id}/{token}"
        self._sort(address)
        if self._listener.hook_id is None:
            made = self._oneflow.hook(address, sign_key, EVENTS)
            self._save(hook_id=made.id)
        self._save(look_at=self._now + _pause(self._desk, self._bridge), failures=0)

    def put_off(self) -> None:
        """Try again later, later each time."""
        failures = self._listener.failures + 1
        with suppress(StaleRecordError):
            self._save(failures=failures, look_at=self._now + rest_after(failures))

    def _words(self) -> tuple[str, Secret]:
        """Return the token of the address and the sign key; new ones when the place is another."""
        listener, secrets, listening = self._listener, self._desk.secrets, self._desk.listening
        place = _place(self._desk, self._bridge)
        known = secrets.get(listener.secret_name) if listener.place == place else None
        if known is not None:
            token, sign_key = words_of(known)
            return token, Secret(sign_key)
        token, sign_key = listening.new_word(), listening.new_word()
        name = self._desk.ids.new("secret").replace("_", "-")
        secrets.set(name, Secret(f"{token} {sign_key}"))
        self._save(place=place, secret_name=name, token_digest=digest(token), hook_id=None)
        listening.gate.forget(self._bridge.id)
        if listener.secret_name:
            secrets.delete(listener.secret_name)
        return token, Secret(sign_key)

    def _sort(self, address: str) -> None:
        """Keep the webhook that is ours, remove others of the integration, and note when ours is lost."""
        listed = [each for each in self._oneflow.hooks() if _is_ours(self._bridge, each)]
        ours = self._listener.hook_id
        kept = next((each.id for each in listed if each.id == ours and each.callback_url == address), None)
        for each in listed:
            if each.id != kept:
                self._oneflow.unhook(each.id)
        if kept != ours:
            self._save(hook_id=kept)

    def _save(self, **changes: Any) -> None:
        self._listener = self._desk.listening.listeners.save(replace(self._listener, **changes))


def _is_off(bridge: Bridge) -> bool:
    """Tell whether the owner wants no notices."""
    return bridge.settings.get("realtime") is False


def _is_ours(bridge: Bridge, hook: Hook) -> bool:
    """Tell whether a webhook is the integration's, also one for an address that the hub had before."""
    return f"/{PATH}/{bridge.id}/" in hook.callback_url


def _place(desk: BridgeDesk, bridge: Bridge) -> str:
    """Return what a webhook is about: the hub's own address, and whose account it is."""
    access = bridge.connection.oneflow
    return f"{desk.listening.public_url} {access.user_email} {access.secret_name}"


def _pause(desk: BridgeDesk, bridge: Bridge) -> timedelta:
    """Return when to look again: up to a quarter later for some than for others, so that not all ask at once."""
    share = blake2b(bridge.id.encode(), digest_size=1).digest()[0] / 1024
    return desk.listening.probe_every * (1 + share)


def _tell(desk: BridgeDesk, bridge: Bridge, trouble: str | None) -> None:
    if trouble != bridge.realtime_trouble:
        update(desk.integrations, bridge, realtime_trouble=trouble)
