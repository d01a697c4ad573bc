"""Writing rows: the matrix of conditions, what is ignored, binds, and rules of the sales tables."""

import pytest

from sandbox.dataverse.control import DataverseControl
from tests.sandbox.dataverse.caller import (
    ACCOUNT,
    ACTIVE_QUOTE,
    CONTACT,
    DEAL,
    NOWHERE,
    QUOTE,
    WON,
    DataverseCaller,
    deal,
    refusal,
)
from tests.sandbox.test_wire import sample

_BACK = {"Prefer": "return=representation"}


def test_a_write_gives_a_new_tag(dataverse: DataverseCaller) -> None:
    before = dataverse.json(deal(), select="name")["@odata.etag"]
    dataverse.patch(deal(), {"name": "New"}, If_Match=before)
    assert dataverse.json(deal(), select="name")["@odata.etag"] != before


def test_a_row_of_oneflows_own_table_is_made_and_found_by_its_number(dataverse: DataverseCaller) -> None:
    body = {"of_contractid": "5001", "of_senton": "2026-05-04T10:00:00Z", "of_renewsdate": "2027-05-01"}
    made = dataverse.post("of_oneflowcontracts?$select=of_contractid,of_senton,of_renewsdate", body, **_BACK)
    assert made.status_code == 201
    (found,) = dataverse.values("of_oneflowcontracts", filter="of_contractid eq '5001'")
    assert found["of_oneflowcontractid"] == made.json()["of_oneflowcontractid"]
    assert {name: found[name] for name in body} == body


def test_the_tags_version_is_the_version_column(dataverse: DataverseCaller) -> None:
    row = dataverse.json(deal(), select="versionnumber")
    assert row["@odata.etag"] == f'W/"{row["versionnumber"]}"'


def test_a_write_without_representation_is_empty_and_names_its_row(dataverse: DataverseCaller) -> None:
    reply = dataverse.patch(deal(), {"name": "New"}, If_Match="*")
    assert (reply.status_code, reply.content) == (204, b"")
    assert reply.headers["OData-EntityId"] == f"{dataverse.root}/opportunities({DEAL})"


