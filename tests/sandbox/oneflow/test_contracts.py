"""Contracts: made, changed, sent, deleted."""

from typing import Any

import pytest

from sandbox.dataverse.control import DataverseControl
from tests.sandbox.oneflow.kit import TEMPLATE, WORKSPACE, Caller, refused


def ask(flow: Caller, **more: Any) -> tuple[int, int, dict[str, list[str]]]:
    body = {"workspace_id": WORKSPACE, "template_id": TEMPLATE, **more}
    return refused(flow.ask("POST", "/contracts/create", body))


def test_a_create_answers_200_with_a_whole_draft(flow: Caller) -> None:
    made = flow.create(
        data_fields=[{"custom_id": "topic", "value": "Bikes"}], value={"amount": "1.50", "currency": "SEK"}
    )
    assert (made["state"], made["_private"]["name"], made["published_time"]) == ("draft", "Deal", None)
    assert made["_private"]["value"] == {"amount": "1.50", "currency": "SEK"}
    assert flow.get(f"/contracts/{made['id']}") == made


def test_ids_are_the_same_in_every_run(flow: Caller) -> None:
    assert flow.draft() == 51874


def test_a_create_is_not_idempotent(flow: Caller) -> None:
    assert flow.draft() != flow.draft()


def test_a_create_needs_a_workspace_and_a_template(flow: Caller) -> None:
    problems = refused(flow.ask("POST", "/contracts/create", {}))[2]
    assert set(problems) == {"workspace_id", "template_id"}


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"workspace_id": 1}, 404),
        ({"template_id": 1}, 404),
        ({"template_id": 110011}, 403),
        ({"template_id": 110012}, 403),
        ({"workspace_id": 396200}, 403),
    ],
)
def test_a_workspace_or_template_that_cannot_be_used_is_refused(flow: Caller, more: Any, status: int) -> None:
    assert ask(flow, **more)[0] == status


def test_the_value_of_a_contract_has_another_name_where_switched(flow: Caller) -> None:
    flow.oneflow.set_switch(create_value="_private")
    amount = {"amount": "9", "currency": "EUR"}
    assert flow.create(value=amount)["_private"]["value"] is None
    assert flow.create(_private={"value": amount})["_private"]["value"] == amount


def test_a_name_has_at_most_130_characters(flow: Caller) -> None:
    assert list(ask(flow, name="x" * 131)[2]) == ["name"]
    assert flow.create(name="x" * 130)["_private"]["name"] == "x" * 130


def test_every_problem_of_a_create_is_named_at_once(flow: Caller) -> None:
    party = {"name": "", "country_code": "sweden", "participants": [{"name": "P", "email": "nonsense"}]}
    fields = [{"custom_id": "unheard_of", "value": "x"}, {"value": "x"}]
    assert set(ask(flow, parties=[party], data_fields=fields)[2]) == {
        "parties[0].name",
        "parties[0].country_code",
        "parties[0].participants[0].email",
        "data_fields[0].custom_id",
        "data_fields[1].custom_id",
    }


def test_an_unknown_data_field_is_ignored_where_switched(flow: Caller) -> None:
    flow.oneflow.set_switch(unknown_field_on_create="ignored")
    assert "unheard_of" not in flow.values(flow.draft(unheard_of="x", topic="T"))


def test_a_contract_takes_active_fields_and_their_values_from_its_template(flow: Caller) -> None:
    flow.oneflow.set_field(5, "terms", value="30 days")
    values = flow.values(flow.draft())
    assert (values["terms"], "retired_terms" in values) == ("30 days", False)


def test_a_contract_keeps_its_fields_when_the_type_loses_them(flow: Caller) -> None:
    contract = flow.draft(topic="T")
    flow.done("PUT", "/template_types/5/data_fields", {"data_fields": [{"custom_id": "other", "name": "Other"}]})
    assert flow.values(contract)["topic"] == "T"
    assert list(flow.values(flow.draft())) == ["other"]


def test_a_template_without_a_type_makes_a_contract_without_fields(flow: Caller) -> None:
    assert flow.create(template_id=110008)["data_fields"] == []


def test_name_value_and_signing_period_can_be_changed_in_a_draft(flow: Caller) -> None:
    contract = flow.draft()
    private = {
        "name": "New",
        "value": {"amount": "2", "currency": "SEK"},
        "signing_period_expiration": {"type": "never"},
    }
    shown = flow.done("PUT", f"/contracts/{contract}", {"_private": private})["_private"]
    assert {name: shown[name] for name in private} == private
    assert flow.done("PUT", f"/contracts/{contract}", {"_private": {"value": None}})["_private"]["value"] is None


def test_an_empty_change_changes_nothing(flow: Caller) -> None:
    contract = flow.draft()
    before = flow.get(f"/contracts/{contract}")
    assert flow.done("PUT", f"/contracts/{contract}", {"_private": {}}) == before


