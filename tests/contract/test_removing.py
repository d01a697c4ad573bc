"""RecordStore.remove, in memory and in tables."""

from dataclasses import replace

import pytest

from sync.model.errors import StaleRecordError
from sync.model.record import Record, SyncStatus
from sync.ports import RecordFilter
from tests.contract.conftest import Stores
from tests.contract.kit import SET


def made(stores: Stores, status: SyncStatus = SyncStatus.PENDING) -> Record:
    records, _ = stores.records.open_set(SET, expected=1)
    return stores.records.create(records, Record("plt_1", {"name": "Ours"}, sync_status=status))


@pytest.mark.parametrize("status", [SyncStatus.PENDING, SyncStatus.SYNCED])
def test_a_removed_record_is_gone_from_every_list(stores: Stores, status: SyncStatus) -> None:
    stores.records.remove(SET, made(stores, status))
    assert stores.records.get(SET, "plt_1") is None
    for which in (RecordFilter(), RecordFilter(status)):
        assert stores.records.list(SET, which, cursor=None, limit=9).items == ()


def test_a_record_that_changed_meanwhile_is_not_removed(stores: Stores) -> None:
    record = made(stores)
    newer = stores.records.save(SET, replace(record, custom={"a": 1}))
    with pytest.raises(StaleRecordError):
        stores.records.remove(SET, record)
    assert stores.records.get(SET, "plt_1") == newer


def test_removing_twice_is_removing_once(stores: Stores) -> None:
    record = made(stores)
    for _ in range(2):
        stores.records.remove(SET, record)
    assert stores.records.get(SET, "plt_1") is None


def test_nothing_is_removed_from_a_set_that_never_was(stores: Stores) -> None:
    stores.records.remove(SET, Record("plt_1", {}, version="1"))
    assert stores.records.find_set(SET) is None
