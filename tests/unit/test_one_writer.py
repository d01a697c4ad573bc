"""Invariant 7: one active run per integration, and no run that stays running for ever."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.model.errors import StateError
from sync.model.integration import Status
from sync.model.run import Run, RunFailure, RunKind, RunStatus, RunTrigger
from sync.services import runs
from sync.services.desk import lease_key
from sync.services.opening import open_run
from sync.services.policy import Policy
from sync.services.runs import SyncOrder, admit
from sync.services.sweeping import sweep
from tests.support.company import START
from tests.support.desks import ALICE
from tests.support.host import settle
from tests.support.office import Office, open_office


def die(office: Office) -> None:
    """Kill the process: its workflow is gone, and in time its lease runs out."""
    office.host.waiting.clear()
    office.clock.pass_by(office.desk.policy.lease.total_seconds())


def swept(office: Office) -> int:
    mended = settle(sweep(office.desk, office.host))
    assert isinstance(mended, int)
    return mended


def refused(office: Office, trigger: RunTrigger = RunTrigger.MANUAL) -> StateError:
    with pytest.raises(StateError) as told:
        office.begin(trigger=trigger)
    return told.value


def test_a_second_sync_while_one_is_active_is_refused() -> None:
    office = open_office()
    run = office.begin()
    error = refused(office)
    assert (error.code, error.facts) == ("SYNC_ALREADY_RUNNING", {"runId": run.id})


def test_a_dead_owners_run_is_in_the_way_until_the_sweeper_came() -> None:
    office = open_office()
    run = office.begin()
    die(office)
    assert refused(office).facts == {"runId": run.id}


def test_a_lease_just_taken_whose_run_is_not_stored_yet_is_respected() -> None:
    office = open_office()
    key, until = lease_key(office.integration.id), START + timedelta(seconds=10)
    office.desk.leases.acquire(key, "run_new", until=until, now=START, facts={})
    assert refused(office).facts == {"runId": "run_new"}


def test_a_sync_begins_when_the_one_before_has_ended() -> None:
    office = open_office()
    office.sync()
    assert office.sync().status is RunStatus.SUCCEEDED


def test_a_lease_that_an_ended_run_left_is_taken_over_when_it_has_run_out() -> None:
    office = open_office()
    run = office.begin()
    office.desk.runs.save(replace(run, status=RunStatus.FAILED))
    die(office)
    assert office.sync().status is RunStatus.SUCCEEDED


def test_integrations_do_not_wait_for_each_other() -> None:
    office = open_office()
    office.begin()
    other = office.desk.integrations.create(replace(office.integration, id="int_other"))
    assert admit(office.desk, other, SyncOrder(RunKind.FULL)).status is RunStatus.QUEUED


def test_a_step_shows_a_sign_of_life() -> None:
    office = open_office()
    run = office.begin()
    office.clock.pass_by(5)
    open_run(office.desk, office.job(run))
    lease = office.desk.leases.get(lease_key(office.integration.id))
    assert lease is not None
    assert lease.expires_at == START + timedelta(seconds=15)


def test_a_dead_owners_run_is_resumed() -> None:
    office = open_office()
    office.add("A")
    run = office.begin()
    die(office)
    assert swept(office) == 1
    ended = office.work(run)
    assert (ended.status, ended.attempt) == (RunStatus.SUCCEEDED, 2)


def test_a_resumed_run_is_left_alone_while_its_lease_lasts() -> None:
    office = open_office()
    office.begin()
    die(office)
    assert [swept(office), swept(office)] == [1, 0]


def test_a_run_whose_workflow_is_under_way_is_left_alone() -> None:
    office = open_office()
    run = office.begin()
    office.clock.pass_by(3600)
    assert swept(office) == 0
    assert (office.found(run).attempt, refused(office).code) == (1, "SYNC_ALREADY_RUNNING")


def test_a_run_that_keeps_dying_is_given_up() -> None:
    office = open_office(Policy(attempts=3))
    run = office.begin()
    for _ in range(3):
        die(office)
        swept(office)
    ended = office.found(run)
    message = "The run's owner died 3 times; start a new run"
    assert (ended.status, ended.error) == (RunStatus.FAILED, RunFailure("OWNER_LOST", message, retryable=True))


def test_a_new_sync_may_begin_after_a_run_was_given_up() -> None:
    office = open_office(Policy(attempts=1))
    office.begin()
    die(office)
    swept(office)
    assert office.sync().status is RunStatus.SUCCEEDED


@pytest.mark.parametrize("stored", [True, False])
def test_a_lease_without_an_active_run_is_cleared(*, stored: bool) -> None:
    office = open_office()
    if stored:
        office.desk.runs.save(replace(office.begin(), status=RunStatus.SUCCEEDED))
    else:
        facts = {"integrationId": office.integration.id}
        key = lease_key(office.integration.id)
        office.desk.leases.acquire(key, "run_never", until=START, now=START, facts=facts)
    die(office)
    assert (swept(office), office.desk.leases.list("")) == (1, ())


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.BROKEN, "INTEGRATION_BROKEN"),
        (Status.SETUP_REQUIRED, "SETUP_REQUIRED"),
        (Status.REAUTH_REQUIRED, "REAUTH_REQUIRED"),
    ],
)
def test_a_held_integration_starts_no_sync_by_itself(status: Status, code: str) -> None:
    office = open_office(status=status, status_reason="The secret was refused")
    error = refused(office, RunTrigger.TIMER)
    assert (error.code, error.message) == (code, "The secret was refused. Mend it, then test the connection")


def test_a_held_integration_without_a_reason_says_what_to_do_all_the_same() -> None:
    assert refused(open_office(status=Status.REAUTH_REQUIRED)).message.startswith(
        "The connection does not work. Mend it"
    )


def test_changed_credentials_let_one_sync_try() -> None:
    office = open_office(status=Status.REAUTH_REQUIRED, untried=True)
    office.sync()
    assert (office.current.status, office.current.untried) == (Status.ACTIVE, False)


def test_a_paused_integration_is_synced_by_hand() -> None:
    office = open_office(status=Status.PAUSED, status_reason="Holidays")
    office.sync()
    assert (office.current.status, office.current.status_reason) == (Status.PAUSED, "Holidays")


def cancelled(office: Office, run: Run) -> Run:
    return runs.cancel(office.desk, ALICE, office.integration.id, run.id)


def test_an_ended_run_cannot_be_cancelled() -> None:
    office = open_office()
    run = office.sync()
    with pytest.raises(StateError) as told:
        cancelled(office, run)
    assert told.value.code == "RUN_ENDED"


def test_a_run_that_is_cancelled_before_it_began_reads_nothing() -> None:
    office = open_office()
    run = office.begin()
    assert cancelled(office, run).cancel_requested
    assert (office.work(run).status, office.source.asked) == (RunStatus.CANCELLED, [])


def test_an_active_run_cannot_be_repeated() -> None:
    office = open_office()
    run = office.begin()
    with pytest.raises(StateError) as told:
        runs.repeat(office.desk, ALICE, office.integration.id, run.id)
    assert (told.value.code, told.value.facts) == ("RUN_ACTIVE", {"runId": run.id})
