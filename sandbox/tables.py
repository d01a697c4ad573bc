"""Rows of one table of one company, kept in order by id and by number."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from sandbox.clock import parse_time, wire_time
from sandbox.filters import Bound, Condition, Row

type Slots = Sequence[int]

_EDGES: dict[str, tuple[bool, bool]] = {
    "eq": (True, True),
    "ge": (True, False),
    "gt": (True, False),
    "le": (False, True),
    "lt": (False, True),
}


class Source(Protocol):
    """The rows that a table starts with, by slot."""

    count: int
    latest: int
    """Latest modification among them, in microseconds."""

    def row(self, slot: int) -> Row:
        """Return a fresh row, lastModifiedDateTime included."""

    def id_of(self, slot: int) -> str:
        """Return the id without making the row."""

    def key_of(self, slot: int) -> str:
        """Return the number or code without making the row."""

    def modified_of(self, slot: int) -> int:
        """Return the modification in microseconds."""

    def find(self, row_id: str) -> int | None:
        """Return the slot of an id."""

    def slots_by_id(self) -> "array[int]":
        """Return all slots in order of id."""

    def slots_by_key(self) -> "array[int]":
        """Return all slots in order of number or code."""


class ListSource:
    """Rows that are at hand."""

    def __init__(self, rows: Iterable[Row], key: str) -> None:
        self._rows = list(rows)
        self._key = key
        self._modified = [parse_time(row["lastModifiedDateTime"]) for row in self._rows]
        self._slots = {row["id"]: slot for slot, row in enumerate(self._rows)}
        self.count = len(self._rows)
        self.latest = max(self._modified, default=0)

    def row(self, slot: int) -> Row:
        """Return a copy."""
        return dict(self._rows[slot])

    def id_of(self, slot: int) -> str:
        """Return the id."""
        return str(self._rows[slot]["id"])

    def key_of(self, slot: int) -> str:
        """Return the number or code."""
        return str(self._rows[slot][self._key])

    def modified_of(self, slot: int) -> int:
        """Return the modification in microseconds."""
        return self._modified[slot]

    def find(self, row_id: str) -> int | None:
        """Return the slot of an id."""
        return self._slots.get(row_id)

    def slots_by_id(self) -> "array[int]":
        """Return all slots in order of id."""
        return array("I", sorted(range(self.count), key=self.id_of))

    def slots_by_key(self) -> "array[int]":
        """Return all slots in order of number or code."""
        return array("I", sorted(range(self.count), key=self.key_of))


class Table:
    """A source and what has changed since."""

    def __init__(self, source: Source, key: str = "number") -> None:
        self.key = key
        self.version = 0
        self.log: list[int] = []
        """Slots in the order in which they changed."""
        self._source = source
        self._next = source.count
        self._rows: dict[int, Row] = {}
        self._modified: dict[int, int] = {}
        self._added: dict[str, int] = {}
        self._dead: set[int] = set()
        self._graves: dict[str, str] = {}
        self._orders: dict[str, array[int]] = {}

    def __len__(self) -> int:
        return len(self.ordered("id"))

    def ordered(self, by: str) -> "array[int]":
        """Return the living slots in order of "id" or of the key property."""
        if by not in self._orders:
            made = self._source.slots_by_id() if by == "id" else self._source.slots_by_key()
            self._orders[by] = array("I", (slot for slot in made if slot not in self._dead)) if self._dead else made
            for slot in self._added.values():
                insort(self._orders[by], slot, key=self.sort_key(by))
        return self._orders[by]

    def sort_key(self, by: str) -> Callable[[int], str]:
        """Return the function that gives a slot's place in an order."""
        return self.id_of if by == "id" else self.key_of

    def id_of(self, slot: int) -> str:
        """Return a row's id."""
        return str(self._rows[slot]["id"]) if slot in self._rows else self._source.id_of(slot)

    def key_of(self, slot: int) -> str:
        """Return a row's number or code."""
        return str(self._rows[slot][self.key]) if slot in self._rows else self._source.key_of(slot)

    def modified_of(self, slot: int) -> int:
        """Return a row's modification in microseconds."""
        return self._modified[slot] if slot in self._modified else self._source.modified_of(slot)

    def row(self, slot: int) -> Row:
        """Return a fresh copy of a row."""
        if slot not in self._rows:
            return self._source.row(slot)
        return {**self._rows[slot], "lastModifiedDateTime": wire_time(self._modified[slot])}

    def find(self, row_id: str) -> int | None:
        """Return the slot of a living row."""
        slot = self._added.get(row_id, self._source.find(row_id))
        return None if slot in self._dead else slot

    def find_key(self, key: str) -> int | None:
        """Return the slot of the living row with this number or code."""
        slots = self.ordered(self.key)
        place = bisect_left(slots, key, key=self.key_of)
        return slots[place] if place < len(slots) and self.key_of(slots[place]) == key else None

    def grave(self, row_id: str) -> str | None:
        """Return the number that a deleted row had."""
        return self._graves.get(row_id)

    def put(self, row: Row, modified: int) -> int:
        """Add a row or replace the one with its id."""
        found = self.find(str(row["id"]))
        if found is not None:
            return self._replace(found, row, modified)
        slot = self._next
        self._next += 1
        for by, slots in self._orders.items():
            self._insert(by, slots, slot, row)
        self._added[str(row["id"])] = slot
        self._store(slot, row, modified)
        return slot

    def remove(self, slot: int) -> None:
        """Delete a row; its id is remembered for cursors."""
        row_id = self.id_of(slot)
        self._graves[row_id] = self.key_of(slot)
        for by in tuple(self._orders):
            self._drop(by, slot)
        if self._added.get(row_id) == slot:
            del self._added[row_id]
        self._dead.add(slot)
        self._rows.pop(slot, None)
        self._modified.pop(slot, None)
        self._changed(slot)

    def touch(self, slot: int, modified: int) -> None:
        """Change nothing of a row but its modification."""
        self._store(slot, self.row(slot), modified)

    def matching(self, condition: Condition, by: str) -> Slots:
        """Return the slots that a condition selects, in an order."""
        keyed = [bound for bound in condition.bounds if bound.name == self.key and bound.operator in _EDGES]
        timed = [bound for bound in condition.bounds if bound.name == "lastModifiedDateTime"]
        others = Condition(
            tuple(bound for bound in condition.bounds if bound not in keyed and bound not in timed), condition.tests
        )
        slots = self._candidates(keyed, timed, by)
        for bound in timed:
            slots = self._by_time(slots, bound)
        if others.bounds or others.tests:
            slots = [slot for slot in slots if others.holds(self.row(slot))]
        return slots

    def _candidates(self, keyed: list[Bound], timed: list[Bound], by: str) -> Slots:
        if keyed:
            slots = self._key_range(keyed)
            return slots if by == self.key else sorted(slots, key=self.sort_key(by))
        low = max((bound.value for bound in timed if bound.operator in {"ge", "gt", "eq"}), default=None)
        if low is not None and low > self._source.latest:
            return sorted(self._modified, key=self.sort_key(by))
        return self.ordered(by)

    def _key_range(self, bounds: list[Bound]) -> Slots:
        slots = self.ordered(self.key)
        start, stop = 0, len(slots)
        for bound in bounds:
            lower, upper = _EDGES[bound.operator]
            left = bisect_left if bound.operator != "gt" else bisect_right
            right = bisect_right if bound.operator != "lt" else bisect_left
            if lower:
                start = max(start, left(slots, bound.value, key=self.key_of))
            if upper:
                stop = min(stop, right(slots, bound.value, key=self.key_of))
        return slots[start : max(start, stop)]

    def _by_time(self, slots: Slots, bound: Bound) -> Slots:
        of = self.modified_of
        value = bound.value
        tests: dict[str, Callable[[int], bool]] = {
            "eq": lambda slot: of(slot) == value,
            "ne": lambda slot: of(slot) != value,
            "gt": lambda slot: of(slot) > value,
            "ge": lambda slot: of(slot) >= value,
            "lt": lambda slot: of(slot) < value,
            "le": lambda slot: of(slot) <= value,
        }
        return list(filter(tests[bound.operator], slots))

    def _replace(self, slot: int, row: Row, modified: int) -> int:
        renamed = str(row[self.key]) != self.key_of(slot)
        if renamed and self.key in self._orders:
            self._drop(self.key, slot)
            self._insert(self.key, self._orders[self.key], slot, row)
        self._store(slot, row, modified)
        return slot

    def _insert(self, by: str, slots: "array[int]", slot: int, row: dict[str, Any]) -> None:
        slots.insert(bisect_right(slots, str(row[by]), key=self.sort_key(by)), slot)

    def _drop(self, by: str, slot: int) -> None:
        slots = self._orders[by]
        of = self.sort_key(by)
        slots.pop(slots.index(slot, bisect_left(slots, of(slot), key=of)))

    def _store(self, slot: int, row: Row, modified: int) -> None:
        self._rows[slot] = row
        self._modified[slot] = modified
        self._changed(slot)

    def _changed(self, slot: int) -> None:
        self.version += 1
        self.log.append(slot)
