"""Sync Config: mappings read, changed, tried, compared and brought back, and what the next sync makes of them."""

from typing import Any

import pytest

from scripts.client import Answer
from tests.flow.kit import Caller, Site, pointers, problem

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

NAME = {"source": "displayName", "target": "name", "transform": "trim", "required": True}
LOUD = {**NAME, "transform": ["trim", "upper"]}
CITY = {"source": "city", "target": "city", "transform": "trim"}
EUDR = {
    "source": {"route": "contoso/eudr/v1.0", "entitySet": "itemsEudr"},
    "fields": [
        {"source": "number", "target": "name"},
        {"source": "tariffNumber", "target": "hsCode", "transform": "hsCode"},
        {"source": "countryOfOrigin", "target": "countryOfOrigin", "transform": "countryIso"},
        {"source": "netWeight", "target": "custom.netWeight"},
    ],
}


def put(site: Site, body: Any, entity: str = "suppliers") -> Answer:
    """Replace a mapping as it is now."""
    etag = site.call("GET", f"/mappings/{entity}").etag
    return site.call("PUT", f"/mappings/{entity}", body, If_Match=etag)


def with_field(site: Site, changed: dict[str, Any], entity: str = "suppliers") -> dict[str, Any]:
    """Return the mapping as it is, with another rule for one target."""
    known = site.get(f"/mappings/{entity}")
    return {**known, "fields": [changed if each["target"] == changed["target"] else each for each in known["fields"]]}


def filtered(site: Site, text: str) -> dict[str, Any]:
    """Return the suppliers' mapping as it is, with this filter."""
    known = site.get("/mappings/suppliers")
    return {**known, "source": {**known["source"], "filter": text}}


def test_a_mapping_begins_as_the_preset_and_every_change_is_a_version(site: Site) -> None:
    preset = site.get("/mappings/suppliers")
    assert (preset["source"], preset["version"]) == ({"route": "v2.0", "entitySet": "vendors"}, 1)
    changed = put(site, with_field(site, LOUD))
    assert (changed.status, changed.data["version"]) == (200, 2)
    assert put(site, changed.data).data["version"] == 2
    assert site.get("/mappings/suppliers") == changed.data


def test_a_mapping_is_changed_only_by_who_has_seen_it(site: Site) -> None:
    body = with_field(site, LOUD)
    problem(site.call("PUT", "/mappings/suppliers", body), 428, "IF_MATCH_MISSING")
    problem(site.call("PUT", "/mappings/suppliers", body, If_Match='"old"'), 412, "PRECONDITION_FAILED")


def test_a_refused_mapping_names_every_place_at_once(site: Site) -> None:
    answer = put(site, {"source": {"route": "v2.0"}, "fields": [{**NAME, "transform": "louder"}, {"target": "city"}]})
    assert pointers(answer) == {"/source/entitySet", "/fields/0/transform", "/fields/1/source"}


def test_versions_are_listed_compared_and_brought_back(site: Site) -> None:
    preset = site.get("/mappings/suppliers")
    put(site, with_field(site, LOUD))
    etag = put(site, filtered(site, "city ne ''")).etag
    versions = site.hub.everything(site.path("/mappings/suppliers/versions?limit=2"))
    assert [each["version"] for each in versions] == [3, 2, 1]
    assert [each["target"] for each in site.get("/mappings/suppliers/versions/3/diff?against=1")["changed"]] == ["name"]
    restored = site.call("POST", "/mappings/suppliers/versions/1/restore", If_Match=etag).data
    assert (restored["version"], restored["restoredFrom"], restored["fields"]) == (4, 1, preset["fields"])
    assert site.get("/mappings/suppliers/versions/1")["fields"] == preset["fields"]


def test_a_changed_mapping_reaches_exactly_the_records_that_it_changes(synced: Site) -> None:
    rows = synced.rows("vendors")
    quiet = {row["id"] for row in rows if row["displayName"] != row["displayName"].upper()}
    synced.change("vendors", {"displayName": "ALL CAPITALS"}, id=min(quiet))
    synced.sync(mode="delta")
    put(synced, with_field(synced, LOUD))
    totals = synced.sync(mode="delta")
    assert (totals["suppliers"]["read"], totals["suppliers"]["updated"]) == (len(rows), len(quiet) - 1)
    assert totals["products"]["updated"] == 0
    assert {each["name"] for each in synced.records("suppliers")} == {
        row["displayName"].strip().upper() for row in synced.rows("vendors")
    }


def test_after_a_changed_mapping_was_read_in_full_deltas_read_changes_again(synced: Site) -> None:
    put(synced, with_field(synced, LOUD))
    first = synced.run(synced.sync(mode="delta")["runId"])
    second = synced.run(synced.sync(mode="delta")["runId"])
    assert (first["mappingVersions"], first["entities"]["suppliers"]["read"]) == ({"suppliers": 2, "products": 1}, 7)
    assert second["entities"]["suppliers"]["completeness"] is None
    assert second["watermark"]["from"] is not None


def test_a_filter_reads_its_records_and_leaves_the_others_as_they_are(synced: Site) -> None:
    rows = synced.rows("vendors")
    city = next(row["city"] for row in rows if row["city"])
    inside = [row["id"] for row in rows if row["city"] == city]
    put(synced, filtered(synced, f"city eq '{city}' or city eq 'Nowhere'"))
    for row in rows:
        synced.change("vendors", {"displayName": f"Renamed {row['number']}"}, id=row["id"])
    assert synced.sync()["suppliers"]["read"] == len(inside)
    assert synced.sync(mode="delta")["suppliers"]["read"] == len(inside)
    renamed = {each["externalId"] for each in synced.records("suppliers") if each["name"].startswith("Renamed")}
    assert (renamed, len(synced.records("suppliers"))) == (set(inside), len(rows))
    assert all(each["presentInSource"] for each in synced.records("suppliers"))


