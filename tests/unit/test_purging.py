"""What a purge removes, and what it leaves to others."""

from dataclasses import replace
from typing import Any

import pytest

from sync.model.integration import Integration, Owner
from sync.ports import ConflictFilter, RecordFilter
from sync.services.conflicts import Court
from sync.services.editing import make
from sync.services.purging import purge_records
from sync.services.records import RecordOrder, Shelf
from tests.support.desks import ALICE, connected
from tests.support.office import SUPPLIERS, Office, open_office, set_key

BOB = Owner("tenant", "bob")


@pytest.fixture
def office() -> Office:
    return open_office()


def shelf_of(office: Office, integration: Integration | None = None) -> Shelf:
    return Shelf(office.desk, integration or office.current, SUPPLIERS)


def made(office: Office, integration: Integration | None = None, **fields: str) -> str:
    """Make a record of the platform's own through an integration."""
    return make(shelf_of(office, integration), RecordOrder({"name": "Own", **fields}), owner=ALICE).external_id


def stored(office: Office) -> set[str]:
    key = set_key(SUPPLIERS)
    return {each.external_id for each in office.desk.records.list(key, RecordFilter(), cursor=None, limit=200).items}


def edits_of(office: Office, external_id: str) -> int:
    return len(list(office.desk.chronicle.edits.of_record(set_key(SUPPLIERS), external_id, after="")))


def another(office: Office, environment: str = "Production", **changes: Any) -> Integration:
    """Connect another integration, with the same company unless the environment differs."""
    new = connected(office.desk)
    connection = replace(new.connection, environment=environment)
    return office.desk.integrations.save(replace(new, connection=connection, **changes))


def test_the_records_of_the_company_and_those_made_through_it_go(office: Office) -> None:
    office.add("A", "B")
    office.sync()
    made(office)
    purge_records(office.desk, office.current)
    assert stored(office) == set()


def test_while_another_integration_reads_the_company_its_records_stay(office: Office) -> None:
    rows = office.add("A", "B")
    office.sync()
    another(office)
    made(office)
    purge_records(office.desk, office.current)
    assert stored(office) == set(rows)


def test_a_company_that_is_read_by_an_integration_on_a_later_page_is_read(office: Office) -> None:
    (row,) = office.add("A")
    office.sync()
    another(office)
    for _ in range(200):
        another(office, "Sandbox")
    purge_records(office.desk, office.current)
    assert stored(office) == {row}


def test_what_is_left_goes_with_the_last_integration(office: Office) -> None:
    office.add("A")
    office.sync()
    other = another(office)
    purge_records(office.desk, office.current)
    office.desk.integrations.delete(office.current)
    purge_records(office.desk, other)
    assert stored(office) == set()


def test_another_company_is_no_reason_to_keep_anything(office: Office) -> None:
    office.add("A")
    office.sync()
    another(office, "Sandbox")
    purge_records(office.desk, office.current)
    assert stored(office) == set()


def test_another_users_integration_is_no_reason_to_keep_anything(office: Office) -> None:
    office.add("A")
    office.sync()
    office.desk.integrations.create(replace(office.current, id="int_of_bob", owner=BOB, version=""))
    purge_records(office.desk, office.current)
    assert stored(office) == set()


def test_records_made_through_another_integration_stay(office: Office) -> None:
    theirs = made(office, another(office))
    made(office)
    purge_records(office.desk, office.current)
    assert stored(office) == {theirs}


def test_records_made_through_it_go_however_many(office: Office) -> None:
    for _ in range(201):
        made(office)
    purge_records(office.desk, office.current)
    assert stored(office) == set()


def test_a_made_record_that_waits_for_a_decision_goes(office: Office) -> None:
    made(office, number="N00000")
    office.add("A")
    office.sync()
    another(office)
    purge_records(office.desk, office.current)
    assert stored(office) == set()


def test_a_made_record_is_recognised_no_more(office: Office) -> None:
    made(office, number="1")
    purge_records(office.desk, office.current)
    assert office.desk.identities.known(set_key(SUPPLIERS)) == {}


def test_a_made_record_takes_its_edits_along(office: Office) -> None:
    external_id = made(office)
    kept = edits_of(office, external_id)
    purge_records(office.desk, office.current)
    assert (kept, edits_of(office, external_id)) == (1, 0)


def test_conflicts_of_the_company_stay_while_another_integration_reads_it(office: Office) -> None:
    made(office, number="N00000")
    office.add("A")
    office.sync()
    court = Court(office.desk, another(office))
    purge_records(office.desk, office.current)
    assert len(court.list(ConflictFilter(), cursor=None, limit=9).items) == 1
