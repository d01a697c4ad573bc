"""What a run is held for: how much it would change at once, and what somebody must see to allow it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.model.entity import EntityType


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one stored record, as it is and as it would become."""

    entity: EntityType
    external_id: str
    field: str
    before: Any
    after: Any
    name: str | None = None
    """What the record is called now."""


@dataclass(frozen=True, slots=True)
class Approval:
    """What a held run would do; counts of stored records, each record once."""

    required: bool
    """Whether somebody has to approve it still, and can."""
    changes: int
    """Stored records that would change."""
    blanks: int
    """Those of them in which a field that holds a value would become empty."""
    stored: int
    """Records that this source has stored of the entity types that are held."""
    sample: tuple[FieldChange, ...] = ()
    expires_at: datetime | None = None
    approved_at: datetime | None = None
