"""IntegrationStore, in memory and in tables."""

from dataclasses import replace

import pytest

from sync.model.bridge import BridgeConnection, DynamicsAccess, OneflowAccess
from sync.model.errors import InvalidError, KeyTakenError, StaleRecordError
from sync.model.integration import Announced, Consent, Grant, Integration, Kind
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW, OWNER, STRANGER, integration
from tests.support.desks import supply


def test_a_created_integration_is_read_back(stores: Stores) -> None:
    created = stores.integrations.create(integration())
    assert stores.integrations.get(OWNER, "int-1") == created


def test_an_integration_is_created_once(stores: Stores) -> None:
    stores.integrations.create(integration())
    with pytest.raises(KeyTakenError):
        stores.integrations.create(integration())


def test_another_owner_does_not_find_it(stores: Stores) -> None:
    stores.integrations.create(integration())
    assert stores.integrations.get(STRANGER, "int-1") is None


def test_a_timer_finds_it_without_knowing_the_owner(stores: Stores) -> None:
    created = stores.integrations.create(integration())
    assert stores.integrations.find("int-1") == created


def test_an_unknown_integration_is_not_found(stores: Stores) -> None:
    assert stores.integrations.find("int-9") is None


def test_a_saved_change_is_read_back(stores: Stores) -> None:
    created = stores.integrations.create(integration())
    saved = stores.integrations.save(replace(created, name="Theirs", settings={"a": [1, {"b": None}]}))
    assert stores.integrations.get(OWNER, "int-1") == saved


def test_every_save_has_a_version_of_its_own(stores: Stores) -> None:
    created = stores.integrations.create(integration())
    assert stores.integrations.save(created).version != created.version


def test_the_second_of_two_savers_is_told(stores: Stores) -> None:
    created = stores.integrations.create(integration())
    stores.integrations.save(created)
    with pytest.raises(StaleRecordError):
        stores.integrations.save(created)


def test_a_deleted_integration_cannot_be_saved(stores: Stores) -> None:
    created = stores.integrations.create(integration())
    stores.integrations.delete(created)
    with pytest.raises(StaleRecordError):
        stores.integrations.save(created)


def test_a_deleted_integration_is_gone_everywhere(stores: Stores) -> None:
    created = stores.integrations.create(integration(next_run_at=NOW))
    stores.integrations.delete(created)
    assert stores.integrations.find("int-1") is None
    assert stores.integrations.due(NOW, limit=9) == ()


def test_deleting_twice_does_nothing(stores: Stores) -> None:
    created = stores.integrations.create(integration())
    stores.integrations.delete(created)
    stores.integrations.delete(created)
    assert stores.integrations.get(OWNER, "int-1") is None


def test_a_large_integration_is_kept_whole(stores: Stores) -> None:
    created = stores.integrations.create(replace(integration(), settings={"text": "å" * 60_000}))
    assert stores.integrations.get(OWNER, "int-1") == created


def test_a_listing_shows_the_owners_own_in_pages(stores: Stores) -> None:
    for number in (3, 1, 2):
        stores.integrations.create(integration(number))
    stores.integrations.create(integration(4, STRANGER))
    first = stores.integrations.list(OWNER, cursor=None, limit=2)
    second = stores.integrations.list(OWNER, cursor=first.cursor, limit=2)
    assert [each.id for each in first.items + second.items] == ["int-1", "int-2", "int-3"]
    assert second.cursor is None


def test_a_full_last_page_has_no_cursor(stores: Stores) -> None:
    stores.integrations.create(integration())
    assert stores.integrations.list(OWNER, cursor=None, limit=1).cursor is None


@pytest.mark.parametrize("cursor", ["", "x", "WyJ4IiwgImEiXQ", "å", "bnVsbA"])
def test_an_invented_cursor_is_refused(stores: Stores, cursor: str) -> None:
    with pytest.raises(InvalidError) as caught:
        stores.integrations.list(OWNER, cursor=cursor, limit=1)
    assert caught.value.code == "INVALID_CURSOR"


def test_a_cursor_of_another_owner_is_refused(stores: Stores) -> None:
    for number in (1, 2):
        stores.integrations.create(integration(number))
    cursor = stores.integrations.list(OWNER, cursor=None, limit=1).cursor
    with pytest.raises(InvalidError):
        stores.integrations.list(STRANGER, cursor=cursor, limit=1)


def test_the_due_come_earliest_first(stores: Stores) -> None:
    for number, hours in ((1, 0), (2, -2), (3, 1)):
        stores.integrations.create(integration(number, next_run_at=NOW + hours * HOUR))
    assert [each.id for each in stores.integrations.due(NOW, limit=9)] == ["int-2", "int-1"]


def test_no_more_than_the_limit_are_due(stores: Stores) -> None:
    for number in (1, 2):
        stores.integrations.create(integration(number, next_run_at=NOW))
    assert len(stores.integrations.due(NOW, limit=1)) == 1


def test_a_rescheduled_integration_is_due_at_its_new_time_only(stores: Stores) -> None:
    created = stores.integrations.create(integration(next_run_at=NOW))
    saved = stores.integrations.save(replace(created, next_run_at=NOW + HOUR))
    assert stores.integrations.due(NOW, limit=9) == ()
    assert stores.integrations.due(NOW + HOUR, limit=9) == (saved,)


def test_an_integration_without_a_next_run_is_never_due(stores: Stores) -> None:
    created = stores.integrations.create(integration(next_run_at=NOW))
    stores.integrations.save(replace(created, next_run_at=None))
    assert stores.integrations.due(NOW + HOUR, limit=9) == ()


def test_a_timer_sees_the_integrations_of_all_owners(stores: Stores) -> None:
    made = [stores.integrations.create(integration(1)), stores.integrations.create(integration(2, STRANGER))]
    gone = stores.integrations.create(integration(3))
    stores.integrations.delete(gone)
    assert sorted(stores.integrations.everyone(), key=lambda each: each.id) == made


def test_what_a_connection_was_granted_is_read_back(stores: Stores) -> None:
    created = supply(stores.integrations.create(integration()))
    granted = replace(
        created.connection,
        grant=Grant.AUTHORIZATION_CODE,
        consent=Consent("consent-1", NOW),
        client_secret_expires_at=NOW + HOUR,
    )
    saved = stores.integrations.save(replace(created, connection=granted, announced=Announced(NOW + HOUR, 7)))
    assert stores.integrations.get(OWNER, "int-1") == saved


def test_a_bridge_is_read_back_beside_an_integration_with_business_central(stores: Stores) -> None:
    dynamics = DynamicsAccess("https://contoso.crm4.dynamics.com", "tenant-1", "client-1", "secret-1", NOW)
    connection = BridgeConnection(dynamics, OneflowAccess("jim@contoso.example", "secret-2"))
    bridge = stores.integrations.create(Integration("int-2", OWNER, "Deals", Kind.ONEFLOW, connection, NOW, NOW))
    other = stores.integrations.create(integration(1))
    assert stores.integrations.list(OWNER, cursor=None, limit=9).items == (other, bridge)
