"""Bridges over HTTP: integrations between Dynamics 365 Sales and Oneflow."""

from typing import Any

import pytest

from sync.model.bridge import BridgeConnection
from sync.model.integration import Status
from tests.support.desks import everything
from tests.triggers.kit import BRIDGE, BRIDGE_CONNECTION, CLIENT, INTEGRATION, LOCAL_ORIGIN, TENANT, Office

DYNAMICS, ONEFLOW = BRIDGE_CONNECTION["dynamics"], BRIDGE_CONNECTION["oneflow"]
SECRETS = (DYNAMICS["clientSecret"], ONEFLOW["apiToken"])
GUID = "11111111-1111-4111-8111-111111111111"


def connection_of(office: Office, bridge_id: str) -> BridgeConnection:
    found = everything(office.desk).find(bridge_id)
    assert found is not None
    assert isinstance(found.connection, BridgeConnection)
    return found.connection


def with_end(end: str, **members: Any) -> dict[str, Any]:
    connection = {**BRIDGE_CONNECTION, end: {**BRIDGE_CONNECTION[end], **members}}
    return {**BRIDGE, "connection": connection}


def test_a_new_bridge_is_answered_with_its_place_and_without_its_secrets(office: Office) -> None:
    made = office.ask("POST", "/api/integrations", BRIDGE)
    assert (made.status, made.headers["location"]) == (201, f"/api/integrations/{made.data['id']}")
    assert made.data["connection"] == {
        "dynamics": {"orgUrl": "https://contoso.crm4.dynamics.com", "tenantId": TENANT, "clientId": CLIENT},
        "oneflow": {"userEmail": "jim@contoso.example"},
    }
    assert not any(secret in made.text for secret in SECRETS)


def test_both_secrets_of_a_bridge_are_kept(office: Office) -> None:
    connection = connection_of(office, office.bridged())
    kept = [office.secrets.get(end.secret_name) for end in (connection.dynamics, connection.oneflow)]
    assert [each.reveal() for each in kept if each is not None] == [*SECRETS]


def test_every_problem_of_a_bridge_is_told_at_once(office: Office) -> None:
    dynamics = {"orgUrl": "https://contoso.crm4.dynamics.com.evil.example", "tenantId": "a b", "clientId": 5}
    body = {"kind": "oneflow", "connection": {"dynamics": dynamics, "oneflow": {"apiToken": "short", "mail": ""}}}
    assert office.ask("POST", "/api/integrations", body).pointers == {
        "/name": "MISSING",
        "/connection/dynamics/orgUrl": "INVALID_ORIGIN",
        "/connection/dynamics/tenantId": "INVALID_TENANT",
        "/connection/dynamics/clientId": "WRONG_TYPE",
        "/connection/dynamics/clientSecret": "MISSING",
        "/connection/oneflow/apiToken": "INVALID_TOKEN",
        "/connection/oneflow/userEmail": "MISSING",
        "/connection/oneflow/mail": "UNKNOWN_MEMBER",
    }


@pytest.mark.parametrize(
    "url",
    ["http://contoso.crm4.dynamics.com", "https://contoso.dynamics.com", "https://evil.example", "", "ftp://x", "a b"],
)
def test_a_token_for_dataverse_goes_to_no_other_address(office: Office, url: str) -> None:
    refused = office.ask("POST", "/api/integrations", with_end("dynamics", orgUrl=url))
    assert refused.pointers == {"/connection/dynamics/orgUrl": "INVALID_ORIGIN"}


def test_an_origin_that_the_deployment_allows_is_accepted(office: Office) -> None:
    made = office.ask("POST", "/api/integrations", with_end("dynamics", orgUrl=f"{LOCAL_ORIGIN}/"))
    assert made.data["connection"]["dynamics"]["orgUrl"] == LOCAL_ORIGIN


@pytest.mark.parametrize("email", ["", "jim", "jim@", "@x", "jim @x", "jim@x\r\nX: y", "jïm@x.example"])
def test_a_user_of_oneflow_is_named_by_an_address(office: Office, email: str) -> None:
    refused = office.ask("POST", "/api/integrations", with_end("oneflow", userEmail=email))
    assert refused.pointers == {"/connection/oneflow/userEmail": "INVALID_EMAIL"}


def test_no_refusal_repeats_a_secret_of_a_bridge(office: Office) -> None:
    broken = with_end("oneflow", apiToken=f"{SECRETS[1]}!", extra=SECRETS[0])
    assert not any(secret in office.ask("POST", "/api/integrations", broken).text for secret in SECRETS)


def test_a_patch_of_one_end_leaves_the_other_alone(office: Office) -> None:
    bridge_id = office.bridged()
    before = connection_of(office, bridge_id)
    patch = {"connection": {"oneflow": {"userEmail": "ann@contoso.example"}}}
    office.ask("PATCH", f"/api/integrations/{bridge_id}", patch, If_Match="*")
    after = connection_of(office, bridge_id)
    assert (after.dynamics, after.oneflow.user_email, after.secret_names) == (
        before.dynamics,
        "ann@contoso.example",
        before.secret_names,
    )


