"""EntityMappingStore, in memory and in tables."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.errors import KeyTakenError, StaleRecordError
from sync.model.field_sync import ConflictPolicy, Direction
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW, integration

PAIR = FieldPair(
    "account", "customerid", "name", "customer", Direction.TWO_WAY, ConflictPolicy.NEWEST_WINS, "Asia/Tokyo"
)
WHOLE = EntityMapping(
    "int-1",
    "opportunity",
    fields=(PAIR, FieldPair("opportunity", None, "name", "tøpic>/", Direction.ONCE)),
    template_id=2**53,
    workspace_id=1,
    products=True,
    key_field="record_id",
    updated_at=NOW,
)


def mapping(entity: str = "opportunity", integration_id: str = "int-1") -> EntityMapping:
    return EntityMapping(integration_id, entity)


def outcome(stores: Stores, made: EntityMapping) -> str:
    try:
        return stores.entity_mappings.create(made).version
    except KeyTakenError:
        return "taken"


def test_a_table_that_nobody_mapped_has_no_mapping(stores: Stores) -> None:
    assert stores.entity_mappings.get("int-1", "opportunity") is None
    assert stores.entity_mappings.list("int-1") == ()


def test_a_mapping_is_read_back_whole_with_its_version(stores: Stores) -> None:
    saved = stores.entity_mappings.create(WHOLE)
    assert saved == replace(WHOLE, version=saved.version)
    assert (stores.entity_mappings.get("int-1", "opportunity"), bool(saved.version)) == (saved, True)


def test_a_mapping_of_many_fields_is_read_back_whole(stores: Stores) -> None:
    many = tuple(replace(PAIR, column=f"new_column{number:04d}") for number in range(1000))
    saved = stores.entity_mappings.create(replace(WHOLE, fields=many))
    assert stores.entity_mappings.get("int-1", "opportunity") == saved


def test_a_second_first_mapping_is_refused_and_changes_nothing(stores: Stores) -> None:
    first = stores.entity_mappings.create(WHOLE)
    with pytest.raises(KeyTakenError):
        stores.entity_mappings.create(mapping())
    assert stores.entity_mappings.get("int-1", "opportunity") == first


def test_of_many_first_mappings_one_is_stored(stores: Stores) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda number: outcome(stores, replace(WHOLE, template_id=number)), range(8)))
    assert told.count("taken") == 7


def test_a_saved_mapping_replaces_the_one_before(stores: Stores) -> None:
    first = stores.entity_mappings.create(WHOLE)
    second = stores.entity_mappings.save(replace(first, fields=(), products=False, updated_at=NOW + HOUR))
    assert stores.entity_mappings.get("int-1", "opportunity") == second
    assert second.version != first.version


def test_the_second_of_two_writers_is_told_and_changes_nothing(stores: Stores) -> None:
    seen = stores.entity_mappings.create(WHOLE)
    first = stores.entity_mappings.save(replace(seen, template_id=1))
    with pytest.raises(StaleRecordError):
        stores.entity_mappings.save(replace(seen, template_id=2))
    assert stores.entity_mappings.get("int-1", "opportunity") == first


def test_a_mapping_that_is_gone_cannot_be_replaced(stores: Stores) -> None:
    seen = stores.entity_mappings.create(WHOLE)
    stores.entity_mappings.clear("int-1")
    with pytest.raises(StaleRecordError):
        stores.entity_mappings.save(seen)
    assert stores.entity_mappings.get("int-1", "opportunity") is None


@pytest.mark.parametrize("entity", ["new_Größe", "a/b#c?d\\e", "h_x", "x" * 200])
def test_a_table_may_have_any_name(stores: Stores, entity: str) -> None:
    saved = stores.entity_mappings.create(mapping(entity))
    assert stores.entity_mappings.get("int-1", entity) == saved
    assert stores.entity_mappings.list("int-1") == (saved,)


def test_mappings_are_listed_by_table(stores: Stores) -> None:
    for entity in ("quote", "ärende", "account", "z" * 200):
        stores.entity_mappings.create(mapping(entity))
    stores.entity_mappings.create(mapping("lead", "int-10"))
    assert [each.entity for each in stores.entity_mappings.list("int-1")] == ["account", "quote", "z" * 200, "ärende"]


@pytest.mark.parametrize("other", ["int-10", "int-1_0", "int-", "INT-1", "int-1_", "e_int-1"])
def test_clearing_forgets_all_of_one_integration(stores: Stores, other: str) -> None:
    for integration_id in ("int-1", other):
        stores.entity_mappings.create(mapping("quote", integration_id))
        stores.entity_mappings.create(mapping("lead", integration_id))
    stores.entity_mappings.clear("int-1")
    stores.entity_mappings.clear("int-none")
    assert stores.entity_mappings.list("int-1") == ()
    assert [each.entity for each in stores.entity_mappings.list(other)] == ["lead", "quote"]


def test_a_mapping_is_no_integration(stores: Stores) -> None:
    made = stores.integrations.create(integration())
    stores.entity_mappings.create(mapping(integration_id=made.id))
    page = stores.integrations.list(made.owner, cursor=None, limit=9)
    assert (page.items, tuple(stores.integrations.everyone())) == ((made,), (made,))
