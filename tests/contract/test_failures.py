"""FailureStore, in memory and in tables."""

from dataclasses import replace

import pytest

from sync.engine.failures import FailureClass
from sync.model.checkpoint import RunKey
from sync.model.errors import InvalidError
from sync.model.record import Failure, RecordFault
from sync.ports import FailureFilter, FailureOrder
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW, PRODUCTS, RUN, SOURCE, SUPPLIERS, failure


def opened(stores: Stores, limit: int = 999) -> tuple[Failure, ...]:
    return stores.failures.open("int-1", PRODUCTS, limit=limit)


def test_a_failure_is_open_and_in_its_run(stores: Stores) -> None:
    stores.failures.note("int-1", [failure()])
    assert opened(stores) == (failure(),)
    assert stores.failures.of_run(RUN, cursor=None, limit=9).items == (failure(),)


def test_noting_nothing_does_nothing(stores: Stores) -> None:
    stores.failures.note("int-1", [])
    assert opened(stores) == ()


def test_another_run_counts_a_further_attempt(stores: Stores) -> None:
    stores.failures.note("int-1", [failure()])
    stores.failures.note("int-1", [failure(run_id="run-2", last_at=NOW + HOUR)])
    expected = replace(failure(run_id="run-2", last_at=NOW + HOUR), attempts=2, first_at=NOW)
    assert opened(stores) == (expected,)
    assert stores.failures.of_run(RunKey("int-1", "run-2"), cursor=None, limit=9).items == (expected,)


def test_the_earlier_run_keeps_its_own_list(stores: Stores) -> None:
    stores.failures.note("int-1", [failure()])
    stores.failures.note("int-1", [failure(run_id="run-2")])
    assert stores.failures.of_run(RUN, cursor=None, limit=9).items == (failure(),)


def test_a_repetition_within_a_run_changes_nothing(stores: Stores) -> None:
    stores.failures.note("int-1", [failure()])
    stores.failures.note("int-1", [failure(last_at=NOW + HOUR)])
    assert opened(stores) == (failure(),)


def test_each_entity_has_its_own(stores: Stores) -> None:
    stores.failures.note("int-1", [replace(failure(), entity=SUPPLIERS)])
    assert opened(stores) == ()


def test_those_tried_longest_ago_come_first(stores: Stores) -> None:
    for number, hours in ((1, 0), (2, -2), (3, -1)):
        stores.failures.note("int-1", [failure(str(number), last_at=NOW + hours * HOUR)])
    assert [each.external_id for each in opened(stores, 2)] == ["2", "3"]


def test_a_mended_record_is_no_longer_open_but_stays_in_the_run(stores: Stores) -> None:
    stores.failures.note("int-1", [failure("1"), failure("2")])
    stores.failures.clear("int-1", PRODUCTS, ["1", "unknown"])
    assert [each.external_id for each in opened(stores)] == ["2"]
    assert len(stores.failures.of_run(RUN, cursor=None, limit=9).items) == 2


def test_clearing_an_unknown_integration_does_nothing(stores: Stores) -> None:
    stores.failures.clear("int-9", PRODUCTS, ["1"])
    assert opened(stores) == ()


def test_many_failures_are_noted_and_continued_at_once(stores: Stores) -> None:
    stores.failures.note("int-1", [failure(str(number)) for number in range(120)])
    stores.failures.note("int-1", [failure(str(number), "run-2") for number in range(60, 180)])
    assert sorted(each.attempts for each in opened(stores)) == [1] * 120 + [2] * 60


def test_the_failures_of_a_run_come_in_pages(stores: Stores) -> None:
    stores.failures.note("int-1", [failure(str(number)) for number in range(5)])
    first = stores.failures.of_run(RUN, cursor=None, limit=3)
    second = stores.failures.of_run(RUN, cursor=first.cursor, limit=3)
    assert sorted(each.external_id for each in first.items + second.items) == ["0", "1", "2", "3", "4"]
    assert second.cursor is None


def test_an_id_of_any_kind_is_kept(stores: Stores) -> None:
    stores.failures.note("int-1", [failure("a/b?å#" * 40)])
    assert opened(stores) == (failure("a/b?å#" * 40),)


def test_source_values_out_of_all_proportion_are_left_out(stores: Stores) -> None:
    large = failure()
    stores.failures.note("int-1", [replace(large, fault=replace(large.fault, data={"name": "x" * 40_000}))])
    assert opened(stores) == (replace(large, fault=replace(large.fault, data={})),)


