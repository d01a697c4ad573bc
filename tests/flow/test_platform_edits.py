"""Records that people edit or make on the platform: what stays, what Business Central wins, what is whose."""

from typing import Any

import pytest

from tests.flow.kit import Caller, Connector, Site, counts, pointers, problem

pytestmark = [pytest.mark.flow, pytest.mark.azurite]


def test_an_edit_stays_until_bc_changes_that_record(synced: Site) -> None:
    row = synced.rows("vendors")[0]
    synced.edit("suppliers", row["id"], {"name": "Ours", "city": "Lund"})
    synced.sync()
    kept = synced.record("suppliers", row["id"]).data
    assert (kept["name"], kept["city"], kept["syncStatus"]) == ("Ours", "Lund", "synced")
    synced.change("vendors", {"postalCode": "22222"}, id=row["id"])
    synced.sync(mode="delta")
    won = synced.record("suppliers", row["id"]).data
    assert (won["name"], won["city"], won["postalCode"]) == (row["displayName"], row["city"] or None, "22222")


def test_a_touched_record_that_is_the_same_in_bc_keeps_the_edit(synced: Site) -> None:
    row = synced.rows("vendors")[0]
    synced.edit("suppliers", row["id"], {"name": "Ours"})
    synced.change("vendors", {"balance": 17}, id=row["id"])
    synced.sync(mode="delta")
    assert synced.record("suppliers", row["id"]).data["name"] == "Ours"


def test_custom_fields_merge_and_survive_syncs(synced: Site) -> None:
    row = synced.rows("vendors")[0]
    synced.edit("suppliers", row["id"], {"custom": {"risk": "low", "score": 7, "checked": True}})
    synced.edit("suppliers", row["id"], {"custom": {"risk": "high", "checked": None}})
    synced.change("vendors", {"displayName": "Changed in BC"}, id=row["id"])
    synced.sync()
    record = synced.record("suppliers", row["id"]).data
    assert (record["name"], record["custom"]) == ("Changed in BC", {"risk": "high", "score": 7})


def test_an_edit_answers_with_the_record_and_its_new_etag(workshop: Site) -> None:
    made = workshop.call("POST", "/products", {"name": "Plank"})
    path = made.headers["Location"]
    answer = workshop.hub.call("PATCH", path, {"name": " Board ", "hsCode": "440729"}, If_Match=made.etag)
    assert (answer.status, answer.data["name"], answer.data["hsCode"]) == (200, "Board", "440729")
    assert answer.etag == workshop.hub.call("GET", path).etag


def test_a_field_of_null_is_emptied_but_the_name_cannot_be(workshop: Site) -> None:
    made = workshop.call("POST", "/suppliers", {"name": "Emptied", "city": "Lund"})
    identity = made.data["recordId"]
    assert workshop.edit("suppliers", identity, {"city": None}).data["city"] is None
    assert pointers(workshop.edit("suppliers", identity, {"name": None})) == {"/name"}


@pytest.mark.parametrize("member", ["externalId", "externalSystem", "userId", "syncStatus", "lastSyncedAt", "colour"])
def test_what_the_sync_owns_cannot_be_edited(workshop: Site, member: str) -> None:
    identity = workshop.call("POST", "/suppliers", {"name": "Owned"}).data["recordId"]
    assert pointers(workshop.edit("suppliers", identity, {member: "x"})) == {f"/{member}"}


@pytest.mark.parametrize("entity", ["suppliers", "products"])
def test_a_record_made_on_the_platform_has_no_external_system(workshop: Site, entity: str) -> None:
    answer = workshop.call("POST", f"/{entity}", {"name": "Made here", "custom": {"a": 1}})
    made: dict[str, Any] = answer.data
    assert answer.status == 201
    assert made["recordId"].startswith("plt_")
    assert (made["externalSystem"], made["presentInSource"], made["sourceModifiedAt"]) == (None, False, None)
    assert (made["name"], made["custom"], made["integrationId"]) == ("Made here", {"a": 1}, workshop.id)
    assert made["syncStatus"] in {"pending", "synced"}
    assert answer.headers["Location"] == workshop.path(f"/{entity}/{made['recordId']}")
    assert workshop.hub.get(answer.headers["Location"]) == made


def test_a_record_made_on_the_platform_is_listed_and_found(workshop: Site) -> None:
    identity = workshop.call("POST", "/suppliers", {"name": "Findable Ångström"}).data["recordId"]
    assert [each["recordId"] for each in workshop.records("suppliers", "&q=findable")] == [identity]


def test_a_record_made_on_the_platform_survives_every_sync(site: Site) -> None:
    made = site.call("POST", "/suppliers", {"name": "Before the first sync"}).data
    site.sync()
    site.sync()
    after = site.record("suppliers", made["recordId"]).data
    assert after == made
    assert len(site.records("suppliers")) == 8


def test_records_are_kept_when_an_integration_goes_and_purged_on_demand(connector: Connector, alice: Caller) -> None:
    first = connector.connect(alice)
    first.sync(entities=["suppliers"])
    assert first.call("DELETE", "?purge=true").status == 204
    second = connector.connect(alice)
    assert counts(second.sync(entities=["suppliers"]), "suppliers") == {"created": 7, "updated": 0, "errors": 0}


def test_a_purge_leaves_what_another_integration_of_the_company_shows(connector: Connector, alice: Caller) -> None:
    first, second = (connector.connect(alice) for _ in range(2))
    first.sync(entities=["suppliers"])
    first.call("POST", "/suppliers", {"name": "Made through the first"})
    assert first.call("DELETE", "?purge=maybe").status == 422
    assert first.call("DELETE", "?purge=true").status == 204
    assert len(second.records("suppliers")) == 7
    assert second.call("DELETE", "?purge=true").status == 204
    assert connector.connect(alice).records("suppliers") == []


def test_pages_are_full_whatever_another_company_has(connector: Connector, alice: Caller) -> None:
    connector.connect(alice, "cronus").sync(entities=["suppliers"])
    small = connector.connect(alice)
    small.sync(entities=["suppliers"])
    pages, path = list[int](), small.path("/suppliers?limit=2")
    while path:
        body = alice.call("GET", path).body
        pages.append(len(body["data"]))
        path = body.get("nextLink", "").removeprefix(alice.url)
    assert pages == [2, 2, 2, 1]


def test_a_second_integration_with_the_same_company_shows_the_users_records(synced: Site, connector: Connector) -> None:
    second = connector.connect(synced.hub)
    totals = second.sync(entities=["suppliers"])["suppliers"]
    assert totals["conflicts"] == totals["errors"] == 0
    assert len(second.records("suppliers")) == 7


def test_the_same_key_from_another_environment_is_a_conflict(connector: Connector, alice: Caller) -> None:
    first = connector.connect(alice, "cronus")
    first.sync(entities=["suppliers"])
    copy = connector.control.company_id("cronus", "Sandbox-1")
    second = connector.connect(alice, "cronus", connection={"environment": "Sandbox-1", "companyId": copy})
    totals = second.sync(entities=["suppliers"])["suppliers"]
    assert (totals["conflicts"], totals["created"], totals["errors"]) == (66, 0, 0)
    assert {each["integrationId"] for each in first.records("suppliers")} == {first.id}
    problem(second.record("suppliers", first.rows("vendors")[0]["id"]), 404)
