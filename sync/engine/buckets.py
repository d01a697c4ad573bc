"""Which bucket a record lives in, and how many buckets a set needs."""

from hashlib import blake2b

_PER_BUCKET = 80
_FEWEST = 8
_MOST = 65_536


def record_key(external_id: str) -> bytes:
    """Return the 16 bytes by which manifests know a record."""
    return blake2b(external_id.encode(), digest_size=16).digest()


def bucket_of(key: bytes, buckets: int) -> int:
    """Return the bucket of a record key, from 0."""
    return int.from_bytes(key[:4], "big") % buckets


def bucket_count(expected: int) -> int:
    """Return the number of buckets for about this many records.

    Eighty to a bucket, so that nearly every bucket fits one transaction of 99 rows and a manifest.
    """
    return min(_MOST, max(_FEWEST, -(-expected // _PER_BUCKET)))
