"""Signing in, consenting, and what codes and refresh tokens are good for."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
import requests

from sandbox.control import Control, ControlError
from sandbox.entra import PROBLEMS
from sandbox.grants import challenge_of
from tests.sandbox.clients import SCOPE, Caller

BACK = "http://127.0.0.1:1/api/integrations/dynamics/callback"
VERIFIER = "v" * 43
DAY = 86_400


def link(caller: Caller, changes: Mapping[str, str | None] | None = None) -> str:
    """Return the address of the sign-in page; `tenant` is changed like what the query asks."""
    asked: dict[str, str | None] = {
        "client_id": caller.client["clientId"],
        "response_type": "code",
        "redirect_uri": BACK,
        "response_mode": "query",
        "scope": f"{SCOPE} offline_access",
        "state": "a state",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        **(changes or {}),
    }
    tenant = asked.pop("tenant", None) or caller.tenant
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return f"{caller.url}/{tenant}/oauth2/v2.0/authorize?{query}"


def answer_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def code_of(caller: Caller, user: str = "alice", **changes: str | None) -> str:
    return answer_of(caller.control.sign_in(link(caller, changes), user))["code"]


def exchange(caller: Caller, code: str, **changes: str) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    return caller.ask_token(**{**form, "scope": f"{SCOPE} offline_access openid", **changes})


def renew(caller: Caller, refresh_token: str, **changes: str) -> requests.Response:
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "scope": f"{SCOPE} offline_access"}
    return caller.ask_token(**{**form, **changes})


def tokens(caller: Caller, user: str = "alice") -> dict[str, Any]:
    return dict(exchange(caller, code_of(caller, user)).json())


def refusal(reply: requests.Response) -> tuple[str, int]:
    return reply.json()["error"], reply.json()["error_codes"][0]


def test_the_sign_in_page_offers_the_users_of_the_tenant(caller: Caller) -> None:
    page = requests.get(link(caller), timeout=20)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert [name in page.text for name in ("alice", "bob", "carol")] == [True, True, False]


def test_a_consent_comes_back_with_code_and_state(caller: Caller) -> None:
    address = caller.control.sign_in(link(caller))
    assert address.startswith(f"{BACK}?")
    assert set(answer_of(address)) == {"code", "state", "session_state"}
    assert answer_of(address)["state"] == "a state"


def test_a_declined_consent_comes_back_as_an_error(caller: Caller) -> None:
    answer = answer_of(caller.control.sign_in(link(caller), answer="decline"))
    assert (answer["error"], answer["state"]) == ("access_denied", "a state")
    assert "AADSTS65004" in answer["error_description"]


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"tenant": "nowhere.example"}, "AADSTS90002"),
        ({"client_id": "c0ffee00-0000-4000-8000-000000000099"}, "AADSTS700016"),
        ({"redirect_uri": None}, "AADSTS900144"),
    ],
)
def test_a_link_that_leads_nowhere_stays_on_the_page(
    caller: Caller, changes: dict[str, str | None], number: str
) -> None:
    with pytest.raises(ControlError, match=number):
        caller.control.sign_in(link(caller, changes))


def test_only_registered_redirect_addresses_are_taken(caller: Caller) -> None:
    caller.control.set_app(caller.client["clientId"], redirects=["https://hub.example/back"])
    with pytest.raises(ControlError, match="AADSTS50011"):
        caller.control.sign_in(link(caller))


@pytest.mark.parametrize("user", ["carol", "nobody"])
def test_a_user_of_another_tenant_cannot_sign_in(caller: Caller, user: str) -> None:
    with pytest.raises(ControlError, match="AADSTS50020"):
        caller.control.sign_in(link(caller), user)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_a_wrong_request_comes_back_as_an_error(caller: Caller, changes: dict[str, str | None], error: str) -> None:
    assert answer_of(caller.control.sign_in(link(caller, changes)))["error"] == error


def test_a_code_brings_tokens_that_business_central_takes(caller: Caller) -> None:
    token = tokens(caller)["access_token"]
    assert caller.get("vendors", {"Authorization": f"Bearer {token}"}, top="1").status_code == 200


def test_a_delegated_token_names_the_user_and_no_role(caller: Caller) -> None:
    claims = jwt.decode(tokens(caller, "bob")["access_token"], options={"verify_signature": False})
    assert (claims["oid"], "roles" in claims) == (caller.control.info()["users"]["bob"]["id"], False)


def test_a_user_enters_though_the_app_itself_may_not(caller: Caller) -> None:
    caller.control.set_app(caller.client["clientId"], state="disabled_in_bc")
    token = tokens(caller)["access_token"]
    assert caller.get("vendors", {"Authorization": f"Bearer {token}"}, top="1").status_code == 200


def test_the_limits_of_a_delegated_token_count_by_user(caller: Caller) -> None:
    caller.get("vendors", {"Authorization": f"Bearer {tokens(caller)['access_token']}"}, top="1")
    user = caller.control.info()["users"]["alice"]["id"]
    assert caller.control.journal(part="bc")[-1]["principal"] == f"{caller.tenant}/{user}"


def test_without_offline_access_there_is_no_refresh_token(caller: Caller) -> None:
    assert "refresh_token" not in exchange(caller, code_of(caller, scope=SCOPE)).json()


def test_a_second_use_of_a_code_is_refused_and_ends_what_came_of_it(caller: Caller) -> None:
    code = code_of(caller)
    refresh_token = exchange(caller, code).json()["refresh_token"]
    assert refusal(exchange(caller, code)) == ("invalid_grant", 54005)
    assert refusal(renew(caller, refresh_token)) == ("invalid_grant", 50173)


def test_a_code_lives_for_ten_minutes(caller: Caller) -> None:
    code = code_of(caller)
    caller.control.clock(advance=600)
    assert refusal(exchange(caller, code)) == ("invalid_grant", 70008)


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"code": "invented"}, 70000),
        ({"code": ""}, 900144),
        ({"redirect_uri": "http://127.0.0.1:1/elsewhere"}, 500112),
        ({"code_verifier": "w" * 43}, 501481),
        ({"client_secret": "wrong"}, 7000215),
        ({"scope": "offline_access"}, 900144),
    ],
)
def test_a_code_needs_the_right_proof(caller: Caller, changes: dict[str, str], number: int) -> None:
    assert refusal(exchange(caller, **{"code": code_of(caller), **changes}))[1] == number


def test_a_code_asked_for_without_a_challenge_needs_no_verifier(caller: Caller) -> None:
    code = code_of(caller, code_challenge=None, code_challenge_method=None)
    assert exchange(caller, code, code_verifier="").status_code == 200


def test_a_code_of_another_client_is_refused(caller: Caller) -> None:
    other = caller.control.client("hub-other")
    reply = exchange(caller, code_of(caller), client_id=other["clientId"], client_secret=other["clientSecret"])
    assert refusal(reply) == ("invalid_grant", 70000)


def test_entras_old_refresh_tokens_stay_good(caller: Caller) -> None:
    first = tokens(caller)["refresh_token"]
    second = renew(caller, first).json()["refresh_token"]
    assert (first != second, renew(caller, first).status_code, renew(caller, second).status_code) == (True, 200, 200)


def test_a_strict_issuer_takes_a_refresh_token_once_and_revokes_its_family(caller: Caller) -> None:
    caller.control.set_switch(refresh_rotation="strict")
    first = tokens(caller)["refresh_token"]
    second = renew(caller, first).json()["refresh_token"]
    assert refusal(renew(caller, first)) == ("invalid_grant", 70000)
    assert refusal(renew(caller, second)) == ("invalid_grant", 50173)


def test_a_reply_may_bring_no_new_refresh_token(caller: Caller) -> None:
    caller.control.set_switch(refresh_in_reply="absent")
    assert "refresh_token" not in renew(caller, tokens(caller)["refresh_token"]).json()


@pytest.mark.parametrize(("days", "status"), [(89, 200), (90, 400)])
def test_a_refresh_token_dies_after_ninety_days_without_use(caller: Caller, days: int, status: int) -> None:
    refresh_token = tokens(caller)["refresh_token"]
    caller.control.clock(advance=days * DAY)
    assert renew(caller, refresh_token).status_code == status


def test_every_use_gives_ninety_days_more(caller: Caller) -> None:
    refresh_token = tokens(caller)["refresh_token"]
    for _ in range(3):
        caller.control.clock(advance=60 * DAY)
        reply = renew(caller, refresh_token)
        refresh_token = reply.json()["refresh_token"]
    assert reply.status_code == 200


def test_the_consents_of_one_user_can_be_revoked(caller: Caller) -> None:
    alice, bob = (tokens(caller, user)["refresh_token"] for user in ("alice", "bob"))
    assert caller.control.revoke_grants("alice") == 1
    assert (refusal(renew(caller, alice)), renew(caller, bob).status_code) == (("invalid_grant", 50173), 200)
    assert caller.control.revoke_grants() == 1


def test_a_disabled_user_gets_nothing(caller: Caller) -> None:
    code, refresh_token = code_of(caller), tokens(caller)["refresh_token"]
    caller.control.set_account("alice", disabled=True)
    assert {refusal(exchange(caller, code)), refusal(renew(caller, refresh_token))} == {("invalid_grant", 50057)}
    with pytest.raises(ControlError, match="AADSTS50057"):
        code_of(caller)
    caller.control.set_account("alice", disabled=False)
    assert renew(caller, refresh_token).status_code == 200


def test_a_refresh_token_of_another_client_is_refused(caller: Caller) -> None:
    other = caller.control.client("hub-other")
    reply = renew(
        caller,
        tokens(caller)["refresh_token"],
        client_id=other["clientId"],
        client_secret=other["clientSecret"],
    )
    assert refusal(reply) == ("invalid_grant", 70000)


def test_conditional_access_can_be_planned_for_a_refresh(caller: Caller) -> None:
    refresh_token = tokens(caller)["refresh_token"]
    caller.control.token_error(caller.client["clientId"], "interaction_required", times=1)
    assert refusal(renew(caller, refresh_token)) == ("interaction_required", PROBLEMS["interaction_required"].number)


def test_a_reset_forgets_all_consents(control: Control) -> None:
    caller = Caller(control)
    refresh_token = tokens(caller)["refresh_token"]
    control.reset()
    assert refusal(renew(caller, refresh_token)) == ("invalid_grant", 70000)
    caller.close()


def test_neither_code_nor_refresh_token_is_journaled(caller: Caller) -> None:
    code = code_of(caller)
    refresh_token = exchange(caller, code).json()["refresh_token"]
    renew(caller, refresh_token)
    journal = str(caller.control.journal())
    assert [text in journal for text in (code, refresh_token, VERIFIER, "refresh_token")] == [False, False, False, True]
