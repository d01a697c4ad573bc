"""Judges arrivals that meet a pin or another source's record, before anything of them is written."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import orjson

from sync.engine.conflicts import contested, differing, with_pins
from sync.engine.reconcile import NO_DIGEST, latest_by_key
from sync.model.bucket import Change
from sync.model.conflict import Reason
from sync.model.manifest import Entry, Manifest, Mark
from sync.model.record import Arrival, Record, RecordFault

_WATCHED = Mark.CONFLICT | Mark.PINNED
_UNQUIET = Mark.CONFLICT | Mark.ERROR | Mark.GONE
_LONGEST = 32_768
"""UTF-16 units of a record's fields: no store keeps more."""
_NEW: Entry = (NO_DIGEST, Mark.UNSTORED)


@dataclass(frozen=True, slots=True)
class Met:
    """An arrival that is held back, the stored record that it meets, and the fields to decide on."""

    reason: Reason
    arrival: Arrival
    record: Record
    contested: tuple[str, ...]


@dataclass(slots=True)
class Findings:
    """What may become of a bucket's arrivals."""

    entries: dict[bytes, Entry]
    arrivals: dict[bytes, Arrival]
    taken: set[bytes] = field(default_factory=set)
    """Keys that another source's records have."""
    held: set[bytes] = field(default_factory=set)
    """Keys of which nothing is written until a person has decided."""
    met: list[Met] = field(default_factory=list)
    """Conflicts that are new, or have new values."""
    over: list[str] = field(default_factory=list)
    """External ids of records whose conflict has lost its cause."""
    turned: list[tuple[str, Reason]] = field(default_factory=list)
    """External ids of records that are in another conflict by now, and the reason of the former one."""


def asks_for_hearing(manifest: Manifest, arrivals: Iterable[Arrival]) -> bool:
    """Tell whether an arrival may meet a pin, or stands in a conflict; most buckets know of neither."""
    entries = manifest.entries
    if not any(marks & _WATCHED for _, marks in entries.values()):
        return False
    return any(_is_open(entries.get(arrival.key, _NEW), arrival) for arrival in arrivals)


def newcomers(manifest: Manifest, arrivals: Iterable[Arrival]) -> list[Arrival]:
    """Return the arrivals without a fault that no record of their source is stored of."""
    entries = manifest.entries
    return [each for each in arrivals if entries.get(each[1], _NEW)[1] & Mark.UNSTORED and each[5] is None]


def judge(
    manifest: Manifest,
    arrivals: Collection[Arrival],
    rows: Mapping[bytes, Record],
    *,
    twins: Mapping[bytes, Record],
    source: str,
) -> Findings:
    """Find out which arrivals may be written, and with which values.

    `rows` are the bucket's by key, `twins` the platform-made records of the same vendors or items.
    """
    found = Findings(dict(manifest.entries), latest_by_key(arrivals))
    for key, arrival in list(found.arrivals.items()):
        row, entry = rows.get(key), found.entries.get(key, _NEW)
        if arrival.fault is not None or (_is_quiet(entry, arrival) and (row is None or row.source == source)):
            continue
        if not _is_storable(arrival.fields):
            found.arrivals[key] = _refused(arrival)
        elif row is None:
            _meet_nothing(found, arrival, entry, twins.get(key))
        elif row.source != source:
            _meet_another(found, arrival, entry, row)
        else:
            _meet_own(found, arrival, entry, row)
    return found


def _meet_nothing(found: Findings, arrival: Arrival, entry: Entry, twin: Record | None) -> None:
    """Let a record in whose key is free, unless the platform has made one of the same."""
    if twin is not None:
        found.held.add(arrival.key)
        if entry[1] & (Mark.CONFLICT | Mark.TWIN) == Mark.CONFLICT:
            entry = _turn(found, arrival, entry, former=Reason.KEY)
        if not _stands(entry, arrival):
            wanted = orjson.loads(arrival.fields)
            found.met.append(Met(Reason.DUPLICATE, arrival, twin, differing(twin.fields, wanted, wanted)))
    elif entry[1] & Mark.CONFLICT and entry[1] & Mark.UNSTORED:
        found.entries[arrival.key] = (NO_DIGEST, entry[1])
        found.over.append(arrival.external_id)


def _meet_another(found: Findings, arrival: Arrival, entry: Entry, row: Record) -> None:
    found.taken.add(arrival.key)
    if entry[1] & Mark.TWIN:
        entry = _turn(found, arrival, entry, former=Reason.DUPLICATE)
    if not entry[1] & Mark.YIELDED and not _stands(entry, arrival):
        found.met.append(Met(Reason.KEY, arrival, row, tuple(orjson.loads(arrival.fields))))


def _turn(found: Findings, arrival: Arrival, entry: Entry, *, former: Reason) -> Entry:
    """Return the entry of a record that meets something else than it did when it was held back."""
    found.turned.append((arrival.external_id, former))
    turned = found.entries[arrival.key] = (NO_DIGEST, entry[1])
    return turned


def _meet_own(found: Findings, arrival: Arrival, entry: Entry, row: Record) -> None:
    digest, marks = entry
    if row.pinned and not marks & Mark.UNSTORED:
        marks |= Mark.PINNED
        found.entries[arrival.key] = (digest, marks)
    if not marks & _WATCHED:
        return
    wanted = orjson.loads(arrival.fields)
    names = contested(row, wanted)
    if names:
        found.held.add(arrival.key)
        if not _stands(entry, arrival):
            found.met.append(Met(Reason.PINNED, arrival, row, names))
        return
    found.arrivals[arrival.key] = arrival._replace(fields=orjson.dumps(with_pins(row, wanted)).decode())
    if marks & Mark.CONFLICT:
        found.entries[arrival.key] = (NO_DIGEST, marks)
        found.over.append(arrival.external_id)


def _is_open(entry: Entry, arrival: Arrival) -> bool:
    return bool(entry[1] & _WATCHED) and not _is_quiet(entry, arrival)


def _is_quiet(entry: Entry, arrival: Arrival) -> bool:
    return entry[0] == arrival.digest and not entry[1] & _UNQUIET


def _stands(entry: Entry, arrival: Arrival) -> bool:
    """Tell whether the conflict is known, with these values."""
    return entry[0] == arrival.digest and entry[1] & _UNQUIET == Mark.CONFLICT


def _is_storable(fields: str) -> bool:
    return len(fields) * 2 <= _LONGEST or len(fields.encode("utf-16-le", "surrogatepass")) // 2 <= _LONGEST


def _refused(arrival: Arrival) -> Arrival:
    fault = RecordFault("ROW_TOO_LARGE", "The record is larger than can be stored.")
    return arrival._replace(fault=fault, digest=b"", fields="{}")


def unstored(manifest: Manifest, changes: Iterable[Change]) -> set[bytes]:
    """Return the keys of records that were never stored and whose conflict ends with these changes."""
    entries = manifest.entries
    return {key for key, entry, _ in changes if entry is None and entries[key][1] & Mark.CONFLICT}


def disputed(manifest: Manifest, changes: Iterable[Change]) -> list[str]:
    """Return the external ids of records whose conflict ends with these changes, because they are gone."""
    entries = manifest.entries
    return [row.external_id for key, _, row in changes if row is not None and entries[key][1] & Mark.CONFLICT]
