"""Pushes and fetches over HTTP: queries, answers and refusals."""

from dataclasses import replace
from typing import Any

import pytest

from sync.model.contract_link import ContractLink, agreed_on
from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.errors import RefusedError, StaleRecordError, StateError
from sync.model.field_sync import Direction
from sync.services import contests
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
@pytest.mark.parametrize("contract_id", ["77", "05001", "abc", "1" * 20])
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


@pytest.fixture
def dispute(office: Office, home: str) -> str:
    """Return the path of a conflict."""
    organization(office).edit(OWN, name="here")
    account(office).edit(f_name="there")
    (found,) = ask(office, home, "push").data["conflicts"]
    return f"{home.split('/oneflow', maxsplit=1)[0]}/conflicts/{found['id']}"


def choose(office: Office, dispute: str, choice: Any, tag: str = "") -> Reply:
    return office.ask("POST", f"{dispute}/resolve", {"choice": choice}, If_Match=tag)


def queue(dispute: str) -> str:
    return dispute.rsplit("/", 1)[0]


def sides(office: Office) -> tuple[str, str]:
    return organization(office).held[OWN]["name"], account(office).texts["f_name"]


def test_a_contract_tells_which_of_its_fields_wait_for_a_person(office: Office, home: str, dispute: str) -> None:
    waiting = [each["conflictId"] for each in office.ask("GET", home).data["fields"] if each["conflictId"]]
    listed = office.ask("GET", home.rsplit("/", 1)[0]).data
    assert (waiting, [each["conflicts"] for each in listed]) == ([dispute.rsplit("/", 1)[1]], [1])


def test_a_conflict_waits_in_the_queue(office: Office, dispute: str) -> None:
    (found,) = office.ask("GET", queue(dispute)).data
    assert found == {
        "id": dispute.rsplit("/", 1)[1],
        "contractId": str(CONTRACT),
        "contractName": found["contractName"],
        "entity": "opportunity",
        "recordId": OWN[1],
        "field": "name",
        "oneflowField": "f_name",
        "base": "old",
        "dynamics": "here",
        "oneflow": "there",
        "detectedAt": found["detectedAt"],
        "status": "open",
    }
    assert office.ask("GET", dispute).data == found


@pytest.mark.parametrize(("status", "count"), [("open", 1), ("all", 1), ("resolved", 0)])
def test_the_queue_holds_open_conflicts_only(office: Office, dispute: str, status: str, count: int) -> None:
    assert len(office.ask("GET", f"{queue(dispute)}?status={status}").data) == count


def test_an_unknown_status_is_refused(office: Office, dispute: str) -> None:
    assert office.ask("GET", f"{queue(dispute)}?status=closed").pointers == {"/status": "UNKNOWN_VALUE"}


@pytest.mark.parametrize(("choice", "winner"), [("dynamics", "here"), ("oneflow", "there")])
def test_resolving_writes_at_once(office: Office, dispute: str, choice: str, winner: str) -> None:
    done = choose(office, dispute, choice)
    assert (done.data["status"], done.data["choice"]) == ("resolved", choice)
    assert sides(office) == (winner, winner)
    assert office.ask("GET", queue(dispute)).data == []


def test_resolving_is_told_in_the_log(office: Office, home: str, dispute: str) -> None:
    choose(office, dispute, "oneflow")
    entry = office.ask("GET", f"{queue(dispute).rsplit('/', 1)[0]}/sync-logs").data[0]
    assert (entry["action"], entry["entityType"], entry["recordsAffected"]) == ("RESOLVE", "CONTRACT", 1)
    assert entry["metadata"]["choice"] == "oneflow"


def test_what_is_resolved_cannot_be_resolved_again(office: Office, dispute: str) -> None:
    choose(office, dispute, "oneflow")
    again = choose(office, dispute, "dynamics")
    assert (again.status, again.code) == (409, "CONFLICT_RESOLVED")
    assert office.ask("GET", dispute).status == 404


def test_a_side_that_moved_is_not_overwritten_but_shown(office: Office, dispute: str) -> None:
    account(office).edit(f_name="elsewhere")
    refused = choose(office, dispute, "dynamics")
    assert (refused.status, sides(office)) == (412, ("here", "elsewhere"))
    assert office.ask("GET", dispute).data["oneflow"] == "elsewhere"


def test_sides_that_agree_by_now_need_no_decision(office: Office, dispute: str) -> None:
    account(office).edit(f_name="here")
    assert choose(office, dispute, "oneflow").status == 200
    assert office.ask("GET", queue(dispute)).data == []