def test_the_address_on_an_update_is_a_switch(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    orders.switch(patch_entity_id="absent")
    assert "OData-EntityId" not in dataverse.patch(deal(), {"name": "New"}, If_Match="*").headers


def test_a_representation_has_the_keys_of_the_sample(dataverse: DataverseCaller) -> None:
    reply = dataverse.patch(
        deal("name,estimatedvalue,modifiedon"), {"name": "New topic", "estimatedvalue": 12500.5}, If_Match="*", **_BACK
    )
    assert (reply.status_code, reply.headers["Preference-Applied"]) == (200, "return=representation")
    assert list(reply.json()) == list(sample("dataverse-opportunity-patched-200.json"))
    assert '"estimatedvalue":12500.5000' in reply.text


def test_expand_is_ignored_on_a_representation(dataverse: DataverseCaller) -> None:
    path = f"{deal('name')}&$expand=transactioncurrencyid($select=isocurrencycode)"
    assert "transactioncurrencyid" not in dataverse.patch(path, {"name": "New"}, If_Match="*", **_BACK).json()


def test_a_stale_tag_is_refused_as_composed(dataverse: DataverseCaller) -> None:
    reply = dataverse.patch(deal(), {"name": "New"}, If_Match='W/"1"')
    assert (reply.status_code, reply.json()) == (412, sample("dataverse-error-stale-412.json"))


@pytest.mark.parametrize("tag", ["*", 'W/"1"'])
def test_a_conditional_write_never_creates(dataverse: DataverseCaller, tag: str) -> None:
    assert refusal(dataverse.patch(f"opportunities({NOWHERE})", {"name": "x"}, If_Match=tag)) == (404, "0x80040217")


def test_an_unconditional_write_creates_what_was_deleted(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    dataverse.ask("DELETE", deal())
    reply = dataverse.patch(deal(), {"name": "Back"})
    assert reply.status_code == 204
    assert [each["rule"] for each in orders.violations()] == ["recreated"]


def test_if_none_match_prevents_an_update(dataverse: DataverseCaller) -> None:
    assert refusal(dataverse.patch(deal(), {"name": "x"}, If_None_Match="*")) == (412, "0x80040237")


def test_if_none_match_lets_a_row_be_made(dataverse: DataverseCaller) -> None:
    dataverse.patch(f"opportunities({NOWHERE})", {"name": "Made"}, If_None_Match="*")
    assert dataverse.json(f"opportunities({NOWHERE})", select="name")["name"] == "Made"


def test_an_upsert_by_alternate_key_keeps_the_key(dataverse: DataverseCaller) -> None:
    dataverse.patch("accounts(accountnumber='Z-1')", {"name": "By key"})
    assert dataverse.json("accounts(accountnumber='Z-1')", select="name")["name"] == "By key"


def test_a_key_of_two_columns_makes_a_row(dataverse: DataverseCaller) -> None:
    dataverse.patch("new_agreements(new_region=2,new_serial=77)", {"new_name": "Two"})
    row = dataverse.json("new_agreements(new_region=2,new_serial=77)", select="new_name,new_number")
    assert row["new_number"] == "AGR-00007"


def test_a_taken_alternate_key_is_refused(dataverse: DataverseCaller) -> None:
    assert refusal(dataverse.post("accounts", {"name": "x", "accountnumber": "A-001"})) == (412, "0x80060892")


def test_a_taken_id_is_refused(dataverse: DataverseCaller) -> None:
    assert refusal(dataverse.post("opportunities", {"name": "x", "opportunityid": DEAL})) == (412, "0x80040237")


def test_a_created_row_tells_its_address_twice(dataverse: DataverseCaller) -> None:
    reply = dataverse.post("accounts", {"name": "New"})
    assert (reply.status_code, reply.headers["Location"]) == (204, reply.headers["OData-EntityId"])


def test_a_created_row_can_come_back(dataverse: DataverseCaller) -> None:
    reply = dataverse.post("contacts", {"firstname": "A", "lastname": "B"}, **_BACK)
    assert (reply.status_code, reply.json()["fullname"]) == (201, "A B")


def test_a_new_row_has_owner_state_currency_and_stamps(dataverse: DataverseCaller) -> None:
    row = dataverse.post("opportunities", {"name": "New"}, **_BACK).json()
    me = dataverse.json("WhoAmI")["UserId"]
    assert (row["_ownerid_value"], row["_owninguser_value"], row["_createdby_value"]) == (me, me, me)
    assert (row["statecode"], row["statuscode"], row["exchangerate"]) == (0, 1, 1.0)


def test_a_write_tells_who_made_it(dataverse: DataverseCaller) -> None:
    row = dataverse.patch(deal("_modifiedby_value"), {"name": "New"}, If_Match="*", **_BACK).json()
    assert row["_modifiedby_value"] == dataverse.json("WhoAmI")["UserId"]


@pytest.mark.parametrize("column", ["createdon", "versionnumber", "exchangerate", "estimatedvalue_base", "new_margin"])
def test_a_column_that_is_not_writable_is_silently_ignored(dataverse: DataverseCaller, column: str) -> None:
    value = "2020-01-01T00:00:00Z" if column == "createdon" else 7
    before = dataverse.json(deal(), select=column)[column]
    assert dataverse.patch(deal(), {column: value}, If_Match="*").status_code == 204
    assert dataverse.json(deal(), select=column)[column] == before or column == "versionnumber"


def test_the_journal_names_what_was_ignored(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    dataverse.patch(deal(), {"exchangerate": 2}, If_Match="*")
    assert orders.writes()[0]["ignored"] == ["exchangerate"]


def test_the_same_value_makes_a_new_version_and_is_journaled(
    dataverse: DataverseCaller, orders: DataverseControl
) -> None:
    before = dataverse.json(deal(), select="name")
    dataverse.patch(deal(), {"name": before["name"]}, If_Match="*")
    assert dataverse.json(deal(), select="name")["@odata.etag"] != before["@odata.etag"]
    assert [each["rule"] for each in orders.violations()] == ["unchanged"]


def test_whether_the_same_value_makes_a_version_is_a_switch(
    dataverse: DataverseCaller, orders: DataverseControl
) -> None:
    orders.switch(unchanged_write="same_version")
    before = dataverse.json(deal(), select="name")
    dataverse.patch(deal(), {"name": before["name"]}, If_Match="*")
    assert dataverse.json(deal(), select="name")["@odata.etag"] == before["@odata.etag"]


def test_a_write_without_a_condition_is_a_violation(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    dataverse.patch(deal(), {"name": "unguarded"})
    assert [each["rule"] for each in orders.violations()] == ["unguarded"]


def test_a_careful_write_is_none(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    dataverse.patch(deal(), {"name": "careful"}, If_Match=dataverse.json(deal())["@odata.etag"])
    assert (len(orders.writes()), orders.violations()) == (1, [])


def test_binding_one_branch_of_a_customer_empties_the_other(dataverse: DataverseCaller) -> None:
    body = {"customerid_contact@odata.bind": f"/contacts({CONTACT})"}
    dataverse.patch(deal(), body, If_Match="*")
    row = dataverse.json(deal(), select="name", expand="customerid_account,customerid_contact($select=fullname)")
    assert (row["customerid_account"], row["customerid_contact"]["fullname"]) == (None, "José Núñez")


@pytest.mark.parametrize("clear", ["parentcontactid@odata.bind", "parentcontactid"])
def test_null_empties_a_lookup(dataverse: DataverseCaller, clear: str) -> None:
    dataverse.patch(deal(), {clear: None}, If_Match="*")
    assert dataverse.json(deal(), select="_parentcontactid_value")["_parentcontactid_value"] is None


def test_a_lookup_is_bound_by_alternate_key_and_by_whole_address(dataverse: DataverseCaller) -> None:
    first = {"parentaccountid@odata.bind": "accounts(accountnumber='A-003')"}
    second = {"new_PartnerId@odata.bind": f"{dataverse.root}/accounts({ACCOUNT})"}
    dataverse.patch(deal(), first | second, If_Match="*")
    row = dataverse.json(deal(), select="_parentaccountid_value,_new_partnerid_value")
    assert (row["_parentaccountid_value"], row["_new_partnerid_value"]) == (ACCOUNT, ACCOUNT)


@pytest.mark.parametrize("name", ["customerid@odata.bind", "new_partnerid@odata.bind", "Parentcontactid@odata.bind"])
def test_a_bind_to_no_navigation_property_is_refused(dataverse: DataverseCaller, name: str) -> None:
    reply = dataverse.patch(deal(), {name: f"/accounts({ACCOUNT})"}, If_Match="*")
    assert refusal(reply) == (400, "0x80048d19")
    assert "An undeclared property" in reply.json()["error"]["message"]


def test_a_bind_to_the_wrong_table_is_refused(dataverse: DataverseCaller) -> None:
    body = {"customerid_account@odata.bind": f"/contacts({CONTACT})"}
    assert refusal(dataverse.patch(deal(), body, If_Match="*")) == (400, "0x80048d19")


def test_a_bind_to_a_row_that_is_gone_is_refused(dataverse: DataverseCaller) -> None:
    body = {"customerid_account@odata.bind": f"/accounts({NOWHERE})"}
    assert refusal(dataverse.patch(deal(), body, If_Match="*")) == (404, "0x80040217")


def test_a_lookup_cannot_be_written_as_its_value(dataverse: DataverseCaller) -> None:
    assert dataverse.patch(deal(), {"_parentcontactid_value": CONTACT}, If_Match="*").status_code == 400


def test_an_owner_may_be_a_team(dataverse: DataverseCaller) -> None:
    team = dataverse.values("teams", select="name")[0]["teamid"]
    dataverse.patch(deal(), {"ownerid@odata.bind": f"/teams({team})"}, If_Match="*")
    row = dataverse.json(deal(), select="_ownerid_value,_owningteam_value,_owninguser_value")
    assert (row["_ownerid_value"], row["_owningteam_value"], row["_owninguser_value"]) == (team, team, None)


def test_a_reference_is_put_and_deleted(dataverse: DataverseCaller) -> None:
    path = f"{deal()}/parentaccountid/$ref"
    put = dataverse.ask("PUT", path, {"@odata.id": f"{dataverse.root}/accounts({ACCOUNT})"})
    found = dataverse.json(deal(), select="_parentaccountid_value")["_parentaccountid_value"]
    assert (put.status_code, found, dataverse.ask("DELETE", path).status_code) == (204, ACCOUNT, 204)


def test_a_property_is_put_and_deleted(dataverse: DataverseCaller) -> None:
    dataverse.ask("PUT", f"{deal()}/description", {"value": "put"})
    found = dataverse.json(f"{deal()}/description")["value"]
    dataverse.ask("DELETE", f"{deal()}/description")
    assert (found, dataverse.get(f"{deal()}/description").status_code) == ("put", 204)


@pytest.mark.parametrize("change", [{"name": "x"}, {"statecode": 0, "statuscode": 1, "name": "x"}])
def test_a_quote_that_is_no_draft_refuses_changes(dataverse: DataverseCaller, change: dict[str, object]) -> None:
    reply = dataverse.patch(f"quotes({ACTIVE_QUOTE})", change, If_Match="*")
    assert (reply.status_code, reply.json()) == (400, sample("dataverse-error-read-only-400.json"))


@pytest.mark.parametrize(
    ("switch", "status"), [({"read_only_status": "403"}, 403), ({"closed_quotes": "writable"}, 204)]
)
def test_read_only_quotes_are_a_switch(
    dataverse: DataverseCaller, orders: DataverseControl, switch: dict[str, str], status: int
) -> None:
    orders.switch(**switch)
    assert dataverse.patch(f"quotes({ACTIVE_QUOTE})", {"name": "x"}, If_Match="*").status_code == status


def test_a_won_opportunity_can_be_changed(dataverse: DataverseCaller) -> None:
    assert dataverse.patch(f"opportunities({WON})", {"name": "x"}, If_Match="*").status_code == 204


def test_a_won_opportunity_can_be_opened_again(dataverse: DataverseCaller) -> None:
    dataverse.patch(f"opportunities({WON})", {"statecode": 0}, If_Match="*")
    row = dataverse.json(f"opportunities({WON})", select="statecode,statuscode")
    assert (row["statecode"], row["statuscode"]) == (0, 1)


@pytest.mark.parametrize(
    ("path", "change", "code"),
    [
        (f"opportunities({DEAL})", {"statecode": 1}, "0x80100005"),
        (f"opportunities({WON})", {"statecode": 2}, "0x80100005"),
        (f"opportunities({DEAL})", {"statuscode": 4}, "0x80048408"),
        (f"quotes({QUOTE})", {"statecode": 1, "statuscode": 4}, "0x80048408"),
        (f"quotes({QUOTE})", {"statecode": 2}, "0x80048408"),
        (f"quotes({ACTIVE_QUOTE[:-1]}x)", {"statecode": 1}, "0x80060888"),
    ],
)
def test_a_state_that_cannot_be_reached_is_refused(
    dataverse: DataverseCaller, path: str, change: dict[str, int], code: str
) -> None:
    assert refusal(dataverse.patch(path, change, If_Match="*")) == (400, code)


def test_a_draft_is_activated_and_made_a_draft_again(dataverse: DataverseCaller) -> None:
    path = f"quotes({QUOTE})"
    dataverse.patch(path, {"statecode": 1, "statuscode": 3}, If_Match="*")
    locked = dataverse.patch(path, {"name": "x"}, If_Match="*").status_code
    dataverse.patch(path, {"statecode": 0}, If_Match="*")
    assert (locked, dataverse.patch(path, {"name": "x"}, If_Match="*").status_code) == (400, 204)


def test_lines_make_the_totals(dataverse: DataverseCaller) -> None:
    line = {"opportunityid@odata.bind": f"/{deal()}", "quantity": 2, "priceperunit": 10.5, "tax": 1.25}
    dataverse.created("opportunityproducts", line)
    row = dataverse.json(deal(), select="totalamount,totallineitemamount,totaltax")
    assert (row["totallineitemamount"], row["totaltax"], row["totalamount"]) == (453.2, 1.25, 454.45)


def test_an_estimate_that_the_system_computes_is_overwritten(dataverse: DataverseCaller) -> None:
    body = {"isrevenuesystemcalculated": True, "estimatedvalue": 5, "totalamount": 9}
    dataverse.patch(deal(), body, If_Match="*")
    row = dataverse.json(deal(), select="estimatedvalue,totalamount")
    assert (row["estimatedvalue"], row["totalamount"]) == (432.2, 432.2)


def test_the_price_engine_is_a_switch(dataverse: DataverseCaller, orders: DataverseControl) -> None:
    orders.switch(price_engine="off")
    dataverse.patch(deal(), {"isrevenuesystemcalculated": True, "totalamount": 9}, If_Match="*")
    assert dataverse.json(deal(), select="totalamount")["totalamount"] == 9.0


@pytest.mark.parametrize(("path", "code"), [(deal(), "0x80048479"), ("quotes({})", "0x8004480e")])
def test_the_currency_is_fixed_while_there_are_products(dataverse: DataverseCaller, path: str, code: str) -> None:
    first = dataverse.values("quotedetails", select="_quoteid_value", filter="quoteid/name eq 'Quote Deal 0'")[0]
    euro = dataverse.values("transactioncurrencies", filter="isocurrencycode eq 'EUR'")[0]["transactioncurrencyid"]
    body = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({euro})"}
    assert refusal(dataverse.patch(path.format(first["_quoteid_value"]), body, If_Match="*")) == (400, code)


def test_a_deleted_opportunity_takes_its_lines_along(dataverse: DataverseCaller) -> None:
    dataverse.ask("DELETE", deal(), If_Match="*")
    left = dataverse.values("opportunityproducts", select="quantity", filter=f"_opportunityid_value eq {DEAL}")
    assert (dataverse.get(deal()).status_code, left) == (404, [])


def test_a_delete_with_a_stale_tag_is_refused(dataverse: DataverseCaller) -> None:
    assert refusal(dataverse.ask("DELETE", deal(), If_Match='W/"1"')) == (412, "0x80060882")


def test_a_currency_in_use_cannot_be_deleted(dataverse: DataverseCaller) -> None:
    key = dataverse.values("transactioncurrencies", select="isocurrencycode")[0]["transactioncurrencyid"]
    assert refusal(dataverse.ask("DELETE", f"transactioncurrencies({key})")) == (405, "0x80040227")


@pytest.mark.parametrize(("switch", "status"), [("400", 400), ("412", 412)])
def test_a_table_without_concurrency_refuses_tags(
    dataverse: DataverseCaller, orders: DataverseControl, switch: str, status: int
) -> None:
    orders.switch(unguarded_status=switch)
    row = dataverse.values("new_unguardeds", select="new_name")[0]
    reply = dataverse.patch(f"new_unguardeds({row['new_unguardedid']})", {"new_name": "x"}, If_Match=row["@odata.etag"])
    assert refusal(reply) == (status, "0x8006088d")


def test_a_duplicate_is_found_only_when_asked_for(dataverse: DataverseCaller) -> None:
    body = {"name": "Coho Winery (sample)"}
    checked = dataverse.ask("POST", "accounts", body, **{"MSCRM.SuppressDuplicateDetection": "false"})
    assert (refusal(checked), dataverse.post("accounts", body).status_code) == ((412, "0x80040333"), 204)


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", deal()), ("PUT", "opportunities"), ("POST", "WhoAmI"), ("GET", "WinOpportunity")]
)
def test_the_wrong_verb_finds_nothing(dataverse: DataverseCaller, method: str, path: str) -> None:
    assert refusal(dataverse.ask(method, path, {} if method != "GET" else None)) == (404, "")
