"""Invariant 2: counts, verdicts and statuses tell what happened, and nothing else."""

from dataclasses import replace

from sync.model.errors import RefusedError, RetryLaterError, SetupError
from sync.model.run import Completeness, RunFailure, RunKind, RunStatus, Tally, Verdict
from tests.support.office import PRODUCTS, SMALL, SUPPLIERS, Office, open_office, suppliers, twice

GONE = "The source counts 1 records more than it listed; nothing was marked as gone"


def with_three() -> tuple[Office, tuple[str, ...]]:
    office = open_office()
    ids = office.add("A", "B", "C")
    office.sync()
    return office, ids


def test_the_counts_of_a_run_add_up_to_what_it_read() -> None:
    office, (first, second, _) = with_three()
    office.company.put("vendors", first, "Changed")
    office.company.put("vendors", second, "")
    office.add("New")
    assert suppliers(office.sync()) == Tally(read=4, created=1, updated=1, unchanged=1, errors=1)


def test_a_record_met_on_two_pages_is_counted_once() -> None:
    office = open_office(SMALL)
    first, *_ = office.add("A", "B", "C", "D")

    def renumber() -> None:
        if len(office.source.asked) == 2:
            office.company.rename("vendors", first, "N99999")

    office.company.before_page = renumber
    run = office.sync(entities=(SUPPLIERS,))
    assert (run.progress.records, suppliers(run)) == (5, Tally(read=4, created=4))


def test_steps_that_happen_twice_count_once() -> None:
    office = open_office(SMALL)
    office.add("A", "", "C", "D", "E")
    office.host.around = twice
    run = office.sync(entities=(SUPPLIERS,))
    assert suppliers(run) == Tally(read=5, created=4, errors=1)


def test_a_run_with_failed_records_is_partial_without_an_error_of_its_own() -> None:
    office = open_office()
    office.add("Good", "")
    run = office.sync()
    assert (run.status, run.error) == (RunStatus.PARTIAL, None)


def test_a_full_run_with_everything_read_is_complete() -> None:
    office, _ = with_three()
    run = office.sync()
    assert (run.status, run.completeness[SUPPLIERS]) == (
        RunStatus.SUCCEEDED,
        Completeness(Verdict.COMPLETE, expected=3, read=3),
    )


def test_a_delta_proves_nothing_about_completeness() -> None:
    office, _ = with_three()
    assert office.sync(RunKind.DELTA).completeness == {}


def test_a_short_listing_makes_the_run_partial() -> None:
    office, _ = with_three()
    office.source.counts = [4, 4]
    run = office.sync()
    assert (run.status, run.error) == (RunStatus.PARTIAL, RunFailure("LISTING_SHORT", GONE, retryable=True))
    assert run.completeness[SUPPLIERS] == Completeness(Verdict.SHORT, expected=4, read=3, missing=1)


def test_a_short_listing_marks_nothing_as_gone() -> None:
    office, (first, *_) = with_three()
    office.company.delete("vendors", first)
    office.source.counts = [3, 3]
    office.sync()
    assert office.kept(first).present_in_source


def test_a_company_chosen_while_a_run_reads_is_not_mixed_with_the_former_one() -> None:
    office = open_office(SMALL)
    ids = office.add("A", "B", "C", "D", "E")
    office.sync()
    former = office.current.connection.source

    def choose_another() -> None:
        office.company.before_page = lambda: None
        office.change(connection=replace(office.current.connection, environment="Sandbox"))

    office.company.before_page = choose_another
    run = office.sync(entities=(SUPPLIERS, PRODUCTS))
    assert (run.status, run.error.code if run.error else None) == (RunStatus.PARTIAL, "SOURCE_INCOMPLETE")
    assert all(office.kept(each).source == former and office.kept(each).present_in_source for each in ids)


def test_an_empty_listing_is_no_success_and_marks_nothing_as_gone() -> None:
    office, ids = with_three()
    for each in ids:
        office.company.delete("vendors", each)
    run = office.sync()
    assert (run.status, run.error.code if run.error else None) == (RunStatus.PARTIAL, "LISTING_SHRUNK")
    assert run.completeness[SUPPLIERS] == Completeness(Verdict.UNPROVEN, expected=0, read=0)
    assert all(office.kept(each).present_in_source for each in ids)


def test_a_company_that_holds_wholly_other_records_is_held_however_small() -> None:
    office, ids = with_three()
    for each in ids:
        office.company.delete("vendors", each)
    new = office.add("X", "Y", "Z")
    run = office.sync()
    assert (run.status, run.error.code if run.error else None) == (RunStatus.PARTIAL, "APPROVAL_REQUIRED")
    assert [office.record(each) for each in new] == [None] * 3
    assert all(office.kept(each).present_in_source for each in ids)


