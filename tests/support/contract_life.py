"""One seeded life of a contract: people edit both sides, merges come and die, and every value is followed."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sync.model.errors import RetryLaterError, StateError
from sync.model.field_sync import Action, ConflictPolicy, Direction, Operation
from tests.support.two_sides import OWN, Killed, Sides, pair

_COLUMNS = ("name", "description", "stepname")
_OPERATIONS = (*(Operation.RECONCILE,) * 5, Operation.PUSH, Operation.FETCH, Operation.OVERWRITE)
_HERE, _THERE = Action.TO_DYNAMICS, Action.TO_ONEFLOW
_MOST_STEPS = 12
_STEPS = ("dynamics.row", "dynamics.update", "oneflow.contract", "oneflow.write", "save", "append", "release")
_EDITED = ("dynamics.row", "dynamics.update")
"""Where somebody may be faster: Dynamics knows versions, Oneflow does not."""


@dataclass
class ContractLife:
    """Three two-way fields; a value is fresh from the moment that a person typed it until the other side has it."""

    chance: random.Random
    sides: Sides = field(init=False)
    numbers: int = 0
    fresh: dict[tuple[Action, str], str] = field(default_factory=dict)
    """By the side that is written to when it is overwritten, and by column."""
    overwritten: list[tuple[Action, str, str]] = field(default_factory=list)
    """Fresh values that the hub wrote over: on which side, in which column."""
    written: set[tuple[str, str, str]] = field(default_factory=set)
    """Way, column and value of every write of the hub."""
    plan: Callable[[str], None] | None = None
    operation: Operation = Operation.RECONCILE
    died: bool = False
    """Whether the last merge did not come to its end."""

    def __post_init__(self) -> None:
        pairs = tuple(
            pair(column, direction=Direction.TWO_WAY, policy=self.chance.choice([*ConflictPolicy]))
            for column in _COLUMNS
        )
        self.sides = sides = Sides(pairs)
        sides.dynamics.step = sides.oneflow.step = self.step
        sides.dynamics.stores = lambda name, value: self._follow(_HERE, name, str(value))
        sides.oneflow.stores = lambda name, text: self._follow(_THERE, name.removeprefix("f_"), text)
        self._watch_stores()

    def step(self, name: str) -> None:
        """Let something happen before and after a call."""
        if self.plan is not None:
            self.plan(name)

    def live(self) -> None:
        """Let people and the hub do as they like."""
        for _ in range(self.chance.randrange(3, _MOST_STEPS)):
            self.sides.clock.pass_by(self.chance.choice((0, 1, 5, 200)))
            if self.chance.random() < 0.55:
                self.edit()
            else:
                self.merge()

    def settle(self) -> None:
        """Merge until nothing is written any more: at most two merges write."""
        self.plan = None
        self.sides.clock.pass_by(700)
        busy = [self._writes_of_a_merge() for _ in range(4)]
        assert busy[2:] == [0, 0], f"still at it: {busy}"

    def check(self) -> None:
        """Both sides agree or a person is asked, nothing fresh is gone, and the log tells exactly what was done."""
        sides, told = self.sides, self._told()
        for each in sides.pairs:
            here, there = self.value(_HERE, each.column), self.value(_THERE, each.column)
            contested = each.key in sides.link.conflicts
            assert contested == (here != there), f"{each.column}: {here!r} {there!r} {contested}"
        assert {(side.value, *rest) for side, *rest in self.overwritten} <= {each[:3] for each in told}
        assert {(way, name, after) for way, name, _, after in told} <= self.written

    def edit(self) -> None:
        """Type a value that was never there before, on either side or, now and then, the same on both."""
        column, self.numbers = self.chance.choice(_COLUMNS), self.numbers + 1
        value = f"v{self.numbers}"
        which = self.chance.choice([(_HERE,), (_THERE,), (_HERE,), (_THERE,), (_HERE, _THERE)])
        for side in which:
            self._type(side, column, value)
        if len(which) > 1:
            for side in which:
                self.fresh.pop((side, column), None)

    def merge(self) -> None:
        """Merge, and let chance have its way with it."""
        self.operation = self.chance.choice(_OPERATIONS)
        self.plan = self._misfortune()
        self.died = True
        with suppress(Killed, RetryLaterError, StateError):
            self.sides.merge(self.operation, trigger=self.chance.choice(("manual", "webhook")))
            self.died = False
        self.plan = None
        self.sides.clock.pass_by(130 if self.chance.random() < 0.2 else 0)

    def value(self, side: Action, column: str) -> str:
        """Return what a side holds."""
        sides = self.sides
        return str(sides.dynamics.held[OWN][column] if side is _HERE else sides.oneflow.texts[f"f_{column}"])

    def _type(self, side: Action, column: str, value: str) -> None:
        if side is _HERE:
            self.sides.dynamics.edit(OWN, **{column: value})
        else:
            self.sides.oneflow.edit(**{f"f_{column}": value})
        self.fresh[side, column] = value
        if self.died:
            # Nobody can tell any more whether the write that was under way arrived.
            self.overwritten = [each for each in self.overwritten if each[:2] != (side, column)]

    def _follow(self, side: Action, column: str, value: str) -> str:
        """Look at a write of the hub: what it covers must not be fresh, or must have lost by a rule that says so."""
        other = _THERE if side is _HERE else _HERE
        covered = self.fresh.pop((side, column), None)
        if covered is not None and covered != value:
            policy = next(each.policy for each in self.sides.pairs if each.column == column)
            allowed = self.operation is Operation.OVERWRITE or policy is not ConflictPolicy.MANUAL
            assert allowed, f"{covered} was lost to {value}"
            self.overwritten.append((side, column, covered))
        if self.fresh.get((other, column)) == value:
            del self.fresh[other, column]
        self.written.add((side.value, column, value))
        return value

    def _misfortune(self) -> Callable[[str], None] | None:
        """Plan what happens at one call of one kind: nothing, an edit, a crash, or an answer that never comes."""
        kind = self.chance.choice(("nothing", "nothing", "edit", "crash", "crash", "time-out"))
        if kind == "nothing":
            return None
        where = self.chance.choice(_EDITED if kind == "edit" else _STEPS)
        left = self.chance.randrange(2 if kind == "edit" else 3)

        def plan(name: str) -> None:
            nonlocal left
            if name != where:
                return
            left -= 1
            if left == -1:
                self._strike(kind, name)

        return plan

    def _strike(self, kind: str, name: str) -> None:
        if kind == "crash":
            raise Killed
        if kind == "time-out" and name.startswith(("dynamics", "oneflow")):
            raise RetryLaterError("No answer", delay=1)
        if kind == "edit":
            self.numbers += 1
            self._type(_HERE, self.chance.choice(_COLUMNS), f"v{self.numbers}")

    def _watch_stores(self) -> None:
        desk = self.sides.desk
        for store, name in ((desk.links, "save"), (desk.logs, "append"), (desk.leases, "release")):
            self._watch(store, name)

    def _watch(self, store: Any, name: str) -> None:
        method = getattr(store, name)

        def call(*args: Any) -> Any:
            self.step(name)
            result = method(*args)
            self.step(name)
            return result

        setattr(store, name, call)

    def _writes_of_a_merge(self) -> int:
        """Merge, and count what was written anywhere."""
        before, version = self.sides.written, self.sides.link.version
        self.operation = Operation.RECONCILE
        self.sides.merge()
        return self.sides.written - before + (self.sides.link.version != version)

    def _told(self) -> list[tuple[str, str, str, str]]:
        ways = {"PUSH": _THERE.value, "FETCH": _HERE.value}
        return [
            (ways[entry.action.value], each["field"], each["from"], each["to"])
            for entry in self.sides.logs
            for each in entry.metadata["fields"]
        ]
