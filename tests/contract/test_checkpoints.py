"""CheckpointStore, in memory and in tables, and as a notebook over either."""

from dataclasses import replace

import pytest

from sync.model.approval import FieldChange
from sync.model.checkpoint import (
    Checkpoint,
    Doubt,
    GroupDiff,
    GroupResult,
    Note,
    Plan,
    Range,
    RunKey,
    StagedPage,
    Weight,
)
from sync.model.proposal import Chunk, Effect
from sync.model.run import Tally
from sync.ports import CheckpointStore
from sync.services.notebook import Notebook
from tests.contract.conftest import Stores
from tests.contract.kit import NOW, PRODUCTS, RUN, SUPPLIERS

PLAN = Plan(PRODUCTS, NOW, None, True, 5, 8, 2, "source", True, 100)
FIRST, SECOND = Range(PRODUCTS, 0, None, "m", "cursor", 1), Range(PRODUCTS, 1, "m", None)
PAGE = StagedPage(PRODUCTS, 0, 1, 0, "page-0", 5, (0, 10, 20))
GROUP = GroupResult(PRODUCTS, 1, Tally(read=5, created=5))


@pytest.fixture(params=["store", "notebook"])
def checkpoints(stores: Stores, request: pytest.FixtureRequest) -> CheckpointStore:
    """Return the store itself, or a notebook over it that has looked already."""
    if request.param == "store":
        return stores.checkpoints
    notebook = Notebook(stores.checkpoints)
    assert [notebook.read(RUN, entity) for entity in (PRODUCTS, SUPPLIERS)] == [Checkpoint(None)] * 2
    return notebook


def test_nothing_is_noted_at_first(checkpoints: CheckpointStore) -> None:
    assert checkpoints.read(RUN, PRODUCTS) == Checkpoint(None)


def test_all_notes_are_read_back_in_order(checkpoints: CheckpointStore) -> None:
    checkpoints.write(RUN, GROUP, SECOND, PAGE, FIRST, PLAN)
    assert checkpoints.read(RUN, PRODUCTS) == Checkpoint(PLAN, (FIRST, SECOND), (PAGE,), (GROUP,))


def test_notes_of_another_entity_are_apart(checkpoints: CheckpointStore) -> None:
    checkpoints.write(RUN, PLAN, replace(FIRST, entity=SUPPLIERS))
    assert checkpoints.read(RUN, SUPPLIERS) == Checkpoint(None, (replace(FIRST, entity=SUPPLIERS),))


def test_notes_of_another_run_are_apart(checkpoints: CheckpointStore) -> None:
    checkpoints.write(RUN, PLAN)
    assert checkpoints.read(RunKey("int-1", "run-2"), PRODUCTS) == Checkpoint(None)


def test_a_note_replaces_the_one_of_the_same_place(checkpoints: CheckpointStore) -> None:
    changed: tuple[Note, ...] = (
        replace(PLAN, recount=6),
        replace(FIRST, done=True),
        replace(PAGE, records=6),
        replace(GROUP, gone=1),
    )
    checkpoints.write(RUN, PLAN, FIRST, PAGE, GROUP)
    checkpoints.write(RUN, *changed)
    found = checkpoints.read(RUN, PRODUCTS)
    assert (found.plan, *found.ranges, *found.pages, *found.groups) == changed


def test_writing_no_note_does_nothing(checkpoints: CheckpointStore) -> None:
    checkpoints.write(RUN)
    assert checkpoints.read(RUN, PRODUCTS) == Checkpoint(None)


def test_more_than_a_hundred_notes_are_refused(checkpoints: CheckpointStore) -> None:
    with pytest.raises(ValueError, match="100"):
        checkpoints.write(RUN, *(replace(FIRST, index=index) for index in range(101)))


def test_a_hundred_notes_are_taken(checkpoints: CheckpointStore) -> None:
    notes = tuple(replace(FIRST, index=index) for index in range(100))
    checkpoints.write(RUN, *notes)
    assert checkpoints.read(RUN, PRODUCTS).ranges == notes


def test_a_long_cursor_is_kept_whole(checkpoints: CheckpointStore) -> None:
    checkpoints.write(RUN, replace(FIRST, cursor="c" * 40_000))
    assert checkpoints.read(RUN, PRODUCTS).ranges == (replace(FIRST, cursor="c" * 40_000),)


