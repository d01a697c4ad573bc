"""Testing a bridge, and choosing tables, fields, workspaces and templates, over HTTP."""

import pytest

from sync.model.errors import RefusedError, RetryLaterError, SetupError, SyncError
from sync.model.integration import Status
from sync.model.table import Column, Requirement
from sync.services.bridge_checking import CHECKS
from sync.services.catalog import VIRTUAL
from tests.support.bridges import HOME
from tests.support.desks import everything
from tests.triggers.kit import BRIDGE_CONNECTION, Office, Reply

REFUSED = SetupError("Refused", code="CREDENTIALS_REFUSED")
MISSING = RefusedError("No such table", code="ENTITY_NOT_FOUND")
AWAY = RetryLaterError("Entra is away", delay=1, code="SIGN_IN_UNAVAILABLE")


def tried(office: Office, bridge_id: str | None = None) -> Reply:
    return office.ask("POST", f"/api/integrations/{bridge_id or office.bridged()}/dynamics/test")


def hold(office: Office, bridge_id: str, status: Status) -> None:
    found = everything(office.desk).find(bridge_id)
    assert found is not None
    office.hub.directory.save(
        type(found)(**{name: getattr(found, name) for name in found.__slots__} | {"status": status})
    )


def get(office: Office, rest: str) -> Reply:
    return office.ask("GET", f"/api/integrations/{office.bridged()}/{rest}")


def test_a_bridge_that_works_passes_every_check(office: Office) -> None:
    done = tried(office)
    assert (done.status, done.body["success"], done.data["connected"]) == (200, True, True)
    assert [(each["name"], each["ok"]) for each in done.data["checks"]] == [(name, True) for name in CHECKS]


def test_both_ends_are_opened_with_their_own_secrets(office: Office) -> None:
    tried(office)
    secrets = [opened[0][1] for opened in (office.dynamics.opened, office.oneflow.opened)]
    planted = (BRIDGE_CONNECTION["dynamics"]["clientSecret"], BRIDGE_CONNECTION["oneflow"]["apiToken"])
    assert tuple(each.reveal() for each in secrets if each is not None) == planted


@pytest.mark.parametrize(
    ("end", "method", "error", "failed"),
    [
        ("dynamics", "who_am_i", REFUSED, "dynamics_credentials"),
        ("dynamics", "who_am_i", RetryLaterError("Down", delay=1), "dynamics_reachable"),
        ("dynamics", "who_am_i", AWAY, "dynamics_credentials"),
        ("dynamics", "table", AWAY, "dynamics_metadata"),
        ("dynamics", "open", SetupError("No", code="CONNECTION_INVALID"), "dynamics_reachable"),
        ("dynamics", "table", MISSING, "dynamics_metadata"),
        ("dynamics", "rows", SetupError("403", code="PERMISSION_DENIED"), "dynamics_privileges"),
        ("oneflow", "account", SetupError("401", code="ONEFLOW_TOKEN_REFUSED"), "oneflow_token"),
        ("oneflow", "workspaces", RefusedError("403", code="ONEFLOW_FORBIDDEN"), "oneflow_workspace"),
    ],
)
def test_a_failed_check_says_what_mends_it_and_later_ones_were_not_tried(
    office: Office, end: str, method: str, error: SyncError, failed: str
) -> None:
    getattr(office, end).troubles[method] = error
    done = tried(office)
    at = CHECKS.index(failed)
    assert [each["ok"] for each in done.data["checks"]] == [True] * at + [False] + [None] * (5 - at)
    assert (done.status, done.body["success"], done.data["checks"][at]["detail"]) == (200, False, error.message)
    assert [each["name"] for each in done.data["checks"] if each["fix"]] == [failed]


def test_a_user_who_may_make_contracts_nowhere_fails_the_workspace(office: Office) -> None:
    office.oneflow.places = ()
    assert [each["name"] for each in tried(office).data["checks"] if each["ok"] is False] == ["oneflow_workspace"]


def test_a_test_of_a_bridge_is_logged(office: Office) -> None:
    bridge_id = office.bridged()
    office.oneflow.troubles["account"] = SetupError("401")
    tried(office, bridge_id)
    (entry,) = office.ask("GET", f"/api/integrations/{bridge_id}/sync-logs?action=TEST").data
    assert (entry["status"], entry["metadata"]["failedCheck"]) == ("ERROR", "oneflow_token")


def test_credentials_of_a_bridge_that_could_not_be_proven_are_not_called_wrong(office: Office) -> None:
    office.dynamics.troubles["who_am_i"] = AWAY
    assert "Entra did not answer" in tried(office).data["checks"][0]["fix"]


def test_a_test_of_a_bridge_asks_for_its_token_anew(office: Office) -> None:
    tried(office)
    assert office.dynamics.asked_anew == 1


