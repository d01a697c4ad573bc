"""Near real time: a change in Business Central is told, and in the store seconds later."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from sandbox.control import Control
from scripts.campaign import fallen
from scripts.stack import Stack, reachable
from tests.flow.kit import Caller, Connector, Site, problem, until
from tests.support.stacks import close_output

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

SOON = 5.0
"""Seconds from the notice to the record."""
_IN_THE_END = 40.0
_SANDBOX = ("--company", "contoso", "cronus")


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Start a stack whose app is known under an address that Business Central can call."""
    settings = {
        "HUB_SUBSCRIPTION_SCHEDULE": "* * * * * *",
        "HUB_NOTICE_SCHEDULE": "* * * * * *",
        "HUB_PROBE_SECONDS": "4",
    }
    with reachable(_SANDBOX, settings) as started:
        yield started
    for server in (started.app, started.sandbox):
        close_output(server)


@pytest.fixture
def control(stack: Stack) -> Iterator[Control]:
    """Return the simulated systems' control; nothing but subscriptions may be written there."""
    stack.control.set_switch(notice_seconds=0.2)
    try:
        yield stack.control
        assert {"subscriptions" in each["path"] for each in stack.control.writes()} <= {True}
    finally:
        stack.control.reset()


@pytest.fixture(scope="module")
def address(stack: Stack) -> dict[str, Any]:
    """Return a subscription of an integration that only its address is needed of; its token stays the same."""
    makes = Connector(stack, stack.control)
    site = makes.connect(makes.caller("alice"))
    site.sync()
    return subscribed(site)[0]


@pytest.fixture
def live(connector: Connector, alice: Caller) -> Iterator[Site]:
    """Return an integration whose changes are told."""
    site = connector.connect(alice)
    site.sync()
    subscribed(site)
    calm(site)
    yield site
    site.call("DELETE", "")


def subscriptions(site: Site) -> list[dict[str, Any]]:
    return [each for each in site.control.subscriptions() if f"/{site.id}/" in each["notificationUrl"]]


def subscribed(site: Site, seconds: float = 40) -> list[dict[str, Any]]:
    return until(
        lambda: subscriptions(site),
        lambda found: {each["set"] for each in found} == {"vendors", "items"},
        seconds=seconds,
    )


def calm(site: Site) -> None:
    """Wait until the run that fills the gap before the subscription is over."""
    until(lambda: webhook_runs(site), lambda runs: runs and all(each["endedAt"] for each in runs))


def webhook_runs(site: Site) -> list[dict[str, Any]]:
    return [each for each in site.get("/runs?limit=50") if each["trigger"] == "webhook"]


def arrives(site: Site, entity: str, external_id: str, name: str, seconds: float = _IN_THE_END) -> float:
    """Wait for a record's new name, and return how long that took."""
    began = time.monotonic()
    until(
        lambda: site.record(entity, external_id).body.get("data", {}).get("name"),
        lambda told: told == name,
        seconds=seconds,
    )
    return time.monotonic() - began


