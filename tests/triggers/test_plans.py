"""Plans over HTTP: made, shown, listed, applied, refused."""

import pytest

from tests.triggers.kit import Office

COUNTS = {"read": 0, "created": 0, "updated": 0, "unchanged": 0, "conflicts": 0, "errors": 0, "gone": 0}


@pytest.fixture
def home(office: Office) -> str:
    """Return an integration with one stored supplier, which has another name by now, and a new one."""
    home = f"/api/integrations/{office.integrated()}"
    row = office.company.add("vendors", "Adatum")
    office.ask("POST", f"{home}/dynamics/sync")
    office.clock.pass_by(60)
    office.company.put("vendors", row, "Adatum AB")
    office.company.add("vendors", "Contoso")
    return home


def test_a_planned_sync_answers_what_it_would_do_and_does_nothing(office: Office, home: str) -> None:
    answer = office.ask("POST", f"{home}/dynamics/sync?plan=true", {"mode": "full"})
    plan = answer.data
    assert (answer.status, plan["expiresAt"], plan["appliedAt"]) == (200, "2026-01-06T08:01:00Z", None)
    assert plan["entities"]["suppliers"] == {**COUNTS, "read": 2, "created": 1, "updated": 1}
    assert [(each["entityType"], each["action"]) for each in plan["changes"]] == [
        ("SUPPLIER", "create"),
        ("SUPPLIER", "update"),
    ]
    assert plan["changes"][1]["fields"] == {"name": {"from": "Adatum", "to": "Adatum AB"}}
    assert [record.fields["name"] for record in office.stored()] == ["Adatum"]
    assert office.ask("GET", f"{home}/plans/{plan['planId']}").data == plan


def test_a_plan_is_a_run_that_says_so(office: Office, home: str) -> None:
    office.ask("POST", f"{home}/dynamics/sync?plan=true")
    assert [run["plan"] for run in office.ask("GET", f"{home}/runs").data] == [True, False]


def test_a_plan_leads_to_a_certificate_once_it_was_applied(office: Office, home: str) -> None:
    plan = office.ask("POST", f"{home}/dynamics/sync?plan=true").data["planId"]
    path = f"{home}/runs/{plan}"
    planned = office.ask("GET", path).data
    office.ask("POST", f"{home}/plans/{plan}/apply")
    applied = office.ask("GET", path).data
    assert [(run["plan"], run["planOnly"], run["certificate"]) for run in (planned, applied)] == [
        (True, True, None),
        (True, False, f"{path}/certificate"),
    ]


def test_an_applied_plan_answers_like_a_sync_with_the_plans_counts(office: Office, home: str) -> None:
    plan = office.ask("POST", f"{home}/dynamics/sync?plan=true").data
    done = office.ask("POST", f"{home}/plans/{plan['planId']}/apply")
    assert (done.status, done.data["runId"]) == (200, plan["planId"])
    assert {**done.data["suppliers"], "gone": 0} == plan["entities"]["suppliers"]
    assert {record.fields["name"] for record in office.stored()} == {"Adatum AB", "Contoso"}
    shown = office.ask("GET", f"{home}/plans/{plan['planId']}").data
    assert (shown["appliedAt"], "changes" in shown) == ("2026-01-05T08:01:00Z", False)


def test_a_plan_that_is_not_true_any_more_is_refused(office: Office, home: str) -> None:
    plan = office.ask("POST", f"{home}/dynamics/sync?plan=true").data["planId"]
    office.company.add("vendors", "Later")
    refused = office.ask("POST", f"{home}/plans/{plan}/apply")
    assert (refused.status, refused.code, refused.body["runId"]) == (409, "PLAN_STALE", plan)
    assert office.ask("POST", f"{home}/plans/{plan}/apply").code == "PLAN_STALE"


def test_a_plan_is_applied_once_and_with_the_same_key_answered_again(office: Office, home: str) -> None:
    plan = office.ask("POST", f"{home}/dynamics/sync?plan=true").data["planId"]
    first = office.ask("POST", f"{home}/plans/{plan}/apply", Idempotency_Key="k")
    again = office.ask("POST", f"{home}/plans/{plan}/apply", Idempotency_Key="k")
    refused = office.ask("POST", f"{home}/plans/{plan}/apply")
    assert (again.text, refused.status, refused.code) == (first.text, 409, "PLAN_APPLIED")
    assert office.ask("GET", f"{home}/plans/{plan}/changes").code == "PLAN_APPLIED"


