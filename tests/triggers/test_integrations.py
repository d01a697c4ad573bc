"""Integrations over HTTP."""

from dataclasses import dataclass, replace

import pytest

from sync.model.errors import StaleRecordError
from sync.model.integration import AnyIntegration, Status
from sync.model.run import RunFailure, RunKind, RunStatus
from sync.services.integrations import IntegrationOrder, Integrations
from sync.services.runs import SyncOrder, admit
from tests.triggers.kit import CONNECTION, INTEGRATION, SECRET, Office


@dataclass(slots=True)
class Interrupted:
    """Integrations that someone else changes at the first try."""

    inner: Integrations
    tries: int = 0

    def change(self, current: AnyIntegration, order: IntegrationOrder) -> AnyIntegration:
        self.tries += 1
        if self.tries == 1:
            raise StaleRecordError("Someone else wrote it first")
        return self.inner.change(current, order)


def test_a_new_integration_is_answered_with_its_place(office: Office) -> None:
    made = office.ask("POST", "/api/integrations", INTEGRATION)
    assert (made.status, made.headers["location"]) == (201, f"/api/integrations/{made.data['id']}")


def test_an_integration_shows_exactly_what_the_contract_names(office: Office) -> None:
    shown = office.ask("GET", f"/api/integrations/{office.integrated()}").data
    assert set(shown) == {
        *("id", "name", "kind", "status", "statusReason", "connection", "schedule", "nextRunAt", "lastSyncedAt"),
        *("lastRun", "health", "createdAt", "updatedAt", "settings"),
    }


def test_the_client_secret_is_stored_and_never_shown(office: Office) -> None:
    made = office.ask("POST", "/api/integrations", INTEGRATION)
    stored = office.desk.integrations.find(made.data["id"])
    assert stored is not None
    kept = office.desk.secrets.get(stored.connection.secret_name)
    assert kept is not None
    assert (kept.reveal(), SECRET in made.text) == (SECRET, False)


def test_every_problem_of_a_body_is_told_at_once(office: Office) -> None:
    connection = {"clientId": "x", "clientSecret": 5, "environment": "", "grant": "magic", "tennantId": "t"}
    body = {"kind": "fax", "connection": connection, "schedule": "often", "settings": {"pageSize": 5}}
    assert office.ask("POST", "/api/integrations", body).pointers == {
        "/name": "MISSING",
        "/kind": "UNKNOWN_KIND",
        "/connection/tenantId": "MISSING",
        "/connection/clientId": "INVALID_ID",
        "/connection/clientSecret": "WRONG_TYPE",
        "/connection/environment": "INVALID_ENVIRONMENT",
        "/connection/grant": "INVALID_VALUE",
        "/connection/tennantId": "UNKNOWN_MEMBER",
        "/schedule": "INVALID_SCHEDULE",
        "/settings/pageSize": "OUT_OF_RANGE",
    }


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"name": " "}, "/name", "INVALID_TEXT"),
        ({"name": "a" * 201}, "/name", "INVALID_TEXT"),
        ({"schedule": "0 */5 * * *"}, "/schedule", "INVALID_SCHEDULE"),
        ({"settings": {"overlapSeconds": -1}}, "/settings/overlapSeconds", "OUT_OF_RANGE"),
        ({"settings": {"realtime": "yes"}}, "/settings/realtime", "WRONG_TYPE"),
        ({"settings": {"contractTable": "Of Contract"}}, "/settings/contractTable", "INVALID_NAME"),
        ({"settings": {"contractColumn": ""}}, "/settings/contractColumn", "INVALID_NAME"),
        ({"settings": {"contractTable": 7}}, "/settings/contractTable", "WRONG_TYPE"),
        ({"settings": {"note": "x" * 20_000}}, "/settings", "TOO_LARGE"),
        ({"connection": {**CONNECTION, "tenantId": "a b"}}, "/connection/tenantId", "INVALID_TENANT"),
        ({"connection": "here"}, "/connection", "WRONG_TYPE"),
    ],
)
def test_a_value_out_of_bounds_is_refused(office: Office, changes: dict[str, object], pointer: str, code: str) -> None:
    assert office.ask("POST", "/api/integrations", {**INTEGRATION, **changes}).pointers == {pointer: code}


def test_no_refusal_repeats_the_secret(office: Office) -> None:
    broken = {**INTEGRATION, "connection": {**CONNECTION, "clientId": "x", "extra": SECRET}}
    assert SECRET not in office.ask("POST", "/api/integrations", broken).text


def test_settings_that_the_hub_does_not_know_are_kept(office: Office) -> None:
    made = office.ask("POST", "/api/integrations", {**INTEGRATION, "settings": {"pageSize": 500, "colour": "red"}})
    assert made.data["settings"] == {"pageSize": 500, "colour": "red"}


def test_a_schedule_has_its_next_time_at_once(office: Office) -> None:
    made = office.ask("POST", "/api/integrations", {**INTEGRATION, "schedule": "0 */15 * * * *"})
    assert made.data["nextRunAt"] == "2026-01-05T08:15:00Z"


