"""What happens between a read and a write in Azure Tables: nobody's word is lost."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from azure.data.tables import TableEntity

from sync.model.errors import KeyTakenError, RecordError, RefusedError, StaleRecordError
from sync.model.manifest import Manifest
from sync.model.record import Record, RecordSet, SyncStatus
from sync.ports import RecordFilter, Reply
from sync.storage.integrations import TableIntegrationStore
from sync.storage.leases import TableLeaseStore
from sync.storage.records import TableRecordStore
from sync.storage.replies import TableReplyStore
from sync.storage.sets import TableSets
from sync.storage.tables import Tables
from sync.storage.transactions import Operation, TransactionRefusedError, Verb
from sync.storage.watermarks import TableWatermarkStore
from tests.contract.kit import (
    HOUR,
    NOW,
    OWNER,
    PRODUCTS,
    SET,
    SOURCE,
    bucket_write,
    create,
    fill,
    integration,
    merge,
    neighbours,
)

pytestmark = pytest.mark.azurite


class Interrupted(Tables):
    """Tables where something else happens once, right after the first read."""

    def __init__(self, tables: Tables, interruption: Callable[[], Any]) -> None:
        self._tables = tables
        self._pending = [interruption]

    def __getattribute__(self, name: str) -> Any:
        if name in {"find", "_tables", "_pending"}:
            return object.__getattribute__(self, name)
        return getattr(object.__getattribute__(self, "_tables"), name)

    def find(self, table: str, partition: str, row: str) -> TableEntity | None:
        """Read, and then let the other thing happen."""
        found = self._tables.find(table, partition, row)
        if self._pending:
            self._pending.pop()()
        return found


def acquire(store: TableLeaseStore, holder: str, hours: int = 1) -> bool:
    return store.acquire("k", holder, until=NOW + hours * HOUR, now=NOW, facts={}) is not None


def test_of_two_who_take_a_free_lease_one_gets_it(tables: Tables) -> None:
    other = TableLeaseStore(tables)
    assert not acquire(TableLeaseStore(Interrupted(tables, lambda: acquire(other, "b"))), "a")


def test_of_two_who_take_an_expired_lease_one_gets_it(tables: Tables) -> None:
    other = TableLeaseStore(tables)
    acquire(other, "c", hours=0)
    assert not acquire(TableLeaseStore(Interrupted(tables, lambda: acquire(other, "b"))), "a")


def test_a_lease_taken_by_another_meanwhile_is_not_renewed(tables: Tables) -> None:
    other = TableLeaseStore(tables)
    acquire(other, "a", hours=0)
    late = TableLeaseStore(Interrupted(tables, lambda: acquire(other, "b")))
    assert not late.renew("k", "a", until=NOW + HOUR)


def test_a_lease_renewed_meanwhile_is_released_all_the_same(tables: Tables) -> None:
    other = TableLeaseStore(tables)
    acquire(other, "a")
    TableLeaseStore(Interrupted(tables, lambda: other.renew("k", "a", until=NOW + HOUR))).release("k", "a")
    assert other.get("k") is None


@pytest.mark.parametrize("before", [None, NOW - HOUR])
def test_of_two_watermarks_the_later_stays(tables: Tables, before: Any) -> None:
    other = TableWatermarkStore(tables)
    if before is not None:
        other.advance("i", "s", PRODUCTS, before)
    store = TableWatermarkStore(Interrupted(tables, lambda: other.advance("i", "s", PRODUCTS, NOW + HOUR)))
    assert store.advance("i", "s", PRODUCTS, NOW) == NOW + HOUR


def test_of_two_requests_with_a_key_one_begins(tables: Tables) -> None:
    other = TableReplyStore(tables)
    other.begin(OWNER, "k", digest="d", now=NOW - 24 * HOUR)

    def answer() -> None:
        other.begin(OWNER, "k", digest="d", now=NOW)
        other.finish(OWNER, "k", Reply(200, {}, "mine"))

    store = TableReplyStore(Interrupted(tables, answer))
    assert store.begin(OWNER, "k", digest="d", now=NOW) == Reply(200, {}, "mine")


def test_an_answer_that_comes_after_anothers_is_not_kept(tables: Tables) -> None:
    other = TableReplyStore(tables)
    other.begin(OWNER, "k", digest="d", now=NOW)
    late = TableReplyStore(Interrupted(tables, lambda: other.finish(OWNER, "k", Reply(200, {}, "first"))))
    late.finish(OWNER, "k", Reply(200, {}, "second"))
    assert other.begin(OWNER, "k", digest="d", now=NOW) == Reply(200, {}, "first")


def test_a_set_made_meanwhile_is_the_one_that_counts(tables: Tables) -> None:
    racing = TableSets(Interrupted(tables, lambda: TableSets(tables).open(SET, expected=9000)))
    assert racing.open(SET, expected=1) == (RecordSet(SET, 113), False)


def test_an_integration_saved_meanwhile_is_not_overwritten(tables: Tables) -> None:
    other = TableIntegrationStore(tables)
    created = other.create(integration())
    late = TableIntegrationStore(Interrupted(tables, lambda: other.save(created)))
    with pytest.raises(StaleRecordError):
        late.save(replace(created, next_run_at=NOW))


def test_a_record_saved_meanwhile_is_not_overwritten(tables: Tables) -> None:
    other = TableRecordStore(tables)
    created = other.create(other.open_set(SET, expected=1)[0], Record("1", {}))
    late = TableRecordStore(Interrupted(tables, lambda: other.save(SET, created)))
    with pytest.raises(StaleRecordError):
        late.save(SET, replace(created, fields={"name": "late"}))


def test_an_integration_that_goes_while_a_timer_looks_is_passed_over(tables: Tables) -> None:
    store = TableIntegrationStore(tables)
    created = store.create(integration())
    tables.remove("Integrations", "u_tenant-1:user-1", created.id)
    assert list(store.everyone()) == []


def test_a_schedule_row_without_its_integration_is_cleared_away(tables: Tables) -> None:
    store = TableIntegrationStore(tables)
    created = store.create(integration(next_run_at=NOW))
    tables.remove("Integrations", "u_tenant-1:user-1", created.id)
    assert store.due(NOW, limit=9) == ()
    assert list(tables.query("Schedules", "PartitionKey eq @due", {"due": "due"})) == []


@pytest.mark.parametrize("planned", [NOW + HOUR, None])
def test_a_schedule_row_that_a_crash_left_behind_is_put_right(tables: Tables, planned: Any) -> None:
    store = TableIntegrationStore(tables)
    created = store.create(integration(next_run_at=planned))
    for row in tables.query("Schedules", "PartitionKey eq @due", {"due": "due"}):
        tables.remove("Schedules", "due", row["RowKey"])
    stale = {"PartitionKey": "due", "RowKey": "0000000000000000001_int-1", "integrationId": "int-1"}
    tables.put("Schedules", stale)
    assert store.due(NOW, limit=9) == ()
    assert store.due(NOW + HOUR, limit=9) == ((created,) if planned else ())


def test_a_schedule_row_written_again_meanwhile_is_left_alone(tables: Tables) -> None:
    store = TableIntegrationStore(tables)
    stale = {"PartitionKey": "due", "RowKey": "0000000000000000001_int-1", "integrationId": "int-1"}
    tables.put("Schedules", stale)
    racing = TableIntegrationStore(Interrupted(tables, lambda: tables.put("Schedules", stale)))
    assert racing.due(NOW, limit=9) == ()
    assert tables.find("Schedules", "due", stale["RowKey"]) is not None
    assert store.due(NOW, limit=9) == ()


def test_a_mention_that_is_newer_than_its_record_is_kept(tables: Tables) -> None:
    store = TableRecordStore(tables)
    records, _ = store.open_set(SET, expected=1)
    fill(store, records, create("1"))
    mention = {"PartitionKey": "tenant-1:user-1_dynamics_bc_products_x", "RowKey": "error_1"}
    tables.put("Records", mention)
    assert store.list(SET, RecordFilter(SyncStatus.ERROR), cursor=None, limit=9).items == ()
    assert tables.find("Records", mention["PartitionKey"], "error_1") is not None


def test_a_mention_that_is_older_than_its_record_is_cleared_away(tables: Tables) -> None:
    store = TableRecordStore(tables)
    records, _ = store.open_set(SET, expected=1)
    fill(store, records, create("1"), merge("1", SyncStatus.ERROR, SyncStatus.SYNCED))
    fill(store, records, merge("1", SyncStatus.SYNCED, None))
    store.list(SET, RecordFilter(SyncStatus.ERROR), cursor=None, limit=9)
    assert tables.find("Records", "tenant-1:user-1_dynamics_bc_products_x", "error_1") is None


def test_a_mention_of_a_record_that_is_not_there_is_passed_over(tables: Tables) -> None:
    store = TableRecordStore(tables)
    store.open_set(SET, expected=1)
    tables.put("Records", {"PartitionKey": "tenant-1:user-1_dynamics_bc_products_x", "RowKey": "error_1"})
    assert store.list(SET, RecordFilter(SyncStatus.ERROR), cursor=None, limit=9).items == ()


def test_a_row_that_is_too_large_is_named_and_nothing_is_written(tables: Tables) -> None:
    store = TableRecordStore(tables)
    records, _ = store.open_set(SET, expected=1)
    one, other = neighbours(records, 2)
    with pytest.raises(RecordError, match=f"Record {other}:") as caught:
        store.commit(records, bucket_write(records, create(one), create(other, fields=f'"{"x" * 40_000}"')))
    assert caught.value.code == "ROW_TOO_LARGE"
    assert store.get(SET, one) is None


def test_more_rows_than_a_transaction_takes_are_refused(tables: Tables) -> None:
    store = TableRecordStore(tables)
    records, _ = store.open_set(SET, expected=1)
    with pytest.raises(RecordError) as caught:
        store.commit(records, bucket_write(records, *map(create, neighbours(records, 100))))
    assert caught.value.code == "TRANSACTION_TOO_LARGE"


def test_a_fault_out_of_all_proportion_loses_its_source_values(tables: Tables) -> None:
    store = TableRecordStore(tables)
    records, _ = store.open_set(SET, expected=1)
    fault = f'{{"code":"X","message":"y","data":{{"name":"{"x" * 40_000}"}}}}'
    fill(store, records, create("1"), merge("1", SyncStatus.ERROR, SyncStatus.SYNCED, fault=fault))
    found = store.get(SET, "1")
    assert found is not None
    assert found.fault is not None
    assert (found.fault.code, found.fault.data) == ("X", {})


def test_a_row_named_twice_is_refused(tables: Tables) -> None:
    store = TableRecordStore(tables)
    records, _ = store.open_set(SET, expected=1)
    with pytest.raises(TransactionRefusedError):
        store.commit(records, bucket_write(records, create("1"), create("1")))


def test_a_manifest_removed_meanwhile_is_told(tables: Tables) -> None:
    store = TableRecordStore(tables)
    records, _ = store.open_set(SET, expected=1)
    write = bucket_write(records, create("1"))
    committed = store.commit(records, write)
    store.purge(SET, source=SOURCE)
    with pytest.raises(StaleRecordError):
        store.commit(records, replace(write, manifest=replace(committed, entries={})))
    assert store.manifest(records, write.bucket, source=SOURCE) == Manifest()


def test_a_refused_row_is_told_by_its_index(tables: Tables) -> None:
    rows = [{"PartitionKey": "p", "RowKey": str(number), "at": NOW, "rate": 1.5} for number in range(3)]
    tables.insert("Runs", rows[2])
    with pytest.raises(TransactionRefusedError) as caught:
        tables.transact("Runs", [Operation(Verb.INSERT, dict(row)) for row in rows])
    assert (caught.value.index, caught.value.status) == (2, 409)


def test_removing_rows_of_which_some_are_gone_removes_the_others(tables: Tables) -> None:
    tables.insert("Runs", {"PartitionKey": "p", "RowKey": "1"})
    assert tables.remove_all("Runs", [("p", "1"), ("p", "2")]) == 2
    assert tables.find("Runs", "p", "1") is None


def test_a_row_is_merged_only_where_its_etag_says(tables: Tables) -> None:
    first = tables.insert("Runs", {"PartitionKey": "p", "RowKey": "1", "a": 1, "b": 1})
    tables.merge("Runs", {"PartitionKey": "p", "RowKey": "1", "a": 2}, etag=first)
    with pytest.raises(StaleRecordError):
        tables.merge("Runs", {"PartitionKey": "p", "RowKey": "1", "a": 3}, etag=first)
    assert dict(tables.find("Runs", "p", "1") or {}) == {"PartitionKey": "p", "RowKey": "1", "a": 2, "b": 1}


def test_values_of_every_type_come_back_from_a_transaction(tables: Tables) -> None:
    row = {"PartitionKey": "p", "RowKey": "1", "t": "'å\n", "n": -5, "f": 2.0, "b": True, "x": b"\x00\xff", "at": NOW}
    tables.transact("Runs", [Operation(Verb.INSERT, row)])
    assert dict(tables.find("Runs", "p", "1") or {}) == row


def test_an_existing_row_is_not_inserted_again(tables: Tables) -> None:
    tables.insert("Runs", {"PartitionKey": "p", "RowKey": "1"})
    with pytest.raises(KeyTakenError):
        tables.insert("Runs", {"PartitionKey": "p", "RowKey": "1"})


def test_a_refusing_account_says_so(tables: Tables) -> None:
    with pytest.raises(RefusedError):
        tables.transact("Runs", [Operation(Verb.MERGE, {"PartitionKey": "p", "RowKey": "1"}, "nonsense")])


@pytest.mark.parametrize(
    "use",
    [
        lambda tables: tables.merge("Runs", {"PartitionKey": "p", "RowKey": "1", "a": 2}, etag="nonsense"),
        lambda tables: tables.replace("Runs", {"PartitionKey": "p", "RowKey": "1"}, etag="nonsense"),
        lambda tables: tables.remove("Runs", "p", "1", etag="nonsense"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(tables: Tables, use: Callable[[Tables], object]) -> None:
    tables.insert("Runs", {"PartitionKey": "p", "RowKey": "1", "a": 1})
    with pytest.raises(RefusedError):
        use(tables)
    assert dict(tables.find("Runs", "p", "1") or {}) == {"PartitionKey": "p", "RowKey": "1", "a": 1}


def test_a_row_is_removed_only_where_its_etag_says(tables: Tables) -> None:
    first = tables.insert("Runs", {"PartitionKey": "p", "RowKey": "1"})
    tables.put("Runs", {"PartitionKey": "p", "RowKey": "1"})
    with pytest.raises(StaleRecordError):
        tables.remove("Runs", "p", "1", etag=first)


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\r\n--changeset_hub--\r\n"])
def test_what_could_end_a_line_of_a_transaction_does_not(tables: Tables, separator: str) -> None:
    row = {"PartitionKey": "p", "RowKey": "1", "text": f"before{separator}after"}
    tables.put("Runs", row)
    assert dict(tables.find("Runs", "p", "1") or {}) == row
