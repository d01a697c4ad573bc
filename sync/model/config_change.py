"""A change of an integration's configuration: who changed what, and when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class ConfigEvent(StrEnum):
    """What kind of change it is."""

    CREATED = "created"
    CHANGED = "changed"
    """Its owner changed name, connection, credentials, schedule, settings or status."""
    MAPPED = "mapped"
    """Its owner changed a mapping."""
    AUTHORIZED = "authorized"
    """Its owner signed in for it."""
    STANDING = "standing"
    """The hub holds it, or lets it go on: see the reason."""


@dataclass(frozen=True, slots=True)
class Alteration:
    """One member before and after; of a secret only that it was replaced."""

    field: str
    before: Any = None
    after: Any = None
    secret: bool = False


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """One entry of an integration's trail of changes; ids sort newest first."""

    id: str
    integration_id: str
    event: ConfigEvent
    at: datetime
    user_id: str | None = None
    """Who did it; None: the hub itself."""
    run_id: str | None = None
    """The run that made the hub do it."""
    entity: str | None = None
    """The entity type or table whose mapping it is."""
    alterations: tuple[Alteration, ...] = ()
    reason: str | None = None
