"""The three-way merge of one field: every combination, and the laws that hold for all of them."""

import re
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from mapping.values import Typed, ValueCode, ValueProblem
from sync.engine.flips import Breaker
from sync.engine.two_way import MARGIN, merge, status_of
from sync.model.field_sync import (
    NO_BASE,
    Action,
    ConflictPolicy,
    Direction,
    FieldOutcome,
    FieldState,
    FieldStatus,
    NoBase,
    Operation,
    Side,
    SkipCode,
    Write,
)

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
PROBLEM = ValueProblem(ValueCode.NOT_A_NUMBER, "Digits were expected.")
OBSTACLE = ValueProblem(ValueCode.VALUE_TOO_LONG, "Too long.")
VALUES: tuple[Typed, ...] = (None, "a", "b")
BASES: tuple[Typed | NoBase, ...] = (*VALUES, NO_BASE)
SIDES = (
    *(Side(value) for value in VALUES),
    *(Side(value, obstacle=OBSTACLE) for value in ("a", "b")),
    Side(problem=PROBLEM),
)
PUSH, OVERWRITE, FETCH, RECONCILE = Operation.PUSH, Operation.OVERWRITE, Operation.FETCH, Operation.RECONCILE
OUT, BACK, CONFLICT = Action.TO_ONEFLOW, Action.TO_DYNAMICS, Action.CONFLICT

# The winner of a true conflict by policy and by how much later Dynamics was changed than Oneflow.
WINNERS: dict[tuple[ConflictPolicy, int | None], Action] = {
    **{(ConflictPolicy.MANUAL, later): CONFLICT for later in (None, -3, 0, 3)},
    **{(ConflictPolicy.DYNAMICS_WINS, later): OUT for later in (None, -3, 0, 3)},
    **{(ConflictPolicy.ONEFLOW_WINS, later): BACK for later in (None, -3, 0, 3)},
    (ConflictPolicy.NEWEST_WINS, None): CONFLICT,
    (ConflictPolicy.NEWEST_WINS, -3): BACK,
    (ConflictPolicy.NEWEST_WINS, 0): CONFLICT,
    (ConflictPolicy.NEWEST_WINS, 3): OUT,
}
# What a two-way field that changed on one side becomes: (Dynamics changed, operation).
ONE_CHANGED: dict[tuple[bool, Operation], Action | SkipCode] = {
    (True, PUSH): OUT,
    (True, OVERWRITE): OUT,
    (True, RECONCILE): OUT,
    (True, FETCH): SkipCode.ONLY_DYNAMICS_CHANGED,
    (False, PUSH): SkipCode.ONLY_ONEFLOW_CHANGED,
    (False, OVERWRITE): OUT,
    (False, RECONCILE): BACK,
    (False, FETCH): BACK,
}
# What a two-way field that changed on both sides becomes: (winner, operation).
BOTH_CHANGED: dict[tuple[Action, Operation], Action | SkipCode] = {
    (OUT, PUSH): OUT,
    (OUT, RECONCILE): OUT,
    (OUT, FETCH): SkipCode.DYNAMICS_WINS,
    (BACK, PUSH): SkipCode.ONEFLOW_WINS,
    (BACK, RECONCILE): BACK,
    (BACK, FETCH): BACK,
    **{(CONFLICT, operation): CONFLICT for operation in (PUSH, RECONCILE, FETCH)},
    **{(winner, OVERWRITE): OUT for winner in (OUT, BACK, CONFLICT)},
}


def expected(state: FieldState, operation: Operation, later: int | None) -> Action | SkipCode:
    """What the tables say, before a problem of the value stops it."""
    here, there = state.dynamics, state.oneflow
    if not here.problem and not there.problem and here.value == there.value:
        return Action.IN_STEP if state.base == here.value else Action.NEW_BASE
    here_changed = bool(here.problem) or here.value != state.base
    there_changed = bool(there.problem) or there.value != state.base
    if state.direction is Direction.ONCE:
        return SkipCode.SYNC_ONCE
    if state.direction is Direction.DYNAMICS_TO_ONEFLOW:
        quiet = operation is RECONCILE and not here_changed
        return {FETCH: SkipCode.NOT_TWO_WAY}.get(operation, SkipCode.ONLY_ONEFLOW_CHANGED if quiet else OUT)
    if here_changed and there_changed:
        return BOTH_CHANGED[WINNERS[state.policy, later], operation]
    return ONE_CHANGED[here_changed, operation]


