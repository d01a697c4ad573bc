"""Asks Microsoft Entra for tokens, and says what its refusals mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import msal  # type: ignore[import-untyped]  # the package ships no types
import orjson

from sync.connectors.faults import decoded
from sync.connectors.http import Answer, Web
from sync.engine.retry import parse_retry_after
from sync.model.bridge import DynamicsAccess
from sync.model.errors import ConsentError, RefusedError, RetryLaterError, SetupError, SyncError
from sync.model.integration import Connection
from sync.model.secret import Secret
from sync.ports import Clock, Proof

TOKEN_TIMEOUTS = (4.0, 9.0)
"""Seconds to connect and to read; together shorter than the lease of a refresh."""

SCOPE = "https://api.businesscentral.dynamics.com/.default"
"""The same whatever address Business Central has."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What tokens are for: its scope, its name, and the permission that an app needs for it."""

    scope: str
    name: str
    permission: str


BUSINESS_CENTRAL = Resource(SCOPE, "Business Central", "API.ReadWrite.All of Dynamics 365 Business Central")

DELEGATED_SCOPE = f"{SCOPE} offline_access"
"""With a refresh token."""

_PUBLIC = "https://login.microsoftonline.com"
_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, *range(500, 600)})
_UNAVAILABLE = "SIGN_IN_UNAVAILABLE"
_SOON = 2.0
_BACK_OFF = 60.0
_TOO_FAST = frozenset({50196, 90055})
"""Loop detected, tenant throttled: Entra asks for less whatever the error says."""

_CONSENT = (ConsentError, "REAUTH_REQUIRED", "The connection has to be authorized again.")
_CREDENTIALS = (
    SetupError,
    "CREDENTIALS_REFUSED",
    "Microsoft Entra refuses the app's credentials. Check tenant id, client id and client secret of the connection.",
)
_RULINGS: dict[str, tuple[type[SetupError], str, str]] = {
    "invalid_grant": _CONSENT,
    "consent_required": _CONSENT,
    "interaction_required": _CONSENT,
    "login_required": _CONSENT,
    "access_denied": (ConsentError, "CONSENT_DECLINED", "The sign-in ended without consent."),
    "invalid_client": _CREDENTIALS,
    "unauthorized_client": _CREDENTIALS,
    "invalid_request": (
        SetupError,
        "CONNECTION_INVALID",
        "Microsoft Entra does not understand the connection. Check its tenant id and client id.",
    ),
    "invalid_resource": (
        SetupError,
        "SOURCE_NOT_IN_TENANT",
        "This Entra tenant does not know {name}. Let an admin sign in to it once, or correct the tenant id.",
    ),
    "invalid_scope": (
        SetupError,
        "SCOPE_REFUSED",
        "Microsoft Entra refuses the scope. Grant the app {permission}.",
    ),
}
_UNKNOWN = (SetupError, "SIGN_IN_REFUSED", "Microsoft Entra refuses the sign-in. Check the app registration in Entra.")
_TRANSIENT = frozenset({"temporarily_unavailable", "server_error"})

_DETAILS = {
    7000215: "The client secret is wrong: enter the secret's value, not its id.",
    7000222: "The client secret has expired: make a new one in the app registration and enter it here.",
    7000218: "There is no client secret: enter one.",
    700016: "The client id is not an app of this tenant: correct client id or tenant id, or let an admin consent.",
    7000112: "The app is disabled in this tenant: enable it in Entra.",
    70001: "The app is disabled or unknown in this tenant: enable it in Entra.",
    90002: "There is no such tenant: correct the tenant id.",
    900144: "A part of the request is missing: check that tenant id and client id are complete.",
    9002313: "The request is malformed: check tenant id and client id.",
    500011: "The service principal of {name} is missing in the tenant.",
    650057: "The app registration does not list {name} among its API permissions.",
    65001: "Nobody has consented yet: let an administrator grant consent for the app.",
    65004: "Consent was declined: authorize again and accept.",
    90094: "An administrator's consent is needed: let an administrator grant it.",
    70008: "The grant has expired.",
    70000: "The grant is not valid any more.",
    70043: "The sign-in is too old for the tenant's policy.",
    700082: "The refresh token has expired because it was not used.",
    700084: "The refresh token's fixed life has ended.",
    50173: "The grant was revoked.",
    50089: "The sign-in took too long.",
    54005: "The authorization code was used before.",
    501481: "The code verifier does not match.",
    50076: "Multi-factor authentication is needed: sign in interactively.",
    50078: "Multi-factor authentication has expired: sign in interactively.",
    50079: "Multi-factor authentication has to be set up: sign in interactively.",
    53000: "The device does not meet the tenant's policy: sign in interactively from one that does.",
    53003: "Conditional Access blocks the sign-in: ask the tenant's administrator.",
    50158: "A further sign-in step is needed: sign in interactively.",
    50055: "The user's password has expired: sign in anew or with another user.",
    50057: "The user is disabled: authorize with another user.",
}


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token, the seconds that it lives, and the refresh token that came with it."""

    token: Secret
    lifetime: float
    refresh_token: Secret | None = None


class Entra:
    """The token endpoint of Microsoft Entra, asked once for each call; nothing is remembered."""

    def __init__(self, entra_url: str, web: Web, clock: Clock) -> None:
        self.url = entra_url.rstrip("/")
        self._web = web
        self._clock = clock

    def issue(
        self, connection: Connection | DynamicsAccess, secret: Secret, resource: Resource = BUSINESS_CENTRAL
    ) -> Issued:
        """Return a new token for the app itself.

        Raises:
            ConsentError: The connection has to be authorized again.
            SetupError: Credentials or configuration are refused.
            RetryLaterError: Entra is not available (SIGN_IN_UNAVAILABLE).
        """
        try:
            app = msal.ConfidentialClientApplication(  # a new one each time: an old one replays its errors for 60 s
                connection.client_id,
                client_credential=secret.reveal(),
                authority=f"{_PUBLIC}/{quote(connection.tenant_id, safe='')}",
                instance_discovery=False,
                http_client=_Wire(self.url, self._web, self._clock),
            )
        except ValueError as error:
            message = "The connection's tenant id or client id is not acceptable. Correct it."
            raise SetupError(message, code="CONNECTION_INVALID") from error
        result: dict[str, Any] = app.acquire_token_for_client([resource.scope]) or {}
        if "access_token" not in result:
            raise refusal(result, resource)
        return _issued(result)

    def redeem(self, connection: Connection, secret: Secret, proof: Proof) -> Issued:
        """Return the tokens that an authorization code is exchanged for (raises as issue does)."""
        told = {"code": proof.code.reveal(), "code_verifier": proof.verifier.reveal()}
        return self._ask(connection, secret, "authorization_code", {**told, "redirect_uri": proof.redirect_uri})

    def refresh(self, connection: Connection, secret: Secret, refresh_token: Secret) -> Issued:
        """Return a new token for a user, mostly with a new refresh token (raises as issue does)."""
        return self._ask(connection, secret, "refresh_token", {"refresh_token": refresh_token.reveal()})

    def _ask(self, connection: Connection, secret: Secret, grant: str, proof: Mapping[str, str]) -> Issued:
        """Post the form itself: MSAL would ask for an ID token, too, and check it by the machine's own clock."""
        form = {
            "grant_type": grant,
            "client_id": connection.client_id,
            "client_secret": secret.reveal(),
            "scope": DELEGATED_SCOPE,
            **proof,
        }
        url = f"{_PUBLIC}/{quote(connection.tenant_id, safe='')}/oauth2/v2.0/token"
        result = decoded(_Wire(self.url, self._web, self._clock).post(url, data=form, headers={}).text.encode())
        if "access_token" not in result:
            raise refusal(result)
        return _issued(result)


