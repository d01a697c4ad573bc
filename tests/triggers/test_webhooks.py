"""Webhook endpoints over HTTP: made, shown, changed, tested, removed; and what was sent to them."""

import asyncio
from typing import Any

import pytest

from sync.engine.signing import signed_headers
from sync.model.webhook import SUBSCRIBABLE
from sync.triggers import durable, webhooks
from tests.triggers.kit import Office, Reply

URL = "https://receiver.example/hooks?token=t"
BODY = {"url": URL, "events": ["sync.completed", "supplier.created"]}
CLIENT = '{"rpcBaseUrl": "http://127.0.0.1:1"}'


@pytest.fixture
def home(office: Office) -> str:
    """Return the path of an integration's endpoints."""
    return f"/api/integrations/{office.integrated()}/webhook-endpoints"


def made(office: Office, home: str, **changes: Any) -> Reply:
    return office.ask("POST", home, {**BODY, **changes})


def place(office: Office, home: str, **changes: Any) -> str:
    """Make an endpoint and return its path."""
    return f"{home}/{made(office, home, **changes).data['id']}"


def patch(office: Office, path: str, body: dict[str, Any]) -> Reply:
    return office.ask("PATCH", path, body, If_Match=office.ask("GET", path).headers["etag"])


def synced(office: Office, home: str) -> None:
    """Sync, and let the postman bring what there is to tell."""
    office.ask("POST", home.replace("webhook-endpoints", "dynamics/sync"))
    office.webhooks.postman.sweep(patience=20)


def test_a_new_endpoint_is_answered_with_its_place_and_its_secret(office: Office, home: str) -> None:
    answer = made(office, home)
    assert (answer.status, answer.headers["location"]) == (201, f"{home}/{answer.data['id']}")
    assert answer.data["secret"].startswith("whsec_")
    assert {name: answer.data[name] for name in ("url", "events", "enabled", "disabledReason")} == {
        **BODY,
        "enabled": True,
        "disabledReason": None,
    }


def test_the_secret_is_shown_once(office: Office, home: str) -> None:
    answer = made(office, home)
    path = f"{home}/{answer.data['id']}"
    shown = [office.ask("GET", path), office.ask("GET", home), patch(office, path, {"enabled": False})]
    assert not any(answer.data["secret"] in each.text for each in shown)


def test_a_repeated_request_is_answered_with_the_same_secret_that_is_not_kept_with_the_answer(
    office: Office, home: str
) -> None:
    first, second = (office.ask("POST", home, BODY, Idempotency_Key="k") for _ in range(2))
    assert (first.text, second.headers["idempotency-replayed"]) == (second.text, "true")
    assert len(office.ask("GET", home).data) == 1
    assert first.data["secret"] not in str(office.hub.replies.__dict__)


def test_a_repeated_request_for_an_endpoint_that_is_gone_shows_no_secret(office: Office, home: str) -> None:
    first = office.ask("POST", home, BODY, Idempotency_Key="k")
    office.ask("DELETE", f"{home}/{first.data['id']}")
    second = office.ask("POST", home, BODY, Idempotency_Key="k")
    assert (second.status, second.data) == (201, {key: first.data[key] for key in first.data if key != "secret"})


def test_a_repeated_request_shows_no_secret_that_has_come_since(office: Office, home: str) -> None:
    first = office.ask("POST", home, BODY, Idempotency_Key="k")
    office.ask("POST", f"{home}/{first.data['id']}/rotate-secret")
    second = office.ask("POST", home, BODY, Idempotency_Key="k")
    assert second.data == {key: first.data[key] for key in first.data if key != "secret"}


