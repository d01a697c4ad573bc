"""Every direction, policy, change and operation, carried out on toys of both ends."""

from itertools import product

import pytest

from sync.model.field_sync import ConflictPolicy, Direction, Operation
from tests.support.two_sides import Sides, pair

pytestmark = pytest.mark.untraced

PUSH, OVERWRITE, FETCH, RECONCILE = Operation.PUSH, Operation.OVERWRITE, Operation.FETCH, Operation.RECONCILE
OLD, HERE, THERE, SAME = "old", "here", "there", "same"
CHANGES: dict[str, tuple[str | None, str | None]] = {
    "none": (None, None),
    "here": (HERE, None),
    "there": (None, THERE),
    "both": (HERE, THERE),
    "same": (SAME, SAME),
}
# Who wins when both sides have changed, by policy and by how many seconds later Dynamics was changed.
WINNERS: dict[tuple[ConflictPolicy, int], str | None] = {
    (ConflictPolicy.MANUAL, 0): None,
    (ConflictPolicy.DYNAMICS_WINS, 0): HERE,
    (ConflictPolicy.ONEFLOW_WINS, 0): THERE,
    (ConflictPolicy.NEWEST_WINS, 2): None,
    (ConflictPolicy.NEWEST_WINS, 3): HERE,
    (ConflictPolicy.NEWEST_WINS, -3): THERE,
}
# What both sides hold afterwards, or why each keeps what it has; "conflict" asks a person.
TWO_WAY: dict[tuple[str, Operation], str] = {
    ("here", PUSH): HERE,
    ("here", OVERWRITE): HERE,
    ("here", FETCH): "ONLY_DYNAMICS_CHANGED",
    ("here", RECONCILE): HERE,
    ("there", PUSH): "ONLY_ONEFLOW_CHANGED",
    ("there", OVERWRITE): OLD,
    ("there", FETCH): THERE,
    ("there", RECONCILE): THERE,
}
CONTESTED: dict[tuple[str | None, Operation], str] = {
    (None, PUSH): "conflict",
    (None, FETCH): "conflict",
    (None, RECONCILE): "conflict",
    (HERE, PUSH): HERE,
    (HERE, FETCH): "DYNAMICS_WINS",
    (HERE, RECONCILE): HERE,
    (THERE, PUSH): "ONEFLOW_WINS",
    (THERE, FETCH): THERE,
    (THERE, RECONCILE): THERE,
    **{(winner, OVERWRITE): HERE for winner in (None, HERE, THERE)},
}
OUTWARD: dict[tuple[str, Operation], str] = {
    **{(change, FETCH): "NOT_TWO_WAY" for change in ("here", "there", "both")},
    **{(change, operation): HERE for change in ("here", "both") for operation in (PUSH, OVERWRITE, RECONCILE)},
    ("there", PUSH): OLD,
    ("there", OVERWRITE): OLD,
    ("there", RECONCILE): "ONLY_ONEFLOW_CHANGED",
}
CASES = [*product(Direction, WINNERS, CHANGES, Operation)]


def expected(direction: Direction, winner: str | None, change: str, operation: Operation) -> str:
    if change in {"none", "same"}:
        return SAME if change == "same" else OLD
    if direction is Direction.ONCE:
        return "SYNC_ONCE"
    if direction is Direction.DYNAMICS_TO_ONEFLOW:
        return OUTWARD[change, operation]
    return CONTESTED[winner, operation] if change == "both" else TWO_WAY[change, operation]


def lived(direction: Direction, policy: tuple[ConflictPolicy, int], change: str) -> Sides:
    """Return both sides after a change, in the order that the policy asks for."""
    sides, (here, there), later = Sides((pair(direction=direction, policy=policy[0]),)), CHANGES[change], policy[1]
    for dynamics, oneflow in [(None, there), (here, None)] if later >= 0 else [(here, None), (None, there)]:
        sides.edit(dynamics, oneflow)
        sides.clock.pass_by(abs(later))
    return sides


def test_every_combination_ends_as_the_tables_say() -> None:
    for direction, policy, change, operation in CASES:
        sides = lived(direction, policy, change)
        before = sides.both
        report = sides.merge(operation)
        wanted = expected(direction, WINNERS[policy], change, operation)
        told = [each.code for each in report.skipped] + ["conflict" for _ in report.conflicts]
        ended = (wanted, wanted) if not told else before
        assert (sides.both, told or [wanted]) == (ended, [wanted]), (direction, policy, change, operation)


def test_after_every_combination_the_same_again_writes_nothing() -> None:
    for direction, policy, change, operation in CASES:
        sides = lived(direction, policy, change)
        sides.merge(operation)
        before = (sides.written, sides.link)
        sides.merge(operation)
        assert (sides.written, sides.link) == before, (direction, policy, change, operation)


def test_after_every_combination_a_value_on_both_sides_is_the_base() -> None:
    for direction, policy, change, operation in CASES:
        sides = lived(direction, policy, change)
        sides.merge(operation)
        here, there = sides.both
        assert here != there or sides.memory.value == here, (direction, policy, change, operation)


@pytest.mark.parametrize("trigger", ["manual", "webhook", "timer"])
def test_every_write_is_in_the_log_with_its_trigger_and_nothing_else_is(trigger: str) -> None:
    for direction, policy, change, operation in CASES:
        sides = lived(direction, policy, change)
        report = sides.merge(operation, trigger=trigger)
        told = [field for entry in sides.logs for field in entry.metadata["fields"]]
        assert [(each["from"], each["to"]) for each in told] == [(each.before, each.after) for each in report.updated]
        assert {entry.metadata["trigger"] for entry in sides.logs} <= {trigger}
