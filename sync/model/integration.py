"""An integration: whose it is, what it connects, and in which state it is."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeIs

from sync.model.bridge import BridgeConnection


class Kind(StrEnum):
    """What an integration connects."""

    BUSINESS_CENTRAL = "business_central"
    ONEFLOW = "oneflow"


class Grant(StrEnum):
    """How the hub gets its tokens for Business Central."""

    CLIENT_CREDENTIALS = "client_credentials"
    AUTHORIZATION_CODE = "authorization_code"


class Status(StrEnum):
    """Whether an integration may run; the last three are held until a person acts."""

    ACTIVE = "active"
    PAUSED = "paused"
    SETUP_REQUIRED = "setup_required"
    REAUTH_REQUIRED = "reauth_required"
    BROKEN = "broken"


HELD = frozenset({Status.SETUP_REQUIRED, Status.REAUTH_REQUIRED, Status.BROKEN})
"""States in which no sync starts until a test, a sync or changed credentials work."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A user of the platform: tenant and object id of the caller's token."""

    tenant_id: str
    object_id: str

    @property
    def user_id(self) -> str:
        """`{tid}:{oid}`, as records and answers show it."""
        return f"{self.tenant_id}:{self.object_id}"


@dataclass(frozen=True, slots=True)
class Consent:
    """What a user granted by signing in; the refresh token is in the SecretStore as `secret_name`."""

    secret_name: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach one Business Central company; the client secret is in the SecretStore as `secret_name`."""

    tenant_id: str
    client_id: str
    environment: str
    secret_name: str
    company_id: str | None = None
    company_name: str | None = None
    grant: Grant = Grant.CLIENT_CREDENTIALS
    consent: Consent | None = None
    client_secret_expires_at: datetime | None = None
    """As its owner told; Entra does not say."""

    @property
    def awaits_consent(self) -> bool:
        """Whether somebody has to sign in before anything can be read."""
        return self.grant is Grant.AUTHORIZATION_CODE and self.consent is None

    @property
    def principal(self) -> str:
        """The identity that Business Central's limits count by: tenant and client."""
        return f"{self.tenant_id}:{self.client_id}".lower()

    @property
    def source(self) -> str:
        """The company that records come from, as one text; the same key from another source is a conflict."""
        return f"{self.tenant_id}/{self.environment}/{self.company_id}".lower()

    @property
    def secret_names(self) -> frozenset[str]:
        """Names of the secrets that go with the connection."""
        names = frozenset({self.secret_name})
        return names if self.consent is None else names | {self.consent.secret_name}


type AnyConnection = Connection | BridgeConnection


@dataclass(frozen=True, slots=True)
class Announced:
    """The latest notice about the end of a client secret: which end, and how many days before it."""

    expires_at: datetime
    days: int


@dataclass(frozen=True, slots=True)
class Integration[C: Connection | BridgeConnection = Connection]:
    """One user's connection between Business Central and the platform, or between Dynamics 365 Sales and Oneflow."""

    id: str
    owner: Owner
    name: str
    kind: Kind
    connection: C
    created_at: datetime
    updated_at: datetime
    status: Status = Status.ACTIVE
    status_reason: str | None = None
    untried: bool = False
    """Whether the connection was changed while held: then one sync may try it."""
    resumes_as: Status = Status.ACTIVE
    """What a paused integration is again when it is resumed; of no meaning while it is not paused."""
    schedule: str | None = None
    next_run_at: datetime | None = None
    last_synced_at: datetime | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    announced: Announced | None = None
    realtime_trouble: str | None = None
    """Why change notices do not arrive; nothing else depends on them."""
    version: str = ""
    """The store's ETag; empty before the first save."""

    @property
    def standing(self) -> Status:
        """What is known of the connection, also while its owner has paused the integration."""
        return self.resumes_as if self.status is Status.PAUSED else self.status

    @property
    def sign_in_name(self) -> str:
        """Name of the secret that tells which sign-in is expected."""
        return f"signin-{self.id.replace('_', '-')}"


type Bridge = Integration[BridgeConnection]
"""An integration between Dynamics 365 Sales and Oneflow."""

type AnyIntegration = Integration[Connection | BridgeConnection]


def is_bridge(integration: AnyIntegration) -> TypeIs[Bridge]:
    """Tell whether an integration connects Dynamics 365 Sales with Oneflow."""
    return isinstance(integration.connection, BridgeConnection)


def is_supply(integration: AnyIntegration) -> TypeIs[Integration]:
    """Tell whether an integration connects Business Central with the platform."""
    return isinstance(integration.connection, Connection)
