"""Rows of contracts in the organization's own table: made once, kept in step, and never in a merge's way."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sync.model.contract_life import Life
from sync.model.contract_link import ContractLink, ContractRow
from sync.model.errors import RecordError, RefusedError, RetryLaterError, StaleRecordError, SyncError
from sync.model.field_sync import Operation
from sync.model.table import Column, Details, Table
from sync.services import contract_rows, merging
from sync.storage.memory_links import MemoryLinkStore
from tests.support.two_sides import CONTRACT, Sides

TABLE = Table("of_oneflowcontract", "of_oneflowcontracts", "of_oneflowcontractid", "of_name", "Oneflow Contract")
NUMBER = Column("of_contractid", "String", "Contract Id", details=Details(max_length=100))
COLUMNS = (
    Column("of_name", "String", "Name", details=Details(max_length=200)),
    NUMBER,
    Column("of_senton", "DateTime", "Sent on"),
    Column("of_signdate", "DateTime", "Signed on"),
    Column("of_expireson", "DateTime", "Expires on", details=Details(format="DateOnly", behavior="DateOnly")),
)
SENT = Life(published="2026-05-04T10:00:00+00:00", moved="2026-05-04T10:00:00+00:00", expires="2026-06-03T10:00:00Z")
SIGNED = replace(SENT, moved="2026-05-06T12:30:00Z")
LATER = RetryLaterError("Dataverse is away", delay=1)


class Restless(MemoryLinkStore):
    """Holds one link that somebody else changes before every save."""

    def __init__(self, link: ContractLink) -> None:
        super().__init__()
        self.create(link)

    def save(self, link: ContractLink) -> ContractLink:
        raise StaleRecordError("Somebody was faster")


def sides_with(table: Table | None = TABLE, columns: tuple[Column, ...] = COLUMNS, **settings: str) -> Sides:
    """Return a published contract in a bridge whose owner has named the table of contracts."""
    sides = Sides()
    sides.bridge = replace(sides.bridge, settings={"contractTable": TABLE.name, **settings})
    if table is not None:
        sides.dynamics.known[table.name] = columns
        sides.dynamics.every = {**sides.dynamics.every, table.name: table}
    sides.oneflow.life = SENT
    return sides


def reconcile(sides: Sides) -> object:
    return merging.reconcile(sides.desk, sides.bridge, CONTRACT, trigger="webhook")


def rows(sides: Sides) -> list[dict[str, Any]]:
    """Return all rows of the table."""
    own = {"modifiedon"}
    held = [row for (table, _), row in sides.dynamics.held.items() if table == TABLE.name]
    return [{name: value for name, value in row.items() if name not in own} for row in held]


def place(sides: Sides) -> tuple[str, str]:
    (found,) = (each for each in sides.dynamics.held if each[0] == TABLE.name)
    return found


def sign(sides: Sides) -> None:
    sides.oneflow.state, sides.oneflow.life = "signed", SIGNED


def test_a_contract_gets_a_row_with_what_is_known_of_it() -> None:
    sides = sides_with()
    reconcile(sides)
    assert rows(sides) == [
        {
            "of_name": "A contract",
            "of_contractid": "5001",
            "of_senton": "2026-05-04T10:00:00Z",
            "of_expireson": "2026-06-03",
        }
    ]


def test_without_a_table_nothing_is_written() -> None:
    sides = sides_with()
    sides.bridge = replace(sides.bridge, settings={})
    reconcile(sides)
    assert (rows(sides), sides.link.row) == ([], None)


def test_only_what_differs_is_written() -> None:
    sides = sides_with()
    reconcile(sides)
    sign(sides)
    reconcile(sides)
    sent = [changes for where, changes in sides.dynamics.sent if where == place(sides)]
    assert sent[1:] == [{"of_signdate": "2026-05-06T12:30:00Z", "of_expireson": None}]


def test_a_contract_that_stands_where_it_stood_costs_no_write() -> None:
    sides = sides_with()
    reconcile(sides)
    written = sides.written
    reconcile(sides)
    assert sides.written == written


def test_a_signature_that_is_taken_back_empties_its_column() -> None:
    sides = sides_with()
    sign(sides)
    reconcile(sides)
    sides.oneflow.state, sides.oneflow.life = "pending", SENT
    reconcile(sides)
    assert rows(sides)[0]["of_signdate"] is None


@pytest.mark.parametrize("operation", [Operation.PUSH, Operation.FETCH])
def test_what_a_person_asks_for_keeps_the_row_as_well(operation: Operation) -> None:
    sides = sides_with()
    sides.merge(operation)
    assert len(rows(sides)) == 1


def test_a_dry_run_writes_no_row() -> None:
    sides = sides_with()
    merging.work(sides.desk, sides.bridge, sides.link, Operation.PUSH, trigger="manual", dry_run=True)
    assert rows(sides) == []


def test_a_refused_push_still_shows_that_the_contract_was_signed() -> None:
    sides = sides_with()
    sign(sides)
    with pytest.raises(SyncError):
        sides.push()
    assert rows(sides)[0]["of_signdate"] == "2026-05-06T12:30:00Z"


def test_a_deleted_contract_has_nothing_ahead_of_it() -> None:
    sides = sides_with()
    reconcile(sides)
    sides.oneflow.gone = True
    with pytest.raises(RefusedError):
        reconcile(sides)
    row = rows(sides)[0]
    assert (row["of_senton"], row["of_expireson"]) == ("2026-05-04T10:00:00Z", None)


def test_a_deleted_contract_without_a_row_gets_none() -> None:
    sides = sides_with()
    sides.oneflow.gone = True
    with pytest.raises(RefusedError):
        reconcile(sides)
    assert rows(sides) == []


def test_a_contract_that_was_not_read_leaves_the_row_alone() -> None:
    sides = sides_with()
    sides.oneflow.troubles["contract"] = RetryLaterError("Oneflow is away", delay=1)
    with pytest.raises(RetryLaterError):
        reconcile(sides)
    assert rows(sides) == []


def test_a_row_whose_making_was_not_heard_of_is_found_again() -> None:
    sides = sides_with()
    reconcile(sides)
    sides.desk.links.save(replace(sides.link, row=None))
    reconcile(sides)
    assert (len(rows(sides)), sides.link.row) == (1, ContractRow(TABLE.name, place(sides)[1]))


def test_a_number_column_of_whole_numbers_finds_rows_too() -> None:
    sides = sides_with(columns=(replace(NUMBER, type="Integer"),))
    reconcile(sides)
    sides.desk.links.save(replace(sides.link, row=None))
    reconcile(sides)
    assert rows(sides) == [{"of_contractid": 5001}]


def test_a_row_that_somebody_deleted_is_not_made_again() -> None:
    sides = sides_with()
    reconcile(sides)
    del sides.dynamics.held[place(sides)]
    reconcile(sides)
    reconcile(sides)
    assert sides.link.row is not None
    assert (rows(sides), sides.link.row.gone) == ([], True)


def test_another_table_gets_a_row_of_its_own() -> None:
    sides = sides_with()
    sides.desk.links.save(replace(sides.link, row=ContractRow("of_older", "row-9", gone=True)))
    reconcile(sides)
    assert len(rows(sides)) == 1


def test_a_row_that_somebody_changed_meanwhile_is_read_again() -> None:
    sides = sides_with()
    reconcile(sides)
    sign(sides)
    where = place(sides)
    sides.dynamics.happenings["update"] = lambda: sides.dynamics.edit(where, of_signdate="2001-01-01T00:00:00Z")
    reconcile(sides)
    assert rows(sides)[0]["of_signdate"] == "2026-05-06T12:30:00Z"


def test_a_row_that_changes_all_the_time_is_asked_for_again() -> None:
    sides = sides_with()
    reconcile(sides)
    sign(sides)
    sides.dynamics.troubles["update"] = StaleRecordError("Somebody was faster")
    with pytest.raises(StaleRecordError):
        reconcile(sides)
    assert sides.link.row is not None
    assert sides.link.row.trouble == "PRECONDITION_FAILED"


def test_what_fails_for_now_is_asked_for_again_in_the_background() -> None:
    sides = sides_with()
    sides.edit(oneflow="new")
    sides.dynamics.troubles["create"] = LATER
    with pytest.raises(RetryLaterError):
        reconcile(sides)
    assert sides.both == ("new", "new")


def test_what_fails_does_not_fail_what_a_person_asked_for() -> None:
    sides = sides_with()
    sides.dynamics.troubles["create"] = LATER
    sides.push()
    assert sides.link.row == ContractRow(TABLE.name, trouble="SOURCE_UNAVAILABLE")


@pytest.mark.parametrize(
    ("arrange", "code"),
    [
        (lambda: sides_with(None), "ENTITY_NOT_FOUND"),
        (lambda: sides_with(columns=COLUMNS[:1]), "CONTRACT_TABLE_UNFIT"),
        (lambda: sides_with(replace(TABLE, guarded=False)), "CONTRACT_TABLE_UNFIT"),
        (lambda: sides_with(contractColumn="of_number"), "CONTRACT_TABLE_UNFIT"),
        (lambda: sides_with(contractColumn="of_senton"), "CONTRACT_TABLE_UNFIT"),
        (lambda: sides_with(columns=(replace(NUMBER, details=Details(max_length=3)),)), "CONTRACT_TABLE_UNFIT"),
    ],
)
def test_a_table_that_cannot_hold_rows_is_told_in_the_link(arrange: Callable[[], Sides], code: str) -> None:
    sides = arrange()
    reconcile(sides)
    assert sides.link.row == ContractRow(TABLE.name, trouble=code)


def test_a_trouble_that_is_over_is_forgotten() -> None:
    sides = sides_with()
    sides.dynamics.troubles["create"] = LATER
    sides.push()
    sides.dynamics.troubles.clear()
    sides.push()
    assert sides.link.row == ContractRow(TABLE.name, place(sides)[1])


def test_a_refusal_of_the_row_is_told() -> None:
    sides = sides_with()
    reconcile(sides)
    sign(sides)
    sides.dynamics.troubles["update"] = RefusedError("The row is closed", code="RECORD_READ_ONLY")
    reconcile(sides)
    assert sides.link.row == ContractRow(TABLE.name, place(sides)[1], trouble="RECORD_READ_ONLY")


def test_a_value_that_dataverse_refuses_is_told() -> None:
    sides = sides_with()
    sides.dynamics.troubles["create"] = RecordError("Too long", code="VALUE_TOO_LONG")
    reconcile(sides)
    assert sides.link.row == ContractRow(TABLE.name, trouble="VALUE_TOO_LONG")


def test_the_number_column_may_have_another_name() -> None:
    sides = sides_with(columns=(replace(NUMBER, name="of_number"),), contractColumn="of_number")
    reconcile(sides)
    assert rows(sides) == [{"of_number": "5001"}]


def test_a_name_that_the_column_does_not_hold_is_left_out() -> None:
    sides = sides_with(columns=(replace(COLUMNS[0], details=Details(max_length=3)), NUMBER))
    reconcile(sides)
    assert rows(sides) == [{"of_contractid": "5001"}]


def test_a_table_without_names_is_fine() -> None:
    sides = sides_with(replace(TABLE, name_column=None))
    reconcile(sides)
    assert "of_name" not in rows(sides)[0]


def test_what_others_note_in_the_link_meanwhile_stays() -> None:
    sides = sides_with()
    sides.dynamics.happenings["create"] = lambda: sides.desk.links.save(replace(sides.link, name="Renamed"))
    reconcile(sides)
    assert (sides.link.name, sides.link.row) == ("Renamed", ContractRow(TABLE.name, place(sides)[1]))


def test_a_link_that_is_gone_meanwhile_is_not_made_again() -> None:
    sides = sides_with()
    sides.dynamics.happenings["create"] = lambda: sides.desk.links.clear(sides.bridge.id)
    reconcile(sides)
    assert sides.desk.links.get(sides.bridge.id, CONTRACT) is None


def test_a_link_that_others_change_all_the_time_is_left_alone() -> None:
    sides = sides_with()
    sides.dynamics.happenings["create"] = lambda: object.__setattr__(sides.desk, "links", Restless(sides.link))
    reconcile(sides)
    assert sides.link.row is None


def test_an_unknown_contract_has_no_row() -> None:
    sides = sides_with()
    assert contract_rows.keep(sides.desk, sides.bridge, 77, None) is None


def test_a_new_contract_gets_its_row_at_once() -> None:
    sides = sides_with()
    contract = sides.oneflow.contract(CONTRACT)
    link = merging.begin_row(sides.desk, sides.bridge, sides.link, contract)
    assert link.row == ContractRow(TABLE.name, place(sides)[1])


def test_a_merge_that_is_at_work_makes_the_row_of_a_new_contract() -> None:
    sides = sides_with()
    key, now = merging.lease_key(sides.link), sides.clock.now()
    sides.desk.leases.acquire(key, "another", until=now + merging.LEASE, now=now, facts={})
    merging.begin_row(sides.desk, sides.bridge, sides.link, sides.oneflow.contract(CONTRACT))
    assert rows(sides) == []
