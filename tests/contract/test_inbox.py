"""ListenerStore and InboxStore, in memory and in tables."""

from dataclasses import replace
from typing import Any

import pytest

from sync.model.errand import Errand, Listener, Walk
from sync.model.errors import KeyTakenError, StaleRecordError
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW


def listener(integration_id: str = "int-1", **changes: Any) -> Listener:
    return replace(Listener(integration_id, NOW, "https://hub.example", "secret-1", "ab", 7), **changes)


def errand(callback_id: str = "a", integration_id: str = "int-1", **changes: Any) -> Errand:
    return replace(Errand(integration_id, 101, callback_id, NOW, NOW), **changes)


def ids(errands: tuple[Errand, ...]) -> set[tuple[str, str]]:
    return {(each.integration_id, each.callback_id) for each in errands}


def test_a_listener_is_read_back_as_it_was_stored(stores: Stores) -> None:
    made = stores.listeners.create(listener())
    assert stores.listeners.get("int-1") == made == replace(listener(), version=made.version)


def test_an_integration_has_one_listener(stores: Stores) -> None:
    stores.listeners.create(listener())
    with pytest.raises(KeyTakenError):
        stores.listeners.create(listener())


def test_a_listener_is_replaced(stores: Stores) -> None:
    saved = stores.listeners.save(replace(stores.listeners.create(listener()), hook_id=None, failures=2))
    assert stores.listeners.get("int-1") == saved


def test_the_second_of_two_writers_of_a_listener_is_told(stores: Stores) -> None:
    made = stores.listeners.create(listener())
    stores.listeners.save(made)
    with pytest.raises(StaleRecordError):
        stores.listeners.save(made)


def test_a_listener_that_is_gone_is_not_saved(stores: Stores) -> None:
    made = stores.listeners.create(listener())
    for _ in range(2):
        stores.listeners.delete("int-1")
    assert stores.listeners.get("int-1") is None
    with pytest.raises(StaleRecordError):
        stores.listeners.save(made)


def test_listeners_are_due_from_their_moment_on(stores: Stores) -> None:
    for number, at in enumerate((NOW - HOUR, NOW, NOW + HOUR)):
        stores.listeners.create(listener(f"int-{number}", look_at=at))
    assert {each.integration_id for each in stores.listeners.due(NOW, limit=9)} == {"int-0", "int-1"}
    assert len(stores.listeners.due(NOW, limit=1)) == 1


def test_an_errand_waits_as_it_was_accepted(stores: Stores) -> None:
    stores.inbox.accept(errand(contract_id=2**53, trouble="X"))
    (found,) = stores.inbox.due(NOW, limit=9)
    assert replace(found, version="") == errand(contract_id=2**53, trouble="X")


def test_the_same_notice_has_one_errand(stores: Stores) -> None:
    stores.inbox.accept(errand())
    stores.inbox.accept(errand(contract_id=7))
    assert [each.contract_id for each in stores.inbox.due(NOW, limit=9)] == [101]


def test_the_same_callback_id_of_another_integration_is_another_notice(stores: Stores) -> None:
    stores.inbox.accept(errand())
    stores.inbox.accept(errand(integration_id="int-10"))
    assert ids(stores.inbox.due(NOW, limit=9)) == {("int-1", "a"), ("int-10", "a")}


def test_errands_are_due_from_their_moment_on(stores: Stores) -> None:
    for number, at in enumerate((NOW - HOUR, NOW, NOW + HOUR)):
        stores.inbox.accept(errand(str(number), due_at=at))
    assert ids(stores.inbox.due(NOW, limit=9)) == {("int-1", "0"), ("int-1", "1")}
    assert len(stores.inbox.due(NOW, limit=1)) == 1


def test_an_errand_is_put_off(stores: Stores) -> None:
    stores.inbox.accept(errand())
    (known,) = stores.inbox.due(NOW, limit=9)
    later = stores.inbox.put_off(replace(known, due_at=NOW + HOUR, attempts=1))
    assert stores.inbox.due(NOW, limit=9) == ()
    assert stores.inbox.due(NOW + HOUR, limit=9) == (later,)


def test_an_errand_that_was_put_off_by_another_or_is_done_is_not_put_off(stores: Stores) -> None:
    stores.inbox.accept(errand())
    (known,) = stores.inbox.due(NOW, limit=9)
    stores.inbox.put_off(known)
    with pytest.raises(StaleRecordError):
        stores.inbox.put_off(known)
    stores.inbox.settle([known], now=NOW)
    with pytest.raises(StaleRecordError):
        stores.inbox.put_off(known)


def test_a_notice_is_done_once_its_errand_is_settled(stores: Stores) -> None:
    stores.inbox.accept(errand())
    assert not stores.inbox.is_done("int-1", "a")
    for _ in range(2):
        stores.inbox.settle([errand(), errand("b")], now=NOW)
    assert [stores.inbox.is_done("int-1", each) for each in "abc"] == [True, True, False]
    assert stores.inbox.due(NOW, limit=9) == ()


def test_nothing_to_settle_is_no_trouble(stores: Stores) -> None:
    stores.inbox.settle([], now=NOW)
    assert stores.inbox.due(NOW, limit=9) == ()


def test_errands_of_one_integration_are_forgotten_and_only_those(stores: Stores) -> None:
    for name in ("int-1", "int-10", "å/1"):
        stores.inbox.accept(errand(integration_id=name))
    stores.inbox.clear("int-1")
    stores.inbox.clear("å/1")
    assert ids(stores.inbox.due(NOW, limit=9)) == {("int-10", "a")}


def test_what_was_done_long_ago_is_forgotten(stores: Stores) -> None:
    stores.inbox.settle([errand("old"), errand("older")], now=NOW - HOUR)
    stores.inbox.settle([errand("new")], now=NOW)
    assert stores.inbox.prune(NOW, limit=1) == 1
    assert stores.inbox.prune(NOW, limit=9) == 1
    assert [stores.inbox.is_done("int-1", each) for each in ("old", "older", "new")] == [False, False, True]


def test_the_last_walk_is_remembered(stores: Stores) -> None:
    assert stores.inbox.walk("int-1") is None
    stores.inbox.note_walk(Walk("int-1", NOW - HOUR))
    stores.inbox.note_walk(Walk("int-1", NOW, 7))
    assert stores.inbox.walk("int-1") == Walk("int-1", NOW, 7)


def test_a_walk_is_forgotten_with_the_errands(stores: Stores) -> None:
    for name in ("int-1", "int-10"):
        stores.inbox.note_walk(Walk(name, NOW))
    stores.inbox.clear("int-1")
    assert [stores.inbox.walk(each) for each in ("int-1", "int-10")] == [None, Walk("int-10", NOW)]
