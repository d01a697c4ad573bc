"""RecordStore, in memory and in tables: sets, buckets, manifests."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from sync.engine.buckets import record_key
from sync.model.errors import KeyTakenError, StaleRecordError
from sync.model.manifest import Manifest
from sync.model.record import Record, RecordFault, RecordSet, SetKey, SyncStatus
from sync.ports import RecordFilter, RecordStore
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW, SET, SOURCE, bucket_write, create, fill, merge, neighbours

EXPECTED = Record(
    "1",
    {"name": "Name 1", "number": "N1"},
    integration_id="int-1",
    source=SOURCE,
    last_synced_at=NOW,
    source_modified_at="2026-02-01T00:00:00Z",
)
FAULT = '{"code":"NAME_MISSING","message":"There is no name.","data":{"name":null}}'


@pytest.fixture
def store(stores: Stores) -> RecordStore:
    return stores.records


@pytest.fixture
def records(store: RecordStore) -> RecordSet:
    return store.open_set(SET, expected=10)[0]


def get(store: RecordStore, external_id: str) -> Record:
    found = store.get(SET, external_id)
    assert found is not None
    return found


def test_a_set_is_made_once(store: RecordStore) -> None:
    assert store.open_set(SET, expected=5000) == (RecordSet(SET, 63), True)
    assert store.open_set(SET, expected=10) == (RecordSet(SET, 63), False)


def test_openers_at_the_same_time_agree(store: RecordStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda number: store.open_set(SET, expected=number * 4000), range(4)))
    assert len({records for records, _ in opened}) == 1
    assert sum(made for _, made in opened) == 1


def test_a_set_that_was_never_made_is_not_found(store: RecordStore) -> None:
    assert store.find_set(SET) is None


def test_a_set_is_found_again(store: RecordStore, records: RecordSet) -> None:
    assert store.find_set(SET) == records


def test_a_bucket_has_an_empty_manifest_at_first(store: RecordStore, records: RecordSet) -> None:
    assert store.manifest(records, 0, source=SOURCE) == Manifest()


def test_a_committed_row_is_read_back(store: RecordStore, records: RecordSet) -> None:
    store.commit(records, bucket_write(records, create("1")))
    assert get(store, "1") == replace(EXPECTED, version=get(store, "1").version)


def test_a_committed_manifest_is_read_back_with_its_version(store: RecordStore, records: RecordSet) -> None:
    write = bucket_write(records, create("1"))
    committed = store.commit(records, write)
    assert store.manifest(records, write.bucket, source=SOURCE) == committed
    assert committed == replace(write.manifest, version=committed.version)
    assert committed.version


def test_a_manifest_keeps_any_number_of_entries_and_every_mark(store: RecordStore, records: RecordSet) -> None:
    entries = {record_key(str(number)): (number.to_bytes(8), number % 64) for number in range(6000)}
    committed = store.commit(records, bucket_write(records, manifest=Manifest("run-1", entries)))
    assert store.manifest(records, 0, source=SOURCE) == committed
    assert committed.entries == entries


def test_each_source_has_its_own_manifest(store: RecordStore, records: RecordSet) -> None:
    store.commit(records, bucket_write(records))
    assert store.manifest(records, 0, source="other") == Manifest()


@pytest.mark.parametrize("buckets", [(), (5,), (0, 7), (1, 2, 3, 4, 5, 6), (6, 2, 4)])
def test_manifests_of_several_buckets_are_those_of_each(
    store: RecordStore, records: RecordSet, buckets: tuple[int, ...]
) -> None:
    for bucket in (0, 2, 5, 6):
        store.commit(records, bucket_write(records, *map(create, neighbours(records, 2, bucket)), bucket=bucket))
    expected = {bucket: store.manifest(records, bucket, source=SOURCE) for bucket in buckets}
    assert store.manifests(records, buckets, source=SOURCE) == expected


def test_manifests_of_another_source_are_not_among_them(store: RecordStore, records: RecordSet) -> None:
    store.commit(records, bucket_write(records))
    assert store.manifests(records, range(4), source="other") == {bucket: Manifest() for bucket in range(4)}


def test_a_manifest_without_rows_may_be_written(store: RecordStore, records: RecordSet) -> None:
    first = store.commit(records, bucket_write(records))
    second = store.commit(records, bucket_write(records, manifest=replace(first, run_id="run-2")))
    assert store.manifest(records, 0, source=SOURCE).run_id == second.run_id == "run-2"


def test_ninety_nine_rows_go_at_once(store: RecordStore, records: RecordSet) -> None:
    ids = neighbours(records, 99)
    store.commit(records, bucket_write(records, *map(create, ids)))
    assert sorted(row.external_id for row in store.bucket_rows(records, 0)) == sorted(ids)


def test_the_second_first_writer_of_a_manifest_is_told(store: RecordStore, records: RecordSet) -> None:
    one, other = neighbours(records, 2)
    store.commit(records, bucket_write(records, create(one)))
    with pytest.raises(StaleRecordError):
        store.commit(records, bucket_write(records, create(other)))


def test_the_later_of_two_writers_of_a_manifest_is_told(store: RecordStore, records: RecordSet) -> None:
    one, other = neighbours(records, 2)
    first = store.commit(records, bucket_write(records, create(one)))
    store.commit(records, bucket_write(records, manifest=first))
    with pytest.raises(StaleRecordError):
        store.commit(records, bucket_write(records, create(other), manifest=first))
    assert store.get(SET, other) is None


def test_a_row_that_exists_is_not_created_again_and_nothing_is_written(store: RecordStore, records: RecordSet) -> None:
    one, other = neighbours(records, 2)
    store.commit(records, bucket_write(records, create(one)))
    with pytest.raises(KeyTakenError, match=one):
        store.commit(records, bucket_write(records, create(other), create(one), source="other"))
    assert store.get(SET, other) is None


def test_a_stale_manifest_is_told_before_a_taken_key(store: RecordStore, records: RecordSet) -> None:
    store.commit(records, bucket_write(records, create("1")))
    with pytest.raises(StaleRecordError):
        store.commit(records, bucket_write(records, create("1")))


def test_a_merge_changes_only_what_it_names(store: RecordStore, records: RecordSet) -> None:
    first = store.commit(records, bucket_write(records, create("1")))
    gone = merge("1", SyncStatus.SYNCED, SyncStatus.SYNCED, present=False)
    store.commit(records, bucket_write(records, gone, manifest=first, written_at=NOW + HOUR, integration_id="int-2"))
    assert get(store, "1") == replace(EXPECTED, present_in_source=False, version=get(store, "1").version)


def test_new_fields_take_their_time_and_integration_along(store: RecordStore, records: RecordSet) -> None:
    first = store.commit(records, bucket_write(records, create("1")))
    news = merge("1", SyncStatus.SYNCED, SyncStatus.SYNCED, fields='{"name":"å"}', modified="later")
    store.commit(records, bucket_write(records, news, manifest=first, written_at=NOW + HOUR, integration_id="int-2"))
    found = get(store, "1")
    assert (found.fields, found.last_synced_at, found.integration_id) == ({"name": "å"}, NOW + HOUR, "int-2")
    assert found.source_modified_at == "later"


def test_a_fault_is_kept_until_it_is_cleared(store: RecordStore, records: RecordSet) -> None:
    first = store.commit(records, bucket_write(records, create("1")))
    faulty = merge("1", SyncStatus.ERROR, SyncStatus.SYNCED, fault=FAULT)
    second = store.commit(records, bucket_write(records, faulty, manifest=first))
    assert get(store, "1").fault == RecordFault("NAME_MISSING", "There is no name.", {"name": None})
    store.commit(
        records, bucket_write(records, merge("1", SyncStatus.SYNCED, SyncStatus.ERROR, fault=""), manifest=second)
    )
    assert get(store, "1").fault is None


def test_a_merge_into_a_missing_row_with_fields_inserts_it(store: RecordStore, records: RecordSet) -> None:
    row = create("1")._replace(create=False)
    store.commit(records, bucket_write(records, row))
    assert get(store, "1") == replace(EXPECTED, version=get(store, "1").version)


def test_a_merge_into_a_missing_row_without_fields_is_left_out(store: RecordStore, records: RecordSet) -> None:
    one, other = neighbours(records, 2)
    store.commit(records, bucket_write(records, merge(one, SyncStatus.CONFLICT), create(other)))
    assert store.get(SET, one) is None
    assert store.get(SET, other) is not None


def test_a_custom_value_survives_a_merge(store: RecordStore, records: RecordSet) -> None:
    first = store.commit(records, bucket_write(records, create("1")))
    store.save(SET, replace(get(store, "1"), custom={"our": 1}, pinned=("name",)))
    news = merge("1", SyncStatus.SYNCED, SyncStatus.SYNCED, fields="{}")
    store.commit(records, bucket_write(records, news, manifest=first))
    assert (get(store, "1").custom, get(store, "1").pinned) == ({"our": 1}, ("name",))


def test_a_save_changes_fields_custom_pinned_and_status_only(store: RecordStore, records: RecordSet) -> None:
    fill(store, records, create("1"))
    edited = replace(
        get(store, "1"), fields={"name": "y"}, custom={"a": 1}, pinned=("name",), sync_status=SyncStatus.PENDING
    )
    saved = store.save(SET, replace(edited, source="mine", present_in_source=False))
    assert saved == get(store, "1") == replace(edited, version=saved.version)


def test_a_custom_value_may_be_taken_away(store: RecordStore, records: RecordSet) -> None:
    fill(store, records, create("1"))
    saved = store.save(SET, replace(get(store, "1"), custom={"a": 1}))
    store.save(SET, replace(saved, custom={}))
    assert get(store, "1").custom == {}


def test_the_second_of_two_savers_is_told(store: RecordStore, records: RecordSet) -> None:
    fill(store, records, create("1"))
    found = get(store, "1")
    store.save(SET, found)
    with pytest.raises(StaleRecordError):
        store.save(SET, found)


def test_a_save_leaves_the_manifest_alone(store: RecordStore, records: RecordSet) -> None:
    write = bucket_write(records, create("1"))
    committed = store.commit(records, write)
    store.save(SET, get(store, "1"))
    assert store.manifest(records, write.bucket, source=SOURCE) == committed


def test_a_record_that_is_not_there_cannot_be_saved(store: RecordStore, records: RecordSet) -> None:
    with pytest.raises(StaleRecordError):
        store.save(records.key, Record("1", {}))


def test_nothing_is_in_a_set_that_was_never_made(store: RecordStore) -> None:
    assert store.get(SET, "1") is None
    assert store.list(SET, RecordFilter(), cursor=None, limit=9).items == ()
    assert store.purge(SET, source=SOURCE) == 0
    with pytest.raises(StaleRecordError):
        store.save(SET, Record("1", {}))


@pytest.mark.parametrize("external_id", ["1", "a/b?c#d\\e", "å" * 300, "h_1", "x' or 'y", "%20 +", "-", "~"])
def test_a_platform_made_record_is_read_back(store: RecordStore, records: RecordSet, external_id: str) -> None:
    created = store.create(records, Record(external_id, {"name": "x"}, custom={"a": [1]}, pinned=("name",)))
    assert store.get(SET, external_id) == created
    assert created.platform_made


def test_everything_about_a_platform_made_record_is_kept(store: RecordStore, records: RecordSet) -> None:
    fault = RecordFault("X", "y", {"z": 1})
    told = replace(EXPECTED, sync_status=SyncStatus.PENDING, present_in_source=False, fault=fault)
    created = store.create(records, told)
    assert get(store, "1") == created == replace(told, version=created.version)


def test_a_platform_made_record_is_created_once(store: RecordStore, records: RecordSet) -> None:
    store.create(records, Record("1", {}))
    with pytest.raises(KeyTakenError):
        store.create(records, Record("1", {}))


def test_another_user_sees_nothing(store: RecordStore, records: RecordSet) -> None:
    fill(store, records, create("1"))
    other = SetKey("tenant-1:user-2", SET.system, SET.entity)
    store.open_set(other, expected=10)
    assert store.get(other, "1") is None
    assert store.list(other, RecordFilter(), cursor=None, limit=9).items == ()


def test_bucket_rows_are_of_every_source_and_the_platforms_own(store: RecordStore, records: RecordSet) -> None:
    one, two, three = neighbours(records, 3)
    fill(store, records, create(one))
    fill(store, records, create(two), source="other")
    store.create(records, Record(three, {}))
    assert {row.source for row in store.bucket_rows(records, 0)} == {SOURCE, "other", None}


def test_a_purge_removes_one_sources_rows_and_manifests(store: RecordStore, records: RecordSet) -> None:
    fill(store, records, *(create(str(number)) for number in range(20)))
    fill(store, records, create("x"), source="other")
    assert store.purge(SET, source=SOURCE) == 20
    assert [row.external_id for row in store.list(SET, RecordFilter(), cursor=None, limit=99).items] == ["x"]
    assert all(store.manifest(records, bucket, source=SOURCE) == Manifest() for bucket in range(records.buckets))


def test_a_purge_removes_a_bucket_of_any_size(store: RecordStore, records: RecordSet) -> None:
    ids = neighbours(records, 120)
    first = store.commit(records, bucket_write(records, *map(create, ids[:60])))
    store.commit(records, bucket_write(records, *map(create, ids[60:]), manifest=first))
    assert store.purge(SET, source=SOURCE) == 120
    assert store.bucket_rows(records, 0) == ()


def test_a_purged_record_with_an_error_is_no_longer_listed(store: RecordStore, records: RecordSet) -> None:
    fill(store, records, create("1"), merge("1", SyncStatus.ERROR, SyncStatus.SYNCED))
    store.purge(SET, source=SOURCE)
    assert store.list(SET, RecordFilter(SyncStatus.ERROR), cursor=None, limit=9).items == ()
