"""What a run's failure does to its integration: held until a person acts, or left alone when trouble may pass."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.flow.kit import Caller, Connector, Site, problem

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

NOBODY = "99999999-9999-4999-8999-999999999999"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and the status that it puts the integration in."""

    status: str
    code: str
    connection: dict[str, Any] = field(default_factory=dict)
    client: str = "hub"


TROUBLES = {
    "the secret is wrong": Trouble("setup_required", "SETUP_REQUIRED", {"clientSecret": "wrong for standing"}),
    "the secret has expired": Trouble("setup_required", "SETUP_REQUIRED", client="hub-expired"),
    "the app is not enabled in bc": Trouble("setup_required", "SETUP_REQUIRED", client="hub-disabled"),
    "the tenant is unknown": Trouble("setup_required", "SETUP_REQUIRED", {"tenantId": NOBODY}),
    "the environment is gone": Trouble("broken", "INTEGRATION_BROKEN", {"environment": "Nowhere"}),
    "the company is gone": Trouble("broken", "INTEGRATION_BROKEN", {"companyId": NOBODY}),
}


def remove_company(site: Site) -> None:
    site.control.change({"op": "remove_company", "company": site.company})


def rename_environment(site: Site) -> None:
    site.control.change({"op": "rename_environment", "environment": "Production", "name": "Moved"})


def held(site: Site, environment: str = "Nowhere") -> Site:
    """Break the connection and find it out."""
    site.patch({"connection": {"environment": environment}})
    problem(site.try_sync({}), 409)
    return site


@pytest.mark.parametrize("what", TROUBLES)
def test_a_sync_is_409_and_holds_the_integration_when(connector: Connector, alice: Caller, what: str) -> None:
    trouble = TROUBLES[what]
    site = connector.connect(alice, client=trouble.client, connection=trouble.connection)
    first = problem(site.try_sync({}), 409, trouble.code)
    assert first["retryable"] is False
    shown = site.get()
    assert (shown["status"], bool(shown["statusReason"])) == (trouble.status, True)
    assert problem(site.try_sync({}), 409, trouble.code)["runId"] != first["runId"]
    assert len(site.get("/runs")) == 2


@pytest.mark.parametrize("vanish", [remove_company, rename_environment])
def test_an_integration_whose_source_vanishes_is_broken_and_keeps_its_records(
    synced: Site, vanish: Callable[[Site], None]
) -> None:
    vanish(synced)
    problem(synced.try_sync({"mode": "delta"}), 409, "INTEGRATION_BROKEN")
    assert synced.get()["status"] == "broken"
    assert {each["presentInSource"] for each in synced.records("suppliers")} == {True}
    run = synced.get("/runs")[0]
    assert (run["status"], bool(run["error"]["message"])) == ("failed", True)


def test_a_run_that_failed_as_a_whole_writes_one_error_entry_for_each_entity_type(site: Site) -> None:
    held(site)
    found = site.get("/sync-logs?status=ERROR")
    assert sorted(each["entityType"] for each in found) == ["PRODUCT", "SUPPLIER"]
    assert {(each["action"], each["recordsAffected"]) for each in found} == {("UPSERT", 0)}
    assert {each["metadata"]["runId"] for each in found} == {site.get("/runs")[0]["id"]}


def test_a_failed_run_of_one_entity_type_writes_one_error_entry(connector: Connector, alice: Caller) -> None:
    site = connector.connect(alice, connection={"environment": "Nowhere"})
    site.try_sync({"entities": ["products"]})
    assert [each["entityType"] for each in site.get("/sync-logs?status=ERROR")] == ["PRODUCT"]


def test_a_held_integration_is_active_again_after_a_test_that_works(site: Site) -> None:
    rename_environment(site)
    problem(site.try_sync({}), 409)
    site.control.change({"op": "rename_environment", "environment": "Moved", "name": "Production"})
    assert site.call("POST", "/dynamics/test").body["success"] is True
    assert (site.get()["status"], site.get()["statusReason"]) == ("active", None)
    assert site.sync(entities=["suppliers"])["suppliers"]["created"] == 7


def test_a_held_integration_is_active_again_after_a_sync_by_hand_that_works(site: Site) -> None:
    rename_environment(site)
    problem(site.try_sync({}), 409, "INTEGRATION_BROKEN")
    site.control.change({"op": "rename_environment", "environment": "Moved", "name": "Production"})
    assert site.sync(entities=["suppliers"])["suppliers"]["created"] == 7
    assert (site.get()["status"], site.get()["statusReason"]) == ("active", None)


