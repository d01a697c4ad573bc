"""What the sales tables allow: states and their reasons, closed quotes, currencies with products."""

from collections.abc import Callable

from sandbox.dataverse.home import Home, Values
from sandbox.dataverse.refusals import (
    bad_state,
    closed_by_action_only,
    currency_fixed,
    not_a_draft,
    read_only_row,
)
from sandbox.dataverse.schema import Table
from sandbox.dataverse.store import Ref, Row

LINES = {"opportunity": ("opportunityproduct", "opportunityid"), "quote": ("quotedetail", "quoteid")}
"""The lines of each kind of deal, and their column that names it."""

_STATE = frozenset({"statecode", "statuscode"})
_OPEN = 0
_DRAFT, _ACTIVE = 0, 1


def check_update(home: Home, table: Table, row: Row, values: Values) -> None:
    """Refuse what the row's state does not allow, and complete a change of state.

    Raises:
        DataverseError: The change is not allowed.
    """
    if table.name in LINES and "transactioncurrencyid" in values:
        _check_currency(home, table.name, row, values)
    if not _STATE & set(values) or "statecode" not in table.by_name:
        check_editable(home, table, row.values)
        return
    before = int(row.values.get("statecode") or 0)
    after = complete_state(table, row.values, values)
    check = _MOVES.get(table.name)
    if check:
        check(before, after)
    if set(values) - _STATE:
        check_editable(home, table, row.values)


def check_editable(home: Home, table: Table, values: Values) -> None:
    """Refuse a change of a quote that is no draft, or of its lines.

    Raises:
        DataverseError: It is read-only.
    """
    switches = home.switches()
    parent = home.follow(values.get("quoteid"), "quote") if table.name == "quotedetail" else None
    quote = values if table.name == "quote" else parent.values if parent else None
    if quote and quote.get("statecode") != _DRAFT and switches.closed_quotes == "read_only":
        raise read_only_row(int(switches.read_only_status))


def complete_state(table: Table, current: Values, values: Values) -> int:
    """Add the default status of a new state; return the state.

    Raises:
        DataverseError: The status does not belong to the state.
    """
    state = int(values.get("statecode", current.get("statecode")) or 0)
    option = table.by_name["statecode"].option(state)
    if "statuscode" not in values and option:
        values["statuscode"] = option.default_status
    wanted = values.get("statuscode")
    status = table.by_name["statuscode"].option(-1 if wanted is None else wanted)
    if status is None or status.state != state:
        raise bad_state()
    return state


def lines_of(home: Home, table: str, key: str) -> list[Row]:
    """Return the lines of an opportunity or a quote."""
    child, column = LINES[table]
    wanted = Ref(table, key)
    return [row for row in home.store.table(child).values() if row.values.get(column) == wanted]


def _check_currency(home: Home, table: str, row: Row, values: Values) -> None:
    if values["transactioncurrencyid"] != row.values.get("transactioncurrencyid") and lines_of(home, table, row.id):
        raise currency_fixed(table)


def _opportunity_moves(before: int, after: int) -> None:
    if after not in {_OPEN, before}:
        raise closed_by_action_only()


def _quote_moves(before: int, after: int) -> None:
    if after == _ACTIVE and before not in {_DRAFT, _ACTIVE}:
        raise not_a_draft()
    if after not in {_DRAFT, _ACTIVE, before}:
        raise bad_state()


_MOVES: dict[str, Callable[[int, int], None]] = {"opportunity": _opportunity_moves, "quote": _quote_moves}
