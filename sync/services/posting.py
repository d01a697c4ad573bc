"""Brings deliveries to their endpoints: what is due, as often as it takes, and until an endpoint is given up."""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter
from threading import Lock

from sync.engine.delivering import (
    DISABLED,
    after_attempt,
    endpoint_after,
    given_up,
    is_success,
    wish_of,
)
from sync.engine.signing import signed_headers
from sync.model.errors import StaleRecordError
from sync.model.log import Action, LogEntry, LogStatus
from sync.model.webhook import Attempt, Delivery, DeliveryStatus, Due, Endpoint
from sync.ports import Clock, DeliveryStore, EndpointStore, Ids, LogStore, Reception, SecretStore, Sender
from sync.services.rounds import Rounds

logger = logging.getLogger(__name__)

CLAIM = timedelta(seconds=60)
"""How long an attempt is believed to be under way: longer than one can last."""

_ENDPOINTS_AT_ONCE = 16
_TURN = timedelta(seconds=15)
"""How long one endpoint is served while others wait for a turn."""
_MOST = 5_000
_LOST = timedelta(minutes=10)
"""After which what waits without a delivery was left by a process that died."""
_TROUBLES = {3: "ENDPOINT_REDIRECTS"}
"""Codes by the first digit of the status."""
_REFUSED = "ENDPOINT_REFUSED"
_UNSIGNED = "SIGNING_SECRET_MISSING"


@dataclass(frozen=True, slots=True)
class Mail:
    """Everything that deliveries are worked on with."""

    endpoints: EndpointStore
    deliveries: DeliveryStore
    secrets: SecretStore
    logs: LogStore
    sender: Sender
    clock: Clock
    ids: Ids
    chance: Callable[[], float]
    """Gives a number from 0 up to, not including, 1."""


