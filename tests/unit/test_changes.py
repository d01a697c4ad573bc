"""What Dataverse's notices are read for, and what it is to tell about."""

from typing import Any

import pytest

from sync.engine.changes import ChangeNotice, read_change, told_columns
from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.field_sync import Direction

RECORD = "11111111-2222-4333-8444-55555555AAAA"
TOLD = {"PrimaryEntityName": "opportunity", "PrimaryEntityId": RECORD, "MessageName": "Update"}


def pair(column: str, direction: Direction = Direction.TWO_WAY, **place: Any) -> FieldPair:
    where = {"entity": "opportunity", "via": None, **place}
    return FieldPair(column=column, data_field=f"of-{column}", direction=direction, **where)


def columns(*pairs: FieldPair) -> dict[str, tuple[str, ...]]:
    return dict(told_columns([EntityMapping("int-1", "opportunity", pairs)]))


def test_a_notice_names_a_record_whose_id_is_read_in_small_letters() -> None:
    assert read_change(TOLD) == ChangeNotice("opportunity", RECORD.lower())


@pytest.mark.parametrize("document", [None, [], "x", {}])
def test_what_is_no_notice_names_nothing(document: Any) -> None:
    assert read_change(document) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"PrimaryEntityName": None},
        {"PrimaryEntityName": "Opportunity'"},
        {"PrimaryEntityName": "x" * 129},
        {"PrimaryEntityId": 7},
        {"PrimaryEntityId": "x"},
    ],
)
def test_a_notice_about_something_that_cannot_be_names_nothing(changes: dict[str, Any]) -> None:
    assert read_change({**TOLD, **changes}) is None


def test_what_goes_out_is_to_be_told_and_what_is_synced_once_is_not() -> None:
    told = columns(pair("name"), pair("budget", Direction.DYNAMICS_TO_ONEFLOW), pair("stage", Direction.ONCE))
    assert told == {"opportunity": ("budget", "name")}


def test_a_table_of_which_nothing_goes_out_is_not_to_be_told_of() -> None:
    assert columns(pair("name", Direction.ONCE)) == {}


def test_a_related_column_is_told_by_the_lookup_that_leads_there() -> None:
    related = [pair(name, entity="account", via="parentaccountid") for name in ("name", "city")]
    assert columns(*related) == {"opportunity": ("parentaccountid",)}


def test_a_virtual_column_has_nothing_to_tell_in_dataverse() -> None:
    assert columns(pair("name"), pair("email", entity="participant")) == {"opportunity": ("name",)}
