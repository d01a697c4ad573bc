"""Syncs over HTTP: waited for, refused, failed, repeated."""

from dataclasses import dataclass
from typing import Any

import pytest

from sync.model.errors import RefusedError, RetryLaterError, SetupError, SourceGoneError, SyncError
from sync.model.integration import Status
from sync.model.run import RunStatus
from sync.ports import Companies, PageQuery, SourcePage
from sync.triggers.syncing import patience
from tests.support.company import ToySource
from tests.triggers.kit import Office

COUNTS = {"read": 0, "created": 0, "updated": 0, "unchanged": 0, "conflicts": 0, "errors": 0}


@dataclass(slots=True)
class FailingSource(ToySource):
    """A source that answers nothing but this error."""

    error: SyncError | None = None

    def companies(self) -> Companies:
        if self.error is not None:
            raise self.error
        return ToySource.companies(self)


@dataclass(slots=True)
class Unlisted(ToySource):
    """A source that refuses to list items."""

    def page(self, query: PageQuery, cursor: str | None) -> SourcePage:
        if query.entity_set == "items":
            raise RefusedError("No list")
        return ToySource.page(self, query, cursor)


@pytest.fixture
def sync(office: Office) -> str:
    return f"/api/integrations/{office.integrated()}/dynamics/sync"


def test_a_sync_answers_what_it_came_to_by_entity_type(office: Office, sync: str) -> None:
    office.company.add("vendors", "Adatum")
    done = office.ask("POST", sync)
    assert done.status == 200
    assert done.data == {
        "suppliers": {**COUNTS, "read": 1, "created": 1},
        "products": COUNTS,
        "runId": done.data["runId"],
        "status": "succeeded",
    }


def test_a_failed_record_is_a_success_with_an_error(office: Office, sync: str) -> None:
    office.company.add("vendors", "")
    done = office.ask("POST", sync)
    assert (done.status, done.data["suppliers"]["errors"], done.data["status"]) == (200, 1, "partial")


def test_a_sync_that_could_not_read_one_entity_type_says_so() -> None:
    plain = Office()
    plain.company.add("vendors", "Adatum")
    office = plain.with_source(Unlisted(plain.company))
    sync = f"/api/integrations/{office.integrated()}/dynamics/sync"
    done = office.ask("POST", sync)
    assert (done.status, done.data["status"], done.data["suppliers"]["created"]) == (200, "partial", 1)
    assert done.data["error"] == {"code": "SOURCE_INCOMPLETE", "message": "No list", "retryable": True}
    (entry,) = office.ask("GET", sync.replace("dynamics/sync", "sync-logs?status=ERROR")).data
    assert (entry["entityType"], entry["metadata"]["error"]["message"]) == ("PRODUCT", "No list")


def test_only_the_entity_types_that_were_asked_for_are_answered(office: Office, sync: str) -> None:
    assert set(office.ask("POST", sync, {"entities": ["products"]}).data) == {"products", "runId", "status"}


@pytest.mark.parametrize(
    ("body", "kind", "since"),
    [
        ({}, "full", None),
        ({"mode": "full"}, "full", None),
        ({"mode": "delta"}, "delta", None),
        ({"modifiedSince": None}, "full", None),
        ({"modifiedSince": "2026-01-01T01:00:00+01:00"}, "delta", "2026-01-01T00:00:00Z"),
    ],
)
def test_the_body_decides_what_is_read(
    office: Office, sync: str, body: dict[str, object], kind: str, since: str | None
) -> None:
    run_id = office.ask("POST", sync, body).data["runId"]
    run = office.ask("GET", sync.replace("dynamics/sync", f"runs/{run_id}")).data
    assert (run["kind"], run["watermark"]["from"]) == (kind, since)


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"modifiedSince": "2026-01-01T00:00:00"}, "/modifiedSince", "INVALID_TIME"),
        ({"modifiedSince": "yesterday"}, "/modifiedSince", "INVALID_TIME"),
        ({"modifiedSince": 5}, "/modifiedSince", "INVALID_TIME"),
        ({"modifiedSince": "0001-01-01T00:00:00+14:00"}, "/modifiedSince", "INVALID_TIME"),
        ({"entities": []}, "/entities", "OUT_OF_RANGE"),
        ({"entities": ["contracts"]}, "/entities/0", "INVALID_VALUE"),
        ({"mode": "delta", "modifiedSince": "2026-01-01T00:00:00Z"}, "/mode", "MODE_AND_TIME"),
        ({"mode": "some"}, "/mode", "INVALID_VALUE"),
        ({"modfiedSince": "2026-01-01T00:00:00Z"}, "/modfiedSince", "UNKNOWN_MEMBER"),
        ([], "", "WRONG_TYPE"),
    ],
)
def test_a_body_that_means_nothing_is_refused(office: Office, sync: str, body: object, pointer: str, code: str) -> None:
    refused = office.ask("POST", sync, body)
    assert (refused.status, refused.pointers) == (422, {pointer: code})


