"""Asking Microsoft Entra for a token, and what its refusals mean."""

from dataclasses import replace
from urllib.parse import parse_qs

import orjson
import pytest
import requests

from sync.connectors.entra import Entra, Issued
from sync.connectors.http import Web
from sync.model.errors import ConsentError, RetryLaterError, SetupError, SyncError
from sync.model.secret import Secret
from tests.connectors.kit import CONNECTION, ENTRA, SECRET, Canned, Net, VirtualTime, document, sample


def ask(*script: Canned, tenant: str = CONNECTION.tenant_id) -> tuple[Issued, Net]:
    net = Net()
    net.entra_script = list(script)
    entra = Entra(f"{ENTRA}/", Web(lambda: "request-1", adapter=net), VirtualTime())
    return entra.issue(replace(CONNECTION, tenant_id=tenant), SECRET), net


def refusal_of(*script: Canned) -> SyncError:
    with pytest.raises(SyncError) as caught:
        ask(*script)
    return caught.value


def told(error: str | None, *numbers: int) -> Canned:
    body = {"error": error, "error_description": "AADSTS: secret words", "error_codes": list(numbers)}
    return document({name: value for name, value in body.items() if value is not None}, 400)


def test_a_token_comes_with_its_lifetime() -> None:
    issued, _ = ask(Canned(200, sample("entra-token-client-credentials-200.json")))
    assert issued == Issued(Secret("eyJ0eXAiOiJKV1Qi.not-a-real-token.sig"), 3599)


def test_a_token_costs_one_request_to_the_configured_host() -> None:
    _, net = ask()
    assert [request.url for request in net.token_requests] == [f"{ENTRA}/{CONNECTION.tenant_id}/oauth2/v2.0/token"]


def test_the_scope_is_business_central_s_whatever_its_address_is() -> None:
    _, net = ask()
    form = parse_qs(str(net.token_requests[0].body))
    assert form["scope"] == ["https://api.businesscentral.dynamics.com/.default"]
    assert (form["grant_type"], form["client_secret"]) == (["client_credentials"], ["a-client-secret"])


def test_a_tenant_may_be_a_domain() -> None:
    _, net = ask(tenant="contoso.onmicrosoft.com")
    assert net.token_requests[0].url == f"{ENTRA}/contoso.onmicrosoft.com/oauth2/v2.0/token"


def test_a_tenant_that_is_none_is_a_matter_for_a_person() -> None:
    with pytest.raises(SetupError) as caught:
        ask(tenant="")
    assert caught.value.code == "CONNECTION_INVALID"


def test_every_call_asks_anew_even_after_a_refusal() -> None:
    net = Net()
    net.entra_script = [Canned(400, sample("entra-error-consent-400.json"))]
    entra = Entra(ENTRA, Web(lambda: "request-1", adapter=net), VirtualTime())
    with pytest.raises(ConsentError):
        entra.issue(CONNECTION, SECRET)
    assert entra.issue(CONNECTION, SECRET).token == Secret("token-1")