def test_integrations_are_listed_newest_first_page_by_page(office: Office) -> None:
    ids = [office.integrated() for _ in range(3)]
    first = office.ask("GET", "/api/integrations?limit=2")
    second = office.ask("GET", first.body["nextLink"].removeprefix("https://hub.example"))
    assert [each["id"] for each in first.data + second.data] == ids[::-1]
    assert "nextLink" not in second.body


def test_a_patch_changes_what_it_names_and_leaves_the_rest(office: Office) -> None:
    path = f"/api/integrations/{office.integrated()}"
    office.clock.pass_by(1)
    patch = {"connection": {"clientSecret": "newer"}, "settings": {"pageSize": 200}}
    after = office.ask("PATCH", path, patch, If_Match="*").data
    assert after["connection"]["clientId"] == CONNECTION["clientId"]
    assert (after["name"], after["settings"]) == ("CRONUS", {"pageSize": 200})


def test_a_new_client_secret_takes_the_place_of_the_old_one(office: Office) -> None:
    integration_id = office.integrated()
    office.ask("PATCH", f"/api/integrations/{integration_id}", {"connection": {"clientSecret": "new"}}, If_Match="*")
    stored = office.desk.integrations.find(integration_id)
    kept = office.desk.secrets.get(stored.connection.secret_name) if stored else None
    assert kept is not None
    assert kept.reveal() == "new"


def test_a_change_needs_the_version_it_was_made_from(office: Office) -> None:
    refused = office.ask("PATCH", f"/api/integrations/{office.integrated()}", {"name": "B"})
    assert (refused.status, refused.code) == (428, "IF_MATCH_MISSING")


def test_the_second_of_two_changes_from_one_version_is_refused(office: Office) -> None:
    path = f"/api/integrations/{office.integrated()}"
    tag = office.ask("GET", path).headers["etag"]
    office.clock.pass_by(1)
    assert office.ask("PATCH", path, {"name": "B"}, If_Match=tag).status == 200
    assert office.ask("PATCH", path, {"name": "C"}, If_Match=tag).status == 412


def test_what_the_hub_notes_meanwhile_does_not_get_in_the_way_of_a_change(office: Office) -> None:
    path = f"/api/integrations/{office.integrated()}"
    tag = office.ask("GET", path).headers["etag"]
    office.ask("POST", f"{path}/dynamics/sync")
    assert office.ask("PATCH", path, {"name": "B"}, If_Match=tag).data["name"] == "B"


def test_an_integration_is_paused_and_resumed(office: Office) -> None:
    path = f"/api/integrations/{office.integrated()}"
    assert office.ask("PATCH", path, {"status": "paused"}, If_Match="*").data["status"] == "paused"
    assert office.ask("PATCH", path, {"status": "active"}, If_Match="*").data["status"] == "active"


def test_a_held_integration_is_not_resumed_by_saying_so(office: Office) -> None:
    integration_id = office.integrated()
    _hold(office, integration_id, Status.BROKEN)
    refused = office.ask("PATCH", f"/api/integrations/{integration_id}", {"status": "active"}, If_Match="*")
    assert (refused.status, refused.code) == (409, "INTEGRATION_BROKEN")


@pytest.mark.parametrize("status", [Status.BROKEN, Status.SETUP_REQUIRED, Status.REAUTH_REQUIRED])
def test_a_held_integration_is_paused_with_its_reason_and_held_again_when_resumed(
    office: Office, status: Status
) -> None:
    integration_id = office.integrated()
    _hold(office, integration_id, status)
    path = f"/api/integrations/{integration_id}"
    shown = [office.ask("PATCH", path, {"status": each}, If_Match="*").data for each in ("paused", "active")]
    assert [each["status"] for each in shown] == ["paused", status]
    assert {each["statusReason"] for each in shown} == {"The company is gone"}


def test_a_connection_that_needs_consent_is_paused_and_still_needs_it_when_resumed(office: Office) -> None:
    waiting = {**INTEGRATION, "connection": {**CONNECTION, "grant": "authorization_code"}}
    path = f"/api/integrations/{office.ask('POST', '/api/integrations', waiting).data['id']}"
    shown = [office.ask("PATCH", path, {"status": each}, If_Match="*").data["status"] for each in ("paused", "active")]
    assert shown == ["paused", "setup_required"]


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.ACTIVE])
def test_an_integration_whose_schedule_is_held_has_no_next_time_until_it_is_active(
    office: Office, status: Status
) -> None:
    integration_id = office.integrated(schedule="0 */15 * * * *")
    path = f"/api/integrations/{integration_id}"
    shown = []
    for each in (status, Status.ACTIVE):
        _hold(office, integration_id, each)
        shown.append(office.ask("GET", path).data["nextRunAt"])
    assert shown == [None, "2026-01-05T08:15:00Z"]


