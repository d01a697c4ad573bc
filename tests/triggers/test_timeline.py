"""Who changed what and when, over HTTP."""

from dataclasses import replace
from typing import Any

import pytest

from sync.model.entity import EntityType
from sync.model.errors import StaleRecordError
from sync.services import retention
from sync.services.records import Shelf
from sync.services.timeline import Chronicler
from tests.support.host import Crash
from tests.triggers.kit import CONNECTION, TENANT, Office, Reply
from tests.unit.test_everything_twice import Fails

ELSEWHERE = {**CONNECTION, "environment": "Sandbox"}


@pytest.fixture
def home(office: Office) -> str:
    return f"/api/integrations/{office.integrated()}"


@pytest.fixture
def row(office: Office, home: str) -> str:
    """Return a vendor that a first sync has brought."""
    external_id = office.company.add("vendors", "A")
    office.company.add("vendors", "Other")
    _sync(office, home)
    return external_id


def _sync(office: Office, home: str, **body: Any) -> Any:
    answer = office.ask("POST", f"{home}/dynamics/sync", body)
    assert answer.status == 200
    office.clock.pass_by(5)
    return answer.data


def _put(office: Office, home: str, row: str, name: str) -> str:
    """Change the vendor and sync; return the run's id."""
    office.company.put("vendors", row, name)
    return str(_sync(office, home)["runId"])


def _edit(office: Office, home: str, row: str, **body: Any) -> Reply:
    answer = office.ask("PATCH", f"{home}/suppliers/{row}", body, If_Match="*")
    assert answer.status == 200
    office.clock.pass_by(5)
    return answer


def _saving_fails(office: Office, error: BaseException) -> None:
    """Let the next change of a record fail."""
    office.desk = replace(office.desk, records=Fails(office.desk.records, "save", error, frozenset({1})))
    office._assemble()


def _prune(office: Office, home: str) -> None:
    found = office.desk.integrations.find(home.split("/")[3])
    assert found is not None
    retention.prune(office.desk, found)


def _told(office: Office, home: str, row: str, query: str = "") -> list[Any]:
    found: list[Any] = office.ask("GET", f"{home}/suppliers/{row}/timeline{query}").data
    return found


def _actions(office: Office, home: str, row: str) -> list[str]:
    return [each["action"] for each in _told(office, home, row)]


def test_the_first_entry_says_who_created_the_record_with_which_values(office: Office, home: str, row: str) -> None:
    (entry,) = _told(office, home, row)
    assert (entry["action"], entry["actor"]["kind"], entry["actor"]["trigger"]) == ("created", "run", "manual")
    assert entry["changes"]["name"] == {"from": None, "to": "A"}


def test_a_change_says_by_which_run_mapping_and_source_version(office: Office, home: str, row: str) -> None:
    run = _put(office, home, row, "A2")
    entry = _told(office, home, row)[0]
    assert (entry["actor"]["runId"], entry["mappingVersion"]) == (run, 1)
    assert entry["sourceModifiedAt"] == "2026-01-05T08:00:05Z"
    assert entry["sourceEtag"].startswith('W/"N00000;A2;')
    assert entry["changes"] == {"name": {"from": "A", "to": "A2"}}


def test_an_edit_says_which_user_changed_what(office: Office, home: str, row: str) -> None:
    _edit(office, home, row, name="Mine", custom={"risk": 3})
    entry = _told(office, home, row)[0]
    assert (entry["action"], entry["actor"]["kind"], entry["actor"]["userId"]) == ("edited", "user", f"{TENANT}:alice")
    assert entry["changes"] == {"name": {"from": "A", "to": "Mine"}, "custom.risk": {"from": None, "to": 3}}


def test_a_custom_field_that_is_taken_away_is_told(office: Office, home: str, row: str) -> None:
    _edit(office, home, row, custom={"risk": 3})
    _edit(office, home, row, custom={"risk": None})
    assert _told(office, home, row)[0]["changes"] == {"custom.risk": {"from": 3, "to": None}}


def test_pins_are_told(office: Office, home: str, row: str) -> None:
    _edit(office, home, row, pinned=["name"])
    entry = _told(office, home, row)[0]
    assert (entry["action"], entry["changes"]) == ("pinned", {"pinned": {"from": [], "to": ["name"]}})


