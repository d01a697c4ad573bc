"""SubscriptionStore, in memory and in tables."""

from dataclasses import replace
from typing import Any

import pytest

from sync.model.channel import Channel, Hint, HintKind, Subscription
from sync.model.errors import KeyTakenError, StaleRecordError
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW, PRODUCTS, SUPPLIERS

GRANT = Subscription("c670ea73cacb459bb51dc1740da2f1db", 'W/"1"', NOW + HOUR, NOW)


def channel(integration_id: str = "int-1", **changes: Any) -> Channel:
    return replace(Channel(integration_id, NOW, subscriptions={SUPPLIERS: GRANT}, token_digest="ab"), **changes)


def hint(integration_id: str = "int-1", kind: HintKind = HintKind.CHANGES, **changes: Any) -> Hint:
    return replace(Hint(integration_id, SUPPLIERS, kind, NOW), **changes)


def seen(hints: tuple[Hint, ...]) -> list[Hint]:
    return [replace(each, version="") for each in hints]


def test_a_channel_is_read_back_as_it_was_stored(stores: Stores) -> None:
    made = stores.subscriptions.create(channel())
    assert stores.subscriptions.get("int-1") == made == replace(channel(), version=made.version)


def test_an_integration_has_one_channel(stores: Stores) -> None:
    stores.subscriptions.create(channel())
    with pytest.raises(KeyTakenError):
        stores.subscriptions.create(channel())


def test_an_integration_without_a_channel_has_none(stores: Stores) -> None:
    assert stores.subscriptions.get("int-1") is None


def test_a_channel_is_replaced(stores: Stores) -> None:
    made = stores.subscriptions.create(channel())
    saved = stores.subscriptions.save(replace(made, failures=2))
    assert stores.subscriptions.get("int-1") == saved
    assert (saved.failures, saved.version == made.version) == (2, False)


def test_the_second_of_two_writers_of_a_channel_is_told(stores: Stores) -> None:
    made = stores.subscriptions.create(channel())
    stores.subscriptions.save(made)
    with pytest.raises(StaleRecordError):
        stores.subscriptions.save(made)


def test_a_channel_that_is_gone_is_not_saved(stores: Stores) -> None:
    made = stores.subscriptions.create(channel())
    stores.subscriptions.delete("int-1")
    with pytest.raises(StaleRecordError):
        stores.subscriptions.save(made)


def test_channels_are_due_from_their_moment_on(stores: Stores) -> None:
    for number, at in enumerate((NOW - HOUR, NOW, NOW + HOUR)):
        stores.subscriptions.create(channel(f"int-{number}", look_at=at))
    assert {each.integration_id for each in stores.subscriptions.due(NOW, limit=9)} == {"int-0", "int-1"}
    assert len(stores.subscriptions.due(NOW, limit=1)) == 1


def test_the_same_hint_again_takes_the_place_of_the_earlier_one(stores: Stores) -> None:
    stores.subscriptions.note([hint(), hint()])
    stores.subscriptions.note([hint(noticed_at=NOW + HOUR)])
    assert seen(stores.subscriptions.hints()) == [hint(noticed_at=NOW + HOUR)]


def test_hints_of_another_type_kind_or_record_stand_beside(stores: Stores) -> None:
    gone = [hint(kind=HintKind.GONE, external_id=each) for each in ("a", "b c")]
    every = [hint(), hint(entity=PRODUCTS), hint(kind=HintKind.EVERYTHING), *gone]
    stores.subscriptions.note(every)
    assert sorted(map(str, seen(stores.subscriptions.hints("int-1")))) == sorted(map(str, every))


def test_no_hints_are_no_trouble(stores: Stores) -> None:
    stores.subscriptions.note([])
    assert stores.subscriptions.hints() == ()


def test_hints_are_those_of_one_integration_or_of_all(stores: Stores) -> None:
    stores.subscriptions.note([hint(), hint("int-10"), hint("å/1")])
    assert [each.integration_id for each in stores.subscriptions.hints("int-1")] == ["int-1"]
    assert [each.integration_id for each in stores.subscriptions.hints("å/1")] == ["å/1"]
    assert len(stores.subscriptions.hints()) == 3


def test_a_settled_hint_is_forgotten(stores: Stores) -> None:
    stores.subscriptions.note([hint(), hint(kind=HintKind.GONE, external_id="a")])
    stores.subscriptions.settle(stores.subscriptions.hints())
    assert stores.subscriptions.hints() == ()


def test_a_hint_that_was_noted_again_is_not_settled(stores: Stores) -> None:
    stores.subscriptions.note([hint()])
    known = stores.subscriptions.hints()
    stores.subscriptions.note([hint()])
    stores.subscriptions.settle(known)
    assert len(stores.subscriptions.hints()) == 1


def test_settling_what_is_gone_is_no_trouble(stores: Stores) -> None:
    stores.subscriptions.note([hint()])
    known = stores.subscriptions.hints()
    stores.subscriptions.settle(known)
    stores.subscriptions.settle(known)
    assert stores.subscriptions.hints() == ()


def test_a_channel_is_removed_with_its_hints_and_only_those(stores: Stores) -> None:
    for name in ("int-1", "int-10"):
        stores.subscriptions.create(channel(name))
        stores.subscriptions.note([hint(name), hint(name, HintKind.GONE, external_id="a")])
    stores.subscriptions.delete("int-1")
    stores.subscriptions.delete("int-1")
    assert stores.subscriptions.get("int-1") is None
    assert {each.integration_id for each in stores.subscriptions.hints()} == {"int-10"}
