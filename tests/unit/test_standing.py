"""Held and paused: what may be tried by hand, what a pause covers, and what comes back when it ends."""

from dataclasses import replace
from typing import Any

import pytest

from sync.engine.standing import may_be_tried, paused, resumed
from sync.model.errors import ConsentError, RetryLaterError, SetupError, SourceGoneError, StateError
from sync.model.integration import HELD, Connection, Grant, Integration, Status
from sync.model.run import BY_HAND, RunKind, RunStatus, RunTrigger
from sync.services import checking
from sync.services.health import HealthState, health_of
from tests.support.company import START
from tests.support.desks import ALICE, OneSource
from tests.support.office import Office, open_office

REASON = "The secret was refused"
TRIED = [Status.SETUP_REQUIRED, Status.BROKEN]
GONE = SourceGoneError("No company", code="COMPANY_NOT_FOUND")


def held(status: Status, **changes: Any) -> Office:
    return open_office(status=status, status_reason=REASON, **changes)


def shown(integration: Integration) -> tuple[Status, Status, str | None]:
    return integration.status, integration.standing, integration.status_reason


def refusal(office: Office, trigger: RunTrigger = RunTrigger.MANUAL) -> str:
    with pytest.raises(StateError) as told:
        office.begin(trigger=trigger)
    return told.value.code


@pytest.mark.parametrize("status", TRIED)
def test_a_sync_by_hand_that_works_lifts_a_hold(status: Status) -> None:
    office = held(status)
    assert office.sync().status is RunStatus.SUCCEEDED
    assert shown(office.current) == (Status.ACTIVE, Status.ACTIVE, None)


@pytest.mark.parametrize("status", TRIED)
def test_a_sync_by_hand_that_fails_again_leaves_the_hold_with_the_newest_reason(status: Status) -> None:
    office = held(status)
    office.source.troubles["companies"] = [GONE]
    office.sync()
    assert shown(office.current) == (Status.BROKEN, Status.BROKEN, "No company")


@pytest.mark.parametrize("status", TRIED)
def test_trouble_that_may_pass_leaves_a_hold_as_it_is(status: Status) -> None:
    office = held(status)
    office.source.troubles["companies"] = [RetryLaterError("Down", delay=0)]
    office.sync()
    assert shown(office.current) == (status, status, REASON)


@pytest.mark.parametrize("status", sorted(HELD))
@pytest.mark.parametrize("trigger", [each for each in RunTrigger if each not in BY_HAND])
def test_timers_and_notices_never_try_a_held_integration(status: Status, trigger: RunTrigger) -> None:
    assert refusal(held(status), trigger)


def test_a_dead_consent_is_not_tried_by_hand() -> None:
    assert refusal(held(Status.REAUTH_REQUIRED)) == "REAUTH_REQUIRED"


def test_a_consent_that_was_never_given_is_not_tried_by_hand() -> None:
    office = held(Status.SETUP_REQUIRED)
    office.change(connection=replace(office.current.connection, grant=Grant.AUTHORIZATION_CODE))
    assert refusal(office) == "SETUP_REQUIRED"


def test_a_pause_does_not_let_a_dead_consent_be_tried() -> None:
    office = held(Status.REAUTH_REQUIRED)
    office.change(status=Status.PAUSED, resumes_as=Status.REAUTH_REQUIRED)
    assert refusal(office) == "REAUTH_REQUIRED"


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.REAUTH_REQUIRED])
def test_what_is_not_held_or_needs_a_sign_in_is_nothing_to_try(status: Status) -> None:
    assert not may_be_tried(held(status).current)


@pytest.mark.parametrize("status", sorted(HELD))
def test_a_pause_covers_a_hold_and_gives_it_back(status: Status) -> None:
    before = held(status).current
    covered = paused(before)
    assert shown(covered) == (Status.PAUSED, status, REASON)
    assert resumed(covered) == before


def test_a_second_pause_changes_nothing() -> None:
    covered = paused(held(Status.BROKEN).current)
    assert paused(covered) == covered


def test_an_active_integration_is_paused_and_resumed_without_a_reason() -> None:
    before = open_office().current
    assert shown(paused(before)) == (Status.PAUSED, Status.ACTIVE, None)
    assert resumed(paused(before)) == before


def test_a_paused_integration_whose_sync_by_hand_fails_stays_paused_and_says_why() -> None:
    office = open_office(status=Status.PAUSED)
    office.source.troubles["companies"] = [GONE]
    office.sync()
    assert shown(office.current) == (Status.PAUSED, Status.BROKEN, "No company")


def test_a_paused_integration_that_was_broken_stays_paused_when_a_sync_by_hand_works() -> None:
    office = open_office(status=Status.PAUSED, resumes_as=Status.BROKEN, status_reason=REASON)
    office.sync()
    assert shown(office.current) == (Status.PAUSED, Status.ACTIVE, None)


def test_a_paused_integration_that_was_broken_stays_paused_after_a_good_test() -> None:
    office = open_office(status=Status.PAUSED, resumes_as=Status.BROKEN, status_reason=REASON)
    assert checking.test(office.desk, ALICE, office.integration.id).connected
    assert shown(office.current) == (Status.PAUSED, Status.ACTIVE, None)


def test_a_consent_that_dies_during_a_pause_is_told_once() -> None:
    office = open_office(status=Status.PAUSED)
    office.source.troubles["companies"] = [ConsentError("Revoked")]
    office.sync()
    assert shown(office.current) == (Status.PAUSED, Status.REAUTH_REQUIRED, "Revoked")
    assert refusal(office) == "REAUTH_REQUIRED"


def test_a_paused_integration_that_is_broken_is_failing() -> None:
    office = open_office(status=Status.PAUSED, resumes_as=Status.BROKEN, status_reason=REASON)
    health = health_of(office.current, (), now=START)
    assert (health.state, health.detail) == (HealthState.FAILING, REASON)


@pytest.mark.parametrize(("status", "times"), [(Status.ACTIVE, 0), (Status.BROKEN, 1), (Status.SETUP_REQUIRED, 1)])
def test_a_held_integration_that_is_synced_by_hand_asks_for_its_token_anew(status: Status, times: int) -> None:
    office = held(status)
    office.sync()
    assert len(asked_anew(office)) == times


def test_a_delta_by_timer_remembers_refused_credentials() -> None:
    office = open_office()
    run = office.begin(RunKind.DELTA, trigger=RunTrigger.TIMER)
    office.change(status=Status.SETUP_REQUIRED)
    office.work(run)
    assert asked_anew(office) == []


def test_a_test_asks_for_its_token_anew_whether_it_works_or_not() -> None:
    office = open_office()
    office.source.troubles["companies"] = [SetupError("Refused", code="CREDENTIALS_REFUSED")]
    found = [checking.test(office.desk, ALICE, office.integration.id).connected for _ in range(2)]
    assert (found, asked_anew(office)) == ([False, True], [office.current.connection] * 2)


def asked_anew(office: Office) -> list[Connection]:
    """Return the connections whose refusals were forgotten."""
    assert isinstance(office.desk.sources, OneSource)
    return office.desk.sources.asked_anew
