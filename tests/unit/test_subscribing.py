"""The life of subscriptions: made, renewed, found lost, ended; trouble stops nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from sync.model.channel import Channel, HintKind
from sync.model.errors import NotFoundError, RetryLaterError, StaleRecordError, SyncError
from sync.model.integration import Status
from sync.model.secret import Secret
from sync.services.health import HealthState, health_of
from sync.services.realtime import Realtime, enrol, enter, nudge
from sync.services.subscribing import farewell, tend_all
from sync.storage.memory import MemorySecretStore
from sync.storage.memory_subscriptions import MemorySubscriptionStore
from tests.support.office import PRODUCTS, SUPPLIERS, Office, open_office
from tests.support.subscribers import PUBLIC_URL, ToySubscribers, realtime_of, refusal

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
DOWN = RetryLaterError("Business Central is not available", delay=0)


@dataclass(slots=True)
class Watch:
    """An office whose integration has been enrolled, and what looks after its subscriptions."""

    office: Office
    bc: ToySubscribers
    store: MemorySubscriptionStore
    realtime: Realtime

    @property
    def channel(self) -> Channel:
        found = self.store.get(self.office.integration.id)
        assert found is not None
        return found

    def tend(self, after: timedelta = timedelta(0)) -> int:
        """Let time pass, and look after what is due."""
        self.office.clock.moment += after
        return tend_all(self.realtime)

    def hinted(self) -> list[Any]:
        """Return the types whose changes are to be read, and forget them."""
        hints = self.store.hints()
        self.store.settle(hints)
        assert {hint.kind for hint in hints} <= {HintKind.CHANGES}
        return sorted(hint.entity for hint in hints)

    def synced(self) -> None:
        """Let the integration have been synced just now."""
        self.office.change(last_synced_at=self.office.clock.now())


def watch(**integration: Any) -> Watch:
    office = open_office(**integration)
    bc, store = ToySubscribers(), MemorySubscriptionStore()
    realtime = realtime_of(office.desk, bc, store)
    office.change(last_synced_at=office.clock.now())
    enrol(realtime, office.integration.id)
    return Watch(office, bc, store, realtime)


@pytest.fixture
def subscribed() -> Watch:
    made = watch()
    made.tend()
    made.hinted()
    return made


def test_both_types_are_subscribed_to_and_the_gap_before_is_read() -> None:
    here = watch()
    assert here.tend() == 1
    assert here.bc.sets == ["items", "vendors"]
    assert set(here.channel.subscriptions) == {SUPPLIERS, PRODUCTS}
    assert here.hinted() == [PRODUCTS, SUPPLIERS]


def test_the_address_holds_a_token_that_is_stored_only_as_a_hash(subscribed: Watch) -> None:
    urls = {each.listed.url for each in subscribed.bc.rows.values()}
    [url] = urls
    home, _, token = url.rpartition("/")
    assert home == f"{PUBLIC_URL}/api/webhooks/business-central/{subscribed.office.integration.id}"
    assert enter(subscribed.realtime, subscribed.office.integration.id, token) == subscribed.channel
    [state] = {each.state for each in subscribed.bc.rows.values()}
    assert len(token) >= 32 <= len(state)
    assert token not in str(subscribed.channel)
    assert state not in str(subscribed.channel)


@pytest.mark.parametrize("token", ["", "0" * 64, "x", "\ud800"])
def test_another_token_leads_nowhere(subscribed: Watch, token: str) -> None:
    for integration_id in (subscribed.office.integration.id, "int_unknown"):
        with pytest.raises(NotFoundError):
            enter(subscribed.realtime, integration_id, token)


def test_before_anything_is_subscribed_no_token_leads_anywhere() -> None:
    here = watch()
    with pytest.raises(NotFoundError):
        enter(here.realtime, here.office.integration.id, "")


def test_what_is_in_order_is_left_alone(subscribed: Watch) -> None:
    subscribed.bc.calls.clear()
    assert subscribed.tend(10 * MINUTE) == 0
    assert subscribed.bc.calls == []


def test_nothing_is_done_without_a_public_address() -> None:
    here = watch()
    assert tend_all(replace(here.realtime, public_url=None)) == 0
    assert here.bc.calls == []


def test_a_probe_looks_whether_the_subscriptions_are_there(subscribed: Watch) -> None:
    subscribed.bc.calls.clear()
    subscribed.office.clock.moment += 15 * MINUTE
    subscribed.synced()
    subscribed.tend()
    assert (subscribed.bc.calls, subscribed.hinted()) == (["listed"], [])


def test_after_silence_the_probe_lets_a_delta_look(subscribed: Watch) -> None:
    subscribed.tend(15 * MINUTE)
    assert subscribed.hinted() == [PRODUCTS, SUPPLIERS]


def test_a_lost_subscription_is_made_again_and_its_gap_is_read(subscribed: Watch) -> None:
    lost = subscribed.channel.subscriptions[SUPPLIERS]
    del subscribed.bc.rows[lost.id]
    subscribed.office.clock.moment += 15 * MINUTE
    subscribed.synced()
    subscribed.tend()
    assert subscribed.bc.sets == ["items", "vendors"]
    assert subscribed.hinted() == [SUPPLIERS]
    assert subscribed.channel.subscriptions[SUPPLIERS].id != lost.id


def test_at_half_of_their_life_subscriptions_are_renewed(subscribed: Watch) -> None:
    before = subscribed.channel.subscriptions
    subscribed.tend(DAY + 12 * timedelta(hours=1))
    after = subscribed.channel.subscriptions
    assert subscribed.bc.calls.count("renew") == 2
    assert [after[each].id for each in before] == [before[each].id for each in before]
    assert all(after[each].expires_at > before[each].expires_at for each in before)
    assert subscribed.channel.look_at <= subscribed.office.clock.now() + 15 * MINUTE


def test_a_renewal_that_finds_nothing_makes_another_subscription() -> None:
    here = watch()
    here.realtime = replace(here.realtime, probe_every=10 * DAY)
    here.tend()
    here.hinted()
    del here.bc.rows[here.channel.subscriptions[PRODUCTS].id]
    here.tend(2 * DAY)
    assert here.bc.sets == ["items", "vendors"]
    assert here.hinted() == [PRODUCTS]


def test_a_renewal_with_an_old_tag_lists_first_and_tries_again(subscribed: Watch) -> None:
    for row_id, row in list(subscribed.bc.rows.items()):
        subscribed.bc.rows[row_id] = replace(row, listed=replace(row.listed, etag="changed"))
    subscribed.realtime = replace(subscribed.realtime, probe_every=10 * DAY)
    subscribed.tend(2 * DAY)
    assert subscribed.bc.calls.count("listed") == 1
    subscribed.tend()
    assert (subscribed.bc.calls.count("listed"), subscribed.bc.calls.count("renew")) == (2, 4)
    assert all(each.etag == "changed+" for each in subscribed.channel.subscriptions.values())


def test_strays_of_the_integration_are_removed_and_those_of_others_are_not() -> None:
    here = watch()
    home = f"{PUBLIC_URL}/api/webhooks/business-central"
    for name in (here.office.integration.id, "int_other"):
        here.bc.subscribe("vendors", url=f"{home}/{name}/token", state=Secret("state"))
    here.tend()
    assert sorted(here.bc.sets) == ["items", "vendors", "vendors"]


def test_realtime_false_ends_all_and_stays_quiet(subscribed: Watch) -> None:
    subscribed.office.change(settings={"realtime": False})
    nudge(subscribed.realtime, subscribed.office.integration.id)
    subscribed.tend()
    assert (subscribed.bc.rows, subscribed.channel.subscriptions) == ({}, {})
    assert subscribed.tend(MINUTE) == 0


def test_realtime_true_again_begins_anew(subscribed: Watch) -> None:
    for wanted in (False, True):
        subscribed.office.change(settings={"realtime": wanted})
        nudge(subscribed.realtime, subscribed.office.integration.id)
        subscribed.tend()
    assert subscribed.bc.sets == ["items", "vendors"]


def test_a_paused_integration_keeps_its_subscriptions(subscribed: Watch) -> None:
    subscribed.office.change(status=Status.PAUSED)
    subscribed.tend(2 * DAY)
    assert subscribed.bc.sets == ["items", "vendors"]
    assert subscribed.bc.calls.count("renew") == 2


@pytest.mark.parametrize("status", [Status.BROKEN, Status.SETUP_REQUIRED, Status.REAUTH_REQUIRED])
def test_a_held_integration_is_left_alone_until_it_works_again(status: Status) -> None:
    here = watch(status=status)
    here.tend()
    assert here.bc.calls == []
    here.office.change(status=Status.ACTIVE)
    here.tend(MINUTE)
    assert here.bc.sets == ["items", "vendors"]


@pytest.mark.parametrize("moved", ["company", "address"])
def test_in_another_place_everything_is_subscribed_to_anew_with_new_words(subscribed: Watch, moved: str) -> None:
    before = {each.listed.url for each in subscribed.bc.rows.values()}
    old = subscribed.channel.secret_name
    if moved == "company":
        connection = replace(subscribed.office.current.connection, company_id="another")
        subscribed.office.change(connection=connection)
    else:
        subscribed.realtime = replace(subscribed.realtime, public_url="https://elsewhere.example")
    nudge(subscribed.realtime, subscribed.office.integration.id)
    subscribed.tend()
    assert {each.listed.url for each in subscribed.bc.rows.values()} & before == set()
    assert len(subscribed.bc.rows) == 2
    assert subscribed.office.desk.secrets.get(old) is None


def test_lost_words_are_replaced(subscribed: Watch) -> None:
    subscribed.office.desk.secrets.delete(subscribed.channel.secret_name)
    nudge(subscribed.realtime, subscribed.office.integration.id)
    subscribed.tend()
    assert len(subscribed.bc.rows) == 2
    assert subscribed.office.desk.secrets.get(subscribed.channel.secret_name) is not None


@pytest.mark.parametrize("error", [refusal(), DOWN])
def test_trouble_is_told_in_the_health_and_tried_again_later_each_time(error: SyncError) -> None:
    here = watch()
    here.bc.trouble("subscribe", error, error)
    here.tend()
    health = health_of(here.office.current, [], now=here.office.clock.now())
    assert (health.state, error.message in (health.detail or "")) == (HealthState.DEGRADED, True)
    assert here.office.current.status is Status.ACTIVE
    assert here.tend(timedelta(seconds=9)) == 0
    assert here.tend(timedelta(seconds=1)) == 1
    assert here.tend(timedelta(seconds=19)) == 0
    here.tend(timedelta(seconds=1))
    assert here.bc.sets == ["items", "vendors"]
    assert here.office.current.realtime_trouble is None


def test_a_secret_that_cannot_be_read_is_trouble_of_its_integration_only() -> None:
    here = watch()

    class Locked(MemorySecretStore):
        def get(self, name: str) -> Secret | None:
            raise SyncError("The secret cannot be read", code="SECRET_UNREADABLE")

    desk = replace(here.office.desk, secrets=Locked())
    assert tend_all(replace(here.realtime, desk=desk)) == 1
    assert here.office.current.realtime_trouble == "The secret cannot be read"


def test_what_was_reached_before_trouble_is_kept() -> None:
    here = watch()
    original = here.bc.subscribe

    def second_fails(*args: Any, **kwargs: Any) -> Any:
        if here.bc.rows:
            raise refusal()
        return original(*args, **kwargs)

    here.bc = _With(here.bc, second_fails)  # type: ignore[assignment]  # stands in for it
    here.realtime = replace(here.realtime, subscribers=here.bc)
    here.tend()
    assert len(here.channel.subscriptions) == 1
    assert here.hinted() == [SUPPLIERS]


@dataclass(slots=True)
class _With:
    inner: ToySubscribers
    subscribe: Callable[..., Any]

    def open(self, *_: Any) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def test_the_one_who_comes_second_leaves_it_to_the_first() -> None:
    here = watch()

    class Busy(MemorySubscriptionStore):
        def save(self, channel: Channel) -> Channel:
            raise StaleRecordError("meanwhile")

    busy = Busy()
    busy.create(Channel(here.office.integration.id, here.office.clock.now()))
    assert tend_all(replace(here.realtime, store=busy)) == 1
    assert here.office.current.realtime_trouble is None


def test_someone_who_writes_while_there_is_trouble_is_no_more_trouble() -> None:
    here = watch()
    here.bc.trouble("listed", DOWN)

    class Busy(MemorySubscriptionStore):
        saves = 0

        def save(self, channel: Channel) -> Channel:
            self.saves += 1
            if self.saves > 1:
                raise StaleRecordError("meanwhile")
            return MemorySubscriptionStore.save(self, channel)

    busy = Busy()
    busy.create(Channel(here.office.integration.id, here.office.clock.now()))
    tend_all(replace(here.realtime, store=busy))
    assert here.office.current.realtime_trouble == DOWN.message


def test_the_channel_of_an_integration_that_is_gone_is_forgotten(subscribed: Watch) -> None:
    name = subscribed.channel.secret_name
    subscribed.office.desk.integrations.delete(subscribed.office.current)
    subscribed.tend(15 * MINUTE)
    assert subscribed.store.get(subscribed.office.integration.id) is None
    assert subscribed.office.desk.secrets.get(name) is None


def test_a_farewell_ends_the_subscriptions_and_forgets_the_channel(subscribed: Watch) -> None:
    name = subscribed.channel.secret_name
    farewell(subscribed.realtime, subscribed.office.current)
    assert (subscribed.bc.rows, subscribed.store.get(subscribed.office.integration.id)) == ({}, None)
    assert subscribed.office.desk.secrets.get(name) is None


def test_a_farewell_that_business_central_does_not_hear_is_no_trouble(subscribed: Watch) -> None:
    subscribed.bc.trouble("remove", DOWN)
    farewell(subscribed.realtime, subscribed.office.current)
    assert subscribed.store.get(subscribed.office.integration.id) is None


def test_a_farewell_without_a_channel_does_nothing() -> None:
    office = open_office()
    realtime = realtime_of(office.desk, ToySubscribers(), MemorySubscriptionStore())
    farewell(realtime, office.integration)
    assert office.current == office.integration


def test_a_farewell_before_anything_was_subscribed_forgets_the_channel() -> None:
    here = watch()
    farewell(here.realtime, here.office.current)
    assert here.store.get(here.office.integration.id) is None


def test_ending_subscriptions_that_cannot_be_ended_goes_on(subscribed: Watch) -> None:
    subscribed.bc.trouble("remove", DOWN)
    subscribed.office.change(settings={"realtime": False})
    nudge(subscribed.realtime, subscribed.office.integration.id)
    subscribed.tend()
    assert subscribed.channel.subscriptions == {}
