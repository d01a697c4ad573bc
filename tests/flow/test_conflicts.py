"""Conflicts over HTTP: both sides are shown, nothing is overwritten, a person decides, and it is remembered."""

from typing import Any

import pytest

from scripts.client import Answer
from tests.flow.kit import Caller, Connector, Site, counts, pointers, problem

pytestmark = [pytest.mark.flow, pytest.mark.azurite]


def waiting(site: Site, query: str = "limit=200") -> list[Any]:
    return site.hub.everything(site.path(f"/conflicts?{query}"))


def resolve(site: Site, conflict: Any, choice: Any, **headers: str) -> Answer:
    return site.call("POST", f"/conflicts/{conflict['id']}/resolve", {"choice": choice}, **headers)


@pytest.fixture
def copy(connector: Connector, alice: Caller) -> tuple[Site, Site]:
    """Return an integration with CRONUS, and one with a copy of it in which every vendor has the same key."""
    first = connector.connect(alice, "cronus")
    first.sync(entities=["suppliers"])
    company = connector.control.company_id("cronus", "Sandbox-1")
    second = connector.connect(alice, "cronus", connection={"environment": "Sandbox-1", "companyId": company})
    assert second.sync(entities=["suppliers"])["suppliers"]["conflicts"] == 66
    return first, second


def test_the_same_key_from_another_environment_waits_with_both_sides(copy: tuple[Site, Site]) -> None:
    first, second = copy
    found = waiting(second, "limit=7")
    assert {each["externalId"] for each in found} == {row["id"] for row in first.rows("vendors")}
    assert {(each["reason"], each["status"], each["other"]["integrationId"]) for each in found} == {
        ("key", "open", first.id)
    }
    assert waiting(first) == []
    assert len(first.records("suppliers", "&syncStatus=conflict")) == 66


def test_a_key_given_to_the_source_moves_and_one_left_to_the_platform_stays(copy: tuple[Site, Site]) -> None:
    first, second = copy
    moved, left = waiting(second)[:2]
    assert [resolve(second, moved, "source").status, resolve(second, left, "platform").status] == [200, 200]
    assert second.record("suppliers", moved["externalId"]).data["syncStatus"] == "synced"
    assert first.record("suppliers", left["externalId"]).data["syncStatus"] == "synced"
    problem(first.record("suppliers", moved["externalId"]), 404)
    totals = second.sync(entities=["suppliers"])["suppliers"]
    assert (totals["unchanged"], totals["conflicts"], totals["updated"]) == (2, 64, 0)


def test_a_choice_is_made_once(copy: tuple[Site, Site]) -> None:
    second = copy[1]
    conflict = waiting(second)[0]
    first, again = resolve(second, conflict, "platform"), resolve(second, conflict, "platform")
    assert (again.status, again.data, again.etag) == (200, first.data, first.etag)
    problem(resolve(second, conflict, "source"), 409, "CONFLICT_RESOLVED")
    assert len(second.get("/sync-logs?action=RESOLVE")) == 1


def test_a_choice_must_be_one(copy: tuple[Site, Site]) -> None:
    second = copy[1]
    conflict = waiting(second)[0]
    assert pointers(resolve(second, conflict, {"nme": "source"})) == {"/choice/nme"}
    assert pointers(resolve(second, conflict, "both")) == {"/choice"}
    problem(resolve(second, conflict, "source", If_Match='"old"'), 412)
    assert second.get(f"/conflicts/{conflict['id']}") == conflict


def test_a_run_with_nothing_but_conflicts_succeeds(copy: tuple[Site, Site]) -> None:
    totals = copy[1].sync(entities=["suppliers"])
    assert (totals["status"], counts(totals, "suppliers")) == ("succeeded", {"created": 0, "updated": 0, "errors": 0})


@pytest.fixture
def pinned(synced: Site) -> tuple[Site, str]:
    """Return an integration with a record whose name the platform has changed and pinned, and Business Central, too."""
    row = synced.rows("vendors")[0]["id"]
    assert synced.edit("suppliers", row, {"name": "Ours", "pinned": ["name"]}).status == 200
    synced.change("vendors", {"displayName": "Theirs", "city": "Lund"}, id=row)
    return synced, row


def shown(site: Site, row: str) -> tuple[str, str, str]:
    record = site.record("suppliers", row).data
    return record["name"], record["city"], record["syncStatus"]


