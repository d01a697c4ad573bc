"""Why a record is as it is: its timeline and its explanation, over HTTP, against the simulated Business Central."""

from typing import Any

import pytest

from tests.flow.kit import Connector, Site, moment, problem

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

NOBODY = "99999999-9999-4999-8999-999999999999"


def timeline(site: Site, external_id: str, entity: str = "suppliers") -> list[Any]:
    return site.hub.everything(site.path(f"/{entity}/{external_id}/timeline?limit=2"))


def explain(site: Site, external_id: str, entity: str = "suppliers", query: str = "") -> Any:
    return site.get(f"/{entity}/{external_id}/explain{query}")


def put_filter(site: Site, text: str) -> None:
    """Give the suppliers' mapping a filter."""
    known = site.call("GET", "/mappings/suppliers")
    body = {name: known.data[name] for name in ("source", "fields")}
    body["source"] = {**body["source"], "filter": text}
    assert site.call("PUT", "/mappings/suppliers", body, If_Match=known.etag).status == 200


def test_a_timeline_tells_runs_and_users_newest_first(synced: Site) -> None:
    row = synced.rows("vendors")[0]
    synced.edit("suppliers", row["id"], {"city": "Lund", "custom": {"risk": "low"}})
    synced.change("vendors", {"displayName": "Renamed"}, id=row["id"])
    run = synced.sync(mode="delta")["runId"]
    updated, edited, created = timeline(synced, row["id"])
    assert [each["action"] for each in (updated, edited, created)] == ["updated", "edited", "created"]
    assert (updated["actor"]["runId"], updated["mappingVersion"]) == (run, 1)
    assert updated["changes"]["name"] == {"from": row["displayName"], "to": "Renamed"}
    assert updated["changes"]["city"] == {"from": "Lund", "to": row["city"] or None}
    assert edited["changes"]["custom.risk"] == {"from": None, "to": "low"}
    assert moment(updated["at"]) > moment(edited["at"]) > moment(created["at"])


def test_entries_name_the_sources_version_and_time(synced: Site) -> None:
    row = synced.rows("items")[0]
    (entry,) = timeline(synced, row["id"], "products")
    assert entry["sourceEtag"].startswith('W/"')
    assert entry["sourceModifiedAt"] == synced.record("products", row["id"]).data["sourceModifiedAt"]


def test_played_from_its_start_a_timeline_gives_the_record(synced: Site) -> None:
    row = synced.rows("vendors")[1]
    synced.change("vendors", {"displayName": "Second", "city": "Riga"}, id=row["id"])
    synced.sync(mode="delta")
    synced.edit("suppliers", row["id"], {"name": "Third", "phone": None})
    state: dict[str, Any] = {}
    for entry in reversed(timeline(synced, row["id"])):
        state |= {name: change["to"] for name, change in entry["changes"].items()}
    record = synced.record("suppliers", row["id"]).data
    assert state
    assert {name: record[name] for name in state} == state


def test_a_failed_record_is_told_and_explained(synced: Site) -> None:
    row = synced.rows("vendors")[0]
    synced.change("vendors", {"displayName": ""}, id=row["id"])
    synced.sync(mode="delta")
    assert timeline(synced, row["id"])[0]["error"]["code"] == "REQUIRED_FIELD_MISSING"
    found = explain(synced, row["id"])
    assert (found["state"], found["because"]["error"]["code"]) == ("failed", "REQUIRED_FIELD_MISSING")


def test_a_deleted_record_is_told_and_explained(synced: Site) -> None:
    row = synced.rows("vendors")[0]
    synced.delete("vendors", row["id"])
    assert explain(synced, row["id"])["because"]["code"] == "NOT_IN_SOURCE"
    synced.sync()
    assert timeline(synced, row["id"])[0]["action"] == "gone"
    assert explain(synced, row["id"])["because"]["code"] == "MARKED_GONE"


def test_a_record_is_explained_as_it_is_in_business_central_now(synced: Site) -> None:
    row = synced.rows("vendors")[0]
    assert explain(synced, row["id"])["because"]["code"] == "SAME_AS_SOURCE"
    synced.change("vendors", {"displayName": "Renamed"}, id=row["id"])
    found = explain(synced, row["id"])
    assert (found["state"], found["because"]["code"]) == ("pending", "SOURCE_CHANGED")
    assert found["differences"][0]["source"] == "Renamed"


def test_a_record_that_a_filter_leaves_out_is_explained_by_it(synced: Site) -> None:
    first, second = synced.rows("vendors")[:2]
    put_filter(synced, f"number eq '{first['number']}'")
    found = explain(synced, second["id"])
    assert (found["state"], found["because"]["filter"]) == ("excluded", f"number eq '{first['number']}'")
    assert explain(synced, first["id"])["state"] == "in_sync"


def test_when_business_central_is_down_the_stored_part_is_told(synced: Site) -> None:
    row = synced.rows("vendors")[0]
    synced.control.fault(part="bc", match="vendors", effect="status", status=403)
    found = explain(synced, row["id"])
    assert (found["state"], found["because"]["code"]) == ("in_sync", "AS_LAST_READ")
    assert found["source"]["trouble"] is not None


def test_a_record_that_nobody_knows_is_not_found(synced: Site) -> None:
    problem(synced.call("GET", f"/suppliers/{NOBODY}/explain"), 404, "NOT_FOUND")
    problem(synced.call("GET", f"/suppliers/{NOBODY}/timeline"), 404, "NOT_FOUND")


def test_a_purged_integration_leaves_nothing_to_tell(connector: Connector, synced: Site) -> None:
    row = synced.rows("vendors")[0]
    synced.edit("suppliers", row["id"], {"name": "Mine"})
    assert synced.call("DELETE", "?purge=true").status == 204
    other = connector.connect(synced.hub)
    other.sync()
    assert [each["action"] for each in timeline(other, row["id"])] == ["created"]
