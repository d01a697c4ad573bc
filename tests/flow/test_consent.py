"""Connecting with a person's consent, from the link to the sync, and what can go wrong on the way."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox.control import Control
from tests.flow.kit import Caller, Connector, Site, problem

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

DELEGATED = {"grant": "authorization_code", "companyId": None}


def link(site: Site) -> str:
    """Return where the owner signs in."""
    address = site.call("POST", "/dynamics/authorize").data["authorizeUrl"]
    assert address.startswith("http")
    return str(address)


def browse(address: str) -> requests.Response:
    """Open an address as a browser would: without a token."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(address, timeout=20, allow_redirects=False)


def authorize(site: Site, user: str = "alice") -> requests.Response:
    """Sign in and consent."""
    return browse(site.control.sign_in(link(site), user))


@pytest.fixture
def unauthorized(connector: Connector, alice: Caller) -> Site:
    """Return an integration that waits for consent."""
    return connector.connect(alice, connection=DELEGATED)


@pytest.fixture
def authorized(unauthorized: Site) -> Site:
    """Return an integration that a user has consented to."""
    assert authorize(unauthorized).status_code == 303
    return unauthorized


def choose(site: Site, key: str = "contoso") -> Site:
    """Choose a company, and return the integration with it."""
    company = site.control.company_id(key)
    site.patch({"connection": {"companyId": company}})
    return Site(site.hub, site.control, site.id, company)


def refreshes(control: Control) -> int:
    """Return how many refreshes Entra was asked for."""
    return sum(entry["note"].get("grant_type") == "refresh_token" for entry in control.journal(part="entra"))


def test_a_company_is_connected_synced_and_shown_by_consent(unauthorized: Site) -> None:
    assert unauthorized.get()["status"] == "setup_required"
    page = authorize(unauthorized)
    assert (page.status_code, unauthorized.get()["status"]) == (303, "active")
    assert {each["name"] for each in unauthorized.get("/dynamics/environments")} == {"Production", "Sandbox-1"}
    companies = unauthorized.get("/dynamics/companies")
    assert "CRONUS International Ltd." in {each["name"] for each in companies}
    site = choose(unauthorized)
    assert site.call("POST", "/dynamics/test").data["connected"] is True
    totals = site.sync()
    assert (totals["suppliers"]["created"], totals["products"]["created"]) == (7, 64)


def test_an_integration_that_nobody_authorized_says_what_to_do(unauthorized: Site) -> None:
    refused = problem(unauthorized.try_sync({}), 409, "SETUP_REQUIRED")
    assert "authorize" in refused["detail"]
    assert unauthorized.get("/runs") == []
    problem(unauthorized.call("GET", "/dynamics/companies"), 409, "SETUP_REQUIRED")


def test_the_link_leads_to_the_tenants_sign_in_page_and_back_here(unauthorized: Site) -> None:
    address = urlsplit(link(unauthorized))
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    connection = unauthorized.get()["connection"]
    assert address.path == f"/{connection['tenantId']}/oauth2/v2.0/authorize"
    assert asked["scope"] == "https://api.businesscentral.dynamics.com/.default offline_access"
    assert asked["redirect_uri"] == f"{unauthorized.hub.url}/api/integrations/dynamics/callback"
    assert (asked["code_challenge_method"], asked["client_id"]) == ("S256", connection["clientId"])


def test_a_declined_consent_is_a_page_with_the_reason(unauthorized: Site) -> None:
    page = browse(unauthorized.control.sign_in(link(unauthorized), answer="decline"))
    assert (page.status_code, "CONSENT_DECLINED" in page.text) == (400, True)
    assert unauthorized.get()["status"] == "setup_required"


def test_a_callback_that_comes_again_is_refused_and_changes_nothing(unauthorized: Site) -> None:
    address = unauthorized.control.sign_in(link(unauthorized))
    assert [browse(address).status_code for _ in range(2)] == [303, 400]
    assert unauthorized.sync(entities=["suppliers"])["suppliers"]["errors"] == 0


def test_of_many_callbacks_at_once_one_gets_through(unauthorized: Site) -> None:
    address = unauthorized.control.sign_in(link(unauthorized))
    with ThreadPoolExecutor(6) as pool:
        seen = sorted(page.status_code for page in pool.map(browse, [address] * 6))
    exchanges = [entry["status"] for entry in unauthorized.control.journal(part="entra") if entry["note"]]
    assert (seen, exchanges.count(200), unauthorized.get()["status"]) == ([303, *[400] * 5], 1, "active")


