"""An organization with deals, and an account that makes contracts of them: both may fail at any step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sync.model.contract_link import Birth, ContractLink
from sync.model.contract_order import ContractOrder
from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.errors import RefusedError, SyncError
from sync.model.field_sync import Direction
from sync.model.integration import Bridge
from sync.model.table import Column, Details, Reference, Table
from sync.ports import (
    Contract,
    ContractField,
    DataFieldDefinition,
    Page,
    Row,
    RowQuery,
    Template,
)
from sync.services.bridge_desk import BridgeDesk
from sync.services.contracts import Made, create
from sync.storage.memory_links import MemoryLinkStore
from tests.support.bridges import ACCOUNT, NAME, OFFER, OPPORTUNITY, PARENT, PLAIN, ToyDynamics, ToyOneflow
from tests.support.company import VirtualClock
from tests.triggers.kit import Office

RECORD = "11111111-0000-4000-8000-000000000001"
AMOUNT = Column("budgetamount", "Money", "Budget", details=Details(precision=2))
DESCRIPTION = Column("description", "Memo", "Description")
MODIFIED = Column("modifiedon", "DateTime", "Modified")
LINE = Table("opportunityproduct", "opportunityproducts", "opportunityproductid", "opportunityproductname", "Line")
QUOTE_LINE = Table("quotedetail", "quotedetails", "quotedetailid", None, "Line")
DEAL = Row(
    RECORD, 'W/"1"', {"opportunityid": RECORD, "name": "Two hundred chairs", "budgetamount": Decimal("1500.0000")}
)
TOPIC = FieldPair("opportunity", None, "name", "topic", Direction.TWO_WAY)
BUDGET = FieldPair("opportunity", None, "budgetamount", "budget", Direction.DYNAMICS_TO_ONEFLOW)
TEXT = FieldPair("opportunity", None, "description", "text", Direction.ONCE)
BUYER = FieldPair("participant", None, "email", "buyer", Direction.DYNAMICS_TO_ONEFLOW)
TOPIC_FIELD = DataFieldDefinition(1, "topic", "Topic")
FIELDS = (
    TOPIC_FIELD,
    DataFieldDefinition(2, "budget", "Budget"),
    DataFieldDefinition(3, "text", "Text"),
    DataFieldDefinition(4, "buyer", "Buyer"),
    DataFieldDefinition(5, "record_id", "Record"),
    DataFieldDefinition(6, "old", "Old", active=False),
    DataFieldDefinition(7, "number", "Number", system=True),
)


@dataclass
class Deals(ToyDynamics):
    """An organization with opportunities and their lines."""

    known: dict[str, tuple[Column, ...]] = field(
        default_factory=lambda: {
            "opportunity": (NAME, AMOUNT, DESCRIPTION, PARENT, MODIFIED),
            "account": (NAME,),
            "quote": (NAME,),
        }
    )
    leads: tuple[Reference, ...] = ()
    stored: dict[str, Row] = field(default_factory=lambda: {RECORD: DEAL})
    lines: tuple[Row, ...] = ()
    more_lines: bool = False
    queries: list[RowQuery] = field(default_factory=list)
    tables_known: tuple[Table, ...] = (OPPORTUNITY, ACCOUNT, LINE, QUOTE_LINE)

    def table(self, name: str) -> Table:
        self.stumble("table")
        return {each.name: each for each in self.tables_known}[name]

    def row(self, table: Table, row_id: str, query: RowQuery) -> Row:
        self.stumble("row")
        self.queries.append(query)
        if row_id not in self.stored:
            raise RefusedError("It is gone", code="RECORD_GONE")
        return self.stored[row_id]

    def rows(self, table: Table, query: RowQuery, cursor: str | None = None, *, page_size: int = 500) -> Page[Row]:
        self.stumble("rows")
        self.queries.append(query)
        return Page(self.lines[:page_size], "more" if self.more_lines else None)

    def change(self, **values: Any) -> None:
        """Change the deal."""
        self.stored[RECORD] = replace(self.stored[RECORD], values={**self.stored[RECORD].values, **values})


@dataclass
class Account(ToyOneflow):
    """An account that makes contracts; errors are raised once each, before or after the work is done."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    definitions_known: tuple[DataFieldDefinition, ...] = FIELDS
    orders: list[Mapping[str, Any]] = field(default_factory=list)
    before: dict[str, list[SyncError]] = field(default_factory=dict)
    after: dict[str, list[SyncError]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    silent: bool = False
    """Whether the answer to a create lacks the data fields."""
    searches: list[Mapping[str, str]] = field(default_factory=list)
    page_length: int = 100
    ignored: set[str] = field(default_factory=set)
    """Data fields that a create leaves as the template has them."""
    while_reading: Callable[[], None] = lambda: None
    """What happens while templates are read."""

    def templates(self, workspace_id: int) -> tuple[Template, ...]:
        self.while_reading()
        return (replace(OFFER, takes_products=True), PLAIN) if workspace_id == 1 else ()

    def definitions(self, type_id: int) -> tuple[DataFieldDefinition, ...]:
        return self.definitions_known

    def create(self, order: Mapping[str, Any]) -> Contract:
        self._fail(self.before, "create")
        self.orders.append(order)
        number = 1000 + len(self.orders)
        values = {each["custom_id"]: each["value"] for each in order["data_fields"]}
        values = {name: value for name, value in values.items() if name not in self.ignored}
        self.made[number] = Contract(
            id=number,
            name=order["name"],
            state="draft",
            lifecycle_state=None,
            workspace_id=order["workspace_id"],
            template_id=order["template_id"],
            created_at=self.clock.now().isoformat(),
            updated_at=self.clock.now().isoformat(),
            fields=tuple(
                ContractField(each.id, each.custom_id, each.name, values.get(each.custom_id, each.value))
                for each in self.definitions_known
                if each.active
            ),
        )
        self._fail(self.after, "create")
        return replace(self.made[number], fields=()) if self.silent else self.made[number]

    def contract(self, contract_id: int) -> Contract:
        self._fail(self.before, "contract")
        if contract_id not in self.made:
            raise RefusedError("It is gone", status=404, code="CONTRACT_GONE")
        return self.made[contract_id]

    def contracts(self, filters: Mapping[str, str], cursor: str | None = None) -> Page[Contract]:
        self._fail(self.before, "contracts")
        self.searches.append(filters)
        found = [replace(each, fields=()) for each in self.made.values() if self._passes(each, filters)]
        start = int(cursor or 0)
        end = start + self.page_length
        return Page(tuple(found[start:end]), str(end) if end < len(found) else None)

    def write(self, contract_id: int, values: Mapping[str, str]) -> tuple[ContractField, ...]:
        self._fail(self.before, "write")
        at = self.clock.now().isoformat()
        fields = (
            replace(each, value=values[each.custom_id], updated_at=at) if each.custom_id in values else each
            for each in self.made[contract_id].fields
        )
        self.made[contract_id] = replace(self.made[contract_id], fields=tuple(fields))
        return self.made[contract_id].fields

    def value(self, contract_id: int, custom_id: str) -> str:
        """Return what a data field holds."""
        return next(each.value for each in self.made[contract_id].fields if each.custom_id == custom_id)

    def _passes(self, contract: Contract, filters: Mapping[str, str]) -> bool:
        if "data_field_match" in filters:
            name, _, value = filters["data_field_match"].partition(":")
            return any((each.custom_id, each.value) == (name, value) for each in contract.fields)
        if "query" in filters:
            return filters["query"] in contract.name and contract.id not in self.hidden
        return contract.state == filters["states"]

    def _fail(self, plan: dict[str, list[SyncError]], step: str) -> None:
        if plan.get(step):
            raise plan[step].pop(0)


class Dying(Exception):  # noqa: N818 - the process ends here; nothing catches it
    """The process ends at this step."""


class FragileLinks(MemoryLinkStore):
    """A store at whose steps the process may end, once."""

    def __init__(self) -> None:
        super().__init__()
        self.dies: str = ""
        self.refusal: SyncError | None = None

    def expect(self, birth: Birth) -> None:
        self._step("before expect")
        super().expect(birth)
        self._step("after expect")

    def create(self, link: ContractLink) -> ContractLink:
        self._step("before link")
        stored = super().create(link)
        self._step("after link")
        return stored

    def save(self, link: ContractLink) -> ContractLink:
        if self.refusal is not None:
            raise self.refusal
        return super().save(link)

    def settle(self, birth: Birth) -> None:
        self._step("before settle")
        super().settle(birth)
        self._step("after settle")

    def _step(self, name: str) -> None:
        if self.dies == name:
            self.dies = ""
            raise Dying(name)


@dataclass
class Trade:
    """A bridge with a mapping of opportunities."""

    dynamics: Deals
    oneflow: Account
    links: FragileLinks
    office: Office
    desk: BridgeDesk
    bridge: Bridge

    def map(self, *pairs: FieldPair, **more: Any) -> None:
        """Write the mapping of opportunities."""
        self.desk.mappings.clear(self.bridge.id)
        place = {"template_id": OFFER.id, "workspace_id": 1, **more}
        self.desk.mappings.create(EntityMapping(self.bridge.id, "opportunity", pairs, **place))

    def make(self, **order: Any) -> Made:
        """Make a contract of the deal."""
        return create(self.desk, self.bridge, ContractOrder("opportunity", RECORD, **order))

    def linked(self) -> list[int]:
        """Return the contracts of the deal that are linked."""
        return [each.contract_id for each in self.desk.links.of_record(self.bridge.id, "opportunity", RECORD)]

    def expected(self) -> Birth | None:
        """Return what is being made of the deal."""
        return self.desk.links.expected(self.bridge.id, "opportunity", RECORD)


def trade(*pairs: FieldPair, **more: Any) -> Trade:
    """Return a bridge with this mapping."""
    clock = VirtualClock()
    dynamics, oneflow, links = Deals(), Account(clock=clock), FragileLinks()
    office = Office(clock=clock, dynamics=dynamics, oneflow=oneflow)
    desk = replace(office.hub.bridges, links=links)
    office.hub = replace(office.hub, bridges=desk)
    bridge = desk.integrations.find(office.bridged())
    assert bridge is not None
    made = Trade(dynamics, oneflow, links, office, desk, bridge)
    made.map(*(pairs or (TOPIC, BUDGET)), **more)
    return made
