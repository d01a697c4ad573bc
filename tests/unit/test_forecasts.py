"""Client secrets and consents that will end: who is warned, when, and how often."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.engine.forecast import MARKS, forecasts
from sync.model.errors import RetryLaterError, StaleRecordError, SyncError
from sync.model.integration import AnyIntegration, Consent, Grant, Integration, Status
from sync.model.log import Action, LogEntry, LogStatus
from sync.services.forecasting import announce
from sync.services.health import Health, HealthState, health_of
from sync.services.kinds import supplies
from sync.storage.memory import MemoryIntegrationStore
from tests.support.company import START
from tests.support.office import Office, open_office

DAY = timedelta(days=1)


def with_secret(days: float) -> Office:
    """Return an office whose client secret ends in so many days."""
    office = open_office()
    office.change(connection=replace(office.current.connection, client_secret_expires_at=START + days * DAY))
    return office


def with_consent(**integration: Any) -> Integration:
    """Return an integration whose consent was given at the start."""
    office = open_office(**integration)
    consent = Consent("consent-1", START)
    return replace(
        office.current,
        connection=replace(office.current.connection, grant=Grant.AUTHORIZATION_CODE, consent=consent),
    )


def notices(office: Office) -> tuple[LogEntry, ...]:
    return office.logs(action=Action.NOTICE)


def health(integration: Integration, days: float = 0) -> Health:
    return health_of(integration, (), now=START + days * DAY)


@pytest.mark.parametrize(
    ("days", "code", "left", "words"),
    [
        (60, "CLIENT_SECRET_EXPIRES", 60, "expires in 60 days"),
        (6.5, "CLIENT_SECRET_EXPIRES", 7, "expires in 7 days"),
        (0.1, "CLIENT_SECRET_EXPIRES", 1, "expires in 1 day:"),
        (0, "CLIENT_SECRET_EXPIRED", 0, "has expired"),
        (-5, "CLIENT_SECRET_EXPIRED", -5, "has expired"),
    ],
)
def test_health_warns_of_a_client_secret_that_ends(days: float, code: str, left: int, words: str) -> None:
    told = health(with_secret(days).current)
    (warning,) = told.warnings
    assert (warning.code, warning.days_left, words in warning.detail) == (code, left, True)
    assert (told.state, told.detail) == (HealthState.DEGRADED, warning.detail)


@pytest.mark.parametrize("days", [60.01, 700])
def test_a_client_secret_that_lasts_is_no_matter(days: float) -> None:
    assert health(with_secret(days).current) == Health(HealthState.UNKNOWN)


def test_an_unknown_end_is_no_matter() -> None:
    assert forecasts(open_office().current, START) == ()


def test_worse_trouble_comes_before_a_warning() -> None:
    held = replace(with_secret(5).current, status=Status.BROKEN, status_reason="Gone")
    told = health(held)
    assert (told.state, told.detail, len(told.warnings)) == (HealthState.FAILING, "Gone", 1)


@pytest.mark.parametrize(
    ("days", "code", "left"),
    [(60, "CONSENT_EXPIRES", 30), (89, "CONSENT_EXPIRES", 1), (90, "CONSENT_EXPIRED", 0), (95, "CONSENT_EXPIRED", -5)],
)
def test_health_warns_of_a_consent_that_nobody_uses(days: int, code: str, left: int) -> None:
    (warning,) = health(with_consent(), days).warnings
    assert (warning.code, warning.days_left, warning.expires_at) == (code, left, START + 90 * DAY)


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.PAUSED])
def test_a_sync_makes_a_consent_last_longer(status: Status) -> None:
    integration = replace(with_consent(last_synced_at=START + 50 * DAY), status=status)
    assert [len(health(integration, days).warnings) for days in (109, 110)] == [0, 1]


def test_a_sync_before_the_consent_counts_for_nothing() -> None:
    (warning,) = health(with_consent(last_synced_at=START - 50 * DAY), 80).warnings
    assert warning.days_left == 10


@pytest.mark.parametrize(
    ("days", "status"), [(60, LogStatus.PARTIAL), (5, LogStatus.PARTIAL), (0, LogStatus.ERROR), (-9, LogStatus.ERROR)]
)
def test_an_end_is_announced_in_the_log(days: float, status: LogStatus) -> None:
    office = with_secret(days)
    assert announce(office.desk) == 1
    (notice,) = notices(office)
    assert (notice.status, notice.metadata["daysLeft"], notice.entity_type) == (status, days, None)
    assert notice.metadata["expiresAt"].endswith("Z")


def test_every_mark_is_announced_once_though_the_timer_comes_every_day() -> None:
    office = with_secret(70)
    for _ in range(80):
        announce(office.desk)
        office.clock.pass_by(DAY.total_seconds())
    assert [each.metadata["daysLeft"] for each in notices(office)] == [0, 1, 7, 30, 60]


@given(st.lists(st.integers(1, 40), max_size=12))
def test_no_mark_is_announced_twice_and_none_after_a_later_one(pauses: list[int]) -> None:
    office = with_secret(75)
    for pause in pauses:
        announce(office.desk)
        office.clock.pass_by(pause * DAY.total_seconds())
    marks = [min(mark for mark in MARKS if each.metadata["daysLeft"] <= mark) for each in reversed(notices(office))]
    assert marks == sorted(set(marks), reverse=True)


def test_a_new_end_is_announced_anew() -> None:
    office = with_secret(5)
    announce(office.desk)
    office.change(connection=replace(office.current.connection, client_secret_expires_at=START + 6 * DAY))
    announce(office.desk)
    assert [each.metadata["daysLeft"] for each in notices(office)] == [6, 5]


def test_nothing_is_announced_without_an_end_in_sight() -> None:
    office = with_secret(61)
    assert (announce(office.desk), notices(office)) == (0, ())


class Busy(MemoryIntegrationStore):
    """Integrations of which one has just changed when it is saved."""

    def __init__(self, error: SyncError) -> None:
        super().__init__()
        self.errors = [error]

    def save[I: AnyIntegration](self, integration: I) -> I:
        """Refuse once."""
        if self.errors:
            raise self.errors.pop()
        return super().save(integration)


def test_an_integration_that_changes_at_this_moment_is_told_once() -> None:
    office = with_secret(5)
    busy = Busy(StaleRecordError("Someone else wrote it first"))
    busy.create(office.current)
    desk = replace(office.desk, integrations=supplies(busy))
    assert (announce(desk), announce(desk), len(notices(office))) == (1, 0, 1)


def test_trouble_with_one_integration_does_not_keep_others_from_their_notice() -> None:
    office = with_secret(5)
    busy = Busy(RetryLaterError("Busy", delay=1, code="STORAGE_UNAVAILABLE"))
    for name in ("int_1", "int_2"):
        busy.create(replace(office.current, id=name))
    assert announce(replace(office.desk, integrations=supplies(busy))) == 1
