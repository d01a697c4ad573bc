"""Finds records of a table by what they are called, for somebody who chooses one."""

from dataclasses import dataclass

from sync.model.errors import RefusedError
from sync.model.guid import is_guid
from sync.model.integration import Bridge
from sync.model.table import Table
from sync.ports import Dynamics, Row, RowQuery
from sync.services.bridge_desk import BridgeDesk
from sync.services.field_sides import MODIFIED


@dataclass(frozen=True, slots=True)
class RecordChoice:
    """A record as a list shows it: its primary name, and when Dataverse last changed it (as it was told)."""

    id: str
    name: str | None
    modified_at: str | None


def records(desk: BridgeDesk, bridge: Bridge, name: str, asked: str, *, limit: int) -> tuple[RecordChoice, ...]:
    """Return records whose primary name contains a text, the latest changed first; an id finds its record.

    Raises:
        RefusedError: Dataverse has no such table (ENTITY_NOT_FOUND).
        SyncError: As Dynamics raises otherwise.
    """
    dynamics = desk.dynamics(bridge)
    table = dynamics.table(name)
    dated = MODIFIED if any(each.name == MODIFIED for each in dynamics.columns(name)) else None
    shown = tuple(each for each in (table.id_column, table.name_column, dated) if each is not None)
    if is_guid(asked):
        rows = _of_id(dynamics, table, asked, shown)
    else:
        order = table.name_column if dated is None else f"{dated} desc"
        query = RowQuery(shown, filter=_containing(table, asked), order=order)
        rows = dynamics.rows(table, query, page_size=limit).items
    return tuple(_choice(each, table) for each in rows[:limit])


def _of_id(dynamics: Dynamics, table: Table, record_id: str, shown: tuple[str, ...]) -> tuple[Row, ...]:
    try:
        return (dynamics.row(table, record_id, RowQuery(shown)),)
    except RefusedError as error:
        if error.code != "RECORD_GONE":
            raise
        return ()


def _containing(table: Table, asked: str) -> str | None:
    if not asked or table.name_column is None:
        return None
    doubled = asked.replace("'", "''")
    return f"contains({table.name_column},'{doubled}')"


def _choice(row: Row, table: Table) -> RecordChoice:
    name, modified = row.values.get(table.name_column or ""), row.values.get(MODIFIED)
    return RecordChoice(row.id, None if name is None else str(name), None if modified is None else str(modified))
