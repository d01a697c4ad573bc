"""Mappings of tables over HTTP: shown, replaced as a whole, and refused with every problem at once."""

from dataclasses import replace
from typing import Any

import pytest

from sync.model.entity_mapping import EntityMapping
from sync.model.errors import RefusedError, RetryLaterError, SetupError
from sync.model.table import Column, Details, Reference
from sync.ports import DataFieldDefinition, Workspace
from tests.support.bridges import ACCOUNT, AMOUNT, HOME, NAME, OFFER, OPPORTUNITY, PARENT, PLAIN
from tests.triggers.kit import Office, Reply

TOPIC = {
    "dynamicsEntity": "opportunity",
    "via": None,
    "dynamicsField": "name",
    "oneflowField": "topic",
    "direction": "two_way",
    "conflict": "manual",
    "timeZone": None,
}
PLACED = {"templateId": str(OFFER.id), "workspaceId": str(HOME.id)}
AMOUNT_ROW = {**TOPIC, "oneflowField": AMOUNT.custom_id}


class Desk:
    """A bridge whose mapping of opportunities is tried."""

    def __init__(self, office: Office, path: str = "opportunity") -> None:
        self.office, self.id, self.path = office, office.bridged(), path

    def get(self) -> Reply:
        return self.office.ask("GET", f"/api/integrations/{self.id}/entities/{self.path}/mapping")

    def put(self, *rows: dict[str, Any], tag: str | None = None, **more: Any) -> Reply:
        body = {"fields": [*rows], **more}
        return self.send(body, self.get().headers["etag"] if tag is None else tag)

    def send(self, body: Any, tag: str) -> Reply:
        path = f"/api/integrations/{self.id}/entities/{self.path}/mapping"
        return self.office.ask("PUT", path, body, If_Match=tag)


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


def row(**changes: Any) -> dict[str, Any]:
    return {**TOPIC, **changes}


def test_a_table_that_nobody_mapped_has_no_fields_and_a_tag(desk: Desk) -> None:
    found = desk.get()
    assert (found.status, found.headers["etag"]) == (200, desk.get().headers["etag"])
    assert found.data == {
        "fields": [],
        "templateId": None,
        "workspaceId": None,
        "products": False,
        "keyField": None,
        "updatedAt": None,
    }


def test_a_mapping_is_shown_as_it_was_written(desk: Desk) -> None:
    body = {"fields": [TOPIC], "templateId": None, "workspaceId": None, "products": False, "keyField": "record_id"}
    written = desk.put(TOPIC, keyField="record_id")
    now = "2026-03-01T12:00:00Z"
    assert (written.status, written.data | {"updatedAt": now}) == (200, body | {"updatedAt": now})
    assert (desk.get().data, desk.get().headers["etag"]) == (written.data, written.headers["etag"])


def test_a_mapping_for_a_template_is_checked_there_and_kept(desk: Desk) -> None:
    written = desk.put(AMOUNT_ROW, **PLACED)
    assert (written.status, written.data["templateId"], written.data["workspaceId"]) == (200, "7", "1")


def test_what_is_shown_can_be_sent_back(desk: Desk) -> None:
    written = desk.put(AMOUNT_ROW, **PLACED)
    again = desk.send(written.data, written.headers["etag"])
    assert (again.status, again.data["fields"]) == (200, written.data["fields"])


def test_put_replaces_the_whole_mapping(desk: Desk) -> None:
    first = desk.put(TOPIC, row(dynamicsField="parentaccountid", oneflowField="b", direction="once"))
    second = desk.put(row(oneflowField="c"))
    assert [each["oneflowField"] for each in desk.get().data["fields"]] == ["c"]
    assert first.headers["etag"] != second.headers["etag"]


def test_a_conflict_is_left_to_a_person_unless_the_mapping_says_otherwise(desk: Desk) -> None:
    sent = {name: value for name, value in TOPIC.items() if name not in {"conflict", "timeZone", "via"}}
    assert desk.put(sent).data["fields"] == [TOPIC]


def test_a_policy_means_nothing_for_a_field_that_is_not_two_way_and_is_kept(desk: Desk) -> None:
    sent = row(direction="once", conflict="newest_wins")
    assert desk.put(sent).data["fields"] == [sent]


