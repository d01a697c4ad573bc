"""Packs arrivals of one page by bucket group, and unpacks one group again."""

from collections.abc import Iterable, Sequence

import orjson

from sync.engine.buckets import bucket_of
from sync.model.record import Arrival, RecordFault


def group_of(bucket: int, *, buckets: int, groups: int) -> int:
    """Return the group that a bucket is written with: neighbours go together."""
    return bucket * groups // buckets


def buckets_in(group: int, *, buckets: int, groups: int) -> range:
    """Return the buckets of a group; every bucket is in exactly one."""
    return range(-(-group * buckets // groups), -(-(group + 1) * buckets // groups))


def pack(arrivals: Iterable[Arrival], *, buckets: int, groups: int) -> tuple[bytes, tuple[int, ...]]:
    """Return the page's bytes and the offsets of its groups: group g is bytes offsets[g] to offsets[g + 1]."""
    piles: list[list[Sequence[object]]] = [[] for _ in range(groups)]
    for arrival in arrivals:
        pile = piles[group_of(bucket_of(arrival.key, buckets), buckets=buckets, groups=groups)]
        fault = arrival.fault
        pile.append(
            (
                arrival.external_id,
                arrival.key.hex(),
                arrival.digest.hex(),
                arrival.fields,
                arrival.modified,
                None if fault is None else (fault.code, fault.message, fault.data),
            )
        )
    segments = [orjson.dumps(pile) if pile else b"" for pile in piles]
    offsets = [0]
    for segment in segments:
        offsets.append(offsets[-1] + len(segment))
    return b"".join(segments), tuple(offsets)


def unpack(segment: bytes) -> list[Arrival]:
    """Return the arrivals of one group's bytes, in the order in which they were packed."""
    if not segment:
        return []
    unhex = bytes.fromhex
    return [
        Arrival(
            external_id, unhex(key), unhex(digest), fields, modified, None if fault is None else RecordFault(*fault)
        )
        for external_id, key, digest, fields, modified, fault in orjson.loads(segment)
    ]
