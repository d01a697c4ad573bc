"""Webhook endpoints: made, changed, tested, given new secrets, removed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from sync.engine.reach import Reach
from sync.engine.signing import signed_headers
from sync.model.errors import InvalidError, NotFoundError, StaleRecordError, StateError
from sync.model.webhook import SUBSCRIBABLE, DeliveryStatus, Endpoint, Event, EventType
from sync.services import endpoints
from sync.services.endpoints import KEPT, MOST_ENDPOINTS, EndpointOrder
from sync.storage.memory_webhooks import MemoryEndpointStore
from tests.support.mail import URL, Posted, PostOffice

ORDER = EndpointOrder(URL, (EventType.SYNC_COMPLETED,))


def told(office: PostOffice, number: int = 1) -> None:
    event = Event(f"evt_{number}", EventType.SYNC_COMPLETED, office.integration_id, office.clock.now(), {})
    office.webhooks.dispatch.tell(office.integration_id, [event])


def signatures(posted: Posted) -> list[str]:
    return posted.headers["webhook-signature"].split(" ")


def signed(office: PostOffice, posted: Posted, secrets: Iterable[str]) -> list[str]:
    headers = signed_headers(posted.headers["webhook-id"], office.clock.now(), posted.body, secrets)
    return headers["webhook-signature"].split(" ")


def test_the_secret_of_an_endpoint_rests_in_the_secret_store() -> None:
    office = PostOffice()
    made, secret = endpoints.create(office.webhooks, "int_1", ORDER)
    assert (office.secrets.get(made.secret_name), secret.reveal()[:6]) == (secret, "whsec_")
    assert secret.reveal() not in repr(made)


def test_no_two_endpoints_share_a_secret() -> None:
    office = PostOffice()
    secrets = {endpoints.create(office.webhooks, "int_1", ORDER)[1] for _ in range(3)}
    assert len(secrets) == 3


def test_an_integration_has_twenty_endpoints_at_most() -> None:
    office = PostOffice()
    for _ in range(MOST_ENDPOINTS):
        office.endpoint()
    with pytest.raises(StateError) as refused:
        office.endpoint()
    assert refused.value.code == "TOO_MANY_ENDPOINTS"
    assert endpoints.create(office.webhooks, "int_2", ORDER)[0].integration_id == "int_2"


@pytest.mark.parametrize("addresses", [("10.0.0.1",), ("93.184.216.34", "127.0.0.1")])
def test_a_name_that_leads_into_the_own_network_is_refused(addresses: tuple[str, ...]) -> None:
    office = PostOffice()
    office.receiver.names["receiver.example"] = addresses
    with pytest.raises(InvalidError) as refused:
        office.endpoint()
    assert [each.code for each in refused.value.problems] == ["ADDRESS_REFUSED"]


@pytest.mark.parametrize("addresses", [(), ("93.184.216.34",)])
def test_a_name_that_leads_outside_or_nowhere_yet_is_taken(addresses: tuple[str, ...]) -> None:
    office = PostOffice()
    office.receiver.names["receiver.example"] = addresses
    assert office.endpoint().url == URL


def test_a_changed_address_is_looked_up_too() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    office.receiver.names["inside.example"] = ("10.0.0.1",)
    with pytest.raises(InvalidError):
        endpoints.change(office.webhooks, endpoint, EndpointOrder("https://inside.example", endpoint.events))


def test_on_a_developers_machine_names_are_not_looked_up() -> None:
    office = PostOffice(reach=Reach.LOCAL)
    office.receiver.names["receiver.example"] = ("10.0.0.1",)
    assert office.endpoint().url == URL


def test_an_endpoint_that_is_enabled_again_begins_without_a_past() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    office.receiver.plan(410)
    told(office)
    office.bring()
    after = endpoints.change(office.webhooks, office.current(endpoint), EndpointOrder(URL, SUBSCRIBABLE))
    assert (after.enabled, after.disabled_reason, after.failing_since) == (True, None, None)


def test_an_endpoint_that_moves_begins_without_a_past() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    office.receiver.plan(429, retry_after=600.0)
    told(office)
    office.bring()
    moved = EndpointOrder("https://new.example", endpoint.events)
    after = endpoints.change(office.webhooks, office.current(endpoint), moved)
    assert (after.failing_since, after.quiet_until) == (None, None)


def test_a_disabled_endpoint_hears_of_nothing_at_once() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    told(office, 1)
    endpoints.change(office.webhooks, endpoint, EndpointOrder(URL, SUBSCRIBABLE, enabled=False))
    told(office, 2)
    assert [each.event_id for each in office.deliveries(endpoint)] == ["evt_1"]


def test_of_two_changes_at_once_the_second_is_told() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    endpoints.change(office.webhooks, endpoint, ORDER)
    with pytest.raises(StaleRecordError):
        endpoints.change(office.webhooks, endpoint, ORDER)


def rotated(office: PostOffice, times: int) -> tuple[Endpoint, list[str]]:
    """Return an endpoint after rotations, and its secrets, the newest first."""
    endpoint, secret = endpoints.create(office.webhooks, "int_1", ORDER)
    secrets = [secret.reveal()]
    for _ in range(times):
        endpoint, secret = endpoints.rotate(office.webhooks, endpoint)
        secrets.insert(0, secret.reveal())
    return endpoint, secrets


@pytest.mark.parametrize(("hours", "signing"), [(0, 2), (23.9, 2), (24, 1)])
def test_a_replaced_secret_signs_beside_the_new_one_for_a_day(hours: float, signing: int) -> None:
    office = PostOffice()
    _, secrets = rotated(office, 1)
    office.clock.moment += timedelta(hours=hours)
    told(office)
    office.bring()
    (posted,) = office.receiver.got
    assert signatures(posted) == signed(office, posted, secrets[:signing])


def test_a_rotation_whose_answer_was_lost_may_be_repeated() -> None:
    office = PostOffice()
    _, secrets = rotated(office, 2)
    told(office)
    office.bring()
    assert signatures(office.receiver.got[0]) == signed(office, office.receiver.got[0], secrets)


def test_no_more_than_three_replaced_secrets_sign() -> None:
    office = PostOffice()
    endpoint, _ = rotated(office, 9)
    assert (len(endpoint.former), len(office.secrets._rows)) == (3, 4)


def test_secrets_that_sign_no_more_are_cleaned_away() -> None:
    office = PostOffice()
    endpoint, _ = rotated(office, 1)
    endpoints.clean(office.webhooks)
    kept = len(office.secrets._rows)
    office.clock.moment += timedelta(hours=24)
    endpoints.clean(office.webhooks)
    assert (kept, set(office.secrets._rows), office.current(endpoint).former) == (2, {endpoint.secret_name}, ())


class Meddled(MemoryEndpointStore):
    """Endpoints of which somebody changes the first one whenever all are listed."""

    def __init__(self, office: PostOffice) -> None:
        super().__init__()
        for each in office.mail.endpoints.all():
            self.create(each)

    def all(self) -> tuple[Endpoint, ...]:
        found = super().all()
        self.save(found[0])
        return found


def test_an_endpoint_that_is_changed_during_the_cleaning_keeps_no_other_from_it() -> None:
    office = PostOffice()
    rotated(office, 1)
    rotated(office, 1)
    office.clock.moment += timedelta(hours=24)
    store = Meddled(office)
    endpoints.clean(replace(office.webhooks, mail=replace(office.mail, endpoints=store)))
    assert [len(each.former) for each in store.all()] == [1, 0]


def test_deliveries_are_kept_for_thirty_days() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    told(office)
    office.clock.moment += KEPT
    assert (endpoints.clean(office.webhooks), len(office.deliveries(endpoint))) == (0, 1)
    office.clock.moment += timedelta(seconds=1)
    assert (endpoints.clean(office.webhooks), len(office.deliveries(endpoint))) == (1, 0)


def test_a_removed_endpoint_leaves_nothing() -> None:
    office = PostOffice()
    endpoint, _ = rotated(office, 1)
    told(office)
    endpoints.delete(office.webhooks, endpoint)
    assert (office.deliveries(endpoint), office.secrets._rows, office.bring()) == ((), {}, 0)


def test_all_endpoints_of_an_integration_are_removed() -> None:
    office = PostOffice()
    office.endpoint()
    office.endpoint()
    endpoints.delete_all(office.webhooks, "int_1")
    assert (office.mail.endpoints.all(), office.secrets._rows) == ((), {})


def test_a_test_is_posted_at_once_and_kept() -> None:
    office = PostOffice()
    endpoint = office.endpoint(EventType.SYNC_FAILED)
    delivery = endpoints.test(office.webhooks, endpoint)
    assert (delivery.status, office.deliveries(endpoint)) == (DeliveryStatus.DELIVERED, (delivery,))
    assert office.receiver.got[0].event["data"] == {"integrationId": "int_1", "endpointId": endpoint.id}


def test_a_test_that_fails_is_not_repeated() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    office.receiver.plan(500)
    assert endpoints.test(office.webhooks, endpoint).status is DeliveryStatus.FAILED
    assert office.bring(days=9) == 0


def test_a_disabled_endpoint_may_be_tested() -> None:
    office = PostOffice()
    endpoint = endpoints.create(office.webhooks, "int_1", EndpointOrder(URL, SUBSCRIBABLE, enabled=False))[0]
    assert endpoints.test(office.webhooks, endpoint).status is DeliveryStatus.DELIVERED


def test_a_delivery_is_sent_again_with_the_id_of_its_event() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    told(office)
    office.bring()
    again = endpoints.resend(office.webhooks, endpoint, office.deliveries(endpoint)[0])
    assert [each.headers["webhook-id"] for each in office.receiver.got] == ["evt_1", "evt_1"]
    assert (again.status, len(again.attempts), office.bring(days=9)) == (DeliveryStatus.DELIVERED, 2, 0)


def test_what_fails_when_it_is_sent_again_goes_through_the_schedule_again() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    told(office)
    office.bring()
    office.receiver.plan(500)
    endpoints.resend(office.webhooks, endpoint, office.deliveries(endpoint)[0])
    assert (office.bring(seconds=4), office.bring(seconds=1)) == (0, 1)


def test_nothing_is_sent_again_to_a_disabled_endpoint() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    told(office)
    off = endpoints.change(office.webhooks, endpoint, EndpointOrder(URL, SUBSCRIBABLE, enabled=False))
    with pytest.raises(StateError) as refused:
        endpoints.resend(office.webhooks, off, office.deliveries(endpoint)[0])
    assert refused.value.code == "ENDPOINT_DISABLED"


def test_what_is_not_there_is_not_found() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    with pytest.raises(NotFoundError):
        endpoints.require_endpoint(office.webhooks, "int_2", endpoint.id)
    with pytest.raises(NotFoundError):
        endpoints.require_delivery(office.webhooks, endpoint, "dlv_none")
