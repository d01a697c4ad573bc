"""What notices about contracts are worked on with, and who may bring them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from sync.engine.genuine import OneflowNotice, digest, is_same, read_notice, signature_of
from sync.model.errand import Errand
from sync.model.errors import NotFoundError
from sync.model.secret import Secret
from sync.ports import Clock, InboxStore, ListenerStore, SecretStore
from sync.services.doors import Door

PATH = "api/webhooks/oneflow"
"""Where Oneflow's notices arrive, below the hub's own address."""

_REMEMBERED = timedelta(seconds=30)
_MOST_REMEMBERED = 1_000
_SETTLING = timedelta(seconds=1)
"""Between a notice and its errand: more notices may follow."""
_STORM = timedelta(seconds=5)
"""The same while notices of the contract keep coming."""
_LULL = timedelta(seconds=10)
"""After which the next notice is the first one again."""


@dataclass(frozen=True, slots=True)
class Key:
    """How the notices of an integration are known to be genuine, as of a moment."""

    token_digest: str
    sign_key: str = field(repr=False)
    known_at: datetime


class Gate:
    """Lets genuine notices in; what it knows of an integration it asks for again after half a minute."""

    def __init__(self, listeners: ListenerStore, secrets: SecretStore, clock: Clock) -> None:
        self._listeners = listeners
        self._secrets = secrets
        self._clock = clock
        self._lock = Lock()
        self._known: dict[str, Key] = {}

    def check(self, integration_id: str, token: str, notice: OneflowNotice | None) -> OneflowNotice:
        """Return the notice if it is one, and its token and signature are right.

        Raises:
            NotFoundError: It is forged, or there is no such address: all of them look alike.
        """
        key = self._key(integration_id, digest(token)) if notice is not None else None
        if (
            notice is None
            or key is None
            or not is_same(notice.signature, signature_of(notice.callback_id, key.sign_key))
        ):
            raise NotFoundError("There is no such address")
        return notice

    def forget(self, integration_id: str) -> None:
        """Ask anew at the next notice of an integration: something about it was changed."""
        with self._lock:
            self._known.pop(integration_id, None)

    def _key(self, integration_id: str, token_digest: str) -> Key | None:
        known, now = self._known.get(integration_id), self._clock.now()
        if known is not None and now - known.known_at < _REMEMBERED and is_same(token_digest, known.token_digest):
            return known
        listener = self._listeners.get(integration_id)
        if listener is None or not is_same(token_digest, listener.token_digest):
            return None
        secret = self._secrets.get(listener.secret_name)
        if secret is None:
            return None
        key = Key(token_digest, words_of(secret)[1], now)
        with self._lock:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[integration_id] = key
        return key


@dataclass(frozen=True, slots=True)
class Request:
    """When an errand was asked for, and when it is due."""

    asked_at: datetime
    due_at: datetime

    def serves(self, now: datetime) -> bool:
        """Tell whether the errand begins after now; half of the time is for clocks of machines that differ."""
        return self.asked_at <= now < self.asked_at + (self.due_at - self.asked_at) / 2


class Requests:
    """Asks for errands; one that is not due for a while serves all that its contract is named for meanwhile."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[tuple[str, int], Request] = {}

    def serve(self, integration_id: str, contract_id: int, now: datetime) -> bool:
        """Tell whether an errand of the contract waits that begins after now."""
        known = self._known.get((integration_id, contract_id))
        return known is not None and known.serves(now)

    def ask(self, inbox: InboxStore, integration_id: str, contract_id: int, now: datetime) -> None:
        """Let an errand wait that begins after now."""
        key = integration_id, contract_id
        known = self._known.get(key)
        in_storm = known is not None and now - known.asked_at < _LULL
        request = Request(now, now + (_STORM if in_storm else _SETTLING))
        inbox.ask(Errand(integration_id, contract_id, heard_at=now, due_at=request.due_at))
        with self._lock:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = request


@dataclass(frozen=True, slots=True)
class Listening:
    """What webhooks and errands are worked on with; without a `public_url` nothing is registered."""

    listeners: ListenerStore
    inbox: InboxStore
    gate: Gate
    door: Door
    new_word: Callable[[], str]
    """Makes a text that nobody can guess, of at least 32 characters."""
    public_url: str | None = None
    requests: Requests = field(default_factory=Requests)
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
    now = clock.now()
    if not listening.requests.serve(integration_id, notice.contract_id, now):
        if inbox.is_heard(integration_id, notice.callback_id):
            return
        listening.requests.ask(inbox, integration_id, notice.contract_id, now)
    inbox.hear(integration_id, notice.callback_id, now=now)
