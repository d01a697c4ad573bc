"""Reading rows: annotations, expansion, filters, order, pages and counts."""

from typing import Any
from urllib.parse import unquote

import pytest

from sandbox.dataverse.control import DataverseControl
from tests.sandbox.dataverse.caller import CONTACT, DEAL, NOWHERE, DataverseCaller, deal, refusal
from tests.sandbox.test_wire import sample

_ALL = 'odata.include-annotations="*"'
_FORMATTED = "OData.Community.Display.V1.FormattedValue"


def test_a_row_has_the_keys_of_the_sample_in_its_order(dataverse: DataverseCaller) -> None:
    expected = sample("dataverse-opportunity.json")
    chosen = "name,estimatedvalue,estimatedclosedate,captureproposalfeedback,_customerid_value,statecode,modifiedon"
    expand = "transactioncurrencyid($select=isocurrencycode,currencyprecision)"
    row = dataverse.json(deal(), _ALL, select=f"{chosen},_modifiedby_value", expand=expand)
    assert list(row) == list(expected)
    assert list(row["transactioncurrencyid"]) == list(expected["transactioncurrencyid"])


def test_the_context_lists_what_was_selected(dataverse: DataverseCaller) -> None:
    row = dataverse.json(deal(), select="name", expand="transactioncurrencyid($select=isocurrencycode)")
    tail = row["@odata.context"].partition("$metadata#")[2]
    assert tail == "opportunities(name,transactioncurrencyid(isocurrencycode))/$entity"


def test_money_has_four_decimals_on_the_wire(dataverse: DataverseCaller) -> None:
    assert '"estimatedvalue":250.0000' in dataverse.get(deal(), select="estimatedvalue").text


def test_money_brings_its_currency_unasked(dataverse: DataverseCaller) -> None:
    assert "_transactioncurrencyid_value" in dataverse.json(deal(), select="estimatedvalue")


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("estimatedvalue", "$250.00"),
        ("captureproposalfeedback", "Yes"),
        ("statecode", "Open"),
        ("estimatedclosedate", "12/1/2026"),
        ("schedulefollowup_prospect", "11/30/2026"),
        ("createdon", "1/5/2026 1:40 AM"),
        ("new_plannedstart", "1/4/2027 9:30 AM"),
    ],
)
def test_a_formatted_value_is_what_a_person_reads(dataverse: DataverseCaller, column: str, text: str) -> None:
    assert dataverse.json(deal(), _ALL, select=column)[f"{column}@{_FORMATTED}"] == text


def test_choices_are_joined_with_semicolons(dataverse: DataverseCaller) -> None:
    row = dataverse.values("opportunities", _ALL, select="new_flags", filter="name eq '50% off, \"quoted\" 1'")[0]
    assert (row["new_flags"], row[f"new_flags@{_FORMATTED}"]) == ("1,9", "Strategic; Framework")


def test_plain_text_has_no_formatted_value(dataverse: DataverseCaller) -> None:
    assert f"name@{_FORMATTED}" not in dataverse.json(deal(), _ALL, select="name")


def test_only_the_annotations_asked_for_come(dataverse: DataverseCaller) -> None:
    row = dataverse.json(deal(), f'odata.include-annotations="{_FORMATTED}"', select="_customerid_value")
    assert [name for name in row if name.startswith("_customerid_value")] == [
        f"_customerid_value@{_FORMATTED}",
        "_customerid_value",
    ]


def test_a_wildcard_asks_for_annotations_by_their_beginning(dataverse: DataverseCaller) -> None:
    row = dataverse.json(deal(), 'odata.include-annotations="Microsoft.Dynamics.*"', select="_customerid_value")
    assert row["_customerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty"] == "customerid_account"


def test_a_null_is_there_and_carries_no_annotation(dataverse: DataverseCaller) -> None:
    row = dataverse.json(deal(), _ALL, select="actualvalue")
    assert row["actualvalue"] is None
    assert f"actualvalue@{_FORMATTED}" not in row


