"""Notices of Dataverse: who may bring them, what they lead to, and where they are to be sent."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from sync.engine.genuine import digest
from sync.model.contract_link import ContractLink
from sync.model.errand import Listener
from sync.model.errors import NotFoundError, StateError
from sync.model.integration import Status
from sync.model.run import RunTrigger
from sync.services.doors import plain_door
from sync.services.ringing import PATH, close_door, heed_change, registration_of
from sync.storage.memory_inbox import MemoryListenerStore
from tests.support.listening import PUBLIC_URL, Ears

RECORD = "11111111-2222-4333-8444-555555555555"
OTHER = "99999999-2222-4333-8444-555555555555"


@dataclass
class CountedListeners(MemoryListenerStore):
    """Counts how often it is asked, and lets somebody else be faster."""

    asked: int = 0
    faster: list[Listener] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def get(self, integration_id: str) -> Listener | None:
        self.asked += 1
        return super().get(integration_id)

    def create(self, listener: Listener) -> Listener:
        if self.faster:
            super().create(self.faster.pop())
        return super().create(listener)

    def save(self, listener: Listener) -> Listener:
        known = super().get(listener.integration_id)
        if self.faster and known is not None:
            super().save(replace(self.faster.pop(), version=known.version))
        return super().save(listener)


class Bells(Ears):
    """Ears whose bridge goes out by itself, with contracts of a record."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.change(settings={"automatic": True})
        self.listeners = CountedListeners()
        listening = replace(self.desk.listening, door=plain_door(self.listeners, self.clock))
        self.desk = replace(self.desk, listening=listening)

    @property
    def token(self) -> str:
        """The token of the address."""
        return registration_of(self.desk, self.bridge).url.rsplit("/", 1)[-1]

    def link(self, number: int, record_id: str = RECORD, state: str = "pending") -> None:
        """Store a contract of a record."""
        now = self.clock.now()
        self.desk.links.create(ContractLink(self.bridge_id, number, "opportunity", record_id, "Deal", state, now))

    def tell(self, token: str | None = None, integration_id: str | None = None, **changes: Any) -> None:
        """Bring a notice."""
        told = {"PrimaryEntityName": "opportunity", "PrimaryEntityId": RECORD, "MessageName": "Update", **changes}
        heed_change(self.desk, integration_id or self.bridge_id, token=token or self.token, document=told)

    @property
    def named(self) -> list[int]:
        """Numbers of the contracts that errands wait for."""
        return [each.contract_id for each in self.waiting()]


@pytest.fixture
def bells() -> Bells:
    """Return a bridge with one contract of the record, and one of another."""
    bells = Bells()
    bells.link(101)
    bells.link(7, OTHER)
    return bells


def test_a_notice_asks_for_the_contract_of_its_record(bells: Bells) -> None:
    bells.tell()
    assert [(each.contract_id, each.trigger) for each in bells.waiting()] == [(101, RunTrigger.WEBHOOK)]


def test_a_notice_asks_for_every_open_contract_of_its_record(bells: Bells) -> None:
    bells.link(102, state="draft")
    bells.link(103, state="signed")
    bells.tell()
    assert bells.named == [101, 102]


def test_a_shortened_notice_is_enough(bells: Bells) -> None:
    document = {"PrimaryEntityName": "opportunity", "PrimaryEntityId": RECORD.upper()}
    heed_change(bells.desk, bells.bridge_id, token=bells.token, document=document)
    assert bells.named == [101]


@pytest.mark.parametrize(
    "changes",
    [
        {"PrimaryEntityId": "22222222-2222-4333-8444-555555555555"},
        {"PrimaryEntityName": "quote"},
        {"PrimaryEntityId": None},
    ],
)
def test_a_notice_about_what_has_no_contract_asks_for_nothing(bells: Bells, changes: dict[str, Any]) -> None:
    bells.tell(**changes)
    assert bells.named == []


def test_notices_ask_for_nothing_where_changes_wait_for_a_push(bells: Bells) -> None:
    bells.change(settings={})
    bells.tell()
    assert bells.named == []


def test_a_paused_integration_remembers_what_it_was_told(bells: Bells) -> None:
    bells.change(status=Status.PAUSED)
    bells.tell()
    assert bells.named == [101]


def test_notices_of_one_moment_are_one_errand_with_one_writing(bells: Bells) -> None:
    bells.tell()
    (first,) = bells.waiting()
    bells.tell()
    assert bells.waiting() == [first]


def test_a_notice_during_the_comparison_asks_for_another_one(bells: Bells) -> None:
    bells.tell()
    (first,) = bells.waiting()
    bells.clock.pass_by(2)
    bells.tell()
    bells.desk.listening.inbox.settle(first)
    assert [each.contract_id for each in bells.waiting(seconds=5)] == [101]


