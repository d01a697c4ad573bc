"""Whatever the source answers, nothing is lost and nothing hangs: short listings, gone records, broken pages."""

from typing import Any

import pytest

from tests.flow.kit import ITEMS_OF, Site, counts, problem

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

PAGES = r"vendors\?"
HEALED: dict[str, tuple[dict[str, Any], ...]] = {
    "errors as xml, as html and without a body": (
        {"status": 503, "body": "xml"},
        {"status": 500, "body": "empty"},
        {"status": 502, "body": "html"},
    ),
    "html instead of a page, half a page and a page as text": (
        {"status": 200, "body": "html"},
        {"effect": "cut", "cut_at": 200},
        {"effect": "content_type", "content_type": "text/plain"},
    ),
    "a reset connection, a refused token and a page twice": (
        {"effect": "reset"},
        {"status": 401},
        {"effect": "repeat"},
    ),
    "too many requests": ({"status": 429, "retry_after": 1},),
    "too many requests until a date": ({"status": 429, "retry_after": 1, "retry_form": "date"},),
}
ENDLESS: dict[str, tuple[dict[str, Any], str]] = {
    "a link to the page itself": ({"effect": "loop"}, "SOURCE_INCOMPLETE"),
    "a link to another host": ({"effect": "foreign"}, "SOURCE_INCOMPLETE"),
}


def shortened(site: Site, keep: int) -> None:
    """Let the source list fewer vendors than it counts."""
    site.control.fault(effect="hide", match=PAGES, keep=keep)


@pytest.mark.parametrize("what", HEALED)
def test_a_sync_survives(site: Site, what: str) -> None:
    site.control.set_switch(max_page_size=1)
    for number, fault in enumerate(HEALED[what], 1):
        site.control.fault(match=PAGES, nth=2 * number, **fault)
    assert counts(site.sync(entities=["suppliers"]), "suppliers") == {"created": 7, "updated": 0, "errors": 0}
    assert len(site.records("suppliers")) == 7
    assert site.get("/runs")[0]["status"] == "succeeded"
    assert [each["hits"] for each in site.control.faults()] == [1] * len(HEALED[what])


@pytest.mark.parametrize("what", ENDLESS)
def test_a_listing_does_not_hang_or_lose_anything_for(synced: Site, what: str) -> None:
    fault, code = ENDLESS[what]
    synced.control.set_switch(max_page_size=3)
    synced.control.fault(match=PAGES, **fault)
    run = synced.run(synced.sync()["runId"])
    assert (run["status"], run["error"]["code"]) == ("partial", code)
    assert all(each["presentInSource"] for each in synced.records("suppliers"))
    assert run["entities"]["products"]["read"] == ITEMS_OF["contoso"]


def test_a_page_that_comes_again_and_again_does_not_hang_the_run(site: Site) -> None:
    site.control.set_switch(max_page_size=3)
    site.control.fault(match=PAGES, effect="repeat")
    answer = site.try_sync({"entities": ["suppliers"]}, Prefer="wait=30")
    assert answer.status in {200, 502}
    assert len(site.control.journal(part="bc")) < 100


def test_no_token_follows_a_link_to_another_host(site: Site) -> None:
    site.control.set_switch(max_page_size=3)
    site.control.fault(match=PAGES, effect="foreign")
    site.try_sync({"entities": ["suppliers"]})
    assert site.get("/runs")[0]["entities"]["suppliers"]["read"] <= 3
    assert site.get("/runs")[0]["status"] in {"partial", "failed"}


@pytest.mark.parametrize("switch", ["400", "404", "continues"])
def test_a_cursor_whose_row_is_gone_loses_nothing(site: Site, switch: str) -> None:
    site.control.set_switch(dead_cursor=switch, max_page_size=3)
    third = sorted(site.rows("vendors"), key=lambda row: row["id"])[2]
    site.control.hook("vendors", 1, [{"op": "delete", "set": "vendors", "id": third["id"], "company": site.company}])
    site.sync(entities=["suppliers"])
    left = {row["id"] for row in site.rows("vendors")}
    assert {each["externalId"] for each in site.records("suppliers")} >= left
    assert len(left) == 6


