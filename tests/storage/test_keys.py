"""Keys: no value reaches beyond its own place."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.model.checkpoint import RunKey
from sync.model.entity import EntityType
from sync.model.integration import Owner
from sync.model.record import SetKey
from sync.storage.guard import check_entity
from sync.storage.keys import (
    BEYOND,
    FIRST_RECORD,
    bucket_in,
    bucket_part,
    escape,
    manifest_key,
    owner_key,
    owner_part,
    run_part,
    ticks,
)

EARLY = datetime(1601, 1, 1, tzinfo=UTC)
moments = st.datetimes(timezones=st.just(UTC))


@pytest.mark.parametrize("plain", ["5d115c9c-44e3-ea11-bb43-000d3a2feca1", "V10000", "a_b.c:d", "x" * 128, "-"])
def test_a_plain_id_is_its_own_key(plain: str) -> None:
    assert escape(plain) == plain


@given(st.text())
def test_every_text_becomes_a_key_that_azure_takes(text: str) -> None:
    check_entity({"PartitionKey": owner_part(text), "RowKey": escape(text)})


@given(st.text(), st.text())
def test_two_texts_never_share_a_key(one: str, other: str) -> None:
    assert (escape(one) == escape(other)) == (owner_part(one) == owner_part(other)) == (one == other)


def test_a_text_that_looks_hashed_is_hashed_again() -> None:
    assert escape(escape("å")) != escape("å")
    assert owner_part(owner_part("å")) != owner_part("å")


@given(st.text())
def test_records_lie_above_manifests_and_below_the_end(text: str) -> None:
    assert manifest_key("any") < FIRST_RECORD <= escape(text) < BEYOND


@given(st.text())
def test_a_user_never_reaches_into_anothers_partitions(user_id: str) -> None:
    assert "_" not in owner_part(user_id)


def test_partitions_are_named_after_what_they_hold() -> None:
    key = SetKey("t:o", "dynamics_bc", EntityType.PRODUCTS)
    assert bucket_part(key, 7) == "t:o_dynamics_bc_products_00007"
    assert owner_key(Owner("t", "o")) == "u_t:o"
    assert run_part(RunKey("int-1", "run/1")).startswith("int-1_h_")


@given(st.integers(0, 65_535))
def test_a_partition_tells_its_bucket(bucket: int) -> None:
    assert bucket_in(bucket_part(SetKey("u", "s", EntityType.SUPPLIERS), bucket)) == bucket


@given(moments, moments)
def test_ticks_sort_by_time(one: datetime, other: datetime) -> None:
    assert (ticks(one) < ticks(other)) == (one < other)


def test_ticks_are_those_of_the_platform() -> None:
    assert ticks(EARLY + timedelta(microseconds=1)) == "0504911232000000010"
