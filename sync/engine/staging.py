"""Packs arrivals of one page by bucket group, and unpacks one group again.

A group's bytes are columns: ids, times, faults and ETags as JSON, keys and digests as they are, and fields, each of
which is JSON on one line, as lines. Two lengths come first.
"""

from collections.abc import Iterable
from struct import Struct

import orjson

from sync.model.record import Arrival, RecordFault, new_arrival

_LENGTHS = Struct("<II")
_KEY = 16
_DIGEST = 8
_NO_DIGEST = bytes(_DIGEST)


def buckets_in(group: int, *, buckets: int, groups: int) -> range:
    """Return the buckets of a group; every bucket is in exactly one."""
    return range(-(-group * buckets // groups), -(-(group + 1) * buckets // groups))


def pack(arrivals: Iterable[Arrival], *, buckets: int, groups: int) -> tuple[bytes, tuple[int, ...]]:
    """Return the page's bytes and the offsets of its groups: group g is bytes offsets[g] to offsets[g + 1]."""
    piles: list[list[Arrival]] = [[] for _ in range(groups)]
    for arrival in arrivals:
        bucket = int.from_bytes(arrival[1][:4], "big") % buckets  # bucket_of, without a call for each
        piles[bucket * groups // buckets].append(arrival)
    segments = [_packed(pile) if pile else b"" for pile in piles]
    offsets = [0]
    for segment in segments:
        offsets.append(offsets[-1] + len(segment))
    return b"".join(segments), tuple(offsets)


def unpack(segment: bytes) -> list[Arrival]:
    """Return the arrivals of one group's bytes, in the order in which they were packed."""
    if not segment:
        return []
    count, length = _LENGTHS.unpack_from(segment)
    keys = _LENGTHS.size + length
    digests = keys + count * _KEY
    lines = digests + count * _DIGEST
    ids, times, faults, etags = orjson.loads(segment[_LENGTHS.size : keys])
    fields = segment[lines:].decode().split("\n")
    columns = (ids, _cut(segment[keys:digests], _KEY), _cut(segment[digests:lines], _DIGEST), fields, times)
    found = list(map(new_arrival, zip(*columns, [None] * count, etags, strict=True)))
    for index, fault in faults:
        found[index] = found[index]._replace(digest=b"", fault=RecordFault(*fault))
    return found


def find(segment: bytes, key: bytes) -> Arrival | None:
    """Return the arrival with this key among one group's bytes, None when it is not there."""
    count, length = _LENGTHS.unpack_from(segment)
    start = _LENGTHS.size + length
    keys = _cut(segment[start : start + count * _KEY], _KEY)
    return unpack(segment)[keys.index(key)] if key in keys else None


def _packed(pile: list[Arrival]) -> bytes:
    ids, keys, digests, fields, times, faults, etags = zip(*pile, strict=True)
    faulty = [(index, (it.code, it.message, it.data)) for index, it in enumerate(faults) if it is not None]
    rest = orjson.dumps((ids, times, faulty, etags))
    hashes = b"".join((*keys, *[digest or _NO_DIGEST for digest in digests]))
    return b"".join((_LENGTHS.pack(len(pile), len(rest)), rest, hashes, "\n".join(fields).encode()))


def _cut(column: bytes, size: int) -> list[bytes]:
    return [column[start : start + size] for start in range(0, len(column), size)]