def test_a_short_listing_makes_the_run_partial_and_marks_nothing_as_gone(synced: Site) -> None:
    synced.change("vendors", {"city": "Lund"}, id=synced.rows("vendors")[0]["id"])
    before = synced.get("/runs")[0]["watermark"]["to"]
    shortened(synced, 4)
    answer = synced.try_sync({})
    run = synced.run(answer.data["runId"])
    assert (answer.status, run["status"]) == (200, "partial")
    assert run["completeness"] | {"verdict": "short", "missing": 3, "gone": 0} == run["completeness"]
    assert [each["presentInSource"] for each in synced.records("suppliers")] == [True] * 7
    synced.control.clear_faults()
    following = synced.run(synced.sync(mode="delta")["runId"])
    assert following["watermark"]["from"] < before


def test_what_a_short_listing_hid_comes_with_the_next_delta(synced: Site) -> None:
    hidden = max(synced.rows("vendors"), key=lambda row: str(row["id"]))
    synced.change("vendors", {"city": "Lund"}, id=hidden["id"])
    shortened(synced, 4)
    synced.sync()
    synced.control.clear_faults()
    synced.sync(mode="delta")
    assert synced.record("suppliers", hidden["id"]).data["city"] == "Lund"


def test_only_a_proven_full_listing_says_what_is_gone_and_what_came_back(synced: Site) -> None:
    row = synced.rows("vendors")[0]
    synced.delete("vendors", row["id"])
    delta = synced.run(synced.sync(mode="delta")["runId"])
    assert synced.record("suppliers", row["id"]).data["presentInSource"] is True
    assert delta["completeness"] is None
    full = synced.run(synced.sync()["runId"])
    assert full["completeness"] | {"verdict": "complete", "gone": 1, "missing": 0} == full["completeness"]
    gone = synced.record("suppliers", row["id"]).data
    assert (gone["presentInSource"], gone["name"]) == (False, row["displayName"])
    synced.put("vendors", row)
    synced.sync(mode="delta")
    assert synced.record("suppliers", row["id"]).data["presentInSource"] is True


def test_a_company_without_any_record_is_believed_once_its_owner_says_so(synced: Site) -> None:
    for row in synced.rows("vendors"):
        synced.delete("vendors", row["id"])
    doubted = synced.run(synced.sync(entities=["suppliers"])["runId"])
    assert (doubted["status"], doubted["error"]["code"]) == ("partial", "LISTING_SHRUNK")
    assert (doubted["completeness"]["verdict"], doubted["completeness"]["gone"]) == ("unproven", 0)
    assert {each["presentInSource"] for each in synced.records("suppliers")} == {True}
    synced.patch({"settings": {"largestLoss": 1}})
    run = synced.run(synced.sync(entities=["suppliers"])["runId"])
    assert run["completeness"] | {"verdict": "complete", "expected": 0, "read": 0, "gone": 7} == run["completeness"]
    assert {each["presentInSource"] for each in synced.records("suppliers")} == {False}


def test_a_sign_in_that_is_down_is_503_and_the_integration_stays_active(site: Site) -> None:
    site.control.fault(part="entra", match="token", status=503, retry_after=0)
    site.control.revoke_tokens()
    answer = site.try_sync({}, Prefer="wait=60")
    assert problem(answer, 503)["retryable"] is True
    assert answer.body["runId"] == site.get("/runs")[0]["id"]
    assert (site.get()["status"], site.get("/runs")[0]["status"]) == ("active", "failed")
    assert sorted(each["entityType"] for each in site.get("/sync-logs?status=ERROR")) == ["PRODUCT", "SUPPLIER"]


def test_a_request_that_is_refused_is_502_and_the_integration_stays_active(site: Site) -> None:
    site.control.fault(match="(vendors|items)", status=400, code="BadRequest")
    problem(site.try_sync({}), 502)
    assert site.get()["status"] == "active"
    site.control.clear_faults()
    assert site.sync(entities=["suppliers"])["suppliers"]["created"] == 7


def test_a_source_that_is_down_is_503_and_the_integration_stays_active(site: Site) -> None:
    site.control.fault(status=503)
    assert problem(site.try_sync({}, Prefer="wait=60"), 503)["retryable"] is True
    assert site.get()["status"] == "active"
