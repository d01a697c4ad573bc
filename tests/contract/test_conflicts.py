"""ConflictStore, in memory and in tables."""

from dataclasses import replace
from typing import Any

import pytest

from sync.engine.conflicts import conflict_id
from sync.model.conflict import Conflict, ConflictStatus, Queue, Reason, Rival, Side
from sync.model.errors import StaleRecordError
from sync.ports import ConflictFilter
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW, OWNER, PRODUCTS, SOURCE, STRANGER, SUPPLIERS

QUEUE = Queue(OWNER.user_id, SOURCE)
OPEN, EVERY = ConflictFilter(), ConflictFilter(status=None)


def conflict(external_id: str = "1", hours: int = 0, **changes: Any) -> Conflict:
    made = Conflict(
        id=conflict_id(SUPPLIERS, external_id, Reason.PINNED),
        queue=QUEUE,
        integration_id="int-1",
        entity=SUPPLIERS,
        external_id=external_id,
        reason=Reason.PINNED,
        contested=("name",),
        source={"name": "Theirs", "blocked": True},
        platform={"name": "Ours"},
        rival=Rival(external_id, "int-1", SOURCE, {"risk": "low"}),
        digest="0011223344556677",
        modified="2026-02-01T00:00:00Z",
        run_id="run-1",
        detected_at=NOW + hours * HOUR,
    )
    return replace(made, **changes)


def resolved(known: Conflict) -> Conflict:
    status = ConflictStatus.RESOLVED
    return replace(known, status=status, resolved_at=NOW, resolved_by="u", sides={"name": Side.SOURCE})


def found(stores: Stores, known: Conflict) -> Conflict:
    stored = stores.conflicts.get(known.queue, known.id)
    assert stored is not None
    return stored


def listed(stores: Stores, which: ConflictFilter = OPEN) -> list[str]:
    return [each.external_id for each in stores.conflicts.list(QUEUE, which, cursor=None, limit=99).items]


def test_a_conflict_is_found_as_it_was_noted(stores: Stores) -> None:
    stores.conflicts.note([conflict()])
    assert replace(found(stores, conflict()), version="") == conflict()


def test_what_was_never_noted_is_not_found(stores: Stores) -> None:
    assert stores.conflicts.get(QUEUE, "cfl_0") is None
    assert listed(stores) == []


def test_noting_nothing_does_nothing(stores: Stores) -> None:
    stores.conflicts.note([])
    assert listed(stores, EVERY) == []


@pytest.mark.parametrize("queue", [Queue(STRANGER.user_id, SOURCE), Queue(OWNER.user_id, "tenant/sandbox/other")])
def test_other_users_and_other_companies_have_queues_of_their_own(stores: Stores, queue: Queue) -> None:
    stores.conflicts.note([conflict()])
    assert stores.conflicts.get(queue, conflict().id) is None
    assert stores.conflicts.list(queue, EVERY, cursor=None, limit=9).items == ()


def test_the_latest_come_first(stores: Stores) -> None:
    stores.conflicts.note([conflict("1", 1), conflict("2", 3), conflict("3", 2)])
    assert listed(stores) == ["2", "3", "1"]


def test_a_conflict_met_again_has_new_values_and_waits_since_the_first_time(stores: Stores) -> None:
    stores.conflicts.note([conflict()])
    stores.conflicts.note([conflict(hours=1, source={"name": "Newer"}, integration_id="int-2")])
    stored = found(stores, conflict())
    assert (stored.source, stored.detected_at, stored.integration_id) == ({"name": "Newer"}, NOW, "int-1")
    assert listed(stores, EVERY) == ["1"]


def test_a_resolved_conflict_met_again_is_open_since_then(stores: Stores) -> None:
    stores.conflicts.note([conflict()])
    stores.conflicts.save(resolved(found(stores, conflict())))
    stores.conflicts.note([conflict(hours=1)])
    stored = found(stores, conflict())
    assert (stored.status, stored.detected_at, stored.sides) == (ConflictStatus.OPEN, NOW + HOUR, None)
    assert listed(stores, EVERY) == ["1"]


def test_a_resolved_conflict_is_not_listed_as_open(stores: Stores) -> None:
    stores.conflicts.note([conflict("1"), conflict("2", 1)])
    stores.conflicts.save(resolved(found(stores, conflict("1"))))
    assert listed(stores) == ["2"]
    assert listed(stores, ConflictFilter(ConflictStatus.RESOLVED)) == ["1"]
    assert listed(stores, EVERY) == ["2", "1"]


def test_a_choice_is_kept(stores: Stores) -> None:
    stores.conflicts.note([conflict()])
    saved = stores.conflicts.save(resolved(found(stores, conflict())))
    assert (saved.sides, found(stores, conflict())) == ({"name": Side.SOURCE}, saved)


def test_conflicts_are_listed_by_entity_type(stores: Stores) -> None:
    other = replace(conflict("2"), id="cfl_2", entity=PRODUCTS)
    stores.conflicts.note([conflict("1"), other])
    assert listed(stores, ConflictFilter(entity=PRODUCTS)) == ["2"]


def test_conflicts_are_listed_by_the_record_that_stands_in_the_way(stores: Stores) -> None:
    stores.conflicts.note([conflict("1"), conflict("2", 1, rival=Rival("plt_1")), conflict("3", 2)])
    assert listed(stores, ConflictFilter(rival="plt_1")) == ["2"]


def test_of_two_who_decide_the_second_is_told(stores: Stores) -> None:
    stores.conflicts.note([conflict()])
    first = found(stores, conflict())
    stores.conflicts.save(resolved(first))
    with pytest.raises(StaleRecordError):
        stores.conflicts.save(resolved(first))


def test_who_decides_on_old_values_is_told(stores: Stores) -> None:
    stores.conflicts.note([conflict()])
    first = found(stores, conflict())
    stores.conflicts.note([conflict(source={"name": "Newer"})])
    with pytest.raises(StaleRecordError):
        stores.conflicts.save(resolved(first))


def test_what_was_never_noted_cannot_be_saved(stores: Stores) -> None:
    with pytest.raises(StaleRecordError):
        stores.conflicts.save(resolved(conflict()))


def test_many_are_noted_and_walked_page_by_page(stores: Stores) -> None:
    stores.conflicts.note([conflict(str(number)) for number in range(70)])
    names, cursor = list[str](), None
    for _ in range(3):
        page = stores.conflicts.list(QUEUE, EVERY, cursor=cursor, limit=30)
        names, cursor = [*names, *(each.external_id for each in page.items)], page.cursor
    assert (sorted(names, key=int), cursor) == ([str(number) for number in range(70)], None)


def test_large_conflicts_are_noted_together(stores: Stores) -> None:
    large = {"name": "å" * 30_000}
    stores.conflicts.note([conflict(str(number), source=large, platform=large) for number in range(30)])
    assert len(listed(stores)) == 30
    assert found(stores, conflict("7")).source == large


def test_a_cleared_queue_is_empty_and_the_others_are_not(stores: Stores) -> None:
    other = Queue(OWNER.user_id, "other")
    stores.conflicts.note([conflict()])
    stores.conflicts.note([conflict(queue=other)])
    stores.conflicts.clear(QUEUE)
    assert listed(stores, EVERY) == []
    assert stores.conflicts.get(other, conflict().id) is not None
