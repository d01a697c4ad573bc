"""Random lives of records that both sides change: no pinned value is lost, no conflict vanishes, counts are right."""

import random
from dataclasses import dataclass, field

import pytest

from sync.model.conflict import Choice, Conflict, Side
from sync.model.record import Record, SyncStatus
from sync.model.run import RunKind
from sync.ports import ConflictFilter, RecordFilter
from sync.services import editing
from sync.services.conflicts import Court
from sync.services.records import RecordOrder, Shelf
from tests.support.desks import ALICE
from tests.support.office import SUPPLIERS, VENDORS, Office, open_office, set_key, suppliers

NAMES = ("A", "B", "C", "D")


@dataclass(slots=True)
class Life:
    """One company, its records, and the values that people on the platform rely on."""

    chance: random.Random
    office: Office = field(default_factory=open_office)
    ours: dict[str, str] = field(default_factory=dict)
    """The name of each record whose name is pinned."""
    declined: dict[str, str] = field(default_factory=dict)
    """Names of the source that nobody wanted."""

    def __post_init__(self) -> None:
        self.office.add("A", "B", "C")
        self.sync(RunKind.FULL)

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.office.desk, self.office.current, SUPPLIERS)

    @property
    def court(self) -> Court:
        return Court(self.office.desk, self.office.current)

    def open(self) -> tuple[Conflict, ...]:
        return self.court.list(ConflictFilter(), cursor=None, limit=99).items

    def rows(self) -> tuple[Record, ...]:
        return self.office.desk.records.list(set_key(SUPPLIERS), RecordFilter(), cursor=None, limit=99).items

    def any_row(self) -> Record:
        return self.chance.choice(self.rows())

    def theirs(self, external_id: str) -> str:
        return self.office.company.sets[VENDORS][external_id].name

    def change(self) -> None:
        self.office.company.put(VENDORS, self.any_row().external_id, self.chance.choice(NAMES))

    def renumber(self) -> None:
        row = self.any_row()
        self.office.company.rename(VENDORS, row.external_id, f"N{self.chance.randrange(10**5):05d}")

    def edit(self) -> None:
        row, name = self.any_row(), self.chance.choice(NAMES)
        editing.edit(self.shelf, row, RecordOrder({"name": name}), owner=ALICE)
        if row.external_id in self.ours:
            self.ours[row.external_id] = name

    def pin(self) -> None:
        row = self.any_row()
        editing.edit(self.shelf, row, RecordOrder(pinned=("name",)), owner=ALICE)
        self.ours[row.external_id] = row.fields["name"]

    def unpin(self) -> None:
        row = self.any_row()
        editing.edit(self.shelf, row, RecordOrder(pinned=()), owner=ALICE)
        self.ours.pop(row.external_id, None)
        self.declined.pop(row.external_id, None)

    def decide(self) -> None:
        if waiting := self.open():
            conflict, side = self.chance.choice(waiting), self.chance.choice(tuple(Side))
            self.court.resolve(conflict, Choice(side), by=ALICE)
            if side is Side.SOURCE:
                self.ours[conflict.external_id] = conflict.source["name"]
                self.declined.pop(conflict.external_id, None)
            else:
                self.declined[conflict.external_id] = conflict.source["name"]

    def full(self) -> None:
        self.sync(RunKind.FULL)

    def delta(self) -> None:
        self.sync(RunKind.DELTA)

    def sync(self, kind: RunKind) -> None:
        waiting = self.open() if self.office.current.last_synced_at else ()
        self.office.clock.pass_by(1000)
        tally = suppliers(self.office.sync(kind))
        still = {each.id for each in self.open()}
        for gone in (each.external_id for each in waiting if each.id not in still):
            assert self.theirs(gone) in {self.office.kept(gone).fields["name"], self.declined.get(gone)}
        if kind is RunKind.FULL:
            assert tally.conflicts == len(still)
            assert tally.read == tally.created + tally.updated + tally.unchanged + tally.conflicts

    def check(self) -> None:
        """Demand what holds at every moment."""
        rows = {row.external_id: row for row in self.rows()}
        assert {name: rows[name].fields["name"] for name in self.ours} == self.ours
        held = {name for name, row in rows.items() if row.sync_status is SyncStatus.CONFLICT}
        assert held == {each.external_id for each in self.open()}
        assert held <= self.ours.keys()


@pytest.mark.parametrize("seed", range(25))
def test_a_pinned_value_is_only_overwritten_by_choice_and_no_conflict_vanishes_while_its_cause_stands(
    seed: int,
) -> None:
    life = Life(random.Random(seed))
    deeds = (life.change, life.renumber, life.edit, life.pin, life.unpin, life.decide, life.full, life.delta)
    for _ in range(60):
        life.chance.choice(deeds)()
        life.check()


@pytest.mark.parametrize("seed", range(5))
def test_once_everything_is_decided_and_nothing_changes_all_is_unchanged(seed: int) -> None:
    life = Life(random.Random(seed))
    for deed in (life.pin, life.edit, life.pin, life.edit, life.change, life.change, life.renumber, life.full):
        deed()
    for conflict in life.open():
        life.court.resolve(conflict, Choice(life.chance.choice(tuple(Side))), by=ALICE)
    life.office.clock.pass_by(1000)
    assert suppliers(life.office.sync()).unchanged == 3
