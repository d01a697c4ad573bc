"""Decides whether a run would change too much at once to be written without being asked for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sync.model.approval import FieldChange
from sync.model.bucket import Change, RowWrite
from sync.model.checkpoint import Checkpoint, Weight
from sync.model.manifest import Entry, Manifest, Mark

LONGEST_SAMPLE = 20
"""Field changes that an approval shows."""
_LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class Limit:
    """How many records may change at once: more than `count` and more than `share` of what is stored is too much."""

    share: float
    count: int

    def exceeded(self, records: int, *, stored: int) -> bool:
        """Return whether so many records of so many are too much."""
        return records > self.count and records > self.share * stored


@dataclass(frozen=True, slots=True)
class Breaker:
    """The limits of a run that nobody has approved."""

    changes: Limit = Limit(share=0.5, count=100)
    blanks: Limit = Limit(share=0.2, count=10)

    def doubts(self, changes: int, *, stored: int) -> bool:
        """Return whether so many changes are too much, or may blank too much."""
        return any(limit.exceeded(changes, stored=stored) for limit in (self.changes, self.blanks))

    def trips(self, changes: int, *, blanks: int, stored: int) -> bool:
        """Return whether so many changes, or so many blanks among them, are too much."""
        return self.changes.exceeded(changes, stored=stored) or self.blanks.exceeded(blanks, stored=stored)


def breaker_of(settings: Mapping[str, Any], usual: Breaker) -> Breaker | None:
    """Return the breaker that an integration's settings ask for; None when it is switched off."""
    told = settings.get("breaker")
    if told is False:
        return None
    known = told or {}
    return Breaker(_limit(known.get("changes"), usual.changes), _limit(known.get("blanks"), usual.blanks))


def rewrites(entries: Mapping[bytes, Entry], changes: Iterable[Change]) -> Iterator[RowWrite]:
    """Yield what changes the fields of records that are stored."""
    for key, entry, row in changes:
        known = entries.get(key)
        if row is None or row.create or row.fields is None or known is None or entry is None:
            continue
        if known[0] != entry[0]:
            yield row


def stored_in(manifest: Manifest) -> int:
    """Return how many records of its source a bucket has stored."""
    return sum(1 for _, marks in manifest.entries.values() if not marks & Mark.UNSTORED)


def field_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what each field that differs was and becomes."""
    return {name: (before.get(name), value) for name, value in after.items() if before.get(name) != value}


def is_blanked(before: Any, after: Any) -> bool:
    """Return whether a field that holds a value becomes empty."""
    return before not in _EMPTY and after in _EMPTY


def sampled(changes: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    """Return a few of these changes, those that blank something first, none longer than can be shown."""
    known = tuple(changes)
    lost = (each for each in known if is_blanked(each.before, each.after))
    rest = (each for each in known if not is_blanked(each.before, each.after))
    chosen = [*islice(lost, LONGEST_SAMPLE), *islice(rest, LONGEST_SAMPLE)][:LONGEST_SAMPLE]
    return tuple(replace(each, before=_short(each.before), after=_short(each.after)) for each in chosen)


def all_weighed(noted: Checkpoint, weight: Weight) -> tuple[Weight, ...] | None:
    """Return the weights of all groups, this one's instead of its note; None while some were not compared."""
    assert noted.plan is not None, "only planned entity types are weighed"  # noqa: S101 - narrows for the type checker
    weights = {each.group: each for each in (*noted.weights, weight)}
    known = weights.keys() | {result.group for result in noted.groups}
    return tuple(weights.values()) if len(known) == noted.plan.groups else None


def _limit(told: Mapping[str, Any] | None, usual: Limit) -> Limit:
    known = told or {}
    return Limit(float(known.get("share", usual.share)), int(known.get("count", usual.count)))


def _short(value: Any) -> Any:
    return f"{value[: _LONGEST_VALUE - 1]}…" if isinstance(value, str) and len(value) > _LONGEST_VALUE else value


_EMPTY = (None, "")