def test_every_problem_of_an_endpoint_is_told_at_once(office: Office, home: str) -> None:
    refused = office.ask("POST", home, {"url": "http://10.0.0.1", "events": ["x", 1], "enabled": 1, "color": "red"})
    assert refused.status == 422
    assert refused.pointers == {
        "/url": "HTTPS_REQUIRED",
        "/events/0": "UNKNOWN_EVENT",
        "/events/1": "WRONG_TYPE",
        "/enabled": "WRONG_TYPE",
        "/color": "UNKNOWN_MEMBER",
    }


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/url": "MISSING", "/events": "MISSING"}),
        ({**BODY, "events": []}, {"/events": "OUT_OF_RANGE"}),
        ({**BODY, "events": ["webhook.test"]}, {"/events/0": "UNKNOWN_EVENT"}),
        ({**BODY, "url": "https://user:word@r.example"}, {"/url": "INVALID_URL"}),
        ({**BODY, "url": "https://169.254.169.254/"}, {"/url": "ADDRESS_REFUSED"}),
        ({**BODY, "url": "https://r.example/".ljust(2_049, "x")}, {"/url": "OUT_OF_RANGE"}),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused(
    office: Office, home: str, body: dict[str, Any], pointers: dict[str, str]
) -> None:
    assert office.ask("POST", home, body).pointers == pointers


def test_an_event_that_is_named_twice_is_heard_once(office: Office, home: str) -> None:
    events = ["sync.failed", "sync.completed", "sync.failed"]
    assert made(office, home, events=events).data["events"] == ["sync.completed", "sync.failed"]


def test_every_event_of_the_contract_can_be_heard(office: Office, home: str) -> None:
    events = [each.value for each in SUBSCRIBABLE]
    assert (made(office, home, events=events).data["events"], len(events)) == (events, 9)


def test_the_twenty_first_endpoint_is_refused(office: Office, home: str) -> None:
    for _ in range(20):
        made(office, home)
    refused = made(office, home)
    assert (refused.status, refused.code) == (409, "TOO_MANY_ENDPOINTS")


def test_endpoints_are_listed_newest_first(office: Office, home: str) -> None:
    places = [made(office, home).data["id"] for _ in range(3)]
    assert [each["id"] for each in office.ask("GET", home).data] == places[::-1]


def test_a_bridge_has_endpoints_too(office: Office) -> None:
    home = f"/api/integrations/{office.bridged()}/webhook-endpoints"
    assert made(office, home, events=["contract.synced"]).status == 201


def test_a_patch_changes_what_it_names(office: Office, home: str) -> None:
    path = place(office, home)
    office.clock.pass_by(1)
    changed = patch(office, path, {"events": ["sync.failed"]})
    assert (changed.data["url"], changed.data["events"]) == (URL, ["sync.failed"])
    assert changed.headers["etag"] == office.ask("GET", path).headers["etag"]


def test_a_patch_needs_the_current_version(office: Office, home: str) -> None:
    path = place(office, home)
    old = office.ask("GET", path).headers["etag"]
    office.clock.pass_by(1)
    patch(office, path, {"enabled": False})
    refused = [office.ask("PATCH", path, {"enabled": True}), office.ask("PATCH", path, {"enabled": True}, If_Match=old)]
    assert [(each.status, each.code) for each in refused] == [(428, "IF_MATCH_MISSING"), (412, "PRECONDITION_FAILED")]


@pytest.mark.parametrize("name", ["url", "events", "enabled"])
def test_nothing_can_be_taken_away_from_an_endpoint(office: Office, home: str, name: str) -> None:
    assert patch(office, place(office, home), {name: None}).pointers == {f"/{name}": "WRONG_TYPE"}


def test_a_patch_is_checked_as_a_new_endpoint_is(office: Office, home: str) -> None:
    refused = patch(office, place(office, home), {"url": "https://127.0.0.1", "secret": "mine"})
    assert refused.pointers == {"/url": "ADDRESS_REFUSED", "/secret": "UNKNOWN_MEMBER"}


def test_a_removed_endpoint_is_gone_with_its_secret(office: Office, home: str) -> None:
    kept = office.secret_names()
    path = place(office, home)
    assert office.ask("DELETE", path).status == 204
    assert (office.ask("GET", path).status, office.secret_names()) == (404, kept)


