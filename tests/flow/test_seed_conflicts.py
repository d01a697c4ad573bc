"""The documentation's conflict table and error handling: each told once, and looked at from all sides."""

from dataclasses import dataclass
from typing import Any

import pytest

from scripts.client import Answer
from scripts.stack import Stack
from tests.flow.kit import Connector, Site, counts, watched

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

SYNC_OWNS = ("syncStatus", "lastSyncedAt", "presentInSource", "sourceModifiedAt", "syncError")


@dataclass(frozen=True, slots=True)
class Told:
    """What happened in a story: the rows it was about, the sync's answer, and what the integration shows after it."""

    site: Site
    rows: dict[str, dict[str, Any]]
    before: dict[str, Any]
    answer: Answer
    vendors_before: list[dict[str, Any]]
    vendors_after: list[dict[str, Any]]

    def after(self, name: str) -> Any:
        """Return a record as it is now."""
        return self.site.record("suppliers", self.rows[name]["id"]).data


@pytest.fixture(scope="module")
def changed(stack: Stack) -> Told:
    """Tell of a record new, updated and deleted in BC, and one new and one updated on the platform."""
    with watched(stack.control):
        makes = Connector(stack, stack.control)
        site = makes.connect(makes.caller("alice"))
        site.sync()
        names = ("updated", "deleted", "updated on both", "updated on the platform", "left alone")
        rows = dict(zip(names, site.rows("vendors"), strict=False))
        before = {name: site.record("suppliers", row["id"]).data for name, row in rows.items()}
        for name in ("updated on both", "updated on the platform"):
            assert site.edit("suppliers", rows[name]["id"], {"name": "The platform's name"}).status == 200
        assert site.call("POST", "/suppliers", {"name": "New on the platform"}).status == 201
        site.change("vendors", {"displayName": "BC's name"}, id=rows["updated"]["id"])
        site.change("vendors", {"displayName": "BC's name"}, id=rows["updated on both"]["id"])
        site.delete("vendors", rows["deleted"]["id"])
        rows["new"] = site.put("vendors", {"number": "V-NEW", "displayName": "New in BC"})
        vendors = site.rows("vendors")
        answer = site.try_sync({})
        return Told(site, rows, before, answer, vendors, site.rows("vendors"))


@pytest.fixture(scope="module")
def failed(stack: Stack) -> Told:
    """Tell of two records that lose their name, a new one that never had one, and one that is changed well."""
    with watched(stack.control):
        makes = Connector(stack, stack.control)
        site = makes.connect(makes.caller("alice"))
        site.sync()
        rows = dict(zip(("null", "blank", "good"), site.rows("vendors"), strict=False))
        before = {name: site.record("suppliers", row["id"]).data for name, row in rows.items()}
        site.change("vendors", {"displayName": None, "city": "Lund"}, id=rows["null"]["id"])
        site.change("vendors", {"displayName": "", "city": "Lund"}, id=rows["blank"]["id"])
        site.change("vendors", {"city": "Lund"}, id=rows["good"]["id"])
        rows["new"] = site.put("vendors", {"number": "NONAME"})
        answer = site.try_sync({"mode": "delta"})
        return Told(site, rows, before, answer, [], [])


def test_a_new_record_in_bc_is_created_in_the_platform(changed: Told) -> None:
    assert changed.after("new")["name"] == "New in BC"
    assert changed.answer.data["suppliers"]["created"] == 1


def test_an_updated_record_in_bc_is_updated_in_the_platform(changed: Told) -> None:
    assert changed.after("updated")["name"] == "BC's name"
    assert counts(changed.answer.data, "suppliers") == {"created": 1, "updated": 2, "errors": 0}


def test_bc_wins_when_a_record_was_updated_on_both_sides(changed: Told) -> None:
    assert changed.after("updated on both")["name"] == "BC's name"


