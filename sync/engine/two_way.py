"""Decides what one field of a contract becomes: a three-way merge of base, Dynamics and Oneflow."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from mapping.values import Typed
from sync.model.field_sync import (
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
)

MARGIN = timedelta(seconds=2)
"""Two changes this close have no order: the clocks of two systems differ by as much."""

_WRITES: Mapping[Operation, frozenset[Action]] = MappingProxyType(
    {
        Operation.PUSH: frozenset({Action.TO_ONEFLOW}),
        Operation.OVERWRITE: frozenset({Action.TO_ONEFLOW}),
        Operation.FETCH: frozenset({Action.TO_DYNAMICS}),
        Operation.RECONCILE: frozenset({Action.TO_ONEFLOW, Action.TO_DYNAMICS}),
    },
)
_WINNERS: Mapping[ConflictPolicy, Action] = MappingProxyType(
    {
        ConflictPolicy.MANUAL: Action.CONFLICT,
        ConflictPolicy.DYNAMICS_WINS: Action.TO_ONEFLOW,
        ConflictPolicy.ONEFLOW_WINS: Action.TO_DYNAMICS,
    },
)
# Why the write is left to another operation: for one changed side, and for two.
_LEFT: Mapping[Action, tuple[SkipCode, SkipCode]] = MappingProxyType(
    {
        Action.TO_ONEFLOW: (SkipCode.ONLY_DYNAMICS_CHANGED, SkipCode.DYNAMICS_WINS),
        Action.TO_DYNAMICS: (SkipCode.ONLY_ONEFLOW_CHANGED, SkipCode.ONEFLOW_WINS),
    },
)
_STATUSES: Mapping[tuple[bool, bool], FieldStatus] = MappingProxyType(
    {
        (True, False): FieldStatus.DYNAMICS_CHANGED,
        (False, True): FieldStatus.ONEFLOW_CHANGED,
        (True, True): FieldStatus.CONFLICT,
    },
)


def merge(state: FieldState, operation: Operation) -> FieldOutcome:
    """Return what becomes of the field; after a write the new base is what the target answered.

    Without a base both sides count as changed. The same merge after its writes has nothing left to do.
    """
    if agree(state):
        value = state.dynamics.value
        return FieldOutcome(Action.IN_STEP if state.base == value else Action.NEW_BASE, value)
    wanted = _DECIDE[state.direction](state, operation)
    if isinstance(wanted, SkipCode):
        return FieldOutcome(Action.SKIPPED, skip=wanted)
    if wanted is Action.CONFLICT:
        return FieldOutcome(Action.CONFLICT)
    if wanted not in _WRITES[operation]:
        return FieldOutcome(Action.SKIPPED, skip=_LEFT[wanted][_changed(state) == (True, True)])
    return _written(wanted, state)


def status_of(state: FieldState) -> FieldStatus:
    """Return how the field stands; what keeps a change from travelling is a problem."""
    if agree(state):
        return FieldStatus.IN_STEP
    changed = _changed(state)
    sides = (state.dynamics, state.oneflow)
    if state.direction is not Direction.TWO_WAY:
        sides = (state.dynamics, Side())
    if any(moved and (side.problem or side.obstacle) for moved, side in zip(changed, sides, strict=True)):
        return FieldStatus.PROBLEM
    return _STATUSES[changed]


def agree(state: FieldState) -> bool:
    """Tell whether both sides can be read, and hold the same."""
    readable = state.dynamics.problem is None and state.oneflow.problem is None
    return readable and state.dynamics.value == state.oneflow.value


def _changed(state: FieldState) -> tuple[bool, bool]:
    return _has_changed(state.dynamics, state.base), _has_changed(state.oneflow, state.base)


def _has_changed(side: Side, base: Typed | NoBase) -> bool:
    return side.problem is not None or side.value != base


def _of_two_way(state: FieldState, operation: Operation) -> Action | SkipCode:
    changed = _changed(state)
    if operation is Operation.OVERWRITE or changed == (True, False):
        return Action.TO_ONEFLOW
    if changed == (False, True):
        return Action.TO_DYNAMICS
    return _winner(state)


def _of_outward(state: FieldState, operation: Operation) -> Action | SkipCode:
    if operation is Operation.FETCH:
        return SkipCode.NOT_TWO_WAY
    # Nobody asked for a rewrite in the background: there only a change in Dynamics goes out.
    if operation is Operation.RECONCILE and not _changed(state)[0]:
        return SkipCode.ONLY_ONEFLOW_CHANGED
    return Action.TO_ONEFLOW


def _of_once(_: FieldState, __: Operation) -> Action | SkipCode:
    return SkipCode.SYNC_ONCE


_DECIDE = MappingProxyType(
    {
        Direction.ONCE: _of_once,
        Direction.DYNAMICS_TO_ONEFLOW: _of_outward,
        Direction.TWO_WAY: _of_two_way,
    },
)


def _winner(state: FieldState) -> Action:
    if state.policy is not ConflictPolicy.NEWEST_WINS:
        return _WINNERS[state.policy]
    dynamics, oneflow = state.dynamics.modified, state.oneflow.modified
    if dynamics is None or oneflow is None or abs(dynamics - oneflow) <= MARGIN:
        return Action.CONFLICT
    return Action.TO_ONEFLOW if dynamics > oneflow else Action.TO_DYNAMICS


def _written(action: Action, state: FieldState) -> FieldOutcome:
    source = state.dynamics if action is Action.TO_ONEFLOW else state.oneflow
    problem = source.problem or source.obstacle
    if problem is not None:
        return FieldOutcome(Action.SKIPPED, skip=SkipCode.VALUE_PROBLEM, problem=problem)
    return FieldOutcome(action, source.value)
