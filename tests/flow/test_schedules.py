"""Scheduled syncs: due integrations get delta runs by themselves, paused and held ones do not."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.flow.kit import Caller, Connector, Site, moment, until

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

OFTEN = "*/2 * * * * *"


def timed(site: Site) -> list[str]:
    """Return the ids of the runs that a timer started, newest first."""
    return [each["id"] for each in site.get("/runs?limit=200") if each["trigger"] == "timer"]


def test_a_schedule_starts_delta_runs_that_bring_changes(connector: Connector, alice: Caller) -> None:
    site = connector.connect(alice, schedule=OFTEN)
    until(lambda: site.get()["lastSyncedAt"], lambda at: at is not None)
    row = site.put("vendors", {"number": "V-TIMER", "displayName": "Came by itself"})
    until(lambda: site.record("suppliers", row["id"]).status, lambda status: status == 200)
    runs = [site.run(each) for each in timed(site)]
    assert len(runs) >= 2
    assert {(each["kind"], each["trigger"]) for each in runs} == {("delta", "timer")}
    assert runs[0]["watermark"]["from"] is not None or runs[0]["endedAt"] is None


def test_a_paused_integration_gets_no_timer_runs_until_it_is_resumed(connector: Connector, alice: Caller) -> None:
    site = connector.connect(alice, "contoso", schedule=OFTEN)
    other = connector.connect(connector.caller("bob"), "contoso", schedule=OFTEN)
    site.patch({"status": "paused"})
    begun = len(timed(other))
    until(lambda: timed(other), lambda runs: len(runs) > begun)  # what the timer had begun before the pause is written
    until(lambda: site.get("/runs"), lambda runs: all(each["endedAt"] for each in runs))
    before, seen = timed(site), timed(other)
    until(lambda: timed(other), lambda runs: len(runs) >= len(seen) + 2)
    assert timed(site) == before
    other.patch({"schedule": None})
    site.patch({"status": "active"})
    until(lambda: timed(site), lambda runs: len(runs) > len(before))


def test_a_held_integration_gets_no_more_timer_runs(connector: Connector, alice: Caller) -> None:
    site = connector.connect(alice, connection={"environment": "Nowhere"}, schedule=OFTEN)
    until(lambda: site.get()["status"], lambda status: status == "broken")
    known = len(site.get("/runs"))
    other = connector.connect(connector.caller("bob"), "contoso", schedule=OFTEN)
    until(lambda: timed(other), lambda runs: len(runs) >= 2)
    other.patch({"schedule": None})
    assert len(site.get("/runs")) == known == 1
    assert site.get()["nextRunAt"] is None


@pytest.mark.parametrize(
    ("schedule", "most"), [(OFTEN, timedelta(seconds=2)), ("0 */15 * * * *", timedelta(minutes=15))]
)
def test_the_next_run_is_shown(connector: Connector, alice: Caller, schedule: str, most: timedelta) -> None:
    shown = connector.connect(alice, schedule=schedule).get()
    assert shown["schedule"] == schedule
    assert moment(shown["nextRunAt"]) <= datetime.now(UTC) + most + timedelta(seconds=1)


def test_without_a_schedule_there_is_no_next_run(site: Site) -> None:
    assert (site.get()["schedule"], site.get()["nextRunAt"]) == (None, None)
