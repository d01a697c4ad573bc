"""Tests both ends of a bridge step by step, and says beside a failed step what mends it."""

from collections.abc import Callable
from dataclasses import dataclass

from sync.engine.standing import healed
from sync.model.errors import RefusedError, RemoteError, SetupError, SyncError
from sync.model.integration import HELD, Bridge
from sync.ports import RowQuery
from sync.services.bridge_desk import BridgeDesk
from sync.services.checking import FIXES_BY_CODE, Check, failed_check, test_entry
from sync.services.config_notes import note_standing
from sync.services.integrations import revise

CREDENTIALS, REACHABLE, METADATA, PRIVILEGES = (
    "dynamics_credentials",
    "dynamics_reachable",
    "dynamics_metadata",
    "dynamics_privileges",
)
TOKEN, WORKSPACE = "oneflow_token", "oneflow_workspace"
CHECKS = (CREDENTIALS, REACHABLE, METADATA, PRIVILEGES, TOKEN, WORKSPACE)
PROBED = "opportunity"
"""The table that is looked at: Dynamics 365 Sales has it everywhere."""

_FIXES = {
    CREDENTIALS: "Check tenant, client id and client secret, and that the organization has an enabled application user "
    "for this client id (Power Platform admin center, Settings, Users, Application users)",
    REACHABLE: "Check the organization's address, and try again later if it is right",
    METADATA: "Check that Dynamics 365 Sales is installed in the organization, and give the application user a "
    "security role that may read customizations, such as Basic User",
    PRIVILEGES: "Give the application user a security role that may read and write opportunities and quotes",
    TOKEN: "Make an API token in Oneflow under Marketplace, API tokens, and name an active user of the same account",
    WORKSPACE: "Give the Oneflow user a role in a workspace that may create contracts",
}


@dataclass(frozen=True, slots=True)
class BridgeReport:
    """What a test of a bridge found."""

    connected: bool
    checks: tuple[Check, ...]


def test(desk: BridgeDesk, bridge: Bridge) -> BridgeReport:
    """Try both ends; a success lifts a hold, a failure is an answer and no error."""
    access = bridge.connection.dynamics
    desk.organizations.forget_refusal(access, desk.secrets.get(access.secret_name))
    report = _examine(desk, bridge)
    now = desk.clock.now()
    desk.logs.append(test_entry(report.checks, entry_id=desk.ids.new("log"), integration_id=bridge.id, now=now))
    if report.connected and bridge.standing in HELD:
        well = revise(desk.integrations, bridge, healed)
        note_standing(desk, well.before, well.after)
    return report


def _examine(desk: BridgeDesk, bridge: Bridge) -> BridgeReport:
    passed: list[Check] = []
    for name, attempt in _attempts(desk, bridge):
        try:
            passed.append(Check(name, ok=True, detail=attempt()))
        except (SetupError, RemoteError) as error:
            return BridgeReport(connected=False, checks=_failed(_failing_step(name, error), error, passed))
    return BridgeReport(connected=True, checks=tuple(passed))


def _attempts(desk: BridgeDesk, bridge: Bridge) -> tuple[tuple[str, Callable[[], str | None]], ...]:
    def signed_in() -> None:
        desk.dynamics(bridge).who_am_i()

    def reached() -> str:
        return bridge.connection.dynamics.org_url

    def told() -> str:
        return f"{desk.dynamics(bridge).table(PROBED).label} is there"

    def read() -> str:
        dynamics = desk.dynamics(bridge)
        table = dynamics.table(PROBED)
        dynamics.rows(table, RowQuery((table.id_column,)), page_size=1)
        return "opportunities can be read"

    def known() -> str:
        return desk.oneflow(bridge).account()

    def welcome() -> str:
        open_ones = [each.name for each in desk.oneflow(bridge).workspaces() if each.can_create]
        if not open_ones:
            raise RefusedError("The Oneflow user may create contracts in no workspace", code="ONEFLOW_FORBIDDEN")
        return f"{len(open_ones)} where contracts can be made, {open_ones[0]} among them"

    return tuple(zip(CHECKS, (signed_in, reached, told, read, known, welcome), strict=True))


def _failing_step(name: str, error: SyncError) -> str:
    if name != CREDENTIALS or error.code in FIXES_BY_CODE:
        return name
    return REACHABLE if isinstance(error, RemoteError) or error.code == "CONNECTION_INVALID" else name


def _failed(step: str, error: SyncError, passed: list[Check]) -> tuple[Check, ...]:
    at = CHECKS.index(step)
    known = [*passed, *(Check(name, ok=True) for name in CHECKS[len(passed) : at])]
    untried = [Check(name, ok=None) for name in CHECKS[at + 1 :]]
    fix = FIXES_BY_CODE.get(error.code, _FIXES[step])
    return (*known, failed_check(step, error, fix), *untried)
