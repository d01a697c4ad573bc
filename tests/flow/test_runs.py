"""Runs: started without waiting, watched, cancelled, repeated for the failed records, and one at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.flow.kit import ITEMS_OF, VENDORS_OF, Caller, Connector, Site, counts, moment, problem, until

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

RUN = {
    "id", "kind", "trigger", "status", "startedAt", "endedAt", "watermark", "progress", "entities", "completeness",
    "error",
}  # fmt: skip
PROGRESS = {"phase", "pages", "records", "expected", "ratePerSecond", "heartbeatAt"}
COUNTS = {"read", "created", "updated", "unchanged", "conflicts", "errors"}


@contextmanager
def slowed(site: Site, milliseconds: float) -> Iterator[None]:
    """Let each request to Business Central take its time."""
    site.control.set_switch(latency_ms=milliseconds)
    try:
        yield
    finally:
        site.control.set_switch(latency_ms=0)


@pytest.fixture
def large(connector: Connector, alice: Caller) -> Site:
    """Return an integration with 600 items, read in pages of 100."""
    return connector.connect(alice, "generated", settings={"pageSize": 100})


@pytest.mark.parametrize("prefer", ["respond-async", "wait=0", "respond-async, wait=10"])
def test_a_sync_that_nobody_waits_for_is_202_and_can_be_watched(site: Site, prefer: str) -> None:
    answer = site.try_sync({"entities": ["suppliers"]}, Prefer=prefer)
    run_id = answer.data["id"]
    assert (answer.status, answer.body["success"]) == (202, True)
    assert answer.headers["Location"] == site.path(f"/runs/{run_id}")
    assert int(answer.headers["Retry-After"]) > 0
    assert set(answer.data) >= RUN
    assert site.ended(run_id)["status"] == "succeeded"


def test_a_sync_that_takes_longer_than_the_caller_waits_is_202(site: Site) -> None:
    with slowed(site, 700):
        answer = site.try_sync({"entities": ["suppliers"]}, Prefer="wait=1")
    assert (answer.status, answer.data["status"] in {"queued", "running"}) == (202, True)
    assert site.ended(answer.data["id"])["status"] == "succeeded"


def test_a_run_has_the_documented_form(library: Site) -> None:
    run = library.get("/runs")[-1]
    assert set(run) >= RUN
    assert run | {"kind": "full", "trigger": "manual", "status": "succeeded", "error": None} == run
    assert set(run["progress"]) == PROGRESS
    assert set(run["watermark"]) == {"from", "to"}
    assert all(set(each) >= COUNTS for each in run["entities"].values())
    assert set(run["entities"]) == {"suppliers", "products"}
    assert moment(run["startedAt"]) <= moment(run["endedAt"])


def test_a_full_run_tells_that_it_read_everything(library: Site) -> None:
    run = library.get("/runs")[-1]
    total = VENDORS_OF["cronus"] + ITEMS_OF["cronus"]
    proof = {"verdict": "complete", "expected": total, "read": total, "missing": 0, "extra": 0, "gone": 0}
    assert run["completeness"] == proof
    assert run["watermark"]["from"] is None
    assert moment(run["watermark"]["to"]) <= moment(run["startedAt"])


def test_a_second_sync_while_one_is_active_is_409_with_the_active_run(site: Site) -> None:
    with slowed(site, 2_000):
        run_id = site.begin()
        refused = site.try_sync({})
        until(lambda: site.run(run_id), lambda run: run["status"] == "running")
        again = site.try_sync({"mode": "delta"}, Prefer="respond-async")
    for answer in (refused, again):
        assert problem(answer, 409, "SYNC_ALREADY_RUNNING")["runId"] == run_id
        assert answer.body["retryable"] is True
    assert site.ended(run_id)["status"] == "succeeded"
    assert len(site.get("/runs")) == 1


def test_integrations_of_others_do_not_wait_for_each_other(connector: Connector, alice: Caller, bob: Caller) -> None:
    one, other = connector.connect(alice), connector.connect(bob)
    begun = [each.begin(entities=["suppliers"]) for each in (one, other)]
    assert [each.ended(run)["status"] for each, run in zip((one, other), begun, strict=True)] == ["succeeded"] * 2


def test_a_cancelled_run_stops_soon_and_keeps_what_it_has_done(large: Site) -> None:
    large.control.set_switch(max_page_size=20)
    with slowed(large, 600):
        run_id = large.begin(entities=["products"])
        until(lambda: large.run(run_id), lambda run: run["progress"]["records"] >= 40)
        answer = large.call("POST", f"/runs/{run_id}/cancel")
        assert (answer.status, answer.data["id"]) == (202, run_id)
        run = large.ended(run_id)
    kept = len(large.records("products"))
    assert run["status"] == "cancelled"
    assert 40 <= kept < ITEMS_OF["generated"]
    assert run["entities"]["products"]["created"] == kept
    assert large.get()["lastSyncedAt"] is None
    again = large.sync(entities=["products"])["products"]
    assert (again["created"], again["unchanged"]) == (ITEMS_OF["generated"] - kept, kept)


def test_a_run_that_has_ended_cannot_be_cancelled(library: Site) -> None:
    problem(library.call("POST", f"/runs/{library.get('/runs')[-1]['id']}/cancel"), 409)


def test_progress_grows_while_a_run_reads(large: Site) -> None:
    large.control.set_switch(max_page_size=50)
    seen: list[Any] = []

    def look(run_id: str) -> Any:
        seen.append(large.run(run_id))
        return seen[-1]

    with slowed(large, 600):
        begun = large.begin(entities=["products"])
        until(lambda: look(begun), lambda run: run["endedAt"])
    progress = [each["progress"] for each in seen]
    assert all(set(each) == PROGRESS for each in progress)
    assert [each["records"] for each in progress] == sorted(each["records"] for each in progress)
    assert len({each["records"] for each in progress}) > 2
    assert progress[-1] | {"phase": "done", "records": 600, "expected": 600} == progress[-1]
    assert {each["expected"] for each in progress} <= {None, 600}
    assert len({each["heartbeatAt"] for each in progress}) > 2


def test_only_the_failed_records_are_read_again_by_a_retry(synced: Site) -> None:
    bad = synced.rows("vendors")[:2]
    for row in bad:
        synced.change("vendors", {"displayName": ""}, id=row["id"])
    failed = synced.sync(mode="delta")["runId"]
    synced.change("vendors", {"displayName": "Mended"}, id=bad[0]["id"])
    answer = synced.call("POST", f"/runs/{failed}/retry")
    assert answer.status == 200
    assert counts(answer.data, "suppliers") == {"created": 0, "updated": 1, "errors": 1}
    assert answer.data["suppliers"]["read"] == 2
    run = synced.get("/runs")[0]
    assert (run["id"], run["kind"], run["trigger"]) == (answer.data["runId"], "retry", "retry")
    assert [each["externalId"] for each in synced.get(f"/runs/{run['id']}/errors")] == [bad[1]["id"]]
    assert synced.record("suppliers", bad[0]["id"]).data["syncStatus"] == "synced"
    assert synced.record("suppliers", bad[1]["id"]).data["syncStatus"] == "error"


def test_a_retry_may_answer_at_once(synced: Site) -> None:
    answer = synced.call("POST", f"/runs/{synced.get('/runs')[0]['id']}/retry", Prefer="respond-async")
    assert (answer.status, answer.data["kind"]) == (202, "retry")
    assert synced.ended(answer.data["id"])["status"] == "succeeded"


def test_an_active_run_cannot_be_repeated(site: Site) -> None:
    with slowed(site, 2_000):
        run_id = site.begin(entities=["suppliers"])
        answer = site.call("POST", f"/runs/{run_id}/retry")
    assert problem(answer, 409)["runId"] == run_id
    site.ended(run_id)


def test_runs_are_newest_first_page_by_page(synced: Site) -> None:
    made = [synced.sync(entities=["suppliers"], mode="delta")["runId"] for _ in range(2)]
    assert [each["id"] for each in synced.get("/runs")][:2] == made[::-1]
    walked = [each["id"] for each in synced.hub.everything(synced.path("/runs?limit=1"))]
    assert walked == [each["id"] for each in synced.get("/runs")]
    assert len(walked) == 3


def test_more_than_a_hundred_errors_are_logged_in_part_and_listed_whole(large: Site) -> None:
    for row in large.rows("vendors")[:120]:
        large.change("vendors", {"displayName": ""}, id=row["id"])
    totals = large.sync(entities=["suppliers"])
    entry = large.get("/sync-logs?entityType=SUPPLIER")[0]
    listed = large.hub.everything(large.path(f"/runs/{totals['runId']}/errors?limit=50"))
    assert totals["suppliers"]["errors"] == 120
    assert len(entry["metadata"]["errors"]) == 100
    assert len({each["externalId"] for each in listed}) == len(listed) == 120


def test_a_paused_integration_syncs_by_hand_and_stays_paused(site: Site) -> None:
    assert site.patch({"status": "paused"}).data["status"] == "paused"
    assert site.sync(entities=["suppliers"])["suppliers"]["created"] == 7
    assert site.get()["status"] == "paused"
    assert site.patch({"status": "active"}).data["status"] == "active"
