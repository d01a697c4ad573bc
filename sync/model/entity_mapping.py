"""How the columns of a Dataverse table travel to the data fields of a contract."""

from dataclasses import dataclass
from datetime import datetime

from sync.model.field_sync import ConflictPolicy, Direction


@dataclass(frozen=True, slots=True)
class FieldPair:
    """One row of a mapping: a column, a data field, and which way values go."""

    entity: str
    """The table itself, a table that a lookup leads to, or one of the virtual ones: participant and party."""
    via: str | None
    """The lookup column that leads to the table; None for the table itself and the virtual ones."""
    column: str
    data_field: str
    """The custom id of the data field in Oneflow."""
    direction: Direction
    policy: ConflictPolicy = ConflictPolicy.MANUAL
    time_zone: str | None = None
    """IANA name of the zone that times without one are of; None: UTC."""

    @property
    def key(self) -> str:
        """What the pair is remembered by: values of another column or data field are not comparable."""
        return f"{self.entity}/{self.via or ''}/{self.column}>{self.data_field}"


@dataclass(frozen=True, slots=True)
class EntityMapping:
    """The mapping of one table of an integration; the one that nobody wrote yet has no fields."""

    integration_id: str
    entity: str
    fields: tuple[FieldPair, ...] = ()
    template_id: int | None = None
    workspace_id: int | None = None
    products: bool = False
    """Whether the lines of the record become products of the contract."""
    key_field: str | None = None
    """The custom id of a hidden data field that gets the id of the record, so that a lost contract is found again."""
    updated_at: datetime | None = None
    version: str = ""
    """The store's ETag; empty before the first save."""
