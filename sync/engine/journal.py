"""The journal of one step: what a run did to records, and their values as they arrived.

Deed by deed: a byte for the deed and a length come first, then records as a stage packs them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from struct import Struct
from types import MappingProxyType

from sync.engine import staging
from sync.engine.buckets import bucket_of
from sync.model.bucket import Change
from sync.model.manifest import IN_RUN, Manifest, Mark
from sync.model.record import Arrival
from sync.model.trail import Deed, Footprint, Happening

MOST_TOUCHED = 8_000
"""Records that a footprint tells one by one; of more, it only tells that there are many."""

_HEAD = Struct("<BI")
_DEEDS = tuple(Deed)
_PREFIX = 4
_BY_MARKS: tuple[tuple[int, Deed], ...] = (
    (Mark.TURNED | Mark.ERROR, Deed.FAILED),
    (Mark.TURNED | Mark.GONE, Deed.GONE),
    (Mark.CREATED, Deed.CREATED),
    (Mark.UPDATED, Deed.UPDATED),
)


@dataclass(frozen=True, slots=True)
class Doings:
    """What a step did to one bucket: in this try, and in earlier ones that died."""

    changes: tuple[Change, ...]
    done: Mapping[bytes, Deed]
    created: int
    """Records that the run created, over all tries."""
    failed: tuple[Arrival, ...]
    """Arrivals that could not be taken over, with their faults."""
    written: Mapping[bytes, str] = field(default_factory=lambda: MappingProxyType({}))
    """Fields that earlier tries wrote otherwise than they arrived, as JSON text."""


def happened(doings: Doings, known: Mapping[bytes, Arrival]) -> Iterator[Happening]:
    """Yield what became of the records of a bucket, each once; `known` holds what arrived, by key."""
    latest: dict[bytes, Happening] = {
        key: (deed, known[key]._replace(fields=doings.written.get(key, known[key].fields)))
        for key, deed in doings.done.items()
        if key in known
    }
    for key, entry, row in doings.changes:
        deed = None if entry is None else deed_of(entry[1])
        if deed is not None:
            written = None if row is None else row.fields
            latest[key] = deed, known[key] if written is None else known[key]._replace(fields=written)
    yield from latest.values()


def deed_of(marks: int) -> Deed | None:
    """Return what the manifest's run did to a record with these marks, None when nothing."""
    return next((deed for wanted, deed in _BY_MARKS if marks & wanted == wanted), None)


def done_before(manifest: Manifest, run_id: str) -> dict[bytes, Deed]:
    """Return what the run did to a bucket in an earlier try of the same step."""
    if manifest.run_id != run_id:
        return {}
    deeds = ((key, deed_of(marks)) for key, (_, marks) in manifest.entries.items() if marks & IN_RUN)
    return {key: deed for key, deed in deeds if deed is not None}


def write_raw(deed: Deed, segments: Iterable[bytes]) -> bytes:
    """Return a journal of records that are packed already, all with the same deed."""
    return b"".join(part for each in segments for part in (_HEAD.pack(_DEEDS.index(deed), len(each)), each))


def write(happenings: Iterable[Happening]) -> bytes:
    """Return a journal of these happenings."""
    piles: dict[Deed, list[Arrival]] = {}
    for deed, arrival in happenings:
        piles.setdefault(deed, []).append(arrival)
    return b"".join(write_raw(deed, [staging.pack(pile, buckets=1, groups=1)[0]]) for deed, pile in piles.items())


def find(body: bytes, key: bytes) -> Happening | None:
    """Return what a journal tells of a record, None when nothing."""
    for deed, segment in _segments(body):
        arrival = staging.find(segment, key)
        if arrival is not None:
            return deed, arrival
    return None


def ids_of(body: bytes, deed: Deed) -> Iterator[str]:
    """Yield the external ids of the records that a journal tells this deed of."""
    for found, segment in _segments(body):
        if found is deed:
            yield from (arrival.external_id for arrival in staging.unpack(segment))


def touched(keys: Iterable[bytes], *, count: int) -> bytes | None:
    """Return what a footprint tells of the changed records."""
    return b"".join(key[:_PREFIX] for key in keys) if count <= MOST_TOUCHED else None


def may_lead_to(footprint: Footprint, key: bytes) -> bool:
    """Return whether the footprint's journal may tell of a record."""
    group = bucket_of(key, footprint.buckets) * footprint.groups // footprint.buckets
    if group != footprint.group or footprint.touched is None:
        return group == footprint.group
    prefixes, wanted = footprint.touched, key[:_PREFIX]
    return any(prefixes[start : start + _PREFIX] == wanted for start in range(0, len(prefixes), _PREFIX))


def _segments(body: bytes) -> Iterator[tuple[Deed, bytes]]:
    start = 0
    while start < len(body):
        deed, length = _HEAD.unpack_from(body, start)
        start += _HEAD.size
        yield _DEEDS[deed], body[start : start + length]
        start += length
