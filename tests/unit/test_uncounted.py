"""Invariants 1 and 2: a source that does not count is read all the same, and nothing is proven by it."""

import pytest

from sync.connectors.faults import Fault
from sync.connectors.rulings import ruling_on
from sync.engine.buckets import bucket_count, room_in
from sync.model.channel import Hint, HintKind
from sync.model.errors import RefusedError, RetryLaterError, SetupError, SyncError
from sync.model.run import Completeness, RunFailure, RunKind, RunStatus, Tally, Verdict
from sync.services.certifying import document_of
from sync.services.desk import Job, sit_down
from sync.services.reading import plan_entity
from sync.services.vanishing import confirm
from tests.support.company import START
from tests.support.office import PRODUCTS, SMALL, SUPPLIERS, Office, open_office, set_key, suppliers

DOWN = RetryLaterError("Down", delay=5)
THROTTLED = RetryLaterError("Too many requests", delay=42.5, code="SOURCE_THROTTLED")
NO_COUNT: list[SyncError] = [RefusedError("No count", status=404), DOWN]


def uncounted(*errors: SyncError, names: str = "ABCDE") -> Office:
    """Return an office whose source never counts."""
    office = open_office(SMALL)
    office.add(*names)
    office.source.troubles["count"] = [*errors] * 9
    return office


@pytest.mark.parametrize("error", NO_COUNT)
def test_a_source_that_does_not_count_is_read_to_its_end(error: SyncError) -> None:
    office = uncounted(error)
    run = office.sync(entities=(SUPPLIERS,))
    assert (run.status, suppliers(run)) == (RunStatus.SUCCEEDED, Tally(read=5, created=5))
    assert run.completeness[SUPPLIERS] == Completeness(Verdict.UNPROVEN, expected=None, read=5)


@pytest.mark.parametrize("error", NO_COUNT)
def test_without_a_count_nothing_is_marked_as_gone(error: SyncError) -> None:
    office = open_office()
    first, *_ = office.add("A", "B", "C")
    office.sync()
    office.company.delete("vendors", first)
    office.source.troubles["count"] = [error] * 9
    run = office.sync()
    assert (run.completeness[SUPPLIERS].verdict, office.kept(first).present_in_source) == (Verdict.UNPROVEN, True)


@pytest.mark.parametrize("error", NO_COUNT)
def test_a_listing_without_a_count_moves_the_watermark(error: SyncError) -> None:
    office = uncounted(error)
    run = office.sync()
    assert office.watermark() == office.watermark(PRODUCTS) == run.window.until


def test_a_listing_without_a_count_is_certified_as_unproven() -> None:
    office = uncounted(RefusedError("No count"))
    run = office.sync(entities=(SUPPLIERS,))
    found = office.desk.certificates.get(Job(run.integration_id, run.id).key)
    assert found is not None
    told = document_of(found)["entities"]["suppliers"]
    assert (told["verdict"], told["counted"], told["countedAgain"], told["read"]) == ("unproven", None, None, 5)


def test_a_source_that_can_neither_count_nor_list_at_present_fails_the_run() -> None:
    office = uncounted(DOWN)
    office.source.troubles["page"] = [DOWN]
    run = office.sync(entities=(SUPPLIERS,))
    assert (run.status, run.error) == (RunStatus.FAILED, RunFailure("SOURCE_UNAVAILABLE", "Down", retryable=True))


def test_a_source_that_neither_counts_nor_gives_its_list_fails_the_run() -> None:
    office = open_office()
    office.add("A")
    office.source.troubles["count"] = [DOWN]
    office.source.troubles["page"] = [RefusedError("No list"), RefusedError("No list")]
    run = office.sync()
    assert run.error is not None
    assert (run.status, run.error.code, run.totals[SUPPLIERS]) == (RunStatus.FAILED, "SOURCE_REFUSED", Tally())


def test_a_count_that_is_put_off_is_waited_for_until_the_last_try() -> None:
    office = uncounted(THROTTLED)
    run = office.begin(entities=(SUPPLIERS,))
    office.host.work()
    assert office.host.slept
    job = Job(run.integration_id, run.id, SUPPLIERS, last_try=True)
    assert plan_entity(office.desk, job, sit_down(office.desk, job), SUPPLIERS).plan is not None


def test_missing_permission_to_count_still_asks_for_a_person() -> None:
    office = uncounted(SetupError("No permission"))
    assert office.sync().error == RunFailure("SETUP_REQUIRED", "No permission")


def test_a_new_set_without_a_count_has_room_for_twenty_thousand() -> None:
    office = uncounted(RefusedError("No count"))
    run = office.begin(entities=(SUPPLIERS,))
    job = Job(run.integration_id, run.id, SUPPLIERS)
    plan = plan_entity(office.desk, job, sit_down(office.desk, job), SUPPLIERS).plan
    assert plan is not None
    assert (plan.buckets, plan.groups, plan.expected) == (bucket_count(20_000), 200, None)


def test_a_first_sync_of_changes_only_makes_a_set_with_room_for_twenty_thousand() -> None:
    office = open_office()
    (row,) = office.add("A")
    office.sync(RunKind.DELTA, modified_since=START)
    records = office.desk.records.find_set(set_key(SUPPLIERS))
    assert records is not None
    assert (office.kept(row).fields["name"], records.buckets) == ("A", bucket_count(None))


def test_a_deletion_that_is_told_of_before_anything_was_read_makes_a_set_with_room_for_twenty_thousand() -> None:
    office = open_office()
    bench = sit_down(office.desk, office.job(office.begin()))
    confirm(office.desk, bench, [Hint(office.integration.id, SUPPLIERS, HintKind.GONE, START, "v-1")])
    records = office.desk.records.find_set(set_key(SUPPLIERS))
    assert records is not None
    assert records.buckets == bucket_count(None)


@pytest.mark.parametrize("status", [400, 404, 405, 501])
def test_a_source_that_offers_no_count_refuses_it(status: int) -> None:
    assert isinstance(
        ruling_on(Fault(status, "", "", "")).error(Fault(status, "", "", ""), what="vendors"), RefusedError
    )


def test_buckets_have_room_for_what_they_were_made_for() -> None:
    assert room_in(bucket_count(20_000)) == 20_000
