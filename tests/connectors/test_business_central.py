"""The Business Central source, through a scripted network."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest

from sync.connectors.business_central import BusinessCentralSources, asked
from sync.connectors.http import Answer
from sync.model.errors import CursorLostError, RefusedError, RetryLaterError, SetupError, SourceGoneError
from sync.ports import Company, Environment, Source, Sources
from tests.connectors.kit import (
    BASE,
    COMPANY,
    CONNECTION,
    DATE,
    NOW,
    QUERY,
    RECORD,
    ROOT,
    SECRET,
    VENDORS,
    Canned,
    VirtualTime,
    document,
    place,
    refused,
    sample,
)

CURSOR = f"{VENDORS}?aid=FIN&$skiptoken={RECORD}"


def test_it_is_a_source_as_the_ports_describe_it() -> None:
    sources: Sources = place().sources
    source: Source = sources.open(CONNECTION, None)
    assert source


def test_opening_a_source_asks_nothing() -> None:
    here = place()
    here.source()
    assert (here.net.sent, here.net.token_requests) == ([], [])


def test_companies_are_named_by_what_a_person_sees() -> None:
    found = place(Canned(200, sample("bc-companies.json"), {"Date": DATE})).source().companies()
    assert found.items == (
        Company("824820a2-508c-ed11-aada-000d3a298ab3", "CRONUS US", "CRONUS USA, Inc."),
        Company("9f161c1b-0b0b-4a2e-9a3e-5d0f3c0b7a11", "My Company", "My Company"),
    )


def test_environments_are_those_of_the_tokens_tenant() -> None:
    rows = [{"name": "Production", "type": "Production", "countryCode": "GB", "ringName": "PROD"}, {"name": "X"}]
    here = place(document({"value": rows}))
    assert here.source().environments() == (Environment("Production", "Production", "GB"), Environment("X", "", ""))
    assert here.net.urls == [f"{BASE}/environments/v1.2"]


def test_companies_need_no_company() -> None:
    here = place(document({"value": []}))
    here.source(replace(CONNECTION, company_id=None)).companies()
    assert here.net.urls == [f"{ROOT}/companies"]


def test_companies_are_read_to_the_last_page() -> None:
    first = document({"value": [{"id": "1"}], "@odata.nextLink": f"{ROOT}/companies?$skiptoken=1"})
    found = place(first, document({"value": [{"id": "2"}]})).source().companies()
    assert [company.id for company in found.items] == ["1", "2"]


def test_companies_were_asked_for_by_the_source_s_clock_whatever_ours_shows() -> None:
    here = place(document({"value": []}, Date="Fri, 05 Jan 2024 10:00:00 GMT"))
    asked_at = here.source().companies().asked_at
    assert datetime(2024, 1, 5, 9, 59, tzinfo=UTC) < asked_at <= datetime(2024, 1, 5, 10, tzinfo=UTC)


def test_the_time_a_reply_took_is_taken_off_and_seconds_are_rounded_down() -> None:
    answer = Answer(200, {"Date": DATE}, b"", elapsed=1.25)
    assert asked(answer, VirtualTime()) == NOW - timedelta(seconds=2)


@pytest.mark.parametrize("headers", [{}, {"Date": "yesterday"}])
def test_our_clock_serves_when_the_source_shows_none(headers: dict[str, str]) -> None:
    assert asked(Answer(200, headers, b"", elapsed=0.5), VirtualTime()) == NOW - timedelta(seconds=1)


def test_the_same_connection_serves_another_company() -> None:
    here = place(document({"value": []}))
    here.source(replace(CONNECTION, company_id=None)).in_company("c2").page(QUERY, None)
    assert here.net.urls == [f"{ROOT}/companies(c2)/vendors?$select=id,number"]


def test_a_count_is_the_source_s_own() -> None:
    here = place(Canned(200, b"\xef\xbb\xbf275"))
    assert (here.source().count("vendors"), here.net.urls) == (275, [f"{VENDORS}/$count"])


def test_a_count_may_have_a_condition() -> None:
    here = place(Canned(200, b"3"))
    here.source().count("vendors", where="blocked eq 'All'")
    assert here.net.urls == [f"{VENDORS}/$count?$filter=blocked%20eq%20%27All%27"]


def test_the_first_page_names_columns_and_conditions() -> None:
    here = place(document({"value": []}))
    here.source().page(replace(QUERY, expand=("picture",), low="o'x", since=NOW), None)
    assert unquote(here.net.urls[0]) == (
        f"{VENDORS}?$filter=number ge 'o''x' and lastModifiedDateTime ge 2026-10-26T12:00:00.000Z"
        "&$select=id,number&$expand=picture"
    )


def test_the_first_page_of_a_custom_route_is_under_that_route() -> None:
    here = place(document({"value": []}))
    here.source().page(replace(QUERY, route="contoso/eudr/v1.0", entity_set="itemsEudr"), None)
    assert here.net.urls[0].startswith(f"{ROOT.removesuffix('v2.0')}contoso/eudr/v1.0/companies(")


def test_names_of_tenant_and_environment_stay_in_their_place() -> None:
    here = place(document({"value": []}))
    here.source(replace(CONNECTION, environment="a/../b?c")).companies()
    assert here.net.urls[0].endswith("/a%2F..%2Fb%3Fc/api/v2.0/companies")


def test_an_environment_that_would_change_the_path_is_refused() -> None:
    with pytest.raises(RefusedError):
        place().source(replace(CONNECTION, environment="..")).companies()


def test_a_page_is_never_paged_by_top_and_skip() -> None:
    here = place(document({"value": []}))
    here.source().page(QUERY, None)
    assert "top" not in here.net.urls[0]
    assert "skip" not in here.net.urls[0]


def test_a_next_page_is_asked_for_exactly_by_its_cursor() -> None:
    cursor = f"{VENDORS}?$select=id%2cnumber&aid=FIN&$skiptoken=%7e1"
    here = place(document({"value": []}))
    here.source().page(QUERY, cursor)
    assert here.net.urls == [cursor]


def test_every_page_asks_for_its_size() -> None:
    here = place(document({"value": []}), document({"value": []}))
    here.source().page(QUERY, None)
    here.source().page(QUERY, CURSOR)
    assert [request.headers["Prefer"] for request in here.net.sent] == ["odata.maxpagesize=2"] * 2


def test_a_cursor_of_another_origin_never_sees_the_token() -> None:
    here = place()
    with pytest.raises(RefusedError) as caught:
        here.source().page(QUERY, "https://evil.example/x")
    assert (caught.value.code, here.net.sent) == ("FOREIGN_NEXT_LINK", [])


def test_a_foreign_next_page_ends_the_walk() -> None:
    here = place(document({"value": [], "@odata.nextLink": "https://evil.example/x"}))
    with pytest.raises(RefusedError) as caught:
        here.source().page(QUERY, None)
    assert (caught.value.code, len(here.net.sent)) == ("FOREIGN_NEXT_LINK", 1)


def test_a_cursor_that_leads_to_itself_ends_the_walk() -> None:
    with pytest.raises(RefusedError) as caught:
        place(document({"value": [], "@odata.nextLink": CURSOR})).source().page(QUERY, CURSOR)
    assert caught.value.code == "CURSOR_LOOP"


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_cursor_that_is_refused_is_lost(status: int) -> None:
    with pytest.raises(CursorLostError):
        place(refused(status)).source().page(QUERY, CURSOR)


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_first_page_that_is_refused_is_no_lost_cursor(status: int) -> None:
    with pytest.raises(RefusedError):
        place(refused(status)).source().page(QUERY, None)


def test_another_refusal_does_not_lose_the_cursor() -> None:
    with pytest.raises(RefusedError):
        place(refused(405)).source().page(QUERY, CURSOR)


@pytest.mark.parametrize("code", ["NoEnvironment", "Internal_CompanyNotFound"])
def test_a_company_that_went_in_mid_walk_is_gone(code: str) -> None:
    with pytest.raises(SourceGoneError):
        place(refused(404, code)).source().page(QUERY, CURSOR)


def test_a_record_is_read_by_its_key_with_the_same_columns() -> None:
    here = place(document({"id": RECORD}))
    assert here.source().record(QUERY, RECORD) == {"id": RECORD}
    assert here.net.urls == [f"{VENDORS}({RECORD})?$select=id,number"]


@pytest.mark.parametrize("code", ["Internal_RecordNotFound", "BadRequest_NotFound"])
def test_a_record_that_is_not_there_is_none(code: str) -> None:
    assert place(refused(404, code)).source().record(QUERY, RECORD) is None


def test_a_wrong_entity_set_is_not_taken_for_a_record_that_is_gone() -> None:
    with pytest.raises(RefusedError):
        place(refused(404, "BadRequest_ResourceNotFound")).source().record(QUERY, RECORD)


@pytest.mark.parametrize("text", ["", "10000", f"{RECORD}/x", f"{RECORD})", "' or 1 eq 1"])
def test_an_id_that_cannot_be_one_is_none_without_asking(text: str) -> None:
    here = place()
    assert (here.source().record(QUERY, text), here.net.sent) == (None, [])


def test_a_record_that_a_filter_leaves_out_is_none() -> None:
    here = place(document({"value": []}))
    query = replace(QUERY, filter="a eq 1 or a eq 2", since=NOW, low="1", id_field="systemId")
    assert here.source().record(query, RECORD) is None
    (url,) = here.net.urls
    assert unquote(url) == f"{VENDORS}?$filter=(a eq 1 or a eq 2) and systemId eq {RECORD}&$select=id,number"


def test_a_record_that_a_filter_keeps_is_found() -> None:
    here = place(document({"value": [{"id": RECORD}]}))
    assert here.source().record(replace(QUERY, filter="a eq 1"), RECORD) == {"id": RECORD}


def test_what_a_query_asks_for_is_counted_by_the_source() -> None:
    here = place(Canned(body=b"3"))
    assert here.source().count_of(replace(QUERY, low="A'1", high="B", filter="blocked eq 'All'")) == 3
    condition = "%28blocked%20eq%20%27All%27%29%20and%20number%20ge%20%27A%27%271%27%20and%20number%20lt%20%27B%27"
    assert here.net.urls == [f"{VENDORS}/$count?$filter={condition}"]


def test_a_query_may_ask_for_the_order_of_numbers() -> None:
    here = place(Canned())
    here.source().page(replace(QUERY, by_number=True), None)
    assert here.net.urls == [f"{VENDORS}?$select=id,number&$orderby=number"]


def test_a_custom_route_is_counted_where_it_is() -> None:
    here = place(Canned(200, b"7"))
    assert here.source().count("things", route="contoso/eudr/v1.0") == 7
    root = ROOT.replace("api/v2.0", "api/contoso/eudr/v1.0")
    assert here.net.urls == [f"{root}/companies({COMPANY})/things/$count"]


METADATA = Canned(
    200,
    b'<Schema><EntityType Name="vendor"><Property Name="number" Type="Edm.String" MaxLength="20"/>'
    b'<Property Name="odd" Type="Edm.Guid"/></EntityType>'
    b'<EntitySet Name="vendors" EntityType="Microsoft.NAV.vendor"/></Schema>',
)
CAPTIONS = {
    "value": [
        {
            "entityName": "vendor",
            "properties": [{"name": "number", "captions": [{"languageCode": 1033, "caption": "No."}]}],
        }
    ]
}


def test_a_schema_has_the_routes_own_captions() -> None:
    here = place(METADATA, document(CAPTIONS))
    schema = here.source().schema("v2.0", "vendors")
    assert [(each.name, each.length, each.caption) for each in schema.fields] == [
        ("number", 20, "No."),
        ("odd", None, None),
    ]
    assert [unquote(url) for url in here.net.urls] == [
        f"{ROOT}/$metadata",
        f"{ROOT}/entityDefinitions?$filter=entityName eq 'vendor'",
    ]
    assert here.net.sent[0].headers["Accept"] == "application/xml"


def test_a_schema_needs_no_captions() -> None:
    schema = place(METADATA, refused(404, "BadRequest_ResourceNotFound")).source().schema("v2.0", "vendors")
    assert [each.caption for each in schema.fields] == [None, None]


def test_an_entity_set_that_the_route_does_not_have_is_told() -> None:
    with pytest.raises(RefusedError) as caught:
        place(METADATA).source().schema("v2.0", "nosuch")
    assert caught.value.code == "ENTITY_SET_NOT_FOUND"


def numbers(*found: str) -> list[Canned]:
    return [document({"value": [{"number": number}]}) for number in found]


def test_a_set_of_one_page_has_no_boundaries() -> None:
    here = place()
    assert (here.source().boundaries(QUERY, expected=2), here.net.sent) == ((), [])


def test_boundaries_are_the_numbers_a_page_apart() -> None:
    here = place(*numbers("20", "40"))
    here.source().boundaries(replace(QUERY, page_size=100), expected=250)
    assert sorted(url.partition("?")[2] for url in here.net.urls) == [
        f"$orderby=number&$select=number&$top=1&$skip={offset}" for offset in (168, 84)
    ]


def test_boundaries_are_looked_for_among_the_records_asked_for() -> None:
    here = place(*numbers("20"))
    here.source().boundaries(replace(QUERY, since=NOW), expected=4)
    assert "$filter=lastModifiedDateTime%20ge%20" in here.net.urls[0]


def test_a_boundary_is_named_once_and_blanks_are_dropped() -> None:
    odd = [document({"value": []}), document({"value": [{"number": 7}]}), document({"value": [{}]})]
    here = place(*numbers("20", "20", ""), *odd)
    assert here.source().boundaries(QUERY, expected=14) == ("20",)


def test_a_failed_probe_ends_the_search_without_an_error() -> None:
    here = place(*[refused(400)] * 63)
    assert here.source().boundaries(QUERY, expected=1000) == ()
    assert len(here.net.sent) <= 10


def test_a_large_set_is_split_by_63_boundaries() -> None:
    here = place(*numbers(*map(str, range(100, 200))))
    assert len(here.source().boundaries(QUERY, expected=1_000_000)) == 63


@pytest.mark.parametrize("ask", ["count", "page", "record", "boundaries"])
def test_without_a_company_nothing_is_asked(ask: str) -> None:
    here = place()
    source = here.source(replace(CONNECTION, company_id=None))
    calls: dict[str, Callable[[], object]] = {
        "count": lambda: source.count("vendors"),
        "page": lambda: source.page(QUERY, None),
        "record": lambda: source.record(QUERY, RECORD),
        "boundaries": lambda: source.boundaries(QUERY, expected=100),
    }
    with pytest.raises(SetupError) as caught:
        calls[ask]()
    assert (caught.value.code, here.net.sent) == ("COMPANY_REQUIRED", [])


def test_the_business_central_connector_only_reads() -> None:
    page = Canned(200, sample("bc-vendors-page.json"))
    here = place(Canned(200, sample("bc-companies.json")), Canned(200, b"1"), page, refused(401), page, *numbers("20"))
    source = here.source()
    source.companies()
    source.count("vendors")
    source.page(QUERY, None)
    source.record(QUERY, RECORD)
    source.boundaries(QUERY, expected=4)
    assert {request.method for request in here.net.sent} == {"GET"}
    assert {request.method for request in here.net.token_requests} == {"POST"}


def test_a_trailing_slash_of_the_base_is_no_trouble() -> None:
    here = place(document({"value": []}))
    sources = BusinessCentralSources(f"{BASE}/", here.means, tokens=here.tokens, budgets=here.budgets)
    sources.open(CONNECTION, SECRET).companies()
    assert here.net.urls == [f"{ROOT}/companies"]


def test_trouble_while_looking_for_boundaries_keeps_what_was_found() -> None:
    here = place(*numbers("20"), *[refused(503)] * 5)
    found = here.source().boundaries(QUERY, expected=6)
    assert found == ("20",)


def test_trouble_at_the_source_is_handed_on_by_every_method() -> None:
    with pytest.raises(RetryLaterError):
        place(refused(503, Retry_After="99")).source().count("vendors")
