"""$batch, change sets, bulk actions and the actions of sales."""

import pytest
import requests

from sandbox.dataverse.control import DataverseControl
from sandbox.dataverse.schema import stable_id
from tests.sandbox.dataverse.caller import ACTIVE_QUOTE, DEAL, DataverseCaller, deal, refusal
from tests.sandbox.dataverse.samples import sample_text

_BULK = "opportunities/Microsoft.Dynamics.CRM"


def part(line: str, body: str = "", **headers: str) -> str:
    told = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    return f"{head}{line} HTTP/1.1\r\n{told}\r\n{body}\r\n"


def numbered(identity: int, text: str) -> str:
    return f"Content-ID: {identity}\r\n{text}"


def envelope(name: str, *parts: str) -> str:
    return "".join(f"--{name}\r\n{each}" for each in parts) + f"--{name}--\r\n"


def change_set(*parts: str) -> str:
    return f"Content-Type: multipart/mixed; boundary=cs\r\n\r\n{envelope('cs', *parts)}"


def sent(dataverse: DataverseCaller, *parts: str, prefer: str = "", text: str = "") -> requests.Response:
    headers = {"Content-Type": 'multipart/mixed; boundary="b"'} | ({"Prefer": prefer} if prefer else {})
    return dataverse.ask("POST", "$batch", (text or envelope("b", *parts)).encode(), **headers)


def patched(name: str, tag: str = "*") -> str:
    return part(f"PATCH /api/data/v9.2/{deal()}", f'{{"name":"{name}"}}', If_Match=tag)


def created(name: str) -> str:
    return part("POST /api/data/v9.2/accounts", f'{{"name":"{name}"}}', Content_Type="application/json")


def statuses(reply: requests.Response) -> list[int]:
    return [int(line.split()[1]) for line in reply.text.split("\r\n") if line.startswith("HTTP/1.1 ")]


def test_the_first_error_stops_a_batch(dataverse: DataverseCaller) -> None:
    reply = sent(dataverse, patched("one"), patched("two", 'W/"1"'), patched("three"))
    assert (reply.status_code, statuses(reply)) == (412, [204, 412])
    assert dataverse.json(deal(), select="name")["name"] == "one"


def test_a_batch_may_go_on_after_an_error(dataverse: DataverseCaller) -> None:
    reply = sent(dataverse, patched("two", 'W/"1"'), patched("three"), prefer="odata.continue-on-error")
    assert (reply.status_code, statuses(reply)) == (200, [412, 204])


def test_the_parts_have_the_headers_of_the_sample(dataverse: DataverseCaller) -> None:
    reply = sent(dataverse, created("A"), patched("two", 'W/"1"'), prefer="odata.continue-on-error")
    wanted = {
        line.split(":")[0] for line in sample_text("dataverse-batch-response-mixed.txt").splitlines() if ": " in line
    }
    found = {line.split(":")[0] for line in reply.text.split("\r\n") if ": " in line}
    assert wanted - {'{"error"'} <= found


def test_a_change_set_is_done_whole_or_not_at_all(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    reply = sent(dataverse, change_set(numbered(1, patched("half")), numbered(2, patched("x", 'W/"1"'))))
    assert statuses(reply) == [412]
    assert (dataverse.json(deal(), select="name")["name"], orders.writes()) == ("Deal 0", [])


def test_a_change_set_refers_to_what_it_made(dataverse: DataverseCaller) -> None:
    bound = part("POST /api/data/v9.2/contacts", '{"lastname":"B","parentcustomerid_account@odata.bind":"$1"}')
    renamed = part("PATCH $1", '{"fax":"9"}', If_Match="*")
    reply = sent(dataverse, change_set(numbered(1, created("Made")), numbered(2, bound), numbered(3, renamed)))
    row = dataverse.values("contacts", expand="parentcustomerid_account($select=name,fax)", filter="lastname eq 'B'")[0]
    assert (reply.status_code, row["parentcustomerid_account"]["fax"]) == (200, "9")


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        (created("no number"), "Content-ID header not present"),
        (numbered(1, part("GET /api/data/v9.2/accounts")), "invalid HTTP method"),
        (numbered(1, part("PATCH $7", "{}")), "'$7' does not exist in the batch context."),
    ],
)
def test_a_change_set_that_breaks_the_rules_is_refused(dataverse: DataverseCaller, inner: str, words: str) -> None:
    reply = sent(dataverse, change_set(inner))
    assert (reply.status_code, words in reply.text) == (400, True)


@pytest.mark.parametrize(
    "text",
    [envelope("b", patched("x")).replace("\r\n", "\n"), envelope("other", patched("x")), "--b\r\nnonsense\r\n--b--"],
)
def test_an_envelope_without_proper_lines_is_refused(dataverse: DataverseCaller, text: str) -> None:
    assert refusal(sent(dataverse, text=text)) == (400, "0x80048d19")


def test_a_batch_inside_a_batch_is_refused(dataverse: DataverseCaller) -> None:
    assert sent(dataverse, part("POST /api/data/v9.2/$batch", "{}")).status_code == 400


