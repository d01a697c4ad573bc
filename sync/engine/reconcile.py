"""Decides what a bucket's rows become, from its manifest and from what arrived for it."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial

from sync.model.bucket import Change, RowWrite
from sync.model.manifest import IN_RUN, Entry, Manifest, Mark
from sync.model.record import Arrival, SyncStatus
from sync.model.run import Tally

NO_DIGEST = bytes(8)
_SYNCED = SyncStatus.SYNCED
_CLASH = Mark.CONFLICT | Mark.UNSTORED
_AWAY = Mark.GONE | Mark.UNSTORED
# As RowWrite(…), at a fifth of the cost: there are as many as records.
_row = partial(tuple.__new__, RowWrite)


@dataclass(frozen=True, slots=True)
class BucketPlan:
    """What to write for one bucket, and what it comes to; the tally counts every arrived record once."""

    changes: tuple[Change, ...]
    tally: Tally
    absent: int
    """Records of the manifest that did not arrive and were there so far."""
    gone: int
    """Records of the manifest that were known to be gone, and still are."""
    forgotten: int = 0
    """Records that were only remembered and did not arrive."""
    mended: tuple[str, ...] = ()
    """External ids whose last arrival had a fault, and whose newest has none."""
    stored: int = 0
    """Records that are stored and not gone once this is written; those that are absent are among them."""


def of_run(manifest: Manifest, run_id: str) -> Manifest:
    """Return the manifest as this run may continue it: doings of an earlier run are no longer told."""
    if manifest.run_id == run_id:
        return manifest
    entries = manifest.entries
    if any(marks & IN_RUN for _, marks in entries.values()):
        entries = {key: (digest, marks & ~IN_RUN) for key, (digest, marks) in entries.items()}
    return Manifest(run_id, entries, manifest.version)


def is_as_stored(manifest: Manifest, arrivals: Collection[Arrival], run_id: str) -> bool:
    """Return whether exactly the bucket's records arrived, none of them changed, marked or touched by this run.

    Says no when in doubt. Most buckets of a full sync are so: two dicts are compared instead of looking at each record.
    """
    marks = next((marks for _, marks in manifest.entries.values()), Mark.NONE)
    if marks & ~IN_RUN or (marks and manifest.run_id == run_id) or len(arrivals) != len(manifest.entries):
        return False
    return {key: (digest, marks) for _, key, digest, *_ in arrivals} == manifest.entries


def reconcile(
    manifest: Manifest,
    arrivals: Collection[Arrival],
    *,
    taken: Collection[bytes] = (),
    held: Collection[bytes] = (),
) -> BucketPlan:
    """Compare what arrived with what is stored; an unchanged record causes no change.

    The manifest is the run's own (see of_run): done again after a crash with the same arrivals,
    it counts what the first try wrote as this run's doing. `taken` holds the keys that another
    source of the same user owns, `held` those of which nothing is written until a person has decided.
    """
    entries = manifest.entries
    latest = latest_by_key(arrivals)
    if not entries and not taken and not held:
        created = _creations(latest)
        if len(created) == len(latest):
            return BucketPlan(
                created, Tally(read=len(created), created=len(created)), absent=0, gone=0, stored=len(created)
            )
    counts = dict.fromkeys(("created", "updated", "conflicts", "errors", "unchanged"), 0)
    changes, mended, there = [], [], 0
    for key, arrival in latest.items():
        entry = entries.get(key)
        if entry is not None and entry == (arrival.digest, Mark.NONE) and key not in taken:
            continue
        outcome, change = _decide(arrival, entry, taken=key in taken, held=key in held)
        counts[outcome] += 1
        if change is not None:
            changes.append(change)
        if entry is not None and entry[1] & Mark.ERROR and arrival.fault is None:
            mended.append(arrival.external_id)
        left = entry if change is None else change[1]
        there += left is not None and not left[1] & _AWAY
    same = len(latest) - sum(counts.values())
    counts["unchanged"] += same
    missing = [marks for key, (_, marks) in entries.items() if key not in latest]
    absent = sum(1 for marks in missing if not marks & _AWAY)
    return BucketPlan(
        changes=tuple(changes),
        tally=Tally(read=len(latest), **counts),
        absent=absent,
        gone=sum(1 for marks in missing if marks & Mark.GONE),
        forgotten=sum(1 for marks in missing if marks & Mark.UNSTORED),
        mended=tuple(mended),
        stored=same + there + absent,
    )


def retire(manifest: Manifest, arrived: Collection[bytes], *, ids: Mapping[bytes, str]) -> tuple[Change, ...]:
    """Mark the stored records that a proven full listing did not hold as gone; rows keep all their values.

    `ids` gives the external id of each stored row by key; what has no row is forgotten.
    """
    changes: list[Change] = []
    for key in leaving(manifest, arrived):
        digest, marks = manifest.entries[key]
        if key not in ids:
            changes.append((key, None, None))
            continue
        if marks & _CLASH == _CLASH:
            continue
        row = RowWrite(ids[key], False, SyncStatus.SYNCED, status_of(marks), present=False, fault="")
        turned = (marks & ~(Mark.ERROR | Mark.CONFLICT)) | Mark.GONE | Mark.TURNED
        changes.append((key, (digest, turned), row))
    return tuple(changes)


def leaving(manifest: Manifest, arrived: Collection[bytes]) -> Iterator[bytes]:
    """Yield the keys that a proven full listing did not hold, without those that are known to be gone."""
    return (key for key, (_, marks) in manifest.entries.items() if key not in arrived and not marks & Mark.GONE)


def after(manifest: Manifest, changes: Iterable[Change]) -> Manifest:
    """Return the manifest that is true once these changes are written."""
    entries = dict(manifest.entries)
    for key, entry, _ in changes:
        if entry is None:
            entries.pop(key, None)
        else:
            entries[key] = entry
    return Manifest(manifest.run_id, entries, manifest.version)


def parts(changes: tuple[Change, ...], *, rows: int, characters: int) -> Iterator[tuple[Change, ...]]:
    """Split changes so that each part has at most so many rows and characters of text."""
    lengths = [len(row.fields or "") + len(row.fault or "") if row is not None else 0 for _, _, row in changes]
    if len(changes) <= rows and sum(lengths) <= characters:
        return iter((changes,) if changes else ())
    return _split(zip(changes, lengths, strict=True), rows=rows, characters=characters)


def _split(measured: Iterable[tuple[Change, int]], *, rows: int, characters: int) -> Iterator[tuple[Change, ...]]:
    part: list[Change] = []
    count = size = 0
    for change, length in measured:
        if part and (count == rows or size + length > characters):
            yield tuple(part)
            part, count, size = [], 0, 0
        part.append(change)
        count += change[2] is not None
        size += length
    yield tuple(part)


def latest_by_key(arrivals: Collection[Arrival]) -> dict[bytes, Arrival]:
    """Return the newest arrival of each record: a rename while paging can make one arrive twice."""
    latest = {arrival[1]: arrival for arrival in arrivals}
    if len(latest) == len(arrivals):
        return latest
    latest.clear()
    for arrival in arrivals:
        known = latest.get(arrival.key)
        if known is None or not _older(arrival, known):
            latest[arrival.key] = arrival
    return latest


def _decide(arrival: Arrival, entry: Entry | None, *, taken: bool, held: bool) -> tuple[str, Change | None]:
    digest, marks = entry if entry is not None else (NO_DIGEST, Mark.UNSTORED)
    if arrival.fault is not None:
        return "errors", _fault(arrival, digest, marks)
    same = entry is not None and digest == arrival.digest and not marks & (Mark.ERROR | Mark.GONE)
    if same and (marks & Mark.CONFLICT or not (taken or held)):
        return _standing(marks), None
    if taken or held:
        return _dispute(arrival, marks, same=same) if taken else ("conflicts", _hold(arrival, marks))
    if marks & Mark.UNSTORED:
        (change,) = _creations({arrival.key: arrival})
        return "created", change
    before = status_of(marks)
    row = RowWrite(arrival.external_id, False, SyncStatus.SYNCED, before, arrival.fields, arrival.modified, True, "")
    doing = Mark.CREATED if marks & Mark.CREATED else Mark.UPDATED
    marked = (arrival.digest, doing | marks & Mark.PINNED)
    return ("created" if doing is Mark.CREATED else "updated"), (arrival.key, marked, row)


def _creations(latest: Mapping[bytes, Arrival]) -> tuple[Change, ...]:
    """Return the changes that create the records of these arrivals; one with a fault creates nothing."""
    return tuple(
        [
            (key, (digest, Mark.CREATED), _row((name, True, _SYNCED, None, text, time, True, "")))
            for key, (name, _, digest, text, time, fault, _) in latest.items()
            if fault is None
        ],
    )


def _standing(marks: int) -> str:
    if marks & Mark.CONFLICT:
        return "conflicts"
    if marks & Mark.CREATED:
        return "created"
    return "updated" if marks & Mark.UPDATED else "unchanged"


def _fault(arrival: Arrival, digest: bytes, marks: int) -> Change | None:
    if marks & Mark.ERROR:
        return None
    marked = (digest, (marks & ~Mark.GONE) | Mark.ERROR | Mark.TURNED)
    if marks & Mark.UNSTORED:
        return arrival.key, marked, None
    fault = json.dumps(asdict(arrival.fault), ensure_ascii=False) if arrival.fault is not None else ""
    row = RowWrite(arrival.external_id, False, SyncStatus.ERROR, status_of(marks), present=True, fault=fault)
    return arrival.key, marked, row


def _dispute(arrival: Arrival, marks: int, *, same: bool) -> tuple[str, Change | None]:
    """Return what becomes of an arrival whose key another source has: a conflict, unless a person has left it there."""
    if marks & Mark.YIELDED:
        return "unchanged", None if same else (arrival.key, (arrival.digest, Mark.YIELDED | Mark.UNSTORED), None)
    row = RowWrite(arrival.external_id, False, SyncStatus.CONFLICT, SyncStatus.SYNCED)
    return "conflicts", (arrival.key, (arrival.digest, _CLASH), row)


def _hold(arrival: Arrival, marks: int) -> Change:
    """Return the change that holds a record back: its row keeps all its values."""
    if marks & Mark.UNSTORED:
        return arrival.key, (arrival.digest, _CLASH | Mark.TWIN), None
    row = RowWrite(arrival.external_id, False, SyncStatus.CONFLICT, status_of(marks), present=True, fault="")
    return arrival.key, (arrival.digest, marks & Mark.PINNED | Mark.CONFLICT), row


def status_of(marks: int) -> SyncStatus:
    """Return the status of a record with these marks."""
    if marks & Mark.ERROR:
        return SyncStatus.ERROR
    return SyncStatus.CONFLICT if marks & Mark.CONFLICT else SyncStatus.SYNCED


def _older(arrival: Arrival, known: Arrival) -> bool:
    if arrival.modified is None or known.modified is None:
        return False
    try:
        return datetime.fromisoformat(arrival.modified) < datetime.fromisoformat(known.modified)
    except ValueError:
        return False


def adopt(manifest: Manifest, keys: Iterable[bytes]) -> Manifest:
    """Return the manifest with entries for rows of its source that it does not tell of; they will be written over."""
    entries = dict(manifest.entries)
    for key in keys:
        known = entries.get(key)
        if known is None or known[1] & Mark.UNSTORED:
            entries[key] = (NO_DIGEST, Mark.NONE)
    return Manifest(manifest.run_id, entries, manifest.version)
