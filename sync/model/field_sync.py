"""One mapped field of a contract: what is known of both sides, and what a merge makes of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum

from mapping.values import Typed, ValueProblem


class Direction(StrEnum):
    """Which way a field travels after the contract was created."""

    ONCE = "once"
    DYNAMICS_TO_ONEFLOW = "dynamics_to_oneflow"
    TWO_WAY = "two_way"


class ConflictPolicy(StrEnum):
    """Who wins when both sides have changed."""

    MANUAL = "manual"
    DYNAMICS_WINS = "dynamics_wins"
    ONEFLOW_WINS = "oneflow_wins"
    NEWEST_WINS = "newest_wins"


class Operation(StrEnum):
    """What is being done; a push writes to Oneflow only, a fetch to Dynamics only, a reconciliation to both."""

    PUSH = "push"
    OVERWRITE = "overwrite"
    FETCH = "fetch"
    RECONCILE = "reconcile"


class Action(StrEnum):
    """What becomes of a field."""

    IN_STEP = "in_step"
    NEW_BASE = "new_base"
    TO_ONEFLOW = "to_oneflow"
    TO_DYNAMICS = "to_dynamics"
    CONFLICT = "conflict"
    SKIPPED = "skipped"


class SkipCode(StrEnum):
    """Why a field that differs was left alone."""

    SYNC_ONCE = "SYNC_ONCE"
    NOT_TWO_WAY = "NOT_TWO_WAY"
    ONLY_ONEFLOW_CHANGED = "ONLY_ONEFLOW_CHANGED"
    ONLY_DYNAMICS_CHANGED = "ONLY_DYNAMICS_CHANGED"
    DYNAMICS_WINS = "DYNAMICS_WINS"
    ONEFLOW_WINS = "ONEFLOW_WINS"
    VALUE_PROBLEM = "VALUE_PROBLEM"
    FIELD_FLIPPING = "FIELD_FLIPPING"
    NOT_AUTOMATIC = "NOT_AUTOMATIC"
    ALREADY_SIGNED = "ALREADY_SIGNED"
    VALUE_NOT_KEPT = "VALUE_NOT_KEPT"
    KEEPS_CHANGING = "KEEPS_CHANGING"
    CONTRACT_LOCKED = "CONTRACT_LOCKED"


class FieldStatus(StrEnum):
    """How a field stands, for people."""

    IN_STEP = "in_step"
    DYNAMICS_CHANGED = "dynamics_changed"
    ONEFLOW_CHANGED = "oneflow_changed"
    CONFLICT = "conflict"
    PROBLEM = "problem"


class NoBase(Enum):
    """There is no value on which both sides last agreed."""

    NO_BASE = "no base"


NO_BASE = NoBase.NO_BASE


@dataclass(frozen=True, slots=True)
class Side:
    """What one side holds now; `modified` is by that system's own clock.

    With `problem` the value could not be read and differs from everything; with `obstacle` it
    could, but the other side does not take it.
    """

    value: Typed = None
    modified: datetime | None = None
    problem: ValueProblem | None = None
    obstacle: ValueProblem | None = None


@dataclass(frozen=True, slots=True)
class FieldState:
    """One field before a merge; `base` is what both sides last agreed on."""

    base: Typed | NoBase
    dynamics: Side
    oneflow: Side
    direction: Direction = Direction.TWO_WAY
    policy: ConflictPolicy = ConflictPolicy.MANUAL


@dataclass(frozen=True, slots=True)
class FieldOutcome:
    """What a merge makes of a field: `value` is to be written, or is the new base; `skip` says why nothing is."""

    action: Action
    value: Typed = None
    skip: SkipCode | None = None
    problem: ValueProblem | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a field: which way, and when."""

    action: Action
    at: datetime