@pytest.mark.parametrize(("tag", "status"), [("", 428), ('"another"', 412)])
def test_the_first_mapping_needs_the_tag_of_none(desk: Desk, tag: str, status: int) -> None:
    assert desk.put(TOPIC, tag=tag).status == status
    assert desk.get().data["fields"] == []


def test_the_second_of_two_writers_is_told(desk: Desk) -> None:
    tag = desk.get().headers["etag"]
    answers = [desk.put(TOPIC, tag=tag).status, desk.put(row(oneflowField="mine"), tag=tag).status]
    assert answers == [200, 412]


def test_a_first_mapping_that_somebody_else_wrote_meanwhile_stays(desk: Desk) -> None:
    store, tag = desk.office.hub.bridges.mappings, desk.get().headers["etag"]
    desk.office.dynamics.happenings["columns"] = lambda: store.create(EntityMapping(desk.id, "opportunity"))
    refused = desk.put(TOPIC, tag=tag)
    assert (refused.status, refused.code, desk.get().data["fields"]) == (412, "PRECONDITION_FAILED", [])


def test_each_table_has_a_mapping_of_its_own(desk: Desk) -> None:
    desk.put(TOPIC)
    assert Desk(desk.office, "account").get().data["fields"] == []


@pytest.mark.parametrize("name", ["participant", "party", "Opportunity", "9lives", "a-b"])
def test_only_tables_have_mappings(desk: Desk, name: str) -> None:
    other = Desk(desk.office, name)
    for found in (other.get(), other.put(TOPIC, tag="*")):
        assert (found.status, found.code) == (404, "ENTITY_NOT_FOUND")


def test_a_table_that_dataverse_does_not_have_cannot_be_mapped(desk: Desk) -> None:
    refused = Desk(desk.office, "fax").put(TOPIC)
    assert (refused.status, refused.code) == (404, "ENTITY_NOT_FOUND")


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (row(oneflowField=None), {"/fields/0/oneflowField": "ONEFLOW_NAME_MISSING"}),
        (row(oneflowField=" "), {"/fields/0/oneflowField": "ONEFLOW_NAME_MISSING"}),
        (row(direction=None), {"/fields/0/direction": "MISSING"}),
        (row(direction="sideways"), {"/fields/0/direction": "UNKNOWN_VALUE"}),
        (row(conflict="loudest_wins"), {"/fields/0/conflict": "UNKNOWN_VALUE"}),
        (row(timeZone="Mars/Base"), {"/fields/0/timeZone": "TIME_ZONE_NOT_NEEDED"}),
        (row(timeZone="Europe/Stockholm"), {"/fields/0/timeZone": "TIME_ZONE_NOT_NEEDED"}),
        (row(dynamicsEntity=None), {"/fields/0/dynamicsEntity": "MISSING"}),
        (row(dynamicsField=""), {"/fields/0/dynamicsField": "MISSING"}),
        (row(dynamicsField="fax"), {"/fields/0/dynamicsField": "UNKNOWN_FIELD"}),
        (row(dynamicsField="Name"), {"/fields/0/dynamicsField": "UNKNOWN_FIELD"}),
        (row(dynamicsField="parentaccountid"), {"/fields/0/direction": "TWO_WAY_NOT_AVAILABLE"}),
        (row(dynamicsEntity="fax"), {"/fields/0/dynamicsEntity": "UNKNOWN_TABLE"}),
        (row(dynamicsEntity="Opportunity"), {"/fields/0/dynamicsEntity": "UNKNOWN_TABLE"}),
        (row(dynamicsEntity="account"), {"/fields/0/via": "UNKNOWN_LOOKUP"}),
        (row(dynamicsEntity="account", via="ownerid"), {"/fields/0/via": "UNKNOWN_LOOKUP"}),
        (row(via="parentaccountid"), {"/fields/0/dynamicsEntity": "UNKNOWN_TABLE"}),
        (row(dynamicsEntity="party", via="parentaccountid"), {"/fields/0/dynamicsEntity": "UNKNOWN_TABLE"}),
        (row(dynamicsEntity="party"), {"/fields/0/direction": "TWO_WAY_NOT_AVAILABLE"}),
        (row(dynamicsEntity="participant", dynamicsField="fax"), {"/fields/0/dynamicsField": "UNKNOWN_FIELD"}),
    ],
)
def test_a_pair_that_cannot_be_used_is_refused(desk: Desk, sent: dict[str, Any], told: dict[str, str]) -> None:
    desk.office.dynamics.leads += (Reference("accountid", "account", "accountid"),)
    refused = desk.put(sent)
    assert (refused.status, refused.code) == (422, "INVALID")
    assert refused.pointers.items() >= told.items()