def post(url: str, body: Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.post(url, json=body, timeout=20)


def notice(row: dict[str, Any], **changes: Any) -> dict[str, Any]:
    told = {"subscriptionId": row["subscriptionId"], "clientState": row["clientState"], "changeType": "updated"}
    resource = f"{row['resource']}(00000000-0000-4000-8000-000000000001)"
    return {"value": [{**told, "resource": resource, "lastModifiedDateTime": "2026-10-26T12:54:20.467Z", **changes}]}


def test_a_change_is_in_the_store_seconds_after_its_notice(live: Site) -> None:
    row = live.put("vendors", {"number": "V-LIVE", "displayName": "Came at once"})
    took = arrives(live, "suppliers", row["id"], "Came at once", seconds=SOON)
    item = live.rows("items")[0]
    live.change("items", {"displayName": "Renamed"}, id=item["id"])
    assert arrives(live, "products", item["id"], "Renamed", seconds=SOON) + took < 2 * SOON


def test_a_deleted_record_is_marked_once_the_source_confirms_it(live: Site) -> None:
    row = live.rows("vendors")[0]
    live.delete("vendors", row["id"])
    until(lambda: live.record("suppliers", row["id"]).data["presentInSource"], lambda there: there is False)
    assert live.record("suppliers", row["id"]).data["name"] == row["displayName"]


def test_a_notice_of_a_deletion_that_did_not_happen_changes_nothing(live: Site) -> None:
    row, mine = live.rows("vendors")[0], next(each for each in subscriptions(live) if each["set"] == "vendors")
    known = {each["id"] for each in webhook_runs(live)}
    told = notice(mine, changeType="deleted", resource=f"{mine['resource']}({row['id']})")
    assert post(mine["notificationUrl"], told).status_code == 202
    until(lambda: webhook_runs(live), lambda runs: runs[0]["id"] not in known and runs[0]["endedAt"])
    assert live.record("suppliers", row["id"]).data["presentInSource"] is True


def test_a_collection_brings_all_its_changes(live: Site) -> None:
    live.control.set_switch(notice_limit=2)
    rows = [live.put("vendors", {"number": f"V-{n}", "displayName": f"Many {n}"})["id"] for n in range(4)]
    for number, row in enumerate(rows):
        arrives(live, "suppliers", row, f"Many {number}")
    assert "collection" in [each["changeType"] for batch in live.control.notices() for each in batch["notices"]]


def test_a_collection_with_a_deletion_is_seen_through_by_a_full_listing(live: Site) -> None:
    live.control.set_switch(notice_limit=2)
    first, *others = live.rows("vendors")
    live.delete("vendors", first["id"])
    for each in others[:3]:
        live.change("vendors", {"city": "Elsewhere"}, id=each["id"])
    until(lambda: live.record("suppliers", first["id"]).data["presentInSource"], lambda there: there is False)


def test_notices_may_come_twice_and_the_wrong_way_round(live: Site) -> None:
    live.control.fault(part="notice", effect="twice", nth=1)
    live.control.fault(part="notice", effect="reverse")
    row = live.put("vendors", {"number": "V-ODD", "displayName": "One"})
    live.change("vendors", {"displayName": "Two"}, id=row["id"])
    arrives(live, "suppliers", row["id"], "Two")


def test_what_a_lost_notice_told_is_found_by_the_probe(live: Site) -> None:
    live.control.fault(part="notice", effect="lose")
    row = live.put("vendors", {"number": "V-LOST", "displayName": "Nobody told"})
    arrives(live, "suppliers", row["id"], "Nobody told")


def test_killed_subscriptions_are_made_again_and_the_gap_is_filled(live: Site) -> None:
    old = {each["subscriptionId"] for each in subscriptions(live)}
    assert live.control.kill_subscriptions(company=live.company) >= 2
    row = live.put("vendors", {"number": "V-GAP", "displayName": "While it was quiet"})
    assert {each["subscriptionId"] for each in subscribed(live)} & old == set()
    arrives(live, "suppliers", row["id"], "While it was quiet")
    live.change("vendors", {"displayName": "And again"}, id=row["id"])
    arrives(live, "suppliers", row["id"], "And again")


def test_a_notice_outlives_the_app_that_took_it(live: Site, stack: Stack) -> None:
    row = live.put("vendors", {"number": "V-CRASH", "displayName": "Told just before"})
    until(live.control.notices, lambda sent: [each for each in sent if each["status"] == 202])
    with fallen(stack):
        pass
    arrives(live, "suppliers", row["id"], "Told just before", seconds=40)


def test_subscriptions_are_renewed_at_half_of_their_life(connector: Connector, alice: Caller) -> None:
    connector.control.set_switch(subscription_seconds=16)
    site = connector.connect(alice)
    site.sync()
    made = {each["subscriptionId"]: each["expirationDateTime"] for each in subscribed(site)}
    later = until(
        lambda: subscriptions(site), lambda rows: all(each["expirationDateTime"] > max(made.values()) for each in rows)
    )
    assert {each["subscriptionId"] for each in later} == set(made)
    site.call("DELETE", "")


def test_the_right_address_with_a_wrong_state_is_accepted_like_the_right_one(address: dict[str, Any]) -> None:
    bodies = [notice(address, clientState="forged"), "nonsense", notice(address)]
    assert [post(address["notificationUrl"], body).status_code for body in bodies] == [202, 202, 202]


@pytest.mark.parametrize("change", ["token", "integration"])
def test_an_unknown_address_is_404_for_handshakes_and_notices(address: dict[str, Any], change: str) -> None:
    url = address["notificationUrl"]
    place, token = url.split("/")[-2:]
    wrong = url.replace(token, f"{token[:-1]}x") if change == "token" else url.replace(place, "int_unknown")
    assert [post(wrong + tail, notice(address)).status_code for tail in ("", "?validationToken=abc")] == [404, 404]
    assert post(wrong, notice(address)).json()["code"] == "NOT_FOUND"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_handshake_is_answered_with_its_token_as_plain_text(address: dict[str, Any], method: str) -> None:
    with requests.Session() as session:
        session.trust_env = False
        params = {"validationToken": "a b+c<&>"}
        reply = session.request(method, address["notificationUrl"], params=params, timeout=20)
    assert (reply.status_code, reply.text) == (200, "a b+c<&>")
    assert reply.headers["Content-Type"].startswith("text/plain")


def test_a_large_batch_is_taken_because_a_refusal_would_end_the_subscription(address: dict[str, Any]) -> None:
    assert post(address["notificationUrl"], {"value": [notice(address)["value"][0]] * 5_000}).status_code == 202


def test_address_and_state_cannot_be_guessed(address: dict[str, Any]) -> None:
    assert len(urlsplit(address["notificationUrl"]).path.rsplit("/", 1)[-1]) >= 32
    assert len(address["clientState"]) >= 32


def test_realtime_switched_off_ends_subscriptions_and_on_begins_them_again(live: Site) -> None:
    live.patch({"settings": {"realtime": False}})
    until(lambda: subscriptions(live), lambda found: found == [])
    live.patch({"settings": {"realtime": True}})
    subscribed(live)


def test_notices_for_a_paused_integration_wait_until_it_is_resumed(live: Site) -> None:
    live.patch({"status": "paused"})
    row = live.put("vendors", {"number": "V-PAUSED", "displayName": "Waits"})
    until(live.control.notices, lambda sent: [each for each in sent if each["status"] == 202])
    assert len(subscriptions(live)) == 2
    assert live.record("suppliers", row["id"]).status == 404
    live.patch({"status": "active"})
    arrives(live, "suppliers", row["id"], "Waits")


def test_a_deleted_integration_leaves_no_subscription(live: Site) -> None:
    url = subscriptions(live)[0]["notificationUrl"]
    assert live.call("DELETE", "").status == 204
    assert subscriptions(live) == []
    assert post(f"{url}?validationToken=abc", {}).status_code == 404


def test_an_integration_is_deleted_also_when_its_subscriptions_cannot_be(live: Site) -> None:
    live.control.fault(match="subscriptions", status=503)
    assert live.call("DELETE", "").status == 204
    problem(live.call("GET", ""), 404)


def test_trouble_with_subscriptions_shows_in_the_health_and_stops_nothing(connector: Connector, alice: Caller) -> None:
    connector.control.fault(match="subscriptions", status=403, code="Authorization_RequestDenied")
    site = connector.connect(alice)
    site.sync()
    health = until(lambda: site.get()["health"], lambda health: health["state"] == "degraded")
    assert "told at once" in health["detail"]
    assert site.get()["status"] == "active"
    connector.control.clear_faults()
    until(lambda: site.get()["health"]["state"], lambda state: state == "ok", seconds=60)
    site.call("DELETE", "")