def test_a_lookup_to_the_other_table_expands_to_null(dataverse: DataverseCaller) -> None:
    assert (
        dataverse.json(deal(), select="name", expand="customerid_contact($select=fullname)")["customerid_contact"]
        is None
    )


def test_a_collection_expands_to_rows(dataverse: DataverseCaller) -> None:
    row = dataverse.json(deal(), select="name", expand="opportunity_quotes($select=name)")
    assert [each["name"] for each in row["opportunity_quotes"]] == ["Quote Deal 0"]


def test_without_a_selection_every_column_comes(dataverse: DataverseCaller) -> None:
    row = dataverse.json(deal())
    assert {"new_flags", "isrevenuesystemcalculated", "_ownerid_value", "versionnumber"} <= set(row)


def test_a_column_that_is_not_readable_is_absent(dataverse: DataverseCaller) -> None:
    assert "isprivate" not in dataverse.json(deal())


def test_an_unknown_selection_is_refused(dataverse: DataverseCaller) -> None:
    reply = dataverse.get("opportunities", select="Name")
    message = "Could not find a property named 'Name' on type 'Microsoft.Dynamics.CRM.opportunity'."
    assert (*refusal(reply), reply.json()["error"]["message"]) == (400, "0x0", message)


def test_a_misspelt_set_is_refused_as_captured(dataverse: DataverseCaller) -> None:
    reply = dataverse.get("conacs")
    assert (reply.status_code, reply.json()) == (404, sample("dataverse-error-unknown-segment-404.json"))


def test_the_documented_code_of_a_misspelt_set_is_a_switch(dataverse: DataverseCaller) -> None:
    dataverse.orders.switch(unknown_segment_code="0x8006088a")
    assert refusal(dataverse.get("conacs")) == (404, "0x8006088a")


def test_a_row_that_is_not_there_is_refused_as_composed(dataverse: DataverseCaller) -> None:
    expected = sample("dataverse-error-gone-404.json")["error"]
    error = dataverse.get(f"opportunities({NOWHERE})").json()["error"]
    assert error["code"] == expected["code"]
    assert error["message"] == f"Entity 'opportunity' With Id = {NOWHERE} Does Not Exist"


def test_old_wording_and_blank_codes_are_switches(dataverse: DataverseCaller) -> None:
    dataverse.orders.switch(gone_text="plain", code_form="blank")
    error = dataverse.get(f"opportunities({NOWHERE})").json()["error"]
    assert error == {"code": "", "message": f"opportunity With Id = {NOWHERE} Does Not Exist"}


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("fullname eq 'heriberto nathan'", ["Heriberto Nathan"]),
        ("contains(fullname,'d''arc')", ["Zoë d'Arc"]),
        ("startswith(fullname,'a') and not endswith(fullname,'n')", ["Anne-Marie von und zu Österreich"]),
        ("firstname eq null", ["Cher"]),
        ("parentcustomerid_account/name eq 'Coho Winery (sample)'", ["José Núñez"]),
        ("lastname in ('Cher','Bowman')", ["Ana Bowman", "Cher"]),
        ("Microsoft.Dynamics.CRM.In(PropertyName='lastname',PropertyValues=['Cher','x'])", ["Cher"]),
        ("createdon gt 2026-01-05T08:36:00Z", ["Anne-Marie von und zu Österreich"]),
        ("(lastname eq 'Cher' or lastname eq 'Bowman') and statecode eq 0", ["Ana Bowman", "Cher"]),
        (f"contactid eq {CONTACT}", ["José Núñez"]),
    ],
)
def test_a_filter_keeps_what_it_names(dataverse: DataverseCaller, condition: str, names: list[str]) -> None:
    rows = dataverse.values("contacts", select="fullname", filter=condition, orderby="fullname")
    assert [row["fullname"] for row in rows] == names