def test_a_thousand_requests_are_the_most(dataverse: DataverseCaller) -> None:
    reply = sent(dataverse, *[part("GET /api/data/v9.2/WhoAmI")] * 1001)
    assert (reply.status_code, "1000" in reply.text) == (400, True)


def test_the_journal_sees_the_writes_of_a_batch(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    sent(dataverse, patched("one"), part(f"PATCH /api/data/v9.2/{deal()}", '{"name":"two"}'))
    assert [each["guard"] for each in orders.writes()] == ["any", "none"]


def test_many_rows_are_made_at_once(dataverse: DataverseCaller) -> None:
    reply = dataverse.post(f"{_BULK}.CreateMultiple", {"Targets": [{"name": "a"}, {"name": "b"}]})
    assert len(reply.json()["Ids"]) == 2


def test_many_rows_are_changed_or_none(dataverse: DataverseCaller) -> None:
    targets = [{"opportunityid": DEAL, "name": "half"}, {"opportunityid": DEAL, "salesstage": 99}]
    reply = dataverse.post(f"{_BULK}.UpdateMultiple", {"Targets": targets})
    assert (refusal(reply), dataverse.json(deal(), select="name")["name"]) == ((400, "0x8004431a"), "Deal 0")


def test_an_upsert_of_many_makes_and_changes(dataverse: DataverseCaller) -> None:
    targets = [
        {"@odata.id": "accounts(accountnumber='A-001')", "name": "changed"},
        {"@odata.id": "accounts(accountnumber='N-1')", "name": "made"},
    ]
    dataverse.post("accounts/Microsoft.Dynamics.CRM.UpsertMultiple", {"Targets": targets})
    names = [dataverse.json(f"accounts(accountnumber='{key}')")["name"] for key in ("A-001", "N-1")]
    assert names == ["changed", "made"]


def test_an_upsert_refuses_a_repeated_key(dataverse: DataverseCaller) -> None:
    target = {"@odata.id": "accounts(accountnumber='A-001')", "accountnumber": "A-001"}
    reply = dataverse.post("accounts/Microsoft.Dynamics.CRM.UpsertMultiple", {"Targets": [target]})
    assert reply.status_code == 400


@pytest.mark.parametrize(("action", "state"), [("WinOpportunity", 1), ("LoseOpportunity", 2)])
def test_an_opportunity_is_closed_by_an_action(dataverse: DataverseCaller, action: str, state: int) -> None:
    body = {"OpportunityClose": {"opportunityid@odata.bind": f"/{deal()}", "actualrevenue": 5}, "Status": -1}
    reply = dataverse.post(action, body)
    row = dataverse.json(deal(), select="statecode,actualvalue")
    assert (reply.status_code, row["statecode"], row["actualvalue"]) == (204, state, 5.0)


def test_a_closed_opportunity_cannot_be_closed_again(dataverse: DataverseCaller) -> None:
    body = {"OpportunityClose": {"opportunityid@odata.bind": f"/{deal()}"}, "Status": 3}
    dataverse.post("WinOpportunity", body)
    assert refusal(dataverse.post("WinOpportunity", body)) == (400, "0x80048408")


@pytest.mark.parametrize(("action", "status", "state"), [("WinQuote", 4, 2), ("CloseQuote", 6, 3)])
def test_an_active_quote_is_closed_by_an_action(
    dataverse: DataverseCaller, action: str, status: int, state: int
) -> None:
    body = {"QuoteClose": {"quoteid@odata.bind": f"/quotes({ACTIVE_QUOTE})"}, "Status": status}
    reply = dataverse.post(action, body)
    assert (reply.status_code, dataverse.json(f"quotes({ACTIVE_QUOTE})")["statecode"]) == (204, state)


def test_a_revised_quote_is_a_new_draft(dataverse: DataverseCaller) -> None:
    made = dataverse.post("ReviseQuote", {"QuoteId": ACTIVE_QUOTE}).json()["quoteid"]
    rows = [dataverse.json(f"quotes({key})", select="statecode") for key in (ACTIVE_QUOTE, made)]
    assert [row["statecode"] for row in rows] == [3, 0]


def test_a_quote_is_generated_with_the_lines_of_its_deal(dataverse: DataverseCaller) -> None:
    made = dataverse.post("GenerateQuoteFromOpportunity", {"OpportunityId": DEAL}).json()["quoteid"]
    row = dataverse.json(f"quotes({made})", select="totalamount,_opportunityid_value", expand="quote_details")
    assert (row["_opportunityid_value"], len(row["quote_details"]), row["totalamount"]) == (DEAL, 3, 432.2)


def test_what_is_no_action_of_a_table_is_not_found(dataverse: DataverseCaller) -> None:
    assert refusal(dataverse.post(f"{_BULK}.DeleteEverything", {"Targets": []})) == (404, "")


def test_bulk_updates_are_listed_as_available(dataverse: DataverseCaller) -> None:
    condition = "sdkmessageid/name eq 'UpdateMultiple' and primaryobjecttypecode eq 'opportunity'"
    rows = dataverse.values("sdkmessagefilters", select="sdkmessagefilterid", filter=condition)
    assert [row["sdkmessagefilterid"] for row in rows] == [
        stable_id("sdkmessagefilter", "UpdateMultiple", "opportunity")
    ]
