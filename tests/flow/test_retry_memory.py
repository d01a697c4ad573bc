"""Failed records over HTTP: remembered, tried again by every run, and healed by exactly what mends them."""

from typing import Any

import pytest

from tests.flow.kit import Caller, Connector, Site, problem

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

ZIP = {"source": "postalCode", "target": "custom.zip"}


def failures(site: Site, query: str = "") -> dict[str, Any]:
    """Return the open failures by external id."""
    return {each["externalId"]: each for each in site.hub.everything(site.path(f"/failures?limit=3{query}"))}


def mapped(site: Site, rule: dict[str, Any]) -> None:
    """Let one more rule fill a field of suppliers, in place of one that fills the same."""
    answer = site.call("GET", "/mappings/suppliers")
    fields = [each for each in answer.data["fields"] if each["target"] != rule["target"]]
    put = site.call("PUT", "/mappings/suppliers", {**answer.data, "fields": [*fields, rule]}, If_Match=answer.etag)
    assert put.status == 200, put.body


@pytest.fixture
def hostile(synced: Site) -> tuple[Site, dict[str, str]]:
    """Return a site with three failed suppliers by cause: no name, a city too long, a postal code that is no number."""
    nameless, endless, lettered, *others = synced.rows("vendors")
    for row in (*others, nameless, endless):
        synced.change("vendors", {"postalCode": "12345"}, id=row["id"])
    synced.change("vendors", {"displayName": ""}, id=nameless["id"])
    synced.change("vendors", {"city": "x" * 300}, id=endless["id"])
    synced.change("vendors", {"postalCode": "ABC"}, id=lettered["id"])
    mapped(synced, {**ZIP, "transform": "decimal"})
    synced.sync(mode="delta")
    found = {"data": nameless["id"], "length": endless["id"], "mapping": lettered["id"]}
    assert {each: found["code"] for each, found in failures(synced).items()} == {
        nameless["id"]: "REQUIRED_FIELD_MISSING",
        endless["id"]: "VALUE_TOO_LONG",
        lettered["id"]: "INVALID_VALUE",
    }
    return synced, found


def test_a_mapping_that_is_mended_heals_exactly_its_failures(hostile: tuple[Site, dict[str, str]]) -> None:
    site, causes = hostile
    mapped(site, ZIP)
    totals = site.sync(mode="delta")
    left = failures(site)
    assert (totals["suppliers"]["errors"], set(left)) == (2, {causes["data"], causes["length"]})
    assert [each["attempts"] for each in left.values()] == [2, 2]
    healed = site.record("suppliers", causes["mapping"]).data
    assert (healed["syncStatus"], healed["syncError"], healed["custom"]["zip"]) == ("synced", None, "ABC")


def test_every_delta_tries_again_and_counts_itself_once(hostile: tuple[Site, dict[str, str]]) -> None:
    site, causes = hostile
    runs = [site.sync(mode="delta")["runId"] for _ in range(3)]
    assert {each["attempts"] for each in failures(site).values()} == {4}
    shown = site.record("suppliers", causes["data"]).data["syncError"]
    assert (shown["attempts"], shown["class"], shown["nextTry"], shown["nextTryAt"]) == (
        4,
        "data",
        "sync_by_hand",
        None,
    )
    assert {each["attempts"] for each in site.get(f"/runs/{runs[0]}/errors")} == {2}


def test_open_failures_are_filtered_and_a_wrong_filter_is_refused(hostile: tuple[Site, dict[str, str]]) -> None:
    site, causes = hostile
    assert set(failures(site, "&code=VALUE_TOO_LONG")) == {causes["length"]}
    assert len(failures(site, "&entityType=SUPPLIER&class=data")) == 3
    assert failures(site, "&entityType=PRODUCT") == {}
    problem(site.call("GET", "/failures?class=whim"), 422, "INVALID")


def test_a_scheduled_integration_says_when_a_failed_record_is_tried_again(hostile: tuple[Site, dict[str, str]]) -> None:
    site, _ = hostile
    site.patch({"schedule": "0 0 3 1 1 *"})
    planned = site.get()["nextRunAt"]
    assert planned is not None
    assert {(each["nextTry"], each["nextTryAt"]) for each in failures(site).values()} == {("next_sync", planned)}


