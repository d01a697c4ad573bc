"""Links in Azure Tables when something happens between two of their rows: nothing is lost or told twice."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sync.model.contract_link import Birth, ContractLink, FieldMemory, OpenConflict
from sync.model.errors import RetryLaterError, StaleRecordError
from sync.storage.links import TableLinkStore
from sync.storage.tables import Entity, Tables
from tests.contract.kit import NOW

pytestmark = pytest.mark.azurite

IN_CONFLICT = {"f": FieldMemory(conflict=OpenConflict(NOW, None, {"text": "x"}))}
LINK = ContractLink("int-1", 1, "quote", "r-1", "Deal", "draft", NOW)


class Between(Tables):
    """Tables where something else happens right before a link's own row is written."""

    def __init__(self, tables: Tables, happens: Callable[[], Any]) -> None:
        self._tables = tables
        self._happens = happens

    def __getattribute__(self, name: str) -> Any:
        if name in {"insert", "replace", "_tables", "_happens"}:
            return object.__getattribute__(self, name)
        return getattr(object.__getattribute__(self, "_tables"), name)

    def insert(self, table: str, entity: Entity) -> str:
        self._happens()
        return self._tables.insert(table, entity)

    def replace(self, table: str, entity: Entity, *, etag: str) -> str:
        self._happens()
        return self._tables.replace(table, entity, etag=etag)


def die() -> None:
    raise RetryLaterError("The process ended here", delay=0)


def told(store: TableLinkStore) -> tuple[int, int, int]:
    """Return how many links are listed, how many the record has, and how many conflicts are open."""
    listed = store.list("int-1", cursor=None, limit=9).items
    return len(listed), len(store.of_record("int-1", "quote", "r-1")), len(disputes(store))


def disputes(store: TableLinkStore) -> list[str]:
    return [each.key for each in store.contested("int-1", cursor=None, limit=9).items]


def test_a_link_whose_making_died_half_way_is_not_there_and_can_be_made_again(tables: Tables) -> None:
    store, link = TableLinkStore(tables), replace(LINK, fields=IN_CONFLICT)
    with pytest.raises(RetryLaterError):
        TableLinkStore(Between(tables, die)).create(link)
    before = told(store)
    store.create(link)
    assert (before, told(store)) == ((0, 0, 0), (1, 1, 1))


def test_a_conflict_whose_save_died_half_way_is_not_open(tables: Tables) -> None:
    store = TableLinkStore(tables)
    made = store.create(LINK)
    with pytest.raises(RetryLaterError):
        TableLinkStore(Between(tables, die)).save(replace(made, fields=IN_CONFLICT))
    assert told(store) == (1, 1, 0)


def test_a_conflict_whose_resolving_died_half_way_is_still_open(tables: Tables) -> None:
    store = TableLinkStore(tables)
    made = store.create(replace(LINK, fields=IN_CONFLICT))
    with pytest.raises(RetryLaterError):
        TableLinkStore(Between(tables, die)).save(replace(made, fields={}))
    assert disputes(store) == ["f"]


def test_of_two_who_save_a_link_at_once_the_slower_is_told_and_leaves_no_trace(tables: Tables) -> None:
    store = TableLinkStore(tables)
    made = store.create(LINK)
    slower = TableLinkStore(Between(tables, lambda: store.save(replace(made, state="signed"))))
    with pytest.raises(StaleRecordError):
        slower.save(replace(made, fields=IN_CONFLICT))
    found = store.get("int-1", 1)
    assert found is not None
    assert (found.state, told(store)) == ("signed", (1, 1, 0))


def test_a_conflict_that_the_faster_one_meets_stays_when_the_slower_is_told(tables: Tables) -> None:
    store = TableLinkStore(tables)
    made = store.create(LINK)
    slower = TableLinkStore(Between(tables, lambda: store.save(replace(made, fields=IN_CONFLICT))))
    with pytest.raises(StaleRecordError):
        slower.save(replace(made, state="signed"))
    assert disputes(store) == ["f"]


def rows(tables: Tables) -> int:
    """Return how many rows there are, whatever they are for."""
    return len(list(tables.query("Links", "PartitionKey gt @low", {"low": ""})))


def test_a_resolved_conflict_leaves_no_row_behind(tables: Tables) -> None:
    store = TableLinkStore(tables)
    made = store.create(LINK)
    before = rows(tables)
    met = store.save(replace(made, fields=IN_CONFLICT))
    store.save(replace(met, fields={}))
    assert rows(tables) == before


def test_a_stale_save_leaves_no_row_behind(tables: Tables) -> None:
    store = TableLinkStore(tables)
    seen = store.create(LINK)
    store.save(seen)
    before = rows(tables)
    with pytest.raises(StaleRecordError):
        store.save(replace(seen, fields=IN_CONFLICT))
    assert rows(tables) == before


def test_clearing_leaves_no_row_behind(tables: Tables) -> None:
    store = TableLinkStore(tables)
    store.create(replace(LINK, fields=IN_CONFLICT))
    store.expect(Birth("int-1", "quote", "r-2", 1, 7, "Deal", NOW))
    store.clear("int-1")
    assert rows(tables) == 0
