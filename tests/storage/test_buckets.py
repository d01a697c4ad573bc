"""Which bucket a record lives in."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.engine.buckets import bucket_count, bucket_of, record_key


def test_a_record_keeps_its_place_from_release_to_release() -> None:
    key = record_key("5d115c9c-44e3-ea11-bb43-000d3a2feca1")
    assert key.hex() == "8f1172c59cf7c88ce19d210737234261"
    assert bucket_of(key, 1024) == 709


@given(st.text(), st.integers(1, 65_536))
def test_a_bucket_is_one_of_the_set(external_id: str, buckets: int) -> None:
    assert 0 <= bucket_of(record_key(external_id), buckets) < buckets


def test_records_spread_evenly() -> None:
    sizes = Counter(bucket_of(record_key(str(number)), 64) for number in range(6400))
    assert (len(sizes), min(sizes.values()) > 60, max(sizes.values()) < 150) == (64, True, True)


@pytest.mark.parametrize(
    ("expected", "buckets"),
    [(0, 8), (None, 250), (640, 8), (641, 9), (20_000, 250), (100_000, 1250), (1_000_000, 12_500), (10**9, 65_536)],
)
def test_a_bucket_holds_about_eighty_records(expected: int | None, buckets: int) -> None:
    assert bucket_count(expected) == buckets
