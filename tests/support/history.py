"""One seeded history: a company lives, runs read it, processes die, and everything is counted."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import orjson

from sync.model.bucket import BucketWrite
from sync.model.entity import EXTERNAL_SYSTEM, EntityType
from sync.model.errors import RefusedError, RetryLaterError, StateError
from sync.model.integration import Integration
from sync.model.manifest import Manifest
from sync.model.record import RecordSet, SetKey, SyncStatus
from sync.model.run import Run, RunKind, RunStatus
from sync.ports import Chronicle, RecordFilter
from sync.services.desk import Desk
from sync.services.policy import Policy
from sync.services.runs import SyncOrder, admit
from sync.services.sweeping import sweep
from tests.support.company import ToyCompany, ToySource, VirtualClock
from tests.support.desks import ALICE, connected, memory_desk
from tests.support.host import Crash, StepHost, settle

_NO_DELAY = timedelta(0)


@dataclass(slots=True)
class Ledger:
    """What was really written to rows, seen at the store."""

    created: int = 0
    updated: int = 0


@dataclass(slots=True)
class Watched:
    """A store that counts its calls, dies at a chosen one, and tells a ledger of rows that it wrote."""

    store: Any
    fuse: "Fuse"
    ledger: Ledger

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.store, name)
        if name == "commit":
            return self._commit

        def call(*args: Any, **kwargs: Any) -> Any:
            self.fuse.burn()
            result = method(*args, **kwargs)
            self.fuse.burn()
            return result

        return call

    def _commit(self, records: RecordSet, write: BucketWrite) -> Manifest:
        self.fuse.burn()
        manifest: Manifest = self.store.commit(records, write)
        for row in write.rows:
            self.ledger.created += row.create
            self.ledger.updated += not row.create and row.fields is not None
        self.fuse.burn()
        return manifest


@dataclass(slots=True)
class Fuse:
    """Counts down to the moment at which the process is killed."""

    left: int | None = None

    def burn(self) -> None:
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            raise Crash


_WATCHED = ("records", "checkpoints", "stages", "failures", "runs", "watermarks", "leases", "logs")
_TOLD = ("trail", "journals", "edits", "config")


@dataclass(slots=True)
class History:
    """One company, one integration and everything that chance does to them."""

    seed: int
    chance: random.Random = field(init=False)
    clock: VirtualClock = field(init=False)
    company: ToyCompany = field(init=False)
    source: ToySource = field(init=False)
    desk: Desk = field(init=False)
    plain: Desk = field(init=False)
    """The same stores, unwatched: for questions that the test itself asks."""
    host: StepHost = field(init=False)
    integration: Integration = field(init=False)
    ledger: Ledger = field(default_factory=Ledger)
    fuse: Fuse = field(default_factory=Fuse)
    ended: list[Run] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.clock = VirtualClock()
        self.company = ToyCompany(self.clock, by_number=self.chance.random() < 0.5)
        self.source = ToySource(self.company)
        policy = Policy(
            page_size=self.chance.choice((2, 3, 5, 50)),
            group_size=self.chance.choice((3, 100)),
            writers=1,
            largest_loss=1,
        )
        plain = self.plain = memory_desk(self.source, self.clock, policy)
        watched: dict[str, Any] = {name: Watched(getattr(plain, name), self.fuse, self.ledger) for name in _WATCHED}
        chronicle = {name: Watched(getattr(plain.chronicle, name), self.fuse, self.ledger) for name in _TOLD}
        self.desk = replace(plain, chronicle=Chronicle(**chronicle), **watched)
        self.host = StepHost(self.desk, self.clock, around=self._around)
        self.integration = connected(plain)

    def live(self) -> None:
        """Let some time go by in which the company changes."""
        busy = self.chance.random() < 0.3
        for _ in range(self.chance.randrange(8, 20) if busy else self.chance.randrange(8)):
            self.change()
            if self.chance.random() < 0.7:
                self.clock.pass_by(self.chance.choice((0.001, 0.5, 30, 400)))

    def change(self) -> None:
        """Do one thing to the company: insert, change, blank, mend, delete, renumber; sometimes committed late."""
        entity_set = self.chance.choice(("vendors", "items"))
        rows = list(self.company.sets[entity_set])
        late = self.chance.choice((0, 0, 0, 20, 500))
        name = self.chance.choice(("", "  ", *(f"Name {self.chance.randrange(1000)}" for _ in range(8))))
        deed = self.chance.random()
        if not rows or deed < 0.45:
            self.company.add(entity_set, name, late=late)
        elif deed < 0.85:
            self.company.put(entity_set, self.chance.choice(rows), name, late=late)
        elif deed < 0.95:
            self.company.delete(entity_set, self.chance.choice(rows))
        else:
            self.company.rename(entity_set, self.chance.choice(rows), f"N{self.chance.randrange(10**5):05d}")

    def order(self) -> SyncOrder:
        """Return what a caller or a timer might ask for."""
        since = self.clock.now() - timedelta(seconds=self.chance.choice((0, 60, 900, 9000)))
        return self.chance.choice(
            (
                SyncOrder(RunKind.FULL),
                SyncOrder(RunKind.FULL),
                SyncOrder(RunKind.DELTA),
                SyncOrder(RunKind.DELTA),
                SyncOrder(RunKind.DELTA),
                SyncOrder(RunKind.DELTA, modified_since=since),
                SyncOrder(RunKind.FULL, entities=(EntityType.PRODUCTS,)),
            )
        )

    def sync(self, order: SyncOrder, *, calm: bool = False) -> Run:
        """Carry one run to its end through whatever happens, and return it as it is stored."""
        self.company.before_page = (lambda: None) if calm else self._meddle
        self.source.dead_cursors = 0 if calm else self.chance.choice((0, 0, 0, 1, 2))
        self.fuse.left = None if calm else self.chance.choice((None, self.chance.randrange(120)))
        run = self._admitted(order)
        settle(self.host.start(run, delay=_NO_DELAY))
        self._carry(run)
        found = self.plain.runs.get(self.integration.id, run.id)
        assert found is not None, self.seed
        self.ended.append(found)
        return found

    def stored(self, entity: EntityType) -> dict[str, Any]:
        """Return everything stored of one entity type, by external id."""
        key = SetKey(ALICE.user_id, EXTERNAL_SYSTEM, entity)
        found: dict[str, Any] = {}
        cursor: str | None = None
        while True:
            page = self.plain.records.list(key, RecordFilter(), cursor=cursor, limit=50)
            for record in page.items:
                assert record.external_id not in found, f"seed {self.seed}: {record.external_id} is stored twice"
                found[record.external_id] = record
            cursor = page.cursor
            if cursor is None:
                return found

    def _admitted(self, order: SyncOrder) -> Run:
        while True:
            try:
                return admit(self.desk, self.integration, order)
            except Crash:
                self._die()
            except StateError:
                self._die()

    def _carry(self, run: Run) -> None:
        for _ in range(40):
            try:
                self.host.work()
                self._sweep_if_late(run)
            except Crash:
                self._die()
            found = self.plain.runs.get(self.integration.id, run.id)
            if found is not None and found.status.ended and not self.host.waiting:
                return
        raise AssertionError(f"seed {self.seed}: run {run.id} never ended")

    def _sweep_if_late(self, run: Run) -> None:
        found = self.plain.runs.get(self.integration.id, run.id)
        if found is None or not found.status.ended:
            self._die()

    def _die(self) -> None:
        """The process is gone; a new one starts, and its sweeper looks around once leases have run out."""
        self.host.waiting.clear()
        self.clock.pass_by(self.desk.policy.lease.total_seconds() + 1)
        settle(sweep(self.plain, self.host))

    def _around(self, body: Callable[[], Any]) -> Any:
        answer = body()
        if self.chance.random() < 0.05 and self.fuse.left is not None:
            answer = body()
        return answer

    def _meddle(self) -> None:
        if self.chance.random() < 0.4:
            self.change()
        self.clock.pass_by(self.chance.choice((0.0, 0.2, 3)))
        trouble = self.chance.random()
        if trouble < 0.03:
            raise RefusedError("The page cannot be read")
        if trouble < 0.08:
            raise RetryLaterError("Too many requests", delay=30.0, code="SOURCE_THROTTLED")


def check(history: History) -> None:
    """Demand that nothing was lost, nothing is there twice, and nothing was claimed that did not happen."""
    seed = history.seed
    history.clock.pass_by(3600)
    last = history.sync(SyncOrder(RunKind.DELTA), calm=True)
    assert last.status in {RunStatus.SUCCEEDED, RunStatus.PARTIAL}, f"seed {seed}: {last.error}"
    for entity in EntityType:
        _check_entity(history, entity)
    totals = [tally for run in history.ended for tally in run.totals.values()]
    for tally in totals:
        parts = tally.created + tally.updated + tally.unchanged + tally.conflicts + tally.errors
        assert tally.read == parts, f"seed {seed}: {tally}"
    assert sum(tally.created for tally in totals) == history.ledger.created, f"seed {seed}: created"
    assert sum(tally.updated for tally in totals) == history.ledger.updated, f"seed {seed}: updated"


def _check_entity(history: History, entity: EntityType) -> None:
    stored = history.stored(entity)
    for row in history.company.sets[entity.entity_set].values():
        where = f"seed {history.seed}: {entity} {row.number} {row.name!r}"
        record = stored.get(row.id)
        if row.name.strip():
            assert record is not None, f"{where} is lost"
            assert record.fields["name"] == row.name.strip(), f"{where}: {orjson.dumps(record.fields)!r}"
            assert record.sync_status is SyncStatus.SYNCED, where
        elif record is not None:
            assert record.sync_status is SyncStatus.ERROR, where
