"""Pinned fields over HTTP: the platform's value stays until a person decides."""

from typing import Any

import pytest

from tests.triggers.kit import Office, Reply
from tests.triggers.test_conflicts import only, resolve, sync


@pytest.fixture
def home(office: Office) -> str:
    return f"/api/integrations/{office.integrated()}"


@pytest.fixture
def row(office: Office, home: str) -> str:
    """Return a record whose name the platform has changed and pinned."""
    made = office.company.add("vendors", "Theirs")
    sync(office, home)
    edit(office, home, made, {"name": "Ours", "pinned": ["name"]})
    return made


def edit(office: Office, home: str, row: str, body: dict[str, Any]) -> Reply:
    answer = office.ask("PATCH", f"{home}/suppliers/{row}", body, If_Match="*")
    assert answer.status == 200, answer.text
    return answer


def shown(office: Office, home: str, row: str) -> Any:
    return office.ask("GET", f"{home}/suppliers/{row}").data


def change(office: Office, home: str, row: str, name: str = "Theirs, changed", number: str = "N-NEW") -> Any:
    """Let Business Central change name and number, and sync."""
    office.company.put("vendors", row, name)
    office.company.rename("vendors", row, number)
    return sync(office, home)


def seen(office: Office, home: str, row: str) -> tuple[str, str, str]:
    record = shown(office, home, row)
    return record["name"], record["number"], record["syncStatus"]


def test_a_changed_record_with_a_pinned_field_is_a_conflict_and_keeps_all_its_values(
    office: Office, home: str, row: str
) -> None:
    before = seen(office, home, row)
    counted = change(office, home, row)
    assert (counted["conflicts"], counted["updated"], counted["errors"]) == (1, 0, 0)
    assert seen(office, home, row) == (before[0], before[1], "conflict")


def test_both_sides_of_the_pinned_field_are_shown(office: Office, home: str, row: str) -> None:
    change(office, home, row)
    found = only(office, home)
    assert (found["reason"], found["externalId"]) == ("pinned", row)
    assert found["fields"] == [{"field": "name", "source": "Theirs, changed", "platform": "Ours"}]


def test_the_rest_of_the_run_goes_on(office: Office, home: str, row: str) -> None:
    other = office.company.add("vendors", "Another")
    assert (change(office, home, row)["created"], shown(office, home, other)["name"]) == (1, "Another")


def test_an_open_conflict_is_counted_by_every_run_and_nothing_is_written(office: Office, home: str, row: str) -> None:
    change(office, home, row)
    before = office.stored()
    counted = [sync(office, home)["conflicts"] for _ in range(2)]
    assert (counted, office.stored()) == ([1, 1], before)


def test_a_record_that_does_not_change_is_no_conflict(office: Office, home: str, row: str) -> None:
    assert sync(office, home)["unchanged"] == 1
    assert office.ask("GET", f"{home}/conflicts").data == []


def test_a_change_that_agrees_with_the_pinned_value_is_an_update(office: Office, home: str, row: str) -> None:
    counted = change(office, home, row, name="Ours")
    assert (counted["updated"], counted["conflicts"]) == (1, 0)
    assert seen(office, home, row) == ("Ours", "N-NEW", "synced")


def test_an_unpinned_field_follows_the_source_as_ever(office: Office, home: str, row: str) -> None:
    edit(office, home, row, {"pinned": []})
    assert change(office, home, row)["updated"] == 1
    assert seen(office, home, row) == ("Theirs, changed", "N-NEW", "synced")


def test_choosing_the_source_takes_its_values_and_the_field_stays_pinned(office: Office, home: str, row: str) -> None:
    change(office, home, row)
    assert resolve(office, home, "source").data["choice"] == "source"
    assert seen(office, home, row) == ("Theirs, changed", "N-NEW", "synced")
    assert shown(office, home, row)["pinned"] == ["name"]


def test_choosing_the_platform_keeps_the_pinned_field_and_the_others_follow(
    office: Office, home: str, row: str
) -> None:
    change(office, home, row)
    resolve(office, home, {"name": "platform"})
    assert seen(office, home, row) == ("Ours", "N-NEW", "synced")


@pytest.mark.parametrize("choice", ["source", "platform"])
def test_a_resolved_record_is_unchanged_for_the_next_run(office: Office, home: str, row: str, choice: str) -> None:
    change(office, home, row)
    resolve(office, home, choice)
    before = office.stored()
    assert (sync(office, home)["unchanged"], office.stored()) == (1, before)


def test_a_value_that_was_declined_is_no_conflict_when_another_field_changes(
    office: Office, home: str, row: str
) -> None:
    change(office, home, row)
    resolve(office, home, "platform")
    assert change(office, home, row, number="N-NEWER")["updated"] == 1
    assert seen(office, home, row) == ("Ours", "N-NEWER", "synced")


def test_a_new_value_of_the_pinned_field_is_asked_about_again(office: Office, home: str, row: str) -> None:
    change(office, home, row)
    identity = resolve(office, home, "platform").data["id"]
    assert change(office, home, row, name="Theirs, again")["conflicts"] == 1
    found = only(office, home)
    assert (found["id"], found["status"], found["choice"]) == (identity, "open", None)


