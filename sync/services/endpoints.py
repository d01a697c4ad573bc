"""Webhook endpoints as their owners make, change, test and remove them; and deliveries that are sent again."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sync.engine.delivering import DISABLED, sent_anew
from sync.engine.reach import Reach, address_refused, is_allowed
from sync.engine.signing import secret_text
from sync.model.errors import InvalidError, NotFoundError, StaleRecordError, StateError
from sync.model.secret import Secret
from sync.model.webhook import Delivery, Due, Endpoint, Event, EventType, FormerSecret
from sync.services.outbox import Dispatch, delivery_of
from sync.services.posting import CLAIM, Mail, Postman, attempt

MOST_ENDPOINTS = 20
"""Endpoints of one integration."""
OVERLAP = timedelta(hours=24)
"""How long a replaced secret signs beside the new one."""
KEPT = timedelta(days=30)
"""How long deliveries are kept."""

_MOST_FORMER = 3


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What endpoints are looked after with."""

    mail: Mail
    dispatch: Dispatch
    postman: Postman
    new_word: Callable[[], str]
    """Makes a text of 64 hexadecimal digits that nobody can guess."""
    reach: Reach = Reach.PUBLIC


@dataclass(frozen=True, slots=True)
class EndpointOrder:
    """An endpoint as its owner describes it."""

    url: str
    events: tuple[EventType, ...]
    enabled: bool = True


def require_endpoint(webhooks: Webhooks, integration_id: str, endpoint_id: str) -> Endpoint:
    """Return an endpoint of the integration (NotFoundError when it has none with this id)."""
    found = webhooks.mail.endpoints.get(integration_id, endpoint_id)
    if found is None:
        raise NotFoundError("There is no such webhook endpoint")
    return found


def require_delivery(webhooks: Webhooks, endpoint: Endpoint, delivery_id: str) -> Delivery:
    """Return a delivery to the endpoint (NotFoundError when there is none with this id, or it is too old)."""
    found = webhooks.mail.deliveries.get(endpoint.id, delivery_id)
    if found is None:
        raise NotFoundError("There is no such delivery")
    return found


def create(webhooks: Webhooks, integration_id: str, order: EndpointOrder) -> tuple[Endpoint, Secret]:
    """Store a new endpoint; return it with its signing secret, which is not shown again.

    Raises:
        StateError: The integration has as many as it may have (TOO_MANY_ENDPOINTS).
        InvalidError: The address leads into the hub's own network.
    """
    mail, now = webhooks.mail, webhooks.mail.clock.now()
    _check_address(webhooks, order.url)
    if len(mail.endpoints.list(integration_id)) >= MOST_ENDPOINTS:
        message = f"An integration has at most {MOST_ENDPOINTS} webhook endpoints"
        raise StateError(message, code="TOO_MANY_ENDPOINTS")
    name, secret = _new_secret(webhooks)
    made = Endpoint(
        id=mail.ids.new("whe"),
        integration_id=integration_id,
        url=order.url,
        events=order.events,
        created_at=now,
        updated_at=now,
        secret_name=name,
        enabled=order.enabled,
    )
    stored = mail.endpoints.create(made)
    webhooks.dispatch.forget(integration_id)
    return stored, secret


def change(webhooks: Webhooks, endpoint: Endpoint, order: EndpointOrder) -> Endpoint:
    """Replace what the owner may change; one that is enabled again, or has moved, begins without a past.

    Raises:
        StaleRecordError: It was changed meanwhile.
        InvalidError: The address leads into the hub's own network.
    """
    if order.url != endpoint.url:
        _check_address(webhooks, order.url)
    changed = replace(
        endpoint, url=order.url, events=order.events, enabled=order.enabled, updated_at=webhooks.mail.clock.now()
    )
    if order.url != endpoint.url or (order.enabled and not endpoint.enabled):
        changed = replace(changed, disabled_reason=None, failing_since=None, quiet_until=None)
    saved = webhooks.mail.endpoints.save(changed)
    webhooks.dispatch.forget(endpoint.integration_id)
    return saved


