"""Durable functions of the sample app, through the async client."""

import json
from typing import Any

import pytest

from tests.devhost.running import RunningHost, until


def finished(host: RunningHost, links: dict[str, str]) -> Any:
    return until(lambda: (r := host.session.get(links["statusQueryGetUri"])).status_code != 202 and r.json())


@pytest.mark.parametrize(
    ("name", "job", "output"),
    [
        ("fan_out", {"pages": 20}, 20),
        ("fan_out", {"pages": 20, "activity": "read_page_async"}, 20),
        ("one_by_one", {"pages": 5}, 5),
        ("parent", {"pages": 2, "children": 3}, 6),
        ("counts_up", {"number": 0, "last": 10}, 10),
        ("counts_in_entity", {"key": "k"}, 5),
        ("waits_for_event", {"limit": 0.1}, "time is up"),
    ],
)
def test_an_orchestration_completes(host: RunningHost, name: str, job: dict[str, Any], output: Any) -> None:
    ended = host.run(name, **job)
    assert (ended["status"], json.loads(ended["output"])) == ("COMPLETED", output)


def test_200_activities_take_a_moment(host: RunningHost) -> None:
    host.run("fan_out", pages=200)
    assert any(host.run("fan_out", pages=200)["seconds"] < 1 for _ in range(20))


def test_slow_activities_run_20_at_a_time(host: RunningHost) -> None:
    seconds = host.run("fan_out", pages=40, sleep=0.2)["seconds"]
    assert 0.4 <= seconds < 4


def test_the_failure_of_an_activity_has_kind_and_message(host: RunningHost) -> None:
    ended = host.run("reports_failure")
    assert json.loads(ended["output"])["kind"] == "jobs.PageError"


def test_a_failed_activity_fails_its_orchestration(host: RunningHost) -> None:
    assert host.run("fails")["status"] == "FAILED"


def test_the_failure_of_a_child_reaches_its_parent(host: RunningHost) -> None:
    assert "page 1 is broken" in host.run("parent_of_failure")["output"]


def test_an_unknown_orchestrator_fails(host: RunningHost) -> None:
    assert host.run("nothing")["status"] == "FAILED"


def test_a_timer_left_behind_does_not_wake_what_continued_as_new(host: RunningHost) -> None:
    links = host.start("leaves_timers_behind", turn=0)
    host.run("waits_for_event", limit=0.3)
    event = links["sendEventPostUri"].replace("{eventName}", "go")
    host.session.post(event, json=1)
    assert finished(host, links)["output"] == "event"


def test_starting_an_id_that_runs_is_refused(host: RunningHost) -> None:
    host.start("waits_for_event", "single")
    assert host.start("waits_for_event", "single") == {"error": "ALREADY_EXISTS"}


def test_an_id_may_be_used_again_when_it_is_done(host: RunningHost) -> None:
    finished(host, host.start("fan_out", "again", pages=1))
    assert finished(host, host.start("fan_out", "again", pages=2))["output"] == 2


def test_the_client_terminates_an_orchestration(host: RunningHost) -> None:
    host.start("waits_for_event", "ending")
    until(lambda: host.get("/runtime/webhooks/durabletask/instances/ending").json()["runtimeStatus"] == "Running")
    assert host.post("/api/stop/ending").json() == ["RUNNING", "TERMINATED"]


def test_the_custom_status_is_shown(host: RunningHost) -> None:
    ended = finished(host, host.start("fan_out", pages=3))
    assert ended["customStatus"]["done"] == 3
