"""Who may bring notices, and what it costs to find out."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from sync.model.errand import Errand, Listener
from sync.model.errors import NotFoundError
from sync.services.listening import Gate, take
from sync.storage.memory_inbox import MemoryInboxStore, MemoryListenerStore
from tests.support.listening import Ears

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

    def is_done(self, integration_id: str, callback_id: str) -> bool:
        self.asked.append("is done")
        return super().is_done(integration_id, callback_id)

    def accept(self, errand: Errand) -> None:
        self.asked.append("accept")
        super().accept(errand)


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

    def tell(self, document: object, *, token: str | None = None, integration_id: str | None = None) -> Errand | None:
        """Bring a notice, and count from here on."""
        ears, known = self.ears, self.ears.words[0] if token is None else token
        self.listeners.asked.clear()
        self.inbox.asked.clear()
        named = integration_id or ears.bridge_id
        return take(ears.desk.listening, ears.clock, named, token=known, document=document)

    def refused(self, document: object, **where: str) -> None:
        """Bring a notice that must be refused."""
        with pytest.raises(NotFoundError, match="There is no such address"):
            self.tell(document, **where)

    @property
    def cost(self) -> list[str]:
        return [*self.listeners.asked, *self.inbox.asked]


def test_a_genuine_notice_leaves_an_errand() -> None:
    ears = Ears()
    ears.ensure()
    take(ears.desk.listening, ears.clock, ears.bridge_id, token=ears.words[0], document=ears.notice(contract=7))
    assert [(each.contract_id, each.heard_at) for each in ears.waiting()] == [(7, ears.clock.now())]


def test_a_known_sender_costs_one_read_and_one_write() -> None:
    counting = Counting()
    counting.tell(counting.ears.notice("a"))
    counting.tell(counting.ears.notice("b"))
    assert counting.cost == ["is done", "accept"]


def test_a_notice_that_was_heeded_costs_one_read_and_changes_nothing() -> None:
    counting = Counting()
    errand = counting.tell(counting.ears.notice())
    assert errand is not None
    counting.inbox.settle([errand], now=counting.ears.clock.now())
    assert counting.tell(counting.ears.notice()) is None
    assert (counting.cost, counting.ears.waiting()) == (["is done"], [])


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
    assert counting.tell(counting.ears.notice(contract="all")) is None
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
    assert counting.cost == ["listener", "is done", "accept"]


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