def test_a_caller_who_does_not_wait_is_told_where_the_run_is(office: Office, sync: str) -> None:
    begun = office.ask("POST", sync, Prefer="respond-async")
    place = sync.replace("dynamics/sync", f"runs/{begun.data['id']}")
    assert (begun.status, begun.headers["location"], begun.headers["retry-after"]) == (202, place, "2")
    assert begun.data["status"] == "queued"


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [(None, 100), ("", 100), ("respond-async", 0), ("wait=5", 5), ("Wait = 5", 100), ("wait=900", 100), ("wait=0", 0)],
)
def test_the_prefer_header_says_how_long_to_wait(prefer: str | None, seconds: int) -> None:
    assert patience(prefer) == seconds


def test_a_second_sync_is_refused_with_the_run_under_way(office: Office, sync: str) -> None:
    run_id = office.ask("POST", sync, Prefer="respond-async").data["id"]
    refused = office.ask("POST", sync)
    assert (refused.status, refused.code, refused.body["runId"]) == (409, "SYNC_ALREADY_RUNNING", run_id)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (SetupError("Wrong secret", code="CREDENTIALS_REFUSED"), 409, "SETUP_REQUIRED"),
        (SourceGoneError("No company", code="COMPANY_NOT_FOUND"), 409, "INTEGRATION_BROKEN"),
        (RetryLaterError("Down", delay=0, code="SOURCE_UNAVAILABLE"), 503, "SOURCE_UNAVAILABLE"),
        (SyncError("Odd", code="SOURCE_UNREADABLE"), 502, "SOURCE_UNREADABLE"),
    ],
)
def test_a_run_that_fails_as_a_whole_answers_a_problem(error: SyncError, status: int, code: str) -> None:
    clock_office = Office()
    office = clock_office.with_source(FailingSource(clock_office.company, error=error))
    refused = office.ask("POST", f"/api/integrations/{office.integrated()}/dynamics/sync")
    assert (refused.status, refused.code, refused.body["runId"][:4]) == (status, code, "run_")


def test_a_held_integration_is_not_synced(office: Office, sync: str) -> None:
    office.change_integration(sync.split("/")[3], status=Status.REAUTH_REQUIRED)
    refused = office.ask("POST", sync)
    assert (refused.status, refused.code) == (409, "REAUTH_REQUIRED")


def test_a_held_integration_that_works_again_is_synced_by_hand(office: Office, sync: str) -> None:
    office.change_integration(sync.split("/")[3], status=Status.BROKEN, status_reason="Gone")
    assert office.ask("POST", sync).status == 200
    assert office.ask("GET", sync.removesuffix("/dynamics/sync")).data["status"] == "active"


@pytest.mark.parametrize("status", [Status.BROKEN, Status.PAUSED])
def test_a_held_integration_that_fails_again_is_refused_with_its_newest_run(status: Status) -> None:
    plain = Office()
    error = SourceGoneError("No company", code="COMPANY_NOT_FOUND")
    office = plain.with_source(FailingSource(plain.company, error=error))
    integration_id = office.integrated()
    office.change_integration(integration_id, status=status)
    tries = [office.ask("POST", f"/api/integrations/{integration_id}/dynamics/sync") for _ in range(2)]
    assert {(each.status, each.code) for each in tries} == {(409, "INTEGRATION_BROKEN")}
    assert len({each.body["runId"] for each in tries}) == 2


def test_a_cancelled_run_tells_the_caller_who_waited(office: Office, sync: str) -> None:
    office.launcher.before_work = lambda: _cancel(office, sync)
    refused = office.ask("POST", sync)
    assert (refused.status, refused.code) == (409, "RUN_CANCELLED")


def test_a_run_that_cannot_be_started_fails_and_makes_way(office: Office, sync: str) -> None:
    office.launcher.failure = OSError("no backend")
    refused = office.ask("POST", sync)
    office.launcher.failure = None
    assert (refused.status, refused.code, refused.body["retryable"]) == (503, "WORKFLOW_UNAVAILABLE", True)
    assert office.ask("POST", sync).status == 200


def test_an_error_while_waiting_is_a_problem(office: Office, sync: str) -> None:
    def fail() -> None:
        raise OSError("gone")

    office.launcher.before_work = fail
    refused = office.ask("POST", sync)
    assert (refused.status, refused.code) == (500, "INTERNAL_ERROR")


def test_a_retry_reads_the_failed_records_of_a_run(office: Office, sync: str) -> None:
    row = office.company.add("vendors", "")
    run_id = office.ask("POST", sync).data["runId"]
    office.company.put("vendors", row, "Adatum")
    done = office.ask("POST", sync.replace("dynamics/sync", f"runs/{run_id}/retry"))
    assert (done.status, done.data["suppliers"]["created"]) == (200, 1)


def test_a_repeated_sync_with_the_same_key_starts_no_second_run(office: Office, sync: str) -> None:
    first = office.ask("POST", sync, Idempotency_Key="k")
    second = office.ask("POST", sync, Idempotency_Key="k")
    assert (second.text, second.headers["idempotency-replayed"]) == (first.text, "true")


def _cancel(office: Office, sync: str) -> Any:
    integration_id = sync.split("/")[3]
    newest = office.desk.runs.list(integration_id, cursor=None, limit=1).items[0]
    assert newest.status is RunStatus.QUEUED
    return office.ask("POST", f"/api/integrations/{integration_id}/runs/{newest.id}/cancel")
