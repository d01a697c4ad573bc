"""What happens by itself."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from sync.model.run import RunStatus
from sync.triggers import durable, timers
from sync.triggers.timers import clean
from tests.triggers.kit import Office

CLIENT = '{"rpcBaseUrl": "http://127.0.0.1:1"}'


def _tick(office: Office, name: str) -> None:
    app = durable.application()
    schedules = {"delta": "0 * * * * *", "sweep_every": "*/10 * * * * *", "cleaning": "0 30 3 * * *"}
    app.register_functions(timers.timers(lambda: office.hub, **schedules))
    found: dict[str, Any] = {str(each.get_function_name()): each.get_user_function() for each in app.get_functions()}
    asyncio.run(found[name](timer=None, client=CLIENT))


@pytest.mark.parametrize("name", ["start_due_syncs", "sweep_runs", "clean_history"])
def test_a_timer_with_nothing_to_do_does_nothing(office: Office, name: str) -> None:
    integration_id = office.integrated()
    _tick(office, name)
    assert office.ask("GET", f"/api/integrations/{integration_id}/runs").data == []


def test_old_runs_and_entries_are_cleaned_away(office: Office) -> None:
    home = f"/api/integrations/{office.integrated(schedule='0 0 6 * * *')}"
    office.ask("POST", f"{home}/dynamics/sync")
    office.clock.moment += timedelta(days=400)
    assert clean(office.hub) == 3
    assert office.ask("GET", f"{home}/sync-logs").data == []


def test_young_runs_are_kept(office: Office) -> None:
    home = f"/api/integrations/{office.integrated(schedule='0 0 6 * * *')}"
    office.ask("POST", f"{home}/dynamics/sync")
    assert clean(office.hub) == 0
    assert office.ask("GET", f"{home}/runs").data[0]["status"] == RunStatus.SUCCEEDED


@pytest.mark.parametrize(("days", "left"), [(364, 2), (400, 0)])
def test_what_is_told_of_a_bridge_is_kept_as_long_as_log_entries(office: Office, days: int, left: int) -> None:
    bridge_id = office.bridged()
    office.ask("POST", f"/api/integrations/{bridge_id}/dynamics/test")
    office.clock.moment += timedelta(days=days)
    clean(office.hub)
    assert len(office.ask("GET", f"/api/integrations/{bridge_id}/timeline").data) == left
