"""Data fields: by id, by custom id, together; what fits and what is refused."""

from typing import Any

import pytest

from tests.sandbox.oneflow.kit import Caller, refused


def bulk(flow: Caller, contract: int, *items: dict[str, Any]) -> tuple[int, int, dict[str, list[str]]]:
    return refused(flow.ask("PUT", f"/contracts/{contract}/data_fields", {"data_fields": list(items)}))


def named(custom_id: str, **more: Any) -> dict[str, Any]:
    return {"_private_ownerside": {"custom_id": custom_id}, **more}


@pytest.mark.parametrize("path", ["c::topic", "c%3A%3Atopic"])
def test_a_field_is_written_by_its_custom_id(flow: Caller, path: str) -> None:
    contract = flow.draft()
    shown = flow.done("PUT", f"/contracts/{contract}/data_fields/{path}", {"value": "New"})
    assert (shown["value"], flow.values(contract)["topic"]) == ("New", "New")


def test_a_field_is_written_by_its_id(flow: Caller) -> None:
    contract = flow.draft()
    row = flow.get(f"/contracts/{contract}")["data_fields"][0]
    shown = flow.done("PUT", f"/contracts/{contract}/data_fields/{row['id']}", {"id": row["id"], "value": "New"})
    assert shown["_private_ownerside"] == {**row["_private_ownerside"], **shown["_private_ownerside"]}
    assert flow.values(contract)["topic"] == "New"


def test_only_a_field_that_changed_has_a_new_time(flow: Caller) -> None:
    contract = flow.draft(topic="Same")
    assert flow.put(contract, "topic", "Same").json()["_private_ownerside"]["updated_time"] is None
    assert flow.put(contract, "topic", "Other").json()["_private_ownerside"]["updated_time"] is not None


@pytest.mark.parametrize("given", [None, ""])
def test_null_and_blank_are_stored_as_blank(flow: Caller, given: str | None) -> None:
    contract = flow.draft(topic="T")
    assert flow.put(contract, "topic", given).json()["value"] == ""


def test_without_a_value_nothing_changes(flow: Caller) -> None:
    contract = flow.draft(topic="T")
    assert flow.done("PUT", f"/contracts/{contract}/data_fields/c::topic", {})["value"] == "T"


@pytest.mark.parametrize("body", [{"id": 1}, {"_private_ownerside": {"custom_id": "stage"}}])
def test_a_body_that_names_another_field_is_400(flow: Caller, body: Any) -> None:
    reply = flow.ask("PUT", f"/contracts/{flow.draft()}/data_fields/c::topic", {"value": "x", **body})
    assert reply.status_code == 400


@pytest.mark.parametrize("value", ["x" * 1025, 5, ["x"]])
def test_a_value_that_is_too_long_or_no_text_is_400(flow: Caller, value: Any) -> None:
    reply = flow.ask("PUT", f"/contracts/{flow.draft()}/data_fields/c::topic", {"value": value})
    assert list(refused(reply)[2]) == ["value"]


def test_a_value_of_1024_characters_fits(flow: Caller) -> None:
    assert flow.put(flow.draft(), "topic", "x" * 1024).status_code == 200


@pytest.mark.parametrize("key", ["c::unheard_of", "topic", "1", "c::"])
def test_an_unknown_field_is_404(flow: Caller, key: str) -> None:
    assert flow.ask("PUT", f"/contracts/{flow.draft()}/data_fields/{key}", {"value": "x"}).status_code == 404


def test_a_field_of_the_system_answers_200_and_stays(flow: Caller) -> None:
    contract = flow.draft(contract_id="mine")
    reply = flow.put(contract, "contract_id", "mine")
    assert (reply.status_code, reply.json()["value"]) == (200, "")


def test_several_fields_are_written_at_once(flow: Caller) -> None:
    contract = flow.draft()
    row = flow.get(f"/contracts/{contract}")["data_fields"][1]
    body = {"data_fields": [named("topic", value="T"), {"id": row["id"], "value": "D"}, named("stage")]}
    shown = flow.done("PUT", f"/contracts/{contract}/data_fields", body)["data_fields"]
    assert [each["value"] for each in shown] == ["T", "D", ""]


def test_an_item_without_any_id_is_refused(flow: Caller) -> None:
    status, _, problems = bulk(flow, flow.draft(), {"value": "x"})
    assert (status, list(problems)) == (400, ["data_fields[0].id"])


