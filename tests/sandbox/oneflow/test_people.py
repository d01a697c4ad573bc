"""What persons do in Oneflow's own pages."""

from typing import Any

import pytest

from sandbox.control import ControlError
from tests.sandbox.ears import Ear
from tests.sandbox.oneflow.kit import BUYER, Caller, kinds, told

_TWO = {**BUYER, "participants": [{"name": name, "email": f"{name}@adventure.example"} for name in ("one", "two")]}


def sent_to_two(flow: Caller) -> int:
    contract = int(flow.create(parties=[_TWO])["id"])
    flow.publish(contract)
    return contract


def sign_states(flow: Caller, contract: int) -> list[str]:
    return [each["sign_state"] for each in flow.get(f"/contracts/{contract}")["parties"][1]["participants"]]


def test_an_edit_changes_data_fields(flow: Caller) -> None:
    contract = flow.sent(topic="old")
    [change, *_] = flow.oneflow.edit(contract, topic="new")
    assert (change["from"], change["to"], flow.values(contract)["topic"]) == ("old", "new", "new")


def test_a_contract_is_signed_when_everybody_has_signed(flow: Caller, ear: Ear) -> None:
    contract = sent_to_two(flow)
    flow.hook(ear)
    flow.oneflow.act(contract, "sign", participant="one@adventure.example")
    assert flow.get(f"/contracts/{contract}")["state"] == "pending"
    flow.oneflow.act(contract, "sign", participant="two@adventure.example")
    assert flow.get(f"/contracts/{contract}")["state"] == "signed"
    assert [kinds(each) for each in told(ear, 2)] == [["participant:sign"], ["participant:sign", "contract:sign"]]


def test_one_refusal_declines_the_contract(flow: Caller, ear: Ear) -> None:
    contract = sent_to_two(flow)
    flow.hook(ear)
    flow.oneflow.act(contract, "decline", participant="one@adventure.example")
    assert flow.get(f"/contracts/{contract}")["state"] == "declined"
    assert kinds(told(ear)[0]) == ["participant:decline", "contract:decline"]


@pytest.mark.parametrize("by_api", [True, False])
def test_a_change_takes_signatures_back(flow: Caller, ear: Ear, by_api: Any) -> None:
    contract = sent_to_two(flow)
    flow.oneflow.act(contract, "sign", participant="one@adventure.example")
    flow.hook(ear)
    _ = flow.put(contract, "topic", "x") if by_api else flow.oneflow.edit(contract, topic="x")
    assert sign_states(flow, contract) == ["undecided", "undecided"]
    assert kinds(told(ear)[0])[-1] == "contract:signature_reset"


def test_a_change_keeps_signatures_where_switched(flow: Caller) -> None:
    contract = sent_to_two(flow)
    flow.oneflow.set_switch(signature_reset="keeps")
    flow.oneflow.act(contract, "sign", participant="one@adventure.example")
    flow.put(contract, "topic", "x")
    assert sign_states(flow, contract) == ["signed", "undecided"]


def test_a_person_can_reset_signatures(flow: Caller) -> None:
    contract = sent_to_two(flow)
    flow.oneflow.act(contract, "sign", participant="one@adventure.example")
    flow.oneflow.act(contract, "reset_signatures")
    assert sign_states(flow, contract) == ["undecided", "undecided"]


def test_a_signing_period_ends_and_is_revived(flow: Caller) -> None:
    contract = flow.sent()
    flow.oneflow.act(contract, "expire")
    assert flow.get(f"/contracts/{contract}")["state"] == "overdue"
    flow.oneflow.act(contract, "revive")
    assert flow.get(f"/contracts/{contract}")["state"] == "pending"


def test_a_deleted_contract_is_told_and_gone(flow: Caller, ear: Ear) -> None:
    contract = flow.sent()
    flow.hook(ear)
    flow.oneflow.act(contract, "delete")
    assert kinds(told(ear)[0]) == ["contract:delete"]
    assert flow.ask("GET", f"/contracts/{contract}").status_code == 404


