"""Platform-made records that a new vendor or item duplicates, over HTTP."""

from typing import Any

import pytest

from tests.triggers.kit import Office
from tests.triggers.test_conflicts import only, resolve, sync

ADVICE = {"name": "Ours", "city": "Lund", "custom": {"risk": "low"}}


@pytest.fixture
def home(office: Office) -> str:
    return f"/api/integrations/{office.integrated()}"


@pytest.fixture
def made(office: Office, home: str) -> str:
    """Return a record of the platform's own with the number that the next vendor will get."""
    body = {**ADVICE, "number": " n00000 "}
    return str(office.ask("POST", f"{home}/suppliers", body).data["recordId"])


@pytest.fixture
def row(office: Office, home: str, made: str) -> str:
    """Return a new vendor with the same number, after a sync."""
    found = office.company.add("vendors", "Theirs")
    sync(office, home)
    return found


def shown(office: Office, home: str, name: str) -> Any:
    return office.ask("GET", f"{home}/suppliers/{name}").data


def test_a_new_vendor_with_a_known_number_is_not_created(office: Office, home: str, made: str) -> None:
    row = office.company.add("vendors", "Theirs")
    counted = sync(office, home)
    assert (counted["conflicts"], counted["created"]) == (1, 0)
    assert office.ask("GET", f"{home}/suppliers/{row}").status == 404


def test_the_record_that_it_duplicates_is_named_and_marked(office: Office, home: str, made: str, row: str) -> None:
    found = only(office, home)
    assert (found["reason"], found["other"]["recordId"], found["other"]["source"]) == ("duplicate", made, None)
    assert found["other"]["custom"] == {"risk": "low"}
    assert (shown(office, home, made)["name"], shown(office, home, made)["syncStatus"]) == ("Ours", "conflict")


def test_only_fields_that_differ_are_contested(office: Office, home: str, row: str) -> None:
    fields = {each["field"]: (each["source"], each["platform"]) for each in only(office, home)["fields"]}
    assert fields == {"name": ("Theirs", "Ours"), "city": (None, "Lund"), "number": ("N00000", "n00000")}


def test_other_new_vendors_are_created_as_ever(office: Office, home: str, made: str) -> None:
    names = [office.company.add("vendors", name) for name in ("Theirs", "Another")]
    counted = sync(office, home)
    assert (counted["conflicts"], counted["created"]) == (1, 1)
    assert shown(office, home, names[1])["name"] == "Another"


def test_a_duplicate_stands_until_somebody_decides(office: Office, home: str, row: str) -> None:
    before, found = office.stored(), only(office, home)
    assert [sync(office, home)["conflicts"] for _ in range(2)] == [1, 1]
    assert (office.stored(), only(office, home)) == (before, found)


def test_a_changed_duplicate_has_new_values(office: Office, home: str, row: str) -> None:
    office.company.put("vendors", row, "Theirs, changed")
    assert sync(office, home)["conflicts"] == 1
    assert only(office, home)["fields"][0]["source"] == "Theirs, changed"


def test_choosing_the_source_creates_its_record_and_keeps_the_custom_fields(
    office: Office, home: str, row: str
) -> None:
    assert resolve(office, home, "source").data["status"] == "resolved"
    record = shown(office, home, row)
    assert (record["name"], record["city"], record["syncStatus"]) == ("Theirs", None, "synced")
    assert (record["custom"], record["pinned"], record["externalSystem"]) == ({"risk": "low"}, [], "dynamics_bc")
    assert len(office.stored()) == 1


def test_choosing_the_platform_links_its_record_and_pins_what_differs(office: Office, home: str, row: str) -> None:
    resolve(office, home, "platform")
    record = shown(office, home, row)
    assert (record["name"], record["city"], record["externalId"]) == ("Ours", "Lund", row)
    assert (record["pinned"], record["custom"], len(office.stored())) == (
        *(["city", "name", "number"], {"risk": "low"}),
        1,
    )


def test_a_choice_by_field_mixes_both(office: Office, home: str, row: str) -> None:
    resolve(office, home, {"name": "source", "number": "source", "city": "platform"})
    record = shown(office, home, row)
    assert (record["name"], record["city"], record["pinned"]) == ("Theirs", "Lund", ["city"])


@pytest.mark.parametrize("choice", ["source", "platform"])
def test_a_resolved_duplicate_is_unchanged_for_the_next_run(office: Office, home: str, row: str, choice: str) -> None:
    resolve(office, home, choice)
    before = office.stored()
    assert (sync(office, home)["unchanged"], office.stored()) == (1, before)


@pytest.mark.parametrize("choice", ["source", "platform"])
def test_the_records_old_id_leads_to_what_it_became(
    office: Office, home: str, made: str, row: str, choice: str
) -> None:
    resolve(office, home, choice)
    assert shown(office, home, made) == shown(office, home, row)


def test_the_conflict_keeps_what_the_platforms_record_was(office: Office, home: str, made: str, row: str) -> None:
    office.ask("PATCH", f"{home}/suppliers/{made}", {"phone": "112"}, If_Match="*")
    resolve(office, home, "source")
    former = only(office, home, "?status=all")["other"]
    assert (former["name"], former["city"], former["phone"], former["custom"]) == (
        "Ours",
        "Lund",
        "112",
        ADVICE["custom"],
    )


def test_a_linked_record_follows_its_source_in_what_is_not_pinned(office: Office, home: str, row: str) -> None:
    resolve(office, home, {"number": "source"})
    office.company.rename("vendors", row, "N-NEW")
    assert sync(office, home)["updated"] == 1
    assert (shown(office, home, row)["name"], shown(office, home, row)["number"]) == ("Ours", "N-NEW")


def test_a_record_with_another_number_is_no_duplicate_any_more(office: Office, home: str, made: str, row: str) -> None:
    office.ask("PATCH", f"{home}/suppliers/{made}", {"number": "OWN"}, If_Match="*")
    assert sync(office, home)["created"] == 1
    assert only(office, home, "?status=all")["status"] == "resolved"
    assert shown(office, home, made)["syncStatus"] == "pending"


def test_a_record_that_gets_a_number_is_recognised_by_it(office: Office, home: str) -> None:
    path = office.ask("POST", f"{home}/suppliers", {"name": "Ours"}).headers["location"]
    office.ask("PATCH", path, {"number": "N00000"}, If_Match="*")
    office.company.add("vendors", "Theirs")
    assert sync(office, home)["conflicts"] == 1


def test_a_vendor_that_is_stored_already_duplicates_nothing(office: Office, home: str) -> None:
    row = office.company.add("vendors", "Theirs")
    sync(office, home)
    office.ask("POST", f"{home}/suppliers", {"name": "Ours", "number": "N00000"})
    office.company.put("vendors", row, "Theirs, changed")
    assert sync(office, home)["updated"] == 1


def test_suppliers_and_products_do_not_duplicate_each_other(office: Office, home: str, made: str) -> None:
    office.company.add("items", "Chair")
    office.clock.pass_by(10)
    assert office.ask("POST", f"{home}/dynamics/sync").data["products"]["created"] == 1


def test_a_vendor_that_cannot_be_mapped_is_an_error_and_no_duplicate(office: Office, home: str, made: str) -> None:
    office.company.add("vendors", "")
    counted = sync(office, home)
    assert (counted["errors"], counted["conflicts"]) == (1, 0)


def test_another_users_records_are_not_duplicated(office: Office, home: str, made: str) -> None:
    office.user = "bob"
    other = f"/api/integrations/{office.integrated()}"
    office.company.add("vendors", "Theirs")
    assert sync(office, other)["created"] == 1
