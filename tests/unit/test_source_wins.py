"""Invariant 5: mapped fields follow Business Central, everything else of a record is the platform's."""

import inspect
from dataclasses import replace

import pytest

from sync.connectors.business_central import BusinessCentral
from sync.model.record import Record, SyncStatus
from sync.model.run import Tally
from sync.ports import Company, Source
from tests.support.company import COMPANY
from tests.support.desks import ALICE
from tests.support.office import SUPPLIERS, Office, open_office, set_key, suppliers

OTHER = Company("22222222-2222-4222-8222-222222222222", "OTHER", "Other Ltd.")


def with_one(name: str = "From the source") -> tuple[Office, str]:
    office = open_office()
    (first,) = office.add(name)
    office.sync()
    return office, first


def edited(office: Office, external_id: str) -> Record:
    record = office.kept(external_id)
    fields = {**record.fields, "name": "From the platform"}
    custom = {"risk": "low", "tags": ["a", "b"]}
    return office.desk.records.save(set_key(SUPPLIERS), replace(record, fields=fields, custom=custom, pinned=("name",)))


def move_to(office: Office, company: Company) -> None:
    """Point the integration at another company, which holds the same rows."""
    office.source.seen = (COMPANY, company)
    office.change(connection=replace(office.current.connection, company_id=company.id, company_name=None))


def test_a_record_that_changed_in_the_source_follows_it() -> None:
    office, first = with_one()
    office.company.put("vendors", first, "Changed")
    office.sync()
    assert office.kept(first).fields["name"] == "Changed"


def test_platform_only_fields_survive_every_sync() -> None:
    office, first = with_one()
    edited(office, first)
    office.company.put("vendors", first, "Changed")
    office.sync()
    kept = office.kept(first)
    assert (kept.custom, kept.pinned) == ({"risk": "low", "tags": ["a", "b"]}, ("name",))


def test_a_platform_edit_stays_until_the_source_changes_the_record() -> None:
    office, first = with_one()
    edited(office, first)
    office.sync()
    before = office.kept(first).fields["name"]
    office.company.put("vendors", first, "Changed")
    office.sync()
    assert (before, office.kept(first).fields["name"]) == ("From the platform", "Changed")


def test_a_record_that_cannot_be_mapped_keeps_its_values_and_is_marked() -> None:
    office, first = with_one()
    office.company.put("vendors", first, "")
    office.sync()
    kept = office.kept(first)
    assert (kept.fields["name"], kept.sync_status) == ("From the source", SyncStatus.ERROR)
    assert kept.fault is not None


def test_a_record_that_can_be_mapped_again_loses_its_mark() -> None:
    office, first = with_one()
    for name in ("", "From the source"):
        office.company.put("vendors", first, name)
        office.sync()
    assert (office.kept(first).sync_status, office.kept(first).fault) == (SyncStatus.SYNCED, None)


def test_a_new_record_that_cannot_be_mapped_is_not_stored() -> None:
    office, first = with_one(name="")
    assert office.record(first) is None


def test_the_same_key_from_another_company_is_a_conflict_and_not_an_overwrite() -> None:
    office, first = with_one()
    move_to(office, OTHER)
    office.company.put("vendors", first, "From the other company")
    assert suppliers(office.sync()) == Tally(read=1, conflicts=1)
    kept = office.kept(first)
    assert (kept.fields["name"], kept.sync_status) == ("From the source", SyncStatus.CONFLICT)


def test_a_conflict_stays_one_in_the_next_run() -> None:
    office, _ = with_one()
    move_to(office, OTHER)
    office.sync()
    assert suppliers(office.sync()) == Tally(read=1, conflicts=1)


def test_a_full_listing_of_one_company_says_nothing_about_anothers_records() -> None:
    office, first = with_one()
    move_to(office, OTHER)
    office.company.delete("vendors", first)
    office.sync()
    assert office.kept(first).present_in_source


def test_a_record_made_by_the_platform_is_no_business_of_a_sync() -> None:
    office, _ = with_one()
    records = office.desk.records.find_set(set_key(SUPPLIERS))
    assert records is not None
    made = office.desk.records.create(records, Record("plt_1", {"name": "Ours"}))
    office.sync()
    assert office.record("plt_1") == made


@pytest.mark.parametrize("reader", [Source, BusinessCentral])
def test_the_business_central_connector_has_no_method_that_writes(reader: type) -> None:
    methods = {name for name, _ in inspect.getmembers(reader, inspect.isfunction) if not name.startswith("_")}
    asked = {"environments", "companies", "in_company", "schema", "boundaries"}
    assert methods == {*asked, "count", "count_of", "page", "record"}


def test_every_stored_record_tells_whose_it_is() -> None:
    office, first = with_one()
    kept = office.kept(first)
    assert (kept.integration_id, kept.source) == (office.integration.id, office.current.connection.source)
    assert office.desk.records.get(replace(set_key(SUPPLIERS), user_id=ALICE.user_id + "x"), first) is None
