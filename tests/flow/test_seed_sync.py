"""The sync as its documentation tells it: totals, record form, composite key, statuses and log."""

from typing import Any

import pytest

from tests.flow.kit import Caller, Connector, Site, ago, counts, moment

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

ENTRY = {"id", "integrationId", "entityType", "action", "status", "recordsAffected", "metadata", "createdAt"}
FIELDS = {
    "suppliers": {
        "name", "number", "address", "city", "state", "country", "postalCode", "email", "phone", "website", "taxId",
        "blocked",
    },
    "products": {"name", "number", "hsCode", "type", "category", "unit", "gtin", "countryOfOrigin", "blocked"},
}  # fmt: skip
KEPT = {
    "externalId", "externalSystem", "userId", "integrationId", "syncStatus", "lastSyncedAt", "sourceModifiedAt",
    "presentInSource", "custom",
}  # fmt: skip


def entries(site: Site, query: str = "") -> list[Any]:
    found: list[Any] = site.get(f"/sync-logs?action=UPSERT{query}")
    return found


def test_a_full_sync_answers_with_totals_and_a_second_one_writes_nothing(site: Site) -> None:
    answer = site.try_sync({})
    assert (answer.status, answer.body["success"]) == (200, True)
    assert counts(answer.data, "suppliers") == {"created": 7, "updated": 0, "errors": 0}
    assert counts(answer.data, "products") == {"created": 64, "updated": 0, "errors": 0}
    before = site.records("suppliers") + site.records("products")
    totals = site.sync()
    assert [totals[entity]["unchanged"] for entity in ("suppliers", "products")] == [7, 64]
    assert site.records("suppliers") + site.records("products") == before


def test_a_sync_without_a_body_is_a_full_one(site: Site) -> None:
    answer = site.call("POST", "/dynamics/sync")
    assert counts(answer.data, "suppliers")["created"] == 7
    assert site.run(answer.data["runId"])["kind"] == "full"


def test_modified_since_takes_only_what_changed_since_then_in_any_zone(site: Site) -> None:
    for row in site.rows("vendors"):
        site.change("vendors", {}, id=row["id"], modified="2026-01-15T10:00:00Z")
    site.change("vendors", {"city": "Lund"}, number="20000", modified="2026-01-15T12:00:00Z")
    totals = site.sync(modifiedSince="2026-01-15T12:30:00+01:00", entities=["suppliers"])
    assert [each["number"] for each in site.records("suppliers")] == ["20000"]
    assert site.run(totals["runId"])["kind"] == "delta"


def test_mode_delta_takes_everything_at_first_and_then_the_changes(site: Site) -> None:
    assert site.sync(mode="delta")["products"]["created"] == 64
    site.change("items", {"displayName": "Better beans"}, id=site.rows("items")[0]["id"])
    totals = site.sync(mode="delta")
    assert counts(totals, "products") == {"created": 0, "updated": 1, "errors": 0}
    assert totals["suppliers"]["read"] == 0
    assert site.run(totals["runId"])["kind"] == "delta"


def test_entities_limits_the_sync_and_the_answer_of_a_mode_full(site: Site) -> None:
    totals = site.sync(entities=["suppliers"], mode="full")
    assert totals["suppliers"]["created"] == 7
    assert site.records("products") == []
    assert [each["entityType"] for each in entries(site)] == ["SUPPLIER"]


def test_two_users_sync_the_same_bc_record_without_conflicts(connector: Connector, alice: Caller, bob: Caller) -> None:
    one, other = connector.connect(alice), connector.connect(bob)
    totals = [each.sync(entities=["suppliers"])["suppliers"] for each in (one, other)]
    assert [(each["created"], each["conflicts"]) for each in totals] == [(7, 0), (7, 0)]
    row = one.rows("vendors")[0]
    one.edit("suppliers", row["id"], {"name": "Alice's name"})
    assert other.record("suppliers", row["id"]).data["name"] == row["displayName"]


