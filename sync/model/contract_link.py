"""What is remembered of a contract that was made from a record."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b

from mapping.stored import from_stored, to_stored
from mapping.values import Typed
from sync.model.field_sync import NO_BASE, Action, NoBase, Write

DELETED = "deleted"
"""The state of a link whose contract is gone."""

type Stored = dict[str, str] | None
"""A typed value as mapping.stored writes it."""


@dataclass(frozen=True, slots=True)
class OpenConflict:
    """Both sides of a field changed, and a person has to decide: what they were when it was met."""

    detected_at: datetime
    dynamics: Stored
    oneflow: Stored
    texts: dict[str, str | None] = field(default_factory=dict)
    """Base and both sides as Oneflow would show them; None where there is no such text."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A value that was to be written, noted before it is sent: a later merge finds out whether it has arrived.

    With a `code` it has not, for a `reason` in words.
    """

    action: Action
    value: Stored
    before: str | None = None
    """What the other side showed then, as Oneflow would show it."""
    code: str = ""
    reason: str = ""
    lasting: bool = False
    """Whether the same value would be refused again."""


@dataclass(frozen=True, slots=True)
class FieldMemory:
    """What is remembered of one mapped field; without `agreed` there is no base."""

    agreed: bool = False
    base: Stored = None
    writes: tuple[Write, ...] = ()
    conflict: OpenConflict | None = None
    trial: Trial | None = None
    holder: str = ""
    """The id of the related row that holds the column; empty for the record's own columns."""

    def of(self, holder: str) -> "FieldMemory":
        """Return what counts for this related row: what was agreed on while the lookup led elsewhere is no base."""
        if self.holder in {"", holder}:
            return replace(self, holder=holder)
        return FieldMemory(writes=self.writes, holder=holder)

    @property
    def value(self) -> Typed | NoBase:
        """The value that both sides last agreed on."""
        return from_stored(self.base) if self.agreed else NO_BASE


def agreed_on(value: Typed, holder: str = "") -> FieldMemory:
    """Return the memory of a field on which both sides agree; `holder` is the related row, if it is in one."""
    return FieldMemory(agreed=True, base=to_stored(value), holder=holder)


@dataclass(frozen=True, slots=True)
class ContractRow:
    """The row that shows a contract in the organization's table of contracts; without an id it is not known yet."""

    table: str
    id: str | None = None
    gone: bool = False
    """Whether somebody deleted it: then it is not made again."""
    trouble: str | None = None
    """Code of what was wrong when it was last to be written."""


@dataclass(frozen=True, slots=True)
class ContractLink:
    """A contract, and the record that it was made from."""

    integration_id: str
    contract_id: int
    entity: str
    record_id: str
    name: str
    state: str
    created_at: datetime
    lifecycle_state: str | None = None
    template_id: int | None = None
    workspace_id: int | None = None
    last_pushed_at: datetime | None = None
    last_fetched_at: datetime | None = None
    seen_at: datetime | None = None
    """When Oneflow last changed the contract, as it was told when both sides were last compared."""
    people: dict[str, str] = field(default_factory=dict)
    """Values of the virtual tables as the contract was made: by `participant.name`, `party.name` and so on."""
    fields: dict[str, FieldMemory] = field(default_factory=dict)
    """By key of the pair."""
    row: ContractRow | None = None
    version: str = ""
    """The store's ETag; empty before the first save."""

    def memory(self, key: str) -> FieldMemory:
        """Return what is remembered of a field."""
        return self.fields.get(key, _NOTHING)

    @property
    def conflicts(self) -> Mapping[str, OpenConflict]:
        """Open conflicts by key of the pair."""
        return {key: known.conflict for key, known in self.fields.items() if known.conflict is not None}


_NOTHING = FieldMemory()


@dataclass(frozen=True, slots=True)
class Birth:
    """A contract that is being made: noted before Oneflow is asked, forgotten when its link is stored."""

    integration_id: str
    entity: str
    record_id: str
    workspace_id: int
    template_id: int
    name: str
    started_at: datetime
    key_field: str | None = None


def conflict_id(contract_id: int, key: str) -> str:
    """Return the id of the conflict that a field of a contract may have: one at a time."""
    return f"cfl_{contract_id}_{blake2b(key.encode(), digest_size=8).hexdigest()}"
