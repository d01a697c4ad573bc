"""How a run ends: log entries, the integration's standing, and when it was last in step."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from sync.engine.standing import worth_waiting
from sync.model.errors import ConsentError, RefusedError, RetryLaterError, SetupError, SourceGoneError, SyncError
from sync.model.integration import Consent, Integration, Status
from sync.model.log import Action, LogEntry, LogStatus
from sync.model.run import Phase, RunFailure, RunKind, RunStatus
from sync.ports import Companies, Company
from sync.services import runs
from sync.services.desk import State, Step
from sync.services.finishing import LOGGED_ERRORS, finish_run
from sync.services.opening import open_run
from tests.support.company import COMPANY, START
from tests.support.desks import ALICE, OneSource
from tests.support.office import ITEMS, PRODUCTS, SMALL, SUPPLIERS, Office, TroubledSource, open_office

MINUTE = timedelta(minutes=1)


def entry_of(office: Office, entity_type: str = "SUPPLIER") -> LogEntry:
    (entry,) = office.logs(entity_type=entity_type)
    return entry


def test_a_run_writes_one_entry_for_each_entity_type() -> None:
    office = open_office()
    run = office.sync()
    assert {(each.entity_type, each.id) for each in office.logs(run_id=run.id)} == {
        ("SUPPLIER", run.id.replace("run", "log") + "-suppliers"),
        ("PRODUCT", run.id.replace("run", "log") + "-products"),
    }


def test_a_run_of_one_entity_type_writes_one_entry() -> None:
    office = open_office()
    office.sync(entities=(PRODUCTS,))
    assert [each.entity_type for each in office.logs()] == ["PRODUCT"]


def test_an_entry_tells_exactly_what_was_done() -> None:
    office = open_office()
    good, bad = office.add("Good", "")
    run = office.sync()
    entry = entry_of(office)
    message = office.failures(run)[0].fault.message
    assert (entry.action, entry.status, entry.records_affected) == (Action.UPSERT, LogStatus.PARTIAL, 1)
    assert (good != bad, entry.created_at, entry.metadata) == (
        True,
        START,
        {
            "runId": run.id,
            "kind": "full",
            "trigger": "manual",
            "created": 1,
            "updated": 0,
            "unchanged": 0,
            "conflicts": 0,
            "errorCount": 1,
            "errors": [{"externalId": bad, "error": message, "data": {"displayName": ""}}],
        },
    )


def test_records_affected_are_those_created_and_updated() -> None:
    office = open_office()
    first, _, _ = office.add("A", "B", "C")
    office.sync(entities=(SUPPLIERS,))
    office.company.put("vendors", first, "Changed")
    office.add("D")
    run = office.sync(entities=(SUPPLIERS,))
    (entry,) = office.logs(run_id=run.id)
    assert (entry.records_affected, entry.status) == (2, LogStatus.SUCCESS)


def test_an_entry_holds_the_first_hundred_errors() -> None:
    office = open_office()
    office.add(*[""] * (LOGGED_ERRORS + 5))
    office.add(*[""] * (LOGGED_ERRORS + 5), to="items")
    run = office.sync()
    entries = [entry_of(office, name) for name in ("SUPPLIER", "PRODUCT")]
    found = [(len(each.metadata["errors"]), each.metadata["errorCount"]) for each in entries]
    assert (found, len(office.failures(run))) == ([(100, 105), (100, 105)], 210)


def test_a_failed_run_writes_an_error_entry_for_each_entity_type() -> None:
    office = open_office()
    office.source.troubles["companies"] = [SetupError("The secret was refused", code="CLIENT_SECRET_REFUSED")]
    office.sync()
    told = {(each.entity_type, each.status, each.metadata["code"], each.metadata["message"]) for each in office.logs()}
    reason = ("CLIENT_SECRET_REFUSED", "The secret was refused")
    assert told == {("SUPPLIER", LogStatus.ERROR, *reason), ("PRODUCT", LogStatus.ERROR, *reason)}


def test_an_entity_type_that_was_read_short_is_logged_as_partial() -> None:
    office = open_office()
    office.source.counts = [2, 2]
    office.sync()
    assert (entry_of(office).status, entry_of(office, "PRODUCT").status) == (LogStatus.PARTIAL, LogStatus.SUCCESS)


def test_an_entity_type_with_an_unread_page_is_logged_as_partial() -> None:
    office = open_office(SMALL)
    office.add("A", "B", "C", "D")
    office.source.troubles["page"] = [None, RefusedError("Broken")]
    office.sync()
    entries = [entry_of(office, name) for name in ("SUPPLIER", "PRODUCT")]
    assert [each.status for each in entries] == [LogStatus.PARTIAL, LogStatus.SUCCESS]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (SourceGoneError("No company", code="COMPANY_NOT_FOUND"), Status.BROKEN),
        (SetupError("Refused", code="CLIENT_SECRET_REFUSED"), Status.SETUP_REQUIRED),
        (ConsentError("Revoked"), Status.REAUTH_REQUIRED),
    ],
)
def test_a_failure_that_needs_a_person_holds_the_integration(error: SyncError, status: Status) -> None:
    office = open_office(untried=True)
    office.source.troubles["companies"] = [error]
    run = office.sync()
    now = office.current
    assert (now.status, now.status_reason, now.untried) == (status, error.message, False)
    assert run.error == RunFailure(error.code, error.message)


@pytest.mark.parametrize("error", [RefusedError("Not now"), RetryLaterError("Down", delay=0)])
def test_a_failure_that_may_pass_leaves_the_integration_active(error: SyncError) -> None:
    office = open_office()
    office.source.troubles["companies"] = [error]
    office.sync()
    assert (office.current.status, office.current.last_synced_at) == (Status.ACTIVE, None)


def test_a_hold_whose_step_gave_no_failure_has_no_reason() -> None:
    office = open_office()
    run = office.begin()
    finish_run(office.desk, office.job(run), [Step(State.FAILED, standing=Status.BROKEN)])
    assert (office.current.status, office.current.status_reason) == (Status.BROKEN, None)


def synced(office: Office, minutes: int = 5) -> Integration:
    office.clock.pass_by(minutes * 60)
    office.sync()
    return office.current


def test_last_synced_is_the_start_of_the_last_good_run() -> None:
    office = open_office()
    office.company.before_page = lambda: office.clock.pass_by(30)
    assert synced(office).last_synced_at == START + 5 * MINUTE


def test_a_run_partial_only_by_record_errors_counts_as_synced() -> None:
    office = open_office()
    office.add("")
    assert synced(office).last_synced_at == START + 5 * MINUTE


def test_a_run_that_did_not_read_everything_does_not_count_as_synced() -> None:
    office = open_office()
    office.source.counts = [2, 2]
    assert (synced(office).last_synced_at, office.current.status) == (None, Status.ACTIVE)


def test_a_cancelled_run_does_not_count_as_synced() -> None:
    office = open_office()
    run = office.begin()
    runs.cancel(office.desk, ALICE, office.integration.id, run.id)
    office.work(run)
    assert office.current.last_synced_at is None


def test_last_synced_never_moves_back() -> None:
    office = open_office(last_synced_at=START + timedelta(days=1))
    assert synced(office).last_synced_at == START + timedelta(days=1)


def test_a_run_that_is_finished_without_having_begun_leaves_last_synced_alone() -> None:
    office = open_office(last_synced_at=START)
    run = office.begin()
    finish_run(office.desk, office.job(run), [Step(State.DONE)])
    assert office.current.last_synced_at == START


def test_an_ended_run_tells_its_window_and_its_last_progress() -> None:
    office = open_office()
    office.add("A")
    office.sync()
    office.clock.pass_by(3600)
    run = office.sync(RunKind.DELTA)
    assert (run.window.since, run.window.until) == (START - 10 * MINUTE, START + 60 * MINUTE)
    assert (run.progress.phase, run.progress.heartbeat_at, run.ended_at) == (
        Phase.DONE,
        run.ended_at,
        START + 60 * MINUTE,
    )


def test_a_step_that_found_the_run_cancelled_ends_it_so() -> None:
    office = open_office()
    run = office.begin()
    finish_run(office.desk, office.job(run), [Step(State.CANCELLED)])
    assert office.found(run).status is RunStatus.CANCELLED


def test_the_company_is_pinned_when_a_run_opens() -> None:
    office = open_office()
    office.change(connection=replace(office.current.connection, company_id=None))
    office.sync()
    connection = office.current.connection
    assert (connection.company_id, connection.company_name) == (COMPANY.id, COMPANY.display_name)


@pytest.mark.parametrize(
    ("named", "seen", "code", "status"),
    [
        (None, (), "NO_COMPANY", Status.SETUP_REQUIRED),
        (COMPANY.id, (), "COMPANY_NOT_FOUND", Status.BROKEN),
        (COMPANY.id, (Company("x", "X", "X"),), "COMPANY_NOT_FOUND", Status.BROKEN),
    ],
)
def test_a_company_that_is_not_there_holds_the_integration(
    named: str | None, seen: tuple[Company, ...], code: str, status: Status
) -> None:
    office = open_office()
    office.change(connection=replace(office.current.connection, company_id=named))
    office.source.seen = seen
    run = office.sync()
    assert run.error is not None
    assert (run.error.code, office.current.status) == (code, status)


def test_a_company_is_known_whatever_the_case_of_its_id() -> None:
    office = open_office()
    lettered = Company("abcdef00-0000-4000-8000-000000000000", "X", "X")
    office.source.seen = (COMPANY, lettered)
    office.change(connection=replace(office.current.connection, company_id=lettered.id.upper()))
    office.sync()
    assert office.current.connection.company_name == "X"


def test_a_run_that_pinned_its_company_moves_the_watermark_of_that_company() -> None:
    office = open_office()
    office.change(connection=replace(office.current.connection, company_id=None))
    office.sync()
    assert office.watermark() == START


@dataclass(slots=True)
class MeddledSource(TroubledSource):
    """A source whose connection is changed by its owner in the moment when the companies are listed."""

    meanwhile: Callable[[], None] = lambda: None

    def companies(self) -> Companies:
        self.meanwhile()
        return TroubledSource.companies(self)


def open_while_changing(office: Office, **connection: Any) -> None:
    """Open a run without a company while the owner changes the connection."""
    office.change(connection=replace(office.current.connection, company_id=None))
    source = MeddledSource(office.company)
    source.meanwhile = lambda: office.change(connection=replace(office.current.connection, **connection))
    open_run(replace(office.desk, sources=OneSource(source)), office.job(office.begin()))


def test_a_consent_given_while_a_run_opens_is_kept() -> None:
    office, consent = open_office(), Consent("consent-2", START)
    open_while_changing(office, consent=consent)
    assert (office.current.connection.consent, office.current.connection.company_id) == (consent, COMPANY.id)


def test_an_environment_chosen_while_a_run_opens_is_kept_and_the_run_opens_anew() -> None:
    office = open_office()
    with pytest.raises(RetryLaterError) as caught:
        open_while_changing(office, environment="Sandbox")
    connection = office.current.connection
    assert (connection.environment, connection.company_id) == ("Sandbox", None)
    assert worth_waiting(caught.value)


def test_an_entity_type_of_which_nothing_could_be_read_is_logged_as_an_error_with_its_reason() -> None:
    office = open_office()
    office.add("A", to=ITEMS)
    office.source.troubles["page"] = [RefusedError("No list")]
    run = office.sync()
    one, other = entry_of(office), entry_of(office, "PRODUCT")
    assert (run.status, one.status, other.status) == (RunStatus.PARTIAL, LogStatus.ERROR, LogStatus.SUCCESS)
    assert (one.metadata["error"], other.metadata.get("error")) == (
        {"code": "SOURCE_INCOMPLETE", "message": "No list"},
        None,
    )


def test_an_entity_type_of_which_a_part_could_be_read_is_partial_and_tells_its_reason() -> None:
    office = open_office(SMALL)
    office.add("A", "B", "C", "D")
    office.source.troubles["page"] = [None, RefusedError("Page 2 is broken")]
    office.sync()
    entry = entry_of(office)
    assert (entry.status, entry.metadata["error"]["message"]) == (LogStatus.PARTIAL, "Page 2 is broken")


def test_a_listing_that_shrank_is_logged_as_partial() -> None:
    office = open_office()
    ids = office.add("A", "B")
    office.sync()
    for each in ids:
        office.company.delete("vendors", each)
    (entry,) = office.logs(entity_type="SUPPLIER", run_id=office.sync().id)
    assert (entry.status, entry.metadata["error"]["code"]) == (LogStatus.PARTIAL, "LISTING_SHRUNK")
