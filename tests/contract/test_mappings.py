"""MappingStore, in memory and in tables."""

from typing import Any

import pytest

from sync.model.errors import InvalidError, StaleRecordError
from sync.model.mapping import MappingVersion
from tests.contract.conftest import Stores
from tests.contract.kit import NOW, OWNER, PRODUCTS, SUPPLIERS

DOCUMENT: dict[str, Any] = {"source": {"route": "v2.0"}, "fields": [{"source": None, "default": [1, "ü"]}]}


def version(number: int, **changes: Any) -> MappingVersion:
    told = {"integration_id": "int-1", "entity": SUPPLIERS, "document": DOCUMENT, "saved_at": NOW}
    return MappingVersion(version=number, **{**told, **changes})


def test_an_untouched_integration_has_no_versions(stores: Stores) -> None:
    assert dict(stores.mappings.current("int-1")) == {}
    assert stores.mappings.get("int-1", SUPPLIERS, 1) is None
    assert stores.mappings.list("int-1", SUPPLIERS, cursor=None, limit=9).items == ()


def test_a_version_is_read_back_whole(stores: Stores) -> None:
    saved = version(2, saved_by=OWNER.user_id, restored_from=1)
    stores.mappings.add(saved)
    assert stores.mappings.get("int-1", SUPPLIERS, 2) == saved


def test_a_long_document_is_read_back_whole(stores: Stores) -> None:
    saved = version(2, document={"text": "ö" * 100_000})
    stores.mappings.add(saved)
    assert stores.mappings.get("int-1", SUPPLIERS, 2) == saved


def test_the_newest_version_of_each_entity_type_is_the_current_one(stores: Stores) -> None:
    stores.mappings.add(version(1), version(2))
    stores.mappings.add(version(1, entity=PRODUCTS), version(2, entity=PRODUCTS))
    stores.mappings.add(version(3))
    assert dict(stores.mappings.current("int-1")) == {SUPPLIERS: 3, PRODUCTS: 2}


def test_a_number_that_is_taken_is_refused_and_nothing_is_stored(stores: Stores) -> None:
    stores.mappings.add(version(1), version(2))
    with pytest.raises(StaleRecordError):
        stores.mappings.add(version(2, saved_by="other"), version(3))
    assert dict(stores.mappings.current("int-1")) == {SUPPLIERS: 2}
    assert (stores.mappings.get("int-1", SUPPLIERS, 2), stores.mappings.get("int-1", SUPPLIERS, 3)) == (
        version(2),
        None,
    )


def test_versions_are_listed_newest_first_page_by_page(stores: Stores) -> None:
    stores.mappings.add(*(version(number) for number in range(1, 12)))
    stores.mappings.add(version(1, entity=PRODUCTS))
    first = stores.mappings.list("int-1", SUPPLIERS, cursor=None, limit=7)
    second = stores.mappings.list("int-1", SUPPLIERS, cursor=first.cursor, limit=7)
    assert [each.version for each in (*first.items, *second.items)] == list(range(11, 0, -1))
    assert (len(first.items), second.cursor) == (7, None)


def test_a_cursor_serves_only_its_own_listing(stores: Stores) -> None:
    stores.mappings.add(version(1), version(2))
    cursor = stores.mappings.list("int-1", SUPPLIERS, cursor=None, limit=1).cursor
    with pytest.raises(InvalidError):
        stores.mappings.list("int-1", PRODUCTS, cursor=cursor, limit=1)


def test_clearing_forgets_all_of_one_integration(stores: Stores) -> None:
    for integration_id in ("int-1", "int-2"):
        stores.mappings.add(version(1, integration_id=integration_id))
        stores.mappings.add(version(1, integration_id=integration_id, entity=PRODUCTS))
    stores.mappings.clear("int-1")
    stores.mappings.clear("int-none")
    assert (dict(stores.mappings.current("int-1")), stores.mappings.get("int-1", PRODUCTS, 1)) == ({}, None)
    assert dict(stores.mappings.current("int-2")) == {SUPPLIERS: 1, PRODUCTS: 1}