def outcome_of(wanted: Action | SkipCode, state: FieldState) -> FieldOutcome:
    """What the tables say, as an outcome; the value of the side that is read may stop it."""
    if isinstance(wanted, SkipCode):
        return FieldOutcome(Action.SKIPPED, skip=wanted)
    if wanted is CONFLICT:
        return FieldOutcome(CONFLICT)
    source = state.oneflow if wanted is BACK else state.dynamics
    problem = source.problem or source.obstacle
    if problem and wanted in {OUT, BACK}:
        return FieldOutcome(Action.SKIPPED, skip=SkipCode.VALUE_PROBLEM, problem=problem)
    return FieldOutcome(wanted, source.value)


def every_state(direction: Direction) -> list[tuple[FieldState, int | None]]:
    found = []
    for base, here, there, (policy, later) in product(BASES, SIDES, SIDES, WINNERS):
        moved = None if later is None else NOON + timedelta(seconds=later)
        dynamics = Side(here.value, moved, here.problem, here.obstacle)
        oneflow = Side(there.value, NOON, there.problem, there.obstacle)
        found.append((FieldState(base, dynamics, oneflow, direction, policy), later))
    return found


def applied(state: FieldState, outcome: FieldOutcome) -> FieldState:
    """The field after the write, the target having stored what it was sent."""
    if outcome.action in {Action.NEW_BASE, Action.IN_STEP}:
        return FieldState(outcome.value, state.dynamics, state.oneflow, state.direction, state.policy)
    written = Side(outcome.value, NOON)
    if outcome.action is OUT:
        return FieldState(outcome.value, state.dynamics, written, state.direction, state.policy)
    if outcome.action is BACK:
        return FieldState(outcome.value, written, state.oneflow, state.direction, state.policy)
    return state


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("operation", Operation)
def test_every_combination_becomes_what_the_tables_say(direction: Direction, operation: Operation) -> None:
    for state, later in every_state(direction):
        assert merge(state, operation) == outcome_of(expected(state, operation, later), state), state


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("operation", Operation)
def test_the_same_merge_after_its_writes_has_nothing_left_to_do(direction: Direction, operation: Operation) -> None:
    for state, _ in every_state(direction):
        outcome = merge(state, operation)
        again = merge(applied(state, outcome), operation)
        assert again.action not in {OUT, BACK, Action.NEW_BASE}, state


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("following", Operation)
def test_an_echo_of_a_write_is_in_step_by_value(operation: Operation, following: Operation) -> None:
    for state, _ in every_state(Direction.TWO_WAY):
        outcome = merge(state, operation)
        if outcome.action in {OUT, BACK}:
            assert merge(applied(state, outcome), following).action is Action.IN_STEP


def test_an_edit_on_one_side_arrives_or_is_a_problem() -> None:
    for state, _ in every_state(Direction.TWO_WAY):
        changed = [
            (side, action)
            for side, action in ((state.dynamics, OUT), (state.oneflow, BACK))
            if side.problem or side.value != state.base
        ]
        if len(changed) != 1 or state.base is NO_BASE:
            continue
        [(side, action)] = changed
        outcome = merge(state, RECONCILE)
        stopped = side.problem or side.obstacle
        assert (outcome.action, outcome.problem) == ((Action.SKIPPED, stopped) if stopped else (action, None))


@pytest.mark.parametrize("operation", [PUSH, FETCH, RECONCILE])
def test_without_a_winner_no_write_covers_an_edit(operation: Operation) -> None:
    for state, _ in every_state(Direction.TWO_WAY):
        if state.policy is not ConflictPolicy.MANUAL:
            continue
        outcome = merge(state, operation)
        covered = {OUT: state.oneflow, BACK: state.dynamics}.get(outcome.action)
        assert covered is None or (covered.value == state.base and covered.problem is None), state


