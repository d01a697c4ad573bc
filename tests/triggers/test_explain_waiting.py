"""What a record waits for: a person's word on a conflict, or on a run that changes too much at once."""

from typing import Any

import pytest

from tests.triggers.kit import CONNECTION, Office
from tests.triggers.test_approving import STRICT, held

ELSEWHERE = {**CONNECTION, "environment": "Sandbox"}


@pytest.fixture
def home(office: Office) -> str:
    """Return an integration that may not change its two suppliers at once."""
    made = f"/api/integrations/{office.integrated(settings=STRICT)}"
    office.company.add("vendors", "Adatum")
    office.company.add("vendors", "Contoso")
    office.ask("POST", f"{made}/dynamics/sync")
    office.clock.pass_by(60)
    return made


@pytest.fixture
def row(office: Office, home: str) -> str:
    return next(iter(office.company.sets["vendors"]))


def explained(office: Office, home: str, row: str, query: str = "") -> Any:
    return office.ask("GET", f"{home}/suppliers/{row}/explain{query}").data


def told(found: Any) -> tuple[str, str]:
    return found["state"], found["because"]["code"]


def open_conflict(office: Office, home: str) -> Any:
    (found,) = office.ask("GET", f"{home}/conflicts").data
    return found


@pytest.mark.parametrize("query", ["", "?live=false"])
def test_a_record_that_a_held_run_would_write_is_held_by_that_run(
    office: Office, home: str, row: str, query: str
) -> None:
    run = held(office, home).data["runId"]
    found = explained(office, home, row, query)
    assert (told(found), found["because"]["runId"]) == (("held", "APPROVAL_REQUIRED"), run)
    assert run in found["because"]["detail"]
    assert found["next"] == {"detail": "Approve the run, or start a sync anew", "at": None}


def test_a_record_that_is_as_in_the_source_is_held_by_nothing(office: Office, home: str, row: str) -> None:
    held(office, home)
    office.company.put("vendors", row, "Adatum")
    found = explained(office, home, row)
    assert (told(found), found["because"]["runId"]) == (("in_sync", "SAME_AS_SOURCE"), None)


def test_once_the_run_is_approved_nothing_holds_the_record(office: Office, home: str, row: str) -> None:
    run = held(office, home).data["runId"]
    office.ask("POST", f"{home}/runs/{run}/approve")
    assert told(explained(office, home, row)) == ("in_sync", "SAME_AS_SOURCE")


def test_a_run_that_is_too_old_to_be_approved_holds_nothing(office: Office, home: str, row: str) -> None:
    held(office, home)
    office.clock.pass_by(8 * 86_400)
    assert told(explained(office, home, row)) == ("pending", "SOURCE_CHANGED")


def test_records_of_another_type_are_not_held(office: Office, home: str) -> None:
    item = office.company.add("items", "Chair")
    held(office, home)
    office.company.put("items", item, "Table")
    assert office.ask("GET", f"{home}/products/{item}/explain").data["state"] == "pending"


def test_a_pinned_record_in_conflict_names_the_conflict_and_how_to_go_on(office: Office, home: str, row: str) -> None:
    office.ask("PATCH", f"{home}/suppliers/{row}", {"name": "Mine", "pinned": ["name"]}, If_Match="*")
    office.company.put("vendors", row, "Theirs")
    office.ask("POST", f"{home}/dynamics/sync")
    found, conflict = explained(office, home, row), open_conflict(office, home)
    assert told(found) == ("conflict", "IN_CONFLICT")
    assert found["because"]["conflict"] == {"id": conflict["id"], "reason": "pinned", "integrationId": _id(home)}
    assert found["next"]["detail"] == f"Resolve conflict {conflict['id']} of integration {_id(home)}"


@pytest.mark.parametrize("query", ["", "?live=false"])
def test_a_record_that_waits_for_its_key_names_the_conflict(office: Office, home: str, row: str, query: str) -> None:
    other = _other(office)
    found = explained(office, other, row, query)
    assert (told(found), found["because"]["conflict"]["reason"]) == (("conflict", "SAME_KEY_ELSEWHERE"), "key")
    assert found["next"]["detail"].startswith("Resolve conflict cfl_")


def test_a_record_whose_key_another_company_wants_names_the_conflict_of_that_company(
    office: Office, home: str, row: str
) -> None:
    other = _other(office)
    found = explained(office, home, row)
    assert told(found) == ("conflict", "IN_CONFLICT")
    assert found["because"]["conflict"]["integrationId"] == _id(other)


def test_both_records_of_a_duplicate_name_the_conflict(office: Office, home: str) -> None:
    made = office.ask("POST", f"{home}/suppliers", {"name": "Ours", "number": "n00002"}).data["recordId"]
    row = office.company.add("vendors", "Theirs")
    office.ask("POST", f"{home}/dynamics/sync")
    conflict = open_conflict(office, home)
    for each in (made, row):
        found = explained(office, home, each)
        assert (told(found), found["because"]["conflict"]["id"]) == (("conflict", "IN_CONFLICT"), conflict["id"])


def test_a_resolved_conflict_is_not_named(office: Office, home: str, row: str) -> None:
    other = _other(office)
    for each in office.ask("GET", f"{other}/conflicts").data:
        office.ask("POST", f"{other}/conflicts/{each['id']}/resolve", {"choice": "platform"})
    found = explained(office, home, row)
    assert (found["state"], found["because"]["conflict"]) == ("in_sync", None)


def _other(office: Office) -> str:
    """Return an integration of another environment with the same ids, after its first sync."""
    other = f"/api/integrations/{office.integrated(connection=ELSEWHERE)}"
    office.ask("POST", f"{other}/dynamics/sync")
    return other


def _id(home: str) -> str:
    return home.split("/")[3]
