"""The platform's own sign-in, as a single-page application meets it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
import requests

from sandbox.control import Control
from sandbox.grants import challenge_of

BACK = "http://127.0.0.1:1/"
ORIGIN = {"Origin": "http://127.0.0.1:1"}
VERIFIER = "v" * 43
HOUR = 3_600


def configuration(control: Control) -> dict[str, str]:
    address = f"{control.info()['api']['authority']}/.well-known/openid-configuration"
    return dict(requests.get(address, headers=ORIGIN, timeout=20).json())


def link(control: Control, **changes: str | None) -> str:
    api = control.info()["api"]
    asked: dict[str, str | None] = {
        "client_id": api["consoleClientId"],
        "response_type": "code",
        "response_mode": "fragment",
        "redirect_uri": BACK,
        "scope": f"openid profile offline_access {api['audience']}/.default",
        "state": "a state",
        "nonce": "a nonce",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        **changes,
    }
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return f"{configuration(control)['authorization_endpoint']}?{query}"


def answer_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).fragment).items()}


def redeem(control: Control, headers: Mapping[str, str] = ORIGIN, /, **changes: str) -> requests.Response:
    form = {
        "grant_type": "authorization_code",
        "client_id": control.info()["api"]["consoleClientId"],
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        **changes,
    }
    return requests.post(configuration(control)["token_endpoint"], data=form, headers=headers, timeout=20)


def tokens(control: Control, user: str = "alice", **changes: str | None) -> dict[str, Any]:
    code = answer_of(control.sign_in(link(control, **changes), user))["code"]
    return dict(redeem(control, code=code).json())


def renew(control: Control, refresh_token: str) -> requests.Response:
    return redeem(control, grant_type="refresh_token", refresh_token=refresh_token)


def number(reply: requests.Response) -> int:
    assert (reply.status_code, reply.headers["Access-Control-Allow-Origin"]) == (400, ORIGIN["Origin"])
    return int(reply.json()["error_codes"][0])


@pytest.mark.parametrize("user", ["alice", "bob", "carol"])
def test_a_sign_in_brings_a_token_for_the_products_api(control: Control, user: str) -> None:
    api, person = control.info()["api"], control.info()["users"][user]
    claims = jwt.decode(tokens(control, user)["access_token"], options={"verify_signature": False})
    told = {name: claims[name] for name in ("iss", "aud", "tid", "oid", "name", "preferred_username")}
    assert told == {
        "iss": api["issuer"],
        "aud": api["audience"],
        "tid": person["tenantId"],
        "oid": person["id"],
        "name": user,
        "preferred_username": f"{user}@example.com",
    }


def test_the_identity_token_is_for_the_application_and_carries_its_nonce(control: Control) -> None:
    claims = jwt.decode(tokens(control)["id_token"], options={"verify_signature": False})
    assert (claims["aud"], claims["nonce"]) == (control.info()["api"]["consoleClientId"], "a nonce")


def test_a_code_is_redeemed_across_origins_only(control: Control) -> None:
    code = answer_of(control.sign_in(link(control)))["code"]
    refused = redeem(control, {}, code=code)
    assert (refused.status_code, refused.json()["error_codes"]) == (400, [9002327])
    assert redeem(control, code=code).headers["Access-Control-Allow-Origin"] == ORIGIN["Origin"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"code_verifier": ""}, 9002325),
        ({"code_verifier": "w" * 43}, 501481),
        ({"client_secret": "a secret"}, 700025),
        ({"redirect_uri": "http://127.0.0.1:2/"}, 500112),
        ({"client_id": "another"}, 700016),
        ({"code": "made up"}, 70000),
        ({"grant_type": "password"}, 70003),
    ],
)
def test_a_code_with_another_proof_is_refused(control: Control, changes: dict[str, str], expected: int) -> None:
    code = answer_of(control.sign_in(link(control)))["code"]
    assert number(redeem(control, **{"code": code, **changes})) == expected


def test_a_refresh_token_is_good_until_a_day_after_the_sign_in(control: Control) -> None:
    first = tokens(control)["refresh_token"]
    control.call("POST", "clock", {"advance": 23 * HOUR})
    second = renew(control, first).json()["refresh_token"]
    control.call("POST", "clock", {"advance": HOUR})
    assert number(renew(control, second)) == 700084


def test_without_offline_access_there_is_no_refresh_token(control: Control) -> None:
    audience = control.info()["api"]["audience"]
    assert "refresh_token" not in tokens(control, scope=f"openid {audience}/.default")


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "another"},
        {"redirect_uri": None},
        {"response_type": "token"},
        {"response_mode": "form_post"},
        {"scope": "openid"},
        {"code_challenge": None},
        {"code_challenge_method": "plain"},
    ],
)
def test_a_bad_link_leads_to_a_page_that_says_so(control: Control, changes: dict[str, str | None]) -> None:
    page = requests.get(link(control, **changes), timeout=20)
    assert (page.status_code, "AADSTS" in page.text) == (400, True)


def test_a_silent_sign_in_works_for_those_who_are_signed_in(control: Control) -> None:
    silent = link(control, prompt="none")
    with requests.Session() as browser:
        before = browser.get(silent, allow_redirects=False, timeout=20).headers["Location"]
        browser.post(link(control), data={"user": "bob"}, allow_redirects=False, timeout=20)
        after = browser.get(silent, allow_redirects=False, timeout=20).headers["Location"]
    assert (answer_of(before)["error"], "code" in answer_of(after)) == ("login_required", True)


def test_signing_out_ends_that(control: Control) -> None:
    leave = f"{configuration(control)['end_session_endpoint']}?{urlencode({'post_logout_redirect_uri': BACK})}"
    with requests.Session() as browser:
        browser.post(link(control), data={"user": "bob"}, allow_redirects=False, timeout=20)
        assert browser.get(leave, allow_redirects=False, timeout=20).headers["Location"] == BACK
        silent = browser.get(link(control, prompt="none"), allow_redirects=False, timeout=20)
    assert answer_of(silent.headers["Location"])["error"] == "login_required"


def test_a_disabled_account_cannot_sign_in(control: Control) -> None:
    control.call("POST", "entra/account", {"user": "alice", "disabled": True})
    assert requests.post(link(control), data={"user": "alice"}, allow_redirects=False, timeout=20).status_code == 400


def test_tokens_live_as_long_as_the_switch_says(control: Control) -> None:
    control.set_switch(platform_token_seconds=90)
    found = tokens(control)
    claims = jwt.decode(found["access_token"], options={"verify_signature": False})
    assert (found["expires_in"], claims["exp"] - claims["iat"]) == (90, 95)