@pytest.mark.parametrize(
    ("error", "number", "kind", "code"),
    [
        *[("invalid_grant", n, ConsentError, "REAUTH_REQUIRED") for n in (70008, 700082, 50173, 70000, 70043, 700084)],
        *[("invalid_grant", n, ConsentError, "REAUTH_REQUIRED") for n in (50089, 54005, 501481, 65001, 50057, 50055)],
        *[("consent_required", n, ConsentError, "REAUTH_REQUIRED") for n in (65001, 65004, 90094)],
        *[("interaction_required", n, ConsentError, "REAUTH_REQUIRED") for n in (50076, 50079, 50078, 53003, 53000)],
        ("interaction_required", 50158, ConsentError, "REAUTH_REQUIRED"),
        ("login_required", 0, ConsentError, "REAUTH_REQUIRED"),
        *[("invalid_client", n, SetupError, "CREDENTIALS_REFUSED") for n in (7000215, 7000222, 7000218, 7000112, 1)],
        *[("unauthorized_client", n, SetupError, "CREDENTIALS_REFUSED") for n in (700016, 70001)],
        *[("invalid_request", n, SetupError, "CONNECTION_INVALID") for n in (90002, 900144, 9002313)],
        *[("invalid_resource", n, SetupError, "SOURCE_NOT_IN_TENANT") for n in (500011, 650057)],
        ("invalid_scope", 70011, SetupError, "SCOPE_REFUSED"),
        ("something_new", 123, SetupError, "SIGN_IN_REFUSED"),
        *[("temporarily_unavailable", n, RetryLaterError, "SIGN_IN_UNAVAILABLE") for n in (90033, 90006, 50033)],
        *[("server_error", n, RetryLaterError, "SIGN_IN_UNAVAILABLE") for n in (90024, 50087)],
        *[("invalid_grant", n, RetryLaterError, "SIGN_IN_UNAVAILABLE") for n in (50196, 90055)],
        (None, 0, RetryLaterError, "SIGN_IN_UNAVAILABLE"),
    ],
)
def test_each_refusal_has_one_meaning(error: str | None, number: int, kind: type[SyncError], code: str) -> None:
    found = refusal_of(told(error, number))
    assert (type(found), found.code) == (kind, code)


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("entra-error-bad-secret-401.json", 401, "enter the secret's value, not its id"),
        ("entra-error-consent-400.json", 400, "let an administrator grant consent"),
        ("entra-error-refresh-expired-400.json", 400, "has to be authorized again"),
    ],
)
def test_a_refusal_says_what_to_do(name: str, status: int, words: str) -> None:
    assert words in refusal_of(Canned(status, sample(name))).message


def test_an_expired_secret_says_so() -> None:
    assert "has expired: make a new one" in refusal_of(told("invalid_client", 7000222)).message


def test_the_description_stays_out_of_the_message() -> None:
    assert "secret words" not in refusal_of(told("invalid_client", 7000215)).message


def test_numbers_of_other_types_are_no_trouble() -> None:
    body = {"error": "invalid_client", "error_codes": ["7000215", None]}
    assert refusal_of(document(body, 401)).code == "CREDENTIALS_REFUSED"


def test_a_tenant_that_asks_for_less_gets_a_minute() -> None:
    found = refusal_of(told("invalid_grant", 50196))
    assert isinstance(found, RetryLaterError)
    assert found.delay == 60


@pytest.mark.parametrize(
    "reply",
    [
        Canned(200, b""),
        Canned(200, b"<html>"),
        Canned(200, b"[]"),
        Canned(200, b"{}"),
        Canned(200, b'{"access_token":"t"}'),
        Canned(200, b'{"access_token":"t","expires_in":"soon"}'),
        Canned(200, b'{"access_token":"t","expires_in":0}'),
        Canned(200, b'{"access_token":7,"expires_in":60}'),
        Canned(302, b""),
        Canned(429, b"{}"),
        Canned(500, b"{}"),
        Canned(503, orjson.dumps({"error": "invalid_client"})),
        Canned(error=requests.exceptions.ConnectionError()),
        Canned(error=requests.exceptions.ReadTimeout()),
    ],
)
def test_a_reply_that_is_none_may_come_later(reply: Canned) -> None:
    found = refusal_of(reply)
    assert isinstance(found, RetryLaterError)
    assert (found.code, found.delay) == ("SIGN_IN_UNAVAILABLE", 2)


def test_a_retry_after_of_entra_is_never_undercut() -> None:
    found = refusal_of(Canned(429, b"", {"Retry-After": "77"}))
    assert isinstance(found, RetryLaterError)
    assert found.delay > 77


def test_an_address_of_entra_that_is_none_is_a_matter_for_a_person() -> None:
    found = refusal_of(Canned(error=requests.exceptions.InvalidURL()))
    assert type(found) is SetupError
