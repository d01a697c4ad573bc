"""A version of an integration's mapping: numbered, and never changed once it is made."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.model.entity import EntityType

PRESET_VERSION = 1
"""The version of a mapping that nobody has changed: the product's preset."""


@dataclass(frozen=True, slots=True)
class MappingVersion:
    """One version of the mapping of one entity type; `document` is its JSON form, without the version."""

    integration_id: str
    entity: EntityType
    version: int
    document: dict[str, Any]
    saved_at: datetime | None = None
    """None for the preset."""
    saved_by: str | None = None
    """`{tid}:{oid}` of the caller who made it; None for the preset."""
    restored_from: int | None = None
    """The older version whose content this one brought back."""