def test_a_declined_value_is_asked_about_again_once_it_was_accepted(office: Office, home: str, row: str) -> None:
    for choice, name in (("platform", "A"), ("source", "B")):
        change(office, home, row, name=name)
        resolve(office, home, choice)
    edit(office, home, row, {"name": "Ours"})
    assert change(office, home, row, name="A")["conflicts"] == 1


def test_a_source_that_comes_back_to_the_platforms_value_ends_the_conflict(office: Office, home: str, row: str) -> None:
    change(office, home, row)
    assert change(office, home, row, name="Ours")["updated"] == 1
    closed = only(office, home, "?status=all")
    assert (closed["status"], closed["choice"]) == ("resolved", None)
    assert seen(office, home, row)[2] == "synced"


def test_a_pin_that_is_removed_ends_the_conflict_and_the_source_wins(office: Office, home: str, row: str) -> None:
    change(office, home, row)
    answer = edit(office, home, row, {"pinned": []})
    assert (answer.data["name"], answer.data["number"], answer.data["syncStatus"]) == (
        *("Theirs, changed", "N-NEW"),
        "synced",
    )
    assert only(office, home, "?status=all")["status"] == "resolved"
    assert sync(office, home)["unchanged"] == 1


def test_an_edit_that_removes_a_pin_keeps_what_it_names(office: Office, home: str, row: str) -> None:
    change(office, home, row)
    edit(office, home, row, {"pinned": [], "name": "Ours, at last"})
    assert seen(office, home, row) == ("Ours, at last", "N-NEW", "synced")


def test_an_edit_to_the_sources_value_ends_the_conflict(office: Office, home: str, row: str) -> None:
    change(office, home, row)
    edit(office, home, row, {"name": "Theirs, changed"})
    assert seen(office, home, row) == ("Theirs, changed", "N-NEW", "synced")
    assert shown(office, home, row)["pinned"] == ["name"]


def test_an_edit_of_a_held_record_is_shown_in_its_conflict(office: Office, home: str, row: str) -> None:
    change(office, home, row)
    edit(office, home, row, {"name": "Ours, newer", "number": "P", "pinned": ["name", "number"]})
    fields = {each["field"]: each["platform"] for each in only(office, home)["fields"]}
    assert fields == {"name": "Ours, newer", "number": "P"}
    resolve(office, home, {"name": "platform", "number": "source"})
    assert seen(office, home, row) == ("Ours, newer", "N-NEW", "synced")


def test_a_pinned_field_that_is_not_named_keeps_the_platforms_value(office: Office, home: str, row: str) -> None:
    edit(office, home, row, {"number": "P", "pinned": ["name", "number"]})
    change(office, home, row)
    resolve(office, home, {"number": "source"})
    assert seen(office, home, row) == ("Ours", "N-NEW", "synced")


def test_a_held_record_that_cannot_be_mapped_is_an_error_and_then_held_again(
    office: Office, home: str, row: str
) -> None:
    change(office, home, row)
    assert change(office, home, row, name="")["errors"] == 1
    assert shown(office, home, row)["syncStatus"] == "error"
    assert change(office, home, row)["conflicts"] == 1
    assert seen(office, home, row)[::2] == ("Ours", "conflict")


def test_a_held_record_that_is_gone_from_the_source_is_no_conflict_any_more(
    office: Office, home: str, row: str
) -> None:
    office.company.add("vendors", "Another")
    change(office, home, row)
    office.company.delete("vendors", row)
    sync(office, home)
    record = shown(office, home, row)
    assert (record["name"], record["syncStatus"], record["presentInSource"]) == ("Ours", "synced", False)
    assert only(office, home, "?status=all")["status"] == "resolved"


def test_a_gone_record_that_comes_back_otherwise_than_pinned_is_a_conflict(office: Office, home: str, row: str) -> None:
    office.company.add("vendors", "Another")
    sync(office, home)
    lost = office.company.sets["vendors"].pop(row)
    sync(office, home)
    office.company.sets["vendors"][row] = lost
    assert sync(office, home)["conflicts"] == 1
    assert shown(office, home, row)["name"] == "Ours"


def test_pins_hold_when_a_record_is_edited_again(office: Office, home: str, row: str) -> None:
    edit(office, home, row, {"name": "Ours, newer"})
    change(office, home, row)
    assert seen(office, home, row)[::2] == ("Ours, newer", "conflict")


def test_custom_fields_of_a_held_record_can_be_edited(office: Office, home: str, row: str) -> None:
    change(office, home, row)
    edit(office, home, row, {"custom": {"risk": "low"}})
    resolve(office, home, "source")
    assert shown(office, home, row)["custom"] == {"risk": "low"}


def test_held_records_are_found_by_their_status(office: Office, home: str, row: str) -> None:
    change(office, home, row)
    found = office.ask("GET", f"{home}/suppliers?syncStatus=conflict").data
    assert [each["externalId"] for each in found] == [row]