def rotate(webhooks: Webhooks, endpoint: Endpoint) -> tuple[Endpoint, Secret]:
    """Give an endpoint a new secret and return both; the one so far signs beside it for 24 hours.

    Raises:
        StaleRecordError: It was changed meanwhile.
    """
    mail, now = webhooks.mail, webhooks.mail.clock.now()
    name, secret = _new_secret(webhooks)
    valid = (each for each in endpoint.former if each.until > now)
    former = (FormerSecret(endpoint.secret_name, now + OVERLAP), *valid)[:_MOST_FORMER]
    changed = replace(endpoint, secret_name=name, former=former, updated_at=now)
    saved = mail.endpoints.save(changed)
    for each in endpoint.secret_names - saved.secret_names:
        mail.secrets.delete(each)
    return saved, secret


def delete(webhooks: Webhooks, endpoint: Endpoint) -> None:
    """Remove an endpoint with its secrets and deliveries; the endpoint goes first, so that nothing new is written."""
    mail = webhooks.mail
    mail.endpoints.delete(endpoint)
    webhooks.dispatch.forget(endpoint.integration_id)
    mail.deliveries.clear(endpoint.id)
    for each in endpoint.secret_names:
        mail.secrets.delete(each)


def delete_all(webhooks: Webhooks, integration_id: str) -> None:
    """Remove all endpoints of an integration that is about to be deleted."""
    for each in webhooks.mail.endpoints.list(integration_id):
        delete(webhooks, each)


def test(webhooks: Webhooks, endpoint: Endpoint) -> Delivery:
    """Send a test event at once, and once, also to an endpoint that is disabled; return what came of it."""
    mail, now = webhooks.mail, webhooks.mail.clock.now()
    event = Event(mail.ids.new("evt"), EventType.TEST, endpoint.integration_id, now, {"endpointId": endpoint.id})
    claim = _claim(delivery_of(event, endpoint, now=now), now)
    mail.deliveries.add([replace(delivery_of(event, endpoint, now=now), next_try_at=claim.due_at)])
    return attempt(mail, endpoint, require_delivery(webhooks, endpoint, claim.delivery_id), mail.deliveries.wait(claim))


def resend(webhooks: Webhooks, endpoint: Endpoint, delivery: Delivery) -> Delivery:
    """Send a delivery again, at once and from the beginning of the schedule; its event keeps its id.

    Raises:
        StateError: The endpoint is disabled (ENDPOINT_DISABLED).
        StaleRecordError: An attempt is under way.
    """
    if not endpoint.enabled:
        raise StateError("The webhook endpoint is disabled: enable it first", code=DISABLED)
    mail, now = webhooks.mail, webhooks.mail.clock.now()
    claimed = mail.deliveries.wait(_claim(delivery, now))
    anew = mail.deliveries.save(sent_anew(delivery, now=now))
    return attempt(mail, endpoint, anew, claimed)


def clean(webhooks: Webhooks) -> int:
    """Remove deliveries that were kept long enough, and secrets that sign no more; return how many deliveries.

    An endpoint that somebody changes at that moment keeps its secrets until the next time.
    """
    mail, now = webhooks.mail, webhooks.mail.clock.now()
    removed = 0
    for each in mail.endpoints.all():
        removed += mail.deliveries.prune(each.id, before=now - KEPT)
        if any(former.until <= now for former in each.former):
            with suppress(StaleRecordError):
                _drop_former(mail, each, now)
    return removed


def _drop_former(mail: Mail, endpoint: Endpoint, now: datetime) -> None:
    valid = tuple(each for each in endpoint.former if each.until > now)
    saved = mail.endpoints.save(replace(endpoint, former=valid))
    for name in endpoint.secret_names - saved.secret_names:
        mail.secrets.delete(name)


def _claim(delivery: Delivery, now: datetime) -> Due:
    return Due(delivery.integration_id, delivery.endpoint_id, delivery.id, now + CLAIM)


def _new_secret(webhooks: Webhooks) -> tuple[str, Secret]:
    """Keep a new signing secret; return its name and itself."""
    secret = Secret(secret_text(bytes.fromhex(webhooks.new_word())))
    name = webhooks.mail.ids.new("secret").replace("_", "-")
    webhooks.mail.secrets.set(name, secret)
    return name, secret


def _check_address(webhooks: Webhooks, url: str) -> None:
    """Refuse a name that leads to an address which is not allowed; one that leads nowhere yet may be mended."""
    if webhooks.reach is Reach.LOCAL:
        return
    found = webhooks.mail.sender.addresses(str(urlsplit(url).hostname))
    if not all(is_allowed(each, webhooks.reach) for each in found):
        raise InvalidError("Webhooks cannot go there", address_refused())
