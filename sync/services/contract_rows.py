"""Keeps the row of a contract in the organization's table of contracts, where the owner of a bridge has named one."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from mapping.columns import ColumnType
from mapping.contract_text import from_text, to_dynamics
from mapping.values import ValueProblem
from sync.engine.contract_row import times_after_deletion, times_of
from sync.model.contract_link import DELETED, ContractLink, ContractRow
from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.errors import RefusedError, RetryLaterError, StaleRecordError, SyncError
from sync.model.field_sync import Direction
from sync.model.integration import Bridge
from sync.model.table import Table
from sync.ports import Contract, Dynamics, Row
from sync.services.bridge_desk import BridgeDesk
from sync.services.field_sides import Plan, Route, dynamics_side, plan_of, read

logger = logging.getLogger(__name__)

SETTING = "contractTable"
"""The setting that names the table, by its logical name."""
COLUMN_SETTING = "contractColumn"
"""The setting that names the column with the contract's number in Oneflow, by which a row is found again."""

_NUMBER_COLUMN = "of_contractid"
_LITERALS: Mapping[ColumnType, str] = MappingProxyType(
    {ColumnType.STRING: "'{}'", ColumnType.INTEGER: "{}", ColumnType.BIG_INT: "{}"}
)
"""Types that can hold the number, and how a filter writes it."""
_ROUNDS = 3
_TRIES = 5
_GONE = "RECORD_GONE"


@dataclass(frozen=True, slots=True)
class _Showing:
    """What the row of a contract is to show; without a name the name stays as it is."""

    number: int
    number_column: str
    name: str | None
    times: Mapping[str, datetime | None]

    def texts(self, table: Table) -> dict[str, str]:
        """Return texts by column, as Oneflow would show them."""
        named = {} if self.name is None or table.name_column is None else {table.name_column: self.name}
        times = {column: "" if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}" for column, at in self.times.items()}
        return {**named, **times, self.number_column: str(self.number)}


@dataclass(frozen=True, slots=True)
class _Keeping:
    """The table of contracts, and what one row of it is to show."""

    dynamics: Dynamics
    plan: Plan
    texts: Mapping[str, str]

    @property
    def routes(self) -> dict[str, Route]:
        """Columns that the table has, and that take a value."""
        fit = (each for each in self.plan.routes if each.missing is None and each.one_way is None)
        return {each.pair.column: each for each in fit}


def keep(desk: BridgeDesk, bridge: Bridge, contract_id: int, contract: Contract | None) -> SyncError | None:
    """Let the row show where the contract stands; return what went wrong if that may pass by itself.

    Whatever goes wrong is logged and noted in the link. Without `contract` nothing is known of it, but that it is gone
    when the link says so. Whoever calls this holds the lease of the contract.
    """
    table = bridge.settings.get(SETTING)
    link = None if table is None else desk.links.get(bridge.id, contract_id)
    if table is None or link is None:
        return None
    known = link.row if link.row is not None and link.row.table == table else ContractRow(table)
    showing = _showing(link, contract, bridge.settings.get(COLUMN_SETTING, _NUMBER_COLUMN))
    if showing is None or known.gone or (contract is None and known.id is None):
        return None
    error: SyncError | None = None
    try:
        row = _kept(desk.dynamics(bridge), known, showing)
    except SyncError as caught:
        error, row = caught, replace(known, trouble=caught.code)
        facts = {"integration": bridge.id, "contract": contract_id, "code": caught.code}
        logger.warning("contract row not written", extra=facts)
    _remember(desk, link, row)
    return error if isinstance(error, RetryLaterError | StaleRecordError) else None


def _showing(link: ContractLink, contract: Contract | None, number_column: str) -> _Showing | None:
    if contract is not None:
        times = times_of(contract.state, contract.lifecycle_state, contract.life)
        return _Showing(contract.id, number_column, contract.name, times)
    return _Showing(link.contract_id, number_column, None, times_after_deletion()) if link.state == DELETED else None


def _kept(dynamics: Dynamics, known: ContractRow, showing: _Showing) -> ContractRow:
    """Return the row that shows the contract now (raises as Dynamics does).

    Raises:
        RefusedError: The table cannot hold rows of contracts (CONTRACT_TABLE_UNFIT).
        StaleRecordError: Others change the row all the time.
    """
    table = dynamics.table(known.table)
    texts = showing.texts(table)
    keeping = _Keeping(dynamics, plan_of(dynamics, _mapping(table.name, texts)), texts)
    number = keeping.routes.get(showing.number_column)
    if number is None or number.column.type not in _LITERALS:
        raise _unfit(table, showing.number_column)
    row_id = known.id or _found(keeping, number)
    if row_id is None:
        values = {column: value for column, value in _changes(keeping, None).items() if value is not None}
        if number.address not in values:
            raise _unfit(table, showing.number_column)
        return ContractRow(table.name, dynamics.create(table, values).id)
    try:
        _follow(keeping, row_id)
    except RefusedError as error:
        if error.code != _GONE:
            raise
        return ContractRow(table.name, row_id, gone=True)
    return ContractRow(table.name, row_id)


def _unfit(table: Table, column: str) -> RefusedError:
    message = f"{table.name} has no column {column} that takes a contract's number: rows could not be found again"
    return RefusedError(message, code="CONTRACT_TABLE_UNFIT")


def _mapping(table: str, columns: Iterable[str]) -> EntityMapping:
    pairs = (FieldPair(table, None, column, column, Direction.TWO_WAY) for column in columns)
    return EntityMapping("", table, tuple(pairs))


def _found(keeping: _Keeping, number: Route) -> str | None:
    """Return the id of the row that has the contract's number: what an earlier attempt made, or somebody else."""
    literal = _LITERALS[number.column.type].format(keeping.texts[number.pair.column])
    query = replace(keeping.plan.query, filter=f"{number.address} eq {literal}")
    rows = keeping.dynamics.rows(keeping.plan.table, query, page_size=1).items
    return rows[0].id if rows else None


def _follow(keeping: _Keeping, row_id: str) -> None:
    """Write what differs, unless somebody was faster: then look again."""
    for _ in range(_ROUNDS):
        row = read(keeping.dynamics, keeping.plan, row_id).row
        changes = _changes(keeping, row)
        if not changes:
            return
        try:
            keeping.dynamics.update(keeping.plan.table, row, changes)
        except StaleRecordError:
            continue
        return
    raise StaleRecordError("Others change the contract's row all the time")


def _changes(keeping: _Keeping, row: Row | None) -> dict[str, Any]:
    """Return the columns whose values differ; a value that a column does not take is left out."""
    changes: dict[str, Any] = {}
    for column, text in keeping.texts.items():
        route = keeping.routes.get(column)
        if route is None:
            continue
        value = from_text(route.column, text[:10] if route.column.is_day else text)
        sent = value if isinstance(value, ValueProblem) else to_dynamics(route.column, value)
        held = None if row is None else dynamics_side(route, row, {}).value
        if not isinstance(sent, ValueProblem) and held != value:
            changes[route.address] = sent
    return changes


def _remember(desk: BridgeDesk, link: ContractLink, row: ContractRow) -> None:
    """Note the row in the link, whatever others than merges note there meanwhile."""
    current: ContractLink | None = link
    for _ in range(_TRIES):
        if current is None or current.row == row:
            return
        try:
            desk.links.save(replace(current, row=row))
        except StaleRecordError:
            current = desk.links.get(link.integration_id, link.contract_id)
        else:
            return
