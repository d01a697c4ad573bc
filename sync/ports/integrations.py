"""Integrations, their secrets and watermarks."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from sync.model.entity import EntityType
from sync.model.integration import AnyIntegration, Integration, Owner
from sync.model.mapping import PRESET_VERSION
from sync.model.secret import Secret
from sync.ports.edges import Page


class IntegrationStore[I: AnyIntegration = Integration](Protocol):
    """Integrations by owner; nobody reads past the own partition."""

    def create(self, integration: I) -> I:
        """Store a new integration; the answer carries its version."""
        ...

    def get(self, owner: Owner, integration_id: str) -> I | None:
        """Return the owner's integration, or None: also when it is another owner's."""
        ...

    def save(self, integration: I) -> I:
        """Replace an integration if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        ...

    def delete(self, integration: I) -> None:
        """Remove an integration with its place in the schedule; nothing happens when it is gone."""
        ...

    def list(self, owner: Owner, *, cursor: str | None, limit: int) -> Page[I]:
        """Return the owner's integrations, newest first."""
        ...

    def find(self, integration_id: str) -> I | None:
        """Return an integration for timers and workflows, which act for no caller."""
        ...

    def due(self, moment: datetime, *, limit: int) -> tuple[I, ...]:
        """Return integrations whose next_run_at is at or before the moment, earliest first."""
        ...

    def everyone(self) -> Iterator[I]:
        """Yield the integrations of all owners, for timers, which act for no caller."""
        ...


class SecretStore(Protocol):
    """Secrets by name; names are 1-127 of 0-9a-zA-Z-.

    A name that begins with `secret-` is given one value only; one that begins with `token-` holds
    what can be asked for again at any time.
    """

    def get(self, name: str) -> Secret | None:
        """Return the newest value of the secret, or None."""
        ...

    def set(self, name: str, value: Secret) -> None:
        """Store a new value of the secret.

        Raises:
            RecordError: The value has more than 25,000 bytes (SECRET_TOO_LARGE).
        """
        ...

    def delete(self, name: str) -> None:
        """Remove the secret; nothing happens when there is none."""
        ...


class WatermarkStore(Protocol):
    """One watermark for each integration, source, entity type and version of its mapping.

    What was read with one mapping says nothing about another: each version has a watermark of its own.
    """

    def get(
        self, integration_id: str, source: str, entity: EntityType, *, mapping: int = PRESET_VERSION
    ) -> datetime | None:
        """Return the stored watermark."""
        ...

    def advance(
        self,
        integration_id: str,
        source: str,
        entity: EntityType,
        instant: datetime,
        *,
        mapping: int = PRESET_VERSION,
    ) -> datetime:
        """Move the watermark forward, never back; return what is stored then."""
        ...

    def clear(self, integration_id: str) -> None:
        """Forget the integration's watermarks: its next delta reads everything."""
        ...
