"""Files of a run and of its failed records, and why records failed."""

import csv
import io
import json

import pytest

from sync.services.diagnosing import diagnosed
from tests.triggers.kit import Office, Reply


@pytest.fixture
def run(office: Office) -> str:
    for name in ("", "", "=cmd|' /C calc'!A0"):
        office.company.add("vendors", name)
    home = f"/api/integrations/{office.integrated()}"
    return f"{home}/runs/{office.ask('POST', f'{home}/dynamics/sync').data['runId']}"


def rows(reply: Reply) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(reply.text.removeprefix("\ufeff"))))


def test_failed_records_with_the_same_cause_are_one(office: Office, run: str) -> None:
    answer = office.ask("GET", f"{run}/causes")
    (cause,) = answer.data
    assert (cause["code"], cause["count"], cause["entityType"], cause["class"]) == (
        *("REQUIRED_FIELD_MISSING", 2, "SUPPLIER", "data"),
    )
    assert cause["sample"]["externalId"] in cause["externalIds"]
    assert answer.body["complete"] is True


def test_only_so_many_failed_records_are_looked_at(office: Office, run: str) -> None:
    _, _, _, integration, _, run_id = run.split("/")
    owner = next(office.desk.integrations.everyone()).owner
    found = diagnosed(office.desk, owner, integration, run_id, looked_at=1)
    assert (found.whole, found.causes[0].count) == (False, 1)


def test_failed_records_come_as_csv(office: Office, run: str) -> None:
    answer = office.ask("GET", f"{run}/errors/download?format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="run-run_')
    found = rows(answer)
    assert [each["code"] for each in found] == ["REQUIRED_FIELD_MISSING"] * 2
    assert json.loads(found[0]["data"]) is not None


def test_failed_records_come_as_json_like_those_of_the_api(office: Office, run: str) -> None:
    file = office.ask("GET", f"{run}/errors/download?format=json")
    assert file.body == office.ask("GET", f"{run}/errors").data
    assert file.headers["content-disposition"].endswith('-errors.json"')


def test_a_file_that_ends_early_leads_to_the_next(office: Office, run: str) -> None:
    first = office.ask("GET", f"{run}/errors/download?format=json&limit=1")
    onward = first.headers["link"].removeprefix("<https://hub.example").partition(">")[0]
    second = office.ask("GET", onward)
    assert {len(first.body), len(second.body)} == {1}
    assert "link" not in second.headers


def test_a_file_holds_more_than_a_page_of_failed_records(office: Office) -> None:
    for _ in range(60):
        office.company.add("vendors", "")
    home = f"/api/integrations/{office.integrated()}"
    run_id = office.ask("POST", f"{home}/dynamics/sync").data["runId"]
    assert len(office.ask("GET", f"{home}/runs/{run_id}/errors/download?format=json").body) == 60


def test_a_file_holds_as_many_failed_records_as_are_asked_for(office: Office) -> None:
    for _ in range(80):
        office.company.add("vendors", "")
    home = f"/api/integrations/{office.integrated()}"
    run_id = office.ask("POST", f"{home}/dynamics/sync").data["runId"]
    first = office.ask("GET", f"{home}/runs/{run_id}/errors/download?format=json&limit=75")
    second = office.ask("GET", first.headers["link"].removeprefix("<https://hub.example").partition(">")[0])
    ids = {each["externalId"] for each in (*first.body, *second.body)}
    assert (len(first.body), len(second.body), len(ids)) == (75, 5, 80)


@pytest.mark.parametrize("query", ["", "?format=csv"])
def test_a_run_comes_as_csv_with_a_row_for_each_entity_type(office: Office, run: str, query: str) -> None:
    found = rows(office.ask("GET", f"{run}/download{query}"))
    assert [(each["entity"], each["read"], each["errors"], each["verdict"]) for each in found] == [
        ("suppliers", "3", "2", "complete"),
        ("products", "0", "0", "complete"),
    ]


def test_a_run_that_has_not_begun_comes_as_csv_too(office: Office, run: str) -> None:
    home = run.rpartition("/runs/")[0]
    begun = office.ask("POST", f"{home}/dynamics/sync", Prefer="respond-async").data["id"]
    assert {each["verdict"] for each in rows(office.ask("GET", f"{home}/runs/{begun}/download"))} == {""}


def test_a_run_comes_as_json_as_the_api_shows_it(office: Office, run: str) -> None:
    assert office.ask("GET", f"{run}/download?format=json").body == office.ask("GET", run).data


@pytest.mark.parametrize("path", ["/download", "/errors/download"])
def test_an_unknown_format_is_refused(office: Office, run: str, path: str) -> None:
    refused = office.ask("GET", f"{run}{path}?format=xml")
    assert (refused.status, refused.pointers) == (422, {"/format": "INVALID_VALUE"})


@pytest.mark.parametrize("path", ["/causes", "/download", "/errors/download"])
def test_an_unknown_run_has_no_files(office: Office, run: str, path: str) -> None:
    assert office.ask("GET", f"{run}0{path}").status == 404
