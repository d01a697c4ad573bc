"""Deltas: every change is read at least once, whatever happens while paging and whatever the clocks say."""

from datetime import timedelta

import pytest

from tests.flow.kit import Caller, Connector, Site, ago, moment, text_of

pytestmark = [pytest.mark.flow, pytest.mark.azurite]


def city(site: Site, row_id: str) -> object:
    return site.record("suppliers", row_id).data["city"]


def watermark(site: Site) -> str:
    return str(site.get("/runs?limit=1")[0]["watermark"]["to"])


def test_a_change_made_while_paging_is_in_this_run_or_the_next_delta(site: Site) -> None:
    site.control.set_switch(max_page_size=2)
    rows = sorted(site.rows("vendors"), key=lambda row: row["id"])
    change = {"op": "patch", "set": "vendors", "company": site.company, "values": {"city": "Lund"}}
    changes = [{**change, "id": rows[index]["id"]} for index in (0, 3, 6)]
    added = {"op": "upsert", "set": "vendors", "company": site.company, "values": {"number": "NEW", "displayName": "N"}}
    site.control.hook("vendors", 2, [*changes, added])
    site.sync()
    site.sync(mode="delta")
    truth = {row["id"]: (row["displayName"], row["city"] or None) for row in site.rows("vendors")}
    stored = {each["externalId"]: (each["name"], each["city"]) for each in site.records("suppliers")}
    assert len(truth) == 8
    assert stored == truth


def test_a_commit_that_becomes_visible_late_is_in_the_next_delta(synced: Site) -> None:
    row = synced.rows("vendors")[0]
    synced.change("vendors", {"city": "Lund"}, id=row["id"], modified=ago(minutes=4))
    synced.sync(mode="delta")
    assert city(synced, row["id"]) == "Lund"


def test_a_read_that_was_rolled_back_is_corrected_by_the_next_full_sync(synced: Site) -> None:
    row = synced.rows("vendors")[0]
    synced.change("vendors", {"city": "Dirty"}, id=row["id"], transaction="t1")
    synced.sync(mode="delta")
    assert city(synced, row["id"]) == "Dirty"
    synced.control.rollback("t1")
    synced.sync(entities=["suppliers"])
    assert city(synced, row["id"]) == (row["city"] or None)


def test_the_overlap_can_be_set(connector: Connector, alice: Caller) -> None:
    site = connector.connect(alice, settings={"overlapSeconds": 7200})
    site.sync()
    row = site.rows("vendors")[0]
    site.change("vendors", {"city": "Lund"}, id=row["id"], modified=ago(minutes=90))
    run = site.run(site.sync(mode="delta")["runId"])
    assert city(site, row["id"]) == "Lund"
    assert moment(run["watermark"]["from"]) <= moment(run["watermark"]["to"]) - timedelta(seconds=7200)


@pytest.mark.parametrize("offset", [-3600, 3600])
def test_the_watermark_is_by_the_sources_clock(site: Site, offset: int) -> None:
    site.control.clock(offset=offset)
    site.sync()
    run = site.get("/runs")[0]
    skew = moment(run["watermark"]["to"]) - moment(run["startedAt"])
    assert abs(skew.total_seconds() - offset) < 30
    row = site.rows("vendors")[0]
    site.change("vendors", {"city": "Lund"}, id=row["id"])
    assert site.sync(mode="delta")["suppliers"]["updated"] == 1
    assert city(site, row["id"]) == "Lund"


def test_a_source_without_a_date_header_loses_nothing(site: Site) -> None:
    site.control.set_switch(date_header="absent")
    site.sync()
    row = site.rows("vendors")[0]
    site.change("vendors", {"city": "Lund"}, id=row["id"])
    site.sync(mode="delta")
    assert city(site, row["id"]) == "Lund"


def test_a_sync_of_some_entities_never_moves_the_watermark(synced: Site) -> None:
    before = watermark(synced)
    row = synced.rows("vendors")[0]
    synced.change("vendors", {"city": "Lund"}, id=row["id"], modified=ago(minutes=9))
    synced.control.clock(offset=3600)
    synced.sync(entities=["products"], mode="delta")
    run = synced.run(synced.sync(mode="delta")["runId"])
    assert moment(run["watermark"]["from"]) <= moment(before)
    assert city(synced, row["id"]) == "Lund"


def test_a_modified_since_later_than_the_watermark_never_moves_it(synced: Site) -> None:
    row = synced.rows("vendors")[0]
    before = watermark(synced)
    synced.change("vendors", {"city": "Lund"}, id=row["id"])
    synced.control.clock(offset=7200)
    synced.sync(modifiedSince=text_of(moment(ago()) + timedelta(hours=1)))
    assert city(synced, row["id"]) != "Lund"
    run = synced.run(synced.sync(mode="delta")["runId"])
    assert moment(run["watermark"]["from"]) <= moment(before)
    assert city(synced, row["id"]) == "Lund"


def test_a_failed_run_moves_neither_watermark_nor_last_synced_at(synced: Site) -> None:
    before, known = watermark(synced), synced.get()["lastSyncedAt"]
    synced.control.fault(match="(vendors|items)", status=400, code="BadRequest")
    assert synced.try_sync({"mode": "delta"}).status == 502
    synced.control.clear_faults()
    assert synced.get()["lastSyncedAt"] == known
    run = synced.run(synced.sync(mode="delta")["runId"])
    assert moment(run["watermark"]["from"]) < moment(before)


def test_when_one_entity_type_cannot_be_read_the_other_is_and_nothing_is_lost(synced: Site) -> None:
    vendor, item = synced.rows("vendors")[0], synced.rows("items")[0]
    synced.change("vendors", {"city": "Lund"}, id=vendor["id"], modified=ago(minutes=5))
    synced.change("items", {"displayName": "Better"}, id=item["id"])
    synced.control.fault(match="vendors", status=400, code="BadRequest")
    synced.try_sync({"mode": "delta"})
    synced.control.clear_faults()
    assert synced.record("products", item["id"]).data["name"] == "Better"
    synced.sync(mode="delta")
    assert city(synced, vendor["id"]) == "Lund"


def test_a_flow_field_that_changed_without_a_new_time_comes_with_a_full_sync(synced: Site) -> None:
    row = synced.rows("vendors")[0]
    synced.change("vendors", {"city": "Lund"}, id=row["id"], modified="keep")
    assert synced.sync(entities=["suppliers"])["suppliers"]["updated"] == 1
    assert city(synced, row["id"]) == "Lund"
