"""Test connection: what it finds, what mends it, and what it changes."""

from dataclasses import dataclass, field, replace
from threading import Barrier

import pytest

from sync.model.errors import ConsentError, RefusedError, RetryLaterError, SetupError, SourceGoneError, SyncError
from sync.model.integration import Status
from sync.model.log import Action, LogStatus
from sync.ports import Company
from sync.services import checking
from sync.services.checking import CHECKS, Check, Report
from tests.support.company import COMPANY
from tests.support.desks import ALICE, OneSource
from tests.support.office import Office, TroubledSource, open_office

FORBIDDEN = SetupError("403 from companies", code="PERMISSION_DENIED")


@dataclass
class Meeting(TroubledSource):
    """A source whose counts wait for one another."""

    place: Barrier = field(default_factory=lambda: Barrier(4, timeout=5))

    def count(self, entity_set: str, *, where: str | None = None, route: str = "v2.0") -> int:
        self.place.wait()
        return 7


def report(office: Office) -> Report:
    return checking.test(office.desk, ALICE, office.integration.id)


def failing(method: str, *errors: SyncError | None) -> Report:
    office = open_office()
    office.source.troubles[method] = list(errors)
    return report(office)


def failed_at(found: Report) -> str:
    (name,) = (check.name for check in found.checks if check.ok is False)
    return name


def test_a_connection_that_works_tells_its_company_and_what_is_there() -> None:
    office = open_office()
    office.add("A", "B")
    office.add("C", to="items")
    found = report(office)
    assert (found.connected, found.company, found.vendor_count, found.item_count) == (
        True,
        COMPANY.display_name,
        2,
        1,
    )


def test_companies_are_counted_side_by_side_and_told_in_order() -> None:
    office = open_office()
    names = [f"Company {number}" for number in range(4)]
    source = Meeting(office.company, seen=tuple(Company(name, name, name) for name in names))
    desk = replace(office.desk, sources=OneSource(source))
    found = checking.counted_companies(desk, ALICE, office.integration.id)
    assert [(each.company.id, each.vendor_count, each.item_count) for each in found] == [(name, 7, 7) for name in names]


def test_every_check_of_a_connection_that_works_is_passed() -> None:
    details = {"companies": "1 seen, CRONUS International Ltd. chosen", "permissions": "vendors and items can be read"}
    assert report(open_office()).checks == tuple(Check(name, ok=True, detail=details.get(name)) for name in CHECKS)


def test_a_company_without_a_display_name_is_told_by_its_name() -> None:
    office = open_office()
    office.source.seen = (Company(COMPANY.id, "CRONUS", ""),)
    assert report(office).company == "CRONUS"


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (SetupError("401 again", code="SETUP_REQUIRED"), "credentials"),
        (SetupError("Something new", code="NEVER_SEEN"), "credentials"),
        (SourceGoneError("No such environment", code="ENVIRONMENT_NOT_FOUND"), "reachable"),
        (RetryLaterError("Down", delay=60), "reachable"),
        (RetryLaterError("Entra is away", delay=60, code="SIGN_IN_UNAVAILABLE"), "credentials"),
        (RefusedError("Not an answer"), "reachable"),
        (FORBIDDEN, "companies"),
    ],
)
def test_a_failed_check_is_the_one_that_the_error_is_about(error: SyncError, step: str) -> None:
    assert failed_at(failing("companies", error)) == step


@pytest.mark.parametrize(("seen", "code"), [((), "permission set"), ((Company("x", "X", "X"),), "has no company")])
def test_a_company_that_is_not_there_fails_companies(seen: tuple[Company, ...], code: str) -> None:
    office = open_office()
    office.source.seen = seen
    found = report(office)
    assert (failed_at(found), code in str(found.checks[2].detail)) == ("companies", True)


@pytest.mark.parametrize("errors", [(FORBIDDEN,), (None, RefusedError("No items"))])
def test_records_that_cannot_be_counted_fail_permissions(errors: tuple[SyncError | None, ...]) -> None:
    found = failing("count", *errors)
    assert (failed_at(found), found.company, found.vendor_count) == ("permissions", COMPANY.display_name, None)


@pytest.mark.parametrize(
    ("method", "error", "results"),
    [
        ("companies", SetupError("No"), [False, None, None, None]),
        ("companies", RefusedError("No"), [True, False, None, None]),
        ("companies", FORBIDDEN, [True, True, False, None]),
        ("count", FORBIDDEN, [True, True, True, False]),
    ],
)
def test_checks_after_a_failed_one_were_not_tried(method: str, error: SyncError, results: list[bool | None]) -> None:
    assert [check.ok for check in failing(method, error).checks] == results


def test_only_the_failed_check_says_what_mends_it() -> None:
    found = failing("companies", FORBIDDEN)
    assert [check.name for check in found.checks if check.fix] == ["companies"]


def test_a_dead_consent_is_mended_by_authorizing_again() -> None:
    check = failing("companies", ConsentError("Revoked")).checks[0]
    assert (check.name, "Authorize the connection again" in (check.fix or "")) == ("credentials", True)


def test_credentials_that_could_not_be_proven_are_not_called_wrong() -> None:
    check = failing("companies", RetryLaterError("Entra is away", delay=60, code="SIGN_IN_UNAVAILABLE")).checks[0]
    assert (check.ok, "Entra did not answer" in (check.fix or "")) == (False, True)


def test_a_good_test_is_logged() -> None:
    office = open_office()
    report(office)
    (entry,) = office.logs()
    assert (entry.action, entry.status, entry.entity_type, entry.records_affected) == (
        Action.TEST,
        LogStatus.SUCCESS,
        None,
        0,
    )
    assert entry.metadata == {"created": 0, "updated": 0, "errors": [], "connected": True}


def test_a_failed_test_is_logged_with_its_reason() -> None:
    office = open_office()
    office.source.troubles["companies"] = [FORBIDDEN]
    report(office)
    (entry,) = office.logs(status=LogStatus.ERROR)
    assert (entry.metadata["failedCheck"], entry.metadata["message"]) == ("companies", "403 from companies")


@pytest.mark.parametrize("status", [Status.BROKEN, Status.SETUP_REQUIRED, Status.REAUTH_REQUIRED])
def test_a_good_test_lifts_a_hold(status: Status) -> None:
    office = open_office(status=status, status_reason="It did not work", untried=True)
    report(office)
    now = office.current
    assert (now.status, now.status_reason, now.untried) == (Status.ACTIVE, None, False)


def test_a_good_test_leaves_a_paused_integration_paused() -> None:
    office = open_office(status=Status.PAUSED)
    report(office)
    assert office.current.status is Status.PAUSED


def test_a_failed_test_changes_nothing() -> None:
    office = open_office(status=Status.BROKEN)
    before = office.current
    office.source.troubles["companies"] = [FORBIDDEN]
    report(office)
    assert office.current == before


def test_the_companies_of_a_connection_are_listed() -> None:
    office = open_office()
    assert checking.companies(office.desk, ALICE, office.integration.id) == (COMPANY,)