@pytest.mark.parametrize("given", [None, {"type": "soon"}, {"type": "days_after_publish"}])
def test_a_signing_period_of_no_known_form_is_400(flow: Caller, given: Any) -> None:
    body = {"_private": {"signing_period_expiration": given}}
    assert flow.ask("PUT", f"/contracts/{flow.draft()}", body).status_code == 400


def test_a_declined_contract_keeps_its_name_and_its_signing_period(flow: Caller) -> None:
    contract = flow.sent()
    flow.done("POST", f"/contracts/{contract}/decline")
    for private in ({"name": "x"}, {"signing_period_expiration": {"type": "never"}}):
        assert flow.ask("PUT", f"/contracts/{contract}", {"_private": private}).status_code == 409


def test_publishing_sends_a_draft_for_thirty_days(flow: Caller) -> None:
    flow.control.clock(freeze=True, set="2026-03-01T00:00:00Z")
    shown = flow.publish(flow.draft())
    assert (shown["state"], shown["published_time"]) == ("pending", "2026-03-01T00:00:00+00:00")
    assert shown["signing_period_expiry_time"] == "2026-03-31T00:00:00+00:00"
    assert shown["parties"][1]["participants"][0]["delivery_status"] == "success"


def test_publishing_needs_subject_and_message(flow: Caller) -> None:
    reply = flow.ask("POST", f"/contracts/{flow.draft()}/publish", {})
    assert set(refused(reply)[2]) == {"subject", "message"}


def test_only_a_draft_can_be_published(flow: Caller) -> None:
    reply = flow.ask("POST", f"/contracts/{flow.sent()}/publish", {"subject": "s", "message": "m"})
    assert refused(reply)[:2] == (409, 4090000)


def test_the_free_plan_cannot_publish(flow: Caller) -> None:
    contract = flow.draft()
    flow.oneflow.set_account(plan="free")
    assert flow.ask("POST", f"/contracts/{contract}/publish", {"subject": "s", "message": "m"}).status_code == 402


def test_a_contract_is_overdue_when_its_signing_period_has_passed(flow: Caller) -> None:
    flow.control.clock(freeze=True)
    contract = flow.sent()
    flow.control.clock(advance=30 * 86_400)
    assert flow.get(f"/contracts/{contract}")["state"] == "overdue"


def test_a_deleted_contract_is_gone(flow: Caller) -> None:
    contract = flow.draft()
    assert flow.done("DELETE", f"/contracts/{contract}") == {}
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/data_fields")):
        assert refused(flow.ask(method, f"/contracts/{contract}{path}"))[:2] == (404, 4040000)


def test_a_contract_that_waits_can_be_marked_as_signed(flow: Caller) -> None:
    contract = flow.sent()
    assert flow.done("POST", f"/contracts/{contract}/mark_as_signed")["state"] == "signed"
    assert flow.ask("POST", f"/contracts/{contract}/mark_as_signed").status_code == 409


def test_a_participant_gets_a_link_to_the_contract(flow: Caller) -> None:
    made = flow.create()
    person = made["parties"][1]["participants"][0]["id"]
    assert "access_link" in flow.done("POST", f"/contracts/{made['id']}/participants/{person}/access_link", {})
    assert flow.ask("POST", f"/contracts/{made['id']}/participants/1/access_link", {}).status_code == 404


def test_the_events_of_a_contract_can_be_read(flow: Caller) -> None:
    contract = flow.sent()
    events = flow.get(f"/contracts/{contract}/events?sort=id")["data"]
    assert [each["type"] for each in events] == ["contract:create", "contract:publish"]
    assert flow.get(f"/contracts/{contract}/events/{events[0]['id']}") == events[0]
    assert flow.ask("GET", f"/contracts/{contract}/events/1").status_code == 404


def test_a_pdf_is_fetched_by_a_redirect_without_a_token(flow: Caller) -> None:
    path = f"/contracts/{flow.draft()}/files"
    assert flow.get(f"{path}/1") == flow.get(path)["data"][0]
    reply = flow.ask("GET", f"{path}/1?download=true")
    fetched = flow.session.get(reply.headers["Location"], headers={"x-oneflow-api-token": None})
    assert (reply.status_code, fetched.headers["Content-Type"]) == (302, "binary/octet-stream")


def test_a_pdf_can_be_late(flow: Caller) -> None:
    flow.control.clock(freeze=True)
    flow.oneflow.set_switch(pdf_seconds=30)
    contract = flow.draft()
    assert flow.get(f"/contracts/{contract}/files")["data"] == []
    assert flow.ask("GET", f"/contracts/{contract}/files/1").status_code == 404
    flow.control.clock(advance=30)
    assert flow.get(f"/contracts/{contract}/files")["count"] == 1


def test_what_is_written_in_oneflow_is_no_write_in_dataverse(flow: Caller) -> None:
    flow.create()
    dataverse = DataverseControl(flow.control.url)
    assert (dataverse.writes(), dataverse.violations()) == ([], [])
