"""Tenants, environments, registered applications and users of the simulation."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.datasets import Amounts, Company, companies

TENANT_ONE = "11111111-1111-4111-8111-111111111111"
TENANT_TWO = "22222222-2222-4222-8222-222222222222"


class AppState(StrEnum):
    """What Business Central and Entra know of an application."""

    ENABLED = "enabled"
    DISABLED_IN_BC = "disabled_in_bc"
    WITHOUT_ROLES = "without_roles"
    SECRET_EXPIRED = "secret_expired"  # noqa: S105  names a state, holds no secret


@dataclass(slots=True)
class App:
    """One registered application of a tenant; an empty list of companies or redirect addresses means all."""

    name: str
    tenant_id: str
    client_id: str
    secret: str
    state: AppState = AppState.ENABLED
    companies: tuple[str, ...] = ()
    redirects: tuple[str, ...] = ()

    @property
    def roles(self) -> tuple[str, ...]:
        """Application roles that its tokens carry."""
        return () if self.state is AppState.WITHOUT_ROLES else ("API.ReadWrite.All",)


@dataclass(slots=True)
class Environment:
    """One environment; a rename takes effect at once."""

    name: str
    kind: str
    country: str
    companies: dict[str, Company]


@dataclass(frozen=True, slots=True)
class User:
    """A caller of the product's own API."""

    name: str
    tenant_id: str
    id: str


@dataclass(slots=True)
class Tenant:
    """One tenant, known by id and by domain."""

    id: str
    domain: str
    environments: list[Environment] = field(default_factory=list)
    apps: dict[str, App] = field(default_factory=dict)

    def environment(self, name: str) -> Environment | None:
        """Return the environment of this name; case does not matter."""
        return next((each for each in self.environments if each.name.lower() == name.lower()), None)


USERS = {
    "alice": User("alice", TENANT_ONE, "a11ce000-0000-4000-8000-000000000001"),
    "bob": User("bob", TENANT_ONE, "b0b00000-0000-4000-8000-000000000002"),
    "carol": User("carol", TENANT_TWO, "ca401000-0000-4000-8000-000000000003"),
}


class World:
    """Everything that the simulated systems hold."""

    def __init__(self, keys: Iterable[str], amounts: Amounts) -> None:
        wanted = tuple(keys)
        one = Tenant(TENANT_ONE, "contoso.example")
        two = Tenant(TENANT_TWO, "fabrikam.example")
        one.environments = [
            Environment("Production", "Production", "GB", companies(wanted, amounts)),
            Environment("Sandbox-1", "Sandbox", "GB", companies(_copied(wanted), amounts)),
        ]
        two.environments = [Environment("Production", "Production", "SE", companies(("contoso",), amounts))]
        for app in _apps():
            (one if app.tenant_id == one.id else two).apps[app.client_id] = app
        self.tenants = {one.id: one, two.id: two}

    def tenant(self, name: str) -> Tenant | None:
        """Return the tenant of this id or domain."""
        wanted = name.lower()
        return next((each for each in self.tenants.values() if wanted in {each.id, each.domain}), None)


def _copied(keys: tuple[str, ...]) -> tuple[str, ...]:
    """A copied environment holds the same ids as its original."""
    return ("cronus",) if "cronus" in keys else keys[:1]


def _apps() -> tuple[App, ...]:
    def made(number: int, name: str, tenant: str, state: AppState = AppState.ENABLED) -> App:
        client_id = f"c0ffee00-0000-4000-8000-{number:012d}"
        return App(name, tenant, client_id, f"{name}-secret-{number}", state)

    return (
        made(1, "hub", TENANT_ONE),
        made(2, "hub-other", TENANT_ONE),
        made(3, "hub-expired", TENANT_ONE, AppState.SECRET_EXPIRED),
        made(4, "hub-disabled", TENANT_ONE, AppState.DISABLED_IN_BC),
        made(5, "hub-roleless", TENANT_ONE, AppState.WITHOUT_ROLES),
        made(6, "hub-fabrikam", TENANT_TWO),
    )
