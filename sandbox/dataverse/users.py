"""Who may call: applications as users of the organization, and what their token must be."""

import re

from sandbox.dataverse.home import ROOT_UNIT, Caller, UserState
from sandbox.dataverse.refusals import DataverseError, disabled, no_roles, not_a_member
from sandbox.dataverse.schema import stable_id
from sandbox.dataverse.seeds import stamp
from sandbox.dataverse.store import Ref, Row, Store
from sandbox.dataverse.switches import DataverseSwitches
from sandbox.tokens import Issued
from sandbox.world import TENANT_ONE, App, AppState, World

ORGANIZATION_URL = "https://contoso.crm4.dynamics.com"
"""The organization's address as the world knows it; on the loopback port, that port's own address serves as well."""

_ORGANIZATION = re.compile(r"(https?://(127\.0\.0\.1|localhost)(:\d+)?|https://contoso(\.api)?\.crm4\.dynamics\.com)/?")
_STATES = {AppState.DISABLED_IN_BC: UserState.DISABLED, AppState.WITHOUT_ROLES: UserState.ROLELESS}


def is_organization(resource: str) -> bool:
    """Whether a resource of a token request is this organization."""
    return _ORGANIZATION.fullmatch(resource) is not None


def application_users(world: World, store: Store) -> dict[str, Caller]:
    """Make the applications of the first tenant users of the organization; return them by client id."""
    found = {}
    for app in world.tenants[TENANT_ONE].apps.values():
        caller = Caller(user_id(app), _STATES.get(app.state, UserState.ENABLED))
        values = {
            "fullname": f"# {app.name}",
            "applicationid": app.client_id,
            "azureactivedirectoryobjectid": app.client_id,
            "domainname": app.client_id,
            "isdisabled": caller.state is UserState.DISABLED,
            "businessunitid": Ref("businessunit", ROOT_UNIT),
            **stamp(0),
        }
        store.table("systemuser")[caller.user] = Row(caller.user, store.next_version(), values)
        found[app.client_id] = caller
    return found


def user_id(app: App) -> str:
    """Return the user of an application."""
    return stable_id("systemuser", app.name)


def accepted(issued: Issued | None, origin: str, now: float) -> Issued | None:
    """Return a token that is alive and meant for this organization."""
    audience = issued.audience.rstrip("/") if issued else ""
    meant = audience == origin or audience.replace(".api.", ".") == ORGANIZATION_URL
    return issued if issued and meant and now < issued.expires else None


def unauthorized(tenant: str, origin: str) -> dict[str, str]:
    """Return the header by which a client finds out whom to ask for a token."""
    where = f"https://login.microsoftonline.com/{tenant}/oauth2/authorize"
    return {"WWW-Authenticate": f"Bearer authorization_uri={where}, resource_id={origin}/"}


def admitted(caller: Caller | None, switches: DataverseSwitches) -> Caller:
    """Return the caller who may enter.

    Raises:
        DataverseError: They are no user, disabled or without a role.
    """
    if caller is None or caller.state is UserState.ABSENT:
        raise not_a_member()
    refusals: dict[UserState, DataverseError] = {
        UserState.DISABLED: disabled(int(switches.disabled_status)),
        UserState.ROLELESS: no_roles(caller.user),
    }
    if caller.state in refusals:
        raise refusals[caller.state]
    return caller
