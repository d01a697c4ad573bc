"""Turns what runs did and what people edited into one story of a record, newest first, with values before and after."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from sync.model.record import RecordFault
from sync.model.run import RunTrigger
from sync.model.trail import Deed, Edit, Footprint, Happening

PINNED = "pinned"
"""The name under which changed pins stand among changed fields."""

type Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Visit:
    """What one run did to the record."""

    footprint: Footprint
    happening: Happening

    @property
    def deed(self) -> Deed:
        """What it did."""
        return self.happening[0]

    @property
    def values(self) -> Values:
        """What the record's mapped fields were afterwards."""
        found: Values = orjson.loads(self.happening[1].fields)
        return found


type Event = Visit | Edit


class Story(StrEnum):
    """What happened to a record, in one word."""

    CREATED = "created"
    UPDATED = "updated"
    FAILED = "failed"
    HEALED = "healed"
    GONE = "gone"
    RETURNED = "returned"
    EDITED = "edited"
    PINNED = "pinned"


@dataclass(frozen=True, slots=True)
class Change:
    """A value before and after."""

    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a run and what had started it, or a user."""

    run_id: str | None = None
    trigger: RunTrigger | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a record's timeline."""

    place: tuple[str, str]
    """The footprint and the edit up to which the story is told with this entry."""
    at: datetime
    actor: Actor
    story: Story
    changes: Mapping[str, Change] = field(default_factory=dict)
    whole: bool = True
    """False when the values before are no longer kept: then `changes` tells all values after, none before."""
    mapping_version: int | None = None
    source_modified_at: str | None = None
    source_etag: str | None = None
    fault: RecordFault | None = None


_ANEW = {Deed.FAILED: Story.HEALED, Deed.GONE: Story.RETURNED}
_STORIES = {deed: Story(deed.value) for deed in Deed}


def same(one: Any, other: Any) -> bool:
    """Return whether two values are the same, and of the same type."""
    return type(one) is type(other) and one == other


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Change]:
    """Return the fields whose values differ; one that is not there is empty."""
    names = dict.fromkeys((*after, *before))
    pairs = {name: Change(before.get(name), after.get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if not same(pair.before, pair.after)}


def happened(edits: Iterator[Edit], *, version: str) -> Iterator[Edit]:
    """Yield the edits, newest first, without those that came to nothing because their process died.

    Each version of a record is left once: the one that it has now (`version`) was not left yet.
    """
    left = {version}
    for edit in edits:
        if edit.made_from not in left:
            left.add(edit.made_from)
            yield edit


def without(fields: Mapping[str, Any], edits: Iterable[Edit]) -> Values:
    """Return mapped values as they were before these edits, which come newest first."""
    known = dict(fields)
    for edit in edits:
        known |= {name: value for name, value in edit.before.items() if name in known}
    return known


def merged(visits: Iterator[Visit], edits: Iterator[Edit]) -> Iterator[Event]:
    """Yield what runs did and what people edited in one order, newest first."""
    visit, edit = next(visits, None), next(edits, None)
    while visit is not None or edit is not None:
        if visit is None or (edit is not None and _is_newer(edit, visit)):
            assert edit is not None, "one of both is there"  # noqa: S101 - narrows for the type checker
            yield edit
            edit = next(edits, None)
        else:
            yield visit
            visit = next(visits, None)


def told(events: Iterator[Event], *, start: tuple[str, str]) -> Iterator[Entry]:
    """Yield the entries of a timeline, newest first; reads no further than an entry needs to know what was before."""
    ahead = _Ahead(events)
    place = start
    while (event := ahead.pop()) is not None:
        if isinstance(event, Visit):
            place = (event.footprint.place, place[1])
            yield _told_visit(event, ahead, place)
        else:
            place = (place[0], event.id)
            yield _told_edit(event, place)


class _Ahead:
    """Events that were looked at and not told yet."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._seen: deque[Event] = deque()

    def pop(self) -> Event | None:
        return self._seen.popleft() if self._seen else next(self._events, None)

    def rest(self) -> Iterator[Event]:
        """Yield what comes, and keep it for later."""
        yield from list(self._seen)
        for event in self._events:
            self._seen.append(event)
            yield event


def _is_newer(edit: Edit, visit: Visit) -> bool:
    """Return whether an edit came after a run's deed: then it was made to a record that this run had written.

    A step tells its time when it is done, and later still if it had to be done again; the edit knows better.
    """
    if not visit.deed.tells_values or edit.seen_at is None:
        return edit.at >= visit.footprint.at
    return edit.seen_at >= visit.footprint.started_at


def _told_visit(visit: Visit, ahead: _Ahead, place: tuple[str, str]) -> Entry:
    footprint, (deed, arrival) = visit.footprint, visit.happening
    story, before = _past(visit, ahead) if deed.tells_values else (_STORIES[deed], {})
    after = visit.values if deed.tells_values else {}
    return Entry(
        place=place,
        at=footprint.at,
        actor=Actor(run_id=footprint.run_id, trigger=footprint.trigger),
        story=story,
        changes=changed(before or {}, after),
        whole=before is not None,
        mapping_version=footprint.mapping_version,
        source_modified_at=arrival.modified,
        source_etag=arrival.etag,
        fault=arrival.fault,
    )


def _told_edit(edit: Edit, place: tuple[str, str]) -> Entry:
    changes = {name: Change(before, edit.after.get(name)) for name, before in edit.before.items()}
    if edit.pinned_before != edit.pinned_after:
        changes[PINNED] = Change(list(edit.pinned_before), list(edit.pinned_after))
    story = Story.CREATED if edit.made else Story.EDITED if edit.after else Story.PINNED
    return Entry(place, edit.at, Actor(user_id=edit.user_id), story, changes)


def _past(visit: Visit, ahead: _Ahead) -> tuple[Story, Values | None]:
    """Return what a deed was, seen from what came before it, and the mapped values before; None: not known any more."""
    story, edits = _STORIES[visit.deed], list[Edit]()
    nearest: Deed | None = None
    if visit.deed is Deed.CREATED:
        return story, {}
    for event in ahead.rest():
        if isinstance(event, Edit):
            edits.append(event)
            continue
        nearest = nearest or event.deed
        if event.deed.tells_values:
            return _ANEW.get(nearest, story), _with(event.values, edits)
    return (story if nearest is None else _ANEW.get(nearest, story)), None


def _with(values: Values, edits: list[Edit]) -> Values:
    """Return mapped values after edits, which come newest first; own custom fields are no mapped ones."""
    known = dict(values)
    for edit in reversed(edits):
        known |= {name: value for name, value in edit.after.items() if not name.startswith("custom.")}
    return known
