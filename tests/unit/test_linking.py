"""What a link takes over from its contract."""

from dataclasses import replace

import pytest

from sync.model.contract_link import DELETED
from sync.services.linking import as_told
from tests.support.two_sides import CONTRACT, Sides


@pytest.mark.parametrize(("told", "kept"), [("Renamed", "Renamed"), ("", "A contract")])
def test_a_contract_that_lost_its_name_keeps_the_one_that_is_known(told: str, kept: str) -> None:
    sides = Sides()
    contract = replace(sides.oneflow.contract(CONTRACT), name=told)
    assert as_told(sides.link, contract).name == kept


def test_a_contract_that_is_not_there_any_more_is_deleted() -> None:
    assert as_told(Sides().link, None).state == DELETED
