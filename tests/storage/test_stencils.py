"""A stencil writes what writing each row by itself would."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.model.bucket import BucketWrite, RowWrite
from sync.model.manifest import Manifest
from sync.model.record import SyncStatus
from sync.storage.rows import written_row
from sync.storage.stencils import Stencil
from sync.storage.transactions import Operation, Verb, _encode, encoded

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
ROWS = st.builds(
    RowWrite,
    st.one_of(st.uuids().map(str), st.text(min_size=1, max_size=40)),
    st.booleans(),
    st.sampled_from(SyncStatus),
    st.none(),
    st.one_of(st.none(), st.text(max_size=60)),
    st.one_of(st.none(), st.text(max_size=30)),
    st.one_of(st.none(), st.booleans()),
    st.one_of(st.none(), st.just(""), st.just('{"code":"X"}')),
)
PLAIN = RowWrite("0a1b", True, SyncStatus.SYNCED, None, "{}", "2026-01-05T08:00:00Z", True, "")


def write_of(*rows: RowWrite) -> BucketWrite:
    return BucketWrite(5, "tenant/Production/company", "int_1", NOW, rows, Manifest())


def operation_of(row: RowWrite) -> Operation:
    return Stencil("user_dynamics_products_00005", write_of(row)).operation(row)


@given(ROWS)
def test_a_row_is_encoded_as_if_alone(row: RowWrite) -> None:
    operation = operation_of(row)
    whole = encoded(written_row("user_dynamics_products_00005", row, write_of(row)))
    content = encoded(operation.entity) if operation.content is None else operation.content
    assert orjson.loads(content) == orjson.loads(whole)
    assert operation.entity["RowKey"] == orjson.loads(whole)["RowKey"]


@pytest.mark.parametrize(("create", "verb", "etag"), [(True, Verb.INSERT, ""), (False, Verb.MERGE, "*")])
def test_a_new_row_is_inserted_and_another_merged(create: bool, verb: Verb, etag: str) -> None:  # noqa: FBT001 - a case
    for row in (PLAIN._replace(create=create), PLAIN._replace(create=create, fault="x")):
        operation = operation_of(row)
        assert (operation.verb, operation.etag) == (verb, etag)


def test_a_usual_row_is_encoded_ahead() -> None:
    assert operation_of(PLAIN).content is not None


@given(st.lists(st.builds(PLAIN._replace, fields=st.text(max_size=60), modified=st.text(max_size=30)), min_size=1))
def test_usual_new_rows_are_encoded_together_as_one_by_one(rows: list[RowWrite]) -> None:
    stencil = Stencil("user_dynamics_products_00005", write_of(*rows))
    keys = {"PartitionKey": "user_dynamics_products_00005", "RowKey": "!m"}
    manifest = Operation(Verb.INSERT, keys)
    alone = _encode("http://127.0.0.1/t", [manifest, *map(stencil.operation, rows)])
    assert _encode("http://127.0.0.1/t", [manifest], stencil.insertions(rows)) == alone


@pytest.mark.parametrize(
    "odd",
    [
        PLAIN._replace(create=False),
        PLAIN._replace(status=SyncStatus.CONFLICT),
        PLAIN._replace(present=None),
        PLAIN._replace(fault="x"),
        PLAIN._replace(fields=None),
        PLAIN._replace(modified=None),
        PLAIN._replace(external_id="a/b"),
        PLAIN._replace(fields="x" * 40_000),
    ],
)
def test_rows_with_an_unusual_one_among_them_are_not_encoded_together(odd: RowWrite) -> None:
    rows = [PLAIN, odd]
    assert Stencil("user_dynamics_products_00005", write_of(*rows)).insertions(rows) == []


def test_no_rows_are_encoded_as_none() -> None:
    assert Stencil("user_dynamics_products_00005", write_of()).insertions([]) == []


def test_a_row_without_a_time_of_change_has_none() -> None:
    content = operation_of(PLAIN._replace(modified=None)).content
    assert "sourceModifiedAt" not in orjson.loads(content or b"{}")


def test_a_large_row_is_left_to_the_guard() -> None:
    assert operation_of(PLAIN._replace(fields="x" * 40_000)).content is None
