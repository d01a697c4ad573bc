"""What /_control answers about Entra: applications, users' tokens and accounts, planned errors."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import cattrs

from sandbox.entra import PROBLEMS, Planned
from sandbox.simulation import Simulation
from sandbox.world import USERS, AppState

type Body = dict[str, Any]
type Answer = dict[str, Any] | list[dict[str, Any]]

_READER = cattrs.Converter(forbid_extra_keys=True)


@dataclass(frozen=True, slots=True)
class UserTokenOrder:
    """A token for a user; see TokenMint.user_token for the twists."""

    user: str
    lifetime: float = 3600.0
    claims: dict[str, Any] = field(default_factory=dict)
    without: list[str] = field(default_factory=list)
    alg: str = "RS256"
    kid: str = "sandbox-key-1"
    key: str = "own"


@dataclass(frozen=True, slots=True)
class TokenErrorOrder:
    """A planned error of the token endpoint for one client."""

    client_id: str
    problem: str
    times: int | None = None
    wait: float | None = None
    wait_form: str = "seconds"


@dataclass(frozen=True, slots=True)
class AppOrder:
    """New facts about an application."""

    client_id: str
    state: AppState | None = None
    secret: str | None = None
    companies: list[str] | None = None
    redirects: list[str] | None = None


@dataclass(frozen=True, slots=True)
class AccountOrder:
    """Whether a user's account may sign in."""

    user: str
    disabled: bool


class EntraOrders:
    """Answers by method and path below /_control."""

    def __init__(self, simulation: Simulation, now: Callable[[], float]) -> None:
        self._simulation = simulation
        self._now = now
        self.routes: dict[str, Callable[[Body, str], Answer]] = {
            "POST apps": self._app,
            "POST entra/user-token": self._user_token,
            "POST entra/error": self._token_error,
            "POST entra/error/clear": lambda _body, _base: _done(simulation.entra.planned.clear),
            "POST entra/revoke": lambda _body, _base: _done(simulation.mint.issued.clear),
            "POST entra/revoke-grants": self._revoke_grants,
            "POST entra/account": self._account,
            "POST entra/resource": self._resource,
        }

    def _app(self, body: Body, _base: str) -> Answer:
        order = _READER.structure(body, AppOrder)
        for tenant in self._simulation.world.tenants.values():
            app = tenant.apps.get(order.client_id)
            if app is None:
                continue
            app.state = order.state or app.state
            app.secret = order.secret or app.secret
            app.companies = app.companies if order.companies is None else tuple(order.companies)
            app.redirects = app.redirects if order.redirects is None else tuple(order.redirects)
            return {"clientId": app.client_id, "state": app.state}
        raise LookupError(f"no application {order.client_id}")

    def _user_token(self, body: Body, _base: str) -> Answer:
        order = _READER.structure(body, UserTokenOrder)
        twist = asdict(order)
        token = self._simulation.mint.user_token(USERS[order.user], self._now(), order.lifetime, twist)
        return {"access_token": token}

    def _token_error(self, body: Body, _base: str) -> Answer:
        order = _READER.structure(body, TokenErrorOrder)
        if order.problem not in PROBLEMS:
            raise LookupError(f"no problem {order.problem}; known: {', '.join(PROBLEMS)}")
        planned = Planned(order.problem, order.times, order.wait, order.wait_form)
        self._simulation.entra.planned[order.client_id] = planned
        return {}

    def _revoke_grants(self, body: Body, _base: str) -> Answer:
        return {"revoked": self._simulation.entra.grants.revoke(body.get("user"))}

    def _account(self, body: Body, _base: str) -> Answer:
        order = _READER.structure(body, AccountOrder)
        disabled = self._simulation.entra.grants.disabled
        (disabled.add if order.disabled else disabled.discard)(USERS[order.user].name)
        return {}

    def _resource(self, body: Body, _base: str) -> Answer:
        absent = self._simulation.entra.absent_resources
        (absent.discard if body["present"] else absent.add)(str(body["tenant"]))
        return {}


def _done(act: Callable[[], None]) -> Answer:
    act()
    return {}
