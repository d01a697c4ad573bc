"""Webhooks over the wire: a receiver on this machine hears what happens, signed, and what failed is sent again."""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from hashlib import sha256

import pytest
from azure.data.tables import TableServiceClient

from scripts.stack import Stack
from tests.flow.bridge_kit import TOPIC, Span
from tests.flow.kit import Site, problem, until
from tests.flow.receiving import Receiver, receiving

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

EVENTS = ["sync.completed", "supplier.created", "product.created"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def signature(secret: str, headers: dict[str, str], body: bytes) -> str:
    """Sign as a receiver does that knows the specification only."""
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = b64decode(secret.removeprefix("whsec_"))
    return f"v1,{b64encode(hmac.new(key, content, sha256).digest()).decode()}"


def test_a_sync_is_heard_of_signed_and_in_its_order(site: Site, receiver: Receiver) -> None:
    made = site.call("POST", "/webhook-endpoints", {"url": receiver.url, "events": EVENTS})
    assert made.status == 201
    run = site.sync()
    until(lambda: receiver.events("sync.completed"), bool)
    (end,) = receiver.events("sync.completed")
    assert (end["data"]["runId"], end["data"]["integrationId"]) == (run["runId"], site.id)
    assert end["data"]["entities"]["suppliers"]["created"] == 7
    told = [name for each in receiver.events("supplier.created") for name in each["data"]["records"]]
    assert sorted(told) == sorted(each["externalId"] for each in site.records("suppliers"))
    (many,) = receiver.events("product.created")
    assert (many["data"]["count"], len(set(many["data"]["records"]))) == (64, 64)
    assert all(
        headers["webhook-signature"] == signature(made.data["secret"], headers, body) for headers, body in receiver.got
    )
    assert json.loads(receiver.got[-1][1])["type"] == "sync.completed"


def test_a_signing_secret_is_in_no_table(site: Site, receiver: Receiver, stack: Stack) -> None:
    body = {"url": receiver.url, "events": EVENTS}
    first, second = (site.call("POST", "/webhook-endpoints", body, Idempotency_Key=site.id) for _ in range(2))
    secret = first.data["secret"]
    assert second.data["secret"] == secret
    with TableServiceClient.from_connection_string(stack.storage) as service:
        for name in ("Replies", "WebhookEndpoints", "Deliveries", "Outbox", "Secrets"):
            assert not any(secret in str(row) for row in service.get_table_client(name).list_entities())


def test_what_failed_waits_for_its_next_try_and_is_sent_again_by_hand(site: Site, receiver: Receiver) -> None:
    made = site.call("POST", "/webhook-endpoints", {"url": receiver.url, "events": ["sync.completed"]}).data
    home = f"/webhook-endpoints/{made['id']}"
    receiver.planned += [503]
    site.sync(entities=["suppliers"])
    (failed,) = until(
        lambda: site.get(f"{home}/deliveries?status=pending"), lambda found: found and found[0]["attempts"]
    )
    assert (failed["attempts"][0]["status"], failed["nextTryAt"] is None) == (503, False)
    renewed = site.call("POST", f"{home}/rotate-secret").data
    again = site.call("POST", f"{home}/deliveries/{failed['id']}/resend").data
    assert (again["status"], [each["status"] for each in again["attempts"]][-1]) == ("delivered", 204)
    headers, body = receiver.got[-1]
    assert headers["webhook-signature"].split(" ") == [
        signature(each["secret"], headers, body) for each in (renewed, made)
    ]
    assert len(set(receiver.ids("sync.completed"))) == 1


def test_a_test_tells_at_once_what_the_receiver_says(site: Site, receiver: Receiver) -> None:
    made = site.call("POST", "/webhook-endpoints", {"url": receiver.url, "events": EVENTS}).data
    receiver.planned += [410]
    told = site.call("POST", f"/webhook-endpoints/{made['id']}/test").data
    assert (told["status"], told["attempts"][0]["status"]) == ("failed", 410)
    shown = site.get(f"/webhook-endpoints/{made['id']}")
    assert (shown["enabled"], shown["disabledReason"]) == (False, "The endpoint answered 410 Gone.")
    problem(
        site.call("POST", f"/webhook-endpoints/{made['id']}/deliveries/{told['id']}/resend"), 409, "ENDPOINT_DISABLED"
    )


def test_a_contract_that_was_made_is_heard_of(span: Span, receiver: Receiver) -> None:
    span.call("POST", "/webhook-endpoints", {"url": receiver.url, "events": ["contract.synced"]})
    span.map("opportunity", {**TOPIC, "direction": "dynamics_to_oneflow"})
    made = span.create("opportunity", span.deals()[0]["opportunityid"]).data
    until(lambda: receiver.events("contract.synced"), bool)
    told = receiver.events("contract.synced")[0]["data"]
    assert (told["integrationId"], told["contractId"], told["action"]) == (span.id, made["contractId"], "CREATE")
