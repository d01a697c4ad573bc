"""One record as Business Central has it now, and one record read again, over HTTP."""

from typing import Any

import pytest

from sync.model.errors import RetryLaterError
from tests.triggers.kit import Office, Reply
from tests.triggers.test_explain import NOBODY, Case, PickySource


@pytest.fixture
def case(office: Office) -> Case:
    source = PickySource(office.company)
    office.with_source(source)
    made = Case(office, source, f"/api/integrations/{office.integrated()}", office.company.add("vendors", "A"))
    made.sync()
    return made


def seen(case: Case, row: str | None = None) -> Any:
    return case.office.ask("GET", f"{case.home}/suppliers/{row or case.row}/source").data


def retry(case: Case, row: str) -> Reply:
    return case.office.ask("POST", f"{case.home}/suppliers/{row}/retry", {})


def name_of(case: Case, row: str) -> Any:
    return case.office.ask("GET", f"{case.home}/suppliers/{row}").data["name"]


def test_the_source_is_shown_as_it_was_sent_and_as_it_is_mapped(case: Case) -> None:
    case.put("B")
    found = seen(case)
    assert (found["seen"], found["raw"]["displayName"], found["values"]["name"]) == ("present", "B", "B")
    assert (found["error"], found["mappingVersion"], found["filter"]) == (None, 1, None)
    assert found["etag"] == found["raw"]["@odata.etag"]


def test_a_record_that_the_filter_leaves_out_is_shown_all_the_same(case: Case) -> None:
    case.remap(filter="blocked eq 'All'")
    case.source.left_out.add(case.row)
    found = seen(case)
    assert (found["seen"], found["raw"]["displayName"], found["filter"]) == ("excluded", "A", "blocked eq 'All'")


def test_a_record_that_cannot_be_mapped_is_shown_with_what_is_wrong(case: Case) -> None:
    case.put("")
    found = seen(case)
    assert (found["values"], found["raw"]["displayName"]) == (None, "")
    assert found["error"] == {
        "code": "REQUIRED_FIELD_MISSING",
        "error": "Missing required field: name",
        "data": {"displayName": ""},
    }


@pytest.mark.parametrize("row", [NOBODY, "plt_1"])
def test_a_record_that_business_central_does_not_have_is_absent(case: Case, row: str) -> None:
    found = seen(case, row)
    assert (found["seen"], found["raw"], found["values"]) == ("absent", None, None)


def test_a_source_that_does_not_answer_is_a_problem(case: Case) -> None:
    case.source.trouble = RetryLaterError("Too many requests", delay=7, code="SOURCE_THROTTLED")
    answer = case.office.ask("GET", f"{case.home}/suppliers/{case.row}/source")
    assert (answer.status, answer.code) == (503, "SOURCE_THROTTLED")


def test_an_explanation_tells_the_values_that_the_source_would_give(case: Case) -> None:
    case.put("B")
    assert case.explain()["source"]["values"]["name"] == "B"
    assert case.explain(query="?live=false")["source"]["values"] is None


def test_one_record_is_read_again_and_no_other(case: Case) -> None:
    other = case.office.company.add("vendors", "Other")
    case.put("B")
    done = retry(case, case.row)
    assert (done.status, done.data["suppliers"]["read"], done.data["suppliers"]["updated"]) == (200, 1, 1)
    assert name_of(case, case.row) == "B"
    assert case.office.ask("GET", f"{case.home}/suppliers/{other}").status == 404


def test_a_failed_record_is_healed_by_its_own_retry_and_the_others_wait(case: Case) -> None:
    other = case.office.company.add("vendors", "")
    case.put("")
    case.sync(mode="delta")
    case.put("Mended")
    run = case.office.ask("GET", f"{case.home}/runs/{retry(case, case.row).data['runId']}").data
    assert (run["kind"], run["record"], list(run["entities"])) == ("retry", case.row, ["suppliers"])
    left = case.office.ask("GET", f"{case.home}/failures").data
    assert [(each["externalId"], each["attempts"]) for each in left] == [(other, 1)]


def test_a_retry_of_a_record_that_is_gone_forgets_its_failure(case: Case) -> None:
    case.put("")
    case.sync(mode="delta")
    case.office.company.delete("vendors", case.row)
    assert retry(case, case.row).data["suppliers"]["read"] == 0
    assert case.office.ask("GET", f"{case.home}/failures").data == []


def test_a_record_made_on_the_platform_cannot_be_read_again(case: Case) -> None:
    made = case.office.ask("POST", f"{case.home}/suppliers", {"name": "Ours"}).data["recordId"]
    refused = retry(case, made)
    assert (refused.status, refused.code) == (409, "RECORD_NOT_ASKABLE")


@pytest.mark.parametrize("path", ["suppliers/{row}/source", "products/{row}/source"])
def test_the_source_of_someone_elses_integration_is_not_found(case: Case, path: str) -> None:
    case.office.user = "bob"
    assert case.office.ask("GET", f"{case.home}/{path.format(row=case.row)}").code == "NOT_FOUND"


@pytest.mark.parametrize("entity", ["suppliers", "products"])
def test_nobody_else_may_have_a_record_read_again(case: Case, entity: str) -> None:
    case.office.user = "bob"
    assert case.office.ask("POST", f"{case.home}/{entity}/{case.row}/retry", {}).code == "NOT_FOUND"