def test_every_problem_is_told_at_once(desk: Desk) -> None:
    wrong = row(dynamicsField="parentaccountid", oneflowField="topic")
    refused = desk.put(TOPIC, TOPIC, wrong, row(oneflowField=""), templateId="x", workspaceId=None, keyField="topic")
    assert [(each["pointer"], each["code"]) for each in refused.body["errors"]] == [
        ("/fields/1/oneflowField", "ONEFLOW_NAME_NOT_UNIQUE"),
        ("/fields/1/dynamicsField", "DYNAMICS_FIELD_TWICE"),
        ("/fields/2/oneflowField", "ONEFLOW_NAME_NOT_UNIQUE"),
        ("/fields/2/direction", "TWO_WAY_NOT_AVAILABLE"),
        ("/fields/3/oneflowField", "ONEFLOW_NAME_MISSING"),
        ("/fields/3/dynamicsField", "DYNAMICS_FIELD_TWICE"),
        ("/templateId", "INVALID_ID"),
        ("/workspaceId", "MISSING"),
        ("/keyField", "ONEFLOW_NAME_NOT_UNIQUE"),
    ]


def test_why_a_field_cannot_be_two_way_is_told(desk: Desk) -> None:
    (error,) = desk.put(row(dynamicsField="parentaccountid")).body["errors"]
    assert error["detail"].startswith("Two-way sync is not available for this field: A lookup leads to another row")


@pytest.mark.parametrize("direction", ["once", "dynamics_to_oneflow"])
def test_a_field_that_cannot_come_back_may_still_go_out(desk: Desk, direction: str) -> None:
    assert desk.put(row(dynamicsField="parentaccountid", direction=direction)).status == 200


def test_a_field_of_a_related_table_may_be_two_way(desk: Desk) -> None:
    sent = row(dynamicsEntity="account", via="parentaccountid")
    assert desk.put(sent, row(oneflowField="b")).data["fields"][0] == sent


def test_one_table_may_be_reached_by_two_lookups(desk: Desk) -> None:
    second = Column("customerid", "Customer", "Customer")
    desk.office.dynamics.known["opportunity"] = (NAME, PARENT, second)
    desk.office.dynamics.leads += (Reference("customerid", "account", "customerid_account"),)
    vias = ("parentaccountid", "customerid")
    sent = [row(dynamicsEntity="account", via=via, oneflowField=via) for via in vias]
    assert desk.put(*sent).data["fields"] == sent
    assert desk.put(*sent, {**sent[0], "oneflowField": "c"}).pointers == {
        "/fields/2/dynamicsField": "DYNAMICS_FIELD_TWICE"
    }


def test_a_lookup_that_is_not_shown_leads_nowhere(desk: Desk) -> None:
    desk.office.dynamics.known["opportunity"] = (NAME, replace(PARENT, readable=False))
    refused = desk.put(row(dynamicsEntity="account", via="parentaccountid"))
    assert refused.pointers == {"/fields/0/via": "UNKNOWN_LOOKUP"}


@pytest.mark.parametrize("related", [False, True])
def test_nothing_comes_back_into_a_table_that_cannot_be_written_safely(desk: Desk, *, related: bool) -> None:
    changed, sent = (ACCOUNT, row(dynamicsEntity="account", via="parentaccountid")) if related else (OPPORTUNITY, TOPIC)
    desk.office.dynamics.every[changed.name] = replace(changed, guarded=False)
    assert desk.put(sent).pointers == {"/fields/0/direction": "TWO_WAY_NOT_AVAILABLE"}


