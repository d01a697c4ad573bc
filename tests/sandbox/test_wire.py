"""Replies have the shape of the samples."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.clients import Caller

_SAMPLES = Path(__file__).parent / "samples"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def sample(name: str) -> Any:
    return json.loads((_SAMPLES / name).read_text(encoding="utf-8"))


def masked(error: dict[str, Any]) -> dict[str, str]:
    return {name: _GUID.sub("guid", value) for name, value in error["error"].items()}


@pytest.mark.parametrize(("path", "name"), [("vendors", "bc-vendors-page.json"), ("items", "bc-items-page.json")])
def test_a_row_has_the_properties_of_the_sample_in_its_order(caller: Caller, path: str, name: str) -> None:
    row = caller.get(path, top="1").json()["value"][0]
    assert list(row) == list(sample(name)["value"][0])


def test_a_next_link_has_the_form_of_the_sample(caller: Caller) -> None:
    page = caller.get("vendors", {"Prefer": "odata.maxpagesize=2"}).json()
    expected = sample("bc-vendors-page.json")["@odata.nextLink"].partition("/companies(")[2].partition(")")[2]
    link = page["@odata.nextLink"].partition("/companies(")[2].partition(")")[2]
    assert link.replace(page["value"][-1]["id"], "f7a5738a-44e3-ea11-bb43-000d3a2feca1") == expected


def test_a_next_link_keeps_the_options_before_its_own(caller: Caller) -> None:
    page = caller.get("vendors", {"Prefer": "odata.maxpagesize=1"}, select="id,number", filter="number gt '1'").json()
    query = page["@odata.nextLink"].partition("?")[2]
    assert query.startswith("$select=id%2Cnumber&$filter=number%20gt%20%271%27&aid=FIN&$skiptoken=")


def test_the_context_names_company_and_set(caller: Caller) -> None:
    context = caller.get("vendors", top="1").json()["@odata.context"]
    assert context == f"{caller.root}/$metadata#companies({caller.company_id})/vendors"


def test_an_etag_decodes_to_length_digits_and_zeros(caller: Caller) -> None:
    tag = caller.get("vendors", top="1").json()["value"][0]["@odata.etag"]
    decoded = base64.b64decode(tag.removeprefix('W/"').removesuffix('"')).decode()
    found = re.fullmatch(r"'(\d+);(\d+)1;00;'", decoded)
    assert found is not None
    assert len(found[2]) == int(found[1])


def test_one_entity_has_the_context_of_an_entity(caller: Caller) -> None:
    row = caller.get("vendors", top="1").json()["value"][0]
    one = caller.get(f"vendors({row['id']})").json()
    assert one.pop("@odata.context").endswith("/vendors/$entity")
    assert one == row


def test_an_expanded_unit_has_the_shape_of_the_sample(caller: Caller) -> None:
    row = caller.get("items", top="1", expand="unitOfMeasure").json()["value"][0]
    assert list(row["unitOfMeasure"]) == list(sample("bc-item-expanded-unit.json")["unitOfMeasure"])


def test_a_company_has_the_shape_of_the_sample(caller: Caller) -> None:
    rows = caller.follow(f"{caller.root}/companies").json()["value"]
    assert list(rows[0]) == list(sample("bc-companies.json")["value"][0])


def test_environments_have_the_shape_of_the_sample(caller: Caller) -> None:
    rows = caller.follow(f"{caller.url}/environments/v1.2").json()["value"]
    assert [list(row) for row in rows] == [list(row) for row in sample("bc-environments.json")["value"]]


def test_an_unknown_property_is_refused_as_captured(caller: Caller) -> None:
    root = f"{caller.url}/v2.0/{caller.tenant}/Production/api/contoso/eudr/v1.0"
    reply = caller.follow(f"{root}/companies({caller.company_id})/vendorsEudr?$filter=nothing eq 1")
    expected = masked(sample("bc-error-unknown-property-400.json"))["message"]
    wanted = expected.replace("lastModifiedDateTime", "nothing").replace("balanceSheet", "vendorEudr")
    assert (reply.status_code, masked(reply.json())) == (400, {"code": "BadRequest", "message": wanted})


def test_a_misspelt_set_is_refused_as_captured(caller: Caller) -> None:
    reply = caller.get("contact")
    assert (reply.status_code, masked(reply.json())) == (404, masked(sample("bc-error-wrong-entity-set-404.json")))


def test_a_missing_environment_is_xml_without_an_accept_header(caller: Caller) -> None:
    reply = caller.follow(f"{caller.url}/v2.0/{caller.tenant}/Gone/api/v2.0/companies", {"Accept": "*/*"})
    squeezed = re.sub(r">\s+<", "><", (_SAMPLES / "bc-error-no-environment-404.xml").read_text()).strip()
    assert (reply.status_code, reply.text, reply.headers["Content-Type"]) == (404, squeezed, "application/xml")


def test_a_missing_environment_is_json_for_who_asks_for_it(caller: Caller) -> None:
    reply = caller.follow(f"{caller.url}/v2.0/Gone/api/v2.0/companies")
    assert reply.json() == {"error": {"code": "NoEnvironment", "message": "Environment does not exist."}}


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_a_write_is_refused(caller: Caller, method: str) -> None:
    reply = caller.session.request(method, f"{caller.root}/companies", json={})
    expected = {name: text.replace("POST", method) for name, text in masked(sample("bc-error-method-405.json")).items()}
    assert (reply.status_code, masked(reply.json())) == (405, expected)
    assert [entry["method"] for entry in caller.control.writes()] == [method]


def test_a_caller_without_a_token_is_refused(caller: Caller) -> None:
    reply = requests.get(f"{caller.root}/companies", timeout=20)
    assert (reply.status_code, masked(reply.json())) == (401, masked(sample("bc-error-credentials-401.json")))


def test_a_missing_record_is_404(caller: Caller) -> None:
    reply = caller.get("vendors(00000000-0000-4000-8000-000000000000)")
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "Internal_RecordNotFound")


def test_entity_definitions_have_the_shape_of_the_sample(caller: Caller) -> None:
    rows = caller.follow(f"{caller.root}/entityDefinitions?$filter=entityName eq 'vendor'").json()["value"]
    expected = sample("bc-entity-definitions-customer.json")["value"][0]
    assert [set(row) >= set(expected) - {"actions", "enumMembers"} for row in rows] == [True]
    assert set(rows[0]["properties"][0]) == set(expected["properties"][0])


def test_entity_definitions_refuse_a_filter_on_the_set(caller: Caller) -> None:
    reply = caller.follow(f"{caller.root}/entityDefinitions?$filter=entitySetName eq 'vendors'")
    assert reply.status_code == 400


@pytest.mark.parametrize("route", ["v2.0", "contoso/eudr/v1.0"])
def test_metadata_names_every_set_of_the_route(caller: Caller, route: str) -> None:
    base = f"{caller.url}/v2.0/Production/api/{route}"
    names = {each["name"] for each in caller.follow(base).json()["value"]} - {"companies"}
    assert set(re.findall(r'EntitySet Name="(\w+)"', caller.follow(f"{base}/$metadata").text)) == names


def test_a_company_may_stand_in_the_query(caller: Caller) -> None:
    page = caller.follow(f"{caller.root}/vendors?company={caller.company_id}&$top=3").json()
    assert page["value"] == caller.get("vendors", top="3").json()["value"]


def test_a_next_link_keeps_the_company_of_the_query(caller: Caller) -> None:
    headers = {"Prefer": "odata.maxpagesize=60"}
    page = caller.follow(f"{caller.root}/vendors?company={caller.company_id}", headers).json()
    assert len(caller.follow(page["@odata.nextLink"], headers).json()["value"]) == 6


def test_the_custom_route_adds_what_the_standard_one_lacks(caller: Caller) -> None:
    root = f"{caller.url}/v2.0/{caller.tenant}/Production/api/contoso/eudr/v1.0/companies({caller.company_id})"
    rows = caller.follow(f"{root}/itemsEudr").json()["value"]
    assert sum(bool(row["tariffNumber"]) for row in rows) == 50


def test_replies_carry_the_simulators_date(caller: Caller) -> None:
    caller.control.clock(set="2026-03-01T12:00:00Z", freeze=True)
    caller.control.set_switch(token_seconds=10**9)
    caller.sign_in()
    assert caller.get("vendors", top="1").headers["Date"].startswith("Sun, 01 Mar 2026 12:00:0")


def test_every_message_ends_with_a_correlation_id(caller: Caller) -> None:
    message = caller.get("vendors", filter="nothing eq 1").json()["error"]["message"]
    assert re.search(r"  CorrelationId:  [0-9a-f-]{36}\.$", message)


def test_an_unknown_option_is_refused(caller: Caller) -> None:
    assert caller.get("vendors", frobnicate="1").json()["error"]["code"] == "BadRequest_InvalidRequestUrl"
