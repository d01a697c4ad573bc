"""The bodies of bridges: integrations between Dynamics 365 Sales and Oneflow."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from sync.codec import time_or_none
from sync.engine.origins import dataverse_origin
from sync.model.bridge import BridgeConnection
from sync.model.secret import Secret
from sync.services.bridging import BridgeOrder
from sync.services.integrations import IntegrationOrder
from sync.triggers.bodies import Guid, Moment, OutlineBody, Tenant
from sync.triggers.documents import StrictBody

_TOKEN = re.compile(r"[A-Za-z0-9-]{40}", re.ASCII)
_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@\x00-\x1f\x7f]{1,255}")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a deployment allows beside Microsoft's own addresses."""

    dataverse_origins: tuple[str, ...] = field(default=())


def _check_token(token: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(token.get_secret_value()):
        raise PydanticCustomError("INVALID_TOKEN", "A Oneflow API token has 40 letters, digits and dashes.")
    return token


def _check_email(text: str) -> str:
    if not _EMAIL.fullmatch(text) or not text.isascii():
        raise PydanticCustomError("INVALID_EMAIL", "The e-mail address of a user of the Oneflow account is needed.")
    return text


type Token = Annotated[SecretStr, AfterValidator(_check_token)]
type Phrase = Annotated[SecretStr, Field(min_length=1, max_length=1024)]


class DynamicsBody(StrictBody):
    """How to reach a Dataverse organization."""

    org_url: str
    tenant_id: Tenant
    client_id: Guid
    client_secret: Phrase | None = None
    client_secret_expires_at: Moment | None = None

    @field_validator("org_url")
    @classmethod
    def _check_origin(cls, text: str, info: ValidationInfo) -> str:
        allowed: Allowed = info.context or Allowed()
        origin = dataverse_origin(text, allowed=allowed.dataverse_origins)
        if origin is None:
            message = "The organization's own address is needed, such as https://contoso.crm4.dynamics.com."
            raise PydanticCustomError("INVALID_ORIGIN", message)
        return origin


class OneflowBody(StrictBody):
    """How to reach a Oneflow account."""

    api_token: Token | None = None
    user_email: Annotated[str, AfterValidator(_check_email)]


class BridgeConnectionBody(StrictBody):
    """Both ends of a bridge."""

    dynamics: DynamicsBody
    oneflow: OneflowBody

    def to_order(self) -> BridgeOrder:
        """Return what the service takes."""
        dynamics, oneflow = self.dynamics, self.oneflow
        return BridgeOrder(
            org_url=dynamics.org_url,
            tenant_id=dynamics.tenant_id,
            client_id=dynamics.client_id,
            client_secret=_secret(dynamics.client_secret),
            user_email=oneflow.user_email,
            api_token=_secret(oneflow.api_token),
            client_secret_expires_at=dynamics.client_secret_expires_at,
        )


class NewDynamicsBody(DynamicsBody):
    """How to reach a Dataverse organization for the first time: the secret is part of it."""

    client_secret: Phrase


class NewOneflowBody(OneflowBody):
    """How to reach a Oneflow account for the first time: the token is part of it."""

    api_token: Token


class NewBridgeConnectionBody(BridgeConnectionBody):
    """Both ends of a new bridge."""

    dynamics: NewDynamicsBody
    oneflow: NewOneflowBody


class BridgeBody(OutlineBody):
    """A bridge as its owner writes it."""

    connection: BridgeConnectionBody

    def to_order(self) -> IntegrationOrder:
        """Return what the service takes."""
        return self.ordered(self.connection.to_order())


class NewBridgeBody(BridgeBody):
    """A new bridge."""

    connection: NewBridgeConnectionBody
    status: None = None


def writable_ends(connection: BridgeConnection, patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return the connection's part that its owner may change, as this merge patch finds it.

    When a client secret ends does not outlive the secret.
    """
    dynamics = connection.dynamics
    sent = patch.get("connection")
    told = sent.get("dynamics") if isinstance(sent, Mapping) else None
    renewed = isinstance(told, Mapping) and told.get("clientSecret") is not None
    ends = None if renewed else dynamics.client_secret_expires_at
    return {
        "dynamics": {
            "orgUrl": dynamics.org_url,
            "tenantId": dynamics.tenant_id,
            "clientId": dynamics.client_id,
            "clientSecretExpiresAt": time_or_none(ends),
        },
        "oneflow": {"userEmail": connection.oneflow.user_email},
    }


def _secret(sent: SecretStr | None) -> Secret | None:
    return None if sent is None else Secret(sent.get_secret_value())