def test_a_new_token_replaces_the_old_one_which_is_deleted(office: Office) -> None:
    bridge_id = office.bridged()
    before = connection_of(office, bridge_id)
    patch = {"connection": {"oneflow": {"apiToken": "f" * 40}}}
    office.ask("PATCH", f"/api/integrations/{bridge_id}", patch, If_Match="*")
    after = connection_of(office, bridge_id)
    assert (office.secret_names(), before.secret_names == after.secret_names) == ({*after.secret_names}, False)


def test_when_a_client_secret_ends_does_not_outlive_the_secret(office: Office) -> None:
    path = f"/api/integrations/{office.bridged()}"
    ends = {"connection": {"dynamics": {"clientSecretExpiresAt": "2026-01-08T08:00:00Z"}}}
    warned = office.ask("PATCH", path, ends, If_Match="*").data
    renewed = office.ask("PATCH", path, {"connection": {"dynamics": {"clientSecret": "new"}}}, If_Match="*").data
    assert warned["health"]["warnings"][0]["code"] == "CLIENT_SECRET_EXPIRES"
    assert renewed["health"]["warnings"] == []


def test_the_kind_of_a_bridge_stays(office: Office) -> None:
    refused = office.ask("PATCH", f"/api/integrations/{office.bridged()}", {"kind": "business_central"}, If_Match="*")
    assert refused.pointers == {"/kind": "READ_ONLY"}


@pytest.mark.parametrize("connection", [None, "here", {"dynamics": None}, {"oneflow": 5}])
def test_an_end_cannot_be_taken_away(office: Office, connection: Any) -> None:
    patch = {"connection": connection}
    refused = office.ask("PATCH", f"/api/integrations/{office.bridged()}", patch, If_Match="*")
    assert (refused.status, refused.code) == (422, "INVALID")


def test_a_bridge_is_paused_and_resumed(office: Office) -> None:
    path = f"/api/integrations/{office.bridged()}"
    shown = [office.ask("PATCH", path, {"status": each}, If_Match="*").data["status"] for each in ("paused", "active")]
    assert shown == [Status.PAUSED, Status.ACTIVE]


def test_both_kinds_are_listed_together(office: Office) -> None:
    made = [office.integrated(), office.bridged()]
    found = office.ask("GET", "/api/integrations").data
    assert {each["id"]: each["kind"] for each in found} == dict(zip(made, ("business_central", "oneflow"), strict=True))


def test_a_deleted_bridge_is_gone_with_its_secrets(office: Office) -> None:
    path = f"/api/integrations/{office.bridged()}"
    gone = office.ask("DELETE", f"{path}?purge=true")
    assert (gone.status, office.ask("GET", path).status, office.secret_names()) == (204, 404, set())


def test_the_log_of_a_bridge_is_shown(office: Office) -> None:
    assert office.ask("GET", f"/api/integrations/{office.bridged()}/sync-logs").data == []


@pytest.mark.parametrize(
    ("method", "rest"),
    [
        ("POST", "dynamics/sync"),
        ("POST", "dynamics/authorize"),
        ("GET", "dynamics/companies"),
        ("GET", "dynamics/environments"),
        ("GET", "dynamics/schema?entitySet=vendors"),
        ("GET", "runs"),
        ("GET", "suppliers"),
        ("GET", f"products/{GUID}"),
        ("GET", "mappings/suppliers"),
    ],
)
def test_what_is_for_business_central_refuses_a_bridge(office: Office, method: str, rest: str) -> None:
    refused = office.ask(method, f"/api/integrations/{office.bridged()}/{rest}")
    assert (refused.status, refused.code) == (409, "WRONG_KIND")
    assert "Dynamics 365 Sales with Oneflow" in refused.body["detail"]


def test_someone_elses_bridge_is_not_found(office: Office) -> None:
    bridge_id = office.bridged()
    office.user = "mallory"
    asked = [office.ask(*each) for each in (("GET", f"/api/integrations/{bridge_id}"),)]
    asked += [office.ask("GET", f"/api/integrations/{bridge_id}/{rest}") for rest in ("runs", "sync-logs")]
    assert [each.status for each in asked] == [404, 404, 404]


def test_timers_of_business_central_pass_bridges_by(office: Office) -> None:
    hourly = {**INTEGRATION, "schedule": "0 0 * * * *"}
    late = [office.bridged(schedule="0 */5 * * * *") for _ in range(3)]
    mine = office.integrated(schedule=hourly["schedule"])
    office.clock.pass_by(7200)
    due = office.desk.integrations.due(office.clock.now(), limit=1)
    assert [each.id for each in due] == [mine]
    assert [each.id for each in office.desk.integrations.everyone()] == [mine]
    assert [office.desk.integrations.find(each) for each in late] == [None, None, None]
