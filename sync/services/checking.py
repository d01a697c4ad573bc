"""Tests a connection step by step, and says beside each failed step what mends it."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sync.engine.mending import members_at
from sync.engine.standing import healed
from sync.model.entity import EntityType
from sync.model.errors import ConsentError, RemoteError, SetupError, SyncError
from sync.model.integration import HELD, Integration, Owner
from sync.model.log import Action, LogEntry, LogStatus
from sync.ports import Companies, Company, Environment, Source
from sync.services.config_notes import note_standing
from sync.services.desk import Desk, source_of
from sync.services.integrations import require, revise
from sync.services.opening import choose

CREDENTIALS, REACHABLE, COMPANIES, PERMISSIONS = "credentials", "reachable", "companies", "permissions"
CHECKS = (CREDENTIALS, REACHABLE, COMPANIES, PERMISSIONS)
MOST_COUNTED = 12
"""Companies whose records are counted for somebody who chooses one; two requests each."""
_COUNTED_AT_ONCE = 4
"""One request fewer than Business Central takes at once of a user: a sync under way goes on."""

_FAILS_AT = {
    "ENVIRONMENT_NOT_FOUND": REACHABLE,
    "COMPANY_NOT_FOUND": COMPANIES,
    "NO_COMPANY": COMPANIES,
    "PERMISSION_DENIED": COMPANIES,
    "SIGN_IN_UNAVAILABLE": CREDENTIALS,
}
_FIXES = {
    CREDENTIALS: "Check tenant, client id and client secret, and that the app is registered and enabled in "
    "Business Central (page Microsoft Entra Applications); where a user has to consent, authorize the connection",
    REACHABLE: "Check the environment's name in the Business Central admin center, and try again later if it is right",
    COMPANIES: "Choose a company that is there, and give the app a permission set that can read companies",
    PERMISSIONS: "Give the app a permission set that can read vendors and items, such as D365 READ",
}
FIXES_BY_CODE = {
    "SIGN_IN_UNAVAILABLE": "Microsoft Entra did not answer, so the credentials are neither proven nor refused: "
    "test again in some minutes",
}
"""What mends a failed check whatever its step is."""
_CONSENT_FIX = "Authorize the connection again, and let a user sign in who may read vendors and items"


@dataclass(frozen=True, slots=True)
class Check:
    """One step of a test; `ok` is None when an earlier failure kept it from running."""

    name: str
    ok: bool | None
    detail: str | None = None
    fix: str | None = None
    code: str | None = None
    """Of a failed step."""
    members: tuple[str, ...] = ()
    """JSON pointers into the integration, to what may have to be mended there."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A company with its counts of records, None where they could not be asked for."""

    company: Company
    vendor_count: int | None = None
    item_count: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a test found; counts of records, None when they could not be asked for."""

    connected: bool
    checks: tuple[Check, ...]
    company: str | None = None
    vendor_count: int | None = None
    item_count: int | None = None


def companies(desk: Desk, owner: Owner, integration_id: str) -> tuple[Company, ...]:
    """Return the companies that the owner's connection sees (raises as Source does)."""
    integration = require(desk.integrations, owner, integration_id)
    return source_of(desk, integration).companies().items


def counted_companies(desk: Desk, owner: Owner, integration_id: str) -> tuple[Counted, ...]:
    """Return the companies, the first twelve with what is in them (raises as Source does while they are listed)."""
    source = source_of(desk, require(desk.integrations, owner, integration_id))
    seen = source.companies().items
    with ThreadPoolExecutor(_COUNTED_AT_ONCE) as pool:
        counted = tuple(pool.map(partial(_count, source), seen[:MOST_COUNTED]))
    return (*counted, *map(Counted, seen[MOST_COUNTED:]))


def environments(desk: Desk, owner: Owner, integration_id: str) -> tuple[Environment, ...]:
    """Return the environments of the connection's tenant (raises as Source does)."""
    return source_of(desk, require(desk.integrations, owner, integration_id)).environments()