@pytest.mark.parametrize("condition", ["name eq", "name xx 'a'", "(name eq 'a'", "name eq 'a' 'b'", "§", "1 lt 'a'"])
def test_an_unreadable_filter_is_refused(dataverse: DataverseCaller, condition: str) -> None:
    assert dataverse.get("accounts", filter=condition).status_code == 400


def test_a_filter_on_a_lookup_takes_its_id(dataverse: DataverseCaller) -> None:
    customer = dataverse.json(deal(), select="_customerid_value")["_customerid_value"]
    rows = dataverse.values("opportunities", select="name", filter=f"_customerid_value eq {customer}")
    assert DEAL in [row["opportunityid"] for row in rows]


def test_rows_come_in_descending_order(dataverse: DataverseCaller) -> None:
    rows = dataverse.values("opportunities", select="closeprobability", orderby="closeprobability desc", top="3")
    assert [row["closeprobability"] for row in rows] == [78, 76, 74]


def test_a_next_link_has_the_form_of_the_sample(dataverse: DataverseCaller) -> None:
    page = dataverse.json("contacts", "odata.maxpagesize=2", select="fullname,fax")
    expected = sample("dataverse-contacts-page-1.json")["@odata.nextLink"]
    ids = [f"{{{page['value'][place]['contactid'].upper()}}}" for place in (1, 0)]
    link = unquote(unquote(unquote(page["@odata.nextLink"].partition("?")[2])))
    wanted = (
        unquote(unquote(unquote(expected.partition("?")[2])))
        .partition("pagingcookie")[0]
        .replace("fullname,emailaddress1,fax,familystatuscode", "fullname,fax")
    )
    assert link.startswith(wanted)
    assert f'<contactid last="{ids[0]}" first="{ids[1]}" /></cookie>" istracking="False" />' in link


@pytest.mark.parametrize("order", [{}, {"orderby": "fullname"}, {"orderby": "statecode,fullname desc"}])
def test_pages_follow_each_other_without_gap(dataverse: DataverseCaller, order: dict[str, str]) -> None:
    everything = dataverse.values("contacts", select="fullname", **order)
    page = dataverse.json("contacts", "odata.maxpagesize=3", select="fullname", **order)
    rows = list(page["value"])
    while "@odata.nextLink" in page:
        page = dataverse.json(page["@odata.nextLink"], "odata.maxpagesize=3")
        rows += page["value"]
    assert rows == everything


