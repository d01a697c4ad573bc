"""Tokens with which the hub acts for a user: signing in, exchanging the code, refreshing, and refusals."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import orjson
import pytest
import requests

from sync.connectors.consents import EntraConsents
from sync.connectors.entra import Entra
from sync.model.errors import ConsentError, RetryLaterError, SetupError, SyncError
from sync.model.integration import Consent, Grant
from sync.model.secret import Secret
from sync.ports import Proof
from sync.storage.memory import MemorySecretStore
from tests.connectors.kit import CONNECTION, ENTRA, NOW, SECRET, Canned, Net, Place, document, place

NAME = "consent-1"
CONSENTED = replace(CONNECTION, grant=Grant.AUTHORIZATION_CODE, consent=Consent(NAME, NOW))
BACK = "https://hub.example/api/integrations/dynamics/callback"
PROOF = Proof(Secret("a-code"), Secret("v" * 43), BACK)
HOUR = 3600


def tokens(number: int, *, life: int = HOUR, rotated: bool = True) -> Canned:
    """Return an answer with access-N and, unless it is not rotated, refresh-N."""
    rotation = {"refresh_token": f"refresh-{number}"} if rotated else {}
    return document({"access_token": f"access-{number}", "expires_in": life, **rotation})


def refused(error: str = "invalid_grant", number: int = 700082) -> Canned:
    return document({"error": error, "error_codes": [number]}, 400)


def consents(here: Place) -> EntraConsents:
    return EntraConsents(Entra(ENTRA, here.web, here.time), here.secrets, here.time)


def consented(*later: Canned, **stores: Any) -> Place:
    """Return a process after a code was exchanged for access-1 and refresh-1."""
    here = Place(Net(), **stores)
    here.net.entra_script = [tokens(1), *later]
    consents(here).redeem(CONSENTED, SECRET, PROOF)
    return here


def get(here: Place) -> str:
    return here.tokens.get(CONSENTED, SECRET).reveal()


def neighbour(here: Place) -> Place:
    return Place(here.net, here.time, here.secrets, here.leases)


def kept(here: Place) -> Mapping[str, Any]:
    found = here.secrets.get(NAME)
    assert found is not None
    facts: dict[str, Any] = orjson.loads(found.reveal())
    return facts


def form(request: requests.PreparedRequest) -> dict[str, str]:
    return dict(parse_qsl(str(request.body)))


def refreshed_with(here: Place) -> list[str]:
    """Return the refresh tokens that Entra saw."""
    return [form(each)["refresh_token"] for each in here.net.token_requests[1:]]


def refusal_of(here: Place) -> SyncError:
    with pytest.raises(SyncError) as caught:
        get(here)
    return caught.value


def test_the_sign_in_page_is_asked_with_the_hash_of_the_verifier() -> None:
    address = consents(place()).sign_in_address(CONSENTED, redirect_uri=BACK, state="a.b", verifier=PROOF.verifier)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    digest = sha256(PROOF.verifier.reveal().encode()).digest()
    assert address.startswith(f"{ENTRA}/{CONNECTION.tenant_id}/oauth2/v2.0/authorize?")
    assert asked == {
        "client_id": CONNECTION.client_id,
        "response_type": "code",
        "response_mode": "query",
        "redirect_uri": BACK,
        "scope": "https://api.businesscentral.dynamics.com/.default offline_access",
        "state": "a.b",
        "code_challenge": urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        "prompt": "select_account",
    }


def test_a_code_is_exchanged_with_its_proof_and_the_secret() -> None:
    here = consented()
    (request,) = here.net.token_requests
    assert request.url == f"{ENTRA}/{CONNECTION.tenant_id}/oauth2/v2.0/token"
    assert form(request) == {
        "grant_type": "authorization_code",
        "client_id": CONNECTION.client_id,
        "client_secret": SECRET.reveal(),
        "scope": "https://api.businesscentral.dynamics.com/.default offline_access",
        "code": "a-code",
        "code_verifier": "v" * 43,
        "redirect_uri": BACK,
    }


def test_the_token_of_the_exchange_serves_every_process() -> None:
    here = consented()
    assert [get(here), get(neighbour(here)), len(here.net.token_requests)] == ["access-1", "access-1", 1]


def test_an_exchange_without_a_refresh_token_is_refused() -> None:
    here = place()
    here.net.entra_script = [tokens(1, rotated=False)]
    with pytest.raises(ConsentError, match="offline_access"):
        consents(here).redeem(CONSENTED, SECRET, PROOF)
    assert here.secrets.get(NAME) is None


@pytest.mark.parametrize(("number", "words"), [(54005, "used before"), (501481, "verifier"), (70008, "expired")])
def test_a_refused_code_says_why(number: int, words: str) -> None:
    here = place()
    here.net.entra_script = [refused(number=number)]
    with pytest.raises(ConsentError, match=words):
        consents(here).redeem(CONSENTED, SECRET, PROOF)


def test_an_expired_client_secret_is_named_when_a_code_is_exchanged() -> None:
    here = place()
    here.net.entra_script = [refused("invalid_client", 7000222)]
    with pytest.raises(SetupError, match="client secret has expired"):
        consents(here).redeem(CONSENTED, SECRET, PROOF)


def test_an_unavailable_entra_is_no_verdict_on_a_code() -> None:
    here = place()
    here.net.entra_script = [Canned(503, b"")]
    with pytest.raises(RetryLaterError):
        consents(here).redeem(CONSENTED, SECRET, PROOF)


def test_without_a_client_secret_no_code_is_exchanged() -> None:
    here = place()
    with pytest.raises(SetupError) as caught:
        consents(here).redeem(CONSENTED, None, PROOF)
    assert (caught.value.code, here.net.token_requests) == ("CLIENT_SECRET_MISSING", [])


@pytest.mark.parametrize(
    ("error", "text", "code", "words"),
    [
        ("access_denied", "AADSTS65004: User declined.", "CONSENT_DECLINED", "authorize again and accept"),
        ("access_denied", "AADSTS90094: Admin.\r\nTrace ID: 1", "CONSENT_DECLINED", "administrator"),
        ("invalid_scope", "AADSTS70011: <b>planted</b>", "SCOPE_REFUSED", "AADSTS70011"),
        ("made_up", "planted words", "SIGN_IN_REFUSED", "app registration"),
        ("server_error", "", "SIGN_IN_UNAVAILABLE", "later"),
    ],
)
def test_an_error_of_the_page_is_told_in_our_own_words(error: str, text: str, code: str, words: str) -> None:
    told = consents(place()).refusal(error, text)
    assert (told.code, words in told.message, "planted" in told.message) == (code, True, False)


def test_a_connection_without_consent_has_to_be_authorized_and_costs_nothing() -> None:
    here = place()
    with pytest.raises(SetupError) as caught:
        here.tokens.get(replace(CONSENTED, consent=None), SECRET)
    assert (caught.value.code, here.net.token_requests) == ("SETUP_REQUIRED", [])


def test_a_refresh_sends_the_newest_refresh_token() -> None:
    here = consented(tokens(2), tokens(3))
    for _ in range(2):
        here.time.passed += HOUR
        get(here)
    assert (refreshed_with(here), get(here)) == (["refresh-1", "refresh-2"], "access-3")


def test_a_reply_without_a_new_refresh_token_keeps_the_old_one() -> None:
    here = consented(tokens(2, rotated=False), tokens(3))
    for _ in range(2):
        here.time.passed += HOUR
        get(here)
    assert refreshed_with(here) == ["refresh-1", "refresh-1"]


def test_the_new_refresh_token_is_kept_together_with_the_token_it_came_with() -> None:
    here = consented(tokens(2))
    here.time.passed = HOUR
    get(here)
    facts = kept(here)
    assert (facts["token"], facts["refreshToken"]) == ("access-2", "refresh-2")


class FullSecrets(MemorySecretStore):
    """Takes so many values, and then no more."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def set(self, name: str, value: Secret) -> None:
        """Store the value while there is room."""
        if self.room <= 0:
            raise RetryLaterError("busy", delay=1, code="STORAGE_UNAVAILABLE")
        self.room -= 1
        super().set(name, value)


