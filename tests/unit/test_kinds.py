"""Each half of the hub sees integrations of its own kind."""

from dataclasses import replace

import pytest

from sync.model.bridge import BridgeConnection, DynamicsAccess, OneflowAccess
from sync.model.errors import StateError
from sync.model.integration import Bridge, Integration, Kind
from sync.services.kinds import OneKind, bridges, supplies
from sync.storage.memory import MemoryIntegrationStore
from tests.support.company import START
from tests.support.desks import ALICE, supply
from tests.support.office import open_office

ENDS = BridgeConnection(
    DynamicsAccess("https://contoso.crm4.dynamics.com", "Tenant", "Client", "secret-2"),
    OneflowAccess("jim@contoso.example", "secret-3"),
)
DEALS: Bridge = Integration("int_bridge", ALICE, "Deals", Kind.ONEFLOW, ENDS, START, START)


def both() -> tuple[OneKind[Integration], OneKind[Bridge]]:
    store = MemoryIntegrationStore()
    return supplies(store), bridges(store)


def test_a_bridge_is_no_integration_with_business_central() -> None:
    supply_side, bridge_side = both()
    stored = bridge_side.create(DEALS)
    assert (bridge_side.find(DEALS.id), supply_side.find(DEALS.id)) == (stored, None)
    assert ([*bridge_side.everyone()], [*supply_side.everyone()]) == ([stored], [])


def test_an_owner_who_asks_the_wrong_half_is_told_so() -> None:
    supply_side, bridge_side = both()
    bridge_side.create(DEALS)
    with pytest.raises(StateError) as caught:
        supply_side.get(ALICE, DEALS.id)
    assert caught.value.code == "WRONG_KIND"


def test_a_saved_bridge_has_its_new_version() -> None:
    _, bridge_side = both()
    stored = bridge_side.create(DEALS)
    saved = bridge_side.save(replace(stored, name="Other"))
    assert (saved.name, saved, saved.version != stored.version) == ("Other", bridge_side.get(ALICE, DEALS.id), True)


def test_a_page_of_one_kind_leaves_the_other_out_and_leads_on() -> None:
    office = open_office()
    halves = office.desk.integrations
    assert isinstance(halves, OneKind)
    bridges(halves.everything).create(replace(DEALS, id="int_0"))
    page = halves.list(ALICE, cursor=None, limit=1)
    rest = halves.list(ALICE, cursor=page.cursor, limit=1)
    assert (page.items, [supply(each) for each in rest.items]) == ((), [office.integration])


def test_a_deleted_bridge_is_gone() -> None:
    _, bridge_side = both()
    bridge_side.delete(bridge_side.create(DEALS))
    assert bridge_side.find(DEALS.id) is None


def test_the_principal_of_a_bridge_is_its_tenant_and_client() -> None:
    assert ENDS.dynamics.principal == "tenant:client"
