"""Changes by somebody else: at once, or right after a request that matches."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.dataverse.home import HUMAN, Caller, Change, Home
from sandbox.dataverse.keys import key_of
from sandbox.dataverse.store import Row
from sandbox.dataverse.writes import Work


@dataclass(frozen=True, slots=True)
class Order:
    """One change: create, update or delete a row, values as the Web API takes them; `user` is a systemuserid."""

    op: str
    table: str
    id: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    user: str = HUMAN
    tag: str = ""


@dataclass(slots=True)
class Hook:
    """Changes right after the nth request whose method and address match."""

    edits: list[Order]
    match: str = ""
    method: str = ""
    nth: int = 1
    calls: int = 0


@dataclass(slots=True)
class Hooks:
    """The hooks in force."""

    planned: list[Hook] = field(default_factory=list)

    def clear(self) -> None:
        """Forget all."""
        self.planned.clear()

    def due(self, method: str, target: str) -> list[Order]:
        """Count a request; return the changes that follow it."""
        found: list[Order] = []
        for hook in self.planned:
            if hook.method in {"", method} and re.search(hook.match, target):
                hook.calls += 1
                found += hook.edits if hook.calls == hook.nth else []
        return found


def edited(home: Home, orders: list[Order]) -> list[Change]:
    """Apply changes, by the same rules as a request.

    Raises:
        DataverseError: A change is refused.
        LookupError: There is no such table, row or operation.
    """
    changes: list[Change] = []
    for order in orders:
        work = Work(home, Caller(order.user), order.tag)
        _apply(home, work, order)
        changes += work.changes
    return changes


def _apply(home: Home, work: Work, order: Order) -> None:
    table = home.catalog.tables[order.table]
    values = {name: _exact(value) for name, value in order.values.items()}
    if order.op == "create":
        work.create(table, values, order.id or None)
    elif order.op == "update":
        work.update(table, _row(home, order), values)
    elif order.op == "delete":
        work.delete(table, _row(home, order))
    else:
        raise LookupError(f"no operation {order.op}; known: create, update, delete")


def _row(home: Home, order: Order) -> Row:
    row = key_of(home.catalog.tables[order.table], order.id).find(home.store)
    if row is None:
        raise LookupError(f"no {order.table} {order.id}")
    return row


def _exact(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, float) else value
