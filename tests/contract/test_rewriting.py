"""RecordStore.rewrite, in memory and in tables: a record and manifests of its bucket, all or nothing."""

from dataclasses import replace

import pytest

from sync.engine.buckets import bucket_of, record_key
from sync.model.errors import KeyTakenError, StaleRecordError
from sync.model.manifest import Manifest, Mark
from sync.model.record import Record, RecordFault, RecordSet, SyncStatus
from sync.ports import RecordFilter
from tests.contract.conftest import Stores
from tests.contract.kit import NOW, SET, SOURCE, create, fill

ID, OTHER = "v-1", "tenant-1/sandbox/company-2"
KEY = record_key(ID)
TOLD = Manifest("run-2", {KEY: (b"87654321", Mark.PINNED)})


def opened(stores: Stores) -> tuple[RecordSet, Record]:
    records, _ = stores.records.open_set(SET, expected=1)
    fill(stores.records, records, create(ID))
    return records, kept(stores)


def kept(stores: Stores) -> Record:
    found = stores.records.get(SET, ID)
    assert found is not None
    return found


def manifest(stores: Stores, records: RecordSet, source: str) -> Manifest:
    return stores.records.manifest(records, bucket_of(KEY, records.buckets), source=source)


def test_every_member_of_a_rewritten_record_is_stored(stores: Stores) -> None:
    records, row = opened(stores)
    whole = replace(
        row,
        fields={"name": "New"},
        integration_id="int-2",
        source=OTHER,
        custom={"a": 1},
        pinned=("name",),
        declined={"name": None, "city": "Lund"},
        last_synced_at=NOW,
        source_modified_at=None,
        present_in_source=False,
        fault=RecordFault("CODE", "message"),
        sync_status=SyncStatus.ERROR,
    )
    saved = stores.records.rewrite(records, whole, {})
    assert kept(stores) == saved == replace(whole, version=saved.version)


def test_the_manifests_of_several_sources_change_with_the_record(stores: Stores) -> None:
    records, row = opened(stores)
    mine = manifest(stores, records, SOURCE)
    stores.records.rewrite(records, row, {SOURCE: replace(mine, entries={}), OTHER: TOLD})
    assert manifest(stores, records, SOURCE).entries == {}
    assert manifest(stores, records, OTHER).entries == TOLD.entries


def test_a_new_record_is_inserted(stores: Stores) -> None:
    records, _ = stores.records.open_set(SET, expected=1)
    stores.records.rewrite(records, Record(ID, {"name": "New"}), {SOURCE: TOLD})
    assert (kept(stores).fields, manifest(stores, records, SOURCE).entries) == ({"name": "New"}, TOLD.entries)


def test_a_new_record_with_an_id_in_use_is_refused(stores: Stores) -> None:
    records, row = opened(stores)
    with pytest.raises(KeyTakenError):
        stores.records.rewrite(records, replace(row, version=""), {})


def test_a_record_that_changed_meanwhile_stays_with_its_manifest(stores: Stores) -> None:
    records, row = opened(stores)
    edited = stores.records.save(SET, replace(row, custom={"a": 1}))
    with pytest.raises(StaleRecordError):
        stores.records.rewrite(records, row, {OTHER: TOLD})
    assert (kept(stores), manifest(stores, records, OTHER)) == (edited, Manifest())


@pytest.mark.parametrize("known", ["", "before"])
def test_a_manifest_that_changed_meanwhile_keeps_the_record_as_it_is(stores: Stores, known: str) -> None:
    records, row = opened(stores)
    mine = manifest(stores, records, SOURCE)
    newer = stores.records.rewrite(records, row, {SOURCE: mine})
    old = replace(mine, version="") if not known else mine
    with pytest.raises(StaleRecordError):
        stores.records.rewrite(records, replace(newer, fields={"name": "Lost"}), {SOURCE: old})
    assert kept(stores) == newer


def test_a_record_that_is_gone_is_not_rewritten(stores: Stores) -> None:
    records, row = opened(stores)
    stores.records.purge(SET, source=SOURCE)
    with pytest.raises(StaleRecordError):
        stores.records.rewrite(records, row, {})


def test_a_rewritten_record_is_listed_by_its_new_status_only(stores: Stores) -> None:
    records, row = opened(stores)
    held = stores.records.rewrite(records, replace(row, sync_status=SyncStatus.CONFLICT), {})
    conflicts = RecordFilter(SyncStatus.CONFLICT)
    assert stores.records.list(SET, conflicts, cursor=None, limit=9).items == (held,)
    stores.records.rewrite(records, replace(held, sync_status=SyncStatus.SYNCED), {})
    assert stores.records.list(SET, conflicts, cursor=None, limit=9).items == ()