def test_a_token_whose_refresh_token_could_not_be_kept_is_given_to_nobody() -> None:
    here = consented(tokens(2), secrets=FullSecrets(1))
    here.time.passed = HOUR
    assert refusal_of(here).code == "STORAGE_UNAVAILABLE"
    assert kept(here)["token"] == "access-1"


def crashed(later: Canned) -> Place:
    """Return another process after one died between a refresh and keeping its tokens; Entra answers so then."""
    secrets = FullSecrets(1)
    here = consented(tokens(2), later, secrets=secrets)
    here.time.passed = HOUR
    refusal_of(here)
    secrets.room = 9
    return neighbour(here)


def test_a_crash_between_refresh_and_store_leaves_a_pair_that_works_where_old_tokens_stay_good() -> None:
    there = crashed(tokens(3))
    assert (get(there), kept(there)["refreshToken"]) == ("access-3", "refresh-3")


def test_a_crash_between_refresh_and_store_asks_to_authorize_where_old_tokens_die() -> None:
    assert isinstance(refusal_of(crashed(refused(number=70000))), ConsentError)


def test_a_refused_consent_is_not_tried_again_for_an_hour_by_any_process() -> None:
    here = consented(refused(), refused())
    here.time.passed = HOUR
    codes = [refusal_of(here).code]
    for _ in range(59):
        here.time.passed += 60
        codes += [refusal_of(here).code, refusal_of(neighbour(here)).code]
    assert (set(codes), len(refreshed_with(here))) == ({"REAUTH_REQUIRED"}, 1)
    here.time.passed += 61
    refusal_of(here)
    assert len(refreshed_with(here)) == 2