class Postman:
    """Brings what is due; a slow endpoint holds up no other one."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail
        self._rounds = Rounds(at_once=_ENDPOINTS_AT_ONCE, of="endpoint", trouble="webhooks not delivered")
        self._errands = ThreadPoolExecutor(1)
        self._lock = Lock()
        self._hurried: Future[int] | None = None

    def sweep(self, *, patience: float) -> int:
        """Begin everything that is due, and wait some seconds for its end; return how many endpoints were begun."""
        due = self._mail.deliveries.due(self._mail.clock.now(), limit=_MOST)
        return self._rounds.begin(due, self._bring, name_of=attrgetter("endpoint_id"), patience=patience)

    def hurry(self) -> Future[int]:
        """Begin what is due without waiting for the timer; what fails here is done by the timer."""
        with self._lock:
            if self._hurried is None or self._hurried.running() or self._hurried.done():
                self._hurried = self._errands.submit(self.sweep, patience=0)
            return self._hurried

    def _bring(self, _: str, dues: list[Due]) -> None:
        bring(self._mail, _in_order(dues))


def bring(mail: Mail, dues: Iterable[Due]) -> None:
    """Bring one endpoint what is due, until an attempt fails or its turn is over: the rest waits for the next sweep."""
    until = mail.clock.now() + _TURN
    for due in dues:
        if mail.clock.now() >= until:
            return
        endpoint = mail.endpoints.get(due.integration_id, due.endpoint_id)
        if endpoint is None:
            mail.deliveries.clear(due.endpoint_id)
            return
        delivery = _ready(mail, endpoint, due)
        if delivery is None:
            continue
        with suppress(StaleRecordError):
            claimed = mail.deliveries.put_off(replace(due, due_at=mail.clock.now() + CLAIM))
            if attempt(mail, endpoint, delivery, claimed).status is not DeliveryStatus.DELIVERED:
                return


def attempt(mail: Mail, endpoint: Endpoint, delivery: Delivery, claimed: Due) -> Delivery:
    """Post a delivery once, and note what came of it.

    Raises:
        StaleRecordError: Somebody else has worked on the same delivery meanwhile.
    """
    began, body = mail.clock.now(), delivery.body.encode()
    secrets = _signing(mail, endpoint, began)
    headers = signed_headers(delivery.event_id, began, body, secrets)
    got = mail.sender.post(endpoint.url, headers, body) if secrets else Reception(None, 0, _UNSIGNED)
    now, told = mail.clock.now(), _noted(began, got)
    wish = wish_of(got.status, got.retry_after)
    after = after_attempt(delivery, told, now=now, wish=wish, jitter=mail.chance())
    _note(mail, endpoint, lambda current: endpoint_after(current, told, now=now, wish=wish))
    saved = mail.deliveries.save(after)
    if saved.next_try_at is None:
        mail.deliveries.settle(claimed)
    else:
        mail.deliveries.put_off(replace(claimed, due_at=saved.next_try_at))
    return saved


def _ready(mail: Mail, endpoint: Endpoint, due: Due) -> Delivery | None:
    """Return the delivery if it may be tried now; what must not be, or later, is put away or off."""
    now = mail.clock.now()
    delivery = mail.deliveries.get(due.endpoint_id, due.delivery_id)
    if delivery is None:
        if due.due_at <= now - _LOST:
            mail.deliveries.settle(due)
        return None
    if delivery.status is not DeliveryStatus.PENDING:
        mail.deliveries.settle(due)
        return None
    if not endpoint.enabled:
        with suppress(StaleRecordError):
            mail.deliveries.save(given_up(delivery))
            mail.deliveries.settle(due)
        return None
    until = max(filter(None, (delivery.next_try_at, endpoint.quiet_until)), default=now)
    if until <= now:
        return delivery
    with suppress(StaleRecordError):
        mail.deliveries.put_off(replace(due, due_at=until))
    return None


def _signing(mail: Mail, endpoint: Endpoint, now: datetime) -> tuple[str, ...]:
    """Return the secrets that sign, the current one first."""
    names = (endpoint.secret_name, *(each.name for each in endpoint.former if each.until > now))
    found = (mail.secrets.get(name) for name in names)
    return tuple(each.reveal() for each in found if each is not None)


def _noted(began: datetime, got: Reception) -> Attempt:
    if is_success(got.status):
        return Attempt(began, got.status, got.milliseconds, None, got.excerpt)
    trouble = _REFUSED if got.status is None else _TROUBLES.get(got.status // 100, _REFUSED)
    return Attempt(began, got.status, got.milliseconds, got.trouble or trouble, got.excerpt)


def _note(mail: Mail, endpoint: Endpoint, change: Callable[[Endpoint], Endpoint]) -> None:
    """Note what an attempt says about an endpoint, over whatever its owner changed meanwhile."""
    current: Endpoint | None = endpoint
    while current is not None:
        changed = change(current)
        if changed == current:
            return
        with suppress(StaleRecordError):
            mail.endpoints.save(changed)
            if current.enabled and not changed.enabled:
                _tell_owner(mail, changed)
            return
        current = mail.endpoints.get(endpoint.integration_id, endpoint.id)


def _tell_owner(mail: Mail, endpoint: Endpoint) -> None:
    logger.warning("webhook endpoint disabled", extra={"integration": endpoint.integration_id, "endpoint": endpoint.id})
    mail.logs.append(
        LogEntry(
            id=mail.ids.new("log"),
            integration_id=endpoint.integration_id,
            entity_type=None,
            action=Action.NOTICE,
            status=LogStatus.ERROR,
            records_affected=0,
            created_at=endpoint.updated_at,
            metadata={
                "code": DISABLED,
                "message": f"A webhook endpoint was disabled: {endpoint.disabled_reason}",
                "endpointId": endpoint.id,
                "errors": [],
            },
        )
    )


def _in_order(dues: Iterable[Due]) -> list[Due]:
    """Return what is due in the order in which it happened, as far as that is known: ids fall with time."""
    latest_last = sorted(dues, key=lambda each: each.delivery_id, reverse=True)
    return sorted(latest_last, key=lambda each: each.due_at)
