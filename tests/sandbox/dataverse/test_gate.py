"""Who may enter, how much, and what goes wrong on the way."""

import pytest
import requests

from sandbox.control import Control
from sandbox.dataverse.control import DataverseControl
from sandbox.dataverse.schema import stable_id
from tests.sandbox.dataverse.caller import DEAL, Callers, DataverseCaller, deal, refusal
from tests.sandbox.test_wire import sample

_THROTTLED = {
    "request_limit": ("requests", "0x80072322"),
    "execution_limit_ms": ("time", "0x80072321"),
    "concurrent_limit": ("concurrency", "0x80072326"),
}


def test_who_am_i_has_the_keys_of_the_sample(dataverse: DataverseCaller) -> None:
    assert list(dataverse.json("WhoAmI")) == list(sample("dataverse-whoami.json"))


def test_a_function_may_have_brackets(dataverse: DataverseCaller) -> None:
    assert dataverse.json("WhoAmI()")["UserId"] == stable_id("systemuser", "hub")


def test_the_reply_tells_what_is_left(dataverse: DataverseCaller) -> None:
    headers = dataverse.get("WhoAmI").headers
    assert (headers["x-ms-dop-hint"], headers["x-ms-ratelimit-burst-remaining-xrm-requests"]) == ("5", "5999")


def test_without_a_token_the_header_tells_whom_to_ask(dataverse: DataverseCaller) -> None:
    reply = requests.get(f"{dataverse.root}/WhoAmI", timeout=20)
    assert (reply.status_code, reply.content) == (401, b"")
    assert reply.headers["WWW-Authenticate"].endswith(f"resource_id={dataverse.origin}/")


