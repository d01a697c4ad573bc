"""The platform's own sign-in: people get tokens for the product's API from a single-page application."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from sandbox.business_central import Call
from sandbox.clock import Clock
from sandbox.grants import Family, GrantRefusedError, Grants
from sandbox.replies import HTML, Reply, correlation, json_reply
from sandbox.switches import Switches
from sandbox.tokens import HUB_AUDIENCE, HUB_ISSUER, TokenMint
from sandbox.world import USERS, App, User

NAME = "hub"
"""First part of every path of this authority."""
CONSOLE = App("console", "", "c0ffee00-0000-4000-8000-000000000007", "")
"""The single-page application; it has no secret, and any redirect address serves."""
REFRESH_SECONDS = 86_400
"""Life of a single-page application's refresh tokens, counted from the sign-in; using one does not lengthen it."""

_SESSION = "ESTSAUTH"
_BAD_REQUEST, _FOUND, _NO_CONTENT = 400, 302, 204
_REFUSALS: dict[str, tuple[str, int, str]] = {
    "no_origin": (
        "invalid_request",
        9002327,
        "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
    ),
    "no_proof": (
        "invalid_request",
        9002325,
        "Proof Key for Code Exchange is required for cross-origin authorization code redemption.",
    ),
    "has_secret": ("invalid_client", 700025, "Client is public so neither client_secret nor assertion is allowed."),
    "unknown_app": ("unauthorized_client", 700016, "Application was not found in the directory."),
    "bad_grant_type": ("unsupported_grant_type", 70003, "The app requested an unsupported grant type."),
    "missing_parameter": ("invalid_request", 900144, "The request body must contain a parameter."),
    "code_expired": ("invalid_grant", 70008, "The provided authorization code has expired."),
    "code_used": ("invalid_grant", 54005, "OAuth2 Authorization code was already redeemed."),
    "bad_verifier": ("invalid_grant", 501481, "The Code_Verifier does not match the code_challenge."),
    "bad_redirect": ("invalid_grant", 500112, "The reply address does not match the one of the request."),
    "user_disabled": ("invalid_grant", 50057, "The user account is disabled."),
    "grant_revoked": ("invalid_grant", 50173, "The provided grant has expired due to it being revoked."),
    "refresh_too_old": (
        "invalid_grant",
        700084,
        "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime.",
    ),
}
_ANY_GRANT = ("invalid_grant", 70000, "The provided grant is not valid.")
_PROOFS = {"authorization_code": "code", "refresh_token": "refresh_token"}


@dataclass(slots=True)
class Session(Family):
    """One sign-in of the single-page application."""

    nonce: str = ""
    since: float = 0.0