def test_a_choice_may_name_the_version_that_was_seen(office: Office, dispute: str) -> None:
    tag = office.ask("GET", dispute).headers["etag"]
    assert choose(office, dispute, "oneflow", '"another"').status == 412
    assert choose(office, dispute, "oneflow", tag).status == 200


def test_a_signed_contract_takes_no_value_of_dynamics(office: Office, dispute: str) -> None:
    account(office).state = "signed"
    refused = choose(office, dispute, "dynamics")
    assert (refused.status, refused.code) == (409, "CONTRACT_LOCKED")


def test_a_closed_record_takes_no_value_of_oneflow(office: Office, dispute: str) -> None:
    organization(office).refusals = {"name": RefusedError("Closed", code="RECORD_READ_ONLY")}
    refused = choose(office, dispute, "oneflow")
    assert (refused.status, refused.code) == (409, "RECORD_READ_ONLY")


def test_a_value_that_the_other_side_does_not_keep_is_told(office: Office, dispute: str) -> None:
    account(office).system = frozenset({"f_name"})
    refused = choose(office, dispute, "dynamics")
    assert (refused.status, refused.code) == (422, "VALUE_REFUSED")


def test_a_value_that_cannot_travel_is_told(office: Office, dispute: str) -> None:
    organization(office).edit(OWN, name="x" * 1025)
    choose(office, dispute, "dynamics")
    refused = choose(office, dispute, "dynamics")
    assert (refused.status, refused.code) == (422, "VALUE_REFUSED")


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/choice": "MISSING"}),
        ({"choice": 1}, {"/choice": "WRONG_TYPE"}),
        ({"choice": "platform"}, {"/choice": "UNKNOWN_VALUE"}),
        ({"choice": "oneflow", "why": "x"}, {"/why": "UNKNOWN_MEMBER"}),
    ],
)
def test_an_unknown_choice_is_refused(office: Office, dispute: str, body: Any, pointers: dict[str, str]) -> None:
    assert office.ask("POST", f"{dispute}/resolve", body).pointers == pointers


@pytest.mark.parametrize("wrong", ["cfl_5001_0123456789abcdef", "cfl_77_0123456789abcdef", "other"])
def test_an_unknown_conflict_is_not_found(office: Office, dispute: str, wrong: str) -> None:
    path = f"{queue(dispute)}/{wrong}"
    assert (office.ask("GET", path).status, choose(office, path, "oneflow").status) == (404, 404)


def remap(office: Office, dispute: str, *pairs: FieldPair) -> None:
    bridge_id = dispute.split("/")[3]
    known = office.hub.bridges.mappings.get(bridge_id, "opportunity")
    assert known is not None
    office.hub.bridges.mappings.save(replace(known, fields=pairs))


def test_a_field_that_is_mapped_no_more_is_in_no_conflict(office: Office, dispute: str) -> None:
    remap(office, dispute)
    assert (office.ask("GET", queue(dispute)).data, office.ask("GET", dispute).status) == ([], 404)


def test_a_field_that_is_two_way_no_more_cannot_be_resolved(office: Office, dispute: str) -> None:
    remap(office, dispute, pair(direction=Direction.DYNAMICS_TO_ONEFLOW))
    assert choose(office, dispute, "oneflow").status == 404


def test_two_people_cannot_resolve_one_conflict(office: Office, dispute: str) -> None:
    desk = office.hub.bridges
    bridge = desk.integrations.find(dispute.split("/")[3])
    assert bridge is not None
    contest = contests.find(desk, bridge, dispute.rsplit("/", 1)[1])
    assert contest is not None
    choose(office, dispute, "oneflow")
    with pytest.raises(StateError, match="not in conflict"):
        contests.resolve(desk, bridge, contest, contests.Winner.DYNAMICS, by="bob")


def test_a_conflict_that_was_met_again_meanwhile_must_be_read_again(office: Office, home: str, dispute: str) -> None:
    desk = office.hub.bridges
    bridge = desk.integrations.find(dispute.split("/")[3])
    assert bridge is not None
    contest = contests.find(desk, bridge, dispute.rsplit("/", 1)[1])
    assert contest is not None
    account(office).edit(f_name="elsewhere")
    ask(office, home, "push")
    with pytest.raises(StaleRecordError):
        contests.resolve(desk, bridge, contest, contests.Winner.DYNAMICS, by="bob")
