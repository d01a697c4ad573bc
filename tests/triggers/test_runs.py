"""Runs and the sync log over HTTP."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.model.entity import EntityType
from sync.model.run import Completeness, RunFailure, RunStatus, Tally, Verdict, Window
from tests.support.company import START
from tests.triggers.kit import Office


@pytest.fixture
def home(office: Office) -> str:
    office.company.add("vendors", "")
    home = f"/api/integrations/{office.integrated()}"
    office.ask("POST", f"{home}/dynamics/sync")
    return home


def test_runs_are_listed_newest_first(office: Office, home: str) -> None:
    later = office.ask("POST", f"{home}/dynamics/sync").data["runId"]
    listed = office.ask("GET", f"{home}/runs").data
    assert (len(listed), listed[0]["id"]) == (2, later)


def test_a_run_shows_what_it_did(office: Office, home: str) -> None:
    run = office.ask("GET", f"{home}/runs").data[0]
    shown = office.ask("GET", f"{home}/runs/{run['id']}").data
    assert (shown["status"], shown["entities"]["suppliers"]["errors"]) == ("partial", 1)
    assert shown["completeness"] == {
        "verdict": "complete",
        "expected": 1,
        "read": 1,
        "missing": 0,
        "extra": 0,
        "gone": 0,
    }


def test_a_run_shows_every_member_of_the_contract(office: Office, home: str) -> None:
    run = office.ask("GET", f"{home}/runs").data[0]
    assert set(run) >= {
        *("id", "kind", "trigger", "status", "startedAt", "endedAt", "watermark", "progress", "entities"),
        *("completeness", "error"),
    }
    assert set(run["progress"]) == {"phase", "pages", "records", "expected", "ratePerSecond", "heartbeatAt"}
    assert set(run["watermark"]) == {"from", "to"}


def test_an_unknown_run_is_not_found(office: Office, home: str) -> None:
    assert office.ask("GET", f"{home}/runs/run_0").status == 404


def test_an_ended_run_cannot_be_cancelled(office: Office, home: str) -> None:
    run = office.ask("GET", f"{home}/runs").data[0]
    refused = office.ask("POST", f"{home}/runs/{run['id']}/cancel")
    assert (refused.status, refused.code) == (409, "RUN_ENDED")


def test_a_cancelled_run_is_accepted_for_cancelling(office: Office, home: str) -> None:
    run_id = office.ask("POST", f"{home}/dynamics/sync", Prefer="respond-async").data["id"]
    answer = office.ask("POST", f"{home}/runs/{run_id}/cancel")
    assert (answer.status, answer.headers["location"]) == (202, f"{home}/runs/{run_id}")
    assert answer.data["cancelRequested"] is True


def test_the_errors_of_a_run_name_record_and_reason(office: Office, home: str) -> None:
    run = office.ask("GET", f"{home}/runs").data[0]
    found = office.ask("GET", f"{home}/runs/{run['id']}/errors").data
    assert [(each["entityType"], each["code"], each["attempts"]) for each in found] == [
        ("SUPPLIER", "REQUIRED_FIELD_MISSING", 1)
    ]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("?entityType=PRODUCT", 1),
        ("?action=TEST", 0),
        ("?action=PUSH", 0),
        ("?entityType=CONTRACT", 0),
        ("?status=PARTIAL", 1),
        ("?from=2026-01-05T08:00:00+00:00", 2),
        ("?from=2026-01-06T00:00:00Z", 0),
        ("?to=2026-01-05T00:00:00Z", 0),
        ("?runId=run_0", 0),
        ("?contractId=1001", 0),
    ],
)
def test_the_log_is_filtered(office: Office, home: str, query: str, count: int) -> None:
    assert len(office.ask("GET", f"{home}/sync-logs{query}").data) == count


def test_an_entry_lies_between_its_own_time_and_its_own_time(office: Office, home: str) -> None:
    entry = office.ask("GET", f"{home}/sync-logs?limit=1").data[0]
    found = office.ask("GET", f"{home}/sync-logs?from={entry['createdAt']}&to={entry['createdAt']}").data
    assert entry in found


def test_a_log_entry_counts_what_was_written(office: Office, home: str) -> None:
    entry = office.ask("GET", f"{home}/sync-logs?entityType=SUPPLIER").data[0]
    assert (entry["action"], entry["status"], entry["recordsAffected"]) == ("UPSERT", "PARTIAL", 0)
    assert set(entry) == {
        *("id", "integrationId", "entityType", "action", "status", "recordsAffected", "metadata", "createdAt"),
    }


def test_every_problem_of_a_log_query_is_told(office: Office, home: str) -> None:
    times = office.ask("GET", f"{home}/sync-logs?from=yesterday&to=2026-01-01T00:00:00")
    words = office.ask("GET", f"{home}/sync-logs?entityType=VENDOR&action=JUMP&status=GOOD")
    assert times.pointers == {"/from": "INVALID_TIME", "/to": "INVALID_TIME"}
    assert set(words.pointers) == {"/entityType", "/action", "/status"}


def test_a_run_without_a_start_shows_when_it_was_queued(office: Office, home: str) -> None:
    begun = office.ask("POST", f"{home}/dynamics/sync", Prefer="respond-async").data
    assert (begun["startedAt"], begun["endedAt"]) == (begun["queuedAt"], None)


def test_a_run_shows_its_window_and_what_stopped_it(office: Office, home: str) -> None:
    run = office.desk.runs.list(home.split("/")[3], cursor=None, limit=1).items[0]
    window = Window(START, START + timedelta(hours=1))
    failure = RunFailure("SOURCE_TIMEOUT", "Too slow", retryable=True)
    office.desk.runs.save(replace(run, status=RunStatus.FAILED, window=window, error=failure))
    shown = office.ask("GET", f"{home}/runs/{run.id}").data
    assert shown["watermark"] == {"from": "2026-01-05T08:00:00Z", "to": "2026-01-05T09:00:00Z"}
    assert shown["error"] == {"code": "SOURCE_TIMEOUT", "message": "Too slow", "retryable": True}


def test_the_completeness_of_a_run_is_its_worst_verdict(office: Office, home: str) -> None:
    run = office.desk.runs.list(home.split("/")[3], cursor=None, limit=1).items[0]
    parts = {
        EntityType.SUPPLIERS: Completeness(Verdict.SHORT, 5, 3, missing=2),
        EntityType.PRODUCTS: Completeness(Verdict.COMPLETE, 1, 1),
    }
    office.desk.runs.save(replace(run, completeness=parts, totals={EntityType.SUPPLIERS: Tally(read=3)}))
    shown = office.ask("GET", f"{home}/runs/{run.id}").data
    assert (shown["completeness"]["verdict"], shown["completeness"]["missing"]) == ("short", 2)


def test_a_full_run_leads_to_its_certificate(office: Office, home: str) -> None:
    run = office.desk.runs.list(home.split("/")[3], cursor=None, limit=9).items[-1]
    shown = office.ask("GET", f"{home}/runs/{run.id}").data
    assert shown["certificate"] == f"{home}/runs/{run.id}/certificate"
    found = office.ask("GET", shown["certificate"]).data
    assert (found["runId"], len(found["digest"]), set(found["entities"])) == (run.id, 64, {"suppliers", "products"})


TRIES = {"code", "class", "attempts", "firstAt", "lastAt", "nextTry", "nextTryAt"}


def test_a_failed_record_tells_how_often_it_was_tried_and_when_it_is_again(office: Office, home: str) -> None:
    (found,) = office.ask("GET", f"{home}/failures?entityType=SUPPLIER&class=data&code=REQUIRED_FIELD_MISSING").data
    assert set(found) == {"entityType", "externalId", "runId", "error", "data", *TRIES}
    assert (found["attempts"], found["nextTry"], found["nextTryAt"]) == (1, "sync_by_hand", None)
    assert (found["entityType"], found["class"], found["firstAt"]) == ("SUPPLIER", "data", found["lastAt"])


def test_the_errors_of_a_run_tell_the_same_as_the_open_failures(office: Office, home: str) -> None:
    (found,) = office.ask("GET", f"{home}/failures").data
    assert office.ask("GET", f"{home}/runs/{found['runId']}/errors").data == [found]


@pytest.mark.parametrize("query", ["?entityType=PRODUCT", "?class=mapping", "?code=NONE"])
def test_open_failures_are_filtered(office: Office, home: str, query: str) -> None:
    assert office.ask("GET", f"{home}/failures{query}").data == []


def test_every_problem_of_a_query_for_failures_is_told(office: Office, home: str) -> None:
    refused = office.ask("GET", f"{home}/failures?entityType=VENDOR&class=bad")
    assert refused.pointers == {"/entityType": "UNKNOWN_VALUE", "/class": "UNKNOWN_VALUE"}


def test_open_failures_come_in_pages(office: Office, home: str) -> None:
    office.company.add("vendors", "")
    office.ask("POST", f"{home}/dynamics/sync", {})
    first = office.ask("GET", f"{home}/failures?limit=1").body
    second = office.ask("GET", first["nextLink"].removeprefix("https://hub.example")).body
    assert len({each["externalId"] for each in first["data"] + second["data"]}) == 2
    assert "nextLink" not in second


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?status=partial", 1),
        ("?status=failed", 0),
        ("?kind=full", 1),
        ("?kind=delta", 0),
        ("?from=2026-01-05T00:00:00Z", 1),
        ("?to=2026-01-05T00:00:00Z", 0),
    ],
)
def test_runs_are_filtered(office: Office, home: str, query: str, count: int) -> None:
    assert len(office.ask("GET", f"{home}/runs{query}").data) == count


def test_every_problem_of_a_query_for_runs_is_told(office: Office, home: str) -> None:
    refused = office.ask("GET", f"{home}/runs?status=good&kind=big&from=yesterday&to=x")
    assert refused.pointers == {
        "/status": "INVALID_VALUE",
        "/kind": "INVALID_VALUE",
        "/from": "INVALID_TIME",
        "/to": "INVALID_TIME",
    }