def test_a_row_that_vanished_between_pages_hides_no_other(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    page = dataverse.json("contacts", "odata.maxpagesize=3", select="fullname")
    orders.edit("delete", "contact", page["value"][2]["contactid"])
    rest = dataverse.json(page["@odata.nextLink"], "odata.maxpagesize=100")["value"]
    assert len(rest) == 5


def test_a_made_up_cookie_is_refused(dataverse: DataverseCaller) -> None:
    assert dataverse.get("contacts?$skiptoken=nonsense").status_code == 400


def test_top_counts_for_nothing_beside_a_page_size(dataverse: DataverseCaller) -> None:
    page = dataverse.json("contacts", "odata.maxpagesize=4", select="fullname", top="2")
    assert len(page["value"]) == 4


def test_skip_is_refused(dataverse: DataverseCaller) -> None:
    assert dataverse.get("contacts", skip="2").status_code == 400


def test_a_page_is_never_larger_than_the_limit(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    orders.switch(page_limit=6)
    page = dataverse.json("contacts", "odata.maxpagesize=5000", select="fullname", count="true")
    assert (len(page["value"]), page["@odata.count"]) == (6, 6)


def test_a_collection_carries_the_annotations_of_the_sample(dataverse: DataverseCaller) -> None:
    page = dataverse.json("accounts", _ALL, select="name")
    assert list(page) == list(sample("dataverse-accounts.json"))


def test_a_count_begins_with_a_byte_order_mark(dataverse: DataverseCaller) -> None:
    assert dataverse.get("contacts/$count").content == b"\xef\xbb\xbf8"


def test_one_property_comes_alone(dataverse: DataverseCaller) -> None:
    assert dataverse.json(f"{deal()}/name")["value"] == "Deal 0"


def test_a_property_that_is_null_is_an_empty_answer(dataverse: DataverseCaller) -> None:
    assert dataverse.get(f"{deal()}/actualvalue").status_code == 204


def test_a_lookup_can_be_followed(dataverse: DataverseCaller) -> None:
    assert dataverse.json(f"{deal()}/transactioncurrencyid", select="isocurrencycode")["isocurrencycode"] == "USD"


def test_a_collection_can_be_followed(dataverse: DataverseCaller) -> None:
    assert len(dataverse.values(f"{deal()}/product_opportunities", select="quantity")) == 3


def test_an_alternate_key_finds_its_row(dataverse: DataverseCaller) -> None:
    assert dataverse.json("accounts(accountnumber='A-005')", select="name")["name"] == 'O\'Hara "Timber" Ltd.'


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("accountnumber='none'", (404, "0x80060891")),
        ("name='x'", (400, "0x80060890")),
        ("", (400, "0x80040203")),
        ("one two", (400, "0x80060888")),
    ],
)
def test_a_key_that_finds_nothing_is_refused(dataverse: DataverseCaller, key: str, expected: tuple[int, str]) -> None:
    assert refusal(dataverse.get(f"accounts({key})")) == expected


def test_an_unchanged_row_is_not_sent_again(dataverse: DataverseCaller) -> None:
    tag = dataverse.json(deal(), select="name")["@odata.etag"]
    reply = dataverse.ask("GET", deal("name"), If_None_Match=tag)
    assert (reply.status_code, reply.content) == (304, b"")


def test_a_conditional_read_with_annotations_always_answers(dataverse: DataverseCaller) -> None:
    tag = dataverse.json(deal(), select="name")["@odata.etag"]
    assert dataverse.ask("GET", deal("name"), If_None_Match=tag, Prefer=_ALL).status_code == 200


def test_calculated_and_formula_columns_are_computed_when_read(dataverse: DataverseCaller) -> None:
    dataverse.patch(deal(), {"name": "N", "estimatedvalue": 300, "budgetamount": 120}, If_Match="*")
    row = dataverse.json(deal(), select="new_margin,new_headline")
    assert (row["new_margin"], row["new_headline"]) == (180.0, "Deal: N")


def test_a_rollup_changes_without_a_new_version(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    before = dataverse.json(deal(), select="new_linesum")
    orders.compute_rollups()
    after = dataverse.json(deal(), select="new_linesum,new_linesum_state")
    assert (before["new_linesum"], after["new_linesum"], after["new_linesum_state"]) == (None, 432.2, 1)
    assert before["@odata.etag"] == after["@odata.etag"]


def test_an_amount_in_the_base_currency_follows_the_rate(dataverse: DataverseCaller) -> None:
    rows: list[dict[str, Any]] = dataverse.values(
        "opportunities", select="estimatedvalue,estimatedvalue_base", filter="name eq 'Deal 10'"
    )
    assert rows[0]["estimatedvalue_base"] == pytest.approx(rows[0]["estimatedvalue"] / 0.92, abs=0.0001)


@pytest.mark.parametrize("path", ["opportunities/nonsense", f"opportunities({DEAL})/nonsense", "nonsense/$count"])
def test_a_path_that_names_nothing_is_not_found(dataverse: DataverseCaller, path: str) -> None:
    assert dataverse.get(path).status_code == 404


def test_another_version_of_the_service_is_not_found(dataverse: DataverseCaller) -> None:
    assert dataverse.get(f"{dataverse.origin}/api/data/v8.0/accounts").status_code == 404
