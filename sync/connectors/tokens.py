"""Tokens of Microsoft Entra: one request to Entra however many callers, threads and processes need one."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import TypeGuard

from sync.connectors.entra import Entra
from sync.connectors.grants import Access, Token, access_of
from sync.connectors.waiting import Chance, Waiter
from sync.model.bridge import DynamicsAccess
from sync.model.errors import RetryLaterError, SetupError, SyncError
from sync.model.integration import Connection
from sync.model.secret import Secret
from sync.ports import Clock, Ids, LeaseStore, SecretStore

LEASE = timedelta(seconds=15)
"""How long one refresh may take before another process takes over."""

_POLL = 0.05
_POLL_SPREAD = 0.1
_POLL_LIMIT = 30.0
_REFUSAL_MEMORY = 2.0


@dataclass(frozen=True, slots=True)
class Shared:
    """What processes share: the stores, who we are in them, and the present."""

    secrets: SecretStore
    leases: LeaseStore
    ids: Ids
    clock: Clock
    waiter: Waiter
    chance: Chance


@dataclass(slots=True)
class _Entry:
    """What this process knows of one identity's tokens; `rejected` was refused by the system that it is for."""

    lock: Lock = field(default_factory=Lock)
    token: Token | None = None
    rejected: Secret | None = None
    failure: SyncError | None = None
    failed_until: float = 0.0


class EntraTokens:
    """Tokens of both grants, cached in the process and, in the secret store, for all processes."""

    def __init__(self, entra: Entra, shared: Shared) -> None:
        self._entra = entra
        self._shared = shared
        self._entries: dict[tuple[str, Secret], _Entry] = {}
        self._lock = Lock()

    def get(self, connection: Connection | DynamicsAccess, secret: Secret | None) -> Secret:
        """Return a token that is good for some minutes.

        Raises:
            ConsentError: The connection has to be authorized again.
            SetupError: Credentials or configuration need a person; remembered for a few seconds.
            RetryLaterError: Entra is not available, or another process takes too long (SIGN_IN_UNAVAILABLE).
        """
        usable = _usable(secret)
        access = self._access(connection, usable)
        entry = self._entry(access, usable)
        if self._is_fresh(entry.token, entry):
            return entry.token.text
        with entry.lock:
            if not self._is_fresh(entry.token, entry):
                entry.token = self._renew(entry, access)
            return entry.token.text

    def invalidate(self, connection: Connection | DynamicsAccess, secret: Secret | None, token: Secret) -> None:
        """Never return this token again: the next caller gets a newer one of another process, or asks for one."""
        usable = _usable(secret)
        self._entry(self._access(connection, usable), usable).rejected = token

    def forget_refusal(self, connection: Connection | DynamicsAccess, secret: Secret | None) -> None:
        """Let the next caller ask Entra though it has just refused; how long it asked to be left alone still counts."""
        with suppress(SetupError):  # who may not even ask was refused nothing
            usable = _usable(secret)
            entry = self._entry(self._access(connection, usable), usable)
            if isinstance(entry.failure, SetupError):
                entry.failed_until = 0.0

    def _access(self, connection: Connection | DynamicsAccess, secret: Secret) -> Access:
        return access_of(self._entra, self._shared.secrets, self._shared.clock, connection, secret)

    def _entry(self, access: Access, secret: Secret) -> _Entry:
        with self._lock:
            return self._entries.setdefault((access.name, secret), _Entry())

    def _is_fresh(self, token: Token | None, entry: _Entry) -> TypeGuard[Token]:
        return token is not None and token.text != entry.rejected and self._shared.clock.now() < token.renew_at

    def _renew(self, entry: _Entry, access: Access) -> Token:
        waiter = self._shared.waiter
        left = entry.failed_until - waiter.monotonic()
        if entry.failure is not None and left > 0:
            raise _repeated(entry.failure, left)
        try:
            token = self._shared_or_issued(entry, access)
        except (SetupError, RetryLaterError) as error:
            memory = error.delay if isinstance(error, RetryLaterError) else _REFUSAL_MEMORY
            entry.failure, entry.failed_until = error, waiter.monotonic() + memory
            raise
        entry.failure = None
        return token

    def _shared_or_issued(self, entry: _Entry, access: Access) -> Token:
        shared = self._shared
        key, holder = f"token_{access.name}", shared.ids.new("token")
        give_up_at = shared.waiter.monotonic() + _POLL_LIMIT
        while True:
            stored = access.kept()
            if self._is_fresh(stored, entry):
                return stored
            now = shared.clock.now()
            if shared.leases.acquire(key, holder, until=now + LEASE, now=now, facts={}) is not None:
                break
            if shared.waiter.monotonic() > give_up_at:
                message = "Another process takes too long to get a token. It is tried again later."
                raise RetryLaterError(message, delay=_POLL_LIMIT, code="SIGN_IN_UNAVAILABLE")
            shared.waiter.sleep(_POLL + _POLL_SPREAD * shared.chance.fraction())
        try:
            return self._issued(entry, access)
        finally:
            shared.leases.release(key, holder)

    def _issued(self, entry: _Entry, access: Access) -> Token:
        stored = access.kept()
        if self._is_fresh(stored, entry):
            return stored  # its writer gave the lease up between our look and our turn
        token = access.issue()
        entry.rejected = None
        return token


def _usable(secret: Secret | None) -> Secret:
    if secret is None or not secret.reveal():
        raise SetupError("The connection has no client secret: enter one.", code="CLIENT_SECRET_MISSING")
    return secret


def _repeated(failure: SyncError, left: float) -> SyncError:
    if isinstance(failure, RetryLaterError):
        return RetryLaterError(failure.message, delay=left, code=failure.code, announced=failure.announced)
    return type(failure)(failure.message, code=failure.code)