@pytest.mark.parametrize(("before", "after"), [(Status.SETUP_REQUIRED, Status.ACTIVE), (Status.PAUSED, Status.PAUSED)])
def test_a_good_test_lifts_a_hold_of_a_bridge(office: Office, before: Status, after: Status) -> None:
    bridge_id = office.bridged()
    hold(office, bridge_id, before)
    tried(office, bridge_id)
    assert office.ask("GET", f"/api/integrations/{bridge_id}").data["status"] == after


def test_tables_are_listed_with_the_virtual_ones(office: Office) -> None:
    found = {each["logicalName"]: each for each in get(office, "entities").data}
    assert set(found) == {"account", "opportunity", "participant", "party"}
    assert found["opportunity"] == {
        "logicalName": "opportunity",
        "label": "Opportunity",
        "virtual": False,
        "mappedFields": 0,
    }


def test_tables_tell_how_many_of_their_fields_are_mapped(office: Office) -> None:
    bridge_id = office.bridged()
    pair = {"dynamicsEntity": "opportunity", "dynamicsField": "name", "oneflowField": "topic", "direction": "once"}
    path = f"/api/integrations/{bridge_id}/entities"
    tag = office.ask("GET", f"{path}/opportunity/mapping").headers["etag"]
    assert office.ask("PUT", f"{path}/opportunity/mapping", {"fields": [pair]}, If_Match=tag).status == 200
    counts = {each["logicalName"]: each["mappedFields"] for each in office.ask("GET", path).data}
    assert (counts["opportunity"], counts["account"]) == (1, 0)


def test_fields_are_shown_as_the_contract_names_them(office: Office) -> None:
    (name, lookup) = get(office, "entities/opportunity/fields").data
    assert name == {
        "name": "name",
        "label": "Topic",
        "type": "String",
        "required": "required",
        "maxLength": None,
        "precision": None,
        "twoWay": True,
        "reason": None,
    }
    assert (lookup["twoWay"], lookup["reason"].startswith("A lookup")) == (False, True)


def test_fields_that_hold_no_value_of_their_own_are_left_out(office: Office) -> None:
    hidden = (Column("image", "Image", "Image"), Column("x", "String", "X", part_of="y"))
    office.dynamics.known["account"] = (*hidden, Column("z", "String", "Z", Requirement.NONE, readable=False))
    assert get(office, "entities/account/fields").data == []


def test_related_tables_are_shown_with_the_lookup_that_leads_there(office: Office) -> None:
    found = get(office, "entities/opportunity/fields?expand=related").body["related"]
    assert [(each["entity"], each["via"], each["label"]) for each in found] == [
        ("account", "parentaccountid", "Account")
    ]
    assert [each["name"] for each in found[0]["fields"]] == ["name"]


@pytest.mark.parametrize("name", VIRTUAL)
def test_fields_of_virtual_tables_travel_outward_only(office: Office, name: str) -> None:
    found = get(office, f"entities/{name}/fields?expand=related").body
    assert ({each["twoWay"] for each in found["data"]}, found["related"]) == ({False}, [])


def test_an_unknown_table_is_not_found(office: Office) -> None:
    refused = get(office, "entities/fax/fields")
    assert (refused.status, refused.code) == (404, "ENTITY_NOT_FOUND")


def test_an_unknown_expansion_is_refused(office: Office) -> None:
    assert get(office, "entities/opportunity/fields?expand=all").pointers == {"/expand": "UNKNOWN_VALUE"}


def test_workspaces_are_listed_with_text_ids(office: Office) -> None:
    assert get(office, "oneflow/workspaces").data == [{"id": "1", "name": "Sales", "canCreate": True}]


def test_templates_are_listed_with_their_data_fields(office: Office) -> None:
    found = get(office, f"oneflow/templates?workspaceId={HOME.id}").data
    assert [(each["id"], len(each["fields"])) for each in found] == [("7", 1), ("8", 0)]
    assert found[0]["fields"] == [
        {"customId": "budgetamount", "name": "Budget amount", "active": True, "system": False}
    ]


@pytest.mark.parametrize("query", ["", "?workspaceId=", "?workspaceId=one", "?workspaceId=-1"])
def test_templates_need_a_workspace(office: Office, query: str) -> None:
    assert get(office, f"oneflow/templates{query}").pointers == {"/workspaceId": "INVALID_ID"}


@pytest.mark.parametrize("rest", ["entities", "entities/account/fields", "oneflow/workspaces", "oneflow/templates"])
def test_an_integration_with_business_central_has_nothing_to_choose(office: Office, rest: str) -> None:
    refused = office.ask("GET", f"/api/integrations/{office.integrated()}/{rest}")
    assert (refused.status, refused.code) == (409, "WRONG_KIND")


@pytest.mark.parametrize("rest", ["entities", "entities/account/fields", "oneflow/workspaces", "oneflow/templates"])
def test_someone_elses_bridge_shows_nothing(office: Office, rest: str) -> None:
    bridge_id = office.bridged()
    office.user = "mallory"
    assert office.ask("GET", f"/api/integrations/{bridge_id}/{rest}").status == 404
    assert tried(office, bridge_id).status == 404
