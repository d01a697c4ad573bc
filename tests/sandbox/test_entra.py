"""The token endpoint, seen by MSAL and by plain requests."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import msal  # type: ignore[import-untyped]  # msal ships no types
import pytest
import requests

from sandbox.control import Control
from sandbox.entra import PROBLEMS
from tests.sandbox.clients import SCOPE, Caller, Loopback

_SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def session(control: Control) -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.trust_env = False
        made.mount("https://login.microsoftonline.com", Loopback(control.url))
        yield made


def acquired(session: requests.Session, client: dict[str, Any], secret: str = "") -> dict[str, Any]:
    app = msal.ConfidentialClientApplication(
        client["clientId"],
        client_credential=secret or client["clientSecret"],
        authority=f"https://login.microsoftonline.com/{client['tenantId']}",
        http_client=session,
    )
    return dict(app.acquire_token_for_client([SCOPE]))


def test_msal_acquires_a_token_that_business_central_takes(caller: Caller, session: requests.Session) -> None:
    result = acquired(session, caller.client)
    caller.session.headers["Authorization"] = f"Bearer {result['access_token']}"
    assert caller.get("vendors", top="1").status_code == 200


def test_msal_reports_a_bad_secret(caller: Caller, session: requests.Session) -> None:
    result = acquired(session, caller.client, "wrong")
    assert (result["error"], result["error_codes"]) == ("invalid_client", [7000215])


def test_a_token_reply_has_the_properties_of_the_sample(caller: Caller) -> None:
    expected = json.loads((_SAMPLES / "entra-token-client-credentials-200.json").read_text())
    assert set(caller.ask_token().json()) == set(expected)


def test_an_error_reply_has_the_shape_of_the_sample(caller: Caller) -> None:
    expected = json.loads((_SAMPLES / "entra-error-bad-secret-401.json").read_text())
    reply = caller.ask_token(client_secret="wrong")
    assert (reply.status_code, list(reply.json())) == (401, list(expected))
    assert [line.partition(":")[0] for line in reply.json()["error_description"].split("\r\n")] == [
        line.partition(":")[0] for line in expected["error_description"].split("\r\n")
    ]


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"client_secret": ""}, 7000218),
        ({"client_id": "c0ffee00-0000-4000-8000-000000000099"}, 700016),
        ({"scope": ""}, 900144),
        ({"grant_type": ""}, 900144),
        ({"grant_type": "password"}, 70003),
        ({"scope": "https://api.businesscentral.dynamics.com/user_impersonation"}, 70011),
        ({"scope": "https://other.example/.default"}, 500011),
    ],
)
def test_a_wrong_request_gets_its_number(caller: Caller, changes: dict[str, str], number: int) -> None:
    assert caller.ask_token(**changes).json()["error_codes"] == [number]


def test_an_unknown_tenant_is_refused(caller: Caller) -> None:
    assert caller.ask_token(tenant="nowhere.example").json()["error_codes"] == [90002]


def test_an_expired_secret_is_refused(caller: Caller) -> None:
    app = caller.control.client("hub-expired")
    reply = caller.ask_token(client_id=app["clientId"], client_secret=app["clientSecret"])
    assert reply.json()["error_codes"] == [7000222]


def test_a_tenant_without_business_central_is_refused(caller: Caller) -> None:
    caller.control.set_resource(caller.tenant, present=False)
    assert caller.ask_token().json()["error_codes"] == [500011]


@pytest.mark.parametrize("name", sorted(set(PROBLEMS) - {"html_503", "empty_429"}))
def test_every_problem_can_be_planned_for_a_client(caller: Caller, name: str) -> None:
    caller.control.token_error(caller.client["clientId"], name, times=1)
    reply = caller.ask_token()
    problem = PROBLEMS[name]
    assert (reply.status_code, reply.json()["error"], reply.json()["error_codes"]) == (
        problem.status,
        problem.error,
        [problem.number],
    )
    assert caller.ask_token().status_code == 200


def test_a_planned_problem_stays_until_it_is_cleared(caller: Caller) -> None:
    caller.control.token_error(caller.client["clientId"], "server_error")
    assert [caller.ask_token().status_code for _ in range(3)] == [500, 500, 500]
    caller.control.clear_token_errors()
    assert caller.ask_token().status_code == 200


def test_a_planned_problem_spares_other_clients(caller: Caller) -> None:
    caller.control.token_error(caller.control.client("hub-other")["clientId"], "server_error")
    assert caller.ask_token().status_code == 200


def test_bodies_that_are_no_error_object_can_be_planned(caller: Caller) -> None:
    caller.control.token_error(caller.client["clientId"], "html_503", times=1)
    assert caller.ask_token().headers["Content-Type"].startswith("text/html")
    caller.control.token_error(caller.client["clientId"], "empty_429", times=1, wait=2)
    reply = caller.ask_token()
    assert (reply.status_code, reply.json(), reply.headers["Retry-After"]) == (429, {}, "2")


def test_a_token_request_before_the_announced_wait_is_early(caller: Caller) -> None:
    caller.control.token_error(caller.client["clientId"], "throttled", times=1, wait=30)
    caller.ask_token()
    caller.ask_token()
    assert caller.control.counters()["early"] == 1


def test_a_token_expires_by_the_simulators_clock(caller: Caller) -> None:
    assert caller.get("vendors", top="1").status_code == 200
    caller.control.clock(advance=3600)
    assert caller.get("vendors", top="1").status_code == 401


def test_the_lifetime_of_tokens_can_be_set(caller: Caller) -> None:
    caller.control.set_switch(token_seconds=60)
    assert caller.ask_token().json()["expires_in"] == 60


def test_revoked_tokens_are_refused(caller: Caller) -> None:
    caller.control.revoke_tokens()
    assert caller.get("vendors").status_code == 401


@pytest.mark.parametrize("app", ["hub-disabled", "hub-roleless"])
def test_business_central_refuses_an_app_it_does_not_know(caller: Caller, app: str) -> None:
    client = caller.control.client(app)
    token = caller.ask_token(client_id=client["clientId"], client_secret=client["clientSecret"]).json()["access_token"]
    reply = caller.get("vendors", {"Authorization": f"Bearer {token}"})
    assert reply.json()["error"]["code"] == "Authentication_InvalidCredentials"


def test_an_app_can_be_enabled_later(caller: Caller) -> None:
    caller.control.set_app(caller.client["clientId"], state="disabled_in_bc")
    assert caller.get("vendors").status_code == 401
    caller.control.set_app(caller.client["clientId"], state="enabled")
    assert caller.get("vendors").status_code == 200


def test_a_token_of_one_tenant_opens_no_other(caller: Caller) -> None:
    other = caller.control.info()["tenants"][1]["id"]
    assert caller.follow(f"{caller.url}/v2.0/{other}/Production/api/v2.0/companies").status_code == 401


def test_claims_say_audience_tenant_application_and_roles(caller: Caller) -> None:
    claims = jwt.decode(caller.ask_token().json()["access_token"], options={"verify_signature": False})
    assert claims["aud"] == "https://api.businesscentral.dynamics.com"
    assert (claims["tid"], claims["appid"]) == (caller.tenant, caller.client["clientId"])
    assert claims["roles"] == ["API.ReadWrite.All"]


def test_token_requests_are_journaled_without_their_secret(caller: Caller) -> None:
    caller.ask_token(client_secret="very-secret-value")
    entries = caller.control.journal(part="entra")
    assert entries[-1]["note"]["grant_type"] == "client_credentials"
    assert "very-secret-value" not in json.dumps(entries)


def verified(control: Control, token: str) -> dict[str, Any]:
    api = control.info()["api"]
    keys = requests.get(api["jwksUrl"], timeout=20).json()
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token)["kid"]]
    required: list[Any] = ["exp", "iat", "oid", "tid"]
    return dict(
        jwt.decode(token, key, ["RS256"], audience=api["audience"], issuer=api["issuer"], options={"require": required})
    )


@pytest.mark.parametrize("user", ["alice", "bob", "carol"])
def test_a_user_token_is_valid_for_our_own_api(control: Control, user: str) -> None:
    claims = verified(control, control.user_token(user))
    assert f"{claims['tid']}:{claims['oid']}" == control.info()["users"][user]["owner"]


@pytest.mark.parametrize(
    ("twist", "error"),
    [
        ({"lifetime": -10}, jwt.ExpiredSignatureError),
        ({"claims": {"aud": "api://other"}}, jwt.InvalidAudienceError),
        ({"claims": {"iss": "https://other.example"}}, jwt.InvalidIssuerError),
        ({"without": ["oid"]}, jwt.MissingRequiredClaimError),
        ({"alg": "none"}, jwt.InvalidAlgorithmError),
        ({"alg": "HS256"}, jwt.InvalidAlgorithmError),
        ({"key": "stranger"}, jwt.InvalidSignatureError),
        ({"kid": "another"}, KeyError),
    ],
)
def test_a_twisted_user_token_is_invalid(control: Control, twist: dict[str, Any], error: type[Exception]) -> None:
    token = control.user_token("alice", **twist)
    with pytest.raises(error):
        verified(control, token)


def test_a_user_token_does_not_open_business_central(caller: Caller) -> None:
    token = caller.control.user_token("alice")
    assert caller.get("vendors", {"Authorization": f"Bearer {token}"}).status_code == 401
