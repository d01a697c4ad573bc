"""The webhook at Oneflow: registered, found lost, registered again, removed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.model.errand import Listener
from sync.model.errors import RetryLaterError, SetupError, StaleRecordError
from sync.model.integration import Status
from sync.model.secret import Secret
from sync.ports import Hook, Lease
from sync.services.health import HealthState, health_of
from sync.services.hooks import NO_ADDRESS, ensure_hook, remove_hook, tend_hooks
from sync.storage.memory import MemoryLeaseStore
from sync.storage.memory_inbox import MemoryListenerStore
from tests.support.listening import PUBLIC_URL, Ears

DOWN = RetryLaterError("Oneflow is not available", delay=0)
QUARTER = timedelta(minutes=15)


def registered() -> Ears:
    ears = Ears()
    ears.ensure()
    return ears


def urls(ears: Ears) -> list[str]:
    return [each.callback_url for each in ears.oneflow.hooked.values()]


def test_a_webhook_is_registered_under_an_address_that_nobody_can_guess() -> None:
    ears = registered()
    token, sign_key = ears.words
    assert urls(ears) == [f"{PUBLIC_URL}/api/webhooks/oneflow/{ears.bridge_id}/{token}"]
    assert (len(token), len(sign_key), token != sign_key) == (32, 32, True)


def test_the_sign_key_goes_to_oneflow_and_is_stored_nowhere_in_the_clear() -> None:
    ears = registered()
    token, sign_key = ears.words
    assert [key.reveal() for key in ears.oneflow.sign_keys] == [sign_key]
    assert token not in str(ears.listener)
    assert sign_key not in str(ears.listener)


def test_a_webhook_that_is_there_costs_no_request() -> None:
    ears = registered()
    opened = len(ears.oneflow.opened)
    ears.ensure()
    assert (len(ears.oneflow.opened), len(ears.oneflow.hooked)) == (opened, 1)


def test_one_that_was_registered_by_nobody_we_remember_is_replaced() -> None:
    ears = Ears()
    ears.oneflow.hooked[50] = Hook(50, f"{PUBLIC_URL}/api/webhooks/oneflow/{ears.bridge_id}/lost")
    ears.oneflow.hooked[51] = Hook(51, f"{PUBLIC_URL}/api/webhooks/oneflow/int_other/theirs")
    ears.ensure()
    assert sorted(ears.oneflow.hooked) == [51, ears.listener.hook_id]


def test_a_webhook_that_oneflow_dropped_is_registered_again() -> None:
    ears = registered()
    ears.oneflow.hooked.clear()
    ears.clock.moment += 2 * QUARTER
    assert tend_hooks(ears.desk) == 1
    assert (len(urls(ears)), ears.words[0] in urls(ears)[0]) == (1, True)


def test_it_is_looked_after_every_quarter_of_an_hour_or_a_little_later() -> None:
    ears = registered()
    ears.clock.moment += QUARTER - timedelta(seconds=1)
    assert tend_hooks(ears.desk) == 0
    ears.clock.moment += QUARTER / 4 + timedelta(seconds=1)
    assert tend_hooks(ears.desk) == 1
    assert tend_hooks(ears.desk) == 0


def test_another_address_of_the_hub_gets_a_webhook_and_the_former_one_none() -> None:
    ears = registered()
    ears.desk = replace(ears.desk, listening=replace(ears.desk.listening, public_url="https://new.example"))
    former, known = ears.words[0], ears.listener.secret_name
    ears.ensure()
    assert [each.startswith("https://new.example/") for each in urls(ears)] == [True]
    assert (ears.words[0] != former, ears.desk.secrets.get(known)) == (True, None)


def test_a_lost_secret_gets_new_words() -> None:
    ears = registered()
    former = ears.words
    ears.desk.secrets.delete(ears.listener.secret_name)
    ears.clock.moment += 2 * QUARTER
    tend_hooks(ears.desk)
    assert (ears.words[0] != former[0], len(urls(ears))) == (True, 1)


def test_without_a_public_address_nothing_is_registered_and_health_says_so() -> None:
    ears = Ears(public_url=None)
    ears.ensure()
    ears.ensure()
    assert (urls(ears), tend_hooks(ears.desk)) == ([], 0)
    assert ears.bridge.realtime_trouble == NO_ADDRESS
    assert health_of(ears.bridge, (), now=ears.clock.now()).state is HealthState.DEGRADED


def test_trouble_is_told_and_tried_again_later_each_time() -> None:
    ears = Ears()
    ears.oneflow.troubles["hooks"] = DOWN
    ears.ensure()
    assert (ears.bridge.realtime_trouble, ears.listener.failures) == ("Oneflow is not available", 1)
    ears.clock.moment += timedelta(seconds=5)
    assert tend_hooks(ears.desk) == 1
    assert (ears.listener.failures, ears.listener.look_at - ears.clock.now()) == (2, timedelta(seconds=10))


def test_trouble_that_is_over_is_forgotten() -> None:
    ears = Ears()
    ears.oneflow.troubles["hook"] = SetupError("The plan has no webhooks")
    ears.ensure()
    ears.oneflow.troubles.clear()
    ears.ensure()
    assert (ears.bridge.realtime_trouble, ears.listener.failures, len(urls(ears))) == (None, 0, 1)


def test_two_at_once_register_one_webhook() -> None:
    ears = Ears()
    now = ears.clock.now()
    ears.desk.leases.acquire(f"hook_{ears.bridge_id}", "other", until=now + QUARTER, now=now, facts={})
    ears.ensure()
    assert urls(ears) == []


def test_the_slower_of_two_leaves_the_rest_to_the_other() -> None:
    ears = registered()
    stale = ears.listener
    ears.desk.listening.listeners.save(stale)
    ears.desk = replace(ears.desk, listening=replace(ears.desk.listening, listeners=_Behind(stale)))
    ears.clock.moment += 2 * QUARTER
    assert tend_hooks(ears.desk) == 1
    assert (len(urls(ears)), ears.bridge.realtime_trouble) == (1, None)


def test_an_integration_that_was_enrolled_meanwhile_is_looked_after_all_the_same() -> None:
    ears = Ears()
    store = _Late(Listener(ears.bridge_id, ears.clock.now()))
    ears.desk = replace(ears.desk, listening=replace(ears.desk.listening, listeners=store))
    ears.ensure()
    assert len(urls(ears)) == 1


def test_trouble_that_somebody_else_is_in_is_put_off_by_them() -> None:
    ears = registered()
    ears.oneflow.troubles["hooks"] = DOWN
    ears.desk = replace(ears.desk, listening=replace(ears.desk.listening, listeners=_Behind(ears.listener)))
    ears.clock.moment += 2 * QUARTER
    tend_hooks(ears.desk)
    assert ears.bridge.realtime_trouble == "Oneflow is not available"


def test_while_held_nothing_is_asked_of_oneflow() -> None:
    ears = Ears()
    ears.change(status=Status.SETUP_REQUIRED)
    ears.ensure()
    assert (ears.oneflow.opened, ears.listener.look_at - ears.clock.now()) == ([], timedelta(minutes=1))


def test_a_paused_integration_keeps_its_webhook() -> None:
    ears = registered()
    ears.change(status=Status.PAUSED)
    ears.clock.moment += 2 * QUARTER
    tend_hooks(ears.desk)
    assert len(urls(ears)) == 1


def test_with_the_integration_its_webhook_goes_and_everything_about_it() -> None:
    ears = registered()
    ears.ask_for()
    secret_name = ears.listener.secret_name
    remove_hook(ears.desk, ears.bridge)
    assert (urls(ears), ears.waiting(), ears.desk.secrets.get(secret_name)) == ([], [], None)
    assert ears.desk.listening.listeners.get(ears.bridge_id) is None


def test_nothing_is_asked_of_oneflow_for_an_integration_that_never_had_a_webhook() -> None:
    ears = Ears()
    remove_hook(ears.desk, ears.bridge)
    assert ears.oneflow.opened == []


def test_one_that_was_never_registered_is_removed_without_a_secret() -> None:
    ears = Ears()
    ears.desk.listening.listeners.create(Listener(ears.bridge_id, ears.clock.now()))
    ears.oneflow.hooked[51] = Hook(51, f"{PUBLIC_URL}/api/webhooks/oneflow/int_other/theirs")
    remove_hook(ears.desk, ears.bridge)
    assert sorted(ears.oneflow.hooked) == [51]


def test_a_webhook_that_cannot_be_removed_is_left_behind_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    ears = registered()
    ears.oneflow.troubles["hooks"] = DOWN
    remove_hook(ears.desk, ears.bridge)
    assert "webhook left behind" in caplog.messages


@pytest.mark.parametrize("secret_name", ["", "secret-9"])
def test_a_webhook_whose_integration_is_gone_is_forgotten(secret_name: str) -> None:
    ears = Ears()
    ears.desk.secrets.set("secret-9", Secret("token key"))
    ears.desk.listening.listeners.create(Listener("int_gone", ears.clock.now(), secret_name=secret_name))
    tend_hooks(ears.desk)
    assert ears.desk.listening.listeners.get("int_gone") is None
    assert (ears.desk.secrets.get("secret-9") is None) == bool(secret_name)


class _Behind(MemoryListenerStore):
    """Tells of a listener as it was before somebody changed it."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._stale = listener

    def due(self, moment: object, *, limit: int) -> tuple[Listener, ...]:
        return (self._stale,)

    def save(self, listener: Listener) -> Listener:
        raise StaleRecordError("The listener was changed or removed.")


