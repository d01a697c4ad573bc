"""Mappings of tables of Dataverse to templates of Oneflow, through HTTP."""

from typing import Any

import pytest

from tests.flow.bridge_kit import PROPOSAL, SALES, TOPIC, Span
from tests.flow.kit import Caller

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

TWO_WAY = {**TOPIC, "direction": "two_way"}
PATH = "/entities/opportunity/mapping"


def pointers(span: Span, *rows: dict[str, Any], **more: Any) -> dict[str, str]:
    refused = span.map("opportunity", *rows, **more)
    assert (refused.status, refused.body["code"]) == (422, "INVALID")
    return {each["pointer"]: each["code"] for each in refused.body["errors"]}


def test_a_mapping_is_written_and_shown(span: Span) -> None:
    customer = {**TWO_WAY, "dynamicsField": "customerid", "oneflowField": "customer", "direction": "once"}
    account = {**TWO_WAY, "dynamicsEntity": "account", "via": "customerid", "oneflowField": "description"}
    person = {**customer, "dynamicsEntity": "participant", "dynamicsField": "email", "oneflowField": "stage"}
    written = span.map("opportunity", TWO_WAY, customer, account, person, products=True, keyField="record_id")
    assert (written.status, span.get(PATH)) == (200, written.data)
    sides = [(each["dynamicsEntity"], each["via"], each["direction"]) for each in written.data["fields"]]
    assert sides == [
        ("opportunity", None, "two_way"),
        ("opportunity", None, "once"),
        ("account", "customerid", "two_way"),
        ("participant", None, "once"),
    ]
    assert (written.data["templateId"], written.data["workspaceId"]) == (PROPOSAL, SALES)


def test_every_type_that_cannot_come_back_is_refused_as_two_way(span: Span) -> None:
    fields = span.get("/entities/new_agreement/fields")
    rows = [
        {"dynamicsEntity": "new_agreement", "dynamicsField": each["name"], "oneflowField": f"f{at}"}
        for at, each in enumerate(fields)
    ]
    refused = span.map(
        "new_agreement", *({**each, "direction": "two_way"} for each in rows), templateId=None, workspaceId=None
    )
    told = {each["pointer"]: each["code"] for each in refused.body["errors"]}
    one_way = [at for at, each in enumerate(fields) if not each["twoWay"]]
    assert told == {f"/fields/{at}/direction": "TWO_WAY_NOT_AVAILABLE" for at in one_way}
    outward = ({**each, "direction": "dynamics_to_oneflow"} for each in rows)
    assert span.map("new_agreement", *outward, templateId=None, workspaceId=None).status == 200


def test_every_problem_of_a_mapping_is_told_at_once(span: Span) -> None:
    told = pointers(
        span,
        {**TWO_WAY, "oneflowField": "retired_terms"},
        {**TWO_WAY, "dynamicsField": "fax", "oneflowField": "fax"},
        {**TWO_WAY, "oneflowField": "contract_id"},
        {**TWO_WAY, "dynamicsField": "customerid", "oneflowField": ""},
        {**TWO_WAY, "dynamicsEntity": "lead", "via": "originatinglead", "oneflowField": "stage"},
    )
    assert told == {
        "/fields/0/oneflowField": "INACTIVE_ONEFLOW_FIELD",
        "/fields/1/dynamicsField": "UNKNOWN_FIELD",
        "/fields/1/oneflowField": "UNKNOWN_ONEFLOW_FIELD",
        "/fields/2/dynamicsField": "DYNAMICS_FIELD_TWICE",
        "/fields/2/oneflowField": "ONEFLOW_FIELD_READ_ONLY",
        "/fields/3/oneflowField": "ONEFLOW_NAME_MISSING",
        "/fields/3/direction": "TWO_WAY_NOT_AVAILABLE",
        "/fields/4/via": "UNKNOWN_LOOKUP",
    }


def test_a_template_must_be_active_and_shared_with_a_workspace_that_allows_contracts(span: Span) -> None:
    assert pointers(span, TWO_WAY, templateId="110011") == {"/templateId": "UNKNOWN_TEMPLATE"}
    assert pointers(span, TWO_WAY, templateId="110012") == {"/templateId": "UNKNOWN_TEMPLATE"}
    assert pointers(span, TWO_WAY, templateId="110008") == {"/templateId": "TEMPLATE_WITHOUT_FIELDS"}
    assert pointers(span, TWO_WAY, workspaceId="396200") == {"/workspaceId": "WORKSPACE_NOT_ALLOWED"}
    assert pointers(span, TWO_WAY, workspaceId="396201") == {"/workspaceId": "UNKNOWN_WORKSPACE"}


def test_products_need_a_place_in_the_template(span: Span) -> None:
    legal = {"templateId": "110012", "workspaceId": "396199"}
    assert pointers(span, TWO_WAY, products=True, **legal) == {"/products": "PRODUCTS_NOT_TAKEN"}


def test_a_table_without_optimistic_concurrency_is_mapped_outward_only(span: Span) -> None:
    name = {**TOPIC, "dynamicsEntity": "new_unguarded", "dynamicsField": "new_name"}
    refused = span.map("new_unguarded", {**name, "direction": "two_way"})
    assert [each["pointer"] for each in refused.body["errors"]] == ["/fields/0/direction"]
    assert span.map("new_unguarded", {**name, "direction": "dynamics_to_oneflow"}).status == 200


def test_of_two_first_mappings_the_second_is_stale(span: Span) -> None:
    tag, body = span.call("GET", PATH).etag, {"fields": [TWO_WAY]}
    statuses = [span.call("PUT", PATH, body, If_Match=tag).status for _ in range(2)]
    assert [span.call("PUT", PATH, body).status, *statuses] == [428, 200, 412]


def test_a_mapping_goes_with_its_integration(span: Span) -> None:
    span.map("opportunity", TWO_WAY)
    assert span.call("DELETE").status == 204
    assert span.call("GET", PATH).status == 404


def test_a_stranger_finds_no_mapping(span: Span, bob: Caller) -> None:
    path = f"/api/integrations/{span.id}{PATH}"
    assert bob.call("GET", path).status == 404
    assert bob.call("PUT", path, {"fields": []}, If_Match="*").status == 404
