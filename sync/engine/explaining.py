"""Decides why a record is as it is, from what is stored about it and from what its source shows now."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sync.engine.timeline import Change, Entry
from sync.model.conflict import Conflict
from sync.model.integration import HELD, Integration
from sync.model.record import Arrival, Record, RecordFault, SyncStatus


class State(StrEnum):
    """Where a record stands."""

    IN_SYNC = "in_sync"
    FAILED = "failed"
    HELD = "held"
    CONFLICT = "conflict"
    PINNED = "pinned"
    EXCLUDED = "excluded"
    GONE = "gone"
    PENDING = "pending"
    PLATFORM_MADE = "platform_made"
    UNKNOWN = "unknown"


class Seen(StrEnum):
    """What the source showed when it was asked for the record."""

    NOT_ASKED = "not_asked"
    ABSENT = "absent"
    EXCLUDED = "excluded"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the source could not be asked."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Look:
    """A look at the source; `arrival` is the record as the current mapping takes it."""

    seen: Seen = Seen.NOT_ASKED
    arrival: Arrival | None = None
    trouble: Trouble | None = None
    differences: dict[str, Change] = field(default_factory=dict)
    """Fields in which what is stored differs from what the source would give now."""

    @property
    def fault(self) -> RecordFault | None:
        """Why the record could not be taken over now."""
        return None if self.arrival is None else self.arrival.fault


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known about a record."""

    integration: Integration
    record: Record | None
    fault: RecordFault | None
    """Why it could not be taken over when a run last tried, if it could not."""
    latest: Entry | None
    """What a run last did to it."""
    look: Look
    mapping_version: int
    watermark: datetime | None
    """Every change before it was read with the current mapping; None when nothing was."""
    elsewhere: bool = False
    """Whether the id belongs to a record of another company or environment of the same user."""
    known_content: bool = False
    """Whether the source shows the content that a run last compared."""
    read_already: bool = False
    """Whether the record's modification lies before what was read."""
    conflict: Conflict | None = None
    """The open conflict that it is in."""
    held_by: str | None = None
    """The run that waits for an approval with what it has read of the entity type."""


class Reason(StrEnum):
    """Why a record stands where it stands; listed in docs/concepts/history.md."""

    PLATFORM_MADE = "PLATFORM_MADE"
    IN_CONFLICT = "IN_CONFLICT"
    SAME_KEY_ELSEWHERE = "SAME_KEY_ELSEWHERE"
    FILTER_EXCLUDES = "FILTER_EXCLUDES"
    NOT_IN_SOURCE = "NOT_IN_SOURCE"
    MARKED_GONE = "MARKED_GONE"
    RECORD_FAULT = "RECORD_FAULT"
    WOULD_FAIL = "WOULD_FAIL"
    MENDED = "MENDED"
    RETURNED = "RETURNED"
    NOT_READ_YET = "NOT_READ_YET"
    NOT_WRITTEN = "NOT_WRITTEN"
    SOURCE_NOT_ASKED = "SOURCE_NOT_ASKED"
    FIELD_PINNED = "FIELD_PINNED"
    EDITED_HERE = "EDITED_HERE"
    MAPPING_CHANGED = "MAPPING_CHANGED"
    SOURCE_CHANGED = "SOURCE_CHANGED"
    SAME_AS_SOURCE = "SAME_AS_SOURCE"
    AS_LAST_READ = "AS_LAST_READ"
    INTEGRATION_HELD = "INTEGRATION_HELD"
    APPROVAL_REQUIRED = "APPROVAL_REQUIRED"


_STATES: dict[Reason, State] = {
    Reason.PLATFORM_MADE: State.PLATFORM_MADE,
    Reason.IN_CONFLICT: State.CONFLICT,
    Reason.SAME_KEY_ELSEWHERE: State.CONFLICT,
    Reason.FILTER_EXCLUDES: State.EXCLUDED,
    Reason.NOT_IN_SOURCE: State.GONE,
    Reason.MARKED_GONE: State.GONE,
    Reason.RECORD_FAULT: State.FAILED,
    Reason.WOULD_FAIL: State.FAILED,
    Reason.MENDED: State.PENDING,
    Reason.RETURNED: State.PENDING,
    Reason.NOT_READ_YET: State.PENDING,
    Reason.NOT_WRITTEN: State.UNKNOWN,
    Reason.SOURCE_NOT_ASKED: State.UNKNOWN,
    Reason.FIELD_PINNED: State.PINNED,
    Reason.EDITED_HERE: State.IN_SYNC,
    Reason.MAPPING_CHANGED: State.PENDING,
    Reason.SOURCE_CHANGED: State.PENDING,
    Reason.SAME_AS_SOURCE: State.IN_SYNC,
    Reason.AS_LAST_READ: State.IN_SYNC,
    Reason.INTEGRATION_HELD: State.HELD,
    Reason.APPROVAL_REQUIRED: State.HELD,
}

