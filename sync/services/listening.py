"""What notices about contracts are worked on with, and who may bring them."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from sync.engine.genuine import OneflowNotice, is_same, read_notice, signature_of
from sync.engine.storms import Request, following
from sync.model.errand import Errand, Listener
from sync.model.errors import NotFoundError, SyncError
from sync.model.secret import Secret
from sync.ports import Clock, InboxStore, ListenerStore, SecretStore
from sync.services.doors import Door

PATH = "api/webhooks/oneflow"
"""Where Oneflow's notices arrive, below the hub's own address."""

logger = logging.getLogger(__name__)

_MOST_REMEMBERED = 1_000
_UNWRITTEN = timedelta(seconds=1)
"""For how long a notice is remembered before it is written down, if more follow."""


class Gate:
    """Lets genuine notices in; what it knows of an integration it asks for again after half a minute."""

    def __init__(self, listeners: ListenerStore, secrets: SecretStore, clock: Clock) -> None:
        self._secrets = secrets
        self._door = Door(listeners, clock, self._sign_key)

    def check(self, integration_id: str, token: str, notice: OneflowNotice | None) -> OneflowNotice:
        """Return the notice if it is one, and its token and signature are right.

        Raises:
            NotFoundError: It is forged, or there is no such address: all of them look alike.
        """
        if notice is not None:
            sign_key = self._door.check(integration_id, token)
            if is_same(notice.signature, signature_of(notice.callback_id, sign_key)):
                return notice
        raise NotFoundError("There is no such address")

    def forget(self, integration_id: str) -> None:
        """Ask anew at the next notice of an integration: something about it was changed."""
        self._door.forget(integration_id)

    def _sign_key(self, listener: Listener) -> str | None:
        secret = self._secrets.get(listener.secret_name)
        return None if secret is None else words_of(secret)[1]


class Requests:
    """Asks for errands; one that is not due for a while serves all that its contract is named for meanwhile.

    None takes the place of another: however often a contract is named, what it was named for is heeded in time.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[tuple[str, int], Request] = {}

    def serve(self, integration_id: str, contract_id: int, now: datetime) -> bool:
        """Tell whether an errand of the contract waits that begins after now."""
        key = integration_id, contract_id
        with self._lock:
            known = self._known.get(key)
            if known is None or not known.serves(now):
                return False
            self._known[key] = known.named_again()
        return True

    def ask(self, inbox: InboxStore, integration_id: str, contract_id: int, now: datetime) -> None:
        """Let an errand wait that begins after now."""
        key = integration_id, contract_id
        request = following(self._known.get(key), now)
        occasion = f"{request.due_at:%Y%m%dT%H%M%S%f}"
        inbox.ask(Errand(integration_id, contract_id, heard_at=now, due_at=request.due_at, occasion=occasion))
        with self._lock:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = request


class Callbacks:
    """Remembers notices whose errand waits already; they are written down some at a time.

    What a dying process has not written down is heeded all the same: only a repetition of it would count as new.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._unwritten: dict[str, dict[str, datetime]] = {}

    def knows(self, integration_id: str, callback_id: str) -> bool:
        """Tell whether a notice was remembered, and is not written down yet."""
        return callback_id in self._unwritten.get(integration_id, ())

    def remember(self, inbox: InboxStore, integration_id: str, callback_id: str, now: datetime) -> None:
        """Remember a notice; once in a while all of the integration are written down."""
        with self._lock:
            mine = self._unwritten.setdefault(integration_id, {})
            mine.setdefault(callback_id, now)
            is_time = now - next(iter(mine.values())) >= _UNWRITTEN or len(mine) >= _MOST_REMEMBERED
        if is_time:
            self._write(inbox, integration_id, now)

    def write_down(self, inbox: InboxStore, now: datetime) -> None:
        """Write down all that is remembered."""
        for each in tuple(self._unwritten):
            self._write(inbox, each, now)

    def _write(self, inbox: InboxStore, integration_id: str, now: datetime) -> None:
        with self._lock:
            mine = self._unwritten.pop(integration_id, {})
        try:
            inbox.hear(integration_id, mine.keys(), now=now)
        except SyncError as error:
            facts = {"integration": integration_id, "notices": len(mine), "code": error.code}
            logger.warning("notices not written down", extra=facts)


@dataclass(frozen=True, slots=True)
class Listening:
    """What webhooks and errands are worked on with; without a `public_url` nothing is registered."""

    listeners: ListenerStore
    inbox: InboxStore
    gate: Gate
    door: Door[Listener]
    new_word: Callable[[], str]
    """Makes a text that nobody can guess, of at least 32 characters."""
    public_url: str | None = None
    requests: Requests = field(default_factory=Requests)
    callbacks: Callbacks = field(default_factory=Callbacks)
    probe_every: timedelta = timedelta(minutes=15)
    """How often Oneflow is asked whether the webhook is still there."""


def words_of(secret: Secret) -> tuple[str, str]:
    """Return the token of the address, and the sign key."""
    token, _, sign_key = secret.reveal().partition(" ")
    return token, sign_key


def take(listening: Listening, clock: Clock, integration_id: str, *, token: str, document: object) -> None:
    """Remember what a genuine notice asks for; nothing happens when it was heard before.

    Raises:
        NotFoundError: It is forged, no notice at all, or there is no such address: all of them look alike.
    """
    notice, inbox = listening.gate.check(integration_id, token, read_notice(document)), listening.inbox
    if notice.contract_id is None:
        return
    now, callback_id = clock.now(), notice.callback_id
    if listening.requests.serve(integration_id, notice.contract_id, now):
        listening.callbacks.remember(inbox, integration_id, callback_id, now)
    elif not (listening.callbacks.knows(integration_id, callback_id) or inbox.is_heard(integration_id, callback_id)):
        listening.requests.ask(inbox, integration_id, notice.contract_id, now)
        inbox.hear(integration_id, (callback_id,), now=now)
