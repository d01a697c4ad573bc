"""The bodies of requests, as models; each turns into an order that a service understands."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from sync.codec import time_or_none, time_value
from sync.engine.schedule import check
from sync.model.entity import EntityType
from sync.model.guid import is_guid
from sync.model.integration import Connection, Grant, Kind, Status
from sync.model.run import RunKind
from sync.model.secret import Secret
from sync.services.bridging import BridgeOrder
from sync.services.integrations import ConnectionOrder, IntegrationOrder
from sync.services.runs import SyncOrder
from sync.triggers.documents import StrictBody

LARGEST_SETTINGS = 16 * 1024
"""Bytes of an integration's settings as JSON."""

_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE | re.ASCII)
_ENVIRONMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", re.ASCII)
_LOGICAL_NAME = re.compile(r"[a-z][a-z0-9_]{0,127}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def must(test: Callable[[str], object], code: str, message: str) -> AfterValidator:
    """Return a validator that refuses texts which do not pass the test."""

    def validate(text: str) -> str:
        if not test(text):
            raise PydanticCustomError(code, message)
        return text

    return AfterValidator(validate)


def no_longer_than(most: int) -> AfterValidator:
    """Return a validator for texts that people read on one line."""
    message = f"1 to {most} characters, not only blanks, and no control characters."
    return must(lambda text: text.strip() and len(text) <= most and not _CONTROL.search(text), "INVALID_TEXT", message)


def _check_schedule(text: str) -> str:
    problem = check(text)
    if problem is not None:
        raise PydanticCustomError("INVALID_SCHEDULE", "{problem}.", {"problem": problem})
    return text


def _read_moment(value: Any) -> datetime:
    try:
        return time_value(value)
    except (TypeError, ValueError, OverflowError):
        message = "A time is written as 2026-01-31T12:00:00Z, with its zone."
        raise PydanticCustomError("INVALID_TIME", message) from None


def _check_kind(text: str) -> str:
    if text not in frozenset(Kind):
        raise PydanticCustomError("UNKNOWN_KIND", "There are the kinds business_central and oneflow.")
    return text


def _check_size(settings: BaseModel) -> BaseModel:
    if len(settings.model_dump_json()) > LARGEST_SETTINGS:
        message = f"Settings have at most {LARGEST_SETTINGS} bytes."
        raise PydanticCustomError("TOO_LARGE", message)
    return settings


type Guid = Annotated[str, must(is_guid, "INVALID_ID", "A GUID is needed.")]
type Tenant = Annotated[
    str,
    must(
        lambda text: is_guid(text) or _DOMAIN.fullmatch(text),
        "INVALID_TENANT",
        "The tenant's GUID or domain is needed.",
    ),
]
type Environment = Annotated[
    str, must(_ENVIRONMENT.fullmatch, "INVALID_ENVIRONMENT", "1 to 40 letters, digits, - and _ name an environment.")
]
type LogicalName = Annotated[
    str, must(_LOGICAL_NAME.fullmatch, "INVALID_NAME", "A logical name is needed: small letters, digits and _.")
]
type Name = Annotated[str, no_longer_than(200)]
type Schedule = Annotated[str, AfterValidator(_check_schedule)]
type Moment = Annotated[datetime, BeforeValidator(_read_moment)]


class ConnectionBody(StrictBody):
    """How to reach Business Central."""

    tenant_id: Tenant
    client_id: Guid
    client_secret: Annotated[SecretStr, Field(min_length=1, max_length=1024)] | None = None
    environment: Environment = "Production"
    company_id: Guid | None = None
    grant: Grant = Grant.CLIENT_CREDENTIALS
    client_secret_expires_at: Moment | None = None

    def to_order(self) -> ConnectionOrder:
        """Return what the service takes."""
        secret = self.client_secret
        return ConnectionOrder(
            tenant_id=self.tenant_id,
            client_id=self.client_id,
            environment=self.environment,
            company_id=None if self.company_id is None else str(UUID(self.company_id)),
            grant=self.grant,
            client_secret=None if secret is None else Secret(secret.get_secret_value()),
            client_secret_expires_at=self.client_secret_expires_at,
        )


class NewConnectionBody(ConnectionBody):
    """How to reach Business Central for the first time: the secret is part of it."""

    client_secret: Annotated[SecretStr, Field(min_length=1, max_length=1024)]


class LimitBody(StrictBody):
    """How many records a run may change at once: both must be exceeded."""

    share: Annotated[float, Field(ge=0, le=1)] | None = None
    count: Annotated[int, Field(ge=0)] | None = None


class BreakerBody(StrictBody):
    """What a run may do to stored records without being approved."""

    changes: LimitBody | None = None
    blanks: LimitBody | None = None


def _or_off(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    return value if value is False else handler(value)


def _as_written(value: Any) -> Any:
    return value.model_dump(by_alias=True, exclude_none=True) if isinstance(value, BreakerBody) else value


class SettingsBody(BaseModel):
    """An integration's settings; the hub keeps those that it does not know."""

    model_config = ConfigDict(strict=True, extra="allow", alias_generator=to_camel)

    page_size: Annotated[int, Field(ge=100, le=20_000)] | None = None
    overlap_seconds: Annotated[int, Field(ge=0, le=86_400)] | None = None
    realtime: bool | None = None
    automatic: bool | None = None
    contract_table: LogicalName | None = None
    contract_column: LogicalName | None = None
    largest_loss: Annotated[float, Field(ge=0, le=1)] | None = None
    breaker: Annotated[BreakerBody | None, WrapValidator(_or_off), PlainSerializer(_as_written)] = None


class OutlineBody(StrictBody):
    """What integrations of both kinds have; `status` only pauses and resumes."""

    name: Name
    kind: Annotated[str, AfterValidator(_check_kind)]
    schedule: Schedule | None = None
    settings: Annotated[SettingsBody, AfterValidator(_check_size)] = Field(default_factory=SettingsBody)
    status: Literal[Status.ACTIVE, Status.PAUSED] | None = None

    def ordered(self, connection: ConnectionOrder | BridgeOrder) -> IntegrationOrder:
        """Return what the service takes, with a connection of the integration's kind."""
        return IntegrationOrder(
            name=self.name.strip(),
            kind=Kind(self.kind),
            connection=connection,
            schedule=self.schedule,
            settings=self.settings.model_dump(by_alias=True, exclude_none=True),
            status=self.status,
        )


class IntegrationBody(OutlineBody):
    """An integration with Business Central as its owner writes it."""

    connection: ConnectionBody

    def to_order(self) -> IntegrationOrder:
        """Return what the service takes."""
        return self.ordered(self.connection.to_order())


class NewIntegrationBody(IntegrationBody):
    """A new integration with Business Central."""

    connection: NewConnectionBody
    status: None = None


class SyncBody(StrictBody):
    """What to sync: everything, changes since a time, or changes since the last run."""

    modified_since: Moment | None = None
    mode: Literal["full", "delta"] | None = None
    entities: Annotated[list[EntityType], Field(min_length=1)] | None = None

    @field_validator("mode")
    @classmethod
    def _check_together(cls, mode: str | None, info: ValidationInfo) -> str | None:
        if mode is not None and info.data.get("modified_since") is not None:
            raise PydanticCustomError("MODE_AND_TIME", "Send mode or modifiedSince, not both.")
        return mode

    def to_order(self) -> SyncOrder:
        """Return what the service takes."""
        changes = self.modified_since is not None or self.mode == "delta"
        wanted = self.entities or list(EntityType)
        return SyncOrder(
            kind=RunKind.DELTA if changes else RunKind.FULL,
            modified_since=self.modified_since,
            entities=tuple(entity for entity in EntityType if entity in wanted),
        )


class PreviewBody(StrictBody):
    """How many records to look at, and a mapping to try instead of the current one."""

    sample: Annotated[int, Field(ge=1, le=100)] = 10
    mapping: dict[str, Any] | None = None


def writable(connection: Connection, patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return the connection's part that its owner may change, as this merge patch finds it.

    When a client secret ends does not outlive the secret.
    """
    sent = patch.get("connection")
    renewed = isinstance(sent, Mapping) and sent.get("clientSecret") is not None
    ends = None if renewed else connection.client_secret_expires_at
    return {
        "tenantId": connection.tenant_id,
        "clientId": connection.client_id,
        "environment": connection.environment,
        "companyId": connection.company_id,
        "grant": connection.grant.value,
        "clientSecretExpiresAt": time_or_none(ends),
    }
