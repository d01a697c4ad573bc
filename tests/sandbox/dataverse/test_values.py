"""Every type is checked as the facts say, with the documented codes."""

from typing import Any

import pytest

from sandbox.dataverse.control import DataverseControl
from sandbox.dataverse.schema import stable_id
from tests.sandbox.dataverse.caller import NOWHERE, DataverseCaller, deal, refusal
from tests.sandbox.test_wire import sample

_AGREEMENT = f"new_agreements({stable_id('new_agreement', '0')})"


def written(dataverse: DataverseCaller, path: str, column: str, value: Any) -> Any:
    reply = dataverse.patch(path, {column: value}, If_Match="*", Prefer="return=representation")
    assert reply.status_code == 200, reply.text
    return reply.json()[column]


@pytest.mark.parametrize(
    ("column", "value", "stored"),
    [
        ("new_count", 5, 5),
        ("new_count", "-5", -5),
        ("new_region", "2", 2),
        ("new_active", "True", True),
        ("new_active", False, False),
        ("new_factor", "1.5", 1.5),
        ("new_factor", 3, 3.0),
        ("new_big", 2**62, 2**62),
        ("new_topics", "3, 1", "1,3"),
        ("new_topics", None, None),
        ("new_terms", "one\r\ntwo", "one\r\ntwo"),
        ("new_signedday", "2024-02-29", "2024-02-29"),
        ("new_signedat", "2021-04-04T12:00:00-08:00", "2021-04-04T20:00:00Z"),
        ("new_signedat", "2021-04-04T12:00:00", "2021-04-04T12:00:00Z"),
        ("new_wallclock", "2019-12-18T09:30:00", "2019-12-18T09:30:00Z"),
        ("new_wallclock", "2019-12-18T09:30:00+05:00", "2019-12-18T09:30:00Z"),
        ("new_external", NOWHERE.upper(), NOWHERE),
    ],
)
def test_a_value_that_fits_is_stored(dataverse: DataverseCaller, column: str, value: Any, stored: Any) -> None:
    assert written(dataverse, _AGREEMENT, column, value) == stored


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("new_name", "x" * 101, "0x80044331"),
        ("new_name", "🌲" * 51, "0x80044331"),
        ("new_name", 5, "0x80048d19"),
        ("new_count", 6, "0x8004432f"),
        ("new_count", "six", "0x80048d19"),
        ("new_count", 1.5, "0x80048d19"),
        ("new_count", 2**31, "0x80048d19"),
        ("new_count", True, "0x80048d19"),
        ("new_rate", 10.01, "0x80044330"),
        ("new_rate", "1.5", "0x80048d19"),
        ("new_rate", True, "0x80048d19"),
        ("new_fee", -1, "0x80044330"),
        ("new_factor", "", "0x80048d19"),
        ("new_factor", "NaN", "0x80048d19"),
        ("new_factor", 1e7, "0x80044330"),
        ("new_active", "Yes", "0x80048d19"),
        ("new_active", 1, "0x80048d19"),
        ("new_region", 3, "0x8004431a"),
        ("new_region", "Charity", "0x80048d19"),
        ("new_topics", "1,9", "0x8004431a"),
        ("new_topics", [1], "0x80048d19"),
        ("new_signedday", "02/29/2024", "0x80040239"),
        ("new_signedday", "1752-12-31", "0x80040239"),
        ("new_signedday", 5, "0x80048d19"),
        ("new_signedat", "2024-02-29", "0x80040239"),
        ("new_external", "no guid", "0x80048d19"),
        ("new_unknown", 1, "0x80048d19"),
        ("Name", "x", "0x80048d19"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(dataverse: DataverseCaller, column: str, value: Any, code: str) -> None:
    assert refusal(dataverse.patch(_AGREEMENT, {column: value}, If_Match="*")) == (400, code)


def test_a_text_of_surrogate_pairs_fits_by_half_its_length(dataverse: DataverseCaller) -> None:
    assert written(dataverse, _AGREEMENT, "new_name", "🌲" * 50) == "🌲" * 50


def test_a_long_text_is_refused_as_composed(dataverse: DataverseCaller) -> None:
    reply = dataverse.patch(deal(), {"name": "x" * 301}, If_Match="*")
    assert (reply.status_code, reply.json()) == (400, sample("dataverse-error-too-long-400.json"))


def test_a_wrong_literal_is_refused_as_composed(dataverse: DataverseCaller) -> None:
    reply = dataverse.patch(deal(), {"salesstage": "Charity"}, If_Match="*")
    assert (reply.status_code, reply.json()) == (400, sample("dataverse-error-payload-400.json"))


def test_a_quoted_decimal_is_refused_with_the_words_of_the_service(dataverse: DataverseCaller) -> None:
    message = dataverse.patch(deal(), {"estimatedvalue": "5"}, If_Match="*").json()["error"]["message"]
    assert "conflict between input format string/number and parameter 'IEEE754Compatible' false/true." in message


def test_big_amounts_keep_all_their_digits(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    orders.switch(price_engine="off")
    body = b'{"totaltax":922337203685476.1234}'
    reply = dataverse.ask("PATCH", deal("totaltax"), body, If_Match="*", Prefer="return=representation")
    assert '"totaltax":922337203685476.1200' in reply.text


@pytest.mark.parametrize(("column", "stored"), [("new_rate", 1.2346), ("new_fee", 1.235), ("new_fine", 1.23)])
def test_more_decimals_than_a_column_has_are_rounded(dataverse: DataverseCaller, column: str, stored: float) -> None:
    assert written(dataverse, _AGREEMENT, column, 1.23456) == stored


def test_money_has_the_decimals_of_its_currency(dataverse: DataverseCaller) -> None:
    yen = f"opportunities({stable_id('opportunity', '2')})"
    assert written(dataverse, yen, "estimatedvalue", 100.5) == 100.0


def test_whether_excess_decimals_are_refused_is_a_switch(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    orders.switch(excess_precision="refused")
    assert refusal(dataverse.patch(deal(), {"estimatedvalue": 1.001}, If_Match="*")) == (400, "0x80044330")


def test_a_decimal_has_ten_places_on_the_wire(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    ten = dataverse.get(_AGREEMENT, select="new_rate").text
    orders.switch(decimal_places="stored")
    assert (
        '"new_rate":1.2500000000' in ten,
        '"new_rate":1.25,' in dataverse.get(_AGREEMENT, select="new_rate").text,
    ) == (
        True,
        True,
    )


@pytest.mark.parametrize(("status", "expected"), [("400", 400), ("500", 500)])
def test_the_status_of_a_bad_date_is_a_switch(
    dataverse: DataverseCaller, orders: DataverseControl, status: str, expected: int
) -> None:
    orders.switch(bad_date_status=status)
    assert refusal(dataverse.patch(deal(), {"estimatedclosedate": "soon"}, If_Match="*")) == (expected, "0x80040239")


@pytest.mark.parametrize("code", ["0x80048d19", "0x0"])
def test_the_code_of_an_unknown_property_is_a_switch(
    dataverse: DataverseCaller, orders: DataverseControl, code: str
) -> None:
    orders.switch(unknown_property_code=code)
    assert refusal(dataverse.patch(deal(), {"Nome": "x"}, If_Match="*")) == (400, code)


def test_null_in_a_column_the_system_needs_is_refused(dataverse: DataverseCaller) -> None:
    assert refusal(dataverse.patch(deal(), {"ownerid@odata.bind": None}, If_Match="*")) == (400, "0x80040203")


def test_null_in_a_column_the_application_needs_is_stored(dataverse: DataverseCaller) -> None:
    assert written(dataverse, deal(), "name", None) is None


def test_nothing_of_a_refused_write_is_stored(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    before = dataverse.json(deal(), select="name")
    dataverse.patch(deal(), {"name": "half", "salesstage": 77}, If_Match="*")
    assert (dataverse.json(deal(), select="name"), orders.writes()) == (before, [])


@pytest.mark.parametrize("body", [b"[]", b"{", b"", b'"text"'])
def test_a_body_that_is_no_object_is_refused(dataverse: DataverseCaller, body: bytes) -> None:
    assert dataverse.ask("PATCH", deal(), body, If_Match="*").status_code == 400
