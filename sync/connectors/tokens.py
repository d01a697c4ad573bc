"""Tokens for Business Central: one request to Entra however many callers, threads and processes need one."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TypeGuard

import orjson

from sync.connectors.entra import Entra, Issued
from sync.connectors.waiting import Chance, Waiter
from sync.model.errors import RemoteError, RetryLaterError, SetupError, SyncError
from sync.model.integration import Connection, Grant
from sync.model.secret import Secret
from sync.ports import Clock, Ids, LeaseStore, SecretStore

LEASE = timedelta(seconds=15)
"""How long one refresh may take before another process takes over."""

_MARGIN = 300.0
_MARGIN_SHARE = 0.1
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


@dataclass(frozen=True, slots=True)
class _Token:
    text: Secret
    renew_at: datetime

    def to_secret(self) -> Secret:
        return Secret(orjson.dumps({"token": self.text.reveal(), "renewAt": self.renew_at.isoformat()}).decode())

    @staticmethod
    def from_secret(stored: Secret | None) -> "_Token | None":
        """Return the shared token; what another version wrote or cut counts as none."""
        try:
            facts = orjson.loads(stored.reveal() if stored else "")
            return _Token(Secret(facts["token"]), datetime.fromisoformat(facts["renewAt"]).astimezone(UTC))
        except (ValueError, LookupError, TypeError):
            return None


@dataclass(slots=True)
class _Entry:
    """What this process knows of one principal and secret; `rejected` was refused by Business Central."""

    name: str
    lock: Lock = field(default_factory=Lock)
    token: _Token | None = None
    rejected: Secret | None = None
    failure: SyncError | None = None
    failed_until: float = 0.0


class EntraTokens:
    """Client-credentials tokens, cached in the process and, in the secret store, for all processes."""

    def __init__(self, entra: Entra, shared: Shared) -> None:
        self._entra = entra
        self._shared = shared
        self._entries: dict[str, _Entry] = {}
        self._lock = Lock()

    def get(self, connection: Connection, secret: Secret | None) -> Secret:
        """Return a token that is good for some minutes.

        Raises:
            ConsentError: The connection has to be authorized again.
            SetupError: Credentials or configuration need a person; remembered for a few seconds.
            RetryLaterError: Entra is not available, or another process takes too long (SIGN_IN_UNAVAILABLE).
        """
        usable = _usable(connection, secret)
        entry = self._entry(connection, usable)
        if self._is_fresh(entry.token, entry):
            return entry.token.text
        with entry.lock:
            if not self._is_fresh(entry.token, entry):
                entry.token = self._renew(entry, lambda: self._entra.issue(connection, usable))
            return entry.token.text

    def invalidate(self, connection: Connection, secret: Secret | None, token: Secret) -> None:
        """Never return this token again: the next caller gets a newer one of another process, or asks for one."""
        self._entry(connection, _usable(connection, secret)).rejected = token

    def _entry(self, connection: Connection, secret: Secret) -> _Entry:
        identity = f"{self._entra.url}\n{connection.principal}\n{secret.reveal()}"
        name = hashlib.sha256(identity.encode()).hexdigest()
        with self._lock:
            return self._entries.setdefault(name, _Entry(name))

    def _is_fresh(self, token: _Token | None, entry: _Entry) -> TypeGuard[_Token]:
        return token is not None and token.text != entry.rejected and self._shared.clock.now() < token.renew_at

    def _renew(self, entry: _Entry, issue: Callable[[], Issued]) -> _Token:
        waiter = self._shared.waiter
        left = entry.failed_until - waiter.monotonic()
        if entry.failure is not None and left > 0:
            raise _repeated(entry.failure, left)
        try:
            token = self._shared_or_issued(entry, issue)
        except (SetupError, RetryLaterError) as error:
            memory = error.delay if isinstance(error, RetryLaterError) else _REFUSAL_MEMORY
            entry.failure, entry.failed_until = error, waiter.monotonic() + memory
            raise
        entry.failure = None
        return token

    def _shared_or_issued(self, entry: _Entry, issue: Callable[[], Issued]) -> _Token:
        shared = self._shared
        key, holder = f"token_{entry.name}", shared.ids.new("token")
        give_up_at = shared.waiter.monotonic() + _POLL_LIMIT
        while True:
            stored = self._stored(entry)
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
            return self._issued(entry, issue)
        finally:
            shared.leases.release(key, holder)

    def _issued(self, entry: _Entry, issue: Callable[[], Issued]) -> _Token:
        stored = self._stored(entry)
        if self._is_fresh(stored, entry):
            return stored  # its writer gave the lease up between our look and our turn
        asked_at = self._shared.clock.now()
        issued = issue()
        life = issued.lifetime - min(_MARGIN, issued.lifetime * _MARGIN_SHARE)
        token = _Token(issued.token, asked_at + timedelta(seconds=life))
        self._shared.secrets.set(f"token-{entry.name}", token.to_secret())
        entry.rejected = None
        return token

    def _stored(self, entry: _Entry) -> _Token | None:
        try:
            return _Token.from_secret(self._shared.secrets.get(f"token-{entry.name}"))
        except RemoteError:
            raise
        except SyncError:
            return None  # sealed with a key that has gone: the next token replaces it


def _usable(connection: Connection, secret: Secret | None) -> Secret:
    if connection.grant is not Grant.CLIENT_CREDENTIALS:
        message = "Only client credentials are supported: choose that grant in the connection."
        raise SetupError(message, code="GRANT_UNSUPPORTED")
    if secret is None or not secret.reveal():
        raise SetupError("The connection has no client secret: enter one.", code="CLIENT_SECRET_MISSING")
    return secret


def _repeated(failure: SyncError, left: float) -> SyncError:
    if isinstance(failure, RetryLaterError):
        return RetryLaterError(failure.message, delay=left, code=failure.code)
    return type(failure)(failure.message, code=failure.code)
