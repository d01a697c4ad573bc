"""A consent that died is told once, and holds only what still depends on it."""

from dataclasses import replace
from datetime import timedelta

from sync.model.errors import ConsentError, SetupError
from sync.model.integration import Consent, Grant, Status
from sync.model.log import Action, LogEntry, LogStatus
from sync.model.run import RunFailure, RunStatus
from sync.services.desk import State, Step
from sync.services.finishing import finish_run
from tests.support.office import Office, open_office

DEAD = ConsentError("Revoked")


def fail(office: Office, error: SetupError = DEAD) -> None:
    """Let one sync fail with an error."""
    office.source.troubles["companies"] = [error]
    office.sync()


def notices(office: Office) -> tuple[LogEntry, ...]:
    return office.logs(action=Action.NOTICE)


def authorize(office: Office) -> None:
    """Give the integration a new consent, as a callback does."""
    consent = Consent("consent-1", office.clock.now())
    connection = replace(office.current.connection, grant=Grant.AUTHORIZATION_CODE, consent=consent)
    office.change(connection=connection, status=Status.ACTIVE, status_reason=None)


def test_a_dead_consent_is_told_in_one_notice() -> None:
    office = open_office()
    fail(office)
    (notice,) = notices(office)
    assert (notice.status, notice.entity_type, notice.records_affected) == (LogStatus.ERROR, None, 0)
    assert (notice.metadata["code"], notice.metadata["message"]) == ("REAUTH_REQUIRED", "Revoked")


def test_a_consent_that_stays_dead_is_not_told_again() -> None:
    office = open_office()
    fail(office)
    office.change(untried=True)
    fail(office)
    assert (len(notices(office)), office.current.status) == (1, Status.REAUTH_REQUIRED)


def test_a_consent_that_dies_again_is_told_again() -> None:
    office = open_office()
    fail(office)
    authorize(office)
    office.clock.pass_by(1)
    fail(office)
    assert len(notices(office)) == 2


def test_a_run_that_is_ended_twice_writes_one_notice() -> None:
    office = open_office()
    run = office.begin()
    steps = [Step(State.FAILED, failure=RunFailure("REAUTH_REQUIRED", "Revoked"), standing=Status.REAUTH_REQUIRED)]
    finish_run(office.desk, office.job(run), steps)
    office.desk.runs.save(replace(run, version=office.found(run).version))
    office.change(status=Status.ACTIVE)
    finish_run(office.desk, office.job(run), steps)
    assert len(notices(office)) == 1


def test_other_troubles_are_no_notice() -> None:
    office = open_office()
    fail(office, SetupError("Refused", code="CREDENTIALS_REFUSED"))
    assert notices(office) == ()


def test_a_run_that_fails_by_a_former_consent_does_not_hold_the_new_one() -> None:
    office = open_office()
    run = office.begin()
    office.clock.pass_by(timedelta(minutes=1).total_seconds())
    authorize(office)
    office.source.troubles["companies"] = [DEAD]
    office.work(run)
    assert (office.current.status, notices(office)) == (Status.ACTIVE, ())


def test_a_run_that_fails_by_the_present_consent_holds_it() -> None:
    office = open_office()
    authorize(office)
    fail(office)
    assert office.current.status is Status.REAUTH_REQUIRED


def test_a_run_that_ends_well_does_not_make_up_for_a_consent_dropped_meanwhile() -> None:
    office = open_office()
    office.add("A")

    def drop() -> None:
        connection = replace(office.current.connection, grant=Grant.AUTHORIZATION_CODE, consent=None)
        office.change(connection=connection, status=Status.SETUP_REQUIRED)
        office.company.before_page = lambda: None

    office.company.before_page = drop
    assert (office.sync().status, office.current.status) == (RunStatus.SUCCEEDED, Status.SETUP_REQUIRED)