@pytest.mark.parametrize(("operation", "forbidden"), [(PUSH, BACK), (OVERWRITE, BACK), (FETCH, OUT)])
def test_a_push_never_writes_to_dynamics_and_a_fetch_never_to_oneflow(operation: Operation, forbidden: Action) -> None:
    for direction in Direction:
        assert all(merge(state, operation).action is not forbidden for state, _ in every_state(direction))


@pytest.mark.parametrize("operation", Operation)
def test_a_push_and_a_fetch_leave_fields_synced_once_alone(operation: Operation) -> None:
    for state, _ in every_state(Direction.ONCE):
        assert merge(state, operation).action in {Action.SKIPPED, Action.IN_STEP, Action.NEW_BASE}


def test_without_a_base_nothing_is_overwritten_silently() -> None:
    state = FieldState(NO_BASE, Side("a"), Side("b"))
    assert [merge(state, operation).action for operation in (PUSH, FETCH, RECONCILE)] == [CONFLICT] * 3


@pytest.mark.parametrize(("apart", "action"), [(MARGIN, CONFLICT), (MARGIN + timedelta(microseconds=1), OUT)])
def test_changes_within_two_seconds_have_no_order(apart: timedelta, action: Action) -> None:
    here, there = Side("a", NOON + apart), Side("b", NOON)
    state = FieldState(None, here, there, policy=ConflictPolicy.NEWEST_WINS)
    assert merge(state, RECONCILE).action is action


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (FieldState("a", Side("a"), Side("a")), FieldStatus.IN_STEP),
        (FieldState("x", Side("a"), Side("a")), FieldStatus.IN_STEP),
        (FieldState("a", Side("b"), Side("a")), FieldStatus.DYNAMICS_CHANGED),
        (FieldState("a", Side("a"), Side("b")), FieldStatus.ONEFLOW_CHANGED),
        (FieldState("a", Side("b"), Side("c")), FieldStatus.CONFLICT),
        (FieldState("a", Side("a"), Side(problem=PROBLEM)), FieldStatus.PROBLEM),
        (FieldState("a", Side("b", obstacle=OBSTACLE), Side("a")), FieldStatus.PROBLEM),
        (FieldState("a", Side("a", obstacle=OBSTACLE), Side("b")), FieldStatus.ONEFLOW_CHANGED),
        (FieldState("a", Side("a"), Side(problem=PROBLEM), Direction.DYNAMICS_TO_ONEFLOW), FieldStatus.ONEFLOW_CHANGED),
    ],
)
def test_a_field_has_a_status_for_people(state: FieldState, status: FieldStatus) -> None:
    assert status_of(state) is status


def test_a_field_that_goes_back_and_forth_rests_until_the_window_has_passed() -> None:
    breaker = Breaker(limit=3, window=timedelta(minutes=10))
    history: tuple[Write, ...] = ()
    for minute, action in enumerate((OUT, BACK, OUT, BACK)):
        assert not breaker.is_open(history, NOON)
        history = breaker.remember(history, Write(action, NOON + timedelta(minutes=minute)))
    assert breaker.is_open(history, NOON + timedelta(minutes=9))
    assert not breaker.is_open(history, NOON + timedelta(minutes=10))


def test_many_writes_the_same_way_are_no_flips() -> None:
    breaker = Breaker(limit=1)
    history = tuple(Write(OUT, NOON + timedelta(seconds=second)) for second in range(50))
    assert not breaker.is_open(history, NOON + timedelta(seconds=50))


def test_old_writes_are_forgotten() -> None:
    breaker = Breaker(window=timedelta(minutes=1))
    history = breaker.remember((Write(OUT, NOON),), Write(BACK, NOON + timedelta(minutes=1)))
    assert history == (Write(BACK, NOON + timedelta(minutes=1)),)


def test_every_reason_to_leave_a_field_alone_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs/errors.md").read_text("utf-8").split("## Fields of contracts\n")[1]
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE)) == {*ValueCode, *SkipCode} - {
        SkipCode.VALUE_PROBLEM
    }