def refusal(result: Mapping[str, Any], resource: Resource = BUSINESS_CENTRAL) -> SyncError:
    """Return the error that a token reply means: its `error` decides, AADSTS numbers only add what to do."""
    error = result.get("error")
    numbers = [number for number in result.get("error_codes") or () if isinstance(number, int)]
    shown = ", ".join(f"AADSTS{number}" for number in numbers[:3])
    if not isinstance(error, str) or error in _TRANSIENT:
        return _unavailable(_SOON, shown)
    if _TOO_FAST.intersection(numbers):
        return _unavailable(_BACK_OFF, shown)
    kind, code, advice = _RULINGS.get(error, _UNKNOWN)
    details = [_DETAILS[number] for number in numbers if number in _DETAILS]
    told = " ".join([advice, *details]).format(name=resource.name, permission=resource.permission)
    return kind(f"{told} [{shown or code}]", code=code)


def _issued(result: Mapping[str, Any]) -> Issued:
    refresh_token = result.get("refresh_token")
    kept = Secret(refresh_token) if isinstance(refresh_token, str) and refresh_token else None
    return Issued(Secret(result["access_token"]), float(result["expires_in"]), kept)


def _unavailable(delay: float, shown: str) -> RetryLaterError:
    message = f"Microsoft Entra is not available at present. It is asked again later. {f'[{shown}]' if shown else ''}"
    return RetryLaterError(message.rstrip(), delay=delay, code=_UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class _Reply:
    """A reply as MSAL reads it."""

    status_code: int
    text: str
    headers: Mapping[str, str]


class _Wire:
    """MSAL's HTTP client: discovery is answered from what is known, tokens are asked for at the configured host."""

    def __init__(self, entra_url: str, web: Web, clock: Clock) -> None:
        self._url = entra_url
        self._web = web
        self._clock = clock

    def get(self, url: str, **_: Any) -> _Reply:
        """Return the OpenID configuration of the tenant in the address."""
        authority = url.removesuffix("/v2.0/.well-known/openid-configuration")
        known = {
            "issuer": f"{authority}/v2.0",
            "authorization_endpoint": f"{authority}/oauth2/v2.0/authorize",
            "token_endpoint": f"{authority}/oauth2/v2.0/token",
        }
        return _Reply(200, orjson.dumps(known).decode(), {})

    def post(self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], **_: Any) -> _Reply:
        """Return the token endpoint's reply if it is one that MSAL can read."""
        try:
            answer = self._web.post_form(self._url + url.removeprefix(_PUBLIC), data, headers)
        except RetryLaterError as error:
            raise _unavailable(_SOON, "") from error
        except RefusedError as error:
            raise SetupError("Microsoft Entra's address is not acceptable. Check HUB_ENTRA_URL.") from error
        if answer.status in _BUSY or not _is_readable(answer):
            raise _unavailable(self._delay(answer), "")
        return _Reply(answer.status, answer.body.decode(), {})

    def close(self) -> None:
        """Leave the connections to their owner."""

    def _delay(self, answer: Answer) -> float:
        headers = answer.headers
        asked = parse_retry_after(headers.get("Retry-After"), date=headers.get("Date"), now=self._clock.now())
        return _SOON if asked is None else asked


def _is_readable(answer: Answer) -> bool:
    try:
        reply = decoded(answer.body)
        return isinstance(reply["access_token"], str) and int(reply["expires_in"]) > 0 if "error" not in reply else True
    except (ValueError, LookupError, TypeError):
        return False
