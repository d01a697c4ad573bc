"""The connection test: what it verifies, and what it says when a check fails."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.flow.kit import Caller, Connector, Site

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

CHECKS = ["credentials", "reachable", "companies", "permissions"]
DENIED = {"status": 403, "code": "Authentication_InvalidCredentials", "message": "No permission."}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and the check that should say so."""

    fails: str
    connection: dict[str, Any] = field(default_factory=dict)
    client: str = "hub"
    fault: dict[str, Any] = field(default_factory=dict)


TROUBLES = {
    "the secret is wrong": Trouble("credentials", {"clientSecret": "not the secret"}),
    "the secret has expired": Trouble("credentials", client="hub-expired"),
    "the tenant is unknown": Trouble("credentials", {"tenantId": "99999999-9999-4999-8999-999999999999"}),
    "the app is unknown": Trouble("credentials", {"clientId": "99999999-9999-4999-8999-999999999999"}),
    "bc does not know the app": Trouble("credentials", client="hub-disabled"),
    "every token is refused": Trouble("credentials", fault={"status": 401}),
    "the environment is missing": Trouble("reachable", {"environment": "Nowhere"}),
    "bc is down": Trouble("reachable", fault={"status": 503, "retry_after": 300}),
    "companies are forbidden": Trouble("companies", fault={**DENIED, "match": "companies$"}),
    "the company is gone": Trouble("companies", {"companyId": "99999999-9999-4999-8999-999999999999"}),
    "vendors are forbidden": Trouble("permissions", fault={**DENIED, "match": "vendors"}),
    "items are forbidden": Trouble("permissions", fault={**DENIED, "match": "items"}),
}


def test_a_good_connection_tells_company_and_counts(site: Site) -> None:
    answer = site.call("POST", "/dynamics/test")
    data = answer.body["data"]
    assert (answer.status, answer.body["success"]) == (200, True)
    assert data | {"connected": True, "company": "Contoso Coffee", "vendorCount": 7, "itemCount": 64} == data
    assert [(each["name"], each["ok"]) for each in data["checks"]] == [(name, True) for name in CHECKS]
    assert all(set(each) == {"name", "ok", "detail", "fix"} for each in data["checks"])


@pytest.mark.parametrize("what", TROUBLES)
def test_a_failed_check_is_named_with_its_fix_and_later_ones_are_left_open(
    connector: Connector, alice: Caller, what: str
) -> None:
    trouble = TROUBLES[what]
    site = connector.connect(alice, client=trouble.client, connection=trouble.connection)
    if trouble.fault:
        site.control.fault(**trouble.fault)
    answer = site.call("POST", "/dynamics/test")
    body, at = answer.body, CHECKS.index(trouble.fails)
    assert (answer.status, body["success"], body["data"]["connected"]) == (200, False, False)
    assert [each["ok"] for each in body["data"]["checks"]] == [*[True] * at, False, *[None] * (3 - at)]
    failed = body["data"]["checks"][at]
    assert failed["name"] == trouble.fails
    assert failed["detail"]
    assert failed["fix"]


def test_a_test_is_logged(site: Site) -> None:
    site.call("POST", "/dynamics/test")
    entry = site.get("/sync-logs?action=TEST")[0]
    assert (entry["action"], entry["status"], entry["recordsAffected"]) == ("TEST", "SUCCESS", 0)


def test_a_failed_test_is_logged_as_an_error(connector: Connector, alice: Caller) -> None:
    site = connector.connect(alice, connection={"environment": "Nowhere"})
    site.call("POST", "/dynamics/test")
    assert [each["status"] for each in site.get("/sync-logs?action=TEST")] == ["ERROR"]


def test_the_companies_of_a_connection_are_listed(site: Site) -> None:
    answer = site.call("GET", "/dynamics/companies")
    assert {"id": site.company, "name": "Contoso Coffee", "displayName": "Contoso Coffee"} in answer.data
    assert all(set(each) == {"id", "name", "displayName"} for each in answer.data)


def test_the_companies_are_listed_before_one_is_chosen(connector: Connector, alice: Caller) -> None:
    site = connector.connect(alice, connection={"companyId": None})
    assert len(site.get("/dynamics/companies")) == 4


def test_making_and_changing_an_integration_calls_no_remote_system(connector: Connector, alice: Caller) -> None:
    connector.control.reset_journal()
    site = connector.connect(alice, connection={"clientSecret": "never tried"})
    assert site.patch({"connection": {"environment": "Sandbox-1", "clientSecret": "another"}}).status == 200
    asked = [each for each in connector.control.journal() if "discovery" not in each["path"]]
    assert asked == []


def test_without_a_company_the_first_is_taken_and_kept(connector: Connector, alice: Caller) -> None:
    site = connector.connect(alice, connection={"companyId": None})
    site.sync(entities=["suppliers"], modifiedSince="2100-01-01T00:00:00Z")
    assert site.get()["connection"]["companyId"] == site.get("/dynamics/companies")[0]["id"]
