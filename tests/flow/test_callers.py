"""Who may call: bearer tokens, and integrations that belong to someone else."""

from dataclasses import dataclass
from typing import Any

import pytest
import requests

from scripts.stack import Stack
from tests.flow.kit import Caller, Connector, Site, problem

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

BAD_TOKENS: dict[str, dict[str, Any]] = {
    "expired": {"lifetime": -600},
    "of another audience": {"claims": {"aud": "api://another"}},
    "of another issuer": {"claims": {"iss": "https://sts.example/other"}},
    "unsigned": {"alg": "none"},
    "signed with a shared key": {"alg": "HS256"},
    "signed by a stranger": {"key": "stranger"},
    "signed with an unknown key": {"key": "stranger", "kid": "unknown"},
    "not valid yet": {"claims": {"nbf": 4_000_000_000}},
    **{f"without {claim}": {"without": [claim]} for claim in ("exp", "nbf", "iss", "aud", "tid", "oid")},
}


@dataclass(frozen=True, slots=True)
class Door:
    """A method and a route template of the app."""

    method: str
    route: str

    @property
    def is_public(self) -> bool:
        """Whether the contract asks for no token here."""
        return self.route.startswith(("api/health/", "api/webhooks/", "api/openapi.json")) or (
            "callback" in self.route or not self.route.startswith("api/")
        )

    def path(self, integration_id: str, ids: dict[str, str]) -> str:
        """Return the route with ids filled in."""
        parts = [ids.get(part, part) if part.startswith("{") else part for part in self.route.split("/")]
        return "/" + "/".join(integration_id if part == "{id}" else part for part in parts)


def doors(stack: Stack) -> list[Door]:
    """Return every method of every HTTP function that the host knows."""
    with requests.Session() as session:
        session.trust_env = False
        functions = session.get(f"{stack.url}/admin/functions", timeout=20).json()
    triggers = [each for f in functions for each in f["config"]["bindings"] if each["type"] == "httpTrigger"]
    return [Door(method.upper(), each["route"]) for each in triggers for method in each["methods"]]


def ids_of(site: Site) -> dict[str, str]:
    run = site.get("/runs?limit=1")[0]["id"]
    return {"{runId}": run, "{externalId}": site.get("/suppliers?limit=1")[0]["externalId"]}


@pytest.mark.parametrize("what", BAD_TOKENS)
def test_a_bad_token_is_refused(connector: Connector, what: str) -> None:
    token = connector.control.user_token("alice", **BAD_TOKENS[what])
    answer = Caller(connector.stack.url, token).call("GET", "/api/integrations")
    problem(answer, 401, "TOKEN_EXPIRED" if what == "expired" else "TOKEN_INVALID")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", [{}, {"Authorization": ""}, {"Authorization": "Basic YTpi"}, {"Authorization": "x"}])
def test_a_call_without_a_token_is_refused(stack: Stack, header: dict[str, str]) -> None:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"{stack.url}/api/integrations", headers=header, timeout=20)
    assert (answer.status_code, answer.json()["code"]) == (401, "TOKEN_MISSING")
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_no_route_but_the_public_ones_answers_a_stranger(stack: Stack, library: Site) -> None:
    stranger, ids = Caller(stack.url, "stranger"), ids_of(library)
    asked = [door for door in doors(stack) if not door.is_public]
    found = {(door, stranger.call(door.method, door.path(library.id, ids), {}).status) for door in asked}
    assert asked
    assert {(door, status) for door, status in found if status != 401} == set()


def test_someone_elses_integration_is_404_on_every_route_and_method(library: Site, connector: Connector) -> None:
    ids, bob = ids_of(library), connector.caller("bob")
    asked = [door for door in doors(connector.stack) if "{id}" in door.route and not door.is_public]
    answers = {door: bob.call(door.method, door.path(library.id, ids), {}, If_Match="*") for door in asked}
    assert len(asked) > 15
    assert {(door, each.status) for door, each in answers.items() if each.status != 404} == set()
    assert {problem(each, 404)["code"] for each in answers.values()} == {"NOT_FOUND"}


def test_an_integration_that_never_was_looks_like_someone_elses(library: Site, connector: Connector) -> None:
    bob = connector.caller("bob")
    answers = [bob.call("GET", f"/api/integrations/{each}").body for each in (library.id, "int_nothing")]
    assert [each.pop("traceId") == each.pop("instance") for each in answers] == [False, False]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("user", ["alice", "bob", "carol"])
def test_nobody_sees_the_integrations_of_others_in_their_list(library: Site, connector: Connector, user: str) -> None:
    assert connector.caller(user).get("/api/integrations") == []


def test_the_tenant_is_part_of_the_user(connector: Connector, site: Site, alice: Caller) -> None:
    assert [each["id"] for each in alice.get("/api/integrations")] == [site.id]
    oid = "shared-object-id"
    one = Caller(alice.url, connector.control.user_token("alice", claims={"oid": oid}))
    other = Caller(alice.url, connector.control.user_token("carol", claims={"oid": oid}))
    made = connector.connect(one)
    assert other.call("GET", made.path()).status == 404


@pytest.mark.parametrize("path", ["/api/health/live", "/api/health/ready"])
def test_health_asks_for_no_token(stack: Stack, path: str) -> None:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(stack.url + path, timeout=20)
    assert (answer.status_code, answer.json()["success"]) == (200, True)
