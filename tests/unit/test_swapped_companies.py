"""Invariant 2: a company that answers with wholly other records is held, however often it is read."""

from typing import Any

import pytest

from sync.engine.turnover import replaced, turnover_of
from sync.model.checkpoint import GroupResult, Turnover, Weight
from sync.model.errors import RefusedError
from sync.model.run import RunStatus, Tally
from tests.support.office import ITEMS, PRODUCTS, SUPPLIERS, VENDORS, suppliers
from tests.support.phones import PhoneOffice, open_phones
from tests.unit.test_holding import SIZES, SPREAD, go_on
from tests.unit.test_totals import shrunk


def swapped(vendors: int = 10, others: int = 12, **policy: Any) -> tuple[PhoneOffice, tuple[str, ...], tuple[str, ...]]:
    """Return an office whose ten vendors have given way to others, and the ids of both."""
    office, ids = open_phones(vendors, **policy)
    for each in ids:
        office.company.delete(VENDORS, each)
    return office, ids, office.add(*(f"Other {number}" for number in range(others)))


def present(office: PhoneOffice, ids: tuple[str, ...]) -> set[bool]:
    return {office.kept(each).present_in_source for each in ids}


@pytest.mark.parametrize("policy", SIZES)
def test_a_swapped_company_is_held_every_time_and_nothing_of_it_is_written(policy: dict[str, Any]) -> None:
    office, ids, others = swapped(**policy)
    for _ in range(3):
        run = office.sync(entities=(SUPPLIERS,))
        assert (run.held, run.error.code if run.error else "") == (True, "APPROVAL_REQUIRED")
    assert [office.record(each) for each in others] == [None] * 12
    assert present(office, ids) == {True}


def test_a_held_swap_says_what_it_looks_like() -> None:
    office, _, _ = swapped()
    run = office.sync(entities=(SUPPLIERS,))
    assert run.error is not None
    assert run.error.message.startswith(
        "The company looks like another one: 10 of 10 stored suppliers were not listed, and 12 others were that are not"
    )
    assert run.approval is not None
    assert (run.approval.changes, run.approval.stored) == (0, 10)


@pytest.mark.parametrize("policy", SIZES)
def test_an_approved_swap_is_stored_and_what_it_lacks_is_marked_by_nobody(policy: dict[str, Any]) -> None:
    office, ids, _ = swapped(**policy)
    done = go_on(office, office.sync(entities=(SUPPLIERS,)))
    assert (done.error.code if done.error else "", suppliers(done)) == ("LISTING_SHRUNK", Tally(read=12, created=12))
    assert present(office, ids) == {True}


@pytest.mark.parametrize("policy", SIZES)
def test_a_swap_that_keeps_a_few_records_is_held_as_well(policy: dict[str, Any]) -> None:
    office, ids, _ = swapped(30, 12, **policy)
    for each in ids[:9]:
        office.company.put(VENDORS, each, "V")
    assert office.sync(entities=(SUPPLIERS,)).held


def test_a_much_shorter_listing_with_few_new_records_is_no_swap() -> None:
    office, ids, others = swapped(40, 10)
    for each in ids[:10]:
        office.company.put(VENDORS, each, "V0")
    run = office.sync(entities=(SUPPLIERS,))
    assert run.error is not None
    assert (run.error.code, len([each for each in others if office.record(each)])) == ("LISTING_SHRUNK", 10)


def test_a_breaker_that_is_switched_off_lets_no_swap_through() -> None:
    office, _, _ = swapped()
    office.change(settings={"breaker": False})
    assert office.sync(entities=(SUPPLIERS,)).held


def test_an_owner_who_believes_any_loss_is_not_asked() -> None:
    office, ids, _ = swapped()
    office.change(settings={"largestLoss": 1})
    assert office.sync(entities=(SUPPLIERS,)).status is RunStatus.SUCCEEDED
    assert present(office, ids) == {False}


def test_the_other_entity_type_of_a_swapped_company_goes_on_by_itself() -> None:
    office, _, _ = swapped()
    office.add("Item", to=ITEMS)
    run = office.sync()
    assert (run.held, suppliers(run), run.totals[PRODUCTS].created) == (True, Tally(), 1)


def test_a_swap_that_could_not_be_read_to_its_end_stores_nothing() -> None:
    office, _, others = swapped(**SPREAD)
    office.source.troubles["page"] = [None, None, RefusedError("Broken")]
    office.sync(entities=(SUPPLIERS,))
    assert [office.record(each) for each in others] == [None] * 12


WEIGHT = Weight(SUPPLIERS, 0, changes=0, known=0, turnover=Turnover(absent=20, created=11, again=5))


def test_groups_that_were_written_count_by_what_they_came_to() -> None:
    noted = shrunk(Tally(read=3, created=1), 4)
    other = Weight(SUPPLIERS, 1, changes=0, known=0, turnover=Turnover(absent=20, created=11, again=5))
    assert replaced(noted, [other], walked=True) == Turnover(absent=24, created=12, again=7)


def test_a_group_that_was_weighed_and_written_counts_once() -> None:
    noted = shrunk(Tally(read=3, created=1), 4)
    assert replaced(noted, [WEIGHT], walked=True) == WEIGHT.turnover


def test_what_an_interrupted_listing_lacks_proves_nothing() -> None:
    assert replaced(shrunk(Tally(), 0), [WEIGHT], walked=False) is None


def test_failed_records_and_conflicts_have_not_come_again() -> None:
    result = GroupResult(SUPPLIERS, 0, Tally(read=9, created=2, conflicts=1, errors=3), absent=1, stored=7)
    assert turnover_of([result]) == Turnover(absent=1, created=2, again=4)
