"""Dataverse: what is sent, what is read, and that nothing is changed blindly."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.connectors.budget import DATAVERSE
from sync.connectors.dataverse import METADATA_SECONDS
from sync.connectors.dataverse_wire import exact, written
from sync.model.errors import RefusedError, RetryLaterError, SetupError, StaleRecordError, SyncError
from sync.model.secret import Secret
from sync.model.table import Table
from sync.ports import Row, RowQuery
from tests.connectors.bridge_kit import (
    ACCESS,
    API,
    DEAL,
    NAME_ONLY,
    OPPORTUNITY,
    ORG,
    listing,
    organization,
    organizations,
    told,
)
from tests.connectors.kit import SECRET, Canned, Place, document, place, sample

WIDE = RowQuery(("name", "estimatedvalue", "_customerid_value"), {"transactioncurrencyid": ("isocurrencycode",)})
READ = Row(DEAL, 'W/"81359849"', {"name": "Deal 1"})


def read_deal() -> tuple[Place, Row]:
    here = place(told("dataverse-opportunity.json"))
    return here, organization(here).row(OPPORTUNITY, DEAL, WIDE)


def test_opening_asks_nothing() -> None:
    here = place()
    organization(here)
    assert (here.net.sent, here.net.token_requests) == ([], [])


def test_credentials_that_were_mended_a_moment_ago_are_tried_at_once() -> None:
    here = place(told("dataverse-whoami.json"))
    here.net.entra_script = [Canned(401, sample("entra-error-bad-secret-401.json"))]
    with pytest.raises(SetupError):
        organization(here).who_am_i()
    organizations(here).forget_refusal(ACCESS, SECRET)
    assert organization(here).who_am_i()


@pytest.mark.parametrize("org_url", ["https://evil.example", "https://org.crm4.dynamics.com.evil.example"])
def test_no_token_goes_to_another_address(org_url: str) -> None:
    with pytest.raises(SetupError) as caught:
        organizations(place()).open(replace(ACCESS, org_url=org_url), SECRET)
    assert caught.value.code == "CONNECTION_INVALID"


def test_the_token_is_for_the_organization() -> None:
    here = place(told("dataverse-whoami.json"))
    organization(here, replace(ACCESS, org_url="https://org.api.crm4.dynamics.com")).who_am_i()
    assert "scope=https%3A%2F%2Forg.crm4.dynamics.com%2F.default" in str(here.net.token_requests[0].body)
    assert here.net.urls == ["https://org.api.crm4.dynamics.com/api/data/v9.2/WhoAmI"]


def test_the_hub_knows_its_own_user() -> None:
    here = place(told("dataverse-whoami.json"))
    assert organization(here).who_am_i() == "4026be43-6b69-e111-8f65-78e7d1620f5e"


def test_every_request_speaks_odata_4() -> None:
    here, _ = read_deal()
    headers = here.net.sent[0].headers
    assert {name: headers[name] for name in ("Accept", "OData-MaxVersion", "OData-Version", "If-None-Match")} == {
        "Accept": "application/json",
        "OData-MaxVersion": "4.0",
        "OData-Version": "4.0",
        "If-None-Match": "null",
    }
    assert headers["Prefer"] == 'odata.include-annotations="*"'
    assert headers["Authorization"] == "Bearer token-1"


def test_a_row_is_asked_for_with_its_columns_and_expansions() -> None:
    here, _ = read_deal()
    query = "$select=name,estimatedvalue,_customerid_value&$expand=transactioncurrencyid($select=isocurrencycode)"
    assert here.net.urls == [f"{API}/opportunities({DEAL})?{query}"]


def test_a_row_keeps_its_decimals_and_its_version() -> None:
    _, row = read_deal()
    assert (row.id, row.etag, row.values["name"]) == (DEAL, 'W/"81359849"', "Deal 1")
    assert (row.values["estimatedvalue"], str(row.values["estimatedvalue"])) == (Decimal(20000), "20000.0000")


def test_a_row_tells_labels_and_where_lookups_lead() -> None:
    _, row = read_deal()
    assert row.labels["_customerid_value"] == "Litware, Inc. (sample)"
    assert row.leads_to["_customerid_value"] == "account"
    assert not [name for name in row.values if "@" in name]


def test_an_expanded_row_is_told_beside_the_values() -> None:
    _, row = read_deal()
    currency = row.related["transactioncurrencyid"]
    assert currency is not None
    assert (currency.values["isocurrencycode"], "transactioncurrencyid" in row.values) == ("USD", False)


def test_a_lookup_that_is_empty_expands_to_nothing() -> None:
    here = place(document({"@odata.etag": "W/1", "opportunityid": DEAL, "transactioncurrencyid": None}))
    assert organization(here).row(OPPORTUNITY, DEAL, WIDE).related == {"transactioncurrencyid": None}


@pytest.mark.parametrize("row_id", ["", "1", f"{DEAL})/name", "../accounts"])
def test_a_row_that_cannot_be_is_gone_without_asking(row_id: str) -> None:
    here = place()
    with pytest.raises(RefusedError) as caught:
        organization(here).row(OPPORTUNITY, row_id, NAME_ONLY)
    assert (caught.value.code, here.net.sent) == ("RECORD_GONE", [])


def test_a_deleted_row_is_gone() -> None:
    here = place(told("dataverse-error-gone-404.json", 404))
    with pytest.raises(RefusedError) as caught:
        organization(here).row(OPPORTUNITY, DEAL, NAME_ONLY)
    assert caught.value.code == "RECORD_GONE"


def test_a_change_names_the_version_that_it_was_made_from() -> None:
    here = place(told("dataverse-opportunity-patched-200.json"))
    stored = organization(here).update(OPPORTUNITY, READ, {"name": "New topic", "estimatedvalue": Decimal("12500.50")})
    sent = here.net.sent[0]
    assert (sent.method, sent.headers["If-Match"]) == ("PATCH", READ.etag)
    assert sent.url == f"{API}/opportunities({DEAL})?$select=name,estimatedvalue"
    assert sent.body == b'{"name":"New topic","estimatedvalue":12500.50}'
    assert (stored.etag, stored.values["estimatedvalue"]) == ('W/"81359871"', Decimal("12500.5"))


def test_a_change_asks_for_what_is_stored_then() -> None:
    here = place(told("dataverse-opportunity-patched-200.json"))
    organization(here).update(OPPORTUNITY, READ, {"name": "New topic"})
    headers = here.net.sent[0].headers
    assert headers["Prefer"] == 'return=representation,odata.include-annotations="*"'
    assert headers["Content-Type"] == "application/json; charset=utf-8"


def test_a_row_that_somebody_changed_meanwhile_is_not_overwritten() -> None:
    here = place(told("dataverse-error-stale-412.json", 412))
    with pytest.raises(StaleRecordError):
        organization(here).update(OPPORTUNITY, READ, {"name": "New topic"})


@pytest.mark.parametrize(
    ("table", "row"), [(replace(OPPORTUNITY, guarded=False), READ), (OPPORTUNITY, replace(READ, etag=""))]
)
def test_nothing_is_changed_without_a_version(table: Table, row: Row) -> None:
    here = place()
    with pytest.raises(RefusedError) as caught:
        organization(here).update(table, row, {"name": "New topic"})
    assert (caught.value.code, here.net.sent) == ("TABLE_UNGUARDED", [])


def test_a_change_that_may_have_been_made_is_not_sent_again() -> None:
    here = place(Canned(503))
    with pytest.raises(RetryLaterError):
        organization(here).update(OPPORTUNITY, READ, {"name": "New topic"})
    assert len(here.net.sent) == 1


def test_a_row_is_made_with_one_request_that_asks_for_what_is_stored() -> None:
    here = place(told("dataverse-opportunity-patched-200.json", 201))
    made = organization(here).create(OPPORTUNITY, {"name": "New topic", "estimatedvalue": Decimal("12500.50")})
    sent = here.net.sent[0]
    assert (sent.method, sent.url) == ("POST", f"{API}/opportunities?$select=name,estimatedvalue")
    assert (sent.body, "If-Match" in sent.headers) == (b'{"name":"New topic","estimatedvalue":12500.50}', False)
    assert sent.headers["Prefer"].startswith("return=representation")
    assert (made.id, made.etag) == (DEAL, 'W/"81359871"')


@pytest.mark.parametrize("answer", [Canned(503), Canned(201, b"{")])
def test_a_row_that_may_have_been_made_is_not_asked_for_again(answer: Canned) -> None:
    here = place(answer)
    with pytest.raises(RetryLaterError):
        organization(here).create(OPPORTUNITY, {"name": "New topic"})
    assert len(here.net.sent) == 1


def test_a_change_that_was_throttled_is_sent_again_after_the_time_that_was_named() -> None:
    throttled = told("dataverse-error-throttled-requests-429.json", 429, Retry_After="7")
    here = place(throttled, told("dataverse-opportunity-patched-200.json"))
    organization(here).update(OPPORTUNITY, READ, {"name": "New topic"})
    assert here.time.waits == pytest.approx([7.05])


def test_a_longer_silence_is_left_to_the_caller() -> None:
    here = place(told("dataverse-error-throttled-time-429.json", 429, Retry_After="120"))
    with pytest.raises(RetryLaterError) as caught:
        organization(here).row(OPPORTUNITY, DEAL, NAME_ONLY)
    assert (caught.value.code, caught.value.delay >= 120) == ("SOURCE_THROTTLED", True)
    assert "Dataverse" in caught.value.message


def test_dataverse_allows_6000_requests_in_5_minutes() -> None:
    assert (DATAVERSE.requests, DATAVERSE.window, DATAVERSE.in_flight <= 52) == (6000, 300, True)


def test_a_refused_token_is_renewed_once() -> None:
    here = place(Canned(401), told("dataverse-whoami.json"))
    organization(here).who_am_i()
    assert here.net.tokens == ["token-1", "token-2"]


def test_rows_are_read_page_by_page() -> None:
    first = listing(
        {"@odata.etag": "W/1", "opportunityid": DEAL}, **{"@odata.nextLink": f"{API}/opportunities?$skiptoken=2"}
    )
    here = place(first, listing())
    org = organization(here)
    page = org.rows(OPPORTUNITY, RowQuery(("name",), filter="modifiedon gt 2026-01-01T00:00:00Z", order="modifiedon"))
    rest = org.rows(OPPORTUNITY, NAME_ONLY, page.cursor, page_size=9)
    query = "$select=name&$filter=modifiedon%20gt%202026-01-01T00%3A00%3A00Z&$orderby=modifiedon"
    assert here.net.urls == [f"{API}/opportunities?{query}", f"{API}/opportunities?$skiptoken=2"]
    assert ([each.id for each in page.items], rest.items, rest.cursor) == ([DEAL], (), None)
    assert here.net.sent[1].headers["Prefer"].startswith("odata.maxpagesize=9,")


@pytest.mark.parametrize("where", ["link", "cursor"])
def test_no_next_page_is_followed_to_another_host(where: str) -> None:
    elsewhere = "https://evil.example/api/data/v9.2/opportunities"
    here = place(listing(**{"@odata.nextLink": elsewhere}))
    with pytest.raises(RefusedError) as caught:
        organization(here).rows(OPPORTUNITY, NAME_ONLY, elsewhere if where == "cursor" else None)
    assert caught.value.code == "FOREIGN_NEXT_LINK"


@pytest.mark.parametrize("reply", [{"value": 5}, {"value": [5]}, [], {"value": [{"opportunityid": DEAL}]}])
def test_a_page_that_is_none_is_refused(reply: object) -> None:
    with pytest.raises(RefusedError) as caught:
        organization(place(document(reply))).rows(OPPORTUNITY, NAME_ONLY)
    assert caught.value.code == "SOURCE_UNREADABLE"


def test_a_reply_that_is_cut_is_asked_for_again() -> None:
    here = place(Canned(200, b'{"UserId'), told("dataverse-whoami.json"))
    assert organization(here).who_am_i().startswith("4026be43")


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("dataverse-error-column-security-403.json", 403, "COLUMN_FORBIDDEN"),
        ("dataverse-error-not-member-403.json", 403, "PERMISSION_DENIED"),
        ("dataverse-error-payload-400.json", 400, "VALUE_REFUSED"),
        ("dataverse-error-read-only-400.json", 400, "RECORD_READ_ONLY"),
        ("dataverse-error-too-long-400.json", 400, "VALUE_TOO_LONG"),
        ("dataverse-error-unknown-segment-404.json", 404, "ENTITY_NOT_FOUND"),
        ("dataverse-error-throttled-concurrency-429.json", 429, "SOURCE_THROTTLED"),
    ],
)
def test_errors_as_the_real_system_sends_them_are_understood(name: str, status: int, code: str) -> None:
    here = place(*[told(name, status)] * 9)
    with pytest.raises(SyncError) as caught:
        organization(here).update(OPPORTUNITY, READ, {"name": "x"})
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("status", "source_code", "code"),
    [
        *((400, code, "RECORD_READ_ONLY") for code in ("0x8004022e", "0x80040230")),
        *((400, code, "VALUE_OUT_OF_RANGE") for code in ("0x80044330", "0x8004432F")),
        *((400, code, "VALUE_REFUSED") for code in ("0x8004431a", "0x80040239")),
        *((400, code, "RULE_REFUSED") for code in ("0x80040265", "0x80040224")),
        *((403, code, "PERMISSION_DENIED") for code in ("0x80040220", "0x80042F09", "0x80040225", "")),
        *((403, code, "RECORD_FORBIDDEN") for code in ("0x80048306", "0x8004020D", "0x80040231")),
        *((403, code, "COLUMN_FORBIDDEN") for code in ("0x8004F504", "0x8004F502")),
        *((404, code, "RECORD_GONE") for code in ("0x80060891", "-2147220969")),
        *((404, code, "ENTITY_NOT_FOUND") for code in ("0x8006088a",)),
        (400, "0x80041102", "ENTITY_NOT_FOUND"),
        (400, "0x8006088d", "TABLE_UNGUARDED"),
        (400, "0x0", "SOURCE_REFUSED"),
        (400, "not a code", "SOURCE_REFUSED"),
        (401, "", "CREDENTIALS_REFUSED"),
        (404, "", "SOURCE_REFUSED"),
        (405, "", "SOURCE_REFUSED"),
        (412, "", "PRECONDITION_FAILED"),
        (413, "", "SOURCE_REFUSED"),
        (429, "", "SOURCE_THROTTLED"),
        (500, "0x80044150", "SOURCE_UNAVAILABLE"),
        (500, "0x80044151", "SOURCE_TIMEOUT"),
        (501, "", "SOURCE_REFUSED"),
        (502, "", "SOURCE_UNAVAILABLE"),
        (504, "", "SOURCE_TIMEOUT"),
        (302, "", "SOURCE_REFUSED"),
        (600, "", "SOURCE_REFUSED"),
    ],
)
def test_each_failed_reply_has_one_meaning(status: int, source_code: str, code: str) -> None:
    here = place(*[document({"error": {"code": source_code, "message": "No."}}, status)] * 9)
    with pytest.raises(SyncError) as caught:
        organization(here).row(OPPORTUNITY, DEAL, NAME_ONLY)
    assert caught.value.code == code


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**14), max_value=10**14))
def test_a_decimal_goes_and_comes_with_exactly_its_digits(value: Decimal) -> None:
    back = exact(written({"amount": value}))["amount"]
    assert Decimal(back) == value


def test_other_values_are_written_as_json() -> None:
    assert written({"a": None, "b": True, "c": 5, "d": 'x"y'}) == b'{"a":null,"b":true,"c":5,"d":"x\\"y"}'


def test_metadata_is_remembered_for_a_minute_and_for_this_secret_only() -> None:
    row = {"LogicalName": "account", "EntitySetName": "accounts", "PrimaryIdAttribute": "accountid"}
    here = place(listing(row), listing(), listing())
    every = organizations(here)
    counts = [len(every.open(ACCESS, SECRET).tables()) for _ in range(2)]
    stranger = len(every.open(ACCESS, Secret("another")).tables())
    here.time.passed += METADATA_SECONDS
    counts.append(len(every.open(ACCESS, SECRET).tables()))
    assert (counts, stranger, len(here.net.sent)) == ([1, 1, 0], 0, 3)
    assert here.net.urls[0].startswith(f"{ORG}/api/data/v9.2/EntityDefinitions?$select=LogicalName,")