def test_a_remembered_refusal_keeps_its_words() -> None:
    here = consented(refused("interaction_required", 50076))
    here.time.passed = HOUR
    first, second = refusal_of(here), refusal_of(neighbour(here))
    assert first.message == second.message
    assert "AADSTS50076" in second.message


def test_a_consent_that_works_again_after_an_hour_is_good() -> None:
    here = consented(refused("interaction_required", 53003), tokens(2), tokens(3))
    here.time.passed = HOUR
    refusal_of(here)
    here.time.passed += HOUR
    assert get(here) == "access-2"
    here.time.passed += HOUR
    assert (get(here), refreshed_with(here)[1:]) == ("access-3", ["refresh-1", "refresh-2"])


@pytest.mark.parametrize("answer", [Canned(503, b""), refused("invalid_client", 7000215)])
def test_trouble_that_is_not_the_consents_fault_is_not_held_against_it(answer: Canned) -> None:
    here = consented(answer, tokens(2))
    here.time.passed = HOUR
    refusal_of(here)
    here.time.passed += 60
    assert get(here) == "access-2"


def test_a_corrected_client_secret_is_tried_at_once() -> None:
    here = consented(refused("invalid_client", 7000215), tokens(2))
    here.time.passed = HOUR
    refusal_of(here)
    assert here.tokens.get(CONSENTED, Secret("the right one")).reveal() == "access-2"


def test_a_new_consent_is_used_at_once_after_a_refusal() -> None:
    here = consented(refused(), tokens(2))
    here.time.passed = HOUR
    refusal_of(here)
    again = replace(CONSENTED, consent=Consent("consent-2", NOW + timedelta(hours=1)))
    consents(here).redeem(again, SECRET, PROOF)
    assert here.tokens.get(again, SECRET).reveal() == "access-2"


def test_each_consent_has_its_own_token() -> None:
    here = consented(tokens(2))
    other = replace(CONSENTED, consent=Consent("consent-2", NOW))
    consents(here).redeem(other, SECRET, PROOF)
    assert [get(here), here.tokens.get(other, SECRET).reveal()] == ["access-1", "access-2"]


def test_a_token_that_business_central_refused_is_refreshed_once() -> None:
    here = consented(tokens(2))
    here.tokens.invalidate(CONSENTED, SECRET, Secret(get(here)))
    assert [get(here), get(here), refreshed_with(here)] == ["access-2", "access-2", ["refresh-1"]]


def test_a_consent_that_is_gone_asks_to_authorize() -> None:
    here = consented()
    here.secrets.delete(NAME)
    assert (refusal_of(here).code, refreshed_with(here)) == ("REAUTH_REQUIRED", [])


def test_a_consent_removed_while_it_was_refreshed_does_not_come_back() -> None:
    here = consented()
    gone = Vanishing(here)
    here.net.entra_script = [tokens(2)]
    here.time.passed = HOUR
    with pytest.raises(ConsentError):
        Place(gone, here.time, here.secrets, here.leases).tokens.get(CONSENTED, SECRET)
    assert here.secrets.get(NAME) is None


def test_a_refusal_is_not_believed_when_another_process_has_refreshed_meanwhile() -> None:
    here = consented()
    here.time.passed = HOUR
    net = Overtaken(here)
    place = Place(net, here.time, here.secrets, here.leases)
    assert place.tokens.get(CONSENTED, SECRET).reveal() == "access-2"
    assert (kept(here)["refreshToken"], "refusal" in kept(here)) == ("refresh-2", False)


class Overtaken(Net):
    """Refuses a refresh after somebody else's went well."""

    def __init__(self, here: Place) -> None:
        super().__init__()
        self.here = here

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Keep the other's tokens, then refuse."""
        renew_at = (self.here.time.now() + timedelta(hours=1)).isoformat()
        facts = {"token": "access-2", "renewAt": renew_at, "refreshToken": "refresh-2"}
        self.here.secrets.set(NAME, Secret(orjson.dumps({**kept(self.here), **facts}).decode()))
        self.here.net.entra_script = [refused()]
        return self.here.net.send(request, *args, **kwargs)


class Vanishing(Net):
    """Answers after the consent was removed."""

    def __init__(self, here: Place) -> None:
        super().__init__()
        self.here = here

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Let the consent vanish, then answer."""
        self.here.secrets.delete(NAME)
        return self.here.net.send(request, *args, **kwargs)
