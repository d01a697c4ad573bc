"""The outbox: writes events down for those who hear them, and looks rarely where nobody does."""

from datetime import timedelta

from sync.model.webhook import SUBSCRIBABLE, Endpoint, Event, EventType
from sync.services import endpoints
from sync.services.endpoints import EndpointOrder
from sync.services.outbox import HELD, Dispatch, Held, Silence
from sync.storage.memory_webhooks import MemoryEndpointStore
from tests.support.mail import URL, PostOffice


class Counted(MemoryEndpointStore):
    """Endpoints that count how often somebody lists them."""

    looks = 0

    def list(self, integration_id: str) -> tuple[Endpoint, ...]:
        self.looks += 1
        return super().list(integration_id)


def happened(office: PostOffice, number: int = 1, kind: EventType = EventType.SYNC_COMPLETED) -> Event:
    return Event(f"evt_{number}", kind, office.integration_id, office.clock.now(), {})


def dispatch(office: PostOffice, store: MemoryEndpointStore, hurried: list[int] | None = None) -> Dispatch:
    hurries: list[int] = [] if hurried is None else hurried
    return Dispatch(store, office.mail.deliveries, office.clock, hurry=lambda: hurries.append(1))


def test_nobody_hears_of_an_integration_without_endpoints() -> None:
    assert PostOffice().webhooks.dispatch.wanted("int_1") == frozenset()


def test_silence_wants_nothing_and_keeps_nothing() -> None:
    silence = Silence()
    silence.tell("int_1", [happened(PostOffice())])
    silence.hold("int_1", [happened(PostOffice())])
    silence.release([happened(PostOffice())])
    assert silence.wanted("int_1") == frozenset()


def test_it_looks_once_in_ten_seconds() -> None:
    office, store = PostOffice(), Counted()
    outbox = dispatch(office, store)
    looks = []
    for seconds in (0, 9, 1):
        office.clock.pass_by(seconds)
        outbox.wanted("int_1")
        outbox.tell("int_1", [happened(office)])
        looks.append(store.looks)
    assert looks == [1, 1, 2]


def test_a_new_endpoint_is_heard_at_once() -> None:
    office = PostOffice()
    outbox = office.webhooks.dispatch
    assert not outbox.wanted(office.integration_id)
    office.endpoint(EventType.SYNC_FAILED)
    assert outbox.wanted(office.integration_id) == {EventType.SYNC_FAILED}


def test_a_disabled_endpoint_hears_nothing() -> None:
    office = PostOffice()
    endpoints.create(office.webhooks, "int_1", EndpointOrder(URL, SUBSCRIBABLE, enabled=False))
    assert office.webhooks.dispatch.wanted("int_1") == frozenset()


def test_an_event_goes_to_each_endpoint_with_one_id() -> None:
    office = PostOffice()
    both = office.endpoint(), office.endpoint(url="https://other.example")
    office.webhooks.dispatch.tell("int_1", [happened(office)])
    found = [office.deliveries(each)[0] for each in both]
    assert ({each.event_id for each in found}, len({each.id for each in found})) == ({"evt_1"}, 2)


def test_the_postman_is_hurried_once_for_all_and_only_when_somebody_hears() -> None:
    office, store, hurried = PostOffice(), MemoryEndpointStore(), list[int]()
    store.create(office.endpoint(EventType.SYNC_COMPLETED))
    outbox = dispatch(office, store, hurried)
    outbox.tell("int_1", (happened(office, number) for number in range(120)))
    outbox.tell("int_1", [happened(office, 1, EventType.SYNC_FAILED)])
    assert len(hurried) == 1


def test_what_is_known_of_many_integrations_is_forgotten_in_time() -> None:
    office, store = PostOffice(), Counted()
    outbox = dispatch(office, store)
    for number in range(1_001):
        outbox.wanted(f"int_{number}")
    outbox.wanted("int_0")
    assert (store.looks, len(outbox._known)) == (1_002, 2)


def test_a_delivery_is_due_from_the_moment_it_is_told() -> None:
    office = PostOffice()
    endpoint = office.endpoint()
    event = happened(office)
    office.clock.pass_by(timedelta(hours=1).total_seconds())
    office.webhooks.dispatch.tell("int_1", [event])
    (delivery,) = office.deliveries(endpoint)
    assert delivery.created_at == delivery.next_try_at == office.clock.now()


def held(office: PostOffice) -> Held:
    """Return an outbox in which an event is kept back."""
    news = Held(office.webhooks.dispatch)
    news.tell("int_1", [happened(office)])
    return news


def test_what_is_held_leaves_when_it_is_released() -> None:
    office = PostOffice()
    office.endpoint()
    news = held(office)
    before = office.bring()
    news.release()
    assert (before, office.bring()) == (0, 1)


def test_what_nobody_releases_leaves_after_five_minutes() -> None:
    office = PostOffice()
    office.endpoint()
    held(office)
    assert (office.bring(seconds=HELD.total_seconds() - 1), office.bring(seconds=1)) == (0, 1)


def test_what_was_delivered_before_it_is_released_is_not_delivered_again() -> None:
    office = PostOffice()
    office.endpoint()
    news = held(office)
    office.bring(seconds=HELD.total_seconds())
    news.release()
    assert office.bring() == 0


def test_the_postman_is_hurried_when_events_are_released_and_only_then() -> None:
    office, store, hurried = PostOffice(), MemoryEndpointStore(), list[int]()
    store.create(office.endpoint(EventType.SYNC_COMPLETED))
    news = Held(dispatch(office, store, hurried))
    news.tell("int_1", (happened(office, number) for number in range(120)))
    before = len(hurried)
    for _ in range(2):
        news.release()
    assert (before, len(hurried)) == (0, 1)


def test_what_nobody_hears_is_released_without_a_word() -> None:
    office, hurried = PostOffice(), list[int]()
    news = Held(dispatch(office, MemoryEndpointStore(), hurried))
    news.tell("int_1", [happened(office)])
    news.release()
    assert (news.wanted("int_1"), hurried) == (frozenset(), [])
