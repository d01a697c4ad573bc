"""What notices about contracts are worked on with, and who may bring them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from sync.engine.genuine import OneflowNotice, is_same, read_notice, signature_of
from sync.model.errand import Errand, Listener
from sync.model.errors import NotFoundError
from sync.model.secret import Secret
from sync.ports import Clock, InboxStore, ListenerStore, SecretStore
from sync.services.doors import Door

PATH = "api/webhooks/oneflow"
"""Where Oneflow's notices arrive, below the hub's own address."""

_MOST_REMEMBERED = 1_000
_SETTLING = timedelta(seconds=1)
"""Between a notice and its errand: more notices may follow."""
_STORM = timedelta(seconds=5)
"""The same while notices of the contract keep coming."""
_LULL = timedelta(seconds=10)
"""After which the next notice is the first one again."""


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
    door: Door[Listener]
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