def test_a_wrong_token_an_unknown_integration_and_one_without_address_look_alike(bells: Bells) -> None:
    token, bare = bells.token, bells.bridged().id
    told = []
    for wrong, where in (("x" * 32, None), (token, "int-unknown"), (token, bare)):
        with pytest.raises(NotFoundError) as refused:
            bells.tell(wrong, where)
        told.append((refused.value.message, refused.value.code))
    assert (len(set(told)), bells.named) == (1, [])


def test_an_integration_that_is_gone_looks_like_one_that_never_was(bells: Bells) -> None:
    token = bells.token
    bells.desk.integrations.delete(bells.bridge)
    with pytest.raises(NotFoundError, match="There is no such address"):
        bells.tell(token)


def test_what_is_known_of_a_sender_is_asked_for_again_after_half_a_minute(bells: Bells) -> None:
    token = bells.token
    costs = []
    for seconds in (0, 29, 1):
        bells.clock.pass_by(seconds)
        before = bells.listeners.asked
        bells.tell(token)
        costs.append(bells.listeners.asked - before)
    assert costs == [1, 0, 1]


def test_a_wrong_token_is_wrong_also_right_after_the_right_one(bells: Bells) -> None:
    bells.tell()
    with pytest.raises(NotFoundError):
        bells.tell("x" * 64)


def test_a_door_remembers_a_thousand_senders_at_most(bells: Bells) -> None:
    door, now = bells.desk.listening.door, bells.clock.now()
    for number in range(1_001):
        bells.listeners.create(Listener(f"int-{number:04d}", now, token_digest=digest("right")))
        door.check(f"int-{number:04d}", "right")
    before = bells.listeners.asked
    for number in (1_000, 0):
        door.check(f"int-{number:04d}", "right")
    assert bells.listeners.asked - before == 1


def test_the_address_is_made_once_and_cannot_be_guessed(bells: Bells) -> None:
    urls = {registration_of(bells.desk, bells.bridge).url for _ in range(2)}
    assert urls == {f"{PUBLIC_URL}/{PATH}/{bells.bridge_id}/{bells.token}"}
    assert len(bells.token) >= 32


def test_the_token_is_stored_nowhere_in_the_clear(bells: Bells) -> None:
    token = bells.token
    stored = bells.listeners.get(bells.bridge_id)
    assert stored is not None
    assert stored.token_digest == digest(token)
    assert token not in repr(stored) + repr(registration_of(bells.desk, bells.bridge))


def test_of_two_who_ask_for_an_address_at_once_both_get_the_same(bells: Bells) -> None:
    bells.listeners.faster = [Listener(bells.bridge_id, bells.clock.now(), secret_name="secret-1")]
    token = bells.token
    assert token == "t" * 40


def test_a_lost_token_is_replaced(bells: Bells) -> None:
    token = bells.token
    bells.tell(token)
    known = bells.listeners.get(bells.bridge_id)
    assert known is not None
    bells.desk.secrets.delete(known.secret_name)
    assert bells.token != token
    with pytest.raises(NotFoundError):
        bells.tell(token)


def test_of_two_who_replace_a_lost_token_both_get_the_same(bells: Bells) -> None:
    bells.listeners.create(Listener(bells.bridge_id, bells.clock.now(), secret_name="secret-lost"))
    bells.listeners.faster = [Listener(bells.bridge_id, bells.clock.now(), secret_name="secret-1")]
    assert bells.token == "t" * 40


def test_a_hub_without_public_address_has_none_to_give() -> None:
    bells = Bells(public_url=None)
    with pytest.raises(StateError) as refused:
        registration_of(bells.desk, bells.bridge)
    assert refused.value.code == "PUBLIC_URL_MISSING"


def test_a_registration_says_whether_notices_are_heeded(bells: Bells) -> None:
    heeded = [registration_of(bells.desk, bells.bridge).is_heeded]
    bells.change(settings={"automatic": False})
    heeded.append(registration_of(bells.desk, bells.bridge).is_heeded)
    assert heeded == [True, False]


def test_a_closed_door_leaves_no_token_and_lets_nobody_in(bells: Bells) -> None:
    token = bells.token
    known = bells.listeners.get(bells.bridge_id)
    assert known is not None
    bells.tell(token)
    for _ in range(2):
        close_door(bells.desk, bells.bridge)
    assert bells.desk.secrets.get(known.secret_name) is None
    with pytest.raises(NotFoundError):
        bells.tell(token)


def test_half_a_minute_is_how_long_another_process_may_let_in_who_was_shut_out(bells: Bells) -> None:
    token = bells.token
    elsewhere = plain_door(bells.listeners, bells.clock)
    elsewhere.check(bells.bridge_id, token)
    close_door(bells.desk, bells.bridge)
    elsewhere.check(bells.bridge_id, token)
    bells.clock.pass_by(30)
    with pytest.raises(NotFoundError):
        elsewhere.check(bells.bridge_id, token)