class Platform:
    """Answers below `/hub`: configuration, sign-in page, tokens, sign-out."""

    def __init__(self, mint: TokenMint, grants: Grants, clock: Clock, switches: Callable[[], Switches]) -> None:
        self._mint = mint
        self._grants = grants
        self._clock = clock
        self._switches = switches
        self._answers: dict[str, Callable[[Call, dict[str, str]], Reply]] = {
            "v2.0/.well-known/openid-configuration": self._configuration,
            "discovery/v2.0/keys": lambda _call, _form: json_reply(self._mint.keys()),
            "oauth2/v2.0/authorize": self._authorize,
            "oauth2/v2.0/token": self._token,
            "oauth2/v2.0/logout": _log_out,
        }

    def answer(self, call: Call, form: dict[str, str]) -> Reply:
        """Answer one request."""
        found = self._answers.get(call.path.strip("/").removeprefix(f"{NAME}/"))
        return Reply(404, b"", HTML) if found is None else _shared(call, found(call, form))

    def _configuration(self, call: Call, _form: dict[str, str]) -> Reply:
        base = f"{call.origin}/{NAME}"
        return json_reply(
            {
                "issuer": HUB_ISSUER,
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
                "response_modes_supported": ["query", "fragment", "form_post"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    def _authorize(self, call: Call, form: dict[str, str]) -> Reply:
        asked = dict(parse_qsl(call.query, keep_blank_values=True))
        wrong = _wrong(asked)
        if wrong:
            return Reply(_BAD_REQUEST, _document("Sorry, but we're having trouble signing you in", wrong), HTML)
        known = _signed_in(call)
        if asked.get("prompt") == "none":
            silent = {"error": "login_required", "error_description": "AADSTS50058: The user is not signed in."}
            return _returned(asked, silent) if known is None else self._granted(asked, known, call.number)
        if call.method != "POST":
            return Reply(200, _page(), HTML)
        user = USERS.get(form.get("user", ""))
        if user is None or user.name in self._grants.disabled:
            return Reply(_BAD_REQUEST, _document("You cannot sign in", "AADSTS50057: no such account"), HTML)
        return self._granted(asked, user, call.number)

    def _granted(self, asked: Mapping[str, str], user: User, number: int) -> Reply:
        session = Session(CONSOLE.client_id, user, asked["scope"], False, asked.get("nonce", ""), self._clock.now())
        code = self._grants.grant(session, asked["redirect_uri"], asked["code_challenge"])
        reply = _returned(asked, {"code": code, "session_state": correlation(number)})
        return reply.with_headers({"Set-Cookie": f"{_SESSION}={user.name}; Path=/{NAME}; HttpOnly; SameSite=Lax"})

    def _token(self, call: Call, form: dict[str, str]) -> Reply:
        if call.method == "OPTIONS":
            return Reply(_NO_CONTENT, b"", "")
        wrong = _wrong_token(call, form)
        if wrong:
            return _failure(wrong, call.number)
        try:
            return json_reply(self._issued(form))
        except GrantRefusedError as error:
            return _failure(str(error), call.number)

    def _issued(self, form: dict[str, str]) -> dict[str, Any]:
        take = self._grants.redeem if form["grant_type"] == "authorization_code" else self._grants.renew
        session = take(CONSOLE, form)
        if not isinstance(session, Session):
            raise GrantRefusedError("bad_refresh")
        if self._clock.now() >= session.since + REFRESH_SECONDS:
            raise GrantRefusedError("refresh_too_old")
        seconds, now = self._switches().platform_token_seconds, time.time()
        about = {"claims": {"aud": CONSOLE.client_id, "nonce": session.nonce}, "without": ["scp"]}
        answer = {
            "token_type": "Bearer",
            "scope": f"{HUB_AUDIENCE}/access_as_user {HUB_AUDIENCE}/.default",
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": self._mint.user_token(session.user, now, seconds, {}),
            "id_token": self._mint.user_token(session.user, now, seconds, about),
        }
        lasting = "offline_access" in session.scope.split()
        return answer | ({"refresh_token": self._grants.refresh_token(session)} if lasting else {})


def _wrong(asked: Mapping[str, str]) -> str:
    checks = (
        (asked.get("client_id") != CONSOLE.client_id, "AADSTS700016: Application was not found in the directory."),
        (not asked.get("redirect_uri"), "AADSTS900144: The request must contain the parameter: 'redirect_uri'."),
        (
            asked.get("response_type") != "code",
            "AADSTS700054: response_type is not enabled for the application.",
        ),
        (asked.get("response_mode", "query") not in {"query", "fragment"}, "AADSTS90013: Invalid response_mode."),
        (HUB_AUDIENCE not in asked.get("scope", ""), "AADSTS70011: The provided value for scope is not valid."),
        (asked.get("code_challenge_method") != "S256", "AADSTS9002325: Proof Key for Code Exchange is required."),
        (not asked.get("code_challenge"), "AADSTS9002325: Proof Key for Code Exchange is required."),
    )
    return next((text for holds, text in checks if holds), "")


def _wrong_token(call: Call, form: Mapping[str, str]) -> str:
    grant = form.get("grant_type", "")
    checks = (
        ("origin" not in call.headers, "no_origin"),
        (grant not in _PROOFS, "bad_grant_type"),
        (not form.get(_PROOFS.get(grant, "")), "missing_parameter"),
        (form.get("client_id") != CONSOLE.client_id, "unknown_app"),
        ("client_secret" in form, "has_secret"),
        (grant == "authorization_code" and not form.get("code_verifier"), "no_proof"),
    )
    return next((name for holds, name in checks if holds), "")


def _failure(name: str, number: int) -> Reply:
    error, code, text = _REFUSALS.get(name, _ANY_GRANT)
    trace = correlation(number)
    told = {"error": error, "error_description": f"AADSTS{code}: {text} Trace ID: {trace}", "error_codes": [code]}
    return json_reply({**told, "trace_id": trace}, _BAD_REQUEST)


def _returned(asked: Mapping[str, str], answer: Mapping[str, str]) -> Reply:
    mark = "#" if asked.get("response_mode") == "fragment" else "?"
    state = {"state": asked["state"]} if "state" in asked else {}
    return Reply(_FOUND, b"", "", {"Location": f"{asked['redirect_uri']}{mark}{urlencode({**answer, **state})}"})


def _log_out(call: Call, _form: dict[str, str]) -> Reply:
    wanted = dict(parse_qsl(call.query)).get("post_logout_redirect_uri", "")
    gone = {"Set-Cookie": f"{_SESSION}=; Path=/{NAME}; Max-Age=0"}
    if urlsplit(wanted).scheme in {"http", "https"}:
        return Reply(_FOUND, b"", "", {"Location": wanted, **gone})
    return Reply(200, _document("You signed out of your account", "You may close this page."), HTML, gone)


def _signed_in(call: Call) -> User | None:
    try:
        found = SimpleCookie(call.headers.get("cookie", "")).get(_SESSION)
    except CookieError:
        return None
    return None if found is None else USERS.get(found.value)


def _shared(call: Call, reply: Reply) -> Reply:
    """Return the reply as pages of other origins may read it."""
    origin = call.headers.get("origin")
    if origin is None:
        return reply
    return reply.with_headers({"Access-Control-Allow-Origin": origin, "Vary": "Origin"})


def _page() -> bytes:
    people = "".join(
        f'<p><button name="user" value="{escape(each.name)}">{escape(each.name)}@example.com</button></p>'
        for each in USERS.values()
    )
    return _document("Sign in", "Dynamics Sync Hub, simulated accounts", f'<form method="post">{people}</form>')


def _document(title: str, text: str, more: str = "") -> bytes:
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:22rem;margin:12vh auto;padding:0 1rem}"
        "button{font:inherit;width:100%;padding:.6rem 1rem;text-align:left;cursor:pointer}"
    )
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>{style}</style>'
    return (
        f'<!DOCTYPE html><html lang="en"><head>{head}<title>{escape(title)}</title></head>'
        f"<body><h1>{escape(title)}</h1><p>{escape(text)}</p>{more}</body></html>"
    ).encode()