def test_a_table_behind_a_lookup_that_has_no_rows_is_unknown(desk: Desk) -> None:
    del desk.office.dynamics.known["account"]
    refused = desk.put(row(dynamicsEntity="account", via="parentaccountid"))
    assert refused.pointers == {"/fields/0/dynamicsEntity": "UNKNOWN_TABLE"}


def test_a_related_table_that_cannot_be_asked_for_is_an_error(desk: Desk) -> None:
    desk.office.dynamics.closed["account"] = SetupError("No", code="PERMISSION_DENIED")
    refused = desk.put(row(dynamicsEntity="account", via="parentaccountid"))
    assert (refused.status, refused.code) == (409, "PERMISSION_DENIED")


def test_a_related_table_that_is_refused_for_another_reason_is_an_error(desk: Desk) -> None:
    desk.office.dynamics.closed["account"] = RefusedError("No", code="SOURCE_REFUSED")
    assert desk.put(row(dynamicsEntity="account", via="parentaccountid")).code == "SOURCE_REFUSED"


def test_a_field_that_no_contract_could_take_is_unknown(desk: Desk) -> None:
    odd = (Column("photo", "Image", "Photo"), Column("odd", "Hologram", "Odd"))
    desk.office.dynamics.known["opportunity"] = (NAME, PARENT, *odd)
    refused = desk.put(*(row(dynamicsField=each.name, oneflowField=each.name, direction="once") for each in odd))
    assert refused.pointers == {f"/fields/{at}/dynamicsField": "UNKNOWN_FIELD" for at in range(2)}


def test_a_time_has_a_zone_if_it_is_one(desk: Desk) -> None:
    when = Column("start", "DateTime", "Start", details=Details(behavior="UserLocal"))
    desk.office.dynamics.known["opportunity"] = (when,)
    sent = row(dynamicsField="start", timeZone="Europe/Stockholm")
    assert desk.put(sent).data["fields"] == [sent]
    assert desk.put(row(dynamicsField="start", timeZone="../UTC")).pointers == {
        "/fields/0/timeZone": "UNKNOWN_TIME_ZONE"
    }


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"templateId": "7"}, {"/workspaceId": "MISSING"}),
        ({"workspaceId": "1"}, {"/templateId": "MISSING"}),
        ({"templateId": "-7", "workspaceId": "one"}, {"/templateId": "INVALID_ID", "/workspaceId": "INVALID_ID"}),
        ({"templateId": "7", "workspaceId": "9"}, {"/workspaceId": "UNKNOWN_WORKSPACE"}),
        ({"templateId": "7", "workspaceId": "2"}, {"/workspaceId": "WORKSPACE_NOT_ALLOWED"}),
        ({"templateId": "9", "workspaceId": "1"}, {"/templateId": "UNKNOWN_TEMPLATE"}),
        ({"templateId": "8", "workspaceId": "1"}, {"/templateId": "TEMPLATE_WITHOUT_FIELDS"}),
        (PLACED | {"products": True}, {"/products": "PRODUCTS_NOT_TAKEN"}),
        (PLACED | {"keyField": "record_id"}, {"/keyField": "UNKNOWN_ONEFLOW_FIELD"}),
        (PLACED | {"keyField": ""}, {"/keyField": "ONEFLOW_NAME_MISSING"}),
        (PLACED | {"keyField": AMOUNT.custom_id}, {"/keyField": "ONEFLOW_NAME_NOT_UNIQUE"}),
    ],
)
def test_a_template_that_cannot_be_used_is_refused(desk: Desk, more: dict[str, Any], told: dict[str, str]) -> None:
    desk.office.oneflow.places += (Workspace(2, "Archive", can_create=False),)
    assert desk.put(AMOUNT_ROW, **more).pointers == told


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"custom_id": "other"}, "UNKNOWN_ONEFLOW_FIELD"),
        ({"active": False}, "INACTIVE_ONEFLOW_FIELD"),
        ({"system": True}, "ONEFLOW_FIELD_READ_ONLY"),
    ],
)
def test_a_data_field_that_cannot_be_written_is_refused(desk: Desk, changes: dict[str, Any], code: str) -> None:
    desk.office.oneflow.defined = (replace(AMOUNT, **changes),)
    assert desk.put(AMOUNT_ROW, **PLACED).pointers == {"/fields/0/oneflowField": code}


