"""Who may call, as whom, how often; and what can be planned to go wrong."""

from collections.abc import Callable

import pytest
import requests

from tests.sandbox.oneflow.kit import TEMPLATE, WORKSPACE, Caller, refused

_BODY = {"workspace_id": WORKSPACE, "template_id": TEMPLATE}


@pytest.mark.parametrize("token", [None, "short", "x" * 40, "contoso-oneflow-token-00000000000000000_"])
def test_a_token_that_is_absent_wrong_or_malformed_is_401(flow: Caller, token: str | None) -> None:
    reply = flow.ask("GET", "/ping", x_oneflow_api_token=token)
    assert refused(reply) == (401, 4010000, {})


def test_a_revoked_token_is_401_until_it_is_restored(flow: Caller) -> None:
    flow.oneflow.set_account(revoked=True)
    assert flow.ask("GET", "/ping").status_code == 401
    flow.oneflow.set_account(revoked=False)
    assert flow.get("/ping") == {}


@pytest.mark.parametrize("email", ["nobody@contoso.example", "former@contoso.example", "admin@fabrikam.example"])
def test_a_user_who_is_unknown_or_inactive_is_401(flow: Caller, email: str) -> None:
    assert flow.ask("GET", "/ping", x_oneflow_user_email=email).status_code == 401


def test_a_create_needs_a_user_where_the_reference_is_right(flow: Caller) -> None:
    reply = flow.ask("POST", "/contracts/create", _BODY, x_oneflow_user_email=None)
    assert refused(reply)[2] == {"x-oneflow-user-email": ["Missing data for required field."]}


def test_a_create_without_a_user_has_an_admins_rights_where_the_guide_is_right(flow: Caller) -> None:
    flow.oneflow.set_switch(missing_email="admin")
    assert flow.ask("POST", "/contracts/create", _BODY, x_oneflow_user_email=None).status_code == 200


def test_the_creator_of_a_contract_can_be_named_as_such(calling: Callable[..., Caller]) -> None:
    contract = calling(email="sales@contoso.example").draft()
    reply = calling().ask("POST", f"/contracts/{contract}/decline", {}, x_oneflow_user_email="__CREATOR__")
    assert reply.status_code == 409


@pytest.mark.parametrize("path", ["/contracts/create", "/webhooks"])
def test_there_is_no_creator_where_there_is_no_contract(flow: Caller, path: str) -> None:
    assert flow.ask("POST", path, {}, x_oneflow_user_email="__CREATOR__").status_code == 401


def test_an_account_sees_nothing_of_another(flow: Caller, calling: Callable[..., Caller]) -> None:
    contract = flow.draft()
    stranger = calling("Fabrikam AB", "admin@fabrikam.example")
    assert stranger.get("/contracts")["count"] == 0
    assert stranger.ask("GET", f"/contracts/{contract}").status_code == 404
    assert stranger.ask("GET", f"/templates/{TEMPLATE}").status_code == 404


def test_a_user_sees_only_the_workspaces_that_are_open_to_them(flow: Caller, calling: Callable[..., Caller]) -> None:
    legal = flow.create(workspace_id=396199, template_id=110012)["id"]
    sales = calling(email="sales@contoso.example")
    assert [each["id"] for each in sales.get("/workspaces")["data"]] == [WORKSPACE]
    assert sales.get("/contracts")["count"] == 0
    assert sales.ask("GET", f"/contracts/{legal}").status_code == 403


def test_an_unknown_path_is_404_and_a_wrong_method_405(flow: Caller) -> None:
    assert flow.ask("GET", "/nothing").status_code == 404
    assert flow.ask("DELETE", "/contracts").status_code == 405


def test_a_body_that_is_no_json_is_400(flow: Caller) -> None:
    reply = flow.session.post(f"{flow.url}/webhooks", data=b"{")
    assert reply.status_code == 400


def test_two_thousand_requests_in_five_minutes_are_the_limit(flow: Caller) -> None:
    flow.control.clock(freeze=True)
    flow.oneflow.set_switch(window_limit=3)
    assert [flow.ask("GET", "/ping").status_code for _ in range(4)] == [200, 200, 200, 429]
    flow.control.clock(advance=300)
    assert flow.ask("GET", "/users").status_code == 200


def test_the_limit_counts_each_endpoint_where_the_older_page_is_right(flow: Caller) -> None:
    flow.control.clock(freeze=True)
    flow.oneflow.set_switch(window_limit=1, window_per="endpoint")
    paths = ["/ping", "/users", "/contracts/1", "/contracts/2"]
    assert [flow.ask("GET", path).status_code for path in paths] == [200, 200, 404, 429]


def test_a_retry_after_is_sent_where_switched_and_those_who_ignore_it_are_counted(flow: Caller) -> None:
    flow.control.clock(freeze=True)
    flow.oneflow.set_switch(window_limit=1, throttle_retry_after="seconds")
    waits = [flow.ask("GET", "/ping").headers.get("Retry-After") for _ in range(3)]
    assert waits == [None, "300", "300"]
    assert flow.oneflow.counters()["Contoso AB"]["early"] == 1


def test_a_fault_can_be_planned_for_the_nth_call(flow: Caller) -> None:
    flow.control.fault(part="oneflow", match="/users", nth=2, status=503, retry_after=7)
    replies = [flow.ask("GET", "/users") for _ in range(3)]
    assert [each.status_code for each in replies] == [200, 503, 200]
    assert (replies[1].json()["error_code"], replies[1].headers["Retry-After"]) == (5030000, "7")


def test_a_planned_429_has_the_documented_body(flow: Caller) -> None:
    flow.control.fault(part="oneflow", status=429, next=1)
    assert flow.ask("GET", "/ping").json()["error_code"] == 4290000


def test_an_answer_can_be_lost_after_the_work_was_done(flow: Caller) -> None:
    flow.control.fault(part="oneflow", effect="lose", match="create", next=1)
    with pytest.raises(requests.ConnectionError):
        flow.create()
    assert [each["_private"]["name"] for each in flow.oneflow.contracts()] == ["Deal"]


def test_a_connection_can_break_before_the_work_is_done(flow: Caller) -> None:
    flow.control.fault(part="oneflow", effect="reset", next=1)
    with pytest.raises(requests.ConnectionError):
        flow.create()
    assert flow.oneflow.contracts() == []


def test_an_answer_can_be_cut_or_mislabelled(flow: Caller) -> None:
    flow.control.fault(part="oneflow", effect="content_type", match="ping", next=1)
    flow.control.fault(part="oneflow", effect="cut", match="users", cut_at=10, next=1)
    assert flow.ask("GET", "/ping").headers["Content-Type"] == "text/html"
    with pytest.raises(requests.RequestException):
        flow.get("/users")


def test_replies_carry_no_headers_of_business_central(flow: Caller) -> None:
    assert "OData-Version" not in flow.ask("GET", "/ping").headers


def test_the_journal_tells_every_request_and_what_it_changed_but_no_token(flow: Caller) -> None:
    contract = flow.draft()
    flow.put(contract, "topic", "New")
    [entry] = [each for each in flow.oneflow.writes() if each["method"] == "PUT"]
    change = {"what": "data_field", "contract": contract, "custom_id": "topic", "from": "", "to": "New"}
    assert entry["changes"] == [change]
    assert flow.oneflow.account()["apiToken"] not in str(flow.oneflow.journal())