def test_a_held_integration_may_be_mended(office: Office) -> None:
    integration_id = office.integrated()
    _hold(office, integration_id, Status.SETUP_REQUIRED)
    patch = {"connection": {"clientSecret": "right"}}
    after = office.ask("PATCH", f"/api/integrations/{integration_id}", patch, If_Match="*")
    assert (after.status, after.data["status"]) == (200, "setup_required")


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [({"id": "x"}, "/id"), ({"status": "broken"}, "/status"), ({"name": None}, "/name"), ([], "")],
)
def test_a_patch_of_what_cannot_be_changed_is_refused(office: Office, patch: object, pointer: str) -> None:
    refused = office.ask("PATCH", f"/api/integrations/{office.integrated()}", patch, If_Match="*")
    assert (refused.status, [*refused.pointers]) == (422, [pointer])


@pytest.mark.parametrize(
    ("patch", "pointers"),
    [
        ({"status": None}, ["/status"]),
        ({"connection": {"clientSecret": None}}, ["/connection/clientSecret"]),
        ({"status": None, "connection": {"clientSecret": None}}, ["/status", "/connection/clientSecret"]),
    ],
)
def test_what_cannot_be_taken_away_is_no_null(office: Office, patch: object, pointers: list[str]) -> None:
    refused = office.ask("PATCH", f"/api/integrations/{office.integrated()}", patch, If_Match="*")
    assert (refused.status, refused.pointers) == (422, dict.fromkeys(pointers, "WRONG_TYPE"))


def test_neither_secret_of_a_bridge_is_null(office: Office) -> None:
    patch = {"connection": {"dynamics": {"clientSecret": None}, "oneflow": {"apiToken": None}}}
    refused = office.ask("PATCH", f"/api/integrations/{office.bridged()}", patch, If_Match="*")
    assert [*refused.pointers] == ["/connection/dynamics/clientSecret", "/connection/oneflow/apiToken"]


def test_the_kind_of_an_integration_stays(office: Office) -> None:
    path = f"/api/integrations/{office.integrated()}"
    alone = office.ask("PATCH", path, {"kind": "oneflow"}, If_Match="*")
    among = office.ask("PATCH", path, {"kind": None, "name": ""}, If_Match="*")
    assert alone.pointers == {"/kind": "READ_ONLY"}
    assert among.pointers == {"/kind": "READ_ONLY", "/name": "INVALID_TEXT"}


def test_a_change_is_made_again_when_the_hub_wrote_in_between(office: Office) -> None:
    path = f"/api/integrations/{office.integrated()}"
    interrupted = Interrupted(office.hub.integrations)
    object.__setattr__(office.hub, "integrations", interrupted)
    assert office.ask("PATCH", path, {"name": "B"}, If_Match="*").data["name"] == "B"
    assert interrupted.tries == 2


def test_a_deleted_integration_is_gone(office: Office) -> None:
    path = f"/api/integrations/{office.integrated()}"
    gone = office.ask("DELETE", path)
    assert (gone.status, gone.text, office.ask("GET", path).status) == (204, "", 404)


@pytest.mark.parametrize(("query", "left"), [("", 1), ("?purge=", 1), ("?purge=false", 1), ("?purge=true", 0)])
def test_records_outlive_their_integration_unless_purged(office: Office, query: str, left: int) -> None:
    office.company.add("vendors", "Adatum")
    integration_id = office.integrated()
    office.ask("POST", f"/api/integrations/{integration_id}/dynamics/sync")
    office.ask("DELETE", f"/api/integrations/{integration_id}{query}")
    assert len(office.stored()) == left


@pytest.mark.parametrize("value", ["maybe", "1", "True"])
def test_a_purge_that_is_neither_true_nor_false_removes_nothing(office: Office, value: str) -> None:
    office.company.add("vendors", "Adatum")
    path = f"/api/integrations/{office.integrated()}"
    office.ask("POST", f"{path}/dynamics/sync")
    refused = office.ask("DELETE", f"{path}?purge={value}")
    assert (refused.status, refused.pointers) == (422, {"/purge": "INVALID_VALUE"})
    assert (office.ask("GET", path).status, len(office.stored())) == (200, 1)


@pytest.mark.parametrize(
    ("status", "state"),
    [(RunStatus.SUCCEEDED, "ok"), (RunStatus.PARTIAL, "degraded"), (RunStatus.FAILED, "failing")],
)
def test_health_tells_what_the_last_run_came_to(office: Office, status: RunStatus, state: str) -> None:
    integration_id = office.integrated()
    integration = office.desk.integrations.find(integration_id)
    assert integration is not None
    run = admit(office.desk, integration, SyncOrder(RunKind.FULL))
    office.desk.runs.save(replace(run, status=status, error=RunFailure("SOURCE_TIMEOUT", "Too slow")))
    shown = office.ask("GET", f"/api/integrations/{integration_id}").data
    assert (shown["health"], shown["lastRun"]["id"]) == (
        {"state": state, "detail": "Too slow", "warnings": []},
        run.id,
    )


def test_a_held_integration_is_failing_for_the_reason_of_the_hold(office: Office) -> None:
    integration_id = office.integrated()
    _hold(office, integration_id, Status.BROKEN)
    shown = office.ask("GET", f"/api/integrations/{integration_id}").data
    assert shown["health"] == {"state": "failing", "detail": "The company is gone", "warnings": []}


def _hold(office: Office, integration_id: str, status: Status) -> None:
    office.change_integration(integration_id, status=status, status_reason="The company is gone")