class _Late(MemoryListenerStore):
    """Somebody else makes the listener between the first look and our own attempt."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._coming: Listener | None = listener

    def create(self, listener: Listener) -> Listener:
        if self._coming is not None:
            coming, self._coming = self._coming, None
            super().create(coming)
        return super().create(listener)


def test_a_storage_that_is_busy_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    ears = registered()
    ears.desk = replace(ears.desk, leases=_Busy())
    ears.desk.listening.listeners.save(replace(ears.listener, hook_id=None, look_at=ears.clock.now()))
    ears.ensure()
    tend_hooks(ears.desk)
    assert caplog.messages == ["webhook not looked after"] * 2


class _Busy(MemoryLeaseStore):
    """Cannot be reached."""

    def acquire(self, *_: object, **__: object) -> Lease | None:
        raise RetryLaterError("The storage account is busy", delay=1, code="STORAGE_UNAVAILABLE")


def test_ensuring_is_what_the_first_contract_does() -> None:
    ears = Ears()
    ensure_hook(ears.desk, ears.bridge)
    assert len(urls(ears)) == 1


def test_an_owner_who_wants_no_notices_gets_no_webhook() -> None:
    ears = Ears()
    ears.change(settings={"realtime": False})
    ears.ensure()
    assert ears.oneflow.hooked == {}
    assert ears.desk.listening.listeners.get(ears.bridge_id) is None


def test_a_webhook_goes_when_its_owner_wants_no_more_notices() -> None:
    ears = Ears()
    ears.ensure()
    assert len(ears.oneflow.hooked) == 1
    ears.change(settings={"realtime": False})
    ears.clock.moment += timedelta(days=1)
    tend_hooks(ears.desk)
    assert (ears.oneflow.hooked, ears.listener.hook_id) == ({}, None)