_UNSTORED: tuple[tuple[Callable[[Facts], bool], Reason], ...] = (
    (lambda facts: facts.conflict is not None and facts.elsewhere, Reason.SAME_KEY_ELSEWHERE),
    (lambda facts: facts.conflict is not None, Reason.IN_CONFLICT),
    (lambda facts: facts.look.seen is Seen.EXCLUDED, Reason.FILTER_EXCLUDES),
    (lambda facts: facts.look.seen is Seen.PRESENT and facts.elsewhere, Reason.SAME_KEY_ELSEWHERE),
    (lambda facts: facts.look.seen is Seen.ABSENT, Reason.NOT_IN_SOURCE),
    (lambda facts: facts.fault is None and facts.look.fault is not None, Reason.WOULD_FAIL),
    (lambda facts: facts.fault is not None and not _is_sound(facts), Reason.RECORD_FAULT),
    (lambda facts: facts.fault is not None, Reason.MENDED),
    (lambda facts: facts.look.seen is Seen.NOT_ASKED, Reason.SOURCE_NOT_ASKED),
    (lambda facts: facts.read_already, Reason.NOT_WRITTEN),
    (lambda _: True, Reason.NOT_READ_YET),
)
_STORED: tuple[tuple[Callable[[Facts, Record], bool], Reason], ...] = (
    (lambda _, record: record.sync_status is SyncStatus.CONFLICT, Reason.IN_CONFLICT),
    (lambda _, record: record.platform_made, Reason.PLATFORM_MADE),
    (lambda facts, _: facts.look.seen is Seen.EXCLUDED, Reason.FILTER_EXCLUDES),
    (lambda facts, record: not record.present_in_source and facts.look.seen is not Seen.PRESENT, Reason.MARKED_GONE),
    (lambda facts, _: facts.look.seen is Seen.ABSENT, Reason.NOT_IN_SOURCE),
    (lambda facts, _: facts.fault is not None and not _is_sound(facts), Reason.RECORD_FAULT),
    (lambda facts, _: facts.look.fault is not None, Reason.WOULD_FAIL),
    (lambda facts, _: facts.fault is not None, Reason.MENDED),
    (lambda _, record: not record.present_in_source, Reason.RETURNED),
    (lambda facts, _: facts.look.seen is Seen.NOT_ASKED, Reason.AS_LAST_READ),
    (lambda facts, _: not facts.look.differences, Reason.SAME_AS_SOURCE),
    (lambda facts, record: set(facts.look.differences) <= set(record.pinned), Reason.FIELD_PINNED),
    (lambda facts, _: facts.known_content, Reason.EDITED_HERE),
    (lambda facts, _: facts.watermark is None, Reason.MAPPING_CHANGED),
    (lambda _, __: True, Reason.SOURCE_CHANGED),
)


def explain(facts: Facts) -> tuple[State, Reason]:
    """Return where a record stands, and why; where a run is needed and none may go on, that is the reason."""
    reason = _reason(facts)
    state = _STATES[reason]
    waits = state is State.PENDING or (reason is Reason.AS_LAST_READ and facts.look.trouble is not None)
    if waits and facts.integration.status in HELD:
        return State.HELD, Reason.INTEGRATION_HELD
    if facts.held_by is not None and (state is State.PENDING or reason is Reason.AS_LAST_READ):
        return State.HELD, Reason.APPROVAL_REQUIRED
    return state, reason


def _reason(facts: Facts) -> Reason:
    record = facts.record
    if record is None:
        return next(reason for applies, reason in _UNSTORED if applies(facts))
    return next(reason for applies, reason in _STORED if applies(facts, record))


def _is_sound(facts: Facts) -> bool:
    """Return whether the source has been seen to hold a record that can be taken over."""
    return facts.look.seen is Seen.PRESENT and facts.look.fault is None
