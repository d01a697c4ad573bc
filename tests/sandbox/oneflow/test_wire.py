"""Replies have the shape of the samples."""

from typing import Any

import pytest

from tests.sandbox.ears import Ear
from tests.sandbox.oneflow.kit import TYPE, Caller, refused, sample, told


def names(value: Any, path: str = "") -> set[str]:
    """Paths of all members; of a list the first row counts."""
    if isinstance(value, list):
        return names(value[0], path) if value else set()
    if not isinstance(value, dict):
        return set()
    return {f"{path}.{name}" for name in value}.union(*(names(one, f"{path}.{name}") for name, one in value.items()))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/accounts/me", "account-me"),
        ("/users?limit=100&offset=0", "users"),
        ("/workspaces", "workspaces"),
        ("/ping", "ping"),
    ],
)
def test_a_reply_has_the_members_of_the_sample(flow: Caller, path: str, name: str) -> None:
    assert names(flow.get(path)) == names(sample(name))


@pytest.mark.parametrize(
    ("path", "name"),
    [("/templates?sort=-name", "templates-last-page"), ("/helpers/contract_create_data", "create-choices")],
)
def test_templates_have_all_members_of_the_sample(flow: Caller, path: str, name: str) -> None:
    lacking = names(sample(name)) - names(flow.get(path))
    assert {each for each in lacking if ".tags." not in each} == set()


def test_a_template_type_has_the_members_of_the_sample(flow: Caller) -> None:
    found = flow.get(f"/template_types/{TYPE}")
    assert names(sample("template-type")) <= names(found)
    assert {each["source"] for each in found["data_fields"]} == {"user", "system"}


def without_products(flow: Caller) -> dict[str, Any]:
    amount = {"amount": "500.10", "currency": "SEK"}
    return dict(flow.create(workspace_id=396199, template_id=110012, value=amount))


def test_a_new_contract_has_the_members_of_the_sample(flow: Caller) -> None:
    tags = {".tags.id", ".tags.name"}
    assert names(without_products(flow)) == names(sample("contract-created-draft")) - tags


def test_a_signed_contract_has_the_members_of_the_sample(flow: Caller) -> None:
    contract = without_products(flow)["id"]
    flow.publish(contract)
    flow.oneflow.act(contract, "sign")
    assert names(flow.get(f"/contracts/{contract}")) == names(sample("contract-signed")) - {".tags.id", ".tags.name"}


def test_a_listed_contract_has_the_members_of_the_sample(flow: Caller) -> None:
    flow.create(value={"amount": "500.10", "currency": "SEK"})
    assert names(flow.get("/contracts")) == names(sample("contracts-list")) - {".data.tags.id", ".data.tags.name"}


def test_data_fields_have_the_members_of_the_sample(flow: Caller) -> None:
    contract = flow.draft()
    assert names(flow.get(f"/contracts/{contract}/data_fields")) == names(sample("data-fields"))
    assert names(flow.put(contract, "budgetamount", "13000.00").json()) == names(sample("data-field-updated"))


def test_a_webhook_has_the_members_of_the_sample_in_their_order(flow: Caller, ear: Ear) -> None:
    body = {"callback_url": ear.url, "sign_key": "k", "filters": sample("webhook-created")["filters"]}
    assert list(flow.done("POST", "/webhooks", body)) == list(sample("webhook-created"))


@pytest.mark.parametrize("name", ["webhook-notice", "webhook-notice-two-events"])
def test_a_notice_has_the_members_of_the_sample_and_no_others(flow: Caller, ear: Ear, name: str) -> None:
    flow.hook(ear)
    flow.sent()
    assert names(told(ear)[0]) == names(sample(name))


def test_times_of_notices_have_no_colon_and_those_of_replies_have_one(flow: Caller, ear: Ear) -> None:
    flow.hook(ear)
    contract = flow.sent()
    assert told(ear)[0]["events"][0]["created_time"].endswith("+0000")
    assert flow.get(f"/contracts/{contract}")["published_time"].endswith("+00:00")


def test_an_unknown_contract_is_refused_as_in_the_sample(flow: Caller) -> None:
    body, expected = flow.ask("GET", "/contracts/1").json(), sample("error-not-found-404")
    assert len(body["request_id"]) == len(expected["request_id"])
    assert {**body, "request_id": "", "type": ""} == {**expected, "request_id": "", "type": ""}


def test_a_participant_who_is_there_twice_is_refused_as_in_the_sample(flow: Caller) -> None:
    expected = sample("error-duplicate-participant-400")
    people = [{"name": name, "email": "x@example.com"} for name in ("One", "Two")]
    party = {"name": "A", "country_code": "SE", "participants": [{"name": "No"}, *people]}
    party["participants"][0]["delivery_channel"] = "none"  # type: ignore[index]  # the list is one of objects
    reply = flow.ask("POST", "/contracts/create", {"workspace_id": 396198, "template_id": 110010, "parties": [party]})
    assert refused(reply) == (400, expected["error_code"], expected["parameter_problems"])
    assert set(reply.json()) == set(expected)


def test_too_many_requests_are_refused_word_for_word(flow: Caller) -> None:
    flow.oneflow.set_switch(window_limit=0)
    reply = flow.ask("GET", "/ping")
    assert (reply.status_code, reply.json()) == (429, sample("error-rate-limit-429"))
    assert "Retry-After" not in reply.headers