def test_an_edit_that_changes_nothing_is_not_told(office: Office, home: str, row: str) -> None:
    _edit(office, home, row, name="A")
    assert _actions(office, home, row) == ["created"]


def test_business_central_winning_over_an_edit_is_told_from_the_edited_value(
    office: Office, home: str, row: str
) -> None:
    _edit(office, home, row, name="Mine", city="Lund", custom={"risk": 1})
    _put(office, home, row, "A3")
    assert _told(office, home, row)[0]["changes"] == {
        "name": {"from": "Mine", "to": "A3"},
        "city": {"from": "Lund", "to": None},
    }


def test_a_failure_and_its_healing_are_told_with_the_fault(office: Office, home: str, row: str) -> None:
    _put(office, home, row, "")
    _put(office, home, row, "A")
    healed, failed, _ = _told(office, home, row)
    assert (healed["action"], healed["changes"]) == ("healed", {})
    assert (failed["action"], failed["error"]["code"]) == ("failed", "REQUIRED_FIELD_MISSING")


def test_what_is_gone_and_returns_is_told(office: Office, home: str, row: str) -> None:
    known = office.company.sets["vendors"].pop(row)
    _sync(office, home)
    office.company.sets["vendors"][row] = known
    _sync(office, home)
    assert _actions(office, home, row) == ["returned", "gone", "created"]


def test_an_edit_after_a_failure_is_told_after_it(office: Office, home: str, row: str) -> None:
    _put(office, home, row, "")
    _edit(office, home, row, name="Mine")
    _put(office, home, row, "")
    assert _actions(office, home, row) == ["edited", "failed", "created"]


def test_an_edit_before_a_failure_is_told_before_it(office: Office, home: str, row: str) -> None:
    _edit(office, home, row, name="Mine")
    _put(office, home, row, "")
    _put(office, home, row, "B")
    healed, failed, edited, _ = _told(office, home, row)
    assert [each["action"] for each in (healed, failed, edited)] == ["healed", "failed", "edited"]
    assert healed["changes"] == {"name": {"from": "Mine", "to": "B"}}


def test_a_record_that_failed_from_the_start_has_a_timeline(office: Office, home: str) -> None:
    row = office.company.add("vendors", "")
    _sync(office, home)
    assert _actions(office, home, row) == ["failed"]
    _put(office, home, row, "At last")
    assert _actions(office, home, row) == ["created", "failed"]


def test_a_platform_made_record_tells_who_made_it(office: Office, home: str) -> None:
    made = office.ask("POST", f"{home}/suppliers", {"name": "Own"}).data["recordId"]
    (entry,) = _told(office, home, made)
    assert (entry["action"], entry["actor"]["userId"]) == ("created", f"{TENANT}:alice")
    assert entry["changes"] == {"name": {"from": None, "to": "Own"}}


def test_a_timeline_comes_in_pages_without_a_gap(office: Office, home: str, row: str) -> None:
    for number in range(4):
        _put(office, home, row, f"B{number}")
        _edit(office, home, row, name=f"E{number}")
    whole, link, pages = _told(office, home, row), f"{home}/suppliers/{row}/timeline?limit=2", list[Any]()
    while link:
        page = office.ask("GET", link)
        pages += page.data
        link = page.body.get("nextLink", "").removeprefix("https://hub.example")
    assert (len(whole), pages) == (9, whole)


def test_a_cursor_of_another_record_is_refused(office: Office, home: str, row: str) -> None:
    _put(office, home, row, "B")
    link = office.ask("GET", f"{home}/suppliers/{row}/timeline?limit=1").body["nextLink"]
    refused = office.ask("GET", f"{home}/suppliers/else/timeline?cursor={link.split('cursor=')[1]}")
    assert (refused.status, refused.code) == (422, "INVALID_CURSOR")


def test_a_record_that_nobody_knows_has_no_timeline(office: Office, home: str, row: str) -> None:
    assert office.ask("GET", f"{home}/suppliers/{row[:-1]}0/timeline").status == 404


def test_a_record_of_before_has_an_empty_timeline(office: Office, home: str, row: str) -> None:
    office.desk.chronicle.trail.prune(home.split("/")[3], runs=None)
    assert _told(office, home, row) == []


