"""Sync History: what ran, why it ended as it did, and what to do next."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.kit import Browsing, check_axe, check_reflow
from tests.flow.bridge_kit import TOPIC, Span, spans
from tests.flow.kit import Caller, Connector, Site

pytestmark = [pytest.mark.azurite, pytest.mark.flow]


def opened(browsing: Browsing, site: Site, rest: str = "", **how: Any) -> Page:
    return browsing.page(site.hub, f"#/integrations/{site.id}/history{rest}", **how)


def test_runs_are_listed_and_a_new_one_is_followed_to_its_end(browsing: Browsing, synced: Site) -> None:
    page = opened(browsing, synced)
    expect(page.get_by_role("row").nth(1)).to_contain_text("Succeeded")
    check_axe(page)
    check_reflow(page)
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_role("heading", name="Delta sync")).to_be_visible()
    expect(page.get_by_text("Everything is in step")).to_be_visible()
    page.get_by_role("link", name="All runs").click()
    expect(page.get_by_role("row")).to_have_count(3)


def test_runs_are_filtered_and_the_address_keeps_the_filter(browsing: Browsing, synced: Site) -> None:
    page = opened(browsing, synced)
    page.get_by_label("Status").select_option("failed")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    assert "status=failed" in page.evaluate("location.hash")
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_role("row")).to_have_count(2)


def test_a_failed_record_is_understood_mended_and_retried(browsing: Browsing, synced: Site, tmp_path: Path) -> None:
    vendor = synced.rows("vendors")[0]
    synced.change("vendors", {"displayName": ""}, id=vendor["id"])
    run_id = synced.sync(mode="delta")["runId"]
    page = opened(browsing, synced, f"/{run_id}")
    expect(page.get_by_text("1 record could not be taken over")).to_be_visible()
    expect(page.get_by_role("heading", name="1 supplier")).to_be_visible()
    expect(page.get_by_text(vendor["number"]).first).to_be_visible()
    check_axe(page)
    check_reflow(page)
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Failed records as CSV").click()
    waiting.value.save_as(tmp_path / "errors.csv")
    assert vendor["id"] in (tmp_path / "errors.csv").read_text(encoding="utf-8-sig")
    synced.change("vendors", {"displayName": "Mended"}, id=vendor["id"])
    page.get_by_role("button", name="Retry failed").click()
    expect(page.get_by_role("heading", name="Retry sync")).to_be_visible()
    expect(page.get_by_text("Everything is in step")).to_be_visible()


def test_a_full_run_shows_that_everything_is_there(browsing: Browsing, synced: Site) -> None:
    run_id = synced.get("/runs")[0]["id"]
    page = opened(browsing, synced, f"/{run_id}")
    expect(page.get_by_role("heading", name="Is it all there?")).to_be_visible()
    expect(page.get_by_text("Everything that the source counts was read").nth(3)).to_be_visible()
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Run as JSON").click()
    assert json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))["id"] == run_id


def test_a_running_run_is_watched_and_stopped(browsing: Browsing, connector: Connector, alice: Caller) -> None:
    site = connector.connect(alice, "generated", settings={"pageSize": 100})
    site.control.set_switch(latency_ms=2_000)
    site.begin()
    page = opened(browsing, site)
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("button", name="Sync now")).to_have_attribute("aria-disabled", "true")
    page.get_by_role("link", name="Full:").click()
    page.get_by_role("button", name="Stop the run").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop the run").click()
    expect(page.get_by_text("The run was stopped")).to_be_visible()


def test_a_held_run_shows_what_it_would_change_and_goes_on_when_approved(
    browsing: Browsing, connector: Connector, alice: Caller
) -> None:
    breaker = {"changes": {"share": 0.5, "count": 3}, "blanks": {"share": 0.2, "count": 1}}
    site = connector.connect(alice, settings={"breaker": breaker})
    site.sync()
    for row in site.rows("vendors"):
        site.change("vendors", {"city": "Lund"}, id=row["id"])
    page = opened(browsing, site, f"/{site.sync(mode='delta')['runId']}")
    expect(page.get_by_text("The run waits for your approval")).to_be_visible()
    expect(page.get_by_role("cell", name="Lund").first).to_be_visible()
    check_axe(page)
    check_reflow(page)
    page.get_by_role("button", name="Approve 7 changes").click()
    page.get_by_role("dialog").get_by_role("button", name="Approve 7 changes").click()
    expect(page.get_by_text("Everything is in step")).to_be_visible()


def test_a_plan_is_looked_at_and_applied(browsing: Browsing, site: Site) -> None:
    plan_id = site.call("POST", "/dynamics/sync?plan=true", {"entities": ["suppliers"]}).data["planId"]
    page = opened(browsing, site, f"/{plan_id}")
    expect(page.get_by_text("The plan is ready")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(2 + 1 + 7)
    check_axe(page)
    check_reflow(page)
    page.get_by_role("button", name="Apply the plan").click()
    page.get_by_role("dialog").get_by_role("button", name="Apply the plan").click()
    expect(page.get_by_text("The plan was applied")).to_be_visible()
    assert len(site.records("suppliers")) == 7


def test_the_timeline_mixes_runs_with_changes_and_keeps_secrets(browsing: Browsing, synced: Site) -> None:
    synced.patch({"schedule": "0 0 4 * * *", "connection": {"clientSecret": "another-secret-word"}})
    synced.patch({"status": "paused"})
    page = opened(browsing, synced, "?view=timeline")
    expect(page.get_by_role("listitem").filter(has_text="Configuration changed")).to_have_count(2)
    expect(page.get_by_text("Integration created")).to_be_visible()
    expect(page.get_by_text("replaced, kept secret")).to_be_visible()
    assert "another-secret-word" not in page.content()
    check_axe(page)
    check_reflow(page)


@pytest.fixture
def span(connector: Connector, alice: Caller) -> Iterator[Span]:
    """Return a new bridge that hears no notices."""
    yield from spans(alice, connector.control, realtime=False)


def test_the_log_of_a_bridge_tells_of_its_contracts(browsing: Browsing, span: Span) -> None:
    span.map("opportunity", {**TOPIC, "direction": "two_way"})
    span.create("opportunity", span.deals()[0]["opportunityid"])
    page = browsing.page(span.hub, f"#/integrations/{span.id}/history")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Contract created")
    expect(page.get_by_role("link", name="Contract", exact=False).first).to_be_visible()
    page.get_by_text("Everything noted").first.click()
    check_axe(page)
    check_reflow(page)
    page.get_by_role("link", name="Timeline").click()
    expect(page.get_by_text("Mapping changed: opportunity by you")).to_be_visible()
