"""Reads change notices as hints, and decides which run sees for itself, and when."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sync.model.channel import Hint, HintKind, Subscription
from sync.model.entity import EntityType
from sync.model.guid import is_guid
from sync.model.run import Run, RunKind, RunStatus, Verdict

MOST_SINGLE = 40
"""Deleted records of one type in one batch that are asked for one by one; more are looked for in a full listing."""

_RESOURCE = re.compile(r"(?:^|/)companies\([^)]*\)/(?P<set>\w+)(?:\((?P<id>[^)]*)\))?(?P<rest>\?.*)?$", re.ASCII)
_ENTITIES: Mapping[str, EntityType] = MappingProxyType({each.entity_set: each for each in EntityType})
_COLLECTION, _DELETED = "collection", "deleted"
_SHORTEST_REST = timedelta(seconds=10)
_LONGEST_REST = timedelta(minutes=15)
_FAILED = frozenset({RunStatus.FAILED, RunStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class Notice:
    """What one notice is about; `external_id` names a record that was deleted."""

    entity: EntityType
    kind: HintKind
    external_id: str = ""


def read_notice(resource: Any, change: Any) -> Notice | None:
    """Return what a notice says, or None when it is about nothing that the hub syncs.

    `resource` comes with or without a slash, or as a whole address; a collection without a filter hides deletions.
    """
    found = _RESOURCE.search(resource) if isinstance(resource, str) else None
    entity = _ENTITIES.get(found["set"]) if found is not None else None
    if found is None or entity is None:
        return None
    external_id = (found["id"] or "").lower()
    if change == _DELETED and is_guid(external_id):
        return Notice(entity, HintKind.GONE, external_id)
    if change == _DELETED or (change == _COLLECTION and "filter=" not in (found["rest"] or "")):
        return Notice(entity, HintKind.EVERYTHING)
    return Notice(entity, HintKind.CHANGES)


def condensed(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Return each notice once; many deletions of one type become a single hint at everything."""
    by_entity: dict[EntityType, dict[Notice, None]] = defaultdict(dict)
    for notice in notices:
        by_entity[notice.entity][notice] = None
    return tuple(notice for entity, some in by_entity.items() for notice in _few(entity, some))


def _few(entity: EntityType, notices: Collection[Notice]) -> Collection[Notice]:
    gone = sum(notice.kind is HintKind.GONE for notice in notices)
    if gone <= MOST_SINGLE:
        return notices
    return [*(each for each in notices if each.kind is HintKind.CHANGES), Notice(entity, HintKind.EVERYTHING)]


@dataclass(frozen=True, slots=True)
class Reading:
    """The run that hints ask for."""

    kind: RunKind
    entities: tuple[EntityType, ...]


def reading_for(hints: Collection[Hint]) -> Reading:
    """Return the run that these hints ask for: a full listing first where deletions may hide."""
    listing = {hint.entity for hint in hints if hint.kind is HintKind.EVERYTHING}
    touched = listing or {hint.entity for hint in hints}
    kind = RunKind.FULL if listing else RunKind.DELTA
    return Reading(kind, tuple(entity for entity in EntityType if entity in touched))


def seen_by(run: Run, hints: Iterable[Hint]) -> tuple[Hint, ...]:
    """Return the hints that an ended run has seen for itself; deleted records are looked at one by one."""
    healthy = run.status.came_through and run.error is None
    if not healthy or run.proposes or run.kind is RunKind.RETRY or run.modified_since is not None:
        return ()
    return tuple(hint for hint in hints if _sees(run, hint))


def _sees(run: Run, hint: Hint) -> bool:
    if hint.entity not in run.entities or run.started_at is None or hint.noticed_at > run.started_at:
        return False
    if hint.kind is HintKind.CHANGES:
        return True
    verdict = run.completeness.get(hint.entity)
    proven = run.kind is RunKind.FULL and verdict is not None and verdict.verdict is Verdict.COMPLETE
    return hint.kind is HintKind.EVERYTHING and proven


def rest_until(runs: Iterable[Run]) -> datetime | None:
    """Return until when to wait after runs (newest first) that came to nothing; None: not at all."""
    ended: list[datetime] = []
    for run in runs:
        if run.ended_at is None or (run.status not in _FAILED and run.error is None):
            break
        ended.append(run.ended_at)
    return ended[0] + rest_after(len(ended)) if ended else None


def rest_after(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row."""
    return min(_SHORTEST_REST * (1 << min(failures - 1, 10)), _LONGEST_REST)


def renew_at(subscription: Subscription) -> datetime:
    """Return when half of a subscription's life is over: then two more tries fit before its end."""
    granted = subscription.granted_at
    return granted + (subscription.expires_at - granted) / 2