def test_a_pruned_run_has_no_list(stores: Stores) -> None:
    stores.failures.note("int-1", [failure()])
    stores.failures.prune(RUN)
    stores.failures.prune(RUN)
    assert stores.failures.of_run(RUN, cursor=None, limit=9).items == ()
    assert opened(stores) == (failure(),)


def listed(stores: Stores, which: FailureFilter | None = None, limit: int = 99) -> list[str]:
    page = stores.failures.list("int-1", which or FailureFilter(), cursor=None, limit=limit)
    return [each.external_id for each in page.items]


def test_open_failures_are_listed_from_the_longest_open_on(stores: Stores) -> None:
    for number, hours in ((1, 0), (2, -2), (3, -1)):
        stores.failures.note("int-1", [failure(str(number), last_at=NOW + hours * HOUR)])
    stores.failures.note("int-1", [failure("2", "run-2", NOW + HOUR)])
    assert listed(stores) == ["2", "3", "1"]
    assert listed(stores, FailureFilter(order=FailureOrder.LONGEST_UNTRIED)) == ["3", "1", "2"]


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (FailureFilter(entity=SUPPLIERS), ["s"]),
        (FailureFilter(entity=PRODUCTS), ["p"]),
        (FailureFilter(code="VALUE_TOO_LONG"), ["s"]),
        (FailureFilter(kind=FailureClass.DATA), ["s"]),
        (FailureFilter(kind=FailureClass.SOURCE), ["p"]),
        (FailureFilter(kind=FailureClass.STORAGE), []),
        (FailureFilter(to_ask=SOURCE), []),
    ],
)
def test_open_failures_are_filtered(stores: Stores, which: FailureFilter, expected: list[str]) -> None:
    long = replace(failure("s"), entity=SUPPLIERS, fault=RecordFault("VALUE_TOO_LONG", "Too long."))
    stores.failures.note("int-1", [failure("p"), long])
    assert listed(stores, which) == expected


def test_a_source_is_asked_only_for_its_own_records_that_have_ids(stores: Stores) -> None:
    first, second = (f"{number * 8}-0000-4000-8000-000000000000" for number in "12")
    stores.failures.note("int-1", [replace(failure(first), source="another"), replace(failure(second), source=SOURCE)])
    stores.failures.note("int-1", [replace(failure("noid-1"), source=SOURCE)])
    assert listed(stores, FailureFilter(to_ask=SOURCE)) == [second]


def test_open_failures_come_in_pages(stores: Stores) -> None:
    stores.failures.note("int-1", [failure(str(number)) for number in range(5)])
    first = stores.failures.list("int-1", FailureFilter(), cursor=None, limit=3)
    second = stores.failures.list("int-1", FailureFilter(), cursor=first.cursor, limit=3)
    assert [each.external_id for each in first.items + second.items] == ["0", "1", "2", "3", "4"]
    assert second.cursor is None


def test_a_cursor_of_another_filter_is_refused(stores: Stores) -> None:
    stores.failures.note("int-1", [failure("1"), failure("2")])
    first = stores.failures.list("int-1", FailureFilter(), cursor=None, limit=1)
    with pytest.raises(InvalidError):
        stores.failures.list("int-1", FailureFilter(code="X"), cursor=first.cursor, limit=1)


def test_another_integration_has_no_failures(stores: Stores) -> None:
    stores.failures.note("int-1", [failure()])
    assert stores.failures.list("int-9", FailureFilter(), cursor=None, limit=1).items == ()
    assert stores.failures.find("int-9", PRODUCTS, ["1"]) == {}


@pytest.mark.parametrize("count", [2, 30])
def test_open_failures_are_found_by_their_records(stores: Stores, count: int) -> None:
    stores.failures.note("int-1", [failure(str(number)) for number in range(count + 1)])
    found = stores.failures.find("int-1", PRODUCTS, ["unknown", *map(str, range(count))])
    assert found == {str(number): failure(str(number)) for number in range(count)}
    assert stores.failures.find("int-1", SUPPLIERS, ["0"]) == stores.failures.find("int-1", PRODUCTS, []) == {}


def test_a_record_of_another_company_begins_anew(stores: Stores) -> None:
    stores.failures.note("int-1", [replace(failure(), source=SOURCE)])
    other = replace(failure(run_id="run-2", last_at=NOW + HOUR), source="another")
    stores.failures.note("int-1", [other])
    assert opened(stores) == (other,)