def test_a_template_without_data_fields_will_do_for_a_mapping_without_fields(desk: Desk) -> None:
    assert desk.put(templateId=str(PLAIN.id), workspaceId=str(HOME.id)).status == 200


def test_the_field_for_the_records_id_may_be_any_other_of_the_template(desk: Desk) -> None:
    desk.office.oneflow.defined = (AMOUNT, DataFieldDefinition(13, "record_id", "Record"))
    assert desk.put(AMOUNT_ROW, **PLACED, keyField="record_id").data["keyField"] == "record_id"


def test_oneflow_is_not_asked_about_a_mapping_without_a_template(desk: Desk) -> None:
    desk.office.oneflow.troubles["workspaces"] = RetryLaterError("Down", delay=1)
    assert desk.put(TOPIC).status == 200


@pytest.mark.parametrize(("end", "method"), [("dynamics", "table"), ("oneflow", "workspaces")])
def test_an_end_that_cannot_be_asked_is_not_the_mappings_fault(desk: Desk, end: str, method: str) -> None:
    getattr(desk.office, end).troubles[method] = RetryLaterError("Down", delay=1)
    refused = desk.put(AMOUNT_ROW, **PLACED)
    assert (refused.status, refused.code, desk.get().data["fields"]) == (503, "SOURCE_UNAVAILABLE", [])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, {"/fields": "MISSING"}),
        ({"fields": {}}, {"/fields": "WRONG_TYPE"}),
        ({"fields": [row(oneflowField=1)]}, {"/fields/0/oneflowField": "WRONG_TYPE"}),
        ({"fields": [row(color="red")]}, {"/fields/0/color": "UNKNOWN_MEMBER"}),
        ({"fields": [], "templateId": 7}, {"/templateId": "WRONG_TYPE"}),
        ({"fields": [], "products": "yes"}, {"/products": "WRONG_TYPE"}),
    ],
)
def test_a_body_of_another_shape_is_refused(desk: Desk, body: dict[str, Any], told: dict[str, str]) -> None:
    assert desk.send(body, "*").pointers == told


def test_a_refusal_repeats_nothing_that_was_sent(desk: Desk) -> None:
    refused = desk.put(row(dynamicsEntity="<script>", via="<b>", dynamicsField="<i>", timeZone="<u>"))
    assert "<" not in refused.text


def checked(desk: Desk, *rows: dict[str, Any]) -> Reply:
    path = f"/api/integrations/{desk.id}/entities/opportunity/mapping/check"
    return desk.office.ask("POST", path, {"fields": [*rows]})


def test_a_check_tells_what_a_put_would_refuse_and_writes_nothing(desk: Desk) -> None:
    found = checked(desk, row(oneflowField=""), TOPIC).data["problems"]
    assert [(each["pointer"], each["code"]) for each in found] == [
        ("/fields/0/oneflowField", "ONEFLOW_NAME_MISSING"),
        ("/fields/1/dynamicsField", "DYNAMICS_FIELD_TWICE"),
    ]
    assert desk.get().data["fields"] == []


def test_a_check_of_a_mapping_that_fits_tells_nothing_and_writes_nothing(desk: Desk) -> None:
    assert (checked(desk, TOPIC).data, desk.get().data["fields"]) == ({"problems": []}, [])


def test_a_check_of_someone_elses_mapping_is_not_found(desk: Desk) -> None:
    desk.office.user = "mallory"
    assert checked(desk, TOPIC).status == 404


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_someone_elses_mapping_is_not_found(desk: Desk, method: str) -> None:
    desk.office.user = "mallory"
    path = f"/api/integrations/{desk.id}/entities/opportunity/mapping"
    assert desk.office.ask(method, path, {"fields": []}, If_Match="*").status == 404


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_integration_with_business_central_has_no_mappings_of_tables(office: Office, method: str) -> None:
    path = f"/api/integrations/{office.integrated()}/entities/opportunity/mapping"
    refused = office.ask(method, path, {"fields": []}, If_Match="*")
    assert (refused.status, refused.code) == (409, "WRONG_KIND")