@pytest.mark.parametrize("text", ["colour eq 'red'", "city eq 7", "city eq 'a' or state eq 'b'"])
def test_a_filter_that_bc_refuses_is_told_by_the_run_and_the_preview(site: Site, text: str) -> None:
    put(site, filtered(site, text))
    failed = problem(site.try_sync({"entities": ["suppliers"]}), 502, "SOURCE_REFUSED")
    tried = problem(site.call("POST", "/mappings/suppliers/preview"), 502, "SOURCE_REFUSED")
    assert "Check mapping and filter" in failed["detail"]
    assert "Check mapping and filter" in tried["detail"]


def test_products_come_from_a_custom_page(site: Site) -> None:
    put(site, EUDR, "products")
    assert site.sync()["products"]["created"] == 64
    truth = {row["id"]: row for row in site.rows("items")}
    records = {each["externalId"]: each for each in site.records("products")}
    assert {key: each["name"] for key, each in records.items()} == {key: row["number"] for key, row in truth.items()}
    site.change("items", {"tariffNumber": "4407 29 15"}, id=min(truth))
    assert site.sync(mode="delta")["products"]["updated"] == 1
    assert site.record("products", min(truth)).data["hsCode"] == "44072915"


def test_a_preview_shows_the_change_and_writes_nothing(synced: Site) -> None:
    before = [synced.record("suppliers", row["id"]).etag for row in synced.rows("vendors")]
    found = synced.call("POST", "/mappings/suppliers/preview", {"sample": 5, "mapping": with_field(synced, LOUD)})
    records = found.data["records"]
    assert len(records) == 5
    assert all(each["after"]["name"] == each["before"]["name"].upper() for each in records)
    assert all(each["changed"] == ["name"] for each in records if each["after"]["name"] != each["before"]["name"])
    assert [synced.record("suppliers", row["id"]).etag for row in synced.rows("vendors")] == before
    assert (synced.get("/mappings/suppliers")["version"], len(synced.get("/runs"))) == (1, 1)


def test_a_preview_before_the_first_sync_has_nothing_before(workshop: Site) -> None:
    records = workshop.call("POST", "/mappings/products/preview").data["records"]
    assert (len(records), {each["before"] for each in records}) == (10, {None})


def test_a_preview_takes_a_mapping_apart_before_asking(workshop: Site) -> None:
    answer = workshop.call("POST", "/mappings/suppliers/preview", {"sample": 0, "mapping": {}})
    assert pointers(answer) == {"/sample"}
    answer = workshop.call("POST", "/mappings/suppliers/preview", {"mapping": {"fields": []}})
    assert pointers(answer) == {"/mapping/source", "/mapping/fields"}


def test_a_schema_shows_types_lengths_captions_and_samples(workshop: Site) -> None:
    found = workshop.get("/dynamics/schema?entitySet=vendors&route=v2.0")
    fields = {each["name"]: each for each in found["fields"]}
    assert (fields["number"]["type"], fields["number"]["length"], fields["number"]["caption"]) == (
        "Edm.String",
        20,
        "No.",
    )
    assert fields["number"]["sample"] in {row["number"] for row in workshop.rows("vendors")}
    assert fields["blocked"]["members"] == ["_x0020_", "Payment", "All"]
    assert workshop.get("/dynamics/schema?entitySet=items")["expands"] == ["unitOfMeasure", "itemCategory"]


def test_a_custom_page_has_a_schema_too(workshop: Site) -> None:
    found = workshop.get("/dynamics/schema?entitySet=itemsEudr&route=contoso/eudr/v1.0")
    assert {"tariffNumber", "countryOfOrigin", "vendorNumber"} <= {each["name"] for each in found["fields"]}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("entitySet=nosuch", 502, "ENTITY_SET_NOT_FOUND"),
        ("entitySet=items&route=no/such/v1.0", 502, "ENTITY_SET_NOT_FOUND"),
        ("route=v2.0", 422, "INVALID"),
        ("entitySet=items&route=..", 422, "INVALID"),
    ],
)
def test_a_schema_that_is_not_there_is_told(workshop: Site, query: str, status: int, code: str) -> None:
    problem(workshop.call("GET", f"/dynamics/schema?{query}"), status, code)


@pytest.mark.parametrize(
    ("method", "rest"),
    [
        ("GET", "/mappings/suppliers"),
        ("PUT", "/mappings/products"),
        ("POST", "/mappings/suppliers/preview"),
        ("GET", "/mappings/suppliers/vocabulary"),
        ("GET", "/mappings/suppliers/versions"),
        ("GET", "/mappings/suppliers/versions/1"),
        ("GET", "/mappings/suppliers/versions/1/diff"),
        ("POST", "/mappings/suppliers/versions/1/restore"),
        ("GET", "/dynamics/schema?entitySet=vendors"),
    ],
)
def test_mappings_of_someone_else_are_not_there(workshop: Site, bob: Caller, method: str, rest: str) -> None:
    problem(bob.call(method, workshop.path(rest), If_Match="*"), 404, "NOT_FOUND")
