"""Which bucket a record lives in, and how many buckets a set needs."""

from hashlib import blake2b

_PER_BUCKET = 100
_FEWEST = 8
_MOST = 65_536


def record_key(external_id: str) -> bytes:
    """Return the 16 bytes by which manifests know a record."""
    return blake2b(external_id.encode(), digest_size=16).digest()


def bucket_of(key: bytes, buckets: int) -> int:
    """Return the bucket of a record key, from 0; `buckets` is a power of two."""
    return int.from_bytes(key[:4], "big") & (buckets - 1)


def bucket_count(expected: int) -> int:
    """Return the number of buckets for about this many records: a power of two, near a hundred records each."""
    wanted = expected / _PER_BUCKET
    count = _FEWEST
    while count < _MOST and wanted > count * 1.5:
        count *= 2
    return count