def test_a_change_of_a_pinned_field_waits_and_the_rest_of_the_run_goes_on(pinned: tuple[Site, str]) -> None:
    site, row = pinned
    city, other = shown(site, row)[1], site.rows("vendors")[1]["id"]
    site.change("vendors", {"city": "Malmo"}, id=other)
    totals = site.sync(mode="delta")["suppliers"]
    assert (totals["conflicts"], totals["updated"]) == (1, 1)
    assert shown(site, row) == ("Ours", city, "conflict")
    assert waiting(site)[0]["fields"] == [{"field": "name", "source": "Theirs", "platform": "Ours"}]
    assert site.sync(mode="delta")["suppliers"]["conflicts"] == 1


@pytest.mark.parametrize(
    ("choice", "name"), [("source", "Theirs"), ("platform", "Ours"), ({"name": "source"}, "Theirs")]
)
def test_a_pinned_field_gets_what_was_chosen_and_the_others_follow(
    pinned: tuple[Site, str], choice: Any, name: str
) -> None:
    site, row = pinned
    site.sync(mode="delta")
    assert resolve(site, waiting(site)[0], choice).data["status"] == "resolved"
    assert shown(site, row) == (name, "Lund", "synced")
    totals = site.sync()["suppliers"]
    assert (totals["unchanged"], totals["conflicts"]) == (7, 0)


def test_a_declined_value_is_not_asked_about_again(pinned: tuple[Site, str]) -> None:
    site, row = pinned
    site.sync(mode="delta")
    resolve(site, waiting(site)[0], "platform")
    site.change("vendors", {"city": "Malmo"}, id=row)
    assert site.sync(mode="delta")["suppliers"]["updated"] == 1
    assert shown(site, row) == ("Ours", "Malmo", "synced")


def test_a_removed_pin_ends_the_conflict(pinned: tuple[Site, str]) -> None:
    site, row = pinned
    site.sync(mode="delta")
    assert site.edit("suppliers", row, {"pinned": []}).data["name"] == "Theirs"
    assert (waiting(site), shown(site, row)) == ([], ("Theirs", "Lund", "synced"))


@pytest.fixture
def twin(synced: Site) -> tuple[Site, str, str]:
    """Return an integration with a platform-made record, its id, and the id of a new vendor with the same tax id."""
    body = {"name": "Ours", "taxId": "SE 556-677.8899", "city": "Lund", "custom": {"risk": "low"}}
    made = synced.call("POST", "/suppliers", body).data["recordId"]
    values = {"number": "V-NEW", "displayName": "Theirs", "taxRegistrationNumber": "se5566778899"}
    row = synced.put("vendors", values)["id"]
    totals = synced.sync(mode="delta")["suppliers"]
    assert (totals["conflicts"], totals["created"]) == (1, 0)
    return synced, made, row


def test_a_new_vendor_that_the_platform_has_made_already_waits(twin: tuple[Site, str, str]) -> None:
    site, made, row = twin
    (conflict,) = waiting(site)
    assert (conflict["reason"], conflict["externalId"], conflict["other"]["recordId"]) == ("duplicate", row, made)
    problem(site.record("suppliers", row), 404)
    assert [each["recordId"] for each in site.records("suppliers", "&syncStatus=conflict")] == [made]
    assert site.sync()["suppliers"]["conflicts"] == 1


@pytest.mark.parametrize(("choice", "name", "city"), [("source", "Theirs", None), ("platform", "Ours", "Lund")])
def test_a_vendor_and_its_twin_become_one(
    twin: tuple[Site, str, str], choice: str, name: str, city: str | None
) -> None:
    site, made, row = twin
    resolve(site, waiting(site)[0], choice)
    record = site.record("suppliers", row).data
    assert (record["name"], record["city"], record["custom"]) == (name, city, {"risk": "low"})
    assert site.record("suppliers", made).data == record
    assert (len(site.records("suppliers")), record["syncStatus"]) == (8, "synced")
    assert site.sync()["suppliers"]["unchanged"] == 8


def test_an_item_with_the_number_of_a_platform_made_product_waits(synced: Site) -> None:
    synced.call("POST", "/products", {"name": "Ours", "number": "i-new"})
    synced.put("items", {"number": "I-NEW", "displayName": "Theirs"})
    assert synced.sync(mode="delta")["products"]["conflicts"] == 1
    assert {each["entityType"] for each in waiting(synced, "entityType=PRODUCT")} == {"PRODUCT"}