def test_an_old_plan_shows_its_counts_only(office: Office, home: str) -> None:
    plan = office.ask("POST", f"{home}/dynamics/sync?plan=true").data["planId"]
    office.clock.pass_by(86_400)
    assert "changes" not in office.ask("GET", f"{home}/plans/{plan}").data
    assert office.ask("GET", f"{home}/plans/{plan}/changes").code == "PLAN_EXPIRED"


def test_who_does_not_wait_finds_the_plan_at_its_run(office: Office, home: str) -> None:
    begun = office.ask("POST", f"{home}/dynamics/sync?plan=true", Prefer="respond-async")
    assert (begun.status, begun.data["plan"]) == (202, True)
    early = office.ask("GET", f"{home}/plans/{begun.data['id']}")
    assert (early.status, early.code) == (409, "RUN_ACTIVE")


def test_the_rows_of_a_plan_go_on_at_its_next_link(office: Office, home: str) -> None:
    for number in range(60):
        office.company.add("vendors", f"V{number}")
    plan = office.ask("POST", f"{home}/dynamics/sync?plan=true").data
    assert len(plan["changes"]) == 50
    rest = office.ask("GET", plan["nextLink"].removeprefix("https://hub.example"))
    assert (len(rest.data), "nextLink" in rest.body) == (12, False)


def test_the_rows_of_a_plan_are_filtered(office: Office, home: str) -> None:
    plan = office.ask("POST", f"{home}/dynamics/sync?plan=true").data["planId"]
    found = office.ask("GET", f"{home}/plans/{plan}/changes?entity=suppliers&action=update").data
    assert [each["action"] for each in found] == ["update"]
    assert office.ask("GET", f"{home}/plans/{plan}/changes?entity=products").data == []
    refused = office.ask("GET", f"{home}/plans/{plan}/changes?entity=vendors&action=jump")
    assert refused.pointers == {"/entity": "INVALID_VALUE", "/action": "INVALID_VALUE"}


@pytest.mark.parametrize("value", ["yes", "1", "True"])
def test_a_plan_is_wanted_or_not(office: Office, home: str, value: str) -> None:
    refused = office.ask("POST", f"{home}/dynamics/sync?plan={value}")
    assert (refused.status, refused.pointers) == (422, {"/plan": "INVALID_VALUE"})


def test_plan_false_is_a_sync(office: Office, home: str) -> None:
    assert office.ask("POST", f"{home}/dynamics/sync?plan=false").data["suppliers"]["created"] == 1


@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("GET", "/changes"), ("POST", "/apply")])
def test_what_is_no_plan_or_someone_elses_is_not_found(office: Office, home: str, method: str, rest: str) -> None:
    plan = office.ask("POST", f"{home}/dynamics/sync?plan=true").data["planId"]
    run = office.ask("POST", f"{home}/dynamics/sync").data["runId"]
    assert office.ask(method, f"{home}/plans/{run}{rest}").status == 404
    office.user = "mallory"
    assert office.ask(method, f"{home}/plans/{plan}{rest}").status == 404


def test_a_plan_that_cannot_be_applied_now_can_be_applied_later(office: Office, home: str) -> None:
    plan = office.ask("POST", f"{home}/dynamics/sync?plan=true").data
    office.launcher.failure = OSError("no backend")
    refused = office.ask("POST", f"{home}/plans/{plan['planId']}/apply")
    office.launcher.failure = None
    assert (refused.status, refused.code) == (503, "WORKFLOW_UNAVAILABLE")
    assert office.ask("GET", f"{home}/plans/{plan['planId']}").data == plan
    assert office.ask("POST", f"{home}/plans/{plan['planId']}/apply").status == 200


def test_a_plan_that_was_replaced_shows_its_counts_only(office: Office, home: str) -> None:
    first = office.ask("POST", f"{home}/dynamics/sync?plan=true").data
    office.ask("POST", f"{home}/dynamics/sync?plan=true")
    shown = office.ask("GET", f"{home}/plans/{first['planId']}")
    assert (shown.status, shown.data["entities"]["suppliers"]["created"], "changes" in shown.data) == (200, 1, False)