def test_a_removed_integration_leaves_no_endpoint(office: Office, home: str) -> None:
    made(office, home)
    synced(office, home)
    office.ask("DELETE", home.removesuffix("/webhook-endpoints"))
    assert (office.webhooks.mail.endpoints.all(), office.secret_names()) == ((), set())


def test_a_sync_is_delivered_and_the_delivery_is_shown(office: Office, home: str) -> None:
    path = place(office, home)
    synced(office, home)
    (shown,) = office.ask("GET", f"{path}/deliveries").data
    assert {name: shown[name] for name in ("event", "status", "nextTryAt", "trouble")} == {
        "event": "sync.completed",
        "status": "delivered",
        "nextTryAt": None,
        "trouble": None,
    }
    assert shown["attempts"] == [
        {"at": "2026-01-05T08:00:00Z", "status": 200, "durationMs": 7, "trouble": None, "response": "thanks"}
    ]


def test_the_list_of_endpoints_tells_the_latest_delivery_to_each(office: Office, home: str) -> None:
    path = place(office, home)
    assert office.ask("GET", home).data[0]["lastDelivery"] is None
    office.receiver.plan(500)
    tests = [office.ask("POST", f"{path}/test").data for _ in range(2)]
    (shown,) = office.ask("GET", home).data
    assert shown["lastDelivery"] == {
        "id": tests[1]["id"],
        "event": "webhook.test",
        "status": "delivered",
        "createdAt": "2026-01-05T08:00:00Z",
        "nextTryAt": None,
    }


def test_a_delivery_is_shown_with_what_was_sent(office: Office, home: str) -> None:
    path = place(office, home)
    synced(office, home)
    (shown,) = office.ask("GET", f"{path}/deliveries").data
    one = office.ask("GET", f"{path}/deliveries/{shown['id']}").data
    assert one == {**shown, "body": office.receiver.got[0].event}


def test_what_is_delivered_is_signed_with_the_secret_that_was_shown(office: Office, home: str) -> None:
    secret = made(office, home).data["secret"]
    synced(office, home)
    (got,) = office.receiver.got
    assert got.headers == signed_headers(got.headers["webhook-id"], office.clock.now(), got.body, [secret])


def test_the_secret_can_be_replaced(office: Office, home: str) -> None:
    answer = made(office, home)
    renewed = office.ask("POST", f"{home}/{answer.data['id']}/rotate-secret")
    assert (renewed.status, renewed.data["secret"] == answer.data["secret"]) == (200, False)
    assert renewed.data["formerSecretUntil"] == "2026-01-06T08:00:00Z"


def test_a_failure_is_shown_with_the_next_try(office: Office, home: str) -> None:
    path = place(office, home)
    office.receiver.plan(503, excerpt="busy")
    synced(office, home)
    (shown,) = office.ask("GET", f"{path}/deliveries?status=pending").data
    assert (shown["nextTryAt"], shown["attempts"][0]["response"]) == ("2026-01-05T08:00:05Z", "busy")
    assert office.ask("GET", path).data["failingSince"] == "2026-01-05T08:00:00Z"


@pytest.mark.parametrize(
    ("query", "found"), [("", 3), ("?status=failed", 1), ("?event=webhook.test", 2), ("?event=sync.failed", 0)]
)
def test_deliveries_are_filtered(office: Office, home: str, query: str, found: int) -> None:
    path = place(office, home)
    synced(office, home)
    office.ask("POST", f"{path}/test")
    office.receiver.plan(500)
    office.ask("POST", f"{path}/test")
    assert len(office.ask("GET", f"{path}/deliveries{query}").data) == found


