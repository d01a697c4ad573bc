"""ListenerStore and InboxStore, in memory and in tables."""

from dataclasses import replace
from typing import Any

import pytest

from sync.model.errand import Errand, Listener, Walk
from sync.model.errors import KeyTakenError, StaleRecordError
from sync.model.run import RunTrigger
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW


def listener(integration_id: str = "int-1", **changes: Any) -> Listener:
    return replace(Listener(integration_id, NOW, "https://hub.example", "secret-1", "ab", 7), **changes)


def errand(contract_id: int = 101, integration_id: str = "int-1", **changes: Any) -> Errand:
    return replace(Errand(integration_id, contract_id, NOW, NOW), **changes)


def ids(errands: tuple[Errand, ...]) -> set[tuple[str, int]]:
    return {(each.integration_id, each.contract_id) for each in errands}


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


def test_an_integration_has_a_listener_of_its_own_with_either_system(stores: Stores) -> None:
    stores.listeners.create(listener())
    there = stores.ringers.save(replace(stores.ringers.create(listener()), token_digest="cd"))
    stores.listeners.delete("int-1")
    assert stores.listeners.due(NOW, limit=9) == ()
    assert stores.ringers.due(NOW, limit=9) == (there,)
    assert stores.ringers.get("int-1") == there


def test_an_errand_waits_as_it_was_asked_for(stores: Stores) -> None:
    wanted = errand(2**53, trigger=RunTrigger.TIMER, trouble="X")
    stores.inbox.ask(wanted)
    (found,) = stores.inbox.due(NOW, limit=9)
    assert replace(found, version="") == wanted


def test_a_contract_has_one_errand_the_latest_that_was_asked_for(stores: Stores) -> None:
    stores.inbox.ask(errand(attempts=3))
    stores.inbox.ask(errand())
    assert [each.attempts for each in stores.inbox.due(NOW, limit=9)] == [0]


def test_what_is_only_suggested_takes_nobodys_place(stores: Stores) -> None:
    stores.inbox.suggest(errand(attempts=3))
    stores.inbox.suggest(errand())
    assert [each.attempts for each in stores.inbox.due(NOW, limit=9)] == [3]


def test_errands_of_one_contract_wait_side_by_side_one_for_each_occasion(stores: Stores) -> None:
    for occasion in ("", "a", "b"):
        stores.inbox.ask(errand(occasion=occasion))
    stores.inbox.settle(next(each for each in stores.inbox.due(NOW, limit=9) if each.occasion == "a"))
    assert {each.occasion for each in stores.inbox.due(NOW, limit=9)} == {"", "b"}


def test_the_same_contract_of_another_integration_has_an_errand_of_its_own(stores: Stores) -> None:
    stores.inbox.ask(errand())
    stores.inbox.ask(errand(integration_id="int-10"))
    assert ids(stores.inbox.due(NOW, limit=9)) == {("int-1", 101), ("int-10", 101)}


def test_errands_are_due_from_their_moment_on(stores: Stores) -> None:
    for number, at in enumerate((NOW - HOUR, NOW, NOW + HOUR)):
        stores.inbox.ask(errand(number, due_at=at))
    assert ids(stores.inbox.due(NOW, limit=9)) == {("int-1", 0), ("int-1", 1)}
    assert len(stores.inbox.due(NOW, limit=1)) == 1


def test_errands_of_one_integration_are_due_from_their_moment_on(stores: Stores) -> None:
    for name in ("int-1", "int-10", "å/1"):
        for number, at in enumerate((NOW - HOUR, NOW, NOW + HOUR)):
            stores.inbox.ask(errand(number, name, due_at=at))
    for name in ("int-1", "å/1"):
        assert ids(stores.inbox.due_of(name, NOW, limit=9)) == {(name, 0), (name, 1)}
    assert len(stores.inbox.due_of("int-1", NOW, limit=1)) == 1