def test_a_state_cannot_be_moved_to_another_users_integration(
    unauthorized: Site, connector: Connector, bob: Caller
) -> None:
    other = connector.connect(bob, connection=DELEGATED)
    address = other.control.sign_in(link(other), "bob")
    assert browse(address.replace(other.id, unauthorized.id)).status_code == 400
    assert [site.get()["status"] for site in (unauthorized, other)] == ["setup_required", "setup_required"]


def test_a_link_of_one_user_authorizes_only_their_own_integration(
    unauthorized: Site, connector: Connector, bob: Caller
) -> None:
    other = connector.connect(bob, connection=DELEGATED)
    link(unauthorized)
    assert authorize(other, "bob").status_code == 303
    assert [site.get()["status"] for site in (unauthorized, other)] == ["setup_required", "active"]


def test_pages_hold_no_secret_and_may_load_nothing(unauthorized: Site) -> None:
    address = unauthorized.control.sign_in(link(unauthorized))
    pages = [browse(address), browse(address), browse(f"{address}&error=%3Cscript%3E")]
    answer = parse_qs(urlsplit(address).query)
    assert [page.headers["Content-Security-Policy"].startswith("default-src 'none'") for page in pages] == [True] * 3
    assert {page.headers["Cache-Control"] for page in pages} == {"no-store"}
    assert not any(secret in page.text for page in pages for secret in (*answer["code"], *answer["state"], "<script>"))


@pytest.mark.parametrize("query", ["", "?state=", "?state=x&code=y", "?code=y", "?error=access_denied&state=int_1.x"])
def test_a_callback_out_of_nowhere_is_a_page(unauthorized: Site, query: str) -> None:
    page = browse(f"{unauthorized.hub.url}/api/integrations/dynamics/callback{query}")
    assert (page.status_code, page.headers["Content-Type"]) == (400, "text/html; charset=utf-8")


def test_no_one_else_gets_a_link(unauthorized: Site, bob: Caller) -> None:
    problem(bob.call("POST", unauthorized.path("/dynamics/authorize")), 404, "NOT_FOUND")


def test_client_credentials_need_no_consent(site: Site) -> None:
    problem(site.call("POST", "/dynamics/authorize"), 409, "CONSENT_NOT_NEEDED")


def test_a_dead_consent_holds_the_integration_until_somebody_authorizes_again(authorized: Site) -> None:
    site = choose(authorized)
    site.sync()
    site.control.revoke_tokens()
    site.control.revoke_grants()
    problem(site.try_sync({"mode": "delta"}), 409, "REAUTH_REQUIRED")
    assert (site.get()["status"], len(site.get("/sync-logs?action=NOTICE"))) == ("reauth_required", 1)
    before = site.get()["connection"]
    assert authorize(site).status_code == 303
    assert (site.get()["status"], site.get()["connection"]["companyId"]) == ("active", before["companyId"])
    assert site.sync(mode="delta")["suppliers"]["errors"] == 0


def test_a_dead_consent_costs_one_token_request_however_often_somebody_asks(authorized: Site) -> None:
    site = choose(authorized)
    site.control.revoke_tokens()
    site.control.revoke_grants()
    problem(site.try_sync({}), 409, "REAUTH_REQUIRED")
    asked: list[Any] = [site.call(method, rest) for method, rest in ASKED * 3]
    assert refreshes(site.control) == 1
    assert {answer.status for answer in asked} == {200, 409}


ASKED = [("POST", "/dynamics/test"), ("GET", "/dynamics/companies"), ("POST", "/dynamics/sync")]


def test_revoked_access_tokens_are_refreshed_unnoticed(authorized: Site) -> None:
    site = choose(authorized)
    site.control.revoke_tokens()
    assert (site.sync(entities=["suppliers"])["suppliers"]["created"], refreshes(site.control)) == (7, 1)


def test_another_client_needs_another_consent(authorized: Site) -> None:
    other = authorized.control.client("hub-other")
    patch = {"clientId": other["clientId"], "clientSecret": other["clientSecret"]}
    assert authorized.patch({"connection": patch}).data["status"] == "setup_required"
    assert authorize(authorized).status_code == 303
    assert choose(authorized).sync(entities=["suppliers"])["suppliers"]["created"] == 7
