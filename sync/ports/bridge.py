"""Both ends of a bridge: a Dataverse organization, and a Oneflow account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sync.model.bridge import DynamicsAccess, OneflowAccess
from sync.model.contract_life import Life
from sync.model.secret import Secret
from sync.model.table import Column, Reference, Table
from sync.ports.edges import Page


@dataclass(frozen=True, slots=True)
class RowQuery:
    """What to read of rows: columns as addresses name them, and columns of related rows by navigation name."""

    select: tuple[str, ...]
    expand: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    filter: str | None = None
    order: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row as Dataverse told it: decimals are exact, `labels` are texts for people, `etag` names its version."""

    id: str
    etag: str
    values: Mapping[str, Any]
    labels: Mapping[str, str] = field(default_factory=dict)
    related: Mapping[str, "Row | None"] = field(default_factory=dict)
    """Expanded rows by navigation name."""
    leads_to: Mapping[str, str] = field(default_factory=dict)
    """The table that each lookup with a value leads to, by column as addresses name it."""


class Dynamics(Protocol):
    """One Dataverse organization.

    Every method may raise:
        SetupError: Credentials, privileges or address need a person.
        RetryLaterError: Throttled or unavailable for longer than a worker may wait.
        RefusedError: The request itself is refused.
    """

    def who_am_i(self) -> str:
        """Return the id of the user that the hub is there."""
        ...

    def tables(self) -> tuple[Table, ...]:
        """Return all tables that have rows of their own."""
        ...

    def table(self, name: str) -> Table:
        """Return one table (RefusedError ENTITY_NOT_FOUND when there is none of this name)."""
        ...

    def columns(self, table: str) -> tuple[Column, ...]:
        """Return the columns of a table."""
        ...

    def references(self, table: str) -> tuple[Reference, ...]:
        """Return the table's lookups to other tables."""
        ...

    def row(self, table: Table, row_id: str, query: RowQuery) -> Row:
        """Return one row (RefusedError RECORD_GONE when it is not there)."""
        ...

    def rows(self, table: Table, query: RowQuery, cursor: str | None = None, *, page_size: int = 500) -> Page[Row]:
        """Return a page of rows: the first one, or the one at the cursor."""
        ...

    def update(self, table: Table, row: Row, changes: Mapping[str, Any]) -> Row:
        """Change these columns of the row that was read; return what Dataverse has stored then.

        Raises:
            StaleRecordError: Somebody changed the row since it was read.
            RecordError: A value cannot be stored (VALUE_TOO_LONG, VALUE_OUT_OF_RANGE, VALUE_REFUSED).
            RefusedError: The row is gone (RECORD_GONE) or closed (RECORD_READ_ONLY).
        """
        ...

    def create(self, table: Table, values: Mapping[str, Any]) -> Row:
        """Make a row, and return it; sent once only: after a RetryLaterError look for it before asking again.

        Raises:
            RecordError: A value cannot be stored (as update).
        """
        ...


class Organizations(Protocol):
    """Connects to Dataverse."""

    def open(self, access: DynamicsAccess, secret: Secret | None) -> Dynamics:
        """Return an organization; nothing is asked of it yet.

        Raises:
            SetupError: Its address is not one that tokens may go to.
        """
        ...

    def forget_refusal(self, access: DynamicsAccess, secret: Secret | None) -> None:
        """Let the next request find out whether credentials that were just refused are accepted now."""
        ...


@dataclass(frozen=True, slots=True)
class Workspace:
    """A Oneflow workspace, and whether contracts may be made in it."""

    id: int
    name: str
    can_create: bool


@dataclass(frozen=True, slots=True)
class DataFieldDefinition:
    """A data field of a template: `custom_id` names it in requests; one of the system's own cannot be written."""

    id: int
    custom_id: str
    name: str
    description: str = ""
    placeholder: str = ""
    system: bool = False
    active: bool = True
    value: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A Oneflow template; without a type it has no data fields."""

    id: int
    name: str
    active: bool
    type_id: int | None
    takes_products: bool = False


@dataclass(frozen=True, slots=True)
class ContractField:
    """A data field of a contract; `updated_at` as Oneflow told it, None when it was never changed."""

    id: int
    custom_id: str
    name: str
    value: str
    updated_at: str | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract as Oneflow tells it; times as they came."""

    id: int
    name: str
    state: str
    lifecycle_state: str | None
    workspace_id: int | None
    template_id: int | None
    created_at: str | None
    updated_at: str | None
    fields: tuple[ContractField, ...] = ()
    life: Life = field(default_factory=Life)
    signed: bool = False
    """Whether somebody has signed already: a change of content takes that back."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook of the account."""

    id: int
    callback_url: str


class Oneflow(Protocol):
    """One Oneflow account, as one of its users.

    Every method may raise:
        SetupError: Token, user or rights need a person.
        RetryLaterError: Throttled or unavailable for longer than a worker may wait.
        RefusedError: The request itself is refused.
    """

    def account(self) -> str:
        """Return the name of the account that the token belongs to."""
        ...

    def workspaces(self) -> tuple[Workspace, ...]:
        """Return the workspaces that the user sees."""
        ...

    def templates(self, workspace_id: int) -> tuple[Template, ...]:
        """Return the active templates of a workspace."""
        ...

    def definitions(self, type_id: int) -> tuple[DataFieldDefinition, ...]:
        """Return the data fields that templates of a type have."""
        ...

    def contract(self, contract_id: int) -> Contract:
        """Return one contract with its data fields (RefusedError CONTRACT_GONE when it is not there)."""
        ...

    def contracts(self, filters: Mapping[str, str], cursor: str | None = None) -> Page[Contract]:
        """Return a page of contracts, without their data fields: the first one, or the one at the cursor."""
        ...

    def create(self, order: Mapping[str, Any]) -> Contract:
        """Make a contract; sent once only, for Oneflow knows no key by which it would recognise a second request."""
        ...

    def write(self, contract_id: int, values: Mapping[str, str]) -> tuple[ContractField, ...]:
        """Write data fields by custom id, and return all fields as they are then: a system's own stays as it was.

        Raises:
            RefusedError: The contract takes no changes any more (CONTRACT_LOCKED), or is gone (CONTRACT_GONE).
        """
        ...

    def hooks(self) -> tuple[Hook, ...]:
        """Return the webhooks of the account."""
        ...

    def hook(self, callback_url: str, sign_key: Secret, events: Sequence[str]) -> Hook:
        """Let Oneflow tell an address about these events."""
        ...

    def unhook(self, hook_id: int) -> None:
        """Remove a webhook; nothing happens when it is gone."""
        ...


class Accounts(Protocol):
    """Connects to Oneflow."""

    def open(self, access: OneflowAccess, token: Secret | None) -> Oneflow:
        """Return an account; nothing is asked of it yet (SetupError when there is no token)."""
        ...
