"""Lets an integration's owner sign in at the source's authority, so that the hub may act for them."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hmac import compare_digest

import orjson

from sync.codec import from_wire, to_wire
from sync.engine.standing import placed
from sync.model.errors import CallerError, StaleRecordError, StateError, SyncError
from sync.model.integration import Consent, Grant, Integration, Owner, Status
from sync.model.log import Action, LogEntry, LogStatus
from sync.model.secret import Secret
from sync.ports import (
    Authority,
    Clock,
    ConfigStore,
    Ids,
    IntegrationStore,
    LeaseStore,
    LogStore,
    Proof,
    SecretStore,
)
from sync.services.config_notes import note_authorized

logger = logging.getLogger(__name__)

LINK_LIFE = timedelta(minutes=10)
"""How long a sign-in may take, from its link to its callback."""

_CONSUMING = timedelta(seconds=15)
_STATE = re.compile(r"(?P<integration>[A-Za-z0-9_-]{1,64})\.[0-9a-f]{64}", re.ASCII)
_MENDED = frozenset({Status.SETUP_REQUIRED, Status.REAUTH_REQUIRED})


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in that is expected: by which state it is known, whose it is, and what it was asked for."""

    state: str
    verifier: str
    owner: Owner
    principal: str
    redirect_uri: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back from the sign-in page: a code, or an error with its description."""

    code: Secret | None = None
    error: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Consents:
    """What callers and their browsers do about consent; `riddle` returns 64 hex digits that nobody can guess."""

    integrations: IntegrationStore
    secrets: SecretStore
    leases: LeaseStore
    logs: LogStore
    config: ConfigStore
    authority: Authority
    clock: Clock
    ids: Ids
    riddle: Callable[[], str]

    def begin(self, integration: Integration, redirect_uri: str) -> str:
        """Return the address at which the owner signs in; an earlier one is good for nothing then.

        Raises:
            StateError: The connection needs no consent (CONSENT_NOT_NEEDED).
        """
        connection = integration.connection
        if connection.grant is not Grant.AUTHORIZATION_CODE:
            message = "The connection uses client credentials: nobody has to sign in. Or change its grant first"
            raise StateError(message, code="CONSENT_NOT_NEEDED")
        state, verifier = f"{integration.id}.{self.riddle()}", self.riddle()
        until = self.clock.now() + LINK_LIFE
        pending = Pending(state, verifier, integration.owner, connection.principal, redirect_uri, until)
        self.secrets.set(integration.sign_in_name, Secret(orjson.dumps(to_wire(pending)).decode()))
        return self.authority.sign_in_address(
            connection, redirect_uri=redirect_uri, state=state, verifier=Secret(verifier)
        )

    def finish(self, state: str, returned: Returned) -> Integration:
        """Take what came back from a sign-in, once; the integration is active again when it is a consent.

        Raises:
            CallerError: The sign-in is not expected, or not any more.
            ConsentError: It was declined, or its code is refused.
            SetupError: Credentials or configuration are refused.
            RetryLaterError: The authority is not available.
        """
        integration, pending = self._consume(state)
        try:
            changed = self._attach(integration, pending, self._redeemed(integration, pending, returned))
        except SyncError as error:
            self._log(integration, LogStatus.ERROR, {"code": error.code, "message": error.message})
            raise
        self._log(changed, LogStatus.SUCCESS, {})
        note_authorized(self, changed)
        return changed

    def _consume(self, state: str) -> tuple[Integration, Pending]:
        """Use a state up; of several that come with the same one, one gets through."""
        told = integration_of(state)
        integration = None if told is None else self.integrations.find(told)
        if integration is None or self._expected(integration, state) is None:
            raise _unexpected()
        key, holder = integration.sign_in_name.replace("-", "_"), self.ids.new("signin")
        now = self.clock.now()
        if self.leases.acquire(key, holder, until=now + _CONSUMING, now=now, facts={}) is None:
            raise _unexpected()
        try:
            pending = self._expected(integration, state)
            if pending is None:
                raise _unexpected()
            self.secrets.delete(integration.sign_in_name)
        finally:
            self.leases.release(key, holder)
        if now >= pending.expires_at:
            raise CallerError("The link is older than ten minutes. Authorize again", code="SIGN_IN_LINK_EXPIRED")
        return integration, pending

    def _expected(self, integration: Integration, state: str) -> Pending | None:
        stored = self.secrets.get(integration.sign_in_name)
        if stored is None:
            return None
        pending = from_wire(Pending, orjson.loads(stored.reveal()))
        matches = compare_digest(pending.state.encode(), state.encode()) and pending.owner == integration.owner
        return pending if matches else None

    def _redeemed(self, integration: Integration, pending: Pending, returned: Returned) -> Consent:
        _check_same(integration, pending)
        if returned.code is None:
            raise self.authority.refusal(returned.error, returned.description)
        consent = Consent(self.ids.new("consent").replace("_", "-"), self.clock.now())
        connection = replace(integration.connection, consent=consent)
        proof = Proof(returned.code, Secret(pending.verifier), pending.redirect_uri)
        self.authority.redeem(connection, self.secrets.get(connection.secret_name), proof)
        return consent

    def _attach(self, integration: Integration, pending: Pending, consent: Consent) -> Integration:
        """Give the consent to the integration as it is now; one that has become another's is thrown away."""
        while True:
            current = self.integrations.get(pending.owner, integration.id)
            try:
                saved = self.integrations.save(_authorized(_check_same(current, pending), consent))
            except StaleRecordError:
                continue
            except CallerError:  # of any other trouble it is not known whether the consent is in use
                self.secrets.delete(consent.secret_name)
                raise
            former = None if current is None else current.connection.consent
            if former is not None and former != consent:
                self._forget(former, saved)
            return saved

    def _forget(self, former: Consent, integration: Integration) -> None:
        """Remove a consent that another has replaced; the new one holds all the same when that cannot be done."""
        try:
            self.secrets.delete(former.secret_name)
        except SyncError as error:
            logger.warning("a former consent was left", extra={"integration": integration.id, "code": error.code})

    def _log(self, integration: Integration, status: LogStatus, told: dict[str, str]) -> None:
        self.logs.append(
            LogEntry(
                id=self.ids.new("log"),
                integration_id=integration.id,
                entity_type=None,
                action=Action.AUTHORIZE,
                status=status,
                records_affected=0,
                created_at=self.clock.now(),
                metadata={"created": 0, "updated": 0, "errors": [], **told},
            )
        )


def integration_of(state: str) -> str | None:
    """Return the id of the integration that a state claims to be for; nothing is known of it yet."""
    told = _STATE.fullmatch(state)
    return None if told is None else told["integration"]


def _authorized(integration: Integration, consent: Consent) -> Integration:
    changed = replace(integration, connection=replace(integration.connection, consent=consent), untried=True)
    return placed(changed, Status.ACTIVE) if integration.standing in _MENDED else changed


def _check_same(integration: Integration | None, pending: Pending) -> Integration:
    """Return the integration if it still is what the person signed in for."""
    if integration is None:
        raise _unexpected()
    connection = integration.connection
    if connection.grant is not Grant.AUTHORIZATION_CODE or connection.principal != pending.principal:
        message = "Tenant, client or grant of the connection were changed meanwhile. Authorize again"
        raise CallerError(message, code="SIGN_IN_LINK_UNKNOWN")
    return integration


def _unexpected() -> CallerError:
    message = "This sign-in is not expected: its link is unknown, was used before, or a newer one has replaced it"
    return CallerError(message, code="SIGN_IN_LINK_UNKNOWN")
