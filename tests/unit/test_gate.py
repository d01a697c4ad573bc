"""Who may bring notices, and what it costs to find out."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from sync.model.errand import Errand, Listener
from sync.model.errors import NotFoundError
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
    def __init__(self) -> None:
        MemoryInboxStore.__init__(self)
        Counted.__init__(self)

    def is_heard(self, integration_id: str, callback_id: str) -> bool:
        self.asked.append("is heard")
        return super().is_heard(integration_id, callback_id)

    def hear(self, integration_id: str, callback_id: str, *, now: datetime) -> None:
        self.asked.append("hear")
        super().hear(integration_id, callback_id, now=now)

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
    assert counting.cost == ["hear"]
    counting.ears.clock.moment += SOON / 2
    counting.tell(counting.ears.notice("c"))
    assert counting.cost == ["is heard", "ask", "hear"]


def test_while_notices_keep_coming_they_are_heeded_every_five_seconds_or_less() -> None:
    counting, due = Counting(), set()
    for number in range(60):
        counting.tell(counting.ears.notice(f"n{number}"))
        due |= {each.due_at for each in counting.ears.waiting(seconds=9)}
        counting.ears.clock.moment += timedelta(seconds=0.25)
    gaps = [after - before for before, after in pairwise(sorted(due))]
    assert max(gaps) <= timedelta(seconds=5)
    assert len(due) < 10


def test_after_a_lull_a_notice_is_heeded_soon_again() -> None:
    counting = Counting()
    counting.tell(counting.ears.notice("a"))
    counting.ears.clock.moment += timedelta(seconds=10)
    counting.tell(counting.ears.notice("b"))
    assert [each.due_at - counting.ears.clock.now() for each in counting.ears.waiting()] == [SOON]


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
