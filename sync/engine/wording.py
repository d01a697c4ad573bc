"""Says in words why a record stands where it stands, and what comes next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sync.engine.explaining import Facts, Reason, Trouble
from sync.engine.timeline import Entry
from sync.model.conflict import Conflict
from sync.model.integration import Integration, Status
from sync.model.record import RecordFault

_RUN_NEEDED = frozenset(
    {
        Reason.MENDED,
        Reason.RETURNED,
        Reason.NOT_READ_YET,
        Reason.MAPPING_CHANGED,
        Reason.SOURCE_CHANGED,
        Reason.RECORD_FAULT,
        Reason.WOULD_FAIL,
    }
)
_CONTESTED = frozenset({Reason.IN_CONFLICT, Reason.SAME_KEY_ELSEWHERE})


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next; `at` is when the next run starts by itself, if it matters and there is one."""

    detail: str
    at: datetime | None = None


def why(reason: Reason, facts: Facts) -> str:
    """Return one sentence or two with the facts that decided."""
    return _WHY[reason](facts)


def next_step(reason: Reason, facts: Facts) -> Step:
    """Return what comes next: what happens by itself, or what a person must do."""
    if facts.conflict is not None and reason in _CONTESTED:
        return Step(f"Resolve conflict {facts.conflict.id} of integration {facts.conflict.integration_id}")
    advice = _NEXT.get(reason, "Nothing is to be done")
    if reason not in _RUN_NEEDED:
        return Step(advice)
    when, at = _next_run(facts.integration)
    return Step(f"{advice}. {when}" if reason in _NEXT else when, at)


def _next_run(integration: Integration) -> tuple[str, datetime | None]:
    if integration.status is Status.PAUSED:
        return "The integration is paused: resume it, or start a sync by hand", None
    if integration.next_run_at is None:
        return "There is no schedule: start a sync", None
    return "The next run reads it", integration.next_run_at


def _fault(fault: RecordFault | None) -> str:
    return "for an unknown reason" if fault is None else f"{fault.code}: {fault.message}"


def _trouble(trouble: Trouble | None) -> str:
    return "" if trouble is None else f" ({trouble.message})"


def _last(entry: Entry | None) -> str:
    return "" if entry is None else f"; run {entry.actor.run_id} last had to do with it ({entry.story})"


def _conflict(conflict: Conflict | None) -> str:
    return "" if conflict is None else f": conflict {conflict.id} ({conflict.reason})"


def _names(facts: Facts) -> str:
    return ", ".join(sorted(facts.look.differences))


def _modified(facts: Facts) -> str:
    stored = None if facts.record is None else facts.record.source_modified_at
    now = None if facts.look.arrival is None else facts.look.arrival.modified
    return f"modified {now or 'at an unknown time'}, stored as modified {stored or 'at an unknown time'}"


_WHY: dict[Reason, Callable[[Facts], str]] = {
    Reason.PLATFORM_MADE: lambda _: "The record was made on the platform; no sync touches it",
    Reason.IN_CONFLICT: lambda facts: (
        f"Two sides want different things, and a person has to decide{_conflict(facts.conflict)}"
    ),
    Reason.SAME_KEY_ELSEWHERE: lambda facts: (
        f"Another company or environment of the same user has a record with this id{_conflict(facts.conflict)}"
    ),
    Reason.FILTER_EXCLUDES: lambda facts: (
        f"Business Central has it, but the filter of version {facts.mapping_version} of the mapping leaves it out"
    ),
    Reason.NOT_IN_SOURCE: lambda facts: f"Business Central does not know it any more{_last(facts.latest)}",
    Reason.MARKED_GONE: lambda facts: (
        f"It was not in a proven full listing, or Business Central said that it is gone{_last(facts.latest)}"
    ),
    Reason.RECORD_FAULT: lambda facts: f"It could not be taken over: {_fault(facts.look.fault or facts.fault)}",
    Reason.WOULD_FAIL: lambda facts: f"It cannot be taken over as it is now: {_fault(facts.look.fault)}",
    Reason.MENDED: lambda _: "It could not be taken over before, and can be now",
    Reason.RETURNED: lambda _: "It was marked as gone, and Business Central has it again",
    Reason.NOT_READ_YET: lambda facts: f"No run has read it yet: {_modified(facts)}",
    Reason.NOT_WRITTEN: lambda facts: (
        f"Business Central has it, it was changed before the last run, and still it is not stored: {_modified(facts)}"
    ),
    Reason.SOURCE_NOT_ASKED: lambda facts: (
        f"Nothing is stored, and Business Central could not be asked{_trouble(facts.look.trouble)}"
    ),
    Reason.FIELD_PINNED: lambda facts: f"Business Central has other values, and the fields are pinned: {_names(facts)}",
    Reason.EDITED_HERE: lambda facts: (
        f"Fields were edited on the platform, and the record has not changed in Business Central since: {_names(facts)}"
    ),
    Reason.MAPPING_CHANGED: lambda facts: (
        f"No run has read everything with version {facts.mapping_version} of the mapping yet: {_names(facts)}"
    ),
    Reason.SOURCE_CHANGED: lambda facts: f"Business Central has changed {_names(facts)}: {_modified(facts)}",
    Reason.SAME_AS_SOURCE: lambda facts: f"What is stored is what Business Central has{_last(facts.latest)}",
    Reason.AS_LAST_READ: lambda facts: (
        f"It is as the last run left it; Business Central was not asked{_trouble(facts.look.trouble)}"
        f"{_last(facts.latest)}"
    ),
    Reason.INTEGRATION_HELD: lambda facts: (
        f"No run may start: {facts.integration.status_reason or 'the connection does not work'}"
    ),
    Reason.APPROVAL_REQUIRED: lambda facts: (
        f"Run {facts.held_by} would change so much at once that it has written nothing of this type"
    ),
}
_NEXT: dict[Reason, str] = {
    Reason.IN_CONFLICT: "See the conflicts of the integration",
    Reason.SAME_KEY_ELSEWHERE: "Let only one of both companies be synced for this user",
    Reason.FILTER_EXCLUDES: "Change the filter or the record to let it in; what is stored keeps its values",
    Reason.NOT_IN_SOURCE: "The next full sync or a change notice marks it as gone; it is never deleted",
    Reason.RECORD_FAULT: "Correct the record in Business Central, or the mapping",
    Reason.WOULD_FAIL: "Correct the record in Business Central, or the mapping",
    Reason.NOT_WRITTEN: "Run a full sync",
    Reason.SOURCE_NOT_ASKED: "Ask again when Business Central answers",
    Reason.FIELD_PINNED: "Take the pin off to let the value of Business Central in",
    Reason.EDITED_HERE: "The edit stays until Business Central changes the record; a pin keeps it longer",
    Reason.INTEGRATION_HELD: "Mend the connection, then test it",
    Reason.APPROVAL_REQUIRED: "Approve the run, or start a sync anew",
}
