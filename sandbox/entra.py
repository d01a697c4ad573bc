"""Simulated Entra: discovery, keys, the sign-in page and the token endpoint."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from sandbox.business_central import Call
from sandbox.clock import Clock
from sandbox.dataverse.users import is_organization
from sandbox.grants import GrantRefusedError, Grants
from sandbox.platform import NAME, Platform
from sandbox.replies import HTML, Reply, correlation, error_body, json_reply, retry_after, told
from sandbox.signin import SignIn
from sandbox.switches import Switches
from sandbox.tokens import BC_AUDIENCE, TokenMint
from sandbox.world import App, AppState, World

_HOST = "https://login.microsoftonline.com"
_PROOFS = {"client_credentials": "client_id", "authorization_code": "code", "refresh_token": "refresh_token"}
"""The grants of the token endpoint, and the form field that each needs."""
_SIGN_IN_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of the token endpoint."""

    status: int
    error: str
    number: int
    text: str
    suberror: str = ""


PROBLEMS: dict[str, Problem] = {
    "bad_secret": Problem(401, "invalid_client", 7000215, "Invalid client secret provided."),
    "expired_secret": Problem(401, "invalid_client", 7000222, "The provided client secret keys are expired."),
    "missing_secret": Problem(401, "invalid_client", 7000218, "The request body must contain client_secret."),
    "unknown_app": Problem(400, "unauthorized_client", 700016, "Application was not found in the directory."),
    "disabled_app": Problem(401, "unauthorized_client", 7000112, "Application is disabled."),
    "unknown_tenant": Problem(400, "invalid_request", 90002, "Tenant not found."),
    "missing_parameter": Problem(400, "invalid_request", 900144, "The request body must contain a parameter."),
    "missing_scope": Problem(400, "invalid_request", 900144, "The request body must contain: 'scope'."),
    "malformed": Problem(400, "invalid_request", 9002313, "Request is malformed or invalid."),
    "bad_scope": Problem(400, "invalid_scope", 70011, "The provided value for scope is not valid."),
    "bad_grant_type": Problem(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type."),
    "absent_resource": Problem(400, "invalid_resource", 500011, "The resource principal was not found in the tenant."),
    "consent_missing": Problem(
        400, "invalid_grant", 65001, "No one has consented to the application.", "consent_required"
    ),
    "conditional_access": Problem(400, "invalid_grant", 53003, "Access has been blocked by policy."),
    "interaction_required": Problem(400, "interaction_required", 50076, "You must use multi-factor authentication."),
    "bad_code": Problem(400, "invalid_grant", 70000, "The provided value for 'code' is not valid."),
    "code_used": Problem(400, "invalid_grant", 54005, "OAuth2 Authorization code was already redeemed."),
    "code_expired": Problem(400, "invalid_grant", 70008, "The provided authorization code has expired."),
    "bad_redirect": Problem(400, "invalid_grant", 500112, "The reply address does not match the one of the request."),
    "bad_verifier": Problem(400, "invalid_grant", 501481, "The Code_Verifier does not match the code_challenge."),
    "bad_refresh": Problem(400, "invalid_grant", 70000, "The provided value for 'refresh_token' is not valid."),
    "refresh_used": Problem(400, "invalid_grant", 70000, "The refresh token was used before; the grant is revoked."),
    "refresh_inactive": Problem(400, "invalid_grant", 700082, "The refresh token has expired due to inactivity."),
    "grant_revoked": Problem(400, "invalid_grant", 50173, "The provided grant has expired due to it being revoked."),
    "user_disabled": Problem(400, "invalid_grant", 50057, "The user account is disabled."),
    "temporarily_unavailable": Problem(503, "temporarily_unavailable", 90033, "A transient error has occurred."),
    "server_error": Problem(500, "server_error", 90006, "The service is not available."),
    "throttled": Problem(429, "temporarily_unavailable", 90055, "Too many requests for this tenant."),
    "loop_detected": Problem(400, "invalid_grant", 50196, "The client made too many identical requests."),
    "html_503": Problem(503, "html", 0, "Service Unavailable"),
    "empty_429": Problem(429, "empty", 0, ""),
}


@dataclass(slots=True)
class Planned:
    """An error for the next requests of one client; without `times`, until cleared."""

    problem: str
    times: int | None = None
    wait: float | None = None
    wait_form: str = "seconds"


class Entra:
    """Answers by path, as login.microsoftonline.com."""

    def __init__(self, world: World, mint: TokenMint, clock: Clock, switches: Callable[[], Switches]) -> None:
        self._world = world
        self._mint = mint
        self._clock = clock
        self._switches = switches
        self.planned: dict[str, Planned] = {}
        self.absent_resources: set[str] = set()
        self.grants = Grants(clock, switches)
        self._sign_in = SignIn(world, self.grants)
        self._platform = Platform(mint, self.grants, clock, switches)

    def answer(self, call: Call, form: dict[str, str]) -> Reply:
        """Answer one request."""
        if call.path.startswith(f"/{NAME}/"):
            return self._platform.answer(call, form)
        return self._answered(call, form)

    def _answered(self, call: Call, form: dict[str, str]) -> Reply:
        path, number = call.path, call.number
        parts = path.strip("/").split("/")
        tail = "/".join(parts[1:])
        if path == "/common/discovery/instance":
            return json_reply(_instance())
        if tail == "v2.0/.well-known/openid-configuration":
            return self._configuration(parts[0], number)
        if tail == "discovery/v2.0/keys":
            return json_reply(self._mint.keys())
        if tail == "oauth2/v2.0/token":
            return self._token(parts[0], form, number)
        if tail == "oauth2/v2.0/authorize":
            return self._sign_in.answer(parts[0], call.query, form if call.method == "POST" else None, number)
        return Reply(404, error_body("html", "404", "Page not found"), HTML)

    def _configuration(self, name: str, number: int) -> Reply:
        tenant = self._world.tenant(name)
        if tenant is None and name not in {"common", "organizations"}:
            return self._failure(PROBLEMS["unknown_tenant"], number)
        base = f"{_HOST}/{name}"
        issuer = f"{_HOST}/{tenant.id if tenant else '{tenantid}'}/v2.0"
        return json_reply(
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "private_key_jwt",
                    "client_secret_basic",
                ],
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "issuer": issuer,
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "tenant_region_scope": "EU",
                "cloud_instance_name": "microsoftonline.com",
            }
        )

    def _token(self, tenant_name: str, form: dict[str, str], number: int) -> Reply:
        client_id = form.get("client_id", "")
        planned = self._next_planned(client_id)
        if planned:
            reply = self._failure(PROBLEMS[planned.problem], number)
            form_of_wait = "absent" if planned.wait is None else planned.wait_form
            return told(reply, retry_after(form_of_wait, planned.wait or 0, self._clock.now()))
        tenant = self._world.tenant(tenant_name)
        app = tenant.apps.get(client_id) if tenant else None
        name = self._refused(tenant_name, app, form)
        if name or app is None:
            return self._failure(PROBLEMS[name or "unknown_app"], number)
        try:
            return json_reply(self._issued(app, form))
        except GrantRefusedError as error:
            return self._failure(PROBLEMS[str(error)], number)

    def _issued(self, app: App, form: dict[str, str]) -> dict[str, Any]:
        seconds, audience = self._switches().token_seconds, _resource(form).removesuffix("/.default")
        reply = {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds}
        if form["grant_type"] == "client_credentials":
            return {**reply, "access_token": self._mint.app_token(app, audience, seconds)}
        fresh = form["grant_type"] == "authorization_code"
        family = self.grants.redeem(app, form) if fresh else self.grants.renew(app, form)
        reply |= {"scope": f"{audience}/Financials.ReadWrite.All {audience}/user_impersonation {audience}/.default"}
        reply |= {"access_token": self._mint.delegated_token(app, family.user, audience, seconds)}
        if "offline_access" not in family.scope.split():
            return reply
        if fresh or self._switches().refresh_in_reply == "sent":
            reply |= {"refresh_token": self.grants.refresh_token(family)}
        return reply

    def _refused(self, tenant_name: str, app: App | None, form: dict[str, str]) -> str:
        tenant = self._world.tenant(tenant_name)
        scope = _resource(form)
        grant = form.get("grant_type", "")
        checks: tuple[tuple[bool, str], ...] = (
            (tenant is None, "unknown_tenant"),
            (not grant or not form.get("client_id"), "missing_parameter"),
            (grant not in _PROOFS, "bad_grant_type"),
            (not form.get(_PROOFS.get(grant, "")), "missing_parameter"),
            (not scope, "missing_scope"),
            (app is None, "unknown_app"),
            (not form.get("client_secret"), "missing_secret"),
            (app is not None and form.get("client_secret") != app.secret, "bad_secret"),
            (app is not None and app.state is AppState.SECRET_EXPIRED, "expired_secret"),
            (not scope.endswith("/.default"), "bad_scope"),
            (tenant is not None and self._absent(tenant.id, scope), "absent_resource"),
        )
        return next((name for holds, name in checks if holds), "")

    def _absent(self, tenant_id: str, scope: str) -> bool:
        if is_organization(scope.removesuffix("/.default")):
            return False
        return scope != f"{BC_AUDIENCE}/.default" or tenant_id in self.absent_resources

    def _next_planned(self, client_id: str) -> Planned | None:
        planned = self.planned.get(client_id)
        if planned and planned.times is not None:
            planned.times -= 1
            if planned.times <= 0:
                del self.planned[client_id]
        return planned

    def _failure(self, problem: Problem, number: int) -> Reply:
        if problem.error == "html":
            return Reply(problem.status, error_body("html", str(problem.status), problem.text), HTML)
        if problem.error == "empty":
            return json_reply({}, problem.status)
        stamp = datetime.fromtimestamp(self._clock.now(), UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        trace, correlated = correlation(number), correlation(number + 7)
        lines = (
            f"AADSTS{problem.number}: {problem.text}",
            f"Trace ID: {trace}",
            f"Correlation ID: {correlated}",
            f"Timestamp: {stamp}",
        )
        body: dict[str, Any] = {
            "error": problem.error,
            "error_description": "\r\n".join(lines),
            "error_codes": [problem.number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlated,
            "error_uri": f"{_HOST}/error?code={problem.number}",
        }
        return json_reply(body | ({"suberror": problem.suberror} if problem.suberror else {}), problem.status)


def token_form(body: bytes) -> dict[str, str]:
    """Read a form body."""
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _resource(form: dict[str, str]) -> str:
    """Return the scope that names a resource; those of the sign-in itself stand beside it in delegated grants."""
    scope = form.get("scope", "")
    if form.get("grant_type") == "client_credentials":
        return scope
    return " ".join(each for each in scope.split() if each not in _SIGN_IN_SCOPES)


def _instance() -> dict[str, Any]:
    aliases = ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"]
    network = {"preferred_network": aliases[0], "preferred_cache": aliases[1], "aliases": aliases}
    return {
        "tenant_discovery_endpoint": f"{_HOST}/common/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [network],
    }