def test_a_record_is_known_by_its_bc_id_the_system_and_the_user(library: Site) -> None:
    found = library.records("suppliers")
    assert {each["externalId"] for each in found} == {row["id"] for row in library.rows("vendors")}
    assert {(each["externalSystem"], each["integrationId"]) for each in found} == {("dynamics_bc", library.id)}
    assert all(each["userId"].startswith("11111111-1111-4111-8111-111111111111:alice-") for each in found)


@pytest.mark.parametrize("entity", ["suppliers", "products"])
def test_a_record_has_the_platforms_fields_and_what_the_sync_adds(library: Site, entity: str) -> None:
    record = library.records(entity)[0]
    assert set(record) >= FIELDS[entity] | KEPT
    assert set(record) - FIELDS[entity] - KEPT <= {"syncError", "pinned"}


def test_a_vendors_values_become_a_suppliers(library: Site) -> None:
    row = next(row for row in library.rows("vendors") if row["number"] == "50000")
    record = library.record("suppliers", row["id"]).data
    taken = {
        "name": "displayName", "number": "number", "address": "addressLine1", "city": "city", "country": "country",
        "postalCode": "postalCode", "taxId": "taxRegistrationNumber",
    }  # fmt: skip
    assert {name: record[name] for name in taken} == {name: row[source] for name, source in taken.items()}
    assert [record[name] for name in ("state", "blocked")] == [None, None]


def test_blank_text_is_null_and_enums_are_unescaped(library: Site) -> None:
    products, suppliers = library.records("products"), library.records("suppliers")
    assert "" not in {value for each in products + suppliers for value in each.values() if isinstance(value, str)}
    assert {each["blocked"] for each in suppliers} <= {None, "Payment", "All"}
    assert {each["type"] for each in products} <= {"Inventory", "Service", "Non-Inventory"}
    assert {each["hsCode"] for each in products} == {None}


def test_a_synced_record_says_so_and_when(library: Site) -> None:
    record, run = library.records("suppliers")[0], library.get("/runs")[0]
    assert (record["syncStatus"], record["presentInSource"], record["custom"]) == ("synced", True, {})
    assert moment(run["startedAt"]) <= moment(record["lastSyncedAt"]) <= moment(run["endedAt"])
    assert moment(record["sourceModifiedAt"])


def test_last_synced_at_of_the_integration_is_the_start_of_the_last_good_run(library: Site) -> None:
    assert library.get()["lastSyncedAt"] == library.get("/runs")[0]["startedAt"]


def test_last_synced_at_is_null_before_the_first_sync(site: Site) -> None:
    assert (site.get()["lastSyncedAt"], site.get()["lastRun"]) == (None, None)


def test_the_integration_shows_its_last_run(library: Site) -> None:
    assert library.get()["lastRun"]["id"] == library.get("/runs")[0]["id"]
    assert library.get()["lastRun"]["status"] == "succeeded"


def test_a_log_entry_has_the_documented_form(library: Site) -> None:
    entry = entries(library, "&entityType=SUPPLIER")[0]
    expected = {"integrationId": library.id, "entityType": "SUPPLIER", "action": "UPSERT", "status": "SUCCESS"}
    assert set(entry) == ENTRY
    assert entry | expected | {"recordsAffected": 66} == entry
    assert entry["metadata"] | {"created": 66, "updated": 0, "errors": []} == entry["metadata"]
    assert entry["metadata"]["runId"] == library.get("/runs")[0]["id"]
    assert moment(entry["createdAt"])


def test_the_log_can_be_narrowed(library: Site) -> None:
    run_id = library.get("/runs")[0]["id"]
    assert {each["entityType"] for each in entries(library, "&entityType=PRODUCT")} == {"PRODUCT"}
    assert {each["metadata"]["runId"] for each in entries(library, f"&runId={run_id}")} == {run_id}
    assert entries(library, "&status=ERROR") == entries(library, f"&to={ago(days=1)}") == []
    assert len(entries(library, f"&from={ago(hours=1)}&status=SUCCESS")) == 2
    assert entries(library, "&runId=run_nothing") == []
