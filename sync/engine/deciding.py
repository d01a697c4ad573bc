"""Decides what a merge does to a field: the three-way merge, and what stands in the way of its write."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from mapping.stored import from_stored, to_stored
from mapping.values import Typed, ValueCode, ValueProblem
from sync.engine.flips import Breaker
from sync.engine.two_way import merge
from sync.model.contract_link import FieldMemory, OpenConflict, Trial
from sync.model.field_sync import Action, FieldOutcome, FieldState, Operation, SkipCode, Write
from sync.model.merge import Verdict

LOCKED = frozenset({"signed", "declined"})
"""States of contracts that take no changes any more."""

REASONS: Mapping[SkipCode, str] = MappingProxyType(
    {
        SkipCode.SYNC_ONCE: "The field is transferred only when the contract is created.",
        SkipCode.NOT_TWO_WAY: "The field travels from Dynamics to Oneflow only.",
        SkipCode.ONLY_ONEFLOW_CHANGED: "It changed in Oneflow only: fetch it, or push with overwrite.",
        SkipCode.ONLY_DYNAMICS_CHANGED: "It changed in Dynamics only: push it.",
        SkipCode.DYNAMICS_WINS: "Both sides changed, and Dynamics wins: push it.",
        SkipCode.ONEFLOW_WINS: "Both sides changed, and Oneflow wins: fetch it.",
        SkipCode.FIELD_FLIPPING: "It was written to and fro again and again: it rests for a while.",
        SkipCode.VALUE_NOT_KEPT: "The other side answered that all was well, and kept another value.",
        SkipCode.KEEPS_CHANGING: "Somebody changed the row each time it was to be written: it is tried again later.",
        SkipCode.NOT_AUTOMATIC: "Changes in Dynamics go out with a push, or by themselves if settings.automatic is on.",
        SkipCode.ALREADY_SIGNED: "Somebody has signed, and a change would take that back: push it if it is worth that.",
        SkipCode.CONTRACT_LOCKED: "The contract takes no changes any more: it is signed or declined.",
    },
)
_SETTLED = frozenset({Action.IN_STEP, Action.NEW_BASE})
_BREAKER = Breaker()


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which terms fields are merged: what for, when, and in which state the contract is."""

    operation: Operation
    now: datetime
    contract_state: str
    outward: bool = True
    """Whether changes in Dynamics go out though nobody asks for a push."""
    signed: bool = False
    """Whether somebody has signed the contract already."""


def settled(memory: FieldMemory, state: FieldState) -> FieldMemory:
    """Return what is known of a field once a write of unknown outcome has been looked for.

    A value that was sent and is there now is the new base, whatever became of the other side meanwhile.
    """
    trial = memory.trial
    if trial is None or trial.code:
        return memory
    if not has_landed(trial, state):
        return replace(memory, trial=None)
    return replace(memory, agreed=True, base=trial.value, trial=None)


def has_landed(trial: Trial | None, state: FieldState) -> bool:
    """Tell whether a value that was sent is there now."""
    if trial is None or trial.code:
        return False
    target = state.oneflow if trial.action is Action.TO_ONEFLOW else state.dynamics
    return target.problem is None and target.value == from_stored(trial.value)


def decide(state: FieldState, memory: FieldMemory, terms: Terms) -> Verdict:
    """Return what becomes of a field."""
    outcome = merge(state, terms.operation)
    if outcome.action in _SETTLED:
        return Verdict(outcome.action, outcome.value)
    if outcome.problem is not None:
        return _stopped(outcome.problem, state)
    if outcome.skip is not None:
        return left_alone(outcome.skip)
    missing = _missing(state)
    if missing is not None:
        return Verdict(Action.SKIPPED, None, _usual(outcome), missing.code.value, missing.message)
    if outcome.action is Action.CONFLICT:
        return Verdict(Action.CONFLICT)
    return _hindered(outcome, memory, terms) or Verdict(outcome.action, outcome.value)


def left_alone(code: SkipCode, wanted: Action | None = None) -> Verdict:
    """Return the verdict on a field that is left alone."""
    return Verdict(Action.SKIPPED, None, wanted, code.value, REASONS[code])


def contested(memory: FieldMemory, state: FieldState, texts: Mapping[str, str | None], *, now: datetime) -> FieldMemory:
    """Return the memory of a field in conflict: the time of its detection stays while both sides stay as they are."""
    dynamics, oneflow = to_stored(state.dynamics.value), to_stored(state.oneflow.value)
    known = memory.conflict
    same = known is not None and (known.dynamics, known.oneflow) == (dynamics, oneflow)
    detected = known.detected_at if known is not None and same else now
    return replace(memory, conflict=OpenConflict(detected, dynamics, oneflow, dict(texts)), trial=None)


def agreed(memory: FieldMemory, value: Typed) -> FieldMemory:
    """Return the memory of a field on which both sides agree."""
    return replace(memory, agreed=True, base=to_stored(value), conflict=None, trial=None)


def confirmed(memory: FieldMemory, write: Write, value: Typed) -> FieldMemory:
    """Return the memory of a field that was just written."""
    return replace(agreed(memory, value), writes=_BREAKER.remember(memory.writes, write))


def _stopped(problem: ValueProblem, state: FieldState) -> Verdict:
    outward = problem in {state.dynamics.problem, state.dynamics.obstacle}
    wanted = Action.TO_ONEFLOW if outward else Action.TO_DYNAMICS
    return Verdict(Action.SKIPPED, None, wanted, problem.code.value, problem.message)


def _missing(state: FieldState) -> ValueProblem | None:
    problems = (state.dynamics.problem, state.oneflow.problem)
    return next((each for each in problems if each is not None and each.code is ValueCode.FIELD_MISSING), None)


def _usual(outcome: FieldOutcome) -> Action:
    return Action.TO_ONEFLOW if outcome.action is Action.CONFLICT else outcome.action


def _ban(terms: Terms) -> SkipCode | None:
    """Return why nothing may go to Oneflow; a contract that somebody has signed changes by hand only."""
    if terms.contract_state in LOCKED:
        return SkipCode.CONTRACT_LOCKED
    if terms.operation is not Operation.RECONCILE:
        return None
    if not terms.outward:
        return SkipCode.NOT_AUTOMATIC
    return SkipCode.ALREADY_SIGNED if terms.signed else None


def _hindered(outcome: FieldOutcome, memory: FieldMemory, terms: Terms) -> Verdict | None:
    """Return why a write is left out; what a person asks for is tried again whatever became of it before."""
    ban = _ban(terms) if outcome.action is Action.TO_ONEFLOW else None
    if ban is not None:
        return left_alone(ban)
    if terms.operation is not Operation.RECONCILE:
        return None
    trial, value = memory.trial, to_stored(outcome.value)
    if trial is not None and trial.lasting and (trial.action, trial.value) == (outcome.action, value):
        return Verdict(Action.SKIPPED, outcome.value, outcome.action, trial.code, trial.reason)
    if _BREAKER.is_open(memory.writes, terms.now):
        return left_alone(SkipCode.FIELD_FLIPPING, outcome.action)
    return None