def test_a_listing_that_is_not_believed_does_not_move_the_watermark() -> None:
    office, ids = with_three()
    before = office.watermark()
    for each in ids:
        office.company.delete("vendors", each)
    office.clock.pass_by(3600)
    office.sync()
    assert office.watermark() == before


def test_a_loss_that_the_owner_allows_is_believed() -> None:
    office, ids = with_three()
    office.change(settings={"largestLoss": 1})
    for each in ids:
        office.company.delete("vendors", each)
    assert office.sync().status is RunStatus.SUCCEEDED
    assert not any(office.kept(each).present_in_source for each in ids)


def test_a_proven_full_listing_marks_what_is_gone() -> None:
    office, (first, second, _) = with_three()
    office.company.delete("vendors", first)
    run = office.sync()
    assert run.completeness[SUPPLIERS] == Completeness(Verdict.COMPLETE, expected=2, read=2, gone=1)
    assert [office.kept(each).present_in_source for each in (first, second)] == [False, True]


def test_a_gone_record_keeps_its_values() -> None:
    office, (first, *_) = with_three()
    office.company.delete("vendors", first)
    office.sync()
    assert office.kept(first).fields["name"] == "A"


def test_what_is_gone_stays_counted_as_gone() -> None:
    office, (first, *_) = with_three()
    office.company.delete("vendors", first)
    office.sync()
    assert office.sync().completeness[SUPPLIERS].gone == 1


def test_a_record_that_comes_back_is_present_again() -> None:
    office, (first, *_) = with_three()
    office.company.delete("vendors", first)
    office.sync()
    office.company.put("vendors", first, "A")
    run = office.sync()
    assert (office.kept(first).present_in_source, suppliers(run).updated) == (True, 1)


def test_a_delta_marks_nothing_as_gone() -> None:
    office, (first, *_) = with_three()
    office.company.delete("vendors", first)
    office.sync(RunKind.DELTA)
    assert office.kept(first).present_in_source


def test_a_failed_record_that_is_gone_loses_its_mark() -> None:
    office, (first, *_) = with_three()
    office.company.put("vendors", first, "")
    office.sync()
    office.company.delete("vendors", first)
    office.sync()
    assert (office.kept(first).present_in_source, office.kept(first).fault) == (False, None)


def test_what_was_never_stored_cannot_be_gone() -> None:
    office = open_office()
    (bad,) = office.add("")
    office.sync()
    office.company.delete("vendors", bad)
    assert office.sync().completeness[SUPPLIERS].gone == 0


def test_records_that_come_and_go_while_reading_leave_a_listing_complete() -> None:
    office, _ = with_three()
    office.source.counts = [5, 3]
    assert office.sync().completeness[SUPPLIERS] == Completeness(Verdict.COMPLETE, expected=3, read=3)


def test_a_recount_that_fails_leaves_the_first_count_to_judge_by() -> None:
    office, _ = with_three()
    office.source.counts = [4]
    office.source.troubles["count"] = [None, RefusedError("No")]
    run = office.sync(entities=(SUPPLIERS,))
    assert run.completeness[SUPPLIERS] == Completeness(Verdict.SHORT, expected=4, read=3, missing=1)


def test_marking_what_is_gone_twice_counts_it_once() -> None:
    office, (first, *_) = with_three()
    office.company.delete("vendors", first)
    run = office.begin(entities=(SUPPLIERS,))
    office.host.around = twice
    assert office.work(run).completeness[SUPPLIERS].gone == 1


def test_a_page_that_could_not_be_read_makes_the_run_partial() -> None:
    office = open_office(SMALL)
    office.add("A", "B", "C", "D")
    office.source.troubles["page"] = [None, RefusedError("Page 2 is broken")]
    run = office.sync()
    assert (run.status, run.error) == (
        RunStatus.PARTIAL,
        RunFailure("SOURCE_INCOMPLETE", "Page 2 is broken", retryable=True),
    )


def test_a_run_that_could_read_nothing_has_failed() -> None:
    office = open_office()
    office.source.troubles["page"] = [RefusedError("Broken"), RefusedError("Broken")]
    assert office.sync().status is RunStatus.FAILED


def test_a_run_whose_entity_type_failed_has_failed() -> None:
    office = open_office()
    office.source.troubles["count"] = [None, SetupError("No permission")]
    run = office.sync()
    assert (run.status, run.error) == (RunStatus.FAILED, RunFailure("SETUP_REQUIRED", "No permission"))
    assert run.totals[PRODUCTS] == Tally()


def test_a_run_that_reads_again_after_waits_counts_the_same() -> None:
    office = open_office()
    office.add("A", "B")
    office.source.troubles["page"] = [RetryLaterError("Slow down", delay=30, announced=True)]
    assert suppliers(office.sync()) == Tally(read=2, created=2)
