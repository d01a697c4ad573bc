"""RecordStore.list, in memory and in tables."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sync.model.errors import InvalidError
from sync.model.record import Keeper, Record, RecordSet, SyncStatus
from sync.ports import RecordFilter, RecordStore
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW, SET, SOURCE, bucket_write, create, fill, merge, neighbours

ALL = RecordFilter()
OURS = RecordFilter(keeper=Keeper("int-1", SOURCE))
LONG_ID = "a/b" * 60


@pytest.fixture
def store(stores: Stores) -> RecordStore:
    return stores.records


@pytest.fixture
def records(store: RecordStore) -> RecordSet:
    return store.open_set(SET, expected=10)[0]


def listed(store: RecordStore, which: RecordFilter, limit: int = 99) -> list[str]:
    found: list[str] = []
    page = store.list(SET, which, cursor=None, limit=limit)
    while page.cursor is not None:
        assert len(page.items) == limit
        found += [row.external_id for row in page.items]
        page = store.list(SET, which, cursor=page.cursor, limit=limit)
    return found + [row.external_id for row in page.items]


def ids(count: int) -> list[str]:
    return [str(number) for number in range(count)]


@pytest.mark.parametrize("limit", [1, 7, 25, 99])
def test_pages_hold_every_record_once(store: RecordStore, records: RecordSet, limit: int) -> None:
    fill(store, records, *map(create, ids(25)))
    found = listed(store, ALL, limit)
    assert sorted(found) == sorted(ids(25))


def test_the_order_is_the_same_whatever_the_page_size(store: RecordStore, records: RecordSet) -> None:
    fill(store, records, *map(create, ids(12)))
    assert listed(store, ALL, 5) == listed(store, ALL, 99)


def test_a_record_shows_everything_in_a_listing(store: RecordStore, records: RecordSet) -> None:
    store.create(records, Record(LONG_ID, {"name": "x"}, custom={"a": 1}, pinned=("name",)))
    assert store.list(SET, ALL, cursor=None, limit=9).items == (store.get(SET, LONG_ID),)


@pytest.mark.parametrize("status", [SyncStatus.ERROR, SyncStatus.CONFLICT, SyncStatus.PENDING])
def test_records_that_need_attention_are_listed_by_status(
    store: RecordStore, records: RecordSet, status: SyncStatus
) -> None:
    fill(store, records, *map(create, [*ids(6), LONG_ID]))
    fill(store, records, *(merge(each, status, SyncStatus.SYNCED) for each in ("1", "4", LONG_ID)))
    assert sorted(listed(store, RecordFilter(status), limit=1)) == ["1", "4", LONG_ID]


def test_synced_records_are_listed_by_status(store: RecordStore, records: RecordSet) -> None:
    fill(store, records, *map(create, ids(6)), merge("3", SyncStatus.ERROR, SyncStatus.SYNCED))
    assert sorted(listed(store, RecordFilter(SyncStatus.SYNCED), limit=2)) == ["0", "1", "2", "4", "5"]


def test_a_mended_record_is_no_longer_listed(store: RecordStore, records: RecordSet) -> None:
    fill(store, records, create("1"), merge("1", SyncStatus.ERROR, SyncStatus.SYNCED))
    fill(store, records, merge("1", SyncStatus.SYNCED, SyncStatus.ERROR))
    assert listed(store, RecordFilter(SyncStatus.ERROR)) == []


def test_a_record_that_changes_its_trouble_is_listed_once(store: RecordStore, records: RecordSet) -> None:
    fill(store, records, create("1"), merge("1", SyncStatus.ERROR, SyncStatus.SYNCED))
    fill(store, records, merge("1", SyncStatus.CONFLICT, SyncStatus.ERROR))
    assert listed(store, RecordFilter(SyncStatus.ERROR)) == []
    assert listed(store, RecordFilter(SyncStatus.CONFLICT)) == ["1"]


def test_a_mention_that_nobody_took_back_is_seen_through(store: RecordStore, records: RecordSet) -> None:
    fill(store, records, create("1"), merge("1", SyncStatus.ERROR, SyncStatus.SYNCED))
    fill(store, records, merge("1", SyncStatus.SYNCED, None))
    assert listed(store, RecordFilter(SyncStatus.ERROR)) == []
    assert listed(store, RecordFilter(SyncStatus.ERROR)) == []


def test_an_edit_that_waits_is_listed_until_it_is_done(store: RecordStore, records: RecordSet) -> None:
    created = store.create(records, Record("1", {}, sync_status=SyncStatus.PENDING))
    assert listed(store, RecordFilter(SyncStatus.PENDING)) == ["1"]
    store.save(SET, replace(created, sync_status=SyncStatus.SYNCED))
    assert listed(store, RecordFilter(SyncStatus.PENDING)) == []


def test_an_edit_may_put_a_record_in_conflict(store: RecordStore, records: RecordSet) -> None:
    created = store.create(records, Record("1", {}))
    store.save(SET, replace(created, sync_status=SyncStatus.CONFLICT))
    assert listed(store, RecordFilter(SyncStatus.CONFLICT)) == ["1"]


def test_records_are_listed_by_the_time_of_their_last_sync(store: RecordStore, records: RecordSet) -> None:
    for number, hours in ((1, -1), (2, 0), (3, 1)):
        fill(store, records, create(str(number)), written_at=NOW + hours * HOUR)
    store.create(records, Record("9", {}))
    assert sorted(listed(store, RecordFilter(updated_since=NOW))) == ["2", "3"]


def test_a_time_before_all_that_a_table_takes_keeps_every_synced_record(store: RecordStore, records: RecordSet) -> None:
    fill(store, records, create("1"))
    assert listed(store, RecordFilter(updated_since=datetime(1, 1, 2, tzinfo=UTC))) == ["1"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ACME", ["1"]), ("n-7", ["2"]), ("se556", ["2"]), ("@acme.", ["1"]), ("BC-", ["bc-3"]), ("zz", [])],
)
def test_a_text_is_found_in_name_number_tax_id_email_and_id(
    store: RecordStore, records: RecordSet, text: str, expected: list[str]
) -> None:
    for external_id, fields in (
        ("1", {"name": "Acme Ltd", "email": "Info@Acme.example"}),
        ("2", {"number": "N-77", "taxId": "SE556"}),
        ("bc-3", {"city": "zz"}),
    ):
        store.create(records, Record(external_id, dict(fields)))
    assert listed(store, RecordFilter(text=text)) == expected


def searched(store: RecordStore, which: RecordFilter, limit: int = 99) -> list[list[str]]:
    """Return what each page of a search finds."""
    page = store.list(SET, which, cursor=None, limit=limit)
    pages = [page]
    while page.cursor is not None:
        page = store.list(SET, which, cursor=page.cursor, limit=limit)
        pages.append(page)
    return [[row.external_id for row in each.items] for each in pages]


def test_a_page_of_a_search_looks_at_so_many_records_and_no_more(store: RecordStore, records: RecordSet) -> None:
    fill(store, records, *map(create, ids(12)))
    assert searched(store, RecordFilter(text="nothing", reach=5)) == [[], [], []]


@pytest.mark.parametrize("status", [None, SyncStatus.PENDING])
@pytest.mark.parametrize("limit", [1, 2, 99])
def test_the_pages_of_a_search_hold_every_match_once(
    store: RecordStore, records: RecordSet, status: SyncStatus | None, limit: int
) -> None:
    for number in range(12):
        store.create(records, Record(str(number), {"name": f"Nr {number % 3}"}, status or SyncStatus.SYNCED))
    found = searched(store, RecordFilter(status, text="nr 1", reach=5), limit)
    assert sorted(each for page in found for each in page) == ["1", "10", "4", "7"]


def test_a_search_that_reaches_the_end_is_the_last(store: RecordStore, records: RecordSet) -> None:
    fill(store, records, *map(create, ids(4)))
    assert searched(store, RecordFilter(text="name", reach=5), 2) == [listed(store, ALL)[:2], listed(store, ALL)[2:]]


def test_the_records_of_one_keeper_are_those_of_its_company_and_those_made_through_it(
    store: RecordStore, records: RecordSet
) -> None:
    fill(store, records, create("ours"), integration_id="int-2")
    fill(store, records, create("theirs"), source="elsewhere", integration_id="int-2")
    fill(store, records, create("once ours"), source="elsewhere")
    for name, integration_id in (("made here", "int-1"), ("made there", "int-2")):
        store.create(records, Record(name, {}, integration_id=integration_id))
    assert sorted(listed(store, OURS)) == ["made here", "once ours", "ours"]


def test_pages_of_one_keeper_are_full_whatever_lies_between(store: RecordStore, records: RecordSet) -> None:
    near = neighbours(records, 90)
    theirs, mine = [name for index, name in enumerate(near) if index % 18], near[::18]
    store.commit(records, bucket_write(records, *map(create, theirs), source="theirs", integration_id="int-2"))
    store.commit(records, bucket_write(records, *map(create, mine)))
    assert listed(store, OURS, limit=2) == [name for name in listed(store, ALL) if name in mine]


@pytest.mark.parametrize("status", [SyncStatus.ERROR, SyncStatus.SYNCED])
def test_pages_of_one_keeper_by_status_are_full_whatever_lies_between(
    store: RecordStore, records: RecordSet, status: SyncStatus
) -> None:
    for number in range(110):
        owner = ("int-1", SOURCE) if number in {0, 1, 107, 108, 109} else ("int-2", "theirs")
        store.create(records, Record(f"{number:03d}", {}, status, *owner))
    assert sorted(listed(store, replace(OURS, status=status), limit=2)) == ["000", "001", "107", "108", "109"]


def test_a_page_of_one_keeper_that_ends_with_its_last_record_is_the_last(
    store: RecordStore, records: RecordSet
) -> None:
    for number in range(20):
        store.create(records, Record(str(number), {}, integration_id="int-1" if number < 4 else "int-2"))
    first = store.list(SET, OURS, cursor=None, limit=2)
    second = store.list(SET, OURS, cursor=first.cursor, limit=2)
    assert (len(first.items), len(second.items), second.cursor) == (2, 2, None)


def test_filters_are_combined(store: RecordStore, records: RecordSet) -> None:
    fill(store, records, create("1"), create("2"))
    fill(store, records, *(merge(each, SyncStatus.ERROR, SyncStatus.SYNCED) for each in ("1", "2")))
    assert listed(store, RecordFilter(SyncStatus.ERROR, NOW, "name 2")) == ["2"]


def test_a_cursor_of_another_filter_is_refused(store: RecordStore, records: RecordSet) -> None:
    fill(store, records, *map(create, ids(3)))
    cursor = store.list(SET, ALL, cursor=None, limit=1).cursor
    with pytest.raises(InvalidError) as caught:
        store.list(SET, RecordFilter(SyncStatus.SYNCED), cursor=cursor, limit=1)
    assert caught.value.code == "INVALID_CURSOR"
