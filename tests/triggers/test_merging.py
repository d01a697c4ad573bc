"""Pushes and fetches over HTTP: queries, answers and refusals."""

from typing import Any

import pytest

from sync.model.contract_link import ContractLink, agreed_on
from sync.model.entity_mapping import EntityMapping
from tests.support.two_sides import CONTRACT, OWN, RECORD, ToyAccount, ToyOrganization, pair
from tests.triggers.kit import Office, Reply

PAIR = pair()


@pytest.fixture
def office() -> Office:
    office = Office(dynamics=ToyOrganization(), oneflow=ToyAccount())
    organization(office).edit(OWN, name="old")
    account(office).edit(f_name="old")
    return office


@pytest.fixture
def home(office: Office) -> str:
    """Return the path of a contract whose record both sides agree on."""
    bridge_id, desk = office.bridged(), office.hub.bridges
    desk.mappings.create(EntityMapping(bridge_id, "opportunity", (PAIR,)))
    now = office.clock.now()
    link = ContractLink(bridge_id, CONTRACT, "opportunity", RECORD, "Deal", "draft", now)
    link.fields[PAIR.key] = agreed_on("old")
    desk.links.create(link)
    return f"/api/integrations/{bridge_id}/oneflow/contracts/{CONTRACT}"


def organization(office: Office) -> ToyOrganization:
    assert isinstance(office.dynamics, ToyOrganization)
    return office.dynamics


def account(office: Office) -> ToyAccount:
    assert isinstance(office.oneflow, ToyAccount)
    return office.oneflow


def ask(office: Office, home: str, rest: str) -> Reply:
    return office.ask("POST", f"{home}/{rest}")


def told(data: Any) -> list[dict[str, Any]]:
    return [each for part in ("updated", "skipped", "conflicts") for each in data[part]]


def test_a_push_tells_field_by_field_what_it_wrote(office: Office, home: str) -> None:
    organization(office).edit(OWN, name="new")
    done = ask(office, home, "push")
    change = {"field": "name", "oneflowField": "f_name", "from": "old", "to": "new"}
    assert done.body == {
        "success": True,
        "data": {"updated": [change], "unchanged": 0, "skipped": [], "conflicts": []},
    }


def test_a_fetch_tells_field_by_field_what_it_wrote(office: Office, home: str) -> None:
    account(office).edit(f_name="new")
    done = ask(office, home, "fetch")
    assert done.data["updated"] == [{"field": "name", "oneflowField": "f_name", "from": "old", "to": "new"}]
    assert organization(office).held[OWN]["name"] == "new"


def test_a_field_that_is_left_alone_has_a_code_and_a_reason(office: Office, home: str) -> None:
    account(office).edit(f_name="new")
    (skipped,) = ask(office, home, "push").data["skipped"]
    assert (skipped["code"], skipped["reason"][:10]) == ("ONLY_ONEFLOW_CHANGED", "It changed")


def test_a_push_may_overwrite_what_changed_in_oneflow_only(office: Office, home: str) -> None:
    account(office).edit(f_name="new")
    done = ask(office, home, "push?overwrite=true")
    assert [(each["from"], each["to"]) for each in done.data["updated"]] == [("new", "old")]


def test_a_conflict_has_base_and_both_sides(office: Office, home: str) -> None:
    organization(office).edit(OWN, name="here")
    account(office).edit(f_name="there")
    (found,) = ask(office, home, "push").data["conflicts"]
    assert found.pop("id").startswith(f"cfl_{CONTRACT}_")
    assert found == {"field": "name", "oneflowField": "f_name", "base": "old", "dynamics": "here", "oneflow": "there"}


@pytest.mark.parametrize("rest", ["push?dryRun=true", "fetch?dryRun=true", "push?overwrite=true&dryRun=true"])
def test_a_dry_run_writes_nothing(office: Office, home: str, rest: str) -> None:
    organization(office).edit(OWN, name="here")
    assert len(told(ask(office, home, rest).data)) == 1
    assert (organization(office).sent, account(office).sent) == ([], [])


@pytest.mark.parametrize(
    ("rest", "pointers"),
    [
        ("push?dryRun=yes", {"/dryRun": "INVALID_VALUE"}),
        ("push?overwrite=", {"/overwrite": "INVALID_VALUE"}),
        ("push?force=true", {"/force": "UNKNOWN_MEMBER"}),
        ("fetch?overwrite=true", {"/overwrite": "UNKNOWN_MEMBER"}),
    ],
)
def test_an_unknown_wish_is_refused(office: Office, home: str, rest: str, pointers: dict[str, str]) -> None:
    assert ask(office, home, rest).pointers == pointers


@pytest.mark.parametrize("rest", ["push", "fetch"])
@pytest.mark.parametrize("contract_id", ["77", "abc", "1" * 20])
def test_a_contract_without_a_link_is_not_found(office: Office, home: str, rest: str, contract_id: str) -> None:
    path = home.replace(str(CONTRACT), contract_id)
    assert ask(office, path, rest).status == 404


@pytest.mark.parametrize("rest", ["push", "fetch"])
def test_someone_elses_contract_is_not_found(office: Office, home: str, rest: str) -> None:
    office.user = "mallory"
    assert ask(office, home, rest).status == 404


def test_a_signed_contract_refuses_a_push(office: Office, home: str) -> None:
    account(office).state = "signed"
    refused = ask(office, home, "push")
    assert (refused.status, refused.code) == (409, "CONTRACT_LOCKED")


def test_a_contract_that_is_being_merged_is_busy(office: Office, home: str) -> None:
    bridge_id, now = home.split("/")[3], office.clock.now()
    key = f"contract_{bridge_id}_{CONTRACT}"
    office.desk.leases.acquire(key, "another", until=now.replace(year=now.year + 1), now=now, facts={})
    refused = ask(office, home, "push")
    assert (refused.status, refused.code, refused.body["retryable"]) == (409, "CONTRACT_BUSY", True)