def test_the_body_of_a_401_is_a_switch(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    orders.switch(unauthorized_body="json")
    assert refusal(requests.get(f"{dataverse.root}/WhoAmI", timeout=20)) == (401, "0x80040204")


def test_a_token_for_another_resource_does_not_open(dataverse: DataverseCaller) -> None:
    other = dataverse.ask_token("https://api.businesscentral.dynamics.com/.default").json()["access_token"]
    assert dataverse.ask("GET", "WhoAmI", Authorization=f"Bearer {other}").status_code == 401


@pytest.mark.parametrize(
    "scope", ["https://contoso.crm4.dynamics.com/.default", "https://contoso.crm4.dynamics.com//.default"]
)
def test_a_token_for_the_worlds_address_opens(dataverse: DataverseCaller, scope: str) -> None:
    token = dataverse.ask_token(scope).json()["access_token"]
    assert dataverse.ask("GET", "WhoAmI", Authorization=f"Bearer {token}").status_code == 200


def test_a_token_for_an_unknown_organization_is_not_given(dataverse: DataverseCaller) -> None:
    reply = dataverse.ask_token("https://other.crm4.dynamics.com/.default")
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_resource")


def test_a_token_ends(dataverse: DataverseCaller, control: Control) -> None:
    control.clock(advance=3600)
    assert dataverse.get("WhoAmI").status_code == 401


def test_a_stranger_with_a_token_is_no_member(calls: Callers) -> None:
    reply = calls("hub-fabrikam").get("WhoAmI")
    assert (reply.status_code, reply.json()) == (403, sample("dataverse-error-not-member-403.json"))


@pytest.mark.parametrize(
    ("app", "expected"), [("hub-disabled", (403, "0x80040225")), ("hub-roleless", (403, "0x80042f09"))]
)
def test_a_user_who_may_not_enter_is_refused(calls: Callers, app: str, expected: tuple[int, str]) -> None:
    assert refusal(calls(app).get("WhoAmI")) == expected


def test_the_status_for_a_disabled_user_is_a_switch(calls: Callers, orders: DataverseControl) -> None:
    orders.switch(disabled_status="401")
    assert refusal(calls("hub-disabled").get("WhoAmI")) == (401, "0x80040225")


@pytest.mark.parametrize(
    ("privilege", "method"),
    [("prvReadOpportunity", "GET"), ("prvWriteOpportunity", "PATCH"), ("prvDeleteOpportunity", "DELETE")],
)
def test_a_missing_privilege_is_refused(
    dataverse: DataverseCaller, orders: DataverseControl, privilege: str, method: str
) -> None:
    orders.user(dataverse.client["clientId"], denied=[privilege])
    body = {"name": "x"} if method == "PATCH" else None
    assert refusal(dataverse.ask(method, deal(), body)) == (403, "0x80040220")


def test_privileges_are_listed(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    orders.user(dataverse.client["clientId"], denied=["prvWriteQuote"])
    path = f"systemusers({stable_id('systemuser', 'hub')})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"
    held = {each["PrivilegeName"] for each in dataverse.json(path)["RolePrivileges"]}
    assert "prvReadQuote" in held
    assert "prvWriteQuote" not in held


def test_access_to_one_row_is_told(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    orders.user(dataverse.client["clientId"], denied=["prvDeleteOpportunity"])
    function = "Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@t)"
    query = f"?@t={{'@odata.id':'opportunities({DEAL})'}}"
    rights = dataverse.json(f"systemusers({stable_id('systemuser', 'hub')})/{function}{query}")["AccessRights"]
    assert rights == "ReadAccess, WriteAccess, CreateAccess"


def test_a_secured_column_reads_as_null_and_refuses_a_write(
    dataverse: DataverseCaller, orders: DataverseControl
) -> None:
    dataverse.patch(deal(), {"new_secret": "kept"}, If_Match="*")
    orders.user(dataverse.client["clientId"], denied=["opportunity.new_secret"])
    assert dataverse.json(deal(), select="new_secret")["new_secret"] is None
    assert refusal(dataverse.patch(deal(), {"new_secret": "x"}, If_Match="*")) == (403, "0x8004f507")


@pytest.mark.parametrize("limit", ["request_limit", "execution_limit_ms"])
def test_a_limit_passed_is_throttled_as_composed(
    dataverse: DataverseCaller, orders: DataverseControl, control: Control, limit: str
) -> None:
    control.clock(freeze=True)
    orders.switch(**{limit: 40 if limit == "execution_limit_ms" else 2})
    replies = [dataverse.get("WhoAmI") for _ in range(3)]
    name, code = _THROTTLED[limit]
    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert (refusal(replies[2]), replies[2].headers["Retry-After"]) == ((429, code), "300")
    words = replies[2].json()["error"]["message"].split("limit of")[0]
    assert sample(f"dataverse-error-throttled-{name}-429.json")["error"]["message"].startswith(words)


def test_the_wait_grows_with_every_request_in_vain(
    dataverse: DataverseCaller, orders: DataverseControl, control: Control
) -> None:
    control.clock(freeze=True)
    orders.switch(request_limit=1, window_seconds=10)
    waits = [dataverse.get("WhoAmI").headers.get("Retry-After") for _ in range(4)]
    assert waits == [None, "10", "11", "12"]


def test_after_the_window_all_is_well_and_haste_is_counted(
    dataverse: DataverseCaller, orders: DataverseControl, control: Control
) -> None:
    control.clock(freeze=True)
    orders.switch(request_limit=1)
    for _ in range(3):
        dataverse.get("WhoAmI")
    control.clock(advance=302)
    assert (dataverse.get("WhoAmI").status_code, max(each["early"] for each in orders.loads().values())) == (200, 1)


def test_too_many_at_once_are_throttled(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    orders.switch(concurrent_limit=0)
    reply = dataverse.get("WhoAmI")
    assert refusal(reply) == (429, "0x80072326")


def test_a_fault_hits_the_nth_call(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    orders.fault(status=503, nth=2, code="0x80044150", message="Generic SQL error.", match="WhoAmI")
    assert [dataverse.get("WhoAmI").status_code for _ in range(3)] == [200, 503, 200]


def test_a_late_fault_answers_after_the_work_was_done(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    orders.fault(effect="late", status=503, next=1, match="opportunities")
    reply = dataverse.patch(deal(), {"name": "done all the same"}, If_Match="*")
    assert (reply.status_code, orders.rows("opportunity", id=DEAL)[0]["name"]) == (503, "done all the same")


def test_a_lost_answer_leaves_the_work_done(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    orders.fault(effect="lost", next=1, match="opportunities")
    with pytest.raises(requests.ConnectionError):
        dataverse.patch(deal(), {"name": "done"}, If_Match="*")
    assert orders.rows("opportunity", id=DEAL)[0]["name"] == "done"


def test_a_reset_leaves_nothing_done(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    orders.fault(effect="reset", next=1, match="opportunities")
    with pytest.raises(requests.ConnectionError):
        dataverse.patch(deal(), {"name": "done"}, If_Match="*")
    assert orders.rows("opportunity", id=DEAL)[0]["name"] == "Deal 0"


def test_a_link_may_lead_elsewhere(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    orders.fault(effect="foreign", next=1, match="contacts")
    page = dataverse.json("contacts", "odata.maxpagesize=2", select="fullname")
    assert page["@odata.nextLink"].startswith("https://elsewhere.example/api/data/")


def test_errors_have_details_for_those_who_ask(dataverse: DataverseCaller) -> None:
    prefer = 'odata.include-annotations="Microsoft.PowerApps.CDS.ErrorDetails*"'
    error = dataverse.get("conacs", prefer).json()["error"]
    assert [name for name in error if name.startswith("@")] == [
        "@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus",
        "@Microsoft.PowerApps.CDS.ErrorDetails.SubErrorCode",
    ]


def test_somebody_edits_between_a_read_and_a_write(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    edit = {"op": "update", "table": "opportunity", "id": DEAL, "values": {"name": "theirs"}}
    orders.hook([edit], method="GET", match=DEAL)
    tag = dataverse.json(deal(), select="name")["@odata.etag"]
    assert refusal(dataverse.patch(deal(), {"name": "ours"}, If_Match=tag)) == (412, "0x80060882")


def test_another_user_may_be_named_as_the_caller(dataverse: DataverseCaller) -> None:
    human = stable_id("systemuser", "human")
    dataverse.patch(deal(), {"name": "x"}, If_Match="*", MSCRMCallerID=human)
    assert dataverse.json(deal(), select="_modifiedby_value")["_modifiedby_value"] == human


def test_the_journal_has_the_conditions_and_no_token(dataverse: DataverseCaller, control: Control) -> None:
    dataverse.patch(deal(), {"name": "x"}, If_Match="*")
    entry = next(each for each in control.journal(part="dataverse") if each["method"] == "PATCH")
    assert entry["headers"]["if-match"] == "*"
    assert "Bearer" not in str(control.journal())