@pytest.mark.parametrize(
    ("lifecycle", "state"),
    [("start", "active"), ("new_period", "active"), ("cancel", "active"), ("end", "ended"), ("terminate", "ended")],
)
def test_a_signed_contract_has_a_life_of_its_own(flow: Caller, ear: Ear, lifecycle: str, state: str) -> None:
    contract = flow.sent()
    flow.hook(ear)
    flow.oneflow.act(contract, "lifecycle", lifecycle=lifecycle)
    shown = flow.get(f"/contracts/{contract}")["lifecycle_state"]
    assert (shown["lifecycle_state"], shown["is_canceled"]) == (state, lifecycle == "cancel")
    assert kinds(told(ear)[0]) == [f"contract:lifecycle_state:{lifecycle}"]


def test_visits_and_bounces_are_told(flow: Caller, ear: Ear) -> None:
    contract = flow.sent()
    flow.hook(ear)
    for action in ("visit", "visit", "bounce"):
        flow.oneflow.act(contract, action, participant="buyer@adventure.example")
    assert [kinds(each) for each in told(ear, 2)] == [["participant:first_visit"], ["participant:delivery_failure"]]
    person = flow.get(f"/contracts/{contract}")["parties"][1]["participants"][0]
    assert (person["_private_ownerside"]["visits"], person["delivery_status"]) == (2, "bounce")


@pytest.mark.parametrize(
    "order",
    [
        {"action": "dance"},
        {"action": "edit", "fields": {"unheard_of": "x"}},
        {"action": "edit", "fields": {"topic": "x" * 1025}},
        {"action": "sign"},
        {"action": "decline"},
        {"action": "revive"},
        {"action": "visit", "participant": "nobody@example.com"},
    ],
)
def test_what_a_person_cannot_do_is_refused(flow: Caller, order: dict[str, Any]) -> None:
    contract = flow.draft()
    with pytest.raises(ControlError):
        flow.oneflow.act(contract, **order)
    assert flow.get(f"/contracts/{contract}")["state"] == "draft"


def test_a_signed_contract_is_locked_for_persons_too(flow: Caller) -> None:
    contract = flow.sent()
    flow.oneflow.act(contract, "sign")
    with pytest.raises(ControlError, match="cannot be changed"):
        flow.oneflow.edit(contract, topic="x")


def test_an_unknown_contract_account_or_type_is_refused(flow: Caller) -> None:
    with pytest.raises(ControlError, match="no contract"):
        flow.oneflow.act(1, "sign")
    with pytest.raises(ControlError, match="no account"):
        flow.oneflow.set_account("Nobody AB", revoked=True)
    with pytest.raises(ControlError, match="no template type"):
        flow.oneflow.set_field(1, "x")


def test_the_truth_about_a_contract_can_be_asked_for(flow: Caller) -> None:
    contract = flow.sent(topic="T")
    assert flow.oneflow.contract(contract)["values"]["topic"] == "T"
    with pytest.raises(LookupError):
        flow.oneflow.contract(1)


def test_an_unknown_switch_is_refused(flow: Caller) -> None:
    with pytest.raises(ControlError, match="unknown switch"):
        flow.oneflow.set_switch(colour="red")


def test_a_reset_brings_everything_back(flow: Caller, ear: Ear) -> None:
    flow.hook(ear)
    flow.sent()
    flow.oneflow.set_switch(echo="absent")
    flow.control.reset()
    assert (flow.oneflow.contracts(), flow.oneflow.webhooks()) == ([], [])
    assert flow.oneflow.set_switch()["echo"] == "sent"


def test_copies_of_a_contract_are_contracts_of_their_own_and_nobody_is_told(flow: Caller, ear: Ear) -> None:
    contract = flow.sent(topic="old")
    flow.hook(ear)
    first, second = flow.oneflow.copy(contract, 2)
    flow.put(first, "topic", "new")
    assert [flow.values(each)["topic"] for each in (contract, first, second)] == ["old", "new", "old"]


def test_a_contract_that_there_is_not_has_no_copies(flow: Caller) -> None:
    with pytest.raises(ControlError, match="no contract 1"):
        flow.oneflow.copy(1, 2)
