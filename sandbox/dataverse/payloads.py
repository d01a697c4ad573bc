"""From the body of a write to values by column: properties, binds, and what is silently ignored."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from sandbox.dataverse.columns import REFERENCES, Column
from sandbox.dataverse.home import Home, Values
from sandbox.dataverse.keys import key_of
from sandbox.dataverse.refusals import (
    bad_literal,
    bad_payload,
    bad_query,
    gone,
    not_simulated,
    undeclared,
    unknown_in_body,
)
from sandbox.dataverse.schema import Relation, Table
from sandbox.dataverse.store import Ref
from sandbox.dataverse.values import Reader

_BIND = "@odata.bind"
_ADDRESS = re.compile(r"^(?:.*/)?(\w+)\((.*)\)$")


@dataclass(slots=True)
class Assigned:
    """What a body asks: values by column, the columns it names, and those that it may not write."""

    values: Values = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


class Payload:
    """Reads one body for one table."""

    def __init__(self, home: Home, table: Table, reader: Reader, allowed: Callable[[Column], bool]) -> None:
        self._home = home
        self._table = table
        self._reader = reader
        self._allowed = allowed
        self._found = Assigned()

    def read(self, body: dict[str, Any]) -> Assigned:
        """Return what the body assigns.

        Raises:
            DataverseError: A name is unknown, or a value does not fit.
        """
        for name, raw in body.items():
            if name.endswith(_BIND):
                self._bind(name.removesuffix(_BIND), raw)
            elif "@" not in name:
                self._property(name, raw)
        return self._found

    def _property(self, name: str, raw: Any) -> None:
        column = self._table.by_property.get(name)
        relation = self._home.catalog.up[self._table.name].get(name)
        if column is not None and column.kind not in REFERENCES:
            self._assign(column, self._reader.value(column, raw))
        elif relation is not None:
            self._clear(relation, raw)
        elif name in self._home.catalog.down[self._table.name]:
            raise not_simulated(f"a deep insert into {name}")
        elif column is not None:
            text = "CRM do not support direct update of Entity Reference properties, Use Navigation properties instead."
            raise bad_payload(self._table.set_name, f"Microsoft.Crm.CrmException: {text}")
        else:
            code = self._reader.switches.unknown_property_code
            raise unknown_in_body(self._table.set_name, name, self._table.name, code)

    def _clear(self, relation: Relation, raw: Any) -> None:
        if raw is not None:
            raise not_simulated(f"a deep insert into {relation.navigation}")
        self._assign(relation.column, None)

    def _bind(self, name: str, raw: Any) -> None:
        relation = self._home.catalog.up[self._table.name].get(name)
        if relation is None:
            raise undeclared(self._table.set_name, name)
        if raw is None:
            self._assign(relation.column, self._reader.value(relation.column, None))
            return
        target = reference(self._home, raw)
        exact = relation.column.navigation("account") == relation.column.navigation("contact")
        fits = target.table in relation.column.targets if exact else target.table == relation.parent.name
        if not fits:
            raise bad_literal(self._table.set_name, raw, relation.parent.type_name)
        self._assign(relation.column, target)

    def _assign(self, column: Column, value: Any) -> None:
        if column.name not in self._found.sent:
            self._found.sent.append(column.name)
        if self._allowed(column):
            self._found.values[column.name] = value
        else:
            self._found.ignored.append(column.name)


def reference(home: Home, raw: Any) -> Ref:
    """Read the address of a row, with or without a host, by id or by alternate key.

    Raises:
        DataverseError: It is no address, or there is no such row.
    """
    found = _ADDRESS.match(unquote(raw)) if isinstance(raw, str) else None
    table = home.catalog.sets.get(found[1]) if found else None
    if found is None or table is None:
        raise bad_query(f"The URI '{raw}' is not a valid resource reference.")
    row = key_of(table, found[2]).find(home.store)
    if row is None:
        raise gone(table.name, found[2])
    return Ref(table.name, row.id)
