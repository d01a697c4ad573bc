"""EndpointStore and DeliveryStore, in memory and in tables."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from sync.model.errors import StaleRecordError
from sync.model.webhook import (
    Attempt,
    Delivery,
    DeliveryStatus,
    Due,
    Endpoint,
    EventType,
    FormerSecret,
)
from sync.ports import DeliveryFilter
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW

EVERYTHING = DeliveryFilter()


def endpoint(name: str = "whe_1", integration_id: str = "int-1", **changes: Any) -> Endpoint:
    events = (EventType.SYNC_COMPLETED, EventType.SUPPLIER_CREATED)
    made = Endpoint(name, integration_id, "https://r.example", events, NOW, NOW, "secret-1")
    return replace(made, **changes)


def delivery(number: int = 1, endpoint_id: str = "whe_1", **changes: Any) -> Delivery:
    name = f"dlv_{99 - number:02d}"
    made = Delivery(name, endpoint_id, "int-1", f"evt_{number}", EventType.SYNC_COMPLETED, "{}", NOW, next_try_at=NOW)
    return replace(made, **changes)


def names(found: Iterable[Delivery]) -> list[str]:
    return [each.event_id for each in found]


def listed(stores: Stores, which: DeliveryFilter = EVERYTHING, endpoint_id: str = "whe_1") -> list[str]:
    return names(stores.deliveries.list(endpoint_id, which, cursor=None, limit=200).items)


def waiting(stores: Stores, moment: datetime = NOW) -> list[Due]:
    return [replace(each, version="") for each in stores.deliveries.due(moment, limit=200)]


def test_an_endpoint_is_read_back_as_it_was_stored(stores: Stores) -> None:
    former = (FormerSecret("secret-0", NOW + HOUR),)
    made = stores.endpoints.create(endpoint(former=former, failing_since=NOW, quiet_until=NOW))
    assert stores.endpoints.get("int-1", "whe_1") == made
    assert replace(made, version="") == endpoint(former=former, failing_since=NOW, quiet_until=NOW)


def test_an_endpoint_of_another_integration_is_not_there(stores: Stores) -> None:
    stores.endpoints.create(endpoint())
    assert stores.endpoints.get("int-2", "whe_1") is None


def test_an_endpoint_is_replaced(stores: Stores) -> None:
    made = stores.endpoints.create(endpoint())
    saved = stores.endpoints.save(replace(made, enabled=False))
    assert stores.endpoints.get("int-1", "whe_1") == saved
    assert not saved.enabled


def test_the_second_of_two_writers_of_an_endpoint_is_told(stores: Stores) -> None:
    made = stores.endpoints.create(endpoint())
    stores.endpoints.save(made)
    with pytest.raises(StaleRecordError):
        stores.endpoints.save(made)


def test_an_endpoint_that_is_gone_is_not_saved(stores: Stores) -> None:
    made = stores.endpoints.create(endpoint())
    stores.endpoints.delete(made)
    stores.endpoints.delete(made)
    with pytest.raises(StaleRecordError):
        stores.endpoints.save(made)


def test_endpoints_are_listed_by_integration_newest_first(stores: Stores) -> None:
    for each in (endpoint("whe_2"), endpoint("whe_1"), endpoint("whe_0", "int-2")):
        stores.endpoints.create(each)
    assert [each.id for each in stores.endpoints.list("int-1")] == ["whe_1", "whe_2"]
    assert {each.id for each in stores.endpoints.all()} == {"whe_0", "whe_1", "whe_2"}


def test_a_delivery_is_read_back_as_it_was_stored(stores: Stores) -> None:
    sent = delivery(body="{" + "x" * 20_000, attempts=(Attempt(NOW, 503, 12, "ENDPOINT_REFUSED", "busy"),), tries=1)
    stores.deliveries.add([sent])
    found = stores.deliveries.get("whe_1", sent.id)
    assert found is not None
    assert replace(found, version="") == sent


def test_a_delivery_to_another_endpoint_is_not_there(stores: Stores) -> None:
    stores.deliveries.add([delivery()])
    assert stores.deliveries.get("whe_2", delivery().id) is None


def test_a_delivery_that_is_known_stays_as_it_is(stores: Stores) -> None:
    stores.deliveries.add([delivery()])
    stores.deliveries.add([delivery(body="another"), delivery(2)])
    found = stores.deliveries.get("whe_1", delivery().id)
    assert (found is not None and found.body, listed(stores)) == ("{}", ["evt_2", "evt_1"])


def test_more_deliveries_than_one_transaction_holds_are_stored(stores: Stores) -> None:
    stores.deliveries.add(delivery(number, f"whe_{number % 2}") for number in range(60))
    assert [len(listed(stores, endpoint_id=name)) for name in ("whe_0", "whe_1")] == [30, 30]


def test_a_delivery_is_replaced(stores: Stores) -> None:
    stores.deliveries.add([delivery()])
    found = stores.deliveries.get("whe_1", delivery().id)
    assert found is not None
    saved = stores.deliveries.save(replace(found, status=DeliveryStatus.DELIVERED))
    assert stores.deliveries.get("whe_1", delivery().id) == saved
    with pytest.raises(StaleRecordError):
        stores.deliveries.save(found)


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (EVERYTHING, ["evt_3", "evt_2", "evt_1"]),
        (DeliveryFilter(status=DeliveryStatus.FAILED), ["evt_2"]),
        (DeliveryFilter(event=EventType.SYNC_FAILED), ["evt_3"]),
        (DeliveryFilter(DeliveryStatus.FAILED, EventType.SYNC_FAILED), []),
    ],
)
def test_deliveries_are_listed_newest_first_and_filtered(
    stores: Stores, which: DeliveryFilter, expected: list[str]
) -> None:
    failed, other = delivery(2, status=DeliveryStatus.FAILED), delivery(3, event=EventType.SYNC_FAILED)
    stores.deliveries.add([delivery(1), failed, other, delivery(9, "whe_2")])
    assert listed(stores, which) == expected


def test_deliveries_are_listed_page_by_page(stores: Stores) -> None:
    stores.deliveries.add(delivery(number) for number in range(5))
    first = stores.deliveries.list("whe_1", EVERYTHING, cursor=None, limit=2)
    second = stores.deliveries.list("whe_1", EVERYTHING, cursor=first.cursor, limit=3)
    assert names((*first.items, *second.items)) == ["evt_4", "evt_3", "evt_2", "evt_1", "evt_0"]
    assert second.cursor is None


def test_what_is_added_waits_for_its_next_try(stores: Stores) -> None:
    stores.deliveries.add([delivery(1), delivery(2, next_try_at=NOW + HOUR), delivery(3, next_try_at=None)])
    due = Due("int-1", "whe_1", delivery(1).id, NOW)
    assert sorted(waiting(stores), key=str) == sorted([due, replace(due, delivery_id=delivery(3).id)], key=str)


def test_what_is_kept_back_waits_until_then(stores: Stores) -> None:
    stores.deliveries.add([delivery()], until=NOW + HOUR)
    assert (waiting(stores), listed(stores)) == ([], ["evt_1"])
    assert waiting(stores, NOW + HOUR) == [Due("int-1", "whe_1", delivery().id, NOW + HOUR)]


def test_what_is_freed_waits_for_its_next_try_only(stores: Stores) -> None:
    stores.deliveries.add([delivery()], until=NOW + HOUR)
    stores.deliveries.free([delivery(), delivery(2, "whe_2", next_try_at=NOW + HOUR)])
    assert waiting(stores) == [Due("int-1", "whe_1", delivery().id, NOW)]
    assert listed(stores, endpoint_id="whe_2") == []


def test_the_longest_due_comes_first(stores: Stores) -> None:
    some = [delivery(1, next_try_at=NOW), delivery(2, "whe_2", next_try_at=NOW - HOUR)]
    stores.deliveries.add(some)
    assert [each.endpoint_id for each in waiting(stores)] == ["whe_2", "whe_1"]


def test_no_more_is_due_than_asked_for(stores: Stores) -> None:
    stores.deliveries.add(delivery(number) for number in range(3))
    assert len(stores.deliveries.due(NOW, limit=2)) == 2


def late(endpoint_id: str, *minutes: int) -> list[Delivery]:
    """Return deliveries to an endpoint that are due for so long."""
    return [delivery(each, endpoint_id, next_try_at=NOW - timedelta(minutes=each)) for each in minutes]


def shares(stores: Stores, limit: int) -> list[tuple[str, int]]:
    """Return whose turn it is, and for how many minutes each has been due."""
    found = stores.deliveries.due(NOW, limit=limit)
    return [(each.endpoint_id, int((NOW - each.due_at).total_seconds()) // 60) for each in found]


def test_endpoints_that_much_is_due_for_leave_the_others_their_share(stores: Stores) -> None:
    stores.deliveries.add([*late("whe_1", *range(50, 60)), *late("whe_2", *range(30, 40)), *late("whe_3", 1)])
    assert sorted(shares(stores, limit=4)) == [("whe_1", 58), ("whe_1", 59), ("whe_2", 39), ("whe_3", 1)]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_of_an_endpoint_the_longest_due_are_returned_whatever_their_ids(stores: Stores, limit: int) -> None:
    stores.deliveries.add(late("whe_1", 5, 9, 7, 2, 8))
    assert shares(stores, limit=limit) == [("whe_1", 9), ("whe_1", 8), ("whe_1", 7)][:limit]


def test_what_one_endpoint_leaves_of_its_share_goes_to_the_others(stores: Stores) -> None:
    stores.deliveries.add([*late("whe_1", *range(1, 30)), *late("whe_2", 90), *late("whe_3", 91)])
    assert shares(stores, limit=5) == [("whe_3", 91), ("whe_2", 90), ("whe_1", 29), ("whe_1", 28), ("whe_1", 27)]


def test_what_is_put_off_waits_longer(stores: Stores) -> None:
    stores.deliveries.add([delivery()])
    (due,) = stores.deliveries.due(NOW, limit=9)
    later = stores.deliveries.put_off(replace(due, due_at=NOW + HOUR))
    assert (waiting(stores), waiting(stores, NOW + HOUR)) == ([], [replace(later, version="")])


def test_one_of_two_who_put_the_same_off_is_told(stores: Stores) -> None:
    stores.deliveries.add([delivery()])
    (due,) = stores.deliveries.due(NOW, limit=9)
    stores.deliveries.put_off(replace(due, due_at=NOW + HOUR))
    with pytest.raises(StaleRecordError):
        stores.deliveries.put_off(replace(due, due_at=NOW + HOUR))


def test_what_is_settled_waits_no_more(stores: Stores) -> None:
    stores.deliveries.add([delivery()])
    (due,) = stores.deliveries.due(NOW, limit=9)
    stores.deliveries.settle(due)
    stores.deliveries.settle(due)
    assert waiting(stores, NOW + HOUR) == []


def test_what_somebody_has_touched_is_not_settled(stores: Stores) -> None:
    stores.deliveries.add([delivery()])
    (due,) = stores.deliveries.due(NOW, limit=9)
    stores.deliveries.wait(due)
    stores.deliveries.settle(due)
    assert len(waiting(stores)) == 1


def test_old_deliveries_are_removed(stores: Stores) -> None:
    old = delivery(1, created_at=NOW - timedelta(days=31))
    stores.deliveries.add([old, delivery(2), replace(old, endpoint_id="whe_2")])
    assert stores.deliveries.prune("whe_1", before=NOW - HOUR) == 1
    assert (listed(stores), listed(stores, endpoint_id="whe_2")) == (["evt_2"], ["evt_1"])


def test_all_deliveries_of_an_endpoint_go_with_what_waits_of_them(stores: Stores) -> None:
    stores.deliveries.add([delivery(1), delivery(2), delivery(3, "whe_2")])
    stores.deliveries.clear("whe_1")
    assert (listed(stores), [each.endpoint_id for each in waiting(stores)]) == ([], ["whe_2"])
