"""Whatever moment the app dies at, nothing is lost and nothing is done twice."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scripts.bridge_campaign import BridgeCampaign
from scripts.campaign import LIMIT, Campaign, fallen
from scripts.client import Hub
from scripts.stack import Stack, running

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]

_SANDBOX = ("--company", "generated", "--vendors", "800", "--items", "3200")
_SETTINGS = {"DEVHOST_LOG": "WARNING", "HUB_DELTA_SCHEDULE": "* * * * * *"}


@pytest.fixture(scope="module")
def place() -> Iterator[Stack]:
    with running(_SANDBOX, _SETTINGS) as stack:
        yield stack
    for server in (stack.app, stack.sandbox):
        assert server.child.process.stdout is not None
        server.child.process.stdout.close()


@pytest.fixture
def campaign(place: Stack) -> Iterator[Campaign]:
    campaign = Campaign(place)
    assert campaign.calibrate().complaints == []
    yield campaign
    place.control.set_switch(latency_ms=0, max_page_size=20_000)


def _connected(place: Stack, user: str, **more: Any) -> tuple[Hub, str]:
    control = place.control
    hub = Hub(place.url, control.user_token("alice", claims={"oid": f"a11ce000-0000-4000-8000-{user:0>12}"}))
    app = control.client()
    connection = {name: app[name] for name in ("tenantId", "clientId", "clientSecret")}
    body = {
        "name": "An integration",
        "kind": "business_central",
        "connection": {**connection, "companyId": control.company_id("generated")},
    }
    return hub, f"/api/integrations/{hub.post('/api/integrations', {**body, **more})['id']}"


def _known(hub: Hub, path: str) -> list[Any]:
    listed = [hub.everything(f"{path}/{rest}") for rest in ("suppliers?limit=200", "runs", "sync-logs")]
    return [hub.get(path), *listed]


def test_three_syncs_that_a_kill_interrupts_end_as_if_nothing_had_happened(campaign: Campaign) -> None:
    victims = campaign.wave((301, 302, 303), kills=1)
    assert {victim.seed: victim.complaints for victim in victims} == {301: [], 302: [], 303: []}


def test_a_kill_while_nothing_runs_loses_nothing(place: Stack) -> None:
    hub, path = _connected(place, "1")
    hub.post(f"{path}/dynamics/sync")
    before = _known(hub, path)
    with fallen(place):
        pass
    assert _known(hub, path) == before


def test_a_scheduled_time_that_was_missed_is_made_up_for_once(place: Stack) -> None:
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=6)
    hub, path = _connected(place, "2", schedule=f"{due.second} * * * * *")
    with fallen(place):
        time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()) + 1)
    deadline = time.monotonic() + LIMIT
    runs: list[Any] = []
    while not any(run["endedAt"] for run in runs) and time.monotonic() < deadline:
        time.sleep(0.2)
        runs = hub.get(f"{path}/runs")
    assert [(run["trigger"], run["status"]) for run in runs] == [("timer", "succeeded")]


def test_contracts_that_a_kill_interrupts_are_made_once_and_merged_without_a_loss(place: Stack) -> None:
    campaign = BridgeCampaign(place)
    deals = campaign.wave(range(10))
    campaign.end()
    assert {deal.seed: deal.complaints for deal in deals} == {seed: [] for seed in range(10)}
