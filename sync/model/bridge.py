"""The connection of a bridge: one Dataverse organization, and one Oneflow account."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class DynamicsAccess:
    """How to reach one Dataverse organization; the client secret is in the SecretStore as `secret_name`."""

    org_url: str
    """Its origin: scheme and host in lower case, without a slash at the end."""
    tenant_id: str
    client_id: str
    secret_name: str
    client_secret_expires_at: datetime | None = None
    """As its owner told; Entra does not say."""

    @property
    def principal(self) -> str:
        """The identity that tokens are issued for: tenant and client."""
        return f"{self.tenant_id}:{self.client_id}".lower()

    @property
    def resource(self) -> str:
        """What tokens are for: the organization's host, without the `.api` that its address may have."""
        parts = urlsplit(self.org_url)
        return f"{parts.scheme}://{parts.netloc.replace('.api.crm', '.crm', 1)}"


@dataclass(frozen=True, slots=True)
class OneflowAccess:
    """How to reach one Oneflow account; the API token is in the SecretStore as `secret_name`."""

    user_email: str
    """The user of the account that the hub acts as."""
    secret_name: str


@dataclass(frozen=True, slots=True)
class BridgeConnection:
    """Both ends of a bridge."""

    dynamics: DynamicsAccess
    oneflow: OneflowAccess

    @property
    def awaits_consent(self) -> bool:
        """Never: both ends are reached with credentials of their own."""
        return False

    @property
    def consent(self) -> None:
        """None: nobody signs in."""
        return

    @property
    def client_secret_expires_at(self) -> datetime | None:
        """When the client secret ends, as its owner told."""
        return self.dynamics.client_secret_expires_at

    @property
    def secret_names(self) -> frozenset[str]:
        """Names of the secrets that go with the connection."""
        return frozenset({self.dynamics.secret_name, self.oneflow.secret_name})
