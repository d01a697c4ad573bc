"""Held runs over HTTP: shown, approved, refused."""

from typing import Any

import pytest

from tests.triggers.kit import Office

STRICT = {"breaker": {"changes": {"share": 0.5, "count": 0}}}


@pytest.fixture
def home(office: Office) -> str:
    """Return an integration that may not change its two suppliers at once."""
    home = f"/api/integrations/{office.integrated(settings=STRICT)}"
    office.company.add("vendors", "Adatum")
    office.company.add("vendors", "Contoso")
    office.ask("POST", f"{home}/dynamics/sync")
    office.clock.pass_by(60)
    return home


def held(office: Office, home: str, name: str = "New") -> Any:
    """Change every vendor, sync, and return the answer."""
    for row in office.company.sets["vendors"]:
        office.company.put("vendors", row, name)
    return office.ask("POST", f"{home}/dynamics/sync")


def names(office: Office) -> set[str]:
    return {record.fields["name"] for record in office.stored()}


def test_the_sync_that_meets_the_breaker_answers_what_it_would_change(office: Office, home: str) -> None:
    answer = held(office, home)
    told = answer.data["approval"]
    assert (answer.status, answer.data["status"], names(office)) == (200, "partial", {"Adatum", "Contoso"})
    assert (told["required"], told["changes"], told["blanks"], told["stored"]) == (True, 2, 0, 2)
    assert {(each["field"], each["from"], each["to"]) for each in told["sample"]} == {
        ("name", "Adatum", "New"),
        ("name", "Contoso", "New"),
    }
    assert set(told["sample"][0]) == {"entityType", "externalId", "name", "field", "from", "to"}
    assert all(each["name"] == each["from"] for each in told["sample"])


def test_a_held_run_shows_why_and_until_when(office: Office, home: str) -> None:
    run = office.ask("GET", f"{home}/runs/{held(office, home).data['runId']}").data
    assert (run["error"]["code"], run["approval"]["expiresAt"]) == ("APPROVAL_REQUIRED", "2026-01-12T08:01:00Z")
    assert run["approval"]["approvedAt"] is None


def test_an_approved_run_answers_like_a_sync(office: Office, home: str) -> None:
    run_id = held(office, home).data["runId"]
    done = office.ask("POST", f"{home}/runs/{run_id}/approve")
    assert (done.status, done.data["runId"], done.data["status"]) == (200, run_id, "succeeded")
    assert (done.data["suppliers"]["updated"], names(office), "approval" in done.data) == (2, {"New"}, False)


def test_who_does_not_wait_is_told_where_the_approved_run_is(office: Office, home: str) -> None:
    run_id = held(office, home).data["runId"]
    begun = office.ask("POST", f"{home}/runs/{run_id}/approve", Prefer="respond-async")
    assert (begun.status, begun.headers["location"]) == (202, f"{home}/runs/{run_id}")
    assert (begun.data["approval"]["required"], begun.data["endedAt"]) == (False, None)


def test_a_repeated_approval_with_the_same_key_gets_the_same_answer(office: Office, home: str) -> None:
    run_id = held(office, home).data["runId"]
    first = office.ask("POST", f"{home}/runs/{run_id}/approve", Idempotency_Key="k")
    second = office.ask("POST", f"{home}/runs/{run_id}/approve", Idempotency_Key="k")
    assert (first.text, second.headers["idempotency-replayed"]) == (second.text, "true")


def test_an_overtaken_approval_names_the_run_that_waits_now(office: Office, home: str) -> None:
    first, second = held(office, home).data["runId"], held(office, home, "Newer").data["runId"]
    refused = office.ask("POST", f"{home}/runs/{first}/approve")
    assert (refused.status, refused.code, refused.body["runId"]) == (409, "APPROVAL_STALE", second)


def test_a_run_that_waits_for_nobody_cannot_be_approved(office: Office, home: str) -> None:
    run_id = office.ask("GET", f"{home}/runs").data[0]["id"]
    refused = office.ask("POST", f"{home}/runs/{run_id}/approve")
    assert (refused.status, refused.code) == (409, "NOT_HELD")


def test_someone_elses_run_is_not_found(office: Office, home: str) -> None:
    run_id = held(office, home).data["runId"]
    office.user = "mallory"
    assert office.ask("POST", f"{home}/runs/{run_id}/approve").status == 404


@pytest.mark.parametrize(
    ("breaker", "pointer", "code"),
    [
        (True, "/settings/breaker", "WRONG_TYPE"),
        ({"changes": {"share": 2}}, "/settings/breaker/changes/share", "OUT_OF_RANGE"),
        ({"blanks": {"count": -1}}, "/settings/breaker/blanks/count", "OUT_OF_RANGE"),
        ({"blanks": {"count": 1.5}}, "/settings/breaker/blanks/count", "WRONG_TYPE"),
        ({"change": {}}, "/settings/breaker/change", "UNKNOWN_MEMBER"),
        ({"changes": {"most": 1}}, "/settings/breaker/changes/most", "UNKNOWN_MEMBER"),
    ],
)
def test_limits_that_mean_nothing_are_refused(office: Office, home: str, breaker: Any, pointer: str, code: str) -> None:
    tag = office.ask("GET", home).headers["etag"]
    refused = office.ask("PATCH", home, {"settings": {"breaker": breaker}}, If_Match=tag)
    assert (refused.status, refused.pointers) == (422, {pointer: code})


@pytest.mark.parametrize("breaker", [False, {"changes": {"share": 1, "count": 5}}, {"blanks": {"share": 0.25}}, {}])
def test_limits_are_kept_as_they_were_written(office: Office, breaker: Any) -> None:
    home = f"/api/integrations/{office.integrated(settings={'breaker': breaker})}"
    assert office.ask("GET", home).data["settings"] == {"breaker": breaker}


def test_an_approval_that_cannot_be_carried_out_now_can_be_given_again(office: Office, home: str) -> None:
    run_id = held(office, home).data["runId"]
    before = office.ask("GET", f"{home}/runs/{run_id}").data
    office.launcher.failure = OSError("no backend")
    refused = office.ask("POST", f"{home}/runs/{run_id}/approve")
    office.launcher.failure = None
    assert (refused.status, refused.code) == (503, "WORKFLOW_UNAVAILABLE")
    assert office.ask("GET", f"{home}/runs/{run_id}").data == before
    assert office.ask("POST", f"{home}/runs/{run_id}/approve").data["status"] == "succeeded"
