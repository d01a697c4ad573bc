"""One contract and its record, in toys of both ends that know versions, times, refusals and what was written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

from sync.codec import time_text
from sync.model.bridge import BridgeConnection, DynamicsAccess, OneflowAccess
from sync.model.contract_life import Life
from sync.model.contract_link import ContractLink, FieldMemory, agreed_on
from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.errors import RefusedError, StaleRecordError, SyncError
from sync.model.field_sync import ConflictPolicy, Direction, Operation
from sync.model.integration import Bridge, Integration, Kind
from sync.model.log import LogEntry
from sync.model.merge import MergeReport
from sync.model.table import Column, Details, Reference, Table
from sync.ports import Contract, ContractField, LogFilter, Page, Row, RowQuery
from sync.services import merging
from sync.services.bridge_desk import BridgeDesk
from tests.support.bridges import ToyDynamics, ToyOneflow
from tests.support.company import VirtualClock
from tests.support.desks import ALICE
from tests.support.listening import memory_bridge_desk

RECORD, CUSTOMER = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-0000000000aa"
CONTRACT = 5001
OWN, RELATED = ("opportunity", RECORD), ("account", CUSTOMER)

_MODIFIED = Column("modifiedon", "DateTime", "Modified on", updatable=False)
_COLUMNS = {
    "opportunity": (
        Column("name", "String", "Topic", details=Details(max_length=100)),
        Column("description", "Memo", "Description", details=Details(max_length=2000)),
        Column("stepname", "String", "Step", details=Details(max_length=200)),
        Column("estimatedvalue", "Money", "Revenue", details=Details(precision=2, precision_source=0)),
        Column("parentaccountid", "Lookup", "Account"),
        _MODIFIED,
    ),
    "account": (Column("name", "String", "Name", details=Details(max_length=100)), _MODIFIED),
}


class Killed(BaseException):
    """The process died: nothing catches it."""


def pair(
    column: str = "name",
    data_field: str | None = None,
    direction: Direction = Direction.TWO_WAY,
    policy: ConflictPolicy = ConflictPolicy.MANUAL,
) -> FieldPair:
    """Return a mapped field of the opportunity."""
    return FieldPair("opportunity", None, column, data_field or f"f_{column}", direction, policy)


CUSTOMER_NAME = FieldPair("account", "parentaccountid", "name", "f_customer", Direction.TWO_WAY)


def _quiet(_: str) -> None:
    """Let every step pass."""


@dataclass
class ToyOrganization(ToyDynamics):
    """Rows with versions; what the hub wrote to them is remembered."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    known: dict[str, tuple[Column, ...]] = field(default_factory=lambda: dict(_COLUMNS))
    held: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    versions: dict[tuple[str, str], int] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))
    step: Callable[[str], None] = _quiet
    stores: Callable[[str, Any], Any] = lambda _, value: value
    """What is stored of a value that is sent for a column."""
    refusals: dict[str, SyncError] = field(default_factory=dict)
    """What is answered to a request that has this column in it."""
    sent: list[tuple[tuple[str, str], dict[str, Any]]] = field(default_factory=list)

    def edit(self, place: tuple[str, str], **values: Any) -> None:
        """Change a row as a person does."""
        modified = {"modifiedon": time_text(self.clock.now())}
        self.held[place] = {**self.held.get(place, {}), **modified, **values}
        self.versions[place] = next(self.numbers)

    def references(self, table: str) -> tuple[Reference, ...]:
        return (Reference("parentaccountid", "account", "parentaccountid"),) if table == "opportunity" else ()

    def row(self, table: Table, row_id: str, query: RowQuery) -> Row:
        self.step("dynamics.row")
        self.stumble("row")
        found = self._row((table.name, row_id), table)
        leads_to = found.values.get("_parentaccountid_value")
        customer = None if leads_to is None else self._row(("account", leads_to), self.table("account"))
        related = dict.fromkeys(query.expand, customer)
        self.step("dynamics.row")
        return replace(found, related=related)

    def update(self, table: Table, row: Row, changes: Mapping[str, Any]) -> Row:
        self.step("dynamics.update")
        self.stumble("update")
        place = (table.name, row.id)
        if str(self.versions.get(place)) != row.etag:
            raise StaleRecordError("Somebody was faster")
        for name in changes:
            if name in self.refusals:
                raise self.refusals[name]
        self.sent.append((place, dict(changes)))
        self.edit(place, **{name: self.stores(name, value) for name, value in changes.items()})
        stored = self._row(place, table)
        self.step("dynamics.update")
        return stored

    def rows(self, table: Table, query: RowQuery, cursor: str | None = None, *, page_size: int = 500) -> Page[Row]:
        self.step("dynamics.rows")
        self.stumble("rows")
        column, _, literal = str(query.filter).split(" ")
        mine = {place: held for place, held in self.held.items() if place[0] == table.name}
        found = [place for place, held in mine.items() if str(held.get(column)) == literal.strip("'")]
        return Page(tuple(self._row(place, table) for place in found))

    def create(self, table: Table, values: Mapping[str, Any]) -> Row:
        self.step("dynamics.create")
        self.stumble("create")
        place = (table.name, f"row-{len(self.held)}")
        self.edit(place, **values)
        self.sent.append((place, dict(values)))
        self.step("dynamics.create")
        return self._row(place, table)

    def _row(self, place: tuple[str, str], table: Table) -> Row:
        if place not in self.held:
            raise RefusedError("There is no such row", code="RECORD_GONE")
        values = {**self.held[place], table.id_column: place[1]}
        return Row(place[1], str(self.versions[place]), values)


