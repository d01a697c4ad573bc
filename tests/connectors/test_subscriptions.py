"""Subscriptions at Business Central: what is sent, what is read, and that nothing else is written."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from sync.connectors.subscriptions import LIFETIME, BusinessCentralSubscriber, BusinessCentralSubscribers
from sync.model.channel import Subscription
from sync.model.errors import RefusedError, RetryLaterError, SetupError, StaleRecordError
from sync.model.integration import Connection
from sync.model.secret import Secret
from sync.ports import Listed, Subscriber, Subscribers
from tests.connectors.kit import BASE, COMPANY, CONNECTION, NOW, ROOT, SECRET, Canned, Place, document, place, refused

ID = "c670ea73cacb459bb51dc1740da2f1db"
URL = "https://hub.example/api/webhooks/business-central/int_1/token"
STATE = Secret("a client state")
EXPIRES = "2026-10-29T12:00:00Z"
ROW = {"@odata.etag": 'W/"1"', "subscriptionId": ID, "notificationUrl": URL, "expirationDateTime": EXPIRES}
GRANT = Subscription(ID, 'W/"1"', NOW + timedelta(days=3), NOW)


def subscriber(here: Place, connection: Connection = CONNECTION) -> BusinessCentralSubscriber:
    return BusinessCentralSubscribers(f"{BASE}/", here.means, tokens=here.tokens, budgets=here.budgets).open(
        connection, SECRET
    )


def sent(here: Place, number: int = 0) -> tuple[Any, Any, Any]:
    request = here.net.sent[number]
    return request.method, request.url, orjson.loads(request.body or b"null")


def subscribe(here: Place) -> Subscription:
    return subscriber(here).subscribe("vendors", url=URL, state=STATE)


def renew(here: Place) -> Subscription | None:
    return subscriber(here).renew(GRANT, "vendors", url=URL, state=STATE)


def test_opening_asks_nothing() -> None:
    here = place()
    every: Subscribers = BusinessCentralSubscribers(BASE, here.means, tokens=here.tokens, budgets=here.budgets)
    opened: Subscriber = every.open(CONNECTION, SECRET)
    assert isinstance(opened, BusinessCentralSubscriber)
    assert here.net.sent == []


def test_a_subscription_is_asked_for_as_documented() -> None:
    here = place(document(ROW, 201))
    assert subscribe(here) == GRANT
    resource = f"/api/v2.0/companies({COMPANY})/vendors"
    body = {"notificationUrl": URL, "resource": resource, "clientState": "a client state"}
    assert sent(here) == ("POST", f"{ROOT}/subscriptions", body)
    assert here.net.sent[0].headers["Content-Type"] == "application/json"


def test_a_renewal_sends_the_same_with_the_tag() -> None:
    here = place(document({**ROW, "@odata.etag": 'W/"2"'}))
    assert renew(here) == Subscription(ID, 'W/"2"', GRANT.expires_at, NOW)
    method, url, body = sent(here)
    assert (method, url, body["notificationUrl"]) == ("PATCH", f"{ROOT}/subscriptions('{ID}')", URL)
    assert here.net.sent[0].headers["If-Match"] == 'W/"1"'


def test_a_renewal_without_a_known_tag_takes_any() -> None:
    here = place(document(ROW))
    subscriber(here).renew(Subscription(ID, "", NOW, NOW), "items", url=URL, state=STATE)
    assert here.net.sent[0].headers["If-Match"] == "*"


def test_a_subscription_that_is_gone_is_not_renewed() -> None:
    assert renew(place(refused(404, "Internal_RecordNotFound"))) is None


@pytest.mark.parametrize("status", [409, 412])
def test_a_renewal_with_an_old_tag_is_told(status: int) -> None:
    with pytest.raises(StaleRecordError):
        renew(place(refused(status, "Request_EntityChanged")))


def test_a_renewal_that_is_refused_otherwise_is_an_error() -> None:
    with pytest.raises(RefusedError):
        renew(place(refused(400)))


def test_an_end_needs_no_tag_and_nobody_to_be_there() -> None:
    here = place(Canned(204, b""), refused(404))
    subscriber(here).remove(ID)
    subscriber(here).remove(ID)
    assert sent(here) == ("DELETE", f"{ROOT}/subscriptions('{ID}')", None)
    assert here.net.sent[0].headers["If-Match"] == "*"


def test_an_end_that_is_refused_is_an_error() -> None:
    with pytest.raises(RefusedError):
        subscriber(place(refused(400))).remove(ID)


def test_all_pages_of_subscriptions_are_listed() -> None:
    following = f"{ROOT}/subscriptions?$skiptoken=1"
    here = place(document({"value": [ROW], "@odata.nextLink": following}), document({"value": [{}]}))
    first, second = subscriber(here).listed()
    assert first == Listed(ID, URL, 'W/"1"', GRANT.expires_at)
    assert second == Listed("", "", "", NOW + LIFETIME)
    assert here.net.urls == [f"{ROOT}/subscriptions", following]


@pytest.mark.parametrize("text", [None, 7, "soon", "2026-10-29T12:00:00"])
def test_an_end_of_life_that_cannot_be_read_is_three_days_off(text: Any) -> None:
    assert subscribe(place(document({**ROW, "expirationDateTime": text}))).expires_at == NOW + LIFETIME


@pytest.mark.parametrize("answer", [refused(503), refused(429), refused(500), Canned(201, b'{"cut')])
def test_what_may_have_been_carried_out_is_not_sent_again(answer: Canned) -> None:
    here = place(answer)
    with pytest.raises(RetryLaterError):
        subscribe(here)
    assert len(here.net.sent) == 1


def test_a_refused_token_is_renewed_once() -> None:
    here = place(refused(401), document(ROW, 201))
    assert subscribe(here) == GRANT
    assert here.net.tokens == ["token-1", "token-2"]


def test_a_token_that_is_refused_twice_needs_a_person() -> None:
    here = place(refused(401), refused(401))
    with pytest.raises(SetupError) as caught:
        subscribe(here)
    assert (caught.value.code, len(here.net.sent)) == ("CREDENTIALS_REFUSED", 2)


def test_without_a_company_nothing_is_asked() -> None:
    here = place()
    nowhere = Connection(CONNECTION.tenant_id, CONNECTION.client_id, "Production", "connection-1")
    with pytest.raises(SetupError):
        subscriber(here, nowhere).subscribe("vendors", url=URL, state=STATE)
    assert here.net.sent == []


def test_of_business_central_only_subscriptions_are_written() -> None:
    here = place(document({"value": []}), document(ROW, 201), document(ROW), Canned(204, b""))
    mine = subscriber(here)
    mine.listed()
    mine.renew(mine.subscribe("vendors", url=URL, state=STATE), "vendors", url=URL, state=STATE)
    mine.remove(ID)
    methods = {name for name in dir(BusinessCentralSubscriber) if not name.startswith("_")}
    assert methods == {"listed", "subscribe", "renew", "remove", "base", "connection", "exchange", "clock"}
    assert {str(request.url).removeprefix(ROOT).partition("(")[0] for request in here.net.sent} == {"/subscriptions"}