def test_deliveries_come_in_pages_newest_first(office: Office, home: str) -> None:
    path = place(office, home)
    names = [office.ask("POST", f"{path}/test").data["id"] for _ in range(3)]
    first = office.ask("GET", f"{path}/deliveries?limit=2")
    rest = office.ask("GET", first.body["nextLink"].removeprefix("https://hub.example"))
    assert [each["id"] for each in (*first.data, *rest.data)] == names[::-1]


def test_an_unknown_filter_is_refused(office: Office, home: str) -> None:
    refused = office.ask("GET", f"{place(office, home)}/deliveries?status=lost&event=all")
    assert refused.pointers == {"/status": "INVALID_VALUE", "/event": "INVALID_VALUE"}


def test_a_test_tells_what_came_of_it(office: Office, home: str) -> None:
    office.receiver.plan(404)
    told = office.ask("POST", f"{place(office, home)}/test")
    assert (told.status, told.data["event"], told.data["status"]) == (200, "webhook.test", "failed")
    assert told.data["attempts"][0]["trouble"] == "ENDPOINT_REFUSED"


@pytest.mark.parametrize("short", [True, False])
def test_a_delivery_is_sent_again(office: Office, home: str, *, short: bool) -> None:
    made(office, home)
    path = place(office, home)
    synced(office, home)
    (shown,) = office.ask("GET", f"{path}/deliveries").data
    again = office.ask("POST", f"{home if short else path}/deliveries/{shown['id']}/resend")
    assert (again.status, len(again.data["attempts"]), again.data["eventId"]) == (200, 2, shown["eventId"])


@pytest.mark.parametrize("rest", ["/deliveries/dlv_none/resend", "/whe_none/deliveries/dlv_none/resend", "/whe_none"])
def test_what_is_not_there_is_404(office: Office, home: str, rest: str) -> None:
    made(office, home)
    answer = office.ask("POST" if rest.endswith("resend") else "GET", f"{home}{rest}")
    assert (answer.status, answer.code) == (404, "NOT_FOUND")


def test_nothing_is_sent_again_to_a_disabled_endpoint(office: Office, home: str) -> None:
    path = place(office, home)
    name = office.ask("POST", f"{path}/test").data["id"]
    patch(office, path, {"enabled": False})
    refused = office.ask("POST", f"{path}/deliveries/{name}/resend")
    assert (refused.status, refused.code) == (409, "ENDPOINT_DISABLED")


@pytest.mark.parametrize(
    ("method", "rest"),
    [
        ("GET", ""),
        ("POST", ""),
        ("GET", "/{}"),
        ("PATCH", "/{}"),
        ("DELETE", "/{}"),
        ("POST", "/{}/test"),
        ("POST", "/{}/rotate-secret"),
        ("GET", "/{}/deliveries"),
        ("GET", "/{}/deliveries/d"),
        ("POST", "/{}/deliveries/d/resend"),
        ("POST", "/deliveries/d/resend"),
    ],
)
def test_someone_elses_endpoints_are_not_found(office: Office, home: str, method: str, rest: str) -> None:
    path = f"{home}{rest.format(made(office, home).data['id'])}"
    office.user = "mallory"
    answer = office.ask(method, path, BODY if method != "GET" else None)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")


def test_the_timers_bring_what_is_due_and_remove_what_is_old(office: Office, home: str) -> None:
    path = place(office, home)
    office.ask("POST", home.replace("webhook-endpoints", "dynamics/sync"))
    app = durable.application()
    app.register_functions(webhooks.timers(lambda: office.hub, deliveries="*/2 * * * * *", cleaning="0 30 3 * * *"))
    found: dict[str, Any] = {str(each.get_function_name()): each.get_user_function() for each in app.get_functions()}
    asyncio.run(found["deliver_webhooks"](timer=None, client=CLIENT))
    assert len(office.receiver.got) == 1
    office.clock.pass_by(31 * 86_400)
    asyncio.run(found["clean_deliveries"](timer=None, client=CLIENT))
    assert office.ask("GET", f"{path}/deliveries").data == []