def test_one_bad_item_stops_all_or_only_itself_as_switched(flow: Caller) -> None:
    contract = flow.draft()
    items = (named("topic", value="T"), named("stage", value="x" * 1025))
    assert list(bulk(flow, contract, *items)[2]) == ["data_fields[1].value"]
    assert flow.values(contract)["topic"] == ""
    flow.oneflow.set_switch(bulk_failure="rest")
    assert bulk(flow, contract, *items)[0] == 400
    assert flow.values(contract)["topic"] == "T"


def test_an_unknown_field_among_several_is_400_or_404_as_switched(flow: Caller) -> None:
    contract = flow.draft()
    assert bulk(flow, contract, named("unheard_of", value="x"))[0] == 400
    flow.oneflow.set_switch(bulk_unknown="404")
    assert bulk(flow, contract, named("unheard_of", value="x"))[0] == 404


def test_the_bulk_body_is_a_bare_list_where_switched(flow: Caller) -> None:
    flow.oneflow.set_switch(bulk_request="list", bulk_reply="list")
    path = f"/contracts/{flow.draft()}/data_fields"
    assert flow.done("PUT", path, [named("topic", value="T")])[0]["value"] == "T"
    assert flow.ask("PUT", path, {"data_fields": []}).status_code == 400


def test_a_custom_id_can_stand_at_the_top_where_switched(flow: Caller) -> None:
    flow.oneflow.set_switch(field_shape="top")
    row = flow.get(f"/contracts/{flow.draft()}")["data_fields"][0]
    assert (row["custom_id"], row["source"], "custom_id" in row["_private_ownerside"]) == ("topic", "user", False)


@pytest.mark.parametrize("action", ["sign", "decline"])
def test_a_signed_or_declined_contract_is_locked(flow: Caller, action: str) -> None:
    contract = flow.sent()
    flow.oneflow.act(contract, action)
    assert refused(flow.put(contract, "topic", "x"))[:2] == (409, 4090000)


@pytest.mark.parametrize("action", ["publish", "expire"])
def test_a_pending_or_overdue_contract_is_open(flow: Caller, action: str) -> None:
    contract = flow.draft()
    flow.oneflow.act(contract, "publish")
    if action == "expire":
        flow.oneflow.act(contract, action)
    assert flow.put(contract, "topic", "x").status_code == 200


def test_other_states_are_locked_where_switched(flow: Caller) -> None:
    contract = flow.sent()
    flow.oneflow.set_switch(locked_states="published")
    assert flow.put(contract, "topic", "x").status_code == 409
    flow.oneflow.act(contract, "sign")
    flow.oneflow.set_switch(locked_states="none")
    assert flow.put(contract, "topic", "x").status_code == 200


def test_a_locked_contract_answers_200_and_stays_where_switched(flow: Caller) -> None:
    contract = flow.sent(topic="T")
    flow.oneflow.act(contract, "sign")
    flow.oneflow.set_switch(locked_reply="200")
    assert flow.put(contract, "topic", "x").json()["value"] == "T"


def test_replacing_the_fields_of_a_type_removes_what_is_not_listed(flow: Caller) -> None:
    body = {"data_fields": [{"custom_id": "topic", "name": "Subject"}, {"custom_id": "new", "value": "v"}]}
    shown = flow.done("PUT", "/template_types/5/data_fields", body)["data_fields"]
    assert [(each["custom_id"], each["name"], each["id"]) for each in shown] == [
        ("topic", "Subject", 12),
        ("new", "new", 100),
    ]
    assert flow.values(flow.draft()) == {"topic": "", "new": "v"}


def test_a_custom_id_is_unique_within_its_type(flow: Caller) -> None:
    body = {"data_fields": [{"custom_id": "a"}, {"custom_id": "a"}]}
    assert list(refused(flow.ask("PUT", "/template_types/5/data_fields", body))[2]) == ["data_fields[1].custom_id"]


def test_only_an_admin_may_change_template_types(flow: Caller) -> None:
    sales = {"x_oneflow_user_email": "sales@contoso.example"}
    assert flow.ask("PUT", "/template_types/5/data_fields", {"data_fields": []}, **sales).status_code == 403
    assert flow.ask("POST", "/template_types", {"name": "x"}, **sales).status_code == 403
    assert flow.done("POST", "/template_types", {"name": "x"})["data_fields"] == []


def test_the_times_of_replies_have_another_form_where_switched(flow: Caller) -> None:
    contract = flow.draft()
    flow.oneflow.set_switch(time_form="plain")
    assert flow.get(f"/contracts/{contract}")["updated_time"].endswith("+0000")
