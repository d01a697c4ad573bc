"""Who may bring notices, and what it costs to find out."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from sync.model.errand import Errand, Listener
from sync.model.errors import NotFoundError, RetryLaterError
from sync.services.listening import Gate, take
from sync.storage.memory_inbox import MemoryInboxStore, MemoryListenerStore
from tests.support.listening import SOON, Ears

HALF_A_MINUTE = timedelta(seconds=30)


@dataclass
class Counted:
    """Counts what is asked of the stores behind a gate."""

    asked: list[str] = field(default_factory=list)


class CountedListeners(MemoryListenerStore, Counted):
    def __init__(self) -> None:
        MemoryListenerStore.__init__(self)
        Counted.__init__(self)

    def get(self, integration_id: str) -> Listener | None:
        self.asked.append("listener")
        return super().get(integration_id)


class CountedInbox(MemoryInboxStore, Counted):
    busy = False

    def __init__(self) -> None:
        MemoryInboxStore.__init__(self)
        Counted.__init__(self)

    def is_heard(self, integration_id: str, callback_id: str) -> bool:
        self.asked.append("is heard")
        return super().is_heard(integration_id, callback_id)

    def hear(self, integration_id: str, callback_ids: Collection[str], *, now: datetime) -> None:
        self.asked.append("hear")
        if self.busy:
            raise RetryLaterError("The storage account is busy", delay=1, code="STORAGE_UNAVAILABLE")
        super().hear(integration_id, callback_ids, now=now)

    def ask(self, errand: Errand) -> None:
        self.asked.append("ask")
        super().ask(errand)


@dataclass
class Counting:
    """Registered ears whose stores count what they are asked."""

    ears: Ears = field(default_factory=Ears)
    listeners: CountedListeners = field(default_factory=CountedListeners)
    inbox: CountedInbox = field(default_factory=CountedInbox)

    def __post_init__(self) -> None:
        desk = self.ears.desk
        gate = Gate(self.listeners, desk.secrets, desk.clock)
        listening = replace(desk.listening, listeners=self.listeners, inbox=self.inbox, gate=gate)
        self.ears.desk = replace(desk, listening=listening)
        self.ears.ensure()

    def tell(self, document: object, *, token: str | None = None, integration_id: str | None = None) -> None:
        """Bring a notice, and count from here on."""
        ears, known = self.ears, self.ears.words[0] if token is None else token
        self.listeners.asked.clear()
        self.inbox.asked.clear()
        named = integration_id or ears.bridge_id
        take(ears.desk.listening, ears.clock, named, token=known, document=document)

    def refused(self, document: object, **where: str) -> None:
        """Bring a notice that must be refused."""
        with pytest.raises(NotFoundError, match="There is no such address"):
            self.tell(document, **where)

    @property
    def cost(self) -> list[str]:
        return [*self.listeners.asked, *self.inbox.asked]


def test_a_genuine_notice_leaves_an_errand() -> None:
    counting = Counting()
    counting.tell(counting.ears.notice(contract=7))
    (errand,) = counting.ears.waiting()
    assert (errand.contract_id, errand.heard_at, errand.due_at) == (7, errand.heard_at, errand.heard_at + SOON)


def test_the_errand_is_kept_before_the_notice_counts_as_heard() -> None:
    counting = Counting()
    counting.tell(counting.ears.notice("a"))
    counting.tell(counting.ears.notice("b", contract=7))
    assert counting.cost == ["is heard", "ask", "hear"]


def test_notices_of_one_contract_share_an_errand_that_is_not_due_for_a_while() -> None:
    counting = Counting()
    counting.tell(counting.ears.notice("a"))
    counting.tell(counting.ears.notice("b"))
    assert counting.cost == []
    counting.ears.clock.moment += SOON / 2
    counting.tell(counting.ears.notice("c"))
    assert counting.cost == ["is heard", "ask", "hear"]


def moments(seconds: float, *, every: float) -> list[float]:
    """Return how long after the first of many notices of one contract, told so often, it is compared each time."""
    counting, began, found = Counting(), Ears().clock.now(), set[float]()
    for number in range(int(seconds / every)):
        counting.tell(counting.ears.notice(f"n{number}"))
        found |= {(each.due_at - began).total_seconds() for each in counting.ears.waiting(seconds=60)}
        counting.ears.clock.moment += timedelta(seconds=every)
    return sorted(found)


def test_while_somebody_edits_a_contract_it_is_compared_every_five_seconds() -> None:
    assert moments(14, every=1) == [1, 6, 11, 16]


def test_the_more_notices_name_a_contract_the_less_often_it_is_compared() -> None:
    assert moments(100, every=0.1) == [1, 5.5, 15, 34.5, 64, 93.5, 123]


def test_notices_that_keep_coming_do_not_put_off_what_was_named_before() -> None:
    counting, done = Counting(), list[timedelta]()
    for number in range(400):
        counting.tell(counting.ears.notice(f"n{number}"))
        for each in counting.ears.waiting(seconds=0):
            done.append(counting.ears.clock.now() - each.heard_at)
            counting.inbox.settle(each)
        counting.ears.clock.moment += timedelta(seconds=0.1)
    assert len(done) == 4
    assert max(done) <= timedelta(seconds=30)


def test_notices_that_share_an_errand_are_written_down_together() -> None:
    counting = Counting()
    for number in range(8):
        counting.tell(counting.ears.notice(f"n{number}", contract=7))
        counting.tell(counting.ears.notice(f"m{number}"))
        counting.ears.clock.moment += timedelta(seconds=0.2)
    heard = [
        counting.inbox.is_heard(counting.ears.bridge_id, f"{each}{number}") for each in "nm" for number in range(5)
    ]
    assert heard == [True] * 10


def test_what_was_not_written_down_yet_is_written_with_the_next_look_at_errands() -> None:
    counting, bridge_id = Counting(), Ears().bridge_id
    for each in "ab":
        counting.tell(counting.ears.notice(each))
    assert not counting.inbox.is_heard(bridge_id, "b")
    counting.ears.desk.listening.callbacks.write_down(counting.inbox, counting.ears.clock.now())
    assert counting.inbox.is_heard(bridge_id, "b")


def test_a_notice_that_shared_an_errand_and_comes_again_changes_nothing() -> None:
    counting = Counting()
    for each in "ab":
        counting.tell(counting.ears.notice(each))
    counting.inbox.settle(counting.ears.waiting()[0])
    counting.ears.clock.moment += SOON
    counting.tell(counting.ears.notice("b"))
    assert (counting.cost, counting.ears.waiting()) == ([], [])


def test_a_storage_that_is_busy_forgets_notices_and_keeps_their_errands(caplog: pytest.LogCaptureFixture) -> None:
    counting = Counting()
    for each in "ab":
        counting.tell(counting.ears.notice(each))
    counting.inbox.busy = True
    counting.ears.desk.listening.callbacks.write_down(counting.inbox, counting.ears.clock.now())
    assert (caplog.messages, len(counting.ears.waiting())) == (["notices not written down"], 1)


def test_after_a_lull_a_notice_is_heeded_soon_again() -> None:
    counting = Counting()
    counting.tell(counting.ears.notice("a"))
    counting.ears.clock.moment += timedelta(seconds=10)
    counting.tell(counting.ears.notice("b"))
    assert max(each.due_at for each in counting.ears.waiting()) - counting.ears.clock.now() == SOON


def test_a_thousand_contracts_are_remembered_at_most() -> None:
    counting = Counting()
    for number in range(1_001):
        counting.tell(counting.ears.notice(f"n{number}", contract=number + 1))
    counting.tell(counting.ears.notice("again", contract=1))
    assert counting.cost == ["is heard", "ask", "hear"]


def test_a_notice_that_was_heard_costs_one_read_and_changes_nothing() -> None:
    counting = Counting()
    counting.tell(counting.ears.notice())
    counting.inbox.settle(counting.ears.waiting()[0])
    counting.ears.clock.moment += SOON
    counting.tell(counting.ears.notice())
    assert (counting.cost, counting.ears.waiting()) == (["is heard"], [])


def test_a_forged_signature_changes_nothing() -> None:
    counting = Counting()
    counting.tell(counting.ears.notice("a"))
    counting.refused(counting.ears.notice("b", signature="0" * 40))
    assert (counting.cost, len(counting.ears.waiting())) == ([], 1)


def test_a_wrong_token_costs_one_read() -> None:
    counting = Counting()
    counting.refused(counting.ears.notice(), token="0" * 64)
    assert counting.cost == ["listener"]


def test_an_unknown_integration_costs_one_read() -> None:
    counting = Counting()
    counting.refused(counting.ears.notice(), integration_id="int_unknown")
    assert counting.cost == ["listener"]


def test_what_is_no_notice_costs_nothing() -> None:
    counting = Counting()
    counting.refused({"contract": {"id": 5}})
    assert counting.cost == []


def test_a_genuine_notice_about_no_contract_leaves_nothing() -> None:
    counting = Counting()
    counting.tell(counting.ears.notice(contract="all"))
    assert counting.ears.waiting() == []


def test_the_key_of_one_integration_opens_no_other() -> None:
    counting = Counting()
    notice, token = counting.ears.notice(), counting.ears.words[0]
    counting.ears.bridge_id = counting.ears.bridged().id
    counting.ears.ensure()
    counting.refused(notice, token=token)
    counting.refused(notice)


def test_what_is_known_of_a_sender_is_asked_for_again_after_half_a_minute() -> None:
    counting = Counting()
    counting.tell(counting.ears.notice("a"))
    counting.ears.clock.moment += HALF_A_MINUTE
    counting.tell(counting.ears.notice("b"))
    assert counting.cost[0] == "listener"


def test_without_its_secret_nothing_is_genuine() -> None:
    counting = Counting()
    notice, token = counting.ears.notice(), counting.ears.words[0]
    counting.ears.desk.secrets.delete(counting.ears.listener.secret_name)
    counting.refused(notice, token=token)


def test_a_gate_knows_a_thousand_senders_at_most() -> None:
    counting = Counting()
    notice, known = counting.ears.notice(), counting.ears.listener
    for number in range(1_001):
        counting.listeners.create(replace(known, integration_id=f"int-{number}"))
        counting.tell(notice, integration_id=f"int-{number}")
    counting.tell(notice, integration_id="int-1000")
    assert "listener" not in counting.cost
    counting.tell(notice, integration_id="int-5")
    assert "listener" in counting.cost
