"""Who may call."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from sync.model.errors import RetryLaterError
from sync.triggers.auth import UnauthorizedError, Verifier
from tests.support.company import VirtualClock
from tests.triggers.kit import AUDIENCE, ISSUER, KEY_ID, TENANT, Office, key_set, private_key, token, trust

NOW = datetime.now(UTC)


class Keys:
    """A key set that counts how often it is asked for, and may be out of order."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: Any = key_set()

    def __call__(self) -> Any:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def clock() -> VirtualClock:
    clock = VirtualClock()
    clock.moment = datetime.now(UTC)
    return clock


@pytest.fixture
def verifier(keys: Keys, clock: VirtualClock) -> Verifier:
    return Verifier(trust(keys), clock)


def test_the_user_is_tenant_and_object_id(verifier: Verifier) -> None:
    assert verifier.owner_of(f"Bearer {token('bob')}").user_id == f"{TENANT}:bob"


def test_the_scheme_is_read_in_any_case(verifier: Verifier) -> None:
    assert verifier.owner_of(f"bEARER  {token()} ").object_id == "alice"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "token"])
def test_no_bearer_token_is_missing_one(verifier: Verifier, header: str | None) -> None:
    with pytest.raises(UnauthorizedError) as refused:
        verifier.owner_of(header)
    assert refused.value.code == "TOKEN_MISSING"


@pytest.mark.parametrize("claim", ["exp", "nbf", "iss", "aud", "tid", "oid"])
def test_every_claim_is_needed(verifier: Verifier, claim: str) -> None:
    with pytest.raises(UnauthorizedError):
        verifier.owner_of(f"Bearer {token(without=claim)}")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"aud": "api://other"},
        {"nbf": NOW + timedelta(days=1)},
        {"tid": "a:b"},
        {"oid": ""},
        {"oid": 5},
        {"tid": "a\nb"},
    ],
)
def test_a_token_that_says_something_else_is_refused(verifier: Verifier, claims: dict[str, Any]) -> None:
    with pytest.raises(UnauthorizedError) as refused:
        verifier.owner_of(f"Bearer {token(**claims)}")
    assert refused.value.code == "TOKEN_INVALID"


def test_an_expired_token_is_refused_as_such(verifier: Verifier) -> None:
    with pytest.raises(UnauthorizedError) as refused:
        verifier.owner_of(f"Bearer {token(exp=NOW - timedelta(minutes=2))}")
    assert refused.value.code == "TOKEN_EXPIRED"


def test_the_issuers_clock_may_be_off_by_some_seconds(verifier: Verifier) -> None:
    late = token(exp=datetime.now(UTC) - timedelta(seconds=5))
    assert verifier.owner_of(f"Bearer {late}").object_id == "alice"


def _claims() -> dict[str, Any]:
    times = {"exp": NOW + timedelta(days=1), "nbf": NOW - timedelta(minutes=1)}
    return {"iss": ISSUER, "aud": AUDIENCE, "tid": TENANT, "oid": "alice", **times}


def _strangers_token() -> str:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(_claims(), stranger, algorithm="RS256", headers={"kid": KEY_ID})


