"""Creating, changing and deleting rows, with everything that the platform does beside it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sandbox.dataverse.columns import REFERENCES, Column, Kind
from sandbox.dataverse.computed import composite, full_name, owning
from sandbox.dataverse.home import BASE_CURRENCY, ROOT_UNIT, Caller, Change, Home, Values
from sandbox.dataverse.keys import check_unique
from sandbox.dataverse.payloads import Assigned, Payload
from sandbox.dataverse.prices import line_amounts, parent_of, totals
from sandbox.dataverse.refusals import (
    DataverseError,
    delete_blocked,
    exists,
    missing_privilege,
    not_simulated,
)
from sandbox.dataverse.rules import LINES, check_editable, check_update, complete_state, lines_of
from sandbox.dataverse.schema import Table
from sandbox.dataverse.store import Ref, Row
from sandbox.dataverse.values import Reader

_KEPT_WHILE_USED = frozenset({"transactioncurrency", "product", "uom", "pricelevel"})
_SIMILAR = {"account": "name", "contact": "emailaddress1"}
_ADDRESSES = {"account": ("address1",), "contact": ("address1",), "quote": ("billto", "shipto")}
_COMPOSITE = "{0}_composite"


class Guard(StrEnum):
    """What a write was conditional on."""

    NONE = "none"
    ETAG = "etag"
    ANY = "any"
    ABSENT = "absent"


@dataclass(slots=True)
class Work:
    """What one request does in an organization, and what it has changed."""

    home: Home
    caller: Caller
    tag: str = ""
    bypassed: bool = False
    duplicates_checked: bool = False
    guard: Guard = Guard.NONE
    changes: list[Change] = field(default_factory=list)

    def allow(self, verb: str, table: Table) -> None:
        """Check the privilege for a verb such as Read or Write on a table.

        Raises:
            DataverseError: 403.
        """
        privilege = f"prv{verb}{table.schema_name}"
        if privilege in self.caller.denied:
            raise missing_privilege(self.caller.user, privilege, table.code, table.name)

    def create(self, table: Table, body: dict[str, Any], key: str | None = None, more: Values | None = None) -> Row:
        """Create a row from a body; `more` are values that its address gave.

        Raises:
            DataverseError: The body does not fit, or the id or an alternate key is taken.
        """
        self.allow("Create", table)
        assigned = self._read(table, {**(more or {}), **body}, {}, lambda column: column.creatable, "create")
        values = assigned.values
        row_id = key or values.pop(table.key, None) or str(uuid4())
        if self.home.store.get(table.name, row_id):
            raise exists()
        if table.name == "sdkmessageprocessingstep" and values.get("mode") == 0:
            raise not_simulated("a synchronous step")
        check_editable(self.home, table, values if table.name != "quote" else {})
        if self.duplicates_checked:
            self._check_similar(table, values)
        whole = {
            **self._defaults(table, values),
            **{name: value for name, value in values.items() if value is not None},
        }
        if "statecode" in table.by_name:
            complete_state(table, whole, whole)
        recreated = row_id in self.home.store.deleted.get(table.name, {})
        check_unique(table, self.home.store, row_id, whole)
        row = self.home.store.insert(table.name, row_id, {})
        row.values.update({**whole, **self._derived(table, row_id, whole)})
        self._done("Create", table, row, assigned, {}, recreated=recreated)
        return row

    def update(self, table: Table, row: Row, body: dict[str, Any]) -> Row:
        """Change a row by a body; what may not be changed is ignored.

        Raises:
            DataverseError: The body does not fit, or the row's state does not allow it.
        """
        self.allow("Write", table)
        assigned = self._read(table, body, row.values, lambda column: column.updatable, "update")
        check_update(self.home, table, row, assigned.values)
        check_unique(table, self.home.store, row.id, {**row.values, **assigned.values})
        return self._apply(table, row, assigned)

    def put(self, table: Table, row: Row, values: Values) -> Row:
        """Change a row as an action does: the rules for updates do not apply."""
        return self._apply(table, row, Assigned(dict(values), list(values)), direct=False)

    def delete(self, table: Table, row: Row) -> None:
        """Delete a row, its lines with it; lookups to it become empty.

        Raises:
            DataverseError: Other rows refer to it.
        """
        self.allow("Delete", table)
        check_editable(self.home, table, row.values if table.name != "quote" else {})
        self._delete(table, row)

    def _delete(self, table: Table, row: Row, *, direct: bool = True) -> None:
        if table.name in _KEPT_WHILE_USED and any(self._referring(table, row.id)):
            raise delete_blocked(table.name)
        for line in lines_of(self.home, table.name, row.id) if table.name in LINES else []:
            self._delete(self.home.catalog.tables[LINES[table.name][0]], line, direct=False)
        for child, column, other in list(self._referring(table, row.id)):
            self.put(child, other, {column.name: None})
        before = dict(row.values)
        self.home.store.remove(table.name, row.id)
        self._note(Change("Delete", table.name, row.id, self.home.store.version, self.caller.user, self.guard,
                          before=before, tag=self.tag, bypassed=self.bypassed, direct=direct))  # fmt: skip
        self._reprice(table, before)

    def _apply(self, table: Table, row: Row, assigned: Assigned, *, direct: bool = True) -> Row:
        values = assigned.values
        unchanged = [name for name, value in values.items() if row.values.get(name) == value]
        before = dict(row.values)
        quiet = len(unchanged) == len(values) and self.home.switches().unchanged_write == "same_version"
        if not values or quiet:
            self._done("Update", table, row, assigned, before, direct=direct)
            return row
        stamped = {**values, "modifiedon": self.home.now(), "modifiedby": Ref("systemuser", self.caller.user)}
        merged = {**row.values, **stamped}
        self.home.store.update(table.name, row.id, {**stamped, **self._derived(table, row.id, merged)})
        self._done("Update", table, row, assigned, before, unchanged=tuple(unchanged), direct=direct)
        return row

    def _read(
        self, table: Table, body: dict[str, Any], current: Values, allowed: Callable[[Column], bool], verb: str
    ) -> Assigned:
        reader = Reader(table, self.home.switches(), lambda column: self._places(column, current), self.caller.user,
                        verb, self.caller.denied)  # fmt: skip
        return Payload(self.home, table, reader, allowed).read(body)

    def _places(self, column: Column, current: Values) -> int:
        if column.kind is not Kind.MONEY or column.precision_source == 0:
            return column.precision
        return self.home.pricing_places() if column.precision_source == 1 else self.home.currency_places(current)

    def _defaults(self, table: Table, values: Values) -> Values:
        now, user = self.home.now(), Ref("systemuser", self.caller.user)
        found: Values = {
            column.name: column.default for column in table.columns if column.default is not None and column.shown
        }
        found |= {"createdon": now, "modifiedon": now, "createdby": user, "modifiedby": user}
        if "ownerid" in table.by_name:
            found |= {"ownerid": user, "owningbusinessunit": Ref("businessunit", ROOT_UNIT)}
        if "transactioncurrencyid" in table.by_name:
            found["transactioncurrencyid"] = self._currency(values)
        if table.name == "quote":
            number = len(self.home.store.table("quote")) + 1
            found |= {"quotenumber": f"QUO-{number:05d}-S4ND8X", "revisionnumber": 0}
        if table.name == "new_agreement":
            found["new_number"] = f"AGR-{len(self.home.store.table(table.name)) + 1:05d}"
        return found

    def _currency(self, values: Values) -> Ref:
        for parent in ("opportunityid", "quoteid", "customerid", "pricelevelid"):
            row = self.home.follow(values.get(parent))
            if row and row.values.get("transactioncurrencyid"):
                return Ref("transactioncurrency", row.values["transactioncurrencyid"].id)
        return Ref("transactioncurrency", BASE_CURRENCY)

    def _derived(self, table: Table, key: str, values: Values) -> Values:
        found: Values = {}
        if isinstance(values.get("ownerid"), Ref):
            found |= owning(values["ownerid"])
        if table.name in {"contact", "systemuser"}:
            found["fullname"] = full_name(values)
        for lead in _ADDRESSES.get(table.name, ()):
            found[_COMPOSITE.format(lead)] = composite(values, lead)
        currency = self.home.follow(values.get("transactioncurrencyid"))
        if currency:
            found["exchangerate"] = currency.values.get("exchangerate")
        if table.name in LINES and self.home.switches().price_engine == "on":
            found |= totals(self.home, table.name, key, values)
        if parent_of(table.name, values) and self.home.switches().price_engine == "on":
            found |= line_amounts(self.home, values, {})
        return found

    def _done(
        self,
        operation: str,
        table: Table,
        row: Row,
        assigned: Assigned,
        before: Values,
        **more: Any,
    ) -> None:
        self._note(
            Change(
                operation, table.name, row.id, row.version, self.caller.user, self.guard, tuple(assigned.sent),
                ignored=tuple(assigned.ignored), before=before, after=dict(row.values), tag=self.tag,
                bypassed=self.bypassed, **more,
            )
        )  # fmt: skip
        self._reprice(table, row.values)

    def _note(self, change: Change) -> None:
        self.changes.append(change)

    def _reprice(self, table: Table, values: Values) -> None:
        parent = parent_of(table.name, values)
        row = self.home.store.get(parent.table, parent.id) if parent else None
        if parent is None or row is None or self.home.switches().price_engine == "off":
            return
        fresh = totals(self.home, parent.table, parent.id, row.values)
        changed = {name: value for name, value in fresh.items() if row.values.get(name) != value}
        if changed:
            self.put(self.home.catalog.tables[parent.table], row, changed)

    def _check_similar(self, table: Table, values: Values) -> None:
        name = _SIMILAR.get(table.name, "")
        wanted = values.get(name)
        if wanted and any(row.values.get(name) == wanted for row in self.home.store.table(table.name).values()):
            text = "A record was not created or updated because a duplicate of the current record already exists."
            raise DataverseError(412, "0x80040333", text)

    def _referring(self, table: Table, key: str) -> Iterable[tuple[Table, Column, Row]]:
        wanted = Ref(table.name, key)
        for relation in self.home.catalog.down[table.name].values():
            if relation.column.kind in REFERENCES:
                for row in self.home.store.table(relation.child.name).values():
                    if row.values.get(relation.column.name) == wanted:
                        yield relation.child, relation.column, row
