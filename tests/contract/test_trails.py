"""TrailStore, in memory and in tables."""

from dataclasses import replace
from typing import Any

import pytest

from sync.model.run import RunTrigger
from sync.model.trail import Footprint
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW, PRODUCTS, SOURCE, SUPPLIERS

PRINT = Footprint(
    integration_id="int-1",
    run_id="run-2",
    entity=SUPPLIERS,
    part="3-00000",
    trigger=RunTrigger.TIMER,
    source=SOURCE,
    mapping_version=4,
    started_at=NOW,
    at=NOW + HOUR,
    buckets=8,
    groups=2,
    group=1,
    size=70,
)


def mark(stores: Stores, **changes: Any) -> Footprint:
    footprint = replace(PRINT, **changes)
    stores.trail.mark(footprint)
    return footprint


def places(stores: Stores, integration_id: str = "int-1", after: str = "") -> list[str]:
    return [each.place for each in stores.trail.footprints(integration_id, SUPPLIERS, after=after)]


@pytest.mark.parametrize("touched", [None, b"", b"abcd", bytes(32_000)])
def test_a_footprint_comes_back_as_it_was_marked(stores: Stores, touched: bytes | None) -> None:
    marked = mark(stores, touched=touched)
    assert list(stores.trail.footprints("int-1", SUPPLIERS, after="")) == [marked]


def test_a_step_that_is_done_again_leaves_one_footprint(stores: Stores) -> None:
    mark(stores)
    mark(stores, size=71)
    assert [each.size for each in stores.trail.footprints("int-1", SUPPLIERS, after="")] == [71]


def test_footprints_come_newest_first_later_steps_before_earlier_ones(stores: Stores) -> None:
    marked = [mark(stores, run_id=run, part=part) for run in ("run-3", "run-2") for part in ("3-00000", "1-00000")]
    assert places(stores) == [each.place for each in reversed(marked)]


def test_footprints_go_on_behind_a_place(stores: Stores) -> None:
    first, second = mark(stores, run_id="run-1"), mark(stores, run_id="run-2")
    assert places(stores, after=first.place) == [second.place]


def test_integrations_and_entity_types_have_trails_of_their_own(stores: Stores) -> None:
    mark(stores, integration_id="int-2")
    mark(stores, entity=PRODUCTS)
    assert places(stores) == []


def test_the_footprints_of_named_runs_are_removed(stores: Stores) -> None:
    kept = mark(stores, run_id="run-1")
    mark(stores, run_id="run-3")
    mark(stores, run_id="run-4", entity=PRODUCTS)
    assert stores.trail.prune("int-1", runs=("run-3", "run-4", "run-5")) == {"run-3", "run-4"}
    assert places(stores) == [kept.place]


def test_without_named_runs_only_the_integrations_footprints_are_removed(stores: Stores) -> None:
    mark(stores)
    other = mark(stores, integration_id="int-2")
    assert stores.trail.prune("int-1", runs=None) == {"run-2"}
    assert (places(stores), places(stores, "int-2")) == ([], [other.place])


def test_without_any_runs_nothing_is_removed(stores: Stores) -> None:
    mark(stores)
    assert stores.trail.prune("int-1", runs=()) == frozenset()
    assert len(places(stores)) == 1
