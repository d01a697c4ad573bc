"""OData addresses, filters and pages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.connectors import odata
from sync.model.errors import RefusedError, RetryLaterError, SyncError
from sync.ports import SourcePage
from tests.connectors.kit import BASE, QUERY, VENDORS, sample

SINCE = datetime(2024, 1, 15, 2, 0, 0, 999999, tzinfo=timezone(timedelta(hours=2)))


def test_a_time_is_written_in_utc_with_milliseconds_rounded_down() -> None:
    assert odata.instant(SINCE) == "2024-01-15T00:00:00.999Z"


def test_a_full_second_has_its_milliseconds_too() -> None:
    assert odata.instant(datetime(2024, 1, 15, tzinfo=UTC)) == "2024-01-15T00:00:00.000Z"


def test_all_parts_of_a_filter_are_joined_and_the_caller_s_own_is_kept_together() -> None:
    query = replace(QUERY, filter="a eq 1 or a eq 2", low="10", high="20", since=SINCE)
    assert odata.conditions(query) == (
        "(a eq 1 or a eq 2) and number ge '10' and number lt '20' and lastModifiedDateTime ge 2024-01-15T00:00:00.999Z"
    )


def test_changes_are_asked_for_by_the_column_that_tells_them() -> None:
    query = replace(QUERY, since=SINCE, modified_field="systemModifiedAt")
    assert odata.conditions(query) == "systemModifiedAt ge 2024-01-15T00:00:00.999Z"


def test_a_set_that_tells_no_changes_is_not_asked_for_them() -> None:
    assert not odata.conditions(replace(QUERY, since=SINCE, modified_field=None))


def test_the_caller_s_own_filter_alone_stays_as_it_is() -> None:
    assert odata.conditions(replace(QUERY, filter="a eq 1")) == "a eq 1"


def test_a_query_for_everything_has_no_filter() -> None:
    assert not odata.conditions(QUERY)


def test_a_span_may_begin_with_the_empty_number() -> None:
    assert odata.conditions(replace(QUERY, low="")) == "number ge ''"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_survives_quoting_and_encoding(text: str) -> None:
    url = odata.with_options(VENDORS, {"filter": f"number ge {odata.literal(text)}"})
    (found,) = parse_qs(urlsplit(url).query, strict_parsing=True)["$filter"]
    assert found.removeprefix("number ge '").removesuffix("'").replace("''", "'") == text


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_segment_is_one_segment_whatever_its_text(text: str) -> None:
    try:
        segment = odata.segment(text)
    except RefusedError:
        assert text in {".", ".."}
    else:
        assert not set("/?#\\ ") & set(segment)


def test_options_without_a_value_are_left_out() -> None:
    assert odata.with_options(VENDORS, {"select": "id,number", "expand": ""}) == f"{VENDORS}?$select=id,number"


@pytest.mark.parametrize(("asked", "sent"), [(300, 300), (99_999, 20_000), (0, 1)])
def test_the_page_size_stays_within_what_the_source_takes(asked: int, sent: int) -> None:
    assert odata.page_preference(replace(QUERY, page_size=asked)) == {"Prefer": f"odata.maxpagesize={sent}"}


def test_a_page_carries_its_records_and_the_next_address_verbatim() -> None:
    page = odata.read_page(sample("bc-vendors-page.json"), url=VENDORS, base=BASE)
    assert page.records[0]["number"] == "10000"
    assert str(page.cursor).endswith("/vendors?aid=FIN&$skiptoken=f7a5738a-44e3-ea11-bb43-000d3a2feca1")


@pytest.mark.parametrize("name", ["bc-items-page.json", "bc-customers-page-2-last.json"])
def test_a_last_page_has_no_next_address(name: str) -> None:
    assert odata.read_page(sample(name), url=VENDORS, base=BASE).cursor is None


def test_a_page_with_a_byte_order_mark_is_read() -> None:
    assert odata.read_page(b'\xef\xbb\xbf{"value":[]}', url=VENDORS, base=BASE).records == []


def following(url: object) -> SourcePage:
    return odata.read_page(orjson.dumps({"value": [], "@odata.nextLink": url}), url=VENDORS, base=BASE)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.businesscentral.dynamics.com/x",
        "https://api.businesscentral.dynamics.com:444/x",
        "https://api.businesscentral.dynamics.com.evil.example/x",
        "https://evil.example/x",
        "https://user@api.businesscentral.dynamics.com/x",
        "https://api.businesscentral.dynamics.com@evil.example/x",
        "https://evil.example\\@api.businesscentral.dynamics.com/x",
        "https://api.businesscentral.dynamics.com/\n",
        "https://[bad/x",
        "https://api.businesscentral.dynamics.com:port/x",
        "//api.businesscentral.dynamics.com/x",
        "vendors?$skiptoken=1",
        "",
    ],
)
def test_a_next_address_of_another_origin_is_refused(url: str) -> None:
    with pytest.raises(RefusedError) as caught:
        following(url)
    assert caught.value.code == "FOREIGN_NEXT_LINK"


@pytest.mark.parametrize(
    "origin", ["https://api.businesscentral.dynamics.com:443", "HTTPS://API.businesscentral.dynamics.com"]
)
def test_another_spelling_of_the_same_origin_is_followed(origin: str) -> None:
    assert following(f"{origin}/x").cursor == f"{origin}/x"


def test_a_port_of_a_local_source_has_to_be_the_same() -> None:
    assert odata.own("http://127.0.0.1:8080/x", "http://127.0.0.1:8080") == "http://127.0.0.1:8080/x"


def test_a_next_page_that_is_this_page_again_is_refused() -> None:
    with pytest.raises(RefusedError) as caught:
        following(VENDORS)
    assert caught.value.code == "CURSOR_LOOP"


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"value":{}}', b'{"value":[1]}', b'{"value":[{}],"@odata.nextLink":7}']
)
def test_what_is_no_page_is_refused(body: bytes) -> None:
    with pytest.raises(RefusedError) as caught:
        odata.read_page(body, url=VENDORS, base=BASE)
    assert caught.value.code == "SOURCE_UNREADABLE"


@given(st.integers(0, len(sample("bc-vendors-page.json").rstrip()) - 1))
def test_a_page_cut_anywhere_is_asked_for_again(length: int) -> None:
    with pytest.raises(RetryLaterError):
        odata.read_page(sample("bc-vendors-page.json")[:length], url=VENDORS, base=BASE)


@given(st.binary())
def test_no_bytes_make_reading_a_page_fail_otherwise(body: bytes) -> None:
    with pytest.raises(SyncError):
        odata.read_page(body, url=VENDORS, base=BASE)


@pytest.mark.parametrize("body", [b"275", b"\xef\xbb\xbf275", b" 275\r\n"])
def test_a_count_is_a_bare_number(body: bytes) -> None:
    assert odata.read_count(body) == 275


@pytest.mark.parametrize("body", [b"", b"<html>", b"-1", "²".encode(), b"\xff"])
def test_a_count_that_is_no_number_is_asked_for_again(body: bytes) -> None:
    with pytest.raises(RetryLaterError):
        odata.read_count(body)