def test_a_record_whose_source_changed_is_mended_by_the_next_delta(hostile: tuple[Site, dict[str, str]]) -> None:
    site, causes = hostile
    site.change("vendors", {"displayName": "Named"}, id=causes["data"])
    assert site.sync(mode="delta")["suppliers"]["updated"] == 1
    assert causes["data"] not in failures(site)


def test_a_failed_record_that_is_gone_from_the_source_is_forgotten(hostile: tuple[Site, dict[str, str]]) -> None:
    site, causes = hostile
    site.delete("vendors", causes["length"])
    site.sync(mode="delta")
    assert causes["length"] not in failures(site)


def test_many_failed_records_cost_few_requests(connector: Connector, alice: Caller) -> None:
    large = connector.connect(alice, "generated", settings={"pageSize": 100, "overlapSeconds": 0})
    for row in large.rows("vendors")[:120]:
        large.change("vendors", {"displayName": ""}, id=row["id"])
    large.sync(entities=["suppliers"])
    large.control.reset_journal()
    assert large.sync(entities=["suppliers"], mode="delta")["suppliers"]["errors"] == 120
    assert len(large.control.journal(part="bc")) < 12


def swapped(site: Site, company: str) -> None:
    """Lead the connection to another company."""
    site.patch({"connection": {"companyId": site.control.company_id(company)}})


def test_another_company_makes_nothing_of_the_former_one_gone(synced: Site) -> None:
    former = {each["externalId"] for each in synced.records("suppliers")}
    swapped(synced, "cronus")
    run = synced.run(synced.sync()["runId"])
    records = {each["externalId"]: each for each in synced.records("suppliers")}
    assert (run["status"], run["entities"]["suppliers"]["created"]) == ("succeeded", 66)
    assert (len(records), former <= set(records)) == (73, True)
    assert all(each["presentInSource"] for each in records.values())
    certificate = synced.get(f"/runs/{run['id']}/certificate")
    assert (certificate["companyId"], certificate["entities"]["suppliers"]["stored"]) == (
        synced.control.company_id("cronus"),
        66,
    )


def test_the_first_delta_in_another_company_reads_it_in_full(synced: Site) -> None:
    swapped(synced, "cronus")
    assert synced.sync(mode="delta")["suppliers"]["created"] == 66


def test_what_failed_in_one_company_waits_until_that_is_connected_again(synced: Site) -> None:
    bad = synced.rows("vendors")[0]
    synced.change("vendors", {"displayName": ""}, id=bad["id"])
    synced.sync(mode="delta")
    swapped(synced, "cronus")
    for _ in range(2):
        synced.sync(mode="delta")
    assert failures(synced)[bad["id"]]["nextTry"] == "when_reconnected"
    swapped(synced, "contoso")
    synced.sync(mode="delta")
    assert (failures(synced)[bad["id"]]["attempts"], failures(synced)[bad["id"]]["nextTry"]) == (2, "sync_by_hand")


def test_a_company_that_answers_with_wholly_other_records_is_doubted(synced: Site) -> None:
    former = synced.rows("vendors")
    for row in former:
        synced.delete("vendors", row["id"])
        synced.put("vendors", {**row, "id": row["id"][::-1].replace("-", "")[:8] + row["id"][8:]})
    run = synced.run(synced.sync(entities=["suppliers"])["runId"])
    assert (run["status"], run["error"]["code"]) == ("partial", "APPROVAL_REQUIRED")
    assert all(synced.record("suppliers", row["id"]).data["presentInSource"] for row in former)
    assert len(synced.records("suppliers")) == len(former)


def test_blanked_names_are_failures_and_no_success(synced: Site) -> None:
    blanked = [row["id"] for row in synced.rows("vendors")[:3]]
    for each in blanked:
        synced.change("vendors", {"displayName": ""}, id=each)
    run = synced.run(synced.sync(entities=["suppliers"])["runId"])
    assert (run["status"], set(failures(synced))) == ("partial", set(blanked))
    assert {synced.record("suppliers", each).data["syncStatus"] for each in blanked} == {"error"}
