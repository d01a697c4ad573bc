"""The page on which people sign in and consent; a test posts what a person would choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlencode

from sandbox.grants import Family, Grants
from sandbox.replies import HTML, Reply, correlation
from sandbox.world import USERS, App, Tenant, World

_CODES = {
    "unknown_tenant": "AADSTS90002: Tenant not found.",
    "unknown_app": "AADSTS700016: Application was not found in the directory.",
    "missing_redirect": "AADSTS900144: The request must contain the parameter: 'redirect_uri'.",
    "foreign_redirect": "AADSTS50011: The redirect URI does not match those configured for the application.",
    "unknown_user": "AADSTS50020: The user account does not exist in the tenant.",
    "disabled_user": "AADSTS50057: The user account is disabled.",
}
_DECLINED = "AADSTS65004: User declined to consent to access the app."
_BAD_REQUEST = 400
_FOUND = 302


@dataclass(frozen=True, slots=True)
class _Visit:
    """What a link asks for."""

    tenant: Tenant
    app: App
    asked: Mapping[str, str]

    def returned(self, **answer: str) -> Reply:
        """Return the redirect that carries an answer to the application."""
        state = {"state": self.asked["state"]} if "state" in self.asked else {}
        target = self.asked["redirect_uri"]
        joint = "&" if "?" in target else "?"
        return Reply(_FOUND, b"", "", {"Location": f"{target}{joint}{urlencode({**answer, **state})}"})


class SignIn:
    """Answers `/{tenant}/oauth2/v2.0/authorize`: GET shows the page, POST is what a person chose on it."""

    def __init__(self, world: World, grants: Grants) -> None:
        self._world = world
        self._grants = grants

    def answer(self, tenant_name: str, query: str, form: Mapping[str, str] | None, number: int) -> Reply:
        """Answer one request; `form` is None for GET, else `user` and `answer`, which is accept or decline."""
        asked = dict(parse_qsl(query, keep_blank_values=True))
        tenant = self._world.tenant(tenant_name)
        if tenant is None:
            return _refused("unknown_tenant")
        app = tenant.apps.get(asked.get("client_id", ""))
        if app is None:
            return _refused("unknown_app")
        wrong = _wrong_redirect(app, asked.get("redirect_uri", ""))
        if wrong:
            return _refused(wrong)
        visit = _Visit(tenant, app, asked)
        error = _wrong_request(asked)
        if error:
            return visit.returned(error=error, error_description=f"AADSTS900144: {error}")
        return _page(visit) if form is None else self._chosen(visit, form, number)

    def _chosen(self, visit: _Visit, form: Mapping[str, str], number: int) -> Reply:
        if form.get("answer") == "decline":
            return visit.returned(error="access_denied", error_subcode="cancel", error_description=_DECLINED)
        user = USERS.get(form.get("user", ""))
        if user is None or user.tenant_id != visit.tenant.id:
            return _refused("unknown_user")
        if user.name in self._grants.disabled:
            return _refused("disabled_user")
        asked = visit.asked
        family = Family(visit.app.client_id, user, asked["scope"])
        code = self._grants.grant(family, asked["redirect_uri"], asked.get("code_challenge", ""))
        return visit.returned(code=code, session_state=correlation(number))


def _wrong_redirect(app: App, redirect_uri: str) -> str:
    if not redirect_uri:
        return "missing_redirect"
    return "foreign_redirect" if app.redirects and redirect_uri not in app.redirects else ""


def _wrong_request(asked: Mapping[str, str]) -> str:
    checks = (
        (asked.get("response_type") != "code", "unsupported_response_type"),
        (asked.get("response_mode", "query") != "query", "invalid_request"),
        (not asked.get("scope"), "invalid_request"),
        ("code_challenge" in asked and asked.get("code_challenge_method") != "S256", "invalid_request"),
    )
    return next((error for holds, error in checks if holds), "")


def _refused(name: str) -> Reply:
    return Reply(_BAD_REQUEST, _document("Sorry, but we're having trouble signing you in", escape(_CODES[name])), HTML)


def _page(visit: _Visit) -> Reply:
    users = "".join(
        f'<option value="{escape(each.name)}">{escape(each.name)}</option>'
        for each in USERS.values()
        if each.tenant_id == visit.tenant.id
    )
    form = (
        f"<p><b>{escape(visit.app.name)}</b> asks for: {escape(visit.asked['scope'])}</p>"
        f'<form method="post"><label>User <select name="user">{users}</select></label> '
        '<button name="answer" value="accept">Accept</button> '
        '<button name="answer" value="decline">Decline</button></form>'
    )
    return Reply(200, _document("Sign in (sandbox)", form), HTML)


def _document(title: str, body: str) -> bytes:
    text = escape(title)
    return f"<!DOCTYPE html><html lang=en><title>{text}</title><h1>{text}</h1>{body}</html>".encode()
