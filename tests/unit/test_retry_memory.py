"""A failed record is remembered and tried again by later runs until it succeeds, is gone, or its source changes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sync.engine.failures import FailureClass, NextTry, Outlook, class_of, outlook
from sync.model.errors import RefusedError, RetryLaterError, SyncError
from sync.model.integration import Integration, Status
from sync.model.record import Failure, RecordFault
from sync.model.run import Run, RunKind, RunStatus
from sync.services import troubles
from sync.services.lookup import IDS
from sync.services.policy import Policy
from tests.support.company import START
from tests.support.office import SUPPLIERS, Office, open_office, suppliers, twice

ID = "11111111-0000-4000-8000-000000000001"
HOUR = timedelta(hours=1)


def opened(office: Office) -> dict[str, Failure]:
    found = office.desk.failures.open(office.integration.id, SUPPLIERS, limit=9999)
    return {each.external_id: each for each in found}


def attempts(office: Office) -> list[int]:
    return sorted(each.attempts for each in opened(office).values())


def delta(office: Office) -> Run:
    """Carry a delta whose window holds nothing that was ever changed."""
    office.clock.pass_by(3600)
    return office.sync(RunKind.DELTA, entities=(SUPPLIERS,))


def synced(office: Office) -> Run:
    """Carry a full sync so long after all changes that no delta's window holds them."""
    office.clock.pass_by(3600)
    run = office.sync()
    office.clock.pass_by(3600)
    return run


def led_to(office: Office, environment: str) -> None:
    office.change(connection=replace(office.current.connection, environment=environment))


def test_failed_records_are_read_again_fifty_with_one_request() -> None:
    office = open_office()
    office.add(*[""] * 120)
    synced(office)
    before = len(office.source.asked)
    run = delta(office)
    asked = [each for each in office.source.asked[before:] if each.since is None]
    assert sorted((each.filter or "").count("id eq") for each in asked) == [20, IDS, IDS]
    assert suppliers(run).errors == 120


def test_none_of_many_failed_records_starves() -> None:
    office = open_office(Policy(retries=2))
    office.add(*[""] * 5)
    synced(office)
    for _ in range(3):
        delta(office)
    assert attempts(office) == [2, 2, 2, 2, 3]


def test_steps_that_happen_twice_are_one_attempt() -> None:
    office = open_office()
    office.add("", "")
    office.host.around = twice
    synced(office)
    delta(office)
    assert attempts(office) == [2, 2]


def test_a_record_that_failed_and_changed_is_tried_once_by_a_run() -> None:
    office = open_office()
    (bad,) = office.add("")
    office.sync()
    office.clock.pass_by(3600)
    office.company.put("vendors", bad, "  ")
    run = office.sync(RunKind.DELTA)
    assert (suppliers(run).read, suppliers(run).errors, attempts(office)) == (1, 1, [2])


def test_a_failed_record_that_lists_leave_out_is_asked_for_alone_and_not_called_gone() -> None:
    office = open_office()
    (bad,) = office.add("")
    synced(office)
    office.company.hidden, office.company.shown_alone = {bad}, False
    assert suppliers(delta(office)).errors == 1
    assert attempts(office) == [2]


@pytest.mark.parametrize(("count", "refusals"), [(3, 1), (3, 2), (3, 3), (1, 1), (7, 7)])
def test_a_failed_record_that_the_source_refuses_fails_by_itself(count: int, refusals: int) -> None:
    office = open_office()
    office.add(*[""] * count)
    synced(office)
    office.source.troubles["page"] = [None, RefusedError("No such list")]
    office.source.troubles["record"] = [RefusedError("Not this one")] * refusals
    run = office.sync(RunKind.DELTA, entities=(SUPPLIERS,))
    codes = sorted(each.fault.code for each in opened(office).values())
    assert codes == ["REQUIRED_FIELD_MISSING"] * (count - refusals) + ["SOURCE_REFUSED"] * refusals
    assert (run.status, run.error, attempts(office)) == (RunStatus.PARTIAL, None, [2] * count)


def test_trouble_that_all_failed_records_have_is_not_theirs() -> None:
    office = open_office()
    office.add("", "")
    synced(office)
    office.source.troubles["page"] = [None, RefusedError("No"), RefusedError("No")]
    office.source.troubles["record"] = [RefusedError("No"), RefusedError("No")]
    run = office.sync(RunKind.DELTA, entities=(SUPPLIERS,))
    assert (run.status, run.error.code if run.error else None) == (RunStatus.PARTIAL, "SOURCE_INCOMPLETE")
    assert attempts(office) == [1, 1]