FORGERIES: dict[str, Callable[[], str]] = {
    "no signature": lambda: jwt.encode(_claims(), "", algorithm="none", headers={"kid": KEY_ID}),
    "a shared secret": lambda: jwt.encode(_claims(), "s" * 64, algorithm="HS256", headers={"kid": KEY_ID}),
    "a stranger's key": _strangers_token,
    "no key id": lambda: jwt.encode(_claims(), private_key(), algorithm="RS256"),
    "another algorithm": lambda: jwt.encode(_claims(), private_key(), algorithm="RS512", headers={"kid": KEY_ID}),
    "no token at all": lambda: "eyJhbGciOiJSUzI1NiJ9.e30",
    "odd letters": lambda: "ä.ö.ü",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused(verifier: Verifier, forgery: str) -> None:
    with pytest.raises(UnauthorizedError):
        verifier.owner_of(f"Bearer {FORGERIES[forgery]()}")


def test_a_token_is_verified_once_a_minute(verifier: Verifier, clock: VirtualClock) -> None:
    header = f"Bearer {token()}"
    first = verifier.owner_of(header)
    assert verifier.owner_of(header) is first
    clock.pass_by(61)
    assert verifier.owner_of(header) is not first


def test_a_remembered_token_is_not_believed_past_its_time(verifier: Verifier, clock: VirtualClock) -> None:
    header = f"Bearer {token(exp=clock.now() + timedelta(seconds=5))}"
    first = verifier.owner_of(header)
    clock.pass_by(6)
    assert verifier.owner_of(header) is not first  # verified anew: the leeway is the verification's business


def test_only_so_many_tokens_are_remembered(verifier: Verifier) -> None:
    first = verifier.owner_of(f"Bearer {token('user')}")
    for number in range(1_000):
        verifier._remembered[bytes([number % 256, number // 256])] = (first, NOW)
    verifier.owner_of(f"Bearer {token('last')}")
    assert len(verifier._remembered) == 1_000


def test_the_keys_are_fetched_once(verifier: Verifier, keys: Keys) -> None:
    for user in ("a", "b", "c"):
        verifier.owner_of(f"Bearer {token(user)}")
    assert keys.asked == 1


def test_unknown_key_ids_do_not_hammer_the_issuer(verifier: Verifier, keys: Keys) -> None:
    for number in range(20):
        with pytest.raises(UnauthorizedError):
            verifier.owner_of(f"Bearer {token(key_id=f'k{number}')}")
    assert keys.asked == 2


@pytest.mark.parametrize("answer", [OSError("x"), RetryLaterError("down", delay=1), {"keys": []}, [], "text"])
def test_no_token_can_be_verified_while_the_keys_are_not_there(
    verifier: Verifier, keys: Keys, clock: VirtualClock, answer: Any
) -> None:
    keys.answer = answer if not isinstance(answer, OSError) else ValueError("no JSON")
    for _ in range(3):
        with pytest.raises(RetryLaterError) as refused:
            verifier.owner_of(f"Bearer {token()}")
        assert refused.value.code == "SIGNING_KEYS_UNAVAILABLE"
    assert keys.asked == 1
    keys.answer = key_set()
    clock.pass_by(3)
    assert verifier.owner_of(f"Bearer {token()}").object_id == "alice"


ROUTES = [
    ("GET", ""),
    ("PATCH", ""),
    ("DELETE", ""),
    ("GET", "/dynamics/companies"),
    ("POST", "/dynamics/test"),
    ("POST", "/dynamics/sync"),
    ("GET", "/dynamics/environments"),
    ("POST", "/dynamics/authorize"),
    ("GET", "/runs"),
    ("GET", "/runs/{run}"),
    ("POST", "/runs/{run}/cancel"),
    ("POST", "/runs/{run}/retry"),
    ("GET", "/runs/{run}/errors"),
    ("GET", "/runs/{run}/certificate"),
    ("GET", "/runs/{run}/causes"),
    ("GET", "/runs/{run}/download"),
    ("GET", "/runs/{run}/errors/download"),
    ("GET", "/timeline"),
    ("GET", "/failures"),
    ("GET", "/sync-logs"),
    *((method, f"/{entity}") for entity in ("suppliers", "products") for method in ("GET", "POST")),
    *((method, f"/{entity}/x") for entity in ("suppliers", "products") for method in ("GET", "PATCH")),
    *(("GET", f"/{entity}/x/{what}") for entity in ("suppliers", "products") for what in ("timeline", "explain")),
    *((method, f"/mappings/{entity}") for entity in ("suppliers", "products") for method in ("GET", "PUT")),
    ("POST", "/mappings/suppliers/preview"),
    ("POST", "/mappings/products/preview"),
    ("GET", "/mappings/suppliers/vocabulary"),
    ("GET", "/dynamics/schema"),
    ("GET", "/mappings/suppliers/versions"),
    ("GET", "/mappings/suppliers/versions/1"),
    ("GET", "/mappings/suppliers/versions/1/diff"),
    ("POST", "/mappings/suppliers/versions/1/restore"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_someone_elses_integration_is_not_there(office: Office, method: str, path: str) -> None:
    home = f"/api/integrations/{office.integrated()}"
    run = office.ask("POST", f"{home}/dynamics/sync").data["runId"]
    office.user = "mallory"
    refused = office.ask(method, home + path.replace("{run}", run))
    assert (refused.status, refused.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize(("method", "path"), [*ROUTES, ("POST", "/../integrations"), ("GET", "/../integrations")])
def test_no_route_answers_without_a_token(office: Office, method: str, path: str) -> None:
    place = "/api/integrations" if path.startswith("/..") else f"/api/integrations/int_1{path.replace('{run}', 'r')}"
    refused = office.ask(method, place, Authorization="")
    assert (refused.status, refused.code, refused.headers["www-authenticate"]) == (401, "TOKEN_MISSING", "Bearer")


def test_a_bad_token_is_named_in_the_challenge(office: Office) -> None:
    refused = office.ask("GET", "/api/integrations", Authorization="Bearer x.y.z")
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_a_list_shows_only_the_callers_own(office: Office) -> None:
    office.integrated()
    office.user = "mallory"
    assert office.ask("GET", "/api/integrations").data == []
