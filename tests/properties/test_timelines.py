"""Whatever happens to a record, its timeline, played from the first entry on, gives what was stored at each point."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest

from sync.engine.timeline import PINNED, Entry
from sync.model.conflict import Choice, Side
from sync.model.entity import EXTERNAL_SYSTEM, EntityType
from sync.model.errors import StaleRecordError
from sync.model.record import Record, SetKey
from sync.ports import ConflictFilter
from sync.services import editing
from sync.services.conflicts import Court
from sync.services.records import RecordOrder, Shelf
from sync.services.timeline import Chronicler
from tests.support.desks import ALICE
from tests.support.history import History

HISTORIES = 600
PER_TEST = 100

type Values = dict[str, Any]


@dataclass(slots=True)
class Diary:
    """A history in which people edit records, too, and what was stored after each thing that happened."""

    history: History
    chance: random.Random
    decided: int = 0
    """Conflicts on which somebody has decided."""
    points: dict[tuple[EntityType, str], list[tuple[int, Values]]] = field(default_factory=lambda: defaultdict(list))

    def shelf(self, entity: EntityType) -> Shelf:
        return Shelf(self.history.plain, self.history.integration, entity)

    def edit(self) -> None:
        """Edit a record, make one, or decide on a conflict; now and then somebody else was faster."""
        court = Court(self.history.plain, self.history.integration)
        waiting = court.list(ConflictFilter(), cursor=None, limit=99).items
        if waiting and self.chance.random() < 0.5:
            self.decided += 1
            court.resolve(self.chance.choice(waiting), Choice(self.chance.choice(tuple(Side))), by=ALICE)
            return
        entity = self.chance.choice(tuple(EntityType))
        stored = list(self.history.stored(entity).values())
        name = self.chance.choice((f"Edited {self.chance.randrange(9)}", "Again"))
        custom = {"risk": self.chance.choice((None, 1, "high"))}
        pinned = self.chance.choice((None, (), ("name",)))
        order = RecordOrder({"name": name}, custom, pinned)
        if not stored or self.chance.random() < 0.1:
            editing.make(self.shelf(entity), order, owner=ALICE)
            return
        record = self.chance.choice(stored)
        if self.chance.random() < 0.2:
            self._edit_late(entity, record, order)
        editing.edit(self.shelf(entity), record, order, owner=ALICE)

    def _edit_late(self, entity: EntityType, record: Record, order: RecordOrder) -> None:
        """Edit a record that looks otherwise by now: it must come to nothing."""
        stale = Record(record.external_id, {"name": "never"}, source=record.source, version="0")
        with pytest.raises(StaleRecordError):
            editing.edit(self.shelf(entity), stale, order, owner=ALICE)

    def around(self, body: Any) -> Any:
        """Let a step be taken, and somebody edit something after it."""
        answer = body()
        if self.chance.random() < 0.15:
            self.history.clock.pass_by(0.01)
            self.edit()
            self.history.clock.pass_by(0.01)
        return answer

    def note(self) -> None:
        """Note what is stored of each record, and how long its timeline is."""
        for entity in EntityType:
            for external_id, record in self.history.stored(entity).items():
                told = len(self.told(entity, external_id))
                self.points[entity, external_id].append((told, _values(record)))

    def told(self, entity: EntityType, external_id: str) -> list[Entry]:
        record = self.history.plain.records.get(SetKey(ALICE.user_id, EXTERNAL_SYSTEM, entity), external_id)
        return list(Chronicler(self.shelf(entity)).told(external_id, record))


def _values(record: Record) -> Values:
    kept = {name: value for name, value in editing.values_of(record).items() if value is not None}
    return kept | ({PINNED: list(record.pinned)} if record.pinned else {})


def _played(entries: list[Entry], seed: int) -> list[Values]:
    """Play a timeline from its first entry, and return the record after none, one, two, … of them."""
    state: Values = {}
    states = [state]
    for entry in reversed(entries):
        assert entry.whole, seed
        state = dict(state)
        for name, change in entry.changes.items():
            assert state.get(name) == (change.before or None), f"seed {seed}: {name} {entry}"
            state[name] = change.after
        state = {name: value for name, value in state.items() if value not in (None, [])}
        states.append(state)
    return states


@pytest.mark.timeout(300)
@pytest.mark.parametrize("first", range(0, HISTORIES, PER_TEST))
def test_a_timeline_played_from_its_start_gives_the_record_at_each_point(first: int) -> None:
    decided = 0
    for seed in range(first, first + PER_TEST):
        diary = Diary(History(seed), random.Random(seed))
        diary.history.live()
        diary.history.host.around = diary.around
        for _ in range(diary.chance.randrange(2, 5)):
            diary.history.clock.pass_by(1)
            diary.history.sync(diary.history.order())
            diary.note()
            diary.history.clock.pass_by(1)
            for _ in range(diary.chance.randrange(3)):
                diary.edit()
                diary.note()
                diary.history.clock.pass_by(1)
            diary.history.live()
        for (entity, external_id), points in diary.points.items():
            states = _played(diary.told(entity, external_id), seed)
            for told, values in points:
                assert states[told] == values, f"seed {seed}: {entity} {external_id} after {told}"
        decided += diary.decided
    assert decided > 0
