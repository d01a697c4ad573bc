"""Which bucket a record lives in, and how many buckets a set needs."""

from collections import defaultdict
from collections.abc import Iterable

from xxhash import xxh3_128_digest

from sync.model.record import Arrival

_PER_BUCKET = 80
_FEWEST = 8
_MOST = 65_536
_UNCOUNTED = 20_000


def record_key(external_id: str) -> bytes:
    """Return the 16 bytes by which manifests know a record."""
    return xxh3_128_digest(external_id.encode())


def bucket_of(key: bytes, buckets: int) -> int:
    """Return the bucket of a record key, from 0."""
    return int.from_bytes(key[:4], "big") % buckets


def by_bucket(arrivals: Iterable[Arrival], buckets: int) -> dict[int, list[Arrival]]:
    """Sort arrivals by the bucket that they belong in; within a bucket their order stays."""
    piles: dict[int, list[Arrival]] = defaultdict(list)
    number = int.from_bytes
    for arrival in arrivals:
        piles[number(arrival[1][:4], "big") % buckets].append(arrival)
    return piles


def bucket_count(expected: int | None) -> int:
    """Return the number of buckets for about this many records, and for 20,000 when nobody can tell how many will come.

    Eighty to a bucket, so that nearly every bucket fits one transaction of 99 rows and a manifest.
    """
    return min(_MOST, max(_FEWEST, -(-(_UNCOUNTED if expected is None else expected) // _PER_BUCKET)))


def room_in(buckets: int) -> int:
    """Return about how many records so many buckets are meant for."""
    return buckets * _PER_BUCKET