def test_a_restarted_range_has_no_staged_pages(checkpoints: CheckpointStore) -> None:
    other = replace(PAGE, range_index=1)
    checkpoints.write(RUN, FIRST, SECOND, PAGE, replace(PAGE, page=1), other)
    again = replace(FIRST, walk=2, cursor=None, pages=0)
    checkpoints.restart(RUN, again)
    assert checkpoints.read(RUN, PRODUCTS) == Checkpoint(None, (again, SECOND), (other,))


def test_a_restart_keeps_the_pages_that_come_with_it(checkpoints: CheckpointStore) -> None:
    checkpoints.write(RUN, FIRST, PAGE, replace(PAGE, page=1))
    checkpoints.restart(RUN, FIRST, replace(PAGE, records=9))
    assert checkpoints.read(RUN, PRODUCTS).pages == (replace(PAGE, records=9),)


def test_a_restart_drops_any_number_of_pages(checkpoints: CheckpointStore) -> None:
    for start in (0, 60):
        checkpoints.write(RUN, FIRST, *(replace(PAGE, page=start + page) for page in range(60)))
    checkpoints.restart(RUN, FIRST)
    assert checkpoints.read(RUN, PRODUCTS) == Checkpoint(None, (FIRST,))


def test_pages_of_an_earlier_walk_do_not_count(checkpoints: CheckpointStore) -> None:
    checkpoints.write(RUN, PAGE)
    checkpoints.write(RUN, replace(FIRST, walk=2))
    assert checkpoints.read(RUN, PRODUCTS).pages == ()


def test_a_dropped_run_is_forgotten(checkpoints: CheckpointStore) -> None:
    checkpoints.write(RUN, PLAN, *(replace(FIRST, index=index) for index in range(99)))
    checkpoints.write(RUN, replace(PLAN, entity=SUPPLIERS))
    checkpoints.drop(RUN)
    assert checkpoints.read(RUN, PRODUCTS) == checkpoints.read(RUN, SUPPLIERS) == Checkpoint(None)


def test_what_a_notebook_noted_is_in_the_store(stores: Stores) -> None:
    notebook = Notebook(stores.checkpoints)
    notebook.read(RUN, PRODUCTS)
    notebook.write(RUN, PLAN, FIRST)
    assert stores.checkpoints.read(RUN, PRODUCTS) == notebook.read(RUN, PRODUCTS) == Checkpoint(PLAN, (FIRST,))


def test_a_notebook_keeps_runs_apart(stores: Stores) -> None:
    notebook, other = Notebook(stores.checkpoints), RunKey("int-1", "run-2")
    notebook.read(other, PRODUCTS)
    notebook.write(RUN, PLAN)
    assert notebook.read(other, PRODUCTS) == Checkpoint(None)
    assert notebook.read(RUN, PRODUCTS) == Checkpoint(PLAN)


def test_what_a_group_weighs_and_the_doubt_about_it_are_kept(checkpoints: CheckpointStore) -> None:
    change = FieldChange(PRODUCTS, "1", "name", "A", None)
    weight, doubt = Weight(PRODUCTS, 0, 5, 9, 1, (change,)), Doubt(PRODUCTS, 9, True, 5, 1, (change,))
    checkpoints.write(RUN, PLAN, Weight(PRODUCTS, 0, 5, 9), Doubt(PRODUCTS, 9))
    checkpoints.write(RUN, weight, doubt)
    assert checkpoints.read(RUN, PRODUCTS) == Checkpoint(PLAN, weights=(weight,), doubt=doubt)


def test_where_a_plan_is_told_is_kept(checkpoints: CheckpointStore) -> None:
    diff = GroupDiff(PRODUCTS, 1, "diff-products-1", (Chunk(Effect.CREATE, 0, 10, 2), Chunk(Effect.GONE, 10, 12, 1)))
    planned = replace(GROUP, planned=True)
    checkpoints.write(RUN, PLAN, diff, planned)
    assert checkpoints.read(RUN, PRODUCTS) == Checkpoint(PLAN, groups=(planned,), diffs=(diff,))
    assert (diff.size, replace(diff, chunks=()).size) == (12, 0)
