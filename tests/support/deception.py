"""One seeded case of a source that deceives: it lists too little, nothing, another company, or blanked names."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from sync.model.entity import EXTERNAL_SYSTEM, EntityType
from sync.model.integration import Connection, Integration
from sync.model.record import SetKey, SyncStatus
from sync.model.run import Run, RunKind
from sync.model.secret import Secret
from sync.ports import PageQuery
from sync.services.desk import Desk
from sync.services.policy import Policy
from sync.services.runs import SyncOrder, admit
from tests.support.company import Row, ToyCompany, ToySource, VirtualClock
from tests.support.desks import ALICE, connected, memory_desk
from tests.support.host import StepHost, settle

SUPPLIERS, VENDORS = EntityType.SUPPLIERS, "vendors"
_KEY = SetKey(ALICE.user_id, EXTERNAL_SYSTEM, SUPPLIERS)
_NO_DELAY = timedelta(0)


class Trick(StrEnum):
    """How the source deceives one run."""

    NONE = "none"
    TRUNCATED = "lists only its first rows"
    HIDDEN = "lists all rows but some"
    EMPTY = "lists nothing"
    EMPTIED = "lists and counts nothing"
    SHRUNK = "lists and counts a few of its rows"
    SWAPPED = "answers with another company's rows"
    BLANKED = "has lost 40 % of its names"


_LYING = (Trick.EMPTIED, Trick.SHRUNK)
"""What the source counts is as little as what it lists."""
_OF_LISTINGS = (Trick.TRUNCATED, Trick.HIDDEN, Trick.EMPTY, *_LYING)
"""Only a run that counts can notice these."""


@dataclass(slots=True)
class Deceiver(ToySource):
    """A toy source whose lists, and sometimes counts, leave rows out."""

    shown: frozenset[str] | None = None
    counts_shown: bool = False

    def count(self, entity_set: str, *, where: str | None = None, route: str = "v2.0") -> int:
        rows = self.company.seen(entity_set)
        return sum(1 for row in rows if not self.counts_shown or self.shows(row))

    def _listed(self, query: PageQuery) -> list[Row]:
        return [row for row in self.company.seen(query.entity_set) if self.shows(row)]

    def shows(self, row: Row) -> bool:
        """Return whether lists show the row."""
        return self.shown is None or row.id in self.shown


@dataclass(frozen=True, slots=True)
class ByEnvironment:
    """Leads each environment to a company of its own."""

    sources: Mapping[str, Deceiver]

    def open(self, connection: Connection, secret: Secret | None) -> Deceiver:
        return self.sources[connection.environment]

    def forget_refusal(self, connection: Connection, secret: Secret | None) -> None:
        """Nothing was refused."""


@dataclass(slots=True)
class Case:
    """A company that lives and deceives, and everything that runs made of it."""

    seed: int
    chance: random.Random = field(init=False)
    clock: VirtualClock = field(default_factory=VirtualClock)
    sources: dict[str, Deceiver] = field(init=False)
    desk: Desk = field(init=False)
    host: StepHost = field(init=False)
    integration: Integration = field(init=False)
    environment: str = "Production"
    unread: set[str] = field(default_factory=lambda: {"Production", "Sandbox"})
    """Environments of which no honest full listing was believed since they lied about what they hold."""
    known: set[str] = field(default_factory=set)
    """Environments of which an honest full listing was believed."""
    made: int = 0
    claims: int = 0
    """Runs that claimed success."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.sources = {name: Deceiver(ToyCompany(self.clock)) for name in sorted(self.unread)}
        policy = Policy(page_size=self.chance.choice((10, 50)), group_size=100, writers=1)
        desk = memory_desk(self.source, self.clock, policy)
        self.desk = replace(desk, sources=ByEnvironment(self.sources))
        self.host = StepHost(self.desk, self.clock)
        self.integration = connected(self.desk)
        for source in self.sources.values():
            self._fill(source.company, self.chance.randrange(26, 40))

    @property
    def source(self) -> Deceiver:
        """The source that the connection leads to now."""
        return self.sources[self.environment]

    @property
    def rows(self) -> dict[str, Row]:
        """The truth about the connected company's vendors."""
        return self.source.company.sets[VENDORS]

    def live(self) -> None:
        """Let a few honest changes happen."""
        for _ in range(self.chance.randrange(4)):
            self.clock.pass_by(self.chance.choice((1, 400)))
            deed, row_id = self.chance.random(), self.chance.choice(list(self.rows))
            if deed < 0.3:
                self._fill(self.source.company, 1)
            elif deed < 0.9:
                self.source.company.put(VENDORS, row_id, self._name())
            else:
                self.source.company.delete(VENDORS, row_id)

    def lead_elsewhere(self) -> None:
        """Change the connection to the other environment."""
        self.environment = "Sandbox" if self.environment == "Production" else "Production"
        found = self.desk.integrations.find(self.integration.id)
        assert found is not None
        connection = replace(found.connection, environment=self.environment)
        self.integration = self.desk.integrations.save(replace(found, connection=connection))

    def sync(self, trick: Trick) -> Run:
        """Carry a run that this trick is played on, and check what it made of it.

        Who never saw more must believe what the source counts: a first listing is honest.
        """
        if self.environment not in self.known and trick in {*_LYING, Trick.SWAPPED}:
            trick = Trick.NONE
        kind = RunKind.FULL if trick in _OF_LISTINGS else self.chance.choice((RunKind.FULL, RunKind.DELTA))
        truth = dict(self.rows)
        self._play(trick)
        self.clock.pass_by(self.chance.choice((60, 4000)))
        run = admit(self.desk, self.integration, SyncOrder(kind, entities=(SUPPLIERS,)))
        settle(self.host.start(replace(run, whole=True), delay=_NO_DELAY))
        self.host.work()
        found = self.desk.runs.get(run.integration_id, run.id)
        assert found is not None
        self._check(found, trick)
        self.source.shown, self.source.counts_shown = None, False
        if trick is Trick.SWAPPED:
            self.source.company.sets[VENDORS] = truth
        return found

    def _play(self, trick: Trick) -> None:
        ids = sorted(self.rows)
        few = {Trick.EMPTY: 0, Trick.EMPTIED: 0, Trick.SHRUNK: self.chance.randrange(1, 8)}
        few[Trick.TRUNCATED] = self.chance.randrange(1, len(ids))
        if trick in few:
            self.source.shown, self.source.counts_shown = frozenset(ids[: few[trick]]), trick in _LYING
        elif trick is Trick.HIDDEN:
            self.source.shown = frozenset(ids) - frozenset(self.chance.sample(ids, self.chance.randrange(1, 4)))
        elif trick is Trick.SWAPPED:
            self.source.company.sets[VENDORS] = {}
            self._fill(self.source.company, self.chance.randrange(1, 60))
        elif trick is Trick.BLANKED:
            for row_id in self.chance.sample(ids, len(ids) * 4 // 10):
                self.source.company.put(VENDORS, row_id, "")

    def _check(self, run: Run, trick: Trick) -> None:
        """Demand that no success is claimed while anything is neither stored nor remembered, and nothing is gone."""
        where = f"seed {self.seed}: {trick.name} {run.kind} {run.status} {run.error}"
        claimed = run.status.came_through and run.error is None
        whole = SUPPLIERS in run.completeness
        if claimed and (whole or self.environment not in self.unread):
            self._check_claim(where)
        if whole and self.environment in self.known:
            assert not claimed or trick in {Trick.NONE, Trick.BLANKED}, where
        if trick is Trick.SWAPPED:
            self.unread.add(self.environment)
        elif claimed and whole:
            self.unread.discard(self.environment)
            self.known.add(self.environment)
        self.claims += claimed
        self._check_presence(where)

    def _check_claim(self, where: str) -> None:
        failed = {each.external_id for each in self.desk.failures.open(self.integration.id, SUPPLIERS, limit=999)}
        told = [row for row in self.rows.values() if not self.source.counts_shown or self.source.shows(row)]
        for row in told:
            record = self.desk.records.get(_KEY, row.id)
            stored = record is not None and record.sync_status is SyncStatus.SYNCED
            same = stored and record is not None and record.fields["name"] == row.name
            assert same or row.id in failed, f"{where}: {row.number} {row.name!r} is claimed"

    def _check_presence(self, where: str) -> None:
        for source in self.sources.values():
            for row in source.company.sets[VENDORS].values():
                record = self.desk.records.get(_KEY, row.id)
                assert record is None or record.present_in_source, f"{where}: {row.number} is called gone"

    def _fill(self, company: ToyCompany, count: int) -> None:
        for _ in range(count):
            self.made += 1
            company.made = self.made
            company.add(VENDORS, self._name())

    def _name(self) -> str:
        return self.chance.choice(("", *(f"Name {self.chance.randrange(1000)}" for _ in range(12))))
