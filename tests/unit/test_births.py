"""A contract is made once, whatever fails on the way, and none is lost."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sync import wiring
from sync.model.errors import RefusedError, RetryLaterError, SetupError, StateError, SyncError
from sync.model.log import LogEntry
from sync.model.webhook import EventType
from sync.ports import LogFilter
from sync.services.births import TURN
from sync.storage.memory_runs import MemoryLogStore
from tests.support.deals import RECORD, TEXT, TOPIC, Dying, Trade, trade
from tests.support.mail import Ear

AWAY = RetryLaterError("Nobody answers", delay=0, code="SOURCE_TIMEOUT")
ODD = RefusedError("That is no JSON object", code="SOURCE_UNREADABLE")
KEYS = pytest.mark.parametrize("key", [None, "record_id"])
DEATHS = ("before expect", "after expect", "before link", "after link", "before settle", "after settle")


def fails(here: Trade, **order: object) -> SyncError:
    with pytest.raises(SyncError) as caught:
        here.make(**order)
    return caught.value


def is_whole(here: Trade) -> bool:
    """Tell whether there is one contract, and the hub knows it."""
    return len(here.oneflow.made) == 1 and here.linked() == [*here.oneflow.made]


@KEYS
@pytest.mark.parametrize("step", DEATHS)
def test_a_process_that_dies_at_any_step_leaves_one_contract_to_the_next(step: str, key: str | None) -> None:
    here = trade(TOPIC, key_field=key)
    here.links.dies = step
    with pytest.raises(Dying):
        here.make()
    here.make()
    assert is_whole(here)


class FragileLogs(MemoryLogStore):
    """A log at whose entries of contracts the process may end, once."""

    def __init__(self, dies: str) -> None:
        super().__init__()
        self.dies = dies

    def append(self, entry: LogEntry) -> None:
        self._step("before log")
        super().append(entry)
        self._step("after log")

    def _step(self, name: str) -> None:
        if self.dies == name:
            self.dies = ""
            raise Dying(name)


def listened(here: Trade, step: str = "") -> Ear:
    """Return what is heard of a trade whose process dies, once, at this step."""
    ear, left = Ear(frozenset({EventType.CONTRACT_SYNCED})), [step]

    def at(name: str) -> None:
        if name in left:
            left.clear()
            raise Dying(name)

    ear.before, ear.leaving = (lambda: at("before event")), (lambda: at("before it leaves"))
    here.links.dies = step
    here.desk = replace(here.desk, outbox=ear, logs=FragileLogs(step))
    return ear


def entries(here: Trade) -> list[LogEntry]:
    return list(here.desk.logs.list(here.bridge.id, LogFilter(), cursor=None, limit=9).items)


@KEYS
@pytest.mark.parametrize("step", [*DEATHS, "before log", "after log", "before event", "before it leaves"])
def test_a_process_that_dies_at_any_step_leaves_one_entry_and_one_event(step: str, key: str | None) -> None:
    here = trade(TOPIC, key_field=key)
    ear = listened(here, step)
    with pytest.raises(Dying):
        here.make()
    here.office.clock.pass_by(60)
    here.make()
    assert (len(entries(here)), len({each.id for each in ear.told}), is_whole(here)) == (1, 1, True)


def test_a_contract_is_told_when_it_is_linked_with_the_fields_that_it_got() -> None:
    here, seen = trade(TOPIC, TEXT), list[bool]()
    ear = listened(here)
    ear.leaving = lambda: seen.append(is_whole(here) and here.expected() is None)
    here.make()
    (event,) = ear.told
    assert (event.data["action"], event.data["fields"], seen) == (
        "CREATE",
        [{"field": "name", "oneflowField": "topic"}],
        [True],
    )


def test_two_contracts_of_one_record_are_two_events() -> None:
    here = trade(TOPIC)
    ear = listened(here)
    here.make()
    here.make(another=True)
    assert (len({each.id for each in ear.told}), len(entries(here))) == (2, 2)


@KEYS
@pytest.mark.parametrize("error", [AWAY, ODD])
def test_a_contract_whose_answer_is_lost_is_found_at_once(error: SyncError, key: str | None) -> None:
    here = trade(TOPIC, key_field=key)
    here.oneflow.after["create"] = [error]
    assert here.make().is_new
    assert (is_whole(here), here.expected()) == (True, None)


@KEYS
@pytest.mark.parametrize("look", [AWAY, SetupError("401")])
def test_a_contract_that_cannot_be_looked_for_is_found_by_the_next_attempt(look: SyncError, key: str | None) -> None:
    here = trade(TOPIC, key_field=key)
    here.oneflow.after["create"], here.oneflow.before["contracts"] = [AWAY], [look]
    assert (fails(here), here.linked()) == (AWAY, [])
    made = here.make()
    assert (made.is_new, is_whole(here), here.expected()) == (True, True, None)


@KEYS
def test_a_create_that_never_arrived_is_sent_by_the_next_attempt(key: str | None) -> None:
    here = trade(TOPIC, key_field=key)
    here.oneflow.before["create"] = [AWAY]
    assert fails(here) is AWAY
    assert here.expected() is not None
    assert (here.make().is_new, is_whole(here)) == (True, True)


@pytest.mark.parametrize("error", [RefusedError("403", status=403, code="ONEFLOW_FORBIDDEN"), SetupError("401")])
def test_nothing_is_expected_of_a_create_that_was_refused(error: SyncError) -> None:
    here = trade()
    here.oneflow.before["create"] = [error]
    assert (fails(here), here.expected()) == (error, None)


def test_a_contract_that_the_search_does_not_know_yet_is_found_among_the_drafts() -> None:
    here = trade()
    here.oneflow.hidden.add(1001)
    here.oneflow.after["create"] = [AWAY]
    here.make()
    assert is_whole(here)


def test_all_pages_are_looked_through() -> None:
    here = trade()
    here.make()
    here.make(another=True)
    here.oneflow.page_length = 1
    here.oneflow.after["create"] = [AWAY]
    here.make(another=True)
    assert sorted(here.linked()) == [1001, 1002, 1003]


@pytest.mark.parametrize("change", [{"name": "Another"}, {"workspace_id": 9}, {"template_id": 9}, {"created_at": None}])
def test_a_contract_that_only_looks_alike_is_left_alone(change: dict[str, object]) -> None:
    here = trade()
    here.oneflow.after["create"], here.oneflow.before["contracts"] = [AWAY], [AWAY]
    fails(here)
    here.oneflow.made[1001] = replace(here.oneflow.made[1001], **change)  # type: ignore[arg-type]  # one of its members
    here.make()
    assert here.linked() == [1002]


@pytest.mark.parametrize("days", [-1, 1])
def test_a_contract_of_another_time_is_left_alone(days: int) -> None:
    here = trade()
    here.oneflow.after["create"], here.oneflow.before["contracts"] = [AWAY], [AWAY]
    fails(here)
    made = here.office.clock.now() + timedelta(days=days)
    here.oneflow.made[1001] = replace(here.oneflow.made[1001], created_at=made.isoformat())
    here.make()
    assert here.linked() == [1002]


def test_several_contracts_that_may_be_meant_are_named_and_left_to_a_person() -> None:
    here = trade()
    here.oneflow.after["create"], here.oneflow.before["contracts"] = [AWAY], [AWAY]
    fails(here)
    here.oneflow.made[1002] = replace(here.oneflow.made[1001], id=1002)
    refused = fails(here)
    assert (refused.code, "1001, 1002" in refused.message, here.linked()) == ("CONTRACT_AMBIGUOUS", True, [])
    del here.oneflow.made[1002]
    here.make()
    assert is_whole(here)


def test_two_callers_do_not_make_a_contract_of_one_record_at_a_time() -> None:
    here = trade()
    now, key = here.office.clock.now(), f"birth_{here.bridge.id}_opportunity_{RECORD}"
    here.desk.leases.acquire(key, "somebody", until=now + TURN, now=now, facts={})
    refused = fails(here)
    assert isinstance(refused, StateError)
    assert (refused.code, here.oneflow.made) == ("CONTRACT_IN_PROGRESS", {})


def test_a_caller_that_lost_its_turn_makes_nothing() -> None:
    here = trade()
    key = f"birth_{here.bridge.id}_opportunity_{RECORD}"

    def overtake() -> None:
        now = here.office.clock.now() + 2 * TURN
        here.desk.leases.acquire(key, "somebody", until=now + TURN, now=now, facts={})

    here.oneflow.while_reading = overtake
    assert (fails(here).code, here.oneflow.made) == ("CONTRACT_IN_PROGRESS", {})


def test_a_turn_is_given_back() -> None:
    here = trade()
    here.make()
    assert here.desk.leases.list(f"birth_{here.bridge.id}") == ()


def test_a_turn_that_was_never_given_back_ends_by_itself() -> None:
    here = trade()
    now, key = here.office.clock.now(), f"birth_{here.bridge.id}_opportunity_{RECORD}"
    here.desk.leases.acquire(key, "the dead", until=now + TURN, now=now, facts={})
    here.office.clock.pass_by(TURN.total_seconds() + 1)
    assert here.make().is_new


def test_a_turn_outlasts_a_request_whose_answer_is_waited_for() -> None:
    patience = 20.0  # of sync.connectors.exchange.Means
    assert sum(wiring._SALES) + patience < TURN.total_seconds()
