"""LinkStore, in memory and in tables: links of contracts, their open conflicts, and contracts being made."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from mapping.stored import to_stored
from mapping.values import Typed
from sync.model.contract_link import Birth, ContractLink, FieldMemory, OpenConflict, agreed_on
from sync.model.errors import InvalidError, KeyTakenError, StaleRecordError
from sync.model.field_sync import NO_BASE, Action, Write
from sync.ports import LINK_BUCKETS
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW

MINUTE = timedelta(minutes=1)
NEIGHBOURS = ["int-10", "int-1_0", "int-1_r0", "int-1_x", "int-", "INT-1", "int-1!", "h_int-1", "int/1"]
"""Ids that begin as another one does, or look like a part of its keys."""
VALUES: tuple[Typed, ...] = (
    None,
    "",
    "Größe\n",
    7,
    2**60,
    Decimal("12.340"),
    True,
    date(2026, 2, 28),
    datetime(2026, 2, 28, 9, 30, tzinfo=UTC),
    datetime(2026, 2, 28, 9, 30),  # noqa: DTZ001 - what a clock on the wall shows
)


def link(number: int = 1, **changes: Any) -> ContractLink:
    told = {"integration_id": "int-1", "entity": "opportunity", "record_id": "r-1", "name": "Deal", "state": "draft"}
    if "created_at" not in changes:
        changes["created_at"] = NOW + number * MINUTE
    return ContractLink(contract_id=number, **{**told, **changes})


def birth(**changes: Any) -> Birth:
    told = {"integration_id": "int-1", "entity": "opportunity", "record_id": "r-1", "workspace_id": 1}
    return Birth(**{**told, "template_id": 2, "name": "Deal", "started_at": NOW, **changes})


def contested(*keys: str, at: datetime = NOW) -> dict[str, FieldMemory]:
    return {key: FieldMemory(conflict=OpenConflict(at, to_stored("a"), to_stored(None))) for key in keys}


def numbers(stores: Stores, integration_id: str = "int-1") -> list[int]:
    page = stores.links.list(integration_id, cursor=None, limit=200)
    return [each.contract_id for each in page.items]


def disputes(stores: Stores, integration_id: str = "int-1") -> list[tuple[int, str]]:
    page = stores.links.contested(integration_id, cursor=None, limit=200)
    return [(each.link.contract_id, each.key) for each in page.items]


def of_record(stores: Stores, entity: str = "opportunity", record_id: str = "r-1") -> list[int]:
    return [each.contract_id for each in stores.links.of_record("int-1", entity, record_id)]


def is_made(stores: Stores, made: ContractLink) -> bool:
    try:
        stores.links.create(made)
    except KeyTakenError:
        return False
    return True


def test_an_integration_begins_without_links(stores: Stores) -> None:
    assert (stores.links.get("int-1", 1), numbers(stores), of_record(stores), disputes(stores)) == (None, [], [], [])


def test_a_link_is_read_back_whole_with_its_version(stores: Stores) -> None:
    whole = link(
        2**53,
        created_at=NOW,
        lifecycle_state="active",
        template_id=7,
        workspace_id=1,
        last_pushed_at=NOW,
        last_fetched_at=NOW + HOUR,
        seen_at=NOW - HOUR,
        people={"participant.name": "Åsa"},
        fields={"a/b/c>d'\\": replace(agreed_on("x"), writes=(Write(Action.TO_ONEFLOW, NOW),)), **contested("e")},
    )
    saved = stores.links.create(whole)
    assert (saved, bool(saved.version)) == (replace(whole, version=saved.version), True)
    assert stores.links.get("int-1", 2**53) == saved


@pytest.mark.parametrize("value", VALUES)
def test_a_base_of_any_type_is_read_back_as_it_was(stores: Stores, value: Typed) -> None:
    stores.links.create(link(fields={"f": agreed_on(value)}))
    found = stores.links.get("int-1", 1)
    assert found is not None
    assert (found.memory("f").value, type(found.memory("f").value)) == (value, type(value))


def test_no_base_is_something_else_than_an_empty_one(stores: Stores) -> None:
    stores.links.create(link(fields={"empty": agreed_on(None), "none": FieldMemory()}))
    found = stores.links.get("int-1", 1)
    assert found is not None
    assert [found.memory(key).value for key in ("empty", "none", "never")] == [None, NO_BASE, NO_BASE]


def test_a_link_with_much_text_is_read_back_whole(stores: Stores) -> None:
    saved = stores.links.create(link(fields={f"f{number}": agreed_on("ö" * 1024) for number in range(150)}))
    assert stores.links.get("int-1", 1) == saved


def test_a_second_link_of_a_contract_is_refused_and_changes_nothing(stores: Stores) -> None:
    first = stores.links.create(link(fields=contested("a")))
    with pytest.raises(KeyTakenError):
        stores.links.create(link(created_at=NOW, name="Another", fields=contested("b")))
    assert stores.links.list("int-1", cursor=None, limit=9).items == (first,)
    assert (of_record(stores), disputes(stores)) == ([1], [(1, "a")])


def test_a_refused_second_link_of_another_record_leads_nowhere(stores: Stores) -> None:
    stores.links.create(link())
    assert not is_made(stores, link(record_id="r-2"))
    assert (of_record(stores), of_record(stores, record_id="r-2")) == ([1], [])


def test_of_many_links_of_one_contract_one_is_stored(stores: Stores) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda at: is_made(stores, link(created_at=NOW + at * HOUR)), range(8)))
    assert (made.count(True), numbers(stores), of_record(stores)) == (1, [1], [1])


def test_a_saved_link_replaces_the_one_before(stores: Stores) -> None:
    first = stores.links.create(link(fields={"f": agreed_on(1)}))
    second = stores.links.save(replace(first, state="signed", fields={}))
    assert (stores.links.get("int-1", 1), second.version == first.version) == (second, False)


def test_the_second_of_two_writers_is_told_and_changes_nothing(stores: Stores) -> None:
    seen = stores.links.create(link())
    first = stores.links.save(replace(seen, state="pending"))
    with pytest.raises(StaleRecordError):
        stores.links.save(replace(seen, state="signed", fields=contested("a")))
    assert (stores.links.get("int-1", 1), disputes(stores)) == (first, [])


def test_a_link_that_is_gone_cannot_be_replaced(stores: Stores) -> None:
    seen = stores.links.create(link())
    stores.links.clear("int-1")
    with pytest.raises(StaleRecordError):
        stores.links.save(seen)
    assert (stores.links.get("int-1", 1), numbers(stores)) == (None, [])


def test_links_are_listed_newest_first_page_by_page(stores: Stores) -> None:
    for number in (3, 11, 2, 7, 5):
        stores.links.create(link(number))
    first = stores.links.list("int-1", cursor=None, limit=3)
    second = stores.links.list("int-1", cursor=first.cursor, limit=3)
    assert [each.contract_id for each in (*first.items, *second.items)] == [11, 7, 5, 3, 2]
    assert (len(first.items), second.cursor) == (3, None)


def test_links_of_one_moment_are_all_listed(stores: Stores) -> None:
    for number in range(5):
        stores.links.create(link(number, created_at=NOW))
    first = stores.links.list("int-1", cursor=None, limit=2)
    second = stores.links.list("int-1", cursor=first.cursor, limit=9)
    assert sorted(each.contract_id for each in (*first.items, *second.items)) == list(range(5))


def test_a_cursor_serves_only_its_own_listing(stores: Stores) -> None:
    for number in (1, 2):
        stores.links.create(link(number))
    cursor = stores.links.list("int-1", cursor=None, limit=1).cursor
    with pytest.raises(InvalidError):
        stores.links.list("int-2", cursor=cursor, limit=1)
    with pytest.raises(InvalidError):
        stores.links.contested("int-1", cursor=cursor, limit=1)


def test_the_contracts_of_a_record_come_newest_first(stores: Stores) -> None:
    for number, record_id in ((1, "r-1"), (3, "r-1"), (2, "r-1"), (4, "r-10")):
        stores.links.create(link(number, record_id=record_id))
    stores.links.create(link(5, integration_id="int-2"))
    assert of_record(stores) == [3, 2, 1]


@pytest.mark.parametrize("record_id", ["", "r 1", "r/1#?\\", "å" * 300, "r_1", "birth_opportunity_r-1"])
def test_a_record_may_have_any_id(stores: Stores, record_id: str) -> None:
    stores.links.create(link(record_id=record_id))
    stores.links.expect(birth(record_id=record_id))
    assert (of_record(stores, record_id=record_id), of_record(stores)) == ([1], [])


def test_records_whose_keys_look_alike_are_told_apart(stores: Stores) -> None:
    stores.links.create(link(1, entity="new_a", record_id="b_c"))
    stores.links.create(link(2, entity="new_a_b", record_id="c"))
    assert (of_record(stores, "new_a", "b_c"), of_record(stores, "new_a_b", "c")) == ([1], [2])


def test_a_table_named_birth_is_a_table_like_others(stores: Stores) -> None:
    for number in range(300):
        stores.links.expect(birth(entity="opportunity", record_id=f"{number}"))
    assert of_record(stores, "birth", "opportunity") == []


def test_every_link_comes_once_bucket_after_bucket(stores: Stores) -> None:
    made = [LINK_BUCKETS - 1, LINK_BUCKETS, LINK_BUCKETS + 1, 7, 7 + LINK_BUCKETS]
    for number in made:
        stores.links.create(link(number, fields=contested("a")))
    stores.links.create(link(8, integration_id="int-2"))
    stores.links.expect(birth())
    found = [each.contract_id for each in stores.links.every("int-1")]
    assert sorted(found) == sorted(made)
    assert [each % LINK_BUCKETS for each in found] == sorted(each % LINK_BUCKETS for each in found)


def test_every_link_tells_a_version_that_can_be_saved(stores: Stores) -> None:
    stores.links.create(link(7))
    (found,) = stores.links.every("int-1")
    stores.links.save(replace(found, state="pending"))
    assert [each.state for each in stores.links.every("int-1")] == ["pending"]


def test_open_conflicts_come_latest_first_page_by_page(stores: Stores) -> None:
    early, late = contested("a", at=NOW), contested("b", at=NOW + 2 * HOUR)
    stores.links.create(link(1, fields=early | late))
    stores.links.create(link(2, fields=contested("c", at=NOW + HOUR)))
    first = stores.links.contested("int-1", cursor=None, limit=2)
    second = stores.links.contested("int-1", cursor=first.cursor, limit=2)
    assert [(each.link.contract_id, each.key) for each in (*first.items, *second.items)] == [
        (1, "b"),
        (2, "c"),
        (1, "a"),
    ]
    assert (len(first.items), second.cursor) == (2, None)


def test_conflicts_of_one_moment_are_all_listed(stores: Stores) -> None:
    for number in (1, 2):
        stores.links.create(link(number, fields=contested("a", "b", "c>d")))
    assert sorted(disputes(stores)) == [(number, key) for number in (1, 2) for key in ("a", "b", "c>d")]


def test_a_conflict_is_listed_from_the_save_that_meets_it_to_the_one_that_resolves_it(stores: Stores) -> None:
    quiet = stores.links.create(link())
    met = stores.links.save(replace(quiet, fields=contested("a", "b")))
    before = sorted(disputes(stores))
    stores.links.save(replace(met, fields={"a": agreed_on("x"), **contested("b")}))
    assert (before, disputes(stores)) == ([(1, "a"), (1, "b")], [(1, "b")])


def test_a_conflict_that_is_met_again_is_listed_once_at_its_new_place(stores: Stores) -> None:
    first = stores.links.create(link(1, fields=contested("a")))
    stores.links.create(link(2, fields=contested("b", at=NOW + HOUR)))
    stores.links.save(replace(first, fields=contested("a", at=NOW + 2 * HOUR)))
    assert disputes(stores) == [(1, "a"), (2, "b")]


def test_a_listed_conflict_has_the_link_as_it_is_now(stores: Stores) -> None:
    first = stores.links.create(link(fields=contested("a")))
    second = stores.links.save(replace(first, state="pending"))
    (found,) = stores.links.contested("int-1", cursor=None, limit=9).items
    assert found.link == second


def test_a_contract_that_is_being_made_is_remembered_until_it_is_settled(stores: Stores) -> None:
    made = birth(key_field="record_id")
    stores.links.expect(made)
    before = stores.links.expected("int-1", "opportunity", "r-1")
    stores.links.settle(made)
    stores.links.settle(made)
    assert (before, stores.links.expected("int-1", "opportunity", "r-1")) == (made, None)


def test_a_record_is_expected_to_get_one_contract_at_a_time(stores: Stores) -> None:
    stores.links.expect(birth())
    stores.links.expect(birth(name="Later", started_at=NOW + HOUR))
    found = stores.links.expected("int-1", "opportunity", "r-1")
    assert found == birth(name="Later", started_at=NOW + HOUR)


@pytest.mark.parametrize(
    "other",
    [("int-2", "opportunity", "r-1"), ("int-1", "quote", "r-1"), ("int-1", "opportunity", "r-10")],
)
def test_what_is_expected_for_one_record_says_nothing_of_others(stores: Stores, other: tuple[str, str, str]) -> None:
    stores.links.expect(birth())
    assert stores.links.expected(*other) is None


def test_births_whose_keys_look_alike_are_told_apart(stores: Stores) -> None:
    stores.links.expect(birth(entity="new_a", record_id="b_c"))
    assert stores.links.expected("int-1", "new_a_b", "c") is None


def test_a_contract_that_is_being_made_is_no_link(stores: Stores) -> None:
    stores.links.expect(birth())
    assert (numbers(stores), of_record(stores)) == ([], [])


@pytest.mark.parametrize("other", NEIGHBOURS)
def test_clearing_forgets_everything_of_one_integration_only(stores: Stores, other: str) -> None:
    for integration_id in ("int-1", other):
        stores.links.create(link(integration_id=integration_id, fields=contested("a")))
        stores.links.expect(birth(integration_id=integration_id))
    stores.links.clear("int-1")
    stores.links.clear("int-none")
    gone = (numbers(stores), disputes(stores), stores.links.expected("int-1", "opportunity", "r-1"))
    assert (gone, list(stores.links.every("int-1"))) == (([], [], None), [])
    kept = (numbers(stores, other), disputes(stores, other), stores.links.expected(other, "opportunity", "r-1"))
    assert kept == ([1], [(1, "a")], birth(integration_id=other))
