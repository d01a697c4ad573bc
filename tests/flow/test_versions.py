"""ETags and If-Match, and Idempotency-Key: nothing is overwritten unseen, nothing is made twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests.flow.kit import Caller, Connector, Site, problem, until

pytestmark = [pytest.mark.flow, pytest.mark.azurite]


def supplier(site: Site) -> str:
    return site.hub.record(site.id, "suppliers", site.get("/suppliers?limit=1")[0]["externalId"])


def test_an_integration_has_an_etag_everywhere_it_is_shown(connector: Connector, alice: Caller) -> None:
    made = alice.call("POST", "/api/integrations", connector.order())
    shown = alice.call("GET", made.headers["Location"])
    assert made.status == 201
    assert made.headers["Location"] == f"/api/integrations/{made.data['id']}"
    assert made.etag == shown.etag
    assert made.etag.startswith('"')


def test_changing_an_integration_needs_if_match(site: Site) -> None:
    problem(site.call("PATCH", "", {"name": "x"}), 428)
    assert site.get()["name"] == "A flow test"


def test_a_stale_if_match_on_an_integration_is_412(site: Site) -> None:
    tag = site.call("GET", "").etag
    changed = site.call("PATCH", "", {"name": "First"}, If_Match=tag)
    assert (changed.status, changed.data["name"]) == (200, "First")
    assert changed.etag != tag
    problem(site.call("PATCH", "", {"name": "Second"}, If_Match=tag), 412)
    assert site.get()["name"] == "First"


def test_a_change_of_the_connection_leaves_the_rest_of_it(site: Site) -> None:
    before = site.get()
    after = site.patch({"connection": {"environment": "Sandbox-1"}}).data
    assert after["connection"] == {**before["connection"], "environment": "Sandbox-1"}
    assert after["name"] == before["name"]


def test_a_member_of_null_is_removed(connector: Connector, alice: Caller) -> None:
    site = connector.connect(alice, schedule="0 0 4 * * *", settings={"pageSize": 500, "own": {"a": 1}})
    after = site.patch({"schedule": None, "settings": {"own": None}}).data
    assert (after["schedule"], after["nextRunAt"], after["settings"]) == (None, None, {"pageSize": 500})


def test_the_syncs_own_notes_do_not_make_an_etag_stale(synced: Site) -> None:
    tag = synced.call("GET", "").etag
    synced.sync(mode="delta")
    assert synced.call("PATCH", "", {"name": "x"}, If_Match=tag).status == 200


@pytest.mark.parametrize("member", ["id", "createdAt", "lastSyncedAt", "health", "nextRunAt"])
def test_what_the_hub_decides_cannot_be_changed(site: Site, member: str) -> None:
    body = problem(site.patch({member: "x"}), 422)
    assert [each["pointer"] for each in body["errors"]] == [f"/{member}"]


def test_changing_a_record_needs_if_match(library: Site) -> None:
    problem(library.hub.call("PATCH", supplier(library), {"city": "Lund"}), 428)


def test_a_stale_if_match_on_a_record_is_412(workshop: Site) -> None:
    made = workshop.call("POST", "/suppliers", {"name": "Etagged"})
    path = workshop.path(f"/suppliers/{made.data['recordId']}")
    changed = workshop.hub.call("PATCH", path, {"city": "Lund"}, If_Match=made.etag)
    assert (changed.status, changed.data["city"]) == (200, "Lund")
    assert changed.etag == workshop.hub.call("GET", path).etag != made.etag
    problem(workshop.hub.call("PATCH", path, {"city": "Ystad"}, If_Match=made.etag), 412)


def test_deleting_an_integration_needs_no_if_match(site: Site) -> None:
    assert site.call("DELETE", "").status in {200, 204}
    problem(site.call("GET", ""), 404)
    problem(site.try_sync({}), 404)


def test_the_same_integration_order_twice_makes_one(connector: Connector, alice: Caller) -> None:
    key, order = str(uuid4()), connector.order()
    first, second = (alice.call("POST", "/api/integrations", order, Idempotency_Key=key) for _ in range(2))
    assert (first.status, first.body) == (second.status, second.body)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(alice.get("/api/integrations")) == 1


def test_the_same_key_with_another_body_is_422(connector: Connector, alice: Caller) -> None:
    key, order = str(uuid4()), connector.order()
    alice.call("POST", "/api/integrations", order, Idempotency_Key=key)
    problem(alice.call("POST", "/api/integrations", {**order, "name": "Another"}, Idempotency_Key=key), 422)


def test_the_same_key_with_another_secret_is_422(connector: Connector, alice: Caller) -> None:
    key = str(uuid4())
    alice.call("POST", "/api/integrations", connector.order(), Idempotency_Key=key)
    problem(alice.call("POST", "/api/integrations", connector.order(clientSecret="x"), Idempotency_Key=key), 422)


def test_the_same_key_of_another_user_is_another_key(connector: Connector, alice: Caller, bob: Caller) -> None:
    key = str(uuid4())
    ids = {each.post("/api/integrations", connector.order(), Idempotency_Key=key)["id"] for each in (alice, bob)}
    assert len(ids) == 2


def test_a_refused_order_may_be_corrected_under_the_same_key(connector: Connector, alice: Caller) -> None:
    key, order = str(uuid4()), connector.order()
    problem(alice.call("POST", "/api/integrations", {**order, "name": ""}, Idempotency_Key=key), 422)
    assert alice.call("POST", "/api/integrations", order, Idempotency_Key=key).status == 201


@pytest.mark.parametrize("entity", ["suppliers", "products"])
def test_the_same_record_order_twice_makes_one(workshop: Site, entity: str) -> None:
    key, name = str(uuid4()), f"Once {uuid4()}"
    answers = [workshop.call("POST", f"/{entity}", {"name": name}, Idempotency_Key=key) for _ in range(2)]
    assert [each.status for each in answers] == [201, 201]
    assert answers[0].body == answers[1].body
    assert len(workshop.records(entity, f"&q={name}")) == 1
    problem(workshop.call("POST", f"/{entity}", {"name": "Other"}, Idempotency_Key=key), 422)


def test_the_same_sync_order_twice_is_one_run(site: Site) -> None:
    key, order = str(uuid4()), {"entities": ["suppliers"]}
    answers: list[Any] = [site.try_sync(order, Idempotency_Key=key) for _ in range(2)]
    assert [each.status for each in answers] == [200, 200]
    assert answers[0].body == answers[1].body
    assert len(site.get("/runs")) == 1
    problem(site.try_sync({}, Idempotency_Key=key), 422)


def test_a_key_whose_first_request_is_still_running_is_409(site: Site) -> None:
    key = str(uuid4())
    site.control.set_switch(latency_ms=1_500)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(site.try_sync, {}, Idempotency_Key=key)
        until(lambda: site.get("/runs"), bool)
        second = site.try_sync({}, Idempotency_Key=key)
        site.control.set_switch(latency_ms=0)
    assert problem(second, 409, "IDEMPOTENCY_IN_PROGRESS")["retryable"] is True
    assert first.result().status == 200
