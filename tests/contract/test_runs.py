"""RunStore, in memory and in tables."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sync.model.errors import KeyTakenError, StaleRecordError
from sync.model.run import Completeness, RunFailure, RunKind, RunStatus, Tally, Verdict
from sync.ports import RunFilter
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW, PRODUCTS, run


def test_a_created_run_is_read_back(stores: Stores) -> None:
    created = stores.runs.create(run())
    assert stores.runs.get("int-1", "run-1") == created


def test_a_run_is_created_once(stores: Stores) -> None:
    stores.runs.create(run())
    with pytest.raises(KeyTakenError):
        stores.runs.create(run())


def test_an_unknown_run_is_not_found(stores: Stores) -> None:
    assert stores.runs.get("int-1", "run-1") is None


def test_a_run_belongs_to_its_integration(stores: Stores) -> None:
    stores.runs.create(run())
    assert stores.runs.get("int-2", "run-1") is None


def test_everything_about_a_run_is_kept(stores: Stores) -> None:
    told = replace(
        run(),
        status=RunStatus.PARTIAL,
        totals={PRODUCTS: Tally(read=3, errors=1)},
        completeness={PRODUCTS: Completeness(Verdict.SHORT, 4, 3, missing=1)},
        error=RunFailure("X", "y"),
        ended_at=NOW,
    )
    saved = stores.runs.save(replace(told, version=stores.runs.create(run()).version))
    assert stores.runs.get("int-1", "run-1") == saved == replace(told, version=saved.version)


def test_the_second_of_two_savers_is_told(stores: Stores) -> None:
    created = stores.runs.create(run())
    stores.runs.save(created)
    with pytest.raises(StaleRecordError):
        stores.runs.save(created)


def test_a_run_that_was_never_stored_cannot_be_saved(stores: Stores) -> None:
    other = stores.runs.create(run(2))
    with pytest.raises(StaleRecordError):
        stores.runs.save(replace(other, id="run-1"))


def test_runs_come_in_pages_newest_first(stores: Stores) -> None:
    for number in (2, 3, 1):
        stores.runs.create(run(number))
    first = stores.runs.list("int-1", cursor=None, limit=2)
    second = stores.runs.list("int-1", cursor=first.cursor, limit=2)
    assert [each.id for each in first.items + second.items] == ["run-1", "run-2", "run-3"]
    assert second.cursor is None


def test_ended_runs_are_found_by_when_they_were_queued(stores: Stores) -> None:
    for number, status, hours in (
        (1, RunStatus.SUCCEEDED, -1),
        (2, RunStatus.RUNNING, -1),
        (3, RunStatus.FAILED, 0),
    ):
        stores.runs.create(replace(run(number, NOW + hours * HOUR), status=status))
    assert stores.runs.ended("int-1", before=NOW) == ("run-1",)


def test_an_unknown_integration_has_no_ended_runs(stores: Stores) -> None:
    assert stores.runs.ended("int-9", before=NOW) == ()


def test_named_runs_are_removed_even_if_some_are_gone_already(stores: Stores) -> None:
    for number in (1, 2, 3):
        stores.runs.create(run(number))
    stores.runs.remove("int-1", ("run-1",))
    stores.runs.remove("int-1", ("run-1", "run-3"))
    stores.runs.remove("int-9", ("run-2",))
    assert [each.id for each in stores.runs.list("int-1", cursor=None, limit=9).items] == ["run-2"]


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (RunFilter(), ["run-1", "run-2", "run-3"]),
        (RunFilter(status=RunStatus.FAILED), ["run-2"]),
        (RunFilter(kind=RunKind.DELTA), ["run-3"]),
        (RunFilter(kind=RunKind.DELTA, status=RunStatus.FAILED), []),
        (RunFilter(since=NOW), ["run-1", "run-3"]),
        (RunFilter(since=datetime(1066, 10, 14, tzinfo=UTC)), ["run-1", "run-2", "run-3"]),
        (RunFilter(until=NOW - HOUR), ["run-2"]),
        (RunFilter(until=datetime(1066, 10, 14, tzinfo=UTC)), []),
        (RunFilter(since=NOW - HOUR, until=NOW), ["run-1", "run-2", "run-3"]),
        (RunFilter(after="run-1"), ["run-2", "run-3"]),
    ],
)
def test_a_filter_keeps_the_runs_that_it_says(stores: Stores, which: RunFilter, expected: list[str]) -> None:
    stores.runs.create(run(1))
    stores.runs.create(replace(run(2, NOW - HOUR), status=RunStatus.FAILED))
    stores.runs.create(replace(run(3), kind=RunKind.DELTA))
    assert [each.id for each in stores.runs.list("int-1", which, cursor=None, limit=9).items] == expected


def test_filtered_runs_come_in_full_pages(stores: Stores) -> None:
    for number in range(9):
        stores.runs.create(replace(run(number), status=RunStatus.FAILED if number % 3 else RunStatus.SUCCEEDED))
    which = RunFilter(status=RunStatus.FAILED)
    first = stores.runs.list("int-1", which, cursor=None, limit=4)
    second = stores.runs.list("int-1", which, cursor=first.cursor, limit=4)
    assert (len(first.items), len(second.items), second.cursor) == (4, 2, None)