def test_someone_elses_record_has_no_timeline(office: Office, home: str, row: str) -> None:
    office.user = "bob"
    assert office.ask("GET", f"{home}/suppliers/{row}/timeline").status == 404


def test_an_integration_with_another_company_tells_nothing_of_the_record(office: Office, home: str, row: str) -> None:
    other = office.integrated(connection=ELSEWHERE)
    assert office.ask("GET", f"/api/integrations/{other}/suppliers/{row}/timeline").status == 404


def test_runs_of_another_integration_with_the_same_company_are_told(office: Office, home: str, row: str) -> None:
    other = f"/api/integrations/{office.integrated()}"
    run = _put(office, other, row, "Through the other one")
    entry = _told(office, home, row)[0]
    assert (entry["actor"]["runId"], entry["changes"]["name"]["from"]) == (run, "A")
    assert _told(office, other, row) == _told(office, home, row)


def test_runs_of_an_integration_among_very_many_are_told(office: Office, home: str, row: str) -> None:
    other = f"/api/integrations/{office.integrated()}"
    run = _put(office, other, row, "Through the other one")
    found = office.desk.integrations.find(home.split("/")[3])
    assert found is not None
    for number in range(200):
        office.desk.integrations.create(replace(found, id=f"int_{number:04d}", version=""))
    assert _told(office, home, row)[0]["actor"]["runId"] == run


def test_where_older_journals_are_gone_values_before_are_not_made_up(office: Office, home: str, row: str) -> None:
    office.clock.pass_by(91 * 86_400)
    _put(office, home, row, "B")
    _prune(office, home)
    (entry,) = _told(office, home, row)
    assert (entry["action"], entry["note"]) == ("updated", "Values before are no longer kept")
    assert entry["changes"] == {"name": {"to": "B"}, "number": {"to": "N00000"}}


def test_edits_are_kept_as_long_as_runs(office: Office, home: str, row: str) -> None:
    _edit(office, home, row, name="Mine")
    office.clock.pass_by(91 * 86_400)
    _prune(office, home)
    assert _told(office, home, row) == []


def test_a_timeline_ends_where_too_much_would_have_to_be_looked_at(office: Office, home: str, row: str) -> None:
    for name in ("B", "C", "D"):
        _put(office, home, row, name)
    integration = office.desk.integrations.find(home.split("/")[3])
    assert integration is not None
    shelf = Shelf(office.desk, integration, EntityType.SUPPLIERS)
    assert [each.whole for each in Chronicler(shelf, looked_at=2).timeline(row)] == [True, False]


def test_a_removed_integration_leaves_no_journals(office: Office, home: str, row: str) -> None:
    office.ask("DELETE", home)
    other = f"/api/integrations/{office.integrated()}"
    assert _told(office, other, row) == []
    assert office.desk.chronicle.journals._rows == {}  # type: ignore[attr-defined]  # only memory has it


def test_a_purge_takes_the_edits_of_the_records_along(office: Office, home: str, row: str) -> None:
    _edit(office, home, row, name="Mine")
    office.ask("DELETE", f"{home}?purge=true")
    other = f"/api/integrations/{office.integrated()}"
    _sync(office, other)
    assert _actions(office, other, row) == ["created"]


def test_an_edit_that_could_not_be_stored_is_not_told(office: Office, home: str, row: str) -> None:
    _saving_fails(office, StaleRecordError("Someone else was faster"))
    assert office.ask("PATCH", f"{home}/suppliers/{row}", {"name": "B"}, If_Match="*").status == 412
    assert _actions(office, home, row) == ["created"]


def test_an_edit_whose_process_died_before_it_was_stored_is_not_told(office: Office, home: str, row: str) -> None:
    _saving_fails(office, Crash())
    with pytest.raises(Crash):
        office.ask("PATCH", f"{home}/suppliers/{row}", {"name": "B"}, If_Match="*")
    assert _actions(office, home, row) == ["created"]
    _edit(office, home, row, name="C")
    assert [each["changes"]["name"]["to"] for each in _told(office, home, row)] == ["C", "A"]


def test_a_journal_that_was_lost_tells_nothing(office: Office, home: str, row: str) -> None:
    _put(office, home, row, "B")
    office.desk.chronicle.journals._rows.clear()  # type: ignore[attr-defined]  # only memory has it
    assert _told(office, home, row) == []
