"""Toys of both ends of a bridge."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sync.model.bridge import DynamicsAccess, OneflowAccess
from sync.model.errors import RefusedError, SyncError
from sync.model.secret import Secret
from sync.model.table import Column, Reference, Requirement, Table
from sync.ports import (
    Contract,
    ContractField,
    DataFieldDefinition,
    Hook,
    Page,
    Row,
    RowQuery,
    Template,
    Workspace,
)

OPPORTUNITY = Table("opportunity", "opportunities", "opportunityid", "name", "Opportunity")
ACCOUNT = Table("account", "accounts", "accountid", "name", "Account")
NAME = Column("name", "String", "Topic", Requirement.REQUIRED)
PARENT = Column("parentaccountid", "Lookup", "Account")
HOME = Workspace(1, "Sales", can_create=True)
OFFER = Template(7, "Offer", active=True, type_id=5)
PLAIN = Template(8, "Plain", active=True, type_id=None)
AMOUNT = DataFieldDefinition(12, "budgetamount", "Budget amount")


@dataclass
class Troubled:
    """Fails where a test plans it, and lets happen what a test plans meanwhile."""

    troubles: dict[str, SyncError] = field(default_factory=dict)
    happenings: dict[str, Callable[[], object]] = field(default_factory=dict)

    def stumble(self, method: str) -> None:
        """Let happen, once, and raise what is planned for a method."""
        self.happenings.pop(method, lambda: None)()
        if method in self.troubles:
            raise self.troubles[method]


@dataclass
class ToyDynamics(Troubled):
    """An organization with two tables (see sync.ports.Dynamics and Organizations)."""

    known: dict[str, tuple[Column, ...]] = field(
        default_factory=lambda: {
            "opportunity": (NAME, Column("parentaccountid", "Lookup", "Account")),
            "account": (NAME,),
        }
    )
    every: dict[str, Table] = field(default_factory=lambda: {each.name: each for each in (ACCOUNT, OPPORTUNITY)})
    closed: dict[str, SyncError] = field(default_factory=dict)
    """What asking for a table raises."""
    leads: tuple[Reference, ...] = (Reference("parentaccountid", "account", "parentaccountid"),)
    opened: list[tuple[DynamicsAccess, Secret | None]] = field(default_factory=list)
    stored: dict[str, Row] = field(default_factory=dict)
    asked_anew: int = 0

    def open(self, access: DynamicsAccess, secret: Secret | None) -> "ToyDynamics":
        self.opened.append((access, secret))
        self.stumble("open")
        return self

    def forget_refusal(self, access: DynamicsAccess, secret: Secret | None) -> None:
        self.asked_anew += 1

    def who_am_i(self) -> str:
        self.stumble("who_am_i")
        return "user-1"

    def tables(self) -> tuple[Table, ...]:
        self.stumble("tables")
        return (ACCOUNT, OPPORTUNITY)

    def table(self, name: str) -> Table:
        self.stumble("table")
        if name in self.closed:
            raise self.closed[name]
        if name not in self.known:
            raise RefusedError(f"There is no {name}", code="ENTITY_NOT_FOUND")
        return self.every[name]

    def columns(self, table: str) -> tuple[Column, ...]:
        self.stumble("columns")
        return self.known[table]

    def references(self, table: str) -> tuple[Reference, ...]:
        return self.leads

    def row(self, table: Table, row_id: str, query: RowQuery) -> Row:
        return self.stored[row_id]

    def rows(self, table: Table, query: RowQuery, cursor: str | None = None, *, page_size: int = 500) -> Page[Row]:
        self.stumble("rows")
        return Page(tuple(self.stored.values()))

    def update(self, table: Table, row: Row, changes: Mapping[str, Any]) -> Row:
        self.stored[row.id] = replace(row, values={**row.values, **changes})
        return self.stored[row.id]

    def create(self, table: Table, values: Mapping[str, Any]) -> Row:
        row = Row(f"row-{len(self.stored)}", "1", dict(values))
        return self.stored.setdefault(row.id, row)


@dataclass
class ToyOneflow(Troubled):
    """An account with one workspace (see sync.ports.Oneflow and Accounts)."""

    places: tuple[Workspace, ...] = (HOME,)
    defined: tuple[DataFieldDefinition, ...] = (AMOUNT,)
    opened: list[tuple[OneflowAccess, Secret | None]] = field(default_factory=list)
    made: dict[int, Contract] = field(default_factory=dict)
    hooked: dict[int, Hook] = field(default_factory=dict)
    sign_keys: list[Secret] = field(default_factory=list)
    asked: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def open(self, access: OneflowAccess, token: Secret | None) -> "ToyOneflow":
        self.opened.append((access, token))
        return self

    def account(self) -> str:
        self.stumble("account")
        return "Contoso AB"

    def workspaces(self) -> tuple[Workspace, ...]:
        self.stumble("workspaces")
        return self.places

    def templates(self, workspace_id: int) -> tuple[Template, ...]:
        return (OFFER, PLAIN) if workspace_id == HOME.id else ()

    def definitions(self, type_id: int) -> tuple[DataFieldDefinition, ...]:
        self.asked["definitions"] += 1
        return self.defined

    def contract(self, contract_id: int) -> Contract:
        return self.made[contract_id]

    def contracts(self, filters: Mapping[str, str], cursor: str | None = None) -> Page[Contract]:
        return Page(tuple(self.made.values()))

    def create(self, order: Mapping[str, Any]) -> Contract:
        number = len(self.made) + 1
        self.made[number] = Contract(number, str(order.get("name")), "draft", None, 1, 7, None, None)
        return self.made[number]

    def write(self, contract_id: int, values: Mapping[str, str]) -> tuple[ContractField, ...]:
        written = tuple(ContractField(n, name, name, value) for n, (name, value) in enumerate(values.items()))
        self.made[contract_id] = replace(self.made[contract_id], fields=written)
        return written

    def hooks(self) -> tuple[Hook, ...]:
        self.stumble("hooks")
        return tuple(self.hooked.values())

    def hook(self, callback_url: str, sign_key: Secret, events: Sequence[str]) -> Hook:
        self.stumble("hook")
        made = Hook(max(self.hooked, default=0) + 1, callback_url)
        self.hooked[made.id] = made
        self.sign_keys.append(sign_key)
        return made

    def unhook(self, hook_id: int) -> None:
        self.hooked.pop(hook_id, None)
