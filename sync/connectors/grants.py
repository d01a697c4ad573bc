"""How each grant gets its tokens, and where it keeps them for all processes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import orjson

from sync.connectors.entra import BUSINESS_CENTRAL, Entra, Issued, Resource
from sync.model.bridge import DynamicsAccess
from sync.model.errors import ConsentError, RemoteError, SetupError, SyncError
from sync.model.integration import Connection, Grant
from sync.model.secret import Secret
from sync.ports import Clock, SecretStore

REFUSAL_MEMORY = timedelta(hours=1)
"""How long a refused consent is not tried again, by any process."""

_MARGIN = 300.0
_MARGIN_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, and when it is time for another one."""

    text: Secret
    renew_at: datetime

    def facts(self) -> dict[str, str]:
        """Return the token as it is kept."""
        return {"token": self.text.reveal(), "renewAt": self.renew_at.isoformat()}

    @staticmethod
    def told(facts: Mapping[str, Any]) -> "Token":
        """Return the token that these facts tell (LookupError, TypeError or ValueError when they tell none)."""
        return Token(Secret(facts["token"]), datetime.fromisoformat(facts["renewAt"]).astimezone(UTC))

    @staticmethod
    def of(issued: Issued, asked_at: datetime) -> "Token":
        """Return a token that was just issued; it is renewed a little before its end."""
        life = issued.lifetime - min(_MARGIN, issued.lifetime * _MARGIN_SHARE)
        return Token(issued.token, asked_at + timedelta(seconds=life))


class Access(Protocol):
    """One identity's way to tokens; `name` is the same in all processes."""

    @property
    def name(self) -> str:
        """What the token is cached and its lease is known by."""
        ...

    def kept(self) -> Token | None:
        """Return the token that was kept last, fresh or not.

        Raises:
            ConsentError: The consent was refused a short time ago, or is gone.
        """
        ...

    def issue(self) -> Token:
        """Ask for a new token, and keep it; one caller at a time."""
        ...


@dataclass(frozen=True, slots=True)
class AppAccess:
    """Tokens for the app itself, shared by all connections with the same credentials."""

    entra: Entra
    secrets: SecretStore
    clock: Clock
    connection: Connection | DynamicsAccess
    secret: Secret
    resource: Resource = BUSINESS_CENTRAL

    @property
    def name(self) -> str:
        """A hash of address, principal, scope and secret: it tells nothing."""
        identity = f"{self.entra.url}\n{self.connection.principal}\n{self.resource.scope}\n{self.secret.reveal()}"
        return hashlib.sha256(identity.encode()).hexdigest()

    def kept(self) -> Token | None:
        """Return the shared token; what another version wrote, cut or sealed with a lost key counts as none."""
        try:
            stored = self.secrets.get(f"token-{self.name}")
            return Token.told(orjson.loads(stored.reveal() if stored else ""))
        except RemoteError:
            raise
        except (SyncError, ValueError, LookupError, TypeError):
            return None

    def issue(self) -> Token:
        """Ask for a new token, and share it."""
        asked_at = self.clock.now()
        token = Token.of(self.entra.issue(self.connection, self.secret, self.resource), asked_at)
        self.secrets.set(f"token-{self.name}", Secret(orjson.dumps(token.facts()).decode()))
        return token


@dataclass(frozen=True, slots=True)
class UserAccess:
    """Tokens with which the hub acts for a user.

    Refresh token and access token are kept together in one secret: they are written at once, or not at all.
    """

    entra: Entra
    secrets: SecretStore
    clock: Clock
    connection: Connection
    secret: Secret

    @property
    def name(self) -> str:
        """The name of the consent's secret."""
        consent = self.connection.consent
        if consent is None:
            raise SetupError("The connection has not been authorized yet: authorize it.", code="SETUP_REQUIRED")
        return consent.secret_name

    def kept(self) -> Token | None:
        """Return the consent's token; a refused consent is not tried again for an hour."""
        facts = self._facts()
        refusal = facts.get("refusal")
        if refusal is not None and self.clock.now() < datetime.fromisoformat(refusal["at"]) + REFUSAL_MEMORY:
            raise ConsentError(refusal["message"], code=refusal["code"])
        return Token.told(facts)

    def issue(self) -> Token:
        """Refresh, and keep the newest refresh token together with the new access token before anyone has it."""
        facts, asked_at = self._facts(), self.clock.now()
        try:
            issued = self.entra.refresh(self.connection, self.secret, Secret(facts["refreshToken"]))
        except ConsentError as error:
            newest = self._facts()  # gone meanwhile: then it must not come back
            fresh = Token.told(newest)
            if fresh is not None and newest["refreshToken"] != facts["refreshToken"]:
                return fresh  # another process has refreshed meanwhile
            told = {"at": asked_at.isoformat(), "code": error.code, "message": error.message}
            self._keep({**newest, "refusal": told})
            raise
        self._facts()  # gone meanwhile with its integration: then it must not come back
        return self._kept_now(issued, Secret(facts["refreshToken"]), asked_at)

    def begin(self, issued: Issued, asked_at: datetime) -> None:
        """Keep the tokens that a code was exchanged for.

        Raises:
            ConsentError: There is no refresh token among them.
        """
        if issued.refresh_token is None:
            message = "Microsoft Entra gave no refresh token. Let the app use offline_access, then authorize again."
            raise ConsentError(message)
        self._kept_now(issued, issued.refresh_token, asked_at)

    def _kept_now(self, issued: Issued, refresh_token: Secret, asked_at: datetime) -> Token:
        token = Token.of(issued, asked_at)
        self._keep({**token.facts(), "refreshToken": (issued.refresh_token or refresh_token).reveal()})
        return token

    def _keep(self, facts: Mapping[str, Any]) -> None:
        self.secrets.set(self.name, Secret(orjson.dumps(facts).decode()))

    def _facts(self) -> dict[str, Any]:
        stored = self.secrets.get(self.name)
        if stored is None:
            raise ConsentError("The consent is not there any more. Authorize the connection again.")
        facts: dict[str, Any] = orjson.loads(stored.reveal())
        return facts


def access_of(
    entra: Entra, secrets: SecretStore, clock: Clock, connection: Connection | DynamicsAccess, secret: Secret
) -> Access:
    """Return the way to tokens that the connection's grant opens; for Dataverse there is one for the app only."""
    if isinstance(connection, DynamicsAccess):
        resource = Resource(f"{connection.resource}/.default", "Dynamics 365", "user_impersonation of Dynamics CRM")
        return AppAccess(entra, secrets, clock, connection, secret, resource)
    return _ACCESS[connection.grant](entra, secrets, clock, connection, secret)


_ACCESS: Mapping[Grant, type[AppAccess | UserAccess]] = {
    Grant.CLIENT_CREDENTIALS: AppAccess,
    Grant.AUTHORIZATION_CODE: UserAccess,
}