def test_a_source_that_is_away_puts_the_retry_off() -> None:
    office = open_office()
    office.add("", "")
    synced(office)
    office.source.troubles["page"] = [None, RetryLaterError("Slow down", delay=30, announced=True)]
    assert suppliers(office.sync(RunKind.DELTA, entities=(SUPPLIERS,))).errors == 2
    assert attempts(office) == [2, 2]


def test_a_record_without_an_id_is_not_forgotten_because_nobody_can_ask_for_it() -> None:
    office = open_office()
    office.company.put("vendors", "", "Nameless")
    synced(office)
    delta(office)
    assert [each[:5] for each in opened(office)] == ["noid-"]


def test_a_record_without_an_id_is_forgotten_once_a_full_listing_lacks_it() -> None:
    office = open_office()
    office.add("Another")
    office.company.put("vendors", "", "Nameless")
    office.sync()
    office.company.delete("vendors", "")
    office.sync()
    assert opened(office) == {}


def test_what_failed_in_a_former_company_is_neither_asked_for_nor_forgotten() -> None:
    office = open_office()
    (bad,) = office.add("")
    synced(office)
    office.company.delete("vendors", bad)
    led_to(office, "Sandbox")
    for _ in range(3):
        delta(office)
    assert list(opened(office)) == [bad]


def test_what_failed_in_a_former_company_is_tried_again_when_that_is_connected_again() -> None:
    office = open_office()
    office.add("Good")
    (bad,) = office.add("")
    row = office.company.sets["vendors"][bad]
    synced(office)
    office.company.delete("vendors", bad)
    led_to(office, "Sandbox")
    delta(office)
    led_to(office, "Production")
    office.company.sets["vendors"][bad] = replace(row, name="Mended in silence")
    delta(office)
    assert (office.kept(bad).fields["name"], opened(office)) == ("Mended in silence", {})


def test_a_retry_by_hand_leaves_what_failed_in_a_former_company_alone() -> None:
    office = open_office()
    office.add("")
    first = office.sync()
    led_to(office, "Sandbox")
    delta(office)
    assert suppliers(office.repeat(first)).read == 0


def test_a_mended_failure_of_a_run_is_not_tried_again() -> None:
    office = open_office()
    bad, worse = office.add("", "")
    first = office.sync()
    office.company.put("vendors", bad, "Good")
    office.sync()
    told = troubles.with_outlooks(office.desk, office.current, office.failures(first))
    assert {each.failure.external_id: each.outlook for each in told} == {
        bad: None,
        worse: Outlook(NextTry.SYNC_BY_HAND),
    }


def failing(external_id: str = ID, source: str = "") -> Failure:
    return Failure(SUPPLIERS, external_id, RecordFault("INVALID_VALUE", "No"), "run-1", 1, START, START, source)


def scheduled(**changes: Any) -> Integration:
    return replace(open_office(schedule="0 0 * * * *", next_run_at=START + HOUR).integration, **changes)


@pytest.mark.parametrize(
    ("failure", "changes", "expected"),
    [
        (failing(), {}, Outlook(NextTry.NEXT_SYNC, START + HOUR)),
        (failing(), {"schedule": None}, Outlook(NextTry.SYNC_BY_HAND)),
        (failing(), {"status": Status.PAUSED}, Outlook(NextTry.SYNC_BY_HAND)),
        (failing(), {"status": Status.BROKEN}, Outlook(NextTry.WHEN_MENDED)),
        (failing("noid-1"), {}, Outlook(NextTry.FULL_SYNC)),
        (failing(source="another"), {}, Outlook(NextTry.WHEN_RECONNECTED)),
    ],
)
def test_a_failure_tells_when_it_is_tried_again(failure: Failure, changes: dict[str, Any], expected: Outlook) -> None:
    assert outlook(failure, scheduled(**changes)) == expected


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("REQUIRED_FIELD_MISSING", FailureClass.DATA),
        ("UNEXPECTED_TYPE", FailureClass.MAPPING),
        ("MISSING_ID", FailureClass.MAPPING),
        ("ROW_TOO_LARGE", FailureClass.STORAGE),
        ("SOURCE_REFUSED", FailureClass.SOURCE),
    ],
)
def test_a_failure_tells_who_can_mend_it(code: str, kind: FailureClass) -> None:
    assert class_of(code) is kind


def test_an_error_of_another_kind_is_not_swallowed() -> None:
    office = open_office()
    office.add("")
    synced(office)
    office.source.troubles["page"] = [None, SyncError("Odd")]
    assert office.sync(RunKind.DELTA, entities=(SUPPLIERS,)).status is RunStatus.FAILED
