"""Deliveries: brought once, again while they fail, and never in each other's way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event as Signal
from typing import Any

import pytest

from sync.model.errors import StaleRecordError
from sync.model.log import LogStatus
from sync.model.webhook import Delivery, DeliveryStatus, Due, Endpoint, Event, EventType
from sync.ports import LogFilter
from sync.services import endpoints
from sync.services.posting import CLAIM, Postman, bring
from sync.storage.memory_webhooks import MemoryDeliveryStore
from tests.support.mail import PostOffice


def told(office: PostOffice, *numbers: int, kind: EventType = EventType.SYNC_COMPLETED) -> None:
    """Tell of events; those with lower numbers are the later ones."""
    now = office.clock.now()
    events = [Event(f"evt_{each}", kind, office.integration_id, now, {"runId": str(each)}) for each in numbers]
    office.webhooks.dispatch.tell(office.integration_id, events)


def waiting(office: PostOffice, **later: float) -> list[Due]:
    return list(office.mail.deliveries.due(office.clock.now() + timedelta(**later), limit=99))


def statuses(office: PostOffice, endpoint: Endpoint) -> list[DeliveryStatus]:
    return [each.status for each in office.deliveries(endpoint)]


def test_an_event_is_posted_once() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    told(office, 1)
    assert (office.bring(), office.bring(hours=99)) == (1, 0)
    assert (statuses(office, endpoint), waiting(office, days=9)) == ([DeliveryStatus.DELIVERED], [])


def test_what_is_posted_is_what_is_signed() -> None:
    office = PostOffice()
    office.endpoint()
    told(office, 1)
    office.bring()
    (got,) = office.receiver.got
    assert got.event == {
        "type": "sync.completed",
        "timestamp": "2026-01-05T08:00:00Z",
        "data": {"integrationId": "int_1", "runId": "1"},
    }
    assert got.headers["webhook-id"] == "evt_1"


def test_what_failed_is_posted_again_after_five_seconds_with_the_same_id() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    office.receiver.plan(500)
    told(office, 1)
    assert (office.bring(), office.bring(seconds=4), office.bring(seconds=1)) == (1, 0, 1)
    assert {each.headers["webhook-id"] for each in office.receiver.got} == {"evt_1"}
    (delivery,) = office.deliveries(endpoint)
    assert [each.status for each in delivery.attempts] == [500, 200]


def test_each_attempt_is_signed_with_its_own_time() -> None:
    office = PostOffice()
    office.endpoint()
    office.receiver.plan(500)
    told(office, 1)
    office.bring()
    office.bring(seconds=5)
    first, second = (int(each.headers["webhook-timestamp"]) for each in office.receiver.got)
    assert second - first == 5


def test_an_endpoint_hears_only_what_it_asked_for() -> None:
    office = PostOffice()
    endpoint = office.endpoint(EventType.SYNC_FAILED)
    told(office, 1)
    told(office, 2, kind=EventType.SYNC_FAILED)
    office.bring()
    assert [each.event_id for each in office.deliveries(endpoint)] == ["evt_2"]


def test_what_happened_first_is_posted_first() -> None:
    office = PostOffice()
    office.endpoint()
    told(office, 3, 1, 2)
    office.bring()
    assert [each.headers["webhook-id"] for each in office.receiver.got] == ["evt_3", "evt_2", "evt_1"]


def test_after_a_failure_the_rest_waits_for_the_next_sweep() -> None:
    office = PostOffice()
    office.endpoint()
    office.receiver.plan(None, trouble="ENDPOINT_TIMEOUT")
    told(office, 1, 2)
    assert (office.bring(), office.bring()) == (1, 1)


def test_an_endpoint_that_takes_its_time_gives_others_their_turn() -> None:
    office = PostOffice()
    office.endpoint()
    office.receiver.before = lambda: office.clock.pass_by(14)
    told(office, 1, 2, 3)
    assert (office.bring(), office.bring()) == (2, 1)


def test_a_failing_endpoint_does_not_concern_another_one() -> None:
    office = PostOffice()
    first, second = office.endpoint(), office.endpoint(url="https://other.example")
    told(office, 1)
    office.receiver.plan(500)
    office.bring()
    assert sorted(statuses(office, first) + statuses(office, second)) == ["delivered", "pending"]


def test_a_redirect_is_a_failure_and_is_not_followed() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    office.receiver.plan(302)
    told(office, 1)
    assert office.bring() == 1
    (delivery,) = office.deliveries(endpoint)
    assert (delivery.status, delivery.attempts[0].trouble) == (DeliveryStatus.PENDING, "ENDPOINT_REDIRECTS")


@pytest.mark.parametrize(
    ("planned", "trouble"),
    [({"status": 404}, "ENDPOINT_REFUSED"), ({"status": None, "trouble": "ENDPOINT_TLS"}, "ENDPOINT_TLS")],
)
def test_an_attempt_says_why_it_failed(planned: dict[str, Any], trouble: str) -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    office.receiver.plan(planned.pop("status"), **planned)
    told(office, 1)
    office.bring()
    assert office.deliveries(endpoint)[0].attempts[0].trouble == trouble


def test_410_disables_the_endpoint_and_ends_what_waits() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    office.receiver.plan(410)
    told(office, 1, 2)
    office.bring()
    office.bring()
    assert (office.current(endpoint).enabled, len(office.receiver.got)) == (False, 1)
    assert statuses(office, endpoint) == [DeliveryStatus.FAILED] * 2
    assert waiting(office, days=9) == []


def test_a_disabled_endpoint_is_told_in_the_log_once() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    office.receiver.plan(410)
    told(office, 1, 2)
    office.bring()
    office.bring()
    (entry,) = office.logs.list(office.integration_id, LogFilter(), cursor=None, limit=9).items
    assert (entry.status, entry.metadata["code"], entry.metadata["endpointId"]) == (
        LogStatus.ERROR,
        "ENDPOINT_DISABLED",
        endpoint.id,
    )


def test_an_endpoint_that_fails_for_five_days_is_disabled() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    office.receiver.plan(*[500] * 3)
    told(office, 1)
    office.bring()
    office.bring(days=4)
    still = office.current(endpoint).enabled
    office.bring(days=1)
    assert (still, office.current(endpoint).enabled) == (True, False)


def test_an_endpoint_that_asks_for_patience_is_left_alone_with_everything() -> None:
    office = PostOffice()
    office.endpoint()
    office.receiver.plan(429, retry_after=600.0)
    told(office, 1, 2)
    assert (office.bring(), office.bring(seconds=300), office.bring(seconds=300)) == (1, 0, 2)


def test_while_an_attempt_is_under_way_nobody_else_makes_one() -> None:
    office = PostOffice()
    office.endpoint()
    other = Postman(office.mail)
    office.receiver.before = lambda: other.sweep(patience=9)
    told(office, 1)
    assert office.bring() == 1


def test_an_attempt_whose_process_died_is_made_again_with_the_same_id() -> None:
    office = PostOffice()
    office.endpoint()

    def die() -> None:
        office.receiver.before = lambda: None
        raise RuntimeError("killed")

    office.receiver.before = die
    told(office, 1)
    assert (office.bring(), office.bring(), office.bring(seconds=CLAIM.total_seconds())) == (1, 0, 1)


def test_one_postman_visits_an_endpoint_once_at_a_time() -> None:
    office = PostOffice()
    office.endpoint()
    entered, release = Signal(), Signal()

    def linger() -> None:
        entered.set()
        assert release.wait(20)

    office.receiver.before = linger
    told(office, 1, 2)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(office.webhooks.postman.sweep, patience=20)
        assert entered.wait(20)
        assert office.webhooks.postman.sweep(patience=0) == 0
        release.set()
        assert first.result() == 1


def test_the_postman_hurries_when_something_is_told() -> None:
    office = PostOffice()
    office.endpoint()
    told(office, 1)
    assert office.webhooks.postman.hurry().result(20) == 1


def test_hurrying_twice_before_the_first_begins_is_hurrying_once() -> None:
    office = PostOffice()
    postman, release = office.webhooks.postman, Signal()
    postman._errands.submit(release.wait, 20)
    first, second = postman.hurry(), postman.hurry()
    release.set()
    assert first is second
    assert first.result(20) == 0


def waits_still(office: PostOffice, endpoint: Endpoint, **due: Any) -> list[Due]:
    """Let something wait that has no delivery, sweep, and return what waits then."""
    office.mail.deliveries.wait(Due(office.integration_id, endpoint.id, "dlv_none", office.clock.now(), **due))
    office.bring()
    return waiting(office)


def test_what_waits_without_a_delivery_is_left_to_who_writes_it() -> None:
    office = PostOffice()
    assert len(waits_still(office, office.endpoint())) == 1


def test_what_waits_without_a_delivery_for_long_is_forgotten() -> None:
    office = PostOffice()
    waits_still(office, office.endpoint())
    office.bring(minutes=10)
    assert waiting(office) == []


def test_what_waits_for_an_endpoint_that_is_gone_is_forgotten() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    told(office, 1)
    office.mail.endpoints.delete(endpoint)
    assert (waits_still(office, endpoint), office.deliveries(endpoint)) == ([], ())


def test_what_was_delivered_already_is_not_posted_again() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    told(office, 1)
    office.bring()
    told(office, 1)
    assert (office.bring(), waiting(office)) == (0, [])
    assert statuses(office, endpoint) == [DeliveryStatus.DELIVERED]


def test_what_was_told_again_while_it_rests_goes_on_resting() -> None:
    office = PostOffice()
    office.endpoint()
    office.receiver.plan(500)
    told(office, 1)
    office.bring()
    told(office, 1)
    assert (office.bring(seconds=1), office.bring(seconds=4)) == (0, 1)


def meddling(office: PostOffice, endpoint: Endpoint, change: Callable[[Endpoint], Endpoint | None]) -> None:
    """Let the owner change, or remove, the endpoint while a request is under way."""

    def meddle() -> None:
        office.receiver.before = lambda: None
        changed = change(office.current(endpoint))
        if changed is None:
            endpoints.delete(office.webhooks, endpoint)
        else:
            office.mail.endpoints.save(changed)

    office.receiver.before = meddle


def test_what_the_owner_changes_during_an_attempt_stays() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    office.receiver.plan(500)
    told(office, 1)
    meddling(office, endpoint, lambda found: replace(found, url="https://new.example"))
    office.bring()
    after = office.current(endpoint)
    assert (after.url, after.failing_since) == ("https://new.example", office.clock.now())


def test_an_endpoint_that_is_removed_during_an_attempt_stays_removed() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    office.receiver.plan(500)
    told(office, 1)
    meddling(office, endpoint, lambda _: None)
    office.bring()
    assert (office.mail.endpoints.all(), office.deliveries(endpoint), waiting(office, days=9)) == ((), (), [])


def test_nothing_is_posted_without_a_signature() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    office.secrets.delete(endpoint.secret_name)
    told(office, 1)
    office.bring()
    (delivery,) = office.deliveries(endpoint)
    assert (office.receiver.got, delivery.attempts[0].trouble) == ([], "SIGNING_SECRET_MISSING")


class Contended(MemoryDeliveryStore):
    """A store of which somebody else touches everything first."""

    def __init__(self, known: MemoryDeliveryStore) -> None:
        super().__init__()
        self._rows, self._waiting = known._rows, known._waiting

    def put_off(self, due: Due) -> Due:
        raise StaleRecordError("somebody was faster")

    def save(self, delivery: Delivery) -> Delivery:
        raise StaleRecordError("somebody was faster")


@pytest.mark.parametrize("enabled", [True, False])
def test_what_somebody_else_touches_at_the_same_moment_is_theirs(*, enabled: bool) -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    office.receiver.plan(500)
    told(office, 1)
    office.bring()
    told(office, 1)
    office.mail.endpoints.save(replace(office.current(endpoint), enabled=enabled))
    known = office.mail.deliveries
    assert isinstance(known, MemoryDeliveryStore)
    bring(replace(office.mail, deliveries=Contended(known)), waiting(office))
    assert (len(office.receiver.got), statuses(office, endpoint)) == (1, [DeliveryStatus.PENDING])
