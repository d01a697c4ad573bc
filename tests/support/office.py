"""A hub around one toy company, at which a test says only what its fact is about."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Self

from sync.model.checkpoint import RunKey
from sync.model.entity import EXTERNAL_SYSTEM, EntityType
from sync.model.errors import SyncError
from sync.model.integration import Integration
from sync.model.log import LogEntry
from sync.model.record import Failure, Record, SetKey
from sync.model.run import Run, RunKind, Tally
from sync.ports import Companies, Company, LogFilter, PageQuery, SourcePage
from sync.services import runs
from sync.services.desk import Desk, Job
from sync.services.policy import Policy
from sync.services.runs import SyncOrder
from tests.support.company import COMPANY, ToyCompany, ToySource, VirtualClock
from tests.support.desks import ALICE, connected, memory_desk
from tests.support.host import StepHost, settle

VENDORS, ITEMS = "vendors", "items"
SUPPLIERS, PRODUCTS = EntityType.SUPPLIERS, EntityType.PRODUCTS
SMALL = Policy(page_size=2, group_size=100)
"""Two records a page, so that a handful makes several ranges."""


@dataclass(slots=True)
class TroubledSource(ToySource):
    """A toy source that fails where a test plans it; it notes the queries that it was asked."""

    seen: tuple[Company, ...] = (COMPANY,)
    troubles: dict[str, list[SyncError | None]] = field(default_factory=lambda: defaultdict(list))
    """What the next calls of a method raise, in turn; None lets one pass."""
    counts: list[int] = field(default_factory=list)
    """What the next counts claim, whatever is there."""
    asked: list[PageQuery] = field(default_factory=list)

    def companies(self) -> Companies:
        self._stumble("companies")
        return Companies(self.seen, self.company.clock.now())

    def in_company(self, company_id: str) -> Self:
        return self

    def count(self, entity_set: str, *, where: str | None = None, route: str = "v2.0") -> int:
        self._stumble("count")
        return self.counts.pop(0) if self.counts else ToySource.count(self, entity_set, where=where, route=route)

    def count_of(self, query: PageQuery) -> int:
        self._stumble("count_of")
        return ToySource.count_of(self, query)

    def page(self, query: PageQuery, cursor: str | None) -> SourcePage:
        self.asked.append(query)
        self._stumble("page")
        return ToySource.page(self, query, cursor)

    def record(self, query: PageQuery, external_id: str) -> dict[str, Any] | None:
        self._stumble("record")
        return ToySource.record(self, query, external_id)

    def _stumble(self, method: str) -> None:
        planned = self.troubles[method]
        error = planned.pop(0) if planned else None
        if error is not None:
            raise error


@dataclass(slots=True)
class Office:
    """A company, a desk, a host and one integration of Alice's."""

    clock: VirtualClock
    company: ToyCompany
    source: TroubledSource
    desk: Desk
    host: StepHost
    integration: Integration

    @property
    def current(self) -> Integration:
        """The integration as it is stored now."""
        found = self.desk.integrations.find(self.integration.id)
        assert found is not None
        return found

    def add(self, *names: str, to: str = VENDORS) -> tuple[str, ...]:
        """Insert rows into the company; return their ids."""
        return tuple(self.company.add(to, name) for name in names)

    def change(self, **changes: Any) -> None:
        """Change the stored integration."""
        self.desk.integrations.save(replace(self.current, **changes))

    def begin(self, kind: RunKind = RunKind.FULL, **order: Any) -> Run:
        """Admit a run and hand it to the host, which does not work on it yet."""
        run = runs.admit(self.desk, self.current, SyncOrder(kind, **order))
        settle(self.host.start(run, delay=timedelta(0)))
        return run

    def work(self, run: Run) -> Run:
        """Let the host work, and return the run as it is stored then."""
        self.host.work()
        return self.found(run)

    def sync(self, kind: RunKind = RunKind.FULL, **order: Any) -> Run:
        """Carry a whole run, and return it as it is stored."""
        return self.work(self.begin(kind, **order))

    def repeat(self, run: Run) -> Run:
        """Carry a run that tries the failed records of another one."""
        again = runs.repeat(self.desk, ALICE, self.integration.id, run.id)
        settle(self.host.start(again, delay=timedelta(0)))
        return self.work(again)

    def found(self, run: Run) -> Run:
        """Return the run as it is stored."""
        stored = self.desk.runs.get(run.integration_id, run.id)
        assert stored is not None
        return stored

    def record(self, external_id: str, entity: EntityType = SUPPLIERS) -> Record | None:
        """Return a stored record."""
        return self.desk.records.get(set_key(entity), external_id)

    def kept(self, external_id: str, entity: EntityType = SUPPLIERS) -> Record:
        """Return a record that must be stored."""
        found = self.record(external_id, entity)
        assert found is not None
        return found

    def watermark(self, entity: EntityType = SUPPLIERS) -> Any:
        """Return the stored watermark."""
        return self.desk.watermarks.get(self.integration.id, self.current.connection.source, entity)

    def logs(self, **which: Any) -> tuple[LogEntry, ...]:
        """Return log entries, newest first."""
        return self.desk.logs.list(self.integration.id, LogFilter(**which), cursor=None, limit=200).items

    def failures(self, run: Run) -> tuple[Failure, ...]:
        """Return a run's failed records."""
        return self.desk.failures.of_run(RunKey(run.integration_id, run.id), cursor=None, limit=1000).items

    def job(self, run: Run, entity: EntityType | None = SUPPLIERS, index: int = 0) -> Job:
        """Return a step of the run, for tests that take it themselves."""
        return Job(run.integration_id, run.id, entity, index)


def open_office(policy: Policy | None = None, **integration: Any) -> Office:
    """Return an office with an empty company."""
    clock = VirtualClock()
    company = ToyCompany(clock)
    source = TroubledSource(company)
    desk = memory_desk(source, clock, policy)
    return Office(clock, company, source, desk, StepHost(desk, clock), connected(desk, **integration))


def twice(body: Callable[[], Any]) -> Any:
    """Take a step two times, as a host may that never heard the first answer."""
    body()
    return body()


def set_key(entity: EntityType) -> SetKey:
    """Return the key of Alice's records of one type."""
    return SetKey(ALICE.user_id, EXTERNAL_SYSTEM, entity)


def suppliers(run: Run) -> Tally:
    """Return what the run counted for suppliers."""
    return run.totals[SUPPLIERS]


def names(records: Sequence[Record | None]) -> list[Any]:
    """Return the names of records, None for those that are not there."""
    return [None if record is None else record.fields["name"] for record in records]