@dataclass
class ToyAccount(ToyOneflow):
    """One contract whose data fields can be written, but for those of the system's own."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    texts: dict[str, str] = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)
    state: str = "pending"
    signed: bool = False
    course: str | None = None
    """The state of its life cycle."""
    life: Life = field(default_factory=Life)
    gone: bool = False
    system: frozenset[str] = frozenset()
    refusals: dict[str, SyncError] = field(default_factory=dict)
    """What is answered to a request that has this field in it."""
    stores: Callable[[str, str], str] = lambda _, text: text
    """What is stored of a text that is sent for a field."""
    step: Callable[[str], None] = _quiet
    sent: list[dict[str, str]] = field(default_factory=list)

    def edit(self, **values: str) -> None:
        """Change data fields as a person does."""
        self.texts |= values
        self.times |= dict.fromkeys(values, time_text(self.clock.now()))

    def contract(self, contract_id: int) -> Contract:
        self.step("oneflow.contract")
        self.stumble("contract")
        if self.gone:
            raise RefusedError("There is no such contract", status=404, code="CONTRACT_GONE")
        found = Contract(
            contract_id,
            "A contract",
            self.state,
            self.course,
            1,
            7,
            None,
            None,
            self._fields(),
            life=self.life,
            signed=self.signed,
        )
        self.step("oneflow.contract")
        return found

    def write(self, contract_id: int, values: Mapping[str, str]) -> tuple[ContractField, ...]:
        self.step("oneflow.write")
        self.stumble("write")
        for name in values:
            if name in self.refusals:
                raise self.refusals[name]
        self.sent.append(dict(values))
        self.edit(**{name: self.stores(name, text) for name, text in values.items() if name not in self.system})
        self.step("oneflow.write")
        return self._fields()

    def _fields(self) -> tuple[ContractField, ...]:
        return tuple(
            ContractField(number, name, name, text, self.times.get(name))
            for number, (name, text) in enumerate(self.texts.items())
        )


@dataclass
class Sides:
    """A bridge with one contract, made from one record whose fields both sides agree on."""

    pairs: tuple[FieldPair, ...] = (pair(),)
    agreed: str = "old"
    clock: VirtualClock = field(default_factory=VirtualClock)
    dynamics: ToyOrganization = field(init=False)
    oneflow: ToyAccount = field(init=False)
    desk: BridgeDesk = field(init=False)
    bridge: Bridge = field(init=False)

    def __post_init__(self) -> None:
        self.dynamics, self.oneflow = ToyOrganization(clock=self.clock), ToyAccount(clock=self.clock)
        self.desk = memory_bridge_desk(self.clock, self.dynamics, self.oneflow)
        self.bridge = _bridge(self.clock)
        self.desk.mappings.create(EntityMapping(self.bridge.id, "opportunity", self.pairs))
        own = {each.column: self.agreed for each in self.pairs if each.via is None}
        self.dynamics.edit(RELATED, name=self.agreed)
        self.dynamics.edit(OWN, _parentaccountid_value=CUSTOMER, **own)
        self.oneflow.edit(**{each.data_field: self.agreed for each in self.pairs})
        self.desk.links.create(_link(self.bridge, {each.key: agreed_on(self.agreed) for each in self.pairs}))
        self.clock.pass_by(60)

    @property
    def link(self) -> ContractLink:
        """The link as it is stored."""
        found = self.desk.links.get(self.bridge.id, CONTRACT)
        assert found is not None
        return found

    @property
    def memory(self) -> FieldMemory:
        """What is remembered of the first field."""
        return self.link.memory(self.pairs[0].key)

    def merge(self, operation: Operation = Operation.RECONCILE, *, trigger: str = "webhook") -> MergeReport:
        """Merge the contract."""
        return merging.work(self.desk, self.bridge, self.link, operation, trigger=trigger)

    def push(self) -> MergeReport:
        """Push as a person does."""
        return self.merge(Operation.PUSH, trigger="manual")

    def fetch(self) -> MergeReport:
        """Fetch as a person does."""
        return self.merge(Operation.FETCH, trigger="manual")

    def edit(self, dynamics: str | None = None, oneflow: str | None = None) -> None:
        """Change the first field on either side, as people do."""
        if dynamics is not None:
            self.dynamics.edit(OWN, **{self.pairs[0].column: dynamics})
        if oneflow is not None:
            self.oneflow.edit(**{self.pairs[0].data_field: oneflow})

    @property
    def both(self) -> tuple[Any, str]:
        """The first field on both sides."""
        return self.dynamics.held[OWN][self.pairs[0].column], self.oneflow.texts[self.pairs[0].data_field]

    @property
    def written(self) -> int:
        """How many requests have changed something."""
        return len(self.dynamics.sent) + len(self.oneflow.sent)

    @property
    def logs(self) -> tuple[LogEntry, ...]:
        """The log, newest first."""
        return self.desk.logs.list(self.bridge.id, LogFilter(), cursor=None, limit=10_000).items


def _bridge(clock: VirtualClock) -> Bridge:
    now = clock.now()
    ends = BridgeConnection(
        DynamicsAccess("https://contoso.crm4.dynamics.com", "tenant", "client", "secret-1"),
        OneflowAccess("jim@contoso.example", "secret-2"),
    )
    automatic = {"automatic": True}
    return Integration("int_1", ALICE, "Deals", Kind.ONEFLOW, ends, now - timedelta(days=1), now, settings=automatic)


def _link(bridge: Bridge, fields: dict[str, FieldMemory]) -> ContractLink:
    return ContractLink(
        integration_id=bridge.id,
        contract_id=CONTRACT,
        entity="opportunity",
        record_id=RECORD,
        name="A contract",
        state="pending",
        created_at=bridge.created_at,
        fields=fields,
    )