def test_the_errands_of_one_contract_are_found_whenever_they_are_due(stores: Stores) -> None:
    for occasion in ("", "a", "z"):
        stores.inbox.ask(errand(10, occasion=occasion, due_at=NOW + HOUR))
    for other in (errand(1), errand(100), errand(101), errand(10, "int-10")):
        stores.inbox.ask(other)
    found = stores.inbox.of_contract("int-1", 10)
    assert {(each.integration_id, each.contract_id) for each in found} == {("int-1", 10)}
    assert {each.occasion for each in found} == {"", "a", "z"}
    stores.inbox.settle(found[0])
    assert len(stores.inbox.of_contract("int-1", 10)) == 2


def test_an_errand_is_put_off(stores: Stores) -> None:
    stores.inbox.ask(errand())
    (known,) = stores.inbox.due(NOW, limit=9)
    later = stores.inbox.put_off(replace(known, due_at=NOW + HOUR, attempts=1))
    assert stores.inbox.due(NOW, limit=9) == ()
    assert stores.inbox.due(NOW + HOUR, limit=9) == (later,)


def test_an_errand_that_was_asked_for_anew_or_is_done_is_not_put_off(stores: Stores) -> None:
    stores.inbox.ask(errand())
    (known,) = stores.inbox.due(NOW, limit=9)
    stores.inbox.ask(errand())
    with pytest.raises(StaleRecordError):
        stores.inbox.put_off(known)
    (known,) = stores.inbox.due(NOW, limit=9)
    stores.inbox.settle(known)
    with pytest.raises(StaleRecordError):
        stores.inbox.put_off(known)


def test_a_settled_errand_waits_no_more(stores: Stores) -> None:
    stores.inbox.ask(errand())
    stores.inbox.ask(errand(7))
    (known,) = (each for each in stores.inbox.due(NOW, limit=9) if each.contract_id == 7)
    for _ in range(2):
        stores.inbox.settle(known)
    assert ids(stores.inbox.due(NOW, limit=9)) == {("int-1", 101)}


def test_an_errand_that_was_asked_for_anew_is_not_settled(stores: Stores) -> None:
    stores.inbox.ask(errand())
    (known,) = stores.inbox.due(NOW, limit=9)
    stores.inbox.ask(errand())
    stores.inbox.settle(known)
    assert ids(stores.inbox.due(NOW, limit=9)) == {("int-1", 101)}


def test_errands_of_one_integration_are_forgotten_and_only_those(stores: Stores) -> None:
    for name in ("int-1", "int-10", "å/1"):
        stores.inbox.ask(errand(integration_id=name))
    stores.inbox.clear("int-1")
    stores.inbox.clear("å/1")
    assert ids(stores.inbox.due(NOW, limit=9)) == {("int-10", 101)}


def test_a_notice_is_known_once_it_was_heard(stores: Stores) -> None:
    for _ in range(2):
        stores.inbox.hear("int-1", ("a",), now=NOW)
    known = [stores.inbox.is_heard(name, each) for name in ("int-1", "int-10") for each in "ab"]
    assert known == [True, False, False, False]


def test_notices_are_heard_together_and_those_heard_before_are_no_hindrance(stores: Stores) -> None:
    stores.inbox.hear("int-1", ("n7",), now=NOW - HOUR)
    stores.inbox.hear("int-1", [f"n{number}" for number in range(40)], now=NOW)
    assert all(stores.inbox.is_heard("int-1", f"n{number}") for number in range(40))
    assert stores.inbox.prune(NOW, limit=99) == 1


def test_hearing_nothing_changes_nothing(stores: Stores) -> None:
    stores.inbox.hear("int-1", (), now=NOW)
    assert stores.inbox.prune(NOW + HOUR, limit=99) == 0


def test_a_notice_that_is_heard_again_was_heard_when_it_was_first(stores: Stores) -> None:
    for at in (NOW - HOUR, NOW + HOUR):
        stores.inbox.hear("int-1", ("a",), now=at)
    assert stores.inbox.prune(NOW, limit=9) == 1


def test_what_was_heard_long_ago_is_forgotten(stores: Stores) -> None:
    for name, at in (("old", NOW - HOUR), ("older", NOW - 2 * HOUR), ("new", NOW)):
        stores.inbox.hear("int-1", (name,), now=at)
    assert stores.inbox.prune(NOW, limit=1) == 1
    assert stores.inbox.prune(NOW, limit=9) == 1
    assert [stores.inbox.is_heard("int-1", each) for each in ("old", "older", "new")] == [False, False, True]


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
