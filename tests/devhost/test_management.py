"""The durable management API and the admin API."""

from typing import Any

import pytest
import requests

from tests.devhost.running import RunningHost, until

INSTANCES = "/runtime/webhooks/durabletask/instances"


def status(host: RunningHost, links: dict[str, str]) -> Any:
    return host.session.get(links["statusQueryGetUri"]).json()["runtimeStatus"]


def waiting(host: RunningHost) -> dict[str, str]:
    links: dict[str, str] = host.start("waits_for_event")
    until(lambda: status(host, links) == "Running")
    return links


def done(host: RunningHost, name: str = "fan_out") -> dict[str, str]:
    links: dict[str, str] = host.start(name, pages=1)
    until(lambda: status(host, links) in {"Completed", "Failed"})
    return links


def test_a_running_instance_answers_202_with_a_place_to_ask_again(host: RunningHost) -> None:
    reply = host.session.get(waiting(host)["statusQueryGetUri"])
    assert (reply.status_code, reply.headers["Retry-After"], INSTANCES in reply.headers["Location"]) == (202, "5", True)


def test_a_finished_instance_answers_200_with_its_output(host: RunningHost) -> None:
    links = done(host)
    shown = host.session.get(links["statusQueryGetUri"])
    assert (shown.status_code, shown.json()["output"], shown.json()["input"]) == (200, 1, {"pages": 1})


def test_the_input_may_be_hidden_and_the_history_shown(host: RunningHost) -> None:
    links = done(host)
    shown = host.session.get(links["statusQueryGetUri"] + "&showInput=false&showHistory=true").json()
    assert (shown["input"], "executionStarted" in shown["historyEvents"][1]) == (None, True)


def test_a_failed_instance_answers_500_only_when_asked_to(host: RunningHost) -> None:
    url = done(host, "fails")["statusQueryGetUri"]
    replies = [host.session.get(url), host.session.get(url + "&returnInternalServerErrorOnFailure=true")]
    assert [reply.status_code for reply in replies] == [200, 500]


@pytest.mark.parametrize("path", ["/terminate", "/suspend", "/resume", "/restart", "/raiseEvent/go"])
def test_an_unknown_instance_is_not_found(host: RunningHost, path: str) -> None:
    assert host.post(f"{INSTANCES}/unknown{path}", json=1).status_code == 404


def test_an_event_reaches_its_instance(host: RunningHost) -> None:
    links = waiting(host)
    reply = host.session.post(links["sendEventPostUri"].replace("{eventName}", "go"), json=1)
    until(lambda: status(host, links) == "Completed")
    assert reply.status_code == 202


@pytest.mark.parametrize(
    ("body", "kind"), [("1", "text/plain"), ("{", "application/json")], ids=["not JSON by name", "not JSON by content"]
)
def test_an_event_must_be_json(host: RunningHost, body: str, kind: str) -> None:
    url = waiting(host)["sendEventPostUri"].replace("{eventName}", "go")
    assert host.session.post(url, data=body, headers={"Content-Type": kind}).status_code == 400


def test_an_instance_is_suspended_resumed_and_terminated(host: RunningHost) -> None:
    links = waiting(host)
    for verb, state in (("suspend", "Suspended"), ("resume", "Running"), ("terminate", "Terminated")):
        host.session.post(links[f"{verb}PostUri"])
        until(lambda state=state: status(host, links) == state)
    assert host.session.post(links["terminatePostUri"]).status_code == 410


def test_a_finished_instance_restarts_under_a_new_id(host: RunningHost) -> None:
    links = done(host)
    again = host.session.post(links["restartPostUri"])
    assert (again.status_code, again.json()["id"] != links["id"]) == (202, True)


def test_a_purged_instance_is_gone(host: RunningHost) -> None:
    links = done(host)
    purged = host.session.delete(links["purgeHistoryDeleteUri"]).json()
    assert (purged, host.session.get(links["statusQueryGetUri"]).status_code) == ({"instancesDeleted": 1}, 404)


def test_instances_are_listed_by_status(host: RunningHost) -> None:
    done(host, "fails")
    listed = host.get(f"{INSTANCES}?runtimeStatus=Failed&top=1").json()
    assert [shown["runtimeStatus"] for shown in listed] == ["Failed"]


@pytest.mark.parametrize("query", ["runtimeStatus=Odd", "top=x", "createdTimeFrom=x"])
def test_a_filter_that_makes_no_sense_is_a_bad_request(host: RunningHost, query: str) -> None:
    assert host.get(f"{INSTANCES}?{query}").status_code == 400


def test_a_purge_needs_a_time(host: RunningHost) -> None:
    assert host.session.delete(host.url + INSTANCES).status_code == 400


def test_an_orchestration_starts_over_http_once(host: RunningHost) -> None:
    path = "/runtime/webhooks/durabletask/orchestrators/waits_for_event/over-http"
    assert [host.post(path, json={}).status_code for _ in range(2)] == [202, 409]


def test_the_webhooks_ask_for_the_system_key(host: RunningHost) -> None:
    shown = done(host)["statusQueryGetUri"]
    bare = shown.partition("?")[0]
    replies = [requests.get(url, timeout=10) for url in (bare, bare + "?code=host-key", shown)]
    assert [reply.status_code for reply in replies] == [401, 401, 200]


def test_a_timer_runs_by_hand(host: RunningHost) -> None:
    before = len(host.get("/api/seen").json()["timer"])
    reply = host.post("/admin/functions/tick?wait=1", json={"input": ""})
    assert (reply.status_code, len(host.get("/api/seen").json()["timer"])) == (202, before + 1)


def test_an_unknown_function_does_not_run_by_hand(host: RunningHost) -> None:
    assert host.post("/admin/functions/nothing", json={}).status_code == 404


def test_the_admin_api_lists_the_functions(host: RunningHost) -> None:
    listed = {f["name"]: f["config"]["bindings"] for f in host.get("/admin/functions").json()}
    assert listed["tick"][0]["schedule"] == "%SAMPLE_SCHEDULE%"


def test_a_disabled_function_is_left_out(host: RunningHost) -> None:
    assert "on_message" not in {f["name"] for f in host.get("/admin/functions").json()}


def test_the_admin_api_asks_for_the_master_key(host: RunningHost) -> None:
    replies = [requests.get(f"{host.url}/admin/host/status?code={k}", timeout=10) for k in ("host-key", "master-key")]
    assert [reply.status_code for reply in replies] == [401, 200]
