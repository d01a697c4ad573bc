"""What happens to a conflict between a read and a write in Azure Tables."""

from collections.abc import Callable
from typing import Any

import pytest

from sync.model.errors import StaleRecordError
from sync.storage.conflicts import TableConflictStore
from sync.storage.tables import Tables
from tests.contract.kit import HOUR, NOW
from tests.contract.test_conflicts import QUEUE, conflict, resolved
from tests.contract.test_races import Interrupted

pytestmark = pytest.mark.azurite


class Restless(Interrupted):
    """Tables where something else happens after every read."""

    def __init__(self, tables: Tables, interruption: Callable[[], Any]) -> None:
        Interrupted.__init__(self, tables, interruption)
        self._pending = [interruption] * 99


def test_of_two_who_note_a_new_conflict_both_are_heard(tables: Tables) -> None:
    other = TableConflictStore(tables)
    late = TableConflictStore(Interrupted(tables, lambda: other.note([conflict(run_id="run-1")])))
    late.note([conflict(hours=1, run_id="run-2")])
    stored = other.get(QUEUE, conflict().id)
    assert stored is not None
    assert (stored.run_id, stored.detected_at) == ("run-2", NOW)


def test_a_choice_made_right_before_a_conflict_is_met_again_opens_it_again(tables: Tables) -> None:
    other = TableConflictStore(tables)
    other.note([conflict()])
    known = other.get(QUEUE, conflict().id)
    assert known is not None
    TableConflictStore(Interrupted(tables, lambda: other.save(resolved(known)))).note([conflict(hours=1)])
    stored = other.get(QUEUE, conflict().id)
    assert stored is not None
    assert (stored.status, stored.detected_at) == ("open", NOW + HOUR)


def test_of_two_who_decide_in_the_same_moment_one_is_told(tables: Tables) -> None:
    other = TableConflictStore(tables)
    other.note([conflict()])
    known = other.get(QUEUE, conflict().id)
    assert known is not None
    with pytest.raises(StaleRecordError):
        TableConflictStore(Interrupted(tables, lambda: other.save(resolved(known)))).save(resolved(known))


def test_a_conflict_that_never_rests_is_given_up(tables: Tables) -> None:
    other = TableConflictStore(tables)
    with pytest.raises(StaleRecordError):
        TableConflictStore(Restless(tables, lambda: other.note([conflict()]))).note([conflict()])
