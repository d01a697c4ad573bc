"""What becomes of a delivery after an attempt: the schedule of Standard Webhooks, and its ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sync.engine.delivering import (
    FAILING_REASON,
    GONE_REASON,
    KEPT_ATTEMPTS,
    after_attempt,
    endpoint_after,
    given_up,
    is_success,
    sent_anew,
    wish_of,
)
from sync.model.webhook import Attempt, Delivery, DeliveryStatus, Endpoint, EventType

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NONE = timedelta(0)
DELIVERY = Delivery("dlv_1", "whe_1", "int_1", "evt_1", EventType.SYNC_COMPLETED, "{}", NOW)
ENDPOINT = Endpoint("whe_1", "int_1", "https://r.example", (EventType.SYNC_COMPLETED,), NOW, NOW, "secret-1")


def tried(delivery: Delivery, status: int | None = 500, *, wish: timedelta = NONE, jitter: float = 0.0) -> Delivery:
    return after_attempt(delivery, Attempt(NOW, status, 1), now=NOW, wish=wish, jitter=jitter)


def seen(endpoint: Endpoint, status: int | None, *, now: datetime = NOW, wish: timedelta = NONE) -> Endpoint:
    return endpoint_after(endpoint, Attempt(now, status, 1), now=now, wish=wish)


def rests(jitter: float = 0.0) -> list[timedelta]:
    """Return what lies between the attempts of a delivery that always fails."""
    found, delivery = [], tried(DELIVERY, jitter=jitter)
    while delivery.next_try_at is not None:
        found.append(delivery.next_try_at - NOW)
        delivery = tried(delivery, jitter=jitter)
    return found


def test_ten_attempts_lie_as_far_apart_as_the_specification_says() -> None:
    hours = [timedelta(hours=each) for each in (2, 5, 10, 14, 20, 24)]
    assert rests() == [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), *hours]
    assert sum(rests(), NONE) == timedelta(hours=75, minutes=35, seconds=5)


def test_chance_lengthens_every_rest_by_a_tenth_at_most() -> None:
    assert rests(jitter=1.0) == [each * 1.1 for each in rests()]


def test_a_delivery_that_failed_ten_times_is_given_up() -> None:
    delivery = DELIVERY
    for _ in range(10):
        delivery = tried(delivery)
    assert (delivery.status, delivery.next_try_at, len(delivery.attempts)) == (DeliveryStatus.FAILED, None, 10)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_every_2xx_is_a_success(status: int) -> None:
    after = tried(DELIVERY, status)
    assert (after.status, after.next_try_at, after.tries) == (DeliveryStatus.DELIVERED, None, 1)


@pytest.mark.parametrize("status", [None, 100, 199, 300, 301, 304, 307, 400, 401, 404, 429, 500, 503])
def test_everything_else_is_a_failure_and_tried_again(status: int | None) -> None:
    after = tried(DELIVERY, status)
    assert (after.status, after.next_try_at) == (DeliveryStatus.PENDING, NOW + timedelta(seconds=5))


def test_410_is_not_tried_again() -> None:
    assert tried(DELIVERY, 410).status is DeliveryStatus.FAILED


def test_a_test_is_tried_once() -> None:
    assert tried(replace(DELIVERY, event=EventType.TEST)).status is DeliveryStatus.FAILED


@pytest.mark.parametrize(("wish", "rest"), [(2, 5), (90, 90)])
def test_what_an_endpoint_asks_for_is_a_floor(wish: int, rest: int) -> None:
    after = tried(DELIVERY, 429, wish=timedelta(seconds=wish))
    assert after.next_try_at == NOW + timedelta(seconds=rest)


@pytest.mark.parametrize(
    ("status", "retry_after", "wish"),
    [
        (429, 7.0, timedelta(seconds=7)),
        (503, 7.0, timedelta(seconds=7)),
        (502, 7.0, timedelta(seconds=7)),
        (504, 7.0, timedelta(seconds=7)),
        (429, 1e9, timedelta(hours=24)),
        (429, None, NONE),
        (500, 7.0, NONE),
        (200, 7.0, NONE),
        (None, None, NONE),
    ],
)
def test_retry_after_counts_with_statuses_that_ask_for_patience(
    status: int | None, retry_after: float | None, wish: timedelta
) -> None:
    assert wish_of(status, retry_after) == wish


def test_no_answer_is_no_success() -> None:
    assert not is_success(None)


def test_a_delivery_tells_of_its_latest_attempts() -> None:
    many = tuple(Attempt(NOW, number, 1) for number in range(KEPT_ATTEMPTS))
    told = tried(replace(DELIVERY, attempts=many), 418).attempts
    assert (len(told), told[0].status, told[-1].status) == (KEPT_ATTEMPTS, 1, 418)


def test_what_is_given_up_says_why() -> None:
    after = given_up(replace(DELIVERY, next_try_at=NOW))
    assert (after.status, after.next_try_at, after.trouble) == (DeliveryStatus.FAILED, None, "ENDPOINT_DISABLED")


def test_what_is_sent_anew_begins_the_schedule_anew() -> None:
    anew = sent_anew(given_up(replace(DELIVERY, tries=10)), now=NOW)
    assert (anew.status, anew.tries, anew.next_try_at, anew.trouble) == (DeliveryStatus.PENDING, 0, NOW, None)


def test_an_endpoint_remembers_since_when_it_fails() -> None:
    first = seen(ENDPOINT, 500)
    assert (first.failing_since, seen(first, None, now=NOW + timedelta(hours=1)).failing_since) == (NOW, NOW)


def test_a_success_forgets_all_failures() -> None:
    assert seen(replace(ENDPOINT, failing_since=NOW, quiet_until=NOW), 200) == ENDPOINT


def test_an_endpoint_that_asks_for_patience_is_left_alone() -> None:
    asked = seen(ENDPOINT, 429, wish=timedelta(seconds=60))
    assert asked.quiet_until == NOW + timedelta(seconds=60)
    assert seen(asked, 500).quiet_until == asked.quiet_until


def test_410_disables_an_endpoint() -> None:
    after = seen(ENDPOINT, 410)
    assert (after.enabled, after.disabled_reason) == (False, GONE_REASON)


@pytest.mark.parametrize(("days", "enabled"), [(4.99, True), (5, False)])
def test_an_endpoint_that_fails_for_five_days_is_disabled(days: float, *, enabled: bool) -> None:
    after = seen(replace(ENDPOINT, failing_since=NOW), 500, now=NOW + timedelta(days=days))
    assert (after.enabled, after.disabled_reason) == (enabled, None if enabled else FAILING_REASON)


def test_a_disabled_endpoint_keeps_its_reason() -> None:
    gone = replace(ENDPOINT, enabled=False, disabled_reason=GONE_REASON)
    assert seen(gone, 500, now=NOW + timedelta(days=9)) == gone
