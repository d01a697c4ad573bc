"""What becomes of a delivery and its endpoint after an attempt: done, tried again at a time, given up, disabled."""

from dataclasses import replace
from datetime import datetime, timedelta

from sync.model.webhook import Attempt, Delivery, DeliveryStatus, Endpoint, EventType

SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""What lies between two attempts (Standard Webhooks 1.0.0): ten of them within 75 hours 35 minutes."""
SPREAD = 0.1
"""By which share a span is lengthened at most, so that not all deliveries come at once."""
LONGEST_WISH = timedelta(hours=24)
"""How long an endpoint may ask to be left alone."""
LONGEST_FAILURE = timedelta(days=5)
"""An endpoint that has failed for so long is disabled."""
KEPT_ATTEMPTS = 20
"""Attempts that a delivery tells about."""

DISABLED = "ENDPOINT_DISABLED"
"""The code of deliveries that are not tried because their endpoint is disabled."""
GONE_REASON = "The endpoint answered 410 Gone."
FAILING_REASON = "The endpoint has failed for five days."

_GONE = 410
_SUCCESSES = range(200, 300)
_ASKING = frozenset({429, 502, 503, 504})
"""Statuses whose Retry-After is heeded."""


def is_success(status: int | None) -> bool:
    """Tell whether an endpoint has taken what it was sent: any 2xx, and nothing else."""
    return status in _SUCCESSES


def wish_of(status: int | None, retry_after: float | None) -> timedelta:
    """Return for how long an endpoint asks to be left alone."""
    if status not in _ASKING or retry_after is None:
        return timedelta(0)
    return min(timedelta(seconds=retry_after), LONGEST_WISH)


def after_attempt(delivery: Delivery, attempt: Attempt, *, now: datetime, wish: timedelta, jitter: float) -> Delivery:
    """Return the delivery after one more attempt that ended now; a `jitter` of 0 to 1 lengthens the wait a little."""
    tries = delivery.tries + 1
    told = replace(delivery, tries=tries, attempts=(*delivery.attempts, attempt)[-KEPT_ATTEMPTS:], next_try_at=None)
    if is_success(attempt.status):
        return replace(told, status=DeliveryStatus.DELIVERED)
    if delivery.event is EventType.TEST or attempt.status == _GONE or tries > len(SCHEDULE):
        return replace(told, status=DeliveryStatus.FAILED)
    rest = max(SCHEDULE[tries - 1] * (1 + SPREAD * jitter), wish)
    return replace(told, status=DeliveryStatus.PENDING, next_try_at=now + rest)


def given_up(delivery: Delivery) -> Delivery:
    """Return a delivery that is not tried any more because its endpoint is disabled."""
    return replace(delivery, status=DeliveryStatus.FAILED, next_try_at=None, trouble=DISABLED)


def sent_anew(delivery: Delivery, *, now: datetime) -> Delivery:
    """Return a delivery that is sent again from the beginning of the schedule."""
    return replace(delivery, status=DeliveryStatus.PENDING, tries=0, next_try_at=now, trouble=None)


def endpoint_after(endpoint: Endpoint, attempt: Attempt, *, now: datetime, wish: timedelta) -> Endpoint:
    """Return the endpoint after an attempt that ended now; one that says 410, or failed for too long, is disabled."""
    if is_success(attempt.status):
        return replace(endpoint, failing_since=None, quiet_until=None)
    since = endpoint.failing_since or attempt.at
    quiet = now + wish if wish else endpoint.quiet_until
    if not endpoint.enabled:
        return endpoint
    if attempt.status == _GONE:
        return disabled(endpoint, GONE_REASON, now=now)
    if now - since >= LONGEST_FAILURE:
        return disabled(endpoint, FAILING_REASON, now=now)
    return replace(endpoint, failing_since=since, quiet_until=quiet)


def disabled(endpoint: Endpoint, reason: str, *, now: datetime) -> Endpoint:
    """Return an endpoint that hears of nothing until its owner enables it."""
    return replace(endpoint, enabled=False, disabled_reason=reason, updated_at=now)
