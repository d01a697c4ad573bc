"""LeaseStore, in memory and in tables."""

from sync.ports import Lease
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW

KEY = "run:int-1"


def acquire(stores: Stores, holder: str, *, key: str = KEY, hours: int = 1) -> Lease | None:
    return stores.leases.acquire(key, holder, until=NOW + hours * HOUR, now=NOW, facts={"run": holder})


def test_a_free_lease_is_taken(stores: Stores) -> None:
    assert acquire(stores, "a") == stores.leases.get(KEY) == Lease(KEY, "a", NOW + HOUR, {"run": "a"})


def test_a_held_lease_is_not_taken(stores: Stores) -> None:
    acquire(stores, "a")
    assert acquire(stores, "b") is None


def test_the_holder_may_extend_by_taking_again(stores: Stores) -> None:
    acquire(stores, "a")
    assert acquire(stores, "a", hours=2) == Lease(KEY, "a", NOW + 2 * HOUR, {"run": "a"})


def test_an_expired_lease_is_taken_by_another(stores: Stores) -> None:
    acquire(stores, "a", hours=0)
    taken = acquire(stores, "b")
    assert taken is not None
    assert stores.leases.get(KEY) == taken


def test_a_holder_renews_even_when_expired(stores: Stores) -> None:
    acquire(stores, "a", hours=-1)
    assert stores.leases.renew(KEY, "a", until=NOW + HOUR)
    assert stores.leases.get(KEY) == Lease(KEY, "a", NOW + HOUR, {"run": "a"})


def test_a_lost_lease_is_not_renewed(stores: Stores) -> None:
    acquire(stores, "a")
    assert not stores.leases.renew(KEY, "b", until=NOW)


def test_a_lease_that_nobody_has_is_not_renewed(stores: Stores) -> None:
    assert not stores.leases.renew(KEY, "a", until=NOW)


def test_a_released_lease_is_free(stores: Stores) -> None:
    acquire(stores, "a")
    stores.leases.release(KEY, "a")
    assert stores.leases.get(KEY) is None


def test_only_its_holder_releases_a_lease(stores: Stores) -> None:
    acquire(stores, "a")
    stores.leases.release(KEY, "b")
    assert stores.leases.get(KEY) is not None


def test_leases_are_listed_by_the_beginning_of_their_key(stores: Stores) -> None:
    for key in ("run:b", "run:a", "run:å/1", "token:a", "ru"):
        acquire(stores, "a", key=key)
    assert [lease.key for lease in stores.leases.list("run:")] == ["run:a", "run:b", "run:å/1"]


def test_an_empty_beginning_lists_all_leases(stores: Stores) -> None:
    for key in ("run:b", "a b"):
        acquire(stores, "a", key=key)
    assert [lease.key for lease in stores.leases.list("")] == ["a b", "run:b"]