def test_a_deleted_record_in_bc_is_not_deleted_in_the_platform(changed: Told) -> None:
    before, after = changed.before["deleted"], changed.after("deleted")
    assert {name: after[name] for name in after if name not in SYNC_OWNS} == {
        name: before[name] for name in before if name not in SYNC_OWNS
    }
    assert (before["presentInSource"], after["presentInSource"]) == (True, False)


def test_a_new_record_in_the_platform_is_not_synced_to_bc(changed: Told) -> None:
    assert changed.vendors_after == changed.vendors_before
    assert "New on the platform" not in str(changed.vendors_after)


def test_an_updated_record_in_the_platform_is_not_synced_to_bc_and_stays(changed: Told) -> None:
    assert "The platform's name" not in str(changed.vendors_after)
    assert changed.after("updated on the platform")["name"] == "The platform's name"


def test_a_record_that_nobody_touched_stays_as_it_was(changed: Told) -> None:
    assert changed.after("left alone") == changed.before["left alone"]


def test_records_that_cannot_be_mapped_are_errors_and_the_rest_goes_on(failed: Told) -> None:
    assert failed.answer.status == 200
    assert counts(failed.answer.data, "suppliers") == {"created": 0, "updated": 1, "errors": 3}
    assert failed.after("good")["city"] == "Lund"


def test_failed_records_are_logged_in_the_documented_form(failed: Told) -> None:
    entry = failed.site.get("/sync-logs?action=UPSERT&entityType=SUPPLIER")[0]
    assert (entry["status"], entry["recordsAffected"]) == ("PARTIAL", 1)
    found = {each["externalId"]: each for each in entry["metadata"]["errors"]}
    assert found == {
        failed.rows[name]["id"]: {
            "externalId": failed.rows[name]["id"],
            "error": "Missing required field: name",
            "data": {"displayName": value},
        }
        for name, value in (("null", None), ("blank", ""), ("new", ""))
    }


def test_the_entity_type_without_failures_is_logged_as_a_success(failed: Told) -> None:
    assert failed.site.get("/sync-logs?action=UPSERT&entityType=PRODUCT")[0]["status"] == "SUCCESS"


@pytest.mark.parametrize("name", ["null", "blank"])
def test_a_failed_record_keeps_its_values_and_is_marked(failed: Told, name: str) -> None:
    before, after = failed.before[name], failed.after(name)
    assert [after[field] for field in ("name", "city")] == [before[field] for field in ("name", "city")]
    assert after["syncStatus"] == "error"


def test_a_new_record_that_cannot_be_mapped_is_not_stored(failed: Told) -> None:
    assert failed.site.record("suppliers", failed.rows["new"]["id"]).status == 404


def test_a_run_with_failed_records_is_partial_without_an_error_of_its_own(failed: Told) -> None:
    run = failed.site.run(failed.answer.data["runId"])
    assert (run["status"], run["error"]) == ("partial", None)
    assert run["entities"]["suppliers"]["errors"] == 3


def test_a_run_with_failed_records_moves_last_synced_at(failed: Told) -> None:
    run = failed.site.run(failed.answer.data["runId"])
    assert failed.site.get()["lastSyncedAt"] == run["startedAt"]
    assert failed.site.get()["status"] == "active"


def test_the_errors_of_a_run_are_listed_with_code_and_attempts(failed: Told) -> None:
    found = failed.site.get(f"/runs/{failed.answer.data['runId']}/errors")
    assert {each["externalId"] for each in found} == {failed.rows[name]["id"] for name in ("null", "blank", "new")}
    assert all(set(each) >= {"entityType", "externalId", "code", "error", "data", "attempts"} for each in found)
    assert {(each["entityType"], each["error"]) for each in found} == {("SUPPLIER", "Missing required field: name")}
    assert all(each["attempts"] == 1 and each["code"] == each["code"].upper() for each in found)


def test_failed_records_are_found_by_their_status(failed: Told) -> None:
    found = failed.site.records("suppliers", "&syncStatus=error")
    assert {each["externalId"] for each in found} == {failed.rows[name]["id"] for name in ("null", "blank")}