def test(desk: Desk, owner: Owner, integration_id: str) -> Report:
    """Try the owner's connection; a success lifts a hold, a failure is an answer and no error."""
    integration = require(desk.integrations, owner, integration_id)
    report = _examine(_open_anew(desk, integration), integration)
    now = desk.clock.now()
    entry = test_entry(report.checks, entry_id=desk.ids.new("log"), integration_id=integration.id, now=now)
    desk.logs.append(entry)
    if report.connected and integration.standing in HELD:
        well = revise(desk.integrations, integration, healed)
        note_standing(desk, well.before, well.after)
    return report


def _examine(source: Source, integration: Integration) -> Report:
    try:
        seen = source.companies()
    except (SetupError, RemoteError) as error:
        return Report(connected=False, checks=_failed(_failing_step(error), error))
    try:
        company = choose(seen, integration.connection)
    except SetupError as error:
        return Report(connected=False, checks=_failed(COMPANIES, error))
    return _counted(source.in_company(company.id), company, seen)


def _counted(source: Source, company: Company, seen: Companies) -> Report:
    name = company.display_name or company.name
    try:
        counts = _counts(source)
    except (SetupError, RemoteError) as error:
        return Report(connected=False, checks=_failed(PERMISSIONS, error), company=name)
    details = {COMPANIES: f"{len(seen.items)} seen, {name} chosen", PERMISSIONS: "vendors and items can be read"}
    passed = tuple(Check(step, ok=True, detail=details.get(step)) for step in CHECKS)
    return Report(
        connected=True,
        checks=passed,
        company=name,
        vendor_count=counts[EntityType.SUPPLIERS],
        item_count=counts[EntityType.PRODUCTS],
    )


def _count(source: Source, company: Company) -> Counted:
    try:
        counts = _counts(source.in_company(company.id))
    except (SetupError, RemoteError):
        return Counted(company)
    return Counted(company, counts[EntityType.SUPPLIERS], counts[EntityType.PRODUCTS])


def _counts(source: Source) -> dict[EntityType, int]:
    return {entity: source.count(entity.entity_set) for entity in EntityType}


def _failing_step(error: SyncError) -> str:
    return _FAILS_AT.get(error.code, REACHABLE if isinstance(error, RemoteError) else CREDENTIALS)


def _failed(step: str, error: SyncError) -> tuple[Check, ...]:
    at = CHECKS.index(step)
    passed = [Check(name, ok=True) for name in CHECKS[:at]]
    untried = [Check(name, ok=None) for name in CHECKS[at + 1 :]]
    fix = _CONSENT_FIX if isinstance(error, ConsentError) else FIXES_BY_CODE.get(error.code, _FIXES[step])
    return (*passed, failed_check(step, error, fix), *untried)


def failed_check(step: str, error: SyncError, fix: str) -> Check:
    """Return the check that an error failed."""
    members = members_at(step, error.code)
    return Check(step, ok=False, detail=error.message, fix=fix, code=error.code, members=members)


def _open_anew(desk: Desk, integration: Integration) -> Source:
    """Open the connection for somebody who may have mended it a moment ago."""
    connection = integration.connection
    secret = desk.secrets.get(connection.secret_name)
    desk.sources.forget_refusal(connection, secret)
    return desk.sources.open(connection, secret)


def test_entry(checks: Iterable[Check], *, entry_id: str, integration_id: str, now: datetime) -> LogEntry:
    """Return the log entry of a test with these checks."""
    failed = next((check for check in checks if check.ok is False), None)
    metadata: dict[str, object] = {"created": 0, "updated": 0, "errors": [], "connected": failed is None}
    if failed is not None:
        metadata |= {"failedCheck": failed.name, "message": failed.detail}
    return LogEntry(
        id=entry_id,
        integration_id=integration_id,
        entity_type=None,
        action=Action.TEST,
        status=LogStatus.SUCCESS if failed is None else LogStatus.ERROR,
        records_affected=0,
        created_at=now,
        metadata=metadata,
    )