@pytest.mark.parametrize("mend", ["test", "sync"])
def test_a_secret_that_was_mended_at_entra_is_tried_at_once(connector: Connector, alice: Caller, mend: str) -> None:
    connector.control.token_error(connector.control.client("hub-other")["clientId"], "expired_secret")
    connector.control.revoke_tokens()
    site = connector.connect(alice, client="hub-other")
    problem(site.try_sync({}), 409, "SETUP_REQUIRED")
    connector.control.clear_token_errors()
    assert site.call("POST", f"/dynamics/{mend}").body["success"] is True
    assert site.get()["status"] == "active"


def test_an_entra_that_is_away_leaves_the_credentials_unproven(connector: Connector, alice: Caller) -> None:
    connector.control.token_error(connector.control.client("hub-other")["clientId"], "html_503")
    site = connector.connect(alice, client="hub-other", connection={"clientSecret": "never asked for"})
    report = site.call("POST", "/dynamics/test").body
    assert (report["success"], [each["ok"] for each in report["data"]["checks"]]) == (False, [False, None, None, None])


def test_a_broken_integration_is_paused_and_broken_again_when_it_is_resumed(site: Site) -> None:
    held(site)
    shown = [site.patch({"status": each}).data["status"] for each in ("paused", "active")]
    assert shown == ["paused", "broken"]
    problem(site.patch({"status": "active"}), 409, "INTEGRATION_BROKEN")


def test_a_paused_integration_whose_sync_by_hand_fails_stays_paused_and_says_why(site: Site) -> None:
    site.patch({"status": "paused", "connection": {"environment": "Nowhere"}})
    problem(site.try_sync({}), 409, "INTEGRATION_BROKEN")
    assert (site.get()["status"], bool(site.get()["statusReason"])) == ("paused", True)
    site.patch({"connection": {"environment": "Production"}})
    assert site.call("POST", "/dynamics/test").body["success"] is True
    assert (site.get()["status"], site.get()["statusReason"]) == ("paused", None)


def test_a_test_that_fails_leaves_an_integration_held(site: Site) -> None:
    held(site)
    assert site.call("POST", "/dynamics/test").body["success"] is False
    assert site.get()["status"] == "broken"


def test_a_held_integration_is_active_again_after_a_sync_with_changed_credentials(
    connector: Connector, alice: Caller
) -> None:
    site = connector.connect(alice, connection={"clientSecret": "wrong at first"})
    problem(site.try_sync({}), 409, "SETUP_REQUIRED")
    secret = connector.control.client()["clientSecret"]
    assert site.patch({"connection": {"clientSecret": secret}}).status == 200
    assert site.sync(entities=["suppliers"])["suppliers"]["created"] == 7
    assert site.get()["status"] == "active"


def test_changed_credentials_that_do_not_work_leave_an_integration_held(site: Site) -> None:
    held(site)
    site.patch({"connection": {"environment": "Nowhere-else"}})
    problem(site.try_sync({}), 409, "INTEGRATION_BROKEN")
    assert len(site.get("/runs")) == 2


def test_a_held_integration_cannot_be_declared_active(site: Site) -> None:
    held(site)
    problem(site.patch({"status": "active"}), 409, "INTEGRATION_BROKEN")
    assert site.get()["status"] == "broken"


def test_missing_permission_for_vendors_needs_a_person(site: Site) -> None:
    site.control.fault(match="vendors", status=403, code="Authorization_RequestDenied")
    problem(site.try_sync({}), 409, "SETUP_REQUIRED")
    assert site.get()["status"] == "setup_required"


def test_tokens_that_were_revoked_are_renewed_unnoticed(synced: Site) -> None:
    synced.control.revoke_tokens()
    assert synced.sync(entities=["suppliers"])["suppliers"]["unchanged"] == 7
    assert synced.get()["status"] == "active"


def test_consent_that_is_missing_asks_to_authorize_again(connector: Connector, alice: Caller) -> None:
    client = connector.control.client("hub-other")["clientId"]
    connector.control.revoke_tokens()
    connector.control.token_error(client, "consent_missing")
    site = connector.connect(alice, client="hub-other", connection={"clientSecret": "not asked for before"})
    problem(site.try_sync({}), 409, "REAUTH_REQUIRED")
    assert site.get()["status"] == "reauth_required"
