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
