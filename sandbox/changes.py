"""Changes of the simulated data, at once or while a client pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID, uuid5

from sandbox.clock import Clock, parse_time, sql_rounded
from sandbox.datasets import Company
from sandbox.filters import Row
from sandbox.notices import ChangeType, Event
from sandbox.schema import BY_TABLE, ROUTES, ZERO_GUID, Edm
from sandbox.tables import Table
from sandbox.world import TENANT_ONE, Environment, World

_BLANK: dict[Edm, object] = {Edm.GUID: ZERO_GUID, Edm.DECIMAL: 0, Edm.BOOLEAN: False}
_ENUM_BLANK = {"blocked": "_x0020_", "type": "Inventory"}


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `modified` is an instant, "keep", or absent for the clock's now."""

    op: Literal[
        "upsert", "patch", "delete", "touch", "rollback", "commit", "rename", "remove_company", "rename_environment"
    ]
    set: str = ""
    company: str | None = None
    environment: str = "Production"
    tenant: str = TENANT_ONE
    id: str | None = None
    number: str | None = None
    values: Mapping[str, Any] | None = None
    count: int = 1
    modified: str | None = None
    transaction: str | None = None
    name: str | None = None
    display_name: str | None = None


class Changer:
    """Applies changes to the world, and tells of them; a row changed under a transaction can be rolled back."""

    def __init__(self, world: World, clock: Clock, tell: Callable[[Event], None]) -> None:
        self._world = world
        self._clock = clock
        self._tell = tell
        self._untold: dict[str, list[Event]] = {}
        self._undo: dict[str, list[Callable[[], None]]] = {}
        self._ops: dict[str, Callable[[Change], dict[str, Any]]] = {
            "upsert": self._upsert,
            "patch": self._patch,
            "delete": self._delete,
            "touch": self._touch,
            "rollback": self._rollback,
            "commit": self._commit,
            "rename": self._rename,
            "remove_company": self._remove_company,
            "rename_environment": self._rename_environment,
        }

    def apply(self, change: Change) -> dict[str, Any]:
        """Apply one change and say what became of it.

        Raises:
            LookupError: Company, table or row is not there.
            ValueError: The operation or the instant is not known.
        """
        if change.op not in self._ops:
            raise ValueError(f"unknown op {change.op}; known: {', '.join(self._ops)}")
        return self._ops[change.op](change)

    def company(self, change: Change) -> Company:
        """Return the company that a change is about; without a name, the environment's first."""
        for each in self._environment(change).companies.values():
            if change.company in {None, each.id, each.key, each.name}:
                return each
        raise LookupError(f"no company {change.company} in {change.environment}")

    def _environment(self, change: Change) -> Environment:
        tenant = self._world.tenant(change.tenant)
        found = tenant.environment(change.environment) if tenant else None
        if found is None:
            raise LookupError(f"no environment {change.environment}")
        return found

    def table(self, change: Change) -> Table:
        """Return the table behind an entity set.

        Raises:
            LookupError: There is no such set, company or environment.
        """
        sets = {name: each.table for route in ROUTES.values() for name, each in route.items()}
        if change.set not in sets:
            raise LookupError(f"no entity set {change.set}")
        return self.company(change).tables[sets[change.set]]

    def _slot(self, table: Table, change: Change) -> int:
        slot = table.find(change.id) if change.id else table.find_key(change.number or "")
        if slot is None:
            raise LookupError(f"no row {change.id or change.number} in {change.set}")
        return slot

    def _instant(self, change: Change, kept: int) -> int:
        if change.modified is None:
            return self._clock.micros()
        return kept if change.modified == "keep" else sql_rounded(parse_time(change.modified))

    def _upsert(self, change: Change) -> dict[str, Any]:
        table = self.table(change)
        values = dict(change.values or {})
        row_id = str(values.get("id") or change.id or uuid5(UUID(ZERO_GUID), f"{change.set}/{values.get(table.key)}"))
        found = table.find(row_id)
        old = _blank_row(change.set) if found is None else table.row(found)
        return self._stored(change, table, {**old, **values, "id": row_id}, found)

    def _patch(self, change: Change) -> dict[str, Any]:
        table = self.table(change)
        slot = self._slot(table, change)
        return self._stored(change, table, {**table.row(slot), **(change.values or {})}, slot)

    def _stored(self, change: Change, table: Table, row: Row, slot: int | None) -> dict[str, Any]:
        kept = self._clock.micros() if slot is None else table.modified_of(slot)
        if change.transaction:
            self._undo.setdefault(change.transaction, []).append(_undoing(table, row["id"], slot))
        put = table.put(row, self._instant(change, kept))
        if slot is None or table.modified_of(put) != kept:
            self._noted(change, row["id"], "created" if slot is None else "updated")
        return table.row(put)

    def _delete(self, change: Change) -> dict[str, Any]:
        table = self.table(change)
        slot = self._slot(table, change)
        if change.transaction:
            self._undo.setdefault(change.transaction, []).append(_undoing(table, table.id_of(slot), slot))
        row = table.row(slot)
        table.remove(slot)
        self._noted(change, row["id"], "deleted")
        return row

    def _touch(self, change: Change) -> dict[str, Any]:
        table = self.table(change)
        slots = list(table.ordered("id"))
        step = max(1, len(slots) // max(1, change.count))
        instant = self._instant(change, self._clock.micros())
        touched = slots[::step][: change.count]
        for slot in touched:
            table.touch(slot, instant)
            self._noted(change, table.id_of(slot), "updated")
        return {"touched": [table.id_of(slot) for slot in touched]}

    def _rollback(self, change: Change) -> dict[str, Any]:
        steps = self._undo.pop(change.transaction or "", [])
        self._untold.pop(change.transaction or "", None)
        for step in reversed(steps):
            step()
        return {"undone": len(steps)}

    def _commit(self, change: Change) -> dict[str, Any]:
        for event in self._untold.pop(change.transaction or "", []):
            self._tell(event)
        return {"committed": len(self._undo.pop(change.transaction or "", []))}

    def _noted(self, change: Change, row_id: str, kind: ChangeType) -> None:
        """Tell of a change, when it is part of a transaction not before that is committed."""
        table = {name: each.table for route in ROUTES.values() for name, each in route.items()}[change.set]
        event = Event(self._environment(change), self.company(change).id, table, row_id, kind, self._clock.micros())
        if change.transaction:
            self._untold.setdefault(change.transaction, []).append(event)
        else:
            self._tell(event)

    def _rename(self, change: Change) -> dict[str, Any]:
        company = self.company(change)
        company.name = change.name or company.name
        company.display_name = company.display_name if change.display_name is None else change.display_name
        return {"id": company.id, "name": company.name, "displayName": company.display_name}

    def _remove_company(self, change: Change) -> dict[str, Any]:
        company = self.company(change)
        del self._environment(change).companies[company.id]
        return {"id": company.id}

    def _rename_environment(self, change: Change) -> dict[str, Any]:
        environment = self._environment(change)
        environment.name = change.name or environment.name
        return {"name": environment.name}


@dataclass(slots=True)
class _Hook:
    set: str
    company: str | None
    after_page: int
    changes: tuple[Change, ...]
    pages: int = 0
    fired: int = 0


class PageHooks:
    """Changes that happen right after the nth page of a set was made."""

    def __init__(self, changer: Changer) -> None:
        self._changer = changer
        self._hooks: list[_Hook] = []

    def add(self, set_name: str, company: str | None, after_page: int, changes: tuple[Change, ...]) -> None:
        """Plan changes; pages count from now, in any walk."""
        self._hooks.append(_Hook(set_name, company, after_page, changes))

    def clear(self) -> None:
        """Forget all hooks."""
        self._hooks.clear()

    def page_served(self, company_id: str, set_name: str) -> None:
        """Count a page and apply what is due."""
        for hook in self._hooks:
            if hook.set != set_name or hook.company not in {None, company_id}:
                continue
            hook.pages += 1
            if hook.pages == hook.after_page:
                hook.fired += 1
                for change in hook.changes:
                    self._changer.apply(change)

    def report(self) -> list[dict[str, Any]]:
        """Return set, pages seen and times fired of each hook."""
        return [{"set": each.set, "pages": each.pages, "fired": each.fired} for each in self._hooks]


def _blank_row(set_name: str) -> Row:
    named = next(each for route in ROUTES.values() for each in route.values() if each.name == set_name)
    return {
        each.name: _ENUM_BLANK.get(each.name, "") if each.edm is Edm.ENUM else _BLANK.get(each.edm, "")
        for each in BY_TABLE.get(named.table, named).properties
    }


def _undoing(table: Table, row_id: str, slot: int | None) -> Callable[[], None]:
    """Return what puts a row back as it is now."""
    if slot is None:

        def remove() -> None:
            found = table.find(row_id)
            if found is not None:
                table.remove(found)

        return remove
    row, modified = table.row(slot), table.modified_of(slot)

    def restore() -> None:
        table.put(row, modified)

    return restore
