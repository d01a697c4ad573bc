"""What goes with a bridge that is removed."""

import pytest

from sync.model.contract_link import Birth, ContractLink
from sync.model.entity_mapping import EntityMapping
from tests.support.company import START
from tests.triggers.kit import Office


def known(office: Office, integration_id: str) -> tuple[bool, ...]:
    """Tell what is kept of an integration: mapping, link, and the contract that is being made."""
    bridges = office.hub.bridges
    return (
        bridges.mappings.get(integration_id, "quote") is not None,
        bridges.links.get(integration_id, 1) is not None,
        bridges.links.expected(integration_id, "quote", "r") is not None,
    )


def filled(office: Office, integration_id: str) -> str:
    bridges = office.hub.bridges
    bridges.mappings.create(EntityMapping(integration_id, "quote"))
    bridges.links.create(ContractLink(integration_id, 1, "quote", "r", "Deal", "draft", START))
    bridges.links.expect(Birth(integration_id, "quote", "r", 1, 7, "Deal", START))
    return integration_id


@pytest.mark.parametrize("purge", ["", "?purge=true"])
def test_mappings_and_links_go_with_their_bridge_and_no_other(office: Office, purge: str) -> None:
    gone, kept = (filled(office, office.bridged()) for _ in range(2))
    assert office.ask("DELETE", f"/api/integrations/{gone}{purge}").status == 204
    assert (known(office, gone), known(office, kept)) == ((False,) * 3, (True,) * 3)


def test_removing_an_integration_with_business_central_leaves_bridges_alone(office: Office) -> None:
    kept = filled(office, office.bridged())
    office.ask("DELETE", f"/api/integrations/{office.integrated()}")
    assert known(office, kept) == (True,) * 3
