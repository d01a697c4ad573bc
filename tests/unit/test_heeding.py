"""Errands: run once for each contract, kept while they fail, and never in each other's way."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from sync.model.errand import Errand
from sync.model.errors import NotFoundError, RefusedError, RetryLaterError, SetupError, StaleRecordError, SyncError
from sync.model.integration import Bridge, Status
from sync.model.log import LogStatus
from sync.model.run import RunTrigger
from sync.ports import LogFilter
from sync.services.bridge_desk import BridgeDesk
from sync.services.heeding import compare_lot, forget_notices, plan_comparisons, start_comparisons
from sync.storage.memory_inbox import MemoryInboxStore
from tests.support.errands import ErrandLauncher, run_errands
from tests.support.host import settle
from tests.support.listening import Ears


@dataclass
class ToyReconcile:
    """Notes which contracts it is to compare, and fails for those that a test plans."""

    troubles: dict[int, Exception] = field(default_factory=dict)
    done: list[tuple[str, int]] = field(default_factory=list)
    triggers: list[str] = field(default_factory=list)
    before: Callable[[int], Any] = lambda _: None

    def __call__(self, desk: BridgeDesk, bridge: Bridge, contract_id: int, *, trigger: str) -> object:
        self.triggers.append(trigger)
        self.before(contract_id)
        if contract_id in self.troubles:
            raise self.troubles[contract_id]
        self.done.append((bridge.id, contract_id))
        return None

    @property
    def contracts(self) -> list[int]:
        return sorted(contract for _, contract in self.done)


def swept(ears: Ears, reconcile: ToyReconcile, *, after: timedelta = timedelta(0)) -> int:
    ears.clock.moment += after
    return run_errands(ears.desk, reconcile)


def logged(ears: Ears) -> list[Any]:
    return [*ears.desk.logs.list(ears.bridge_id, LogFilter(), cursor=None, limit=99).items]


def test_every_contract_that_was_named_is_compared() -> None:
    ears, reconcile = Ears(), ToyReconcile()
    for number in (7, 101, 7):
        ears.ask_for(number)
    assert swept(ears, reconcile) == 1
    assert reconcile.contracts == [7, 101]


@pytest.mark.parametrize("trigger", [RunTrigger.TIMER, RunTrigger.WEBHOOK])
def test_a_comparison_says_what_asked_for_it(trigger: RunTrigger) -> None:
    ears, reconcile = Ears(), ToyReconcile()
    ears.ask_for(trigger=trigger)
    swept(ears, reconcile)
    assert reconcile.triggers == [trigger.value]


def test_errands_that_were_run_are_done() -> None:
    ears = Ears()
    ears.ask_for()
    swept(ears, ToyReconcile())
    assert ears.waiting(days=9) == []


def test_a_notice_that_comes_during_a_comparison_asks_for_another_one() -> None:
    ears = Ears()
    reconcile = ToyReconcile(before=lambda _: ears.ask_for())
    ears.ask_for()
    swept(ears, reconcile)
    assert [each.contract_id for each in ears.waiting()] == [101]


@pytest.mark.parametrize(
    ("error", "rest"),
    [
        (RefusedError("no", code="SOURCE_REFUSED"), 60),
        (SetupError("no"), 60),
        (StaleRecordError("busy"), 5),
        (RetryLaterError("later", delay=90), 90),
        (RetryLaterError("later", delay=1), 5),
        (ValueError("a bug"), 5),
    ],
)
def test_what_fails_is_kept_and_tried_again(error: Exception, rest: int) -> None:
    ears = Ears()
    ears.ask_for()
    swept(ears, ToyReconcile({101: error}))
    (kept,) = ears.waiting(days=9)
    assert (kept.due_at - ears.clock.now(), kept.attempts) == (timedelta(seconds=rest), 1)
    assert kept.trouble == (error.code if isinstance(error, SyncError) else "INTERNAL_ERROR")


def test_what_failed_is_done_as_soon_as_it_works() -> None:
    ears, reconcile = Ears(), ToyReconcile({101: RefusedError("no")})
    ears.ask_for()
    swept(ears, reconcile)
    reconcile.troubles.clear()
    swept(ears, reconcile, after=timedelta(minutes=1))
    assert (reconcile.contracts, ears.waiting(days=9)) == ([101], [])


def test_a_contract_that_fails_stops_no_other() -> None:
    ears, reconcile = Ears(), ToyReconcile({3: ValueError("a bug"), 4: RefusedError("no")})
    for number in range(1, 9):
        ears.ask_for(number)
    swept(ears, reconcile)
    assert reconcile.contracts == [1, 2, 5, 6, 7, 8]


@pytest.mark.parametrize(
    "error", [NotFoundError("no"), *(RefusedError("no", code=f"{it}_GONE") for it in ("RECORD", "CONTRACT"))]
)
def test_what_is_gone_is_not_asked_for_again(error: SyncError) -> None:
    ears = Ears()
    ears.ask_for()
    swept(ears, ToyReconcile({101: error}))
    assert (ears.waiting(days=9), logged(ears)) == ([], [])


def test_an_errand_is_tried_for_more_than_a_day_and_then_given_up_for_all_to_see() -> None:
    ears, reconcile = Ears(), ToyReconcile({101: RetryLaterError("It is down", delay=0)})
    ears.ask_for()
    began, tries = ears.clock.now(), 0
    while ears.waiting(days=9):
        swept(ears, reconcile, after=max(ears.waiting(days=9)[0].due_at - ears.clock.now(), timedelta(0)))
        tries += 1
    (entry,) = logged(ears)
    assert timedelta(days=1) < ears.clock.now() - began < timedelta(days=2)
    assert (entry.status, entry.entity_type, entry.records_affected) == (LogStatus.ERROR, "CONTRACT", 0)
    assert entry.metadata["attempts"] == tries > 90
    assert (entry.metadata["contractId"], entry.metadata["code"]) == ("101", "SOURCE_UNAVAILABLE")


@pytest.mark.parametrize("status", [Status.PAUSED, Status.SETUP_REQUIRED, Status.BROKEN])
def test_what_may_not_run_keeps_its_errands_until_it_may(status: Status) -> None:
    ears, reconcile = Ears(), ToyReconcile()
    ears.change(status=status)
    ears.ask_for()
    swept(ears, reconcile, after=timedelta(days=30))
    (kept,) = ears.waiting(days=9)
    assert (reconcile.contracts, kept.attempts, kept.trouble) == ([], 0, None)
    ears.change(status=Status.ACTIVE)
    swept(ears, reconcile, after=timedelta(minutes=1))
    assert (reconcile.contracts, ears.waiting(days=9)) == ([101], [])


def test_changed_credentials_are_tried_by_the_next_errand() -> None:
    ears, reconcile = Ears(), ToyReconcile()
    ears.change(status=Status.SETUP_REQUIRED, untried=True)
    ears.ask_for()
    swept(ears, reconcile)
    assert reconcile.contracts == [101]


def test_errands_of_an_integration_that_is_gone_are_done() -> None:
    ears, reconcile = Ears(), ToyReconcile()
    ears.ask_for(integration_id="int_gone")
    swept(ears, reconcile)
    assert (reconcile.done, ears.waiting(days=9)) == ([], [])


def test_the_contracts_of_one_integration_are_compared_in_lots_of_a_few() -> None:
    ears, reconcile = Ears(), ToyReconcile()
    for number in range(12):
        ears.ask_for(number)
    launcher = ErrandLauncher(ears.desk, reconcile)
    settle(start_comparisons(ears.desk, launcher))
    lots = launcher.carried[ears.bridge_id].payloads("compare_lot")
    assert [len(job["contracts"]) for job in lots] == [5, 5, 2]
    assert reconcile.contracts == list(range(12))


def test_what_waits_longest_is_compared_first_and_no_more_in_one_turn_than_others_can_wait_for() -> None:
    ears = Ears()
    for number in range(300):
        ears.ask_for(number, due_at=ears.clock.now() - timedelta(seconds=number))
    lots = plan_comparisons(ears.desk, ears.bridge_id)
    assert [contract for lot in lots for contract in lot] == list(range(299, 99, -1))


def test_each_integration_has_a_turn_of_its_own() -> None:
    ears = Ears()
    other = ears.bridged().id
    for name in (ears.bridge_id, other):
        for number in (1, 2):
            ears.ask_for(number, integration_id=name)
    ears.ask_for(3, integration_id="int_later", due_at=ears.clock.now() + timedelta(seconds=1))
    launcher = ErrandLauncher(ears.desk, ToyReconcile())
    assert settle(start_comparisons(ears.desk, launcher)) == 2
    assert set(launcher.carried) == {ears.bridge_id, other}


def test_an_integration_whose_workflow_is_under_way_is_not_begun_and_holds_up_no_other() -> None:
    ears, reconcile = Ears(), ToyReconcile()
    other = ears.bridged().id
    ears.ask_for(1)
    ears.ask_for(2, integration_id=other)
    launcher = ErrandLauncher(ears.desk, reconcile, busy=frozenset({ears.bridge_id}))
    assert settle(start_comparisons(ears.desk, launcher)) == 1
    assert reconcile.done == [(other, 2)]


def test_an_integration_that_is_held_between_two_lots_is_left_alone_from_then_on() -> None:
    ears, reconcile = Ears(), ToyReconcile()
    ears.ask_for()
    ears.change(status=Status.SETUP_REQUIRED)
    compare_lot(ears.desk, ears.bridge_id, [101], reconcile=reconcile)
    assert (reconcile.done, len(ears.waiting())) == ([], 1)


def test_a_lot_of_an_integration_that_is_gone_is_nothing_to_do() -> None:
    ears, reconcile = Ears(), ToyReconcile()
    compare_lot(ears.desk, "int_gone", [101], reconcile=reconcile)
    assert reconcile.done == []


def test_a_contract_that_was_compared_meanwhile_is_not_compared_again() -> None:
    ears, reconcile = Ears(), ToyReconcile()
    ears.ask_for(due_at=ears.clock.now() + timedelta(seconds=1))
    compare_lot(ears.desk, ears.bridge_id, [101, 102], reconcile=reconcile)
    assert (reconcile.done, len(ears.waiting())) == ([], 1)


def test_an_errand_that_cannot_be_settled_stops_no_other_and_is_run_again(caplog: pytest.LogCaptureFixture) -> None:
    ears, reconcile = Ears(), ToyReconcile()
    for number in (1, 2):
        ears.ask_for(number)
    broken = replace(ears.desk, listening=replace(ears.desk.listening, inbox=_Broken(ears.waiting())))
    assert [run_errands(broken, reconcile) for _ in range(2)] == [1, 1]
    assert "errand not kept" in caplog.messages
    assert reconcile.contracts == [1, 1, 2, 2]


def test_errands_of_one_contract_that_are_due_together_are_one_comparison() -> None:
    ears, reconcile = Ears(), ToyReconcile()
    for occasion in ("", "a", "b"):
        ears.ask_for(occasion=occasion)
    swept(ears, reconcile)
    assert (reconcile.contracts, ears.waiting(days=9)) == ([101], [])


def test_of_several_errands_of_a_contract_that_fails_one_is_kept() -> None:
    ears, reconcile = Ears(), ToyReconcile({101: RefusedError("no")})
    for occasion in ("a", "b"):
        ears.ask_for(occasion=occasion)
    swept(ears, reconcile)
    ears.ask_for(occasion="c")
    swept(ears, reconcile)
    assert [(each.occasion, each.attempts) for each in ears.waiting(days=9)] == [("", 1)]


def test_a_notice_of_a_contract_that_fails_lets_it_be_tried_for_a_day_from_then_on() -> None:
    ears, reconcile = Ears(), ToyReconcile({101: RefusedError("no")})
    ears.ask_for(attempts=90)
    ears.clock.moment += timedelta(hours=26)
    ears.ask_for(occasion="a")
    swept(ears, reconcile)
    assert [each.attempts for each in ears.waiting(days=9)] == [1]


def test_a_paused_integration_keeps_one_errand_for_each_contract() -> None:
    ears = Ears()
    ears.change(status=Status.PAUSED)
    for occasion in ("a", "b"):
        ears.ask_for(occasion=occasion)
        swept(ears, ToyReconcile())
    assert [each.occasion for each in ears.waiting(days=9)] == [""]


def test_an_errand_that_fails_and_was_asked_for_anew_is_not_put_off() -> None:
    ears = Ears()
    ears.ask_for()
    inbox = ears.desk.listening.inbox
    swept(ears, ToyReconcile({101: RefusedError("no")}, before=lambda _: inbox.ask(ears.waiting()[0])))
    assert [each.attempts for each in ears.waiting(days=9)] == [0]


def test_a_notice_heard_while_another_process_fulfils_the_one_before_is_not_settled_with_it() -> None:
    ears = Ears()
    ears.ask_for()
    ears.ask_for(occasion="a")
    known = next(each for each in ears.waiting() if not each.occasion)
    swept(ears, ToyReconcile({101: RefusedError("busy")}, before=lambda _: ears.desk.listening.inbox.settle(known)))
    assert [(each.occasion, each.attempts) for each in ears.waiting(days=9)] == [("", 1)]


def test_what_was_heard_days_ago_is_forgotten() -> None:
    ears = Ears()
    ears.desk.listening.inbox.hear(ears.bridge_id, ("a",), now=ears.clock.now())
    assert forget_notices(ears.desk) == 0
    ears.clock.moment += timedelta(days=3, seconds=1)
    assert forget_notices(ears.desk) == 1


class _Broken(MemoryInboxStore):
    """Fails to settle."""

    def __init__(self, errands: list[Errand]) -> None:
        super().__init__()
        for each in errands:
            self.ask(each)

    def settle(self, errand: Errand) -> None:
        raise RetryLaterError("The storage account is busy", delay=1)
