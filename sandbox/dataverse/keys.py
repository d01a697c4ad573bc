"""Keys in addresses: an id, or the values of an alternate key."""

import re
from dataclasses import dataclass
from typing import Any

from sandbox.dataverse.columns import REFERENCES
from sandbox.dataverse.refusals import bad_argument, bad_query, duplicate_key, no_such_key, not_a_key
from sandbox.dataverse.schema import Table
from sandbox.dataverse.store import Ref, Row, Store
from sandbox.dataverse.values import GUID

_PAIR = re.compile(r"\s*(\w+)\s*=\s*('(?:[^']|'')*'|[^,']+)\s*(?:,|$)")


@dataclass(frozen=True, slots=True)
class Key:
    """What stands between the brackets: an id, or pairs of an alternate key."""

    table: Table
    id: str = ""
    pairs: tuple[tuple[str, str], ...] = ()

    def find(self, store: Store) -> Row | None:
        """Return the row, or None."""
        if self.id:
            return store.get(self.table.name, self.id)
        wanted = dict(self.pairs)
        return next((row for row in store.table(self.table.name).values() if _matches(row.values, wanted)), None)


def key_of(table: Table, text: str) -> Key:
    """Read a key.

    Raises:
        DataverseError: It is neither an id nor one of the table's alternate keys.
    """
    if GUID.fullmatch(text.strip()):
        return Key(table, text.strip().lower())
    pairs = tuple((found[1], _unquoted(found[2].strip())) for found in _PAIR.finditer(text))
    if not pairs or _PAIR.sub("", text).strip():
        raise bad_query(f"Bad Request - Error in query syntax near '{text}'.") if text.strip() else bad_argument()
    named = dict(pairs)
    if set(named) == {table.key} and GUID.fullmatch(named[table.key]):
        return Key(table, named[table.key].lower())
    columns = tuple(sorted(_column(table, name) for name in named))
    if columns not in {tuple(sorted(each)) for each in table.alternates}:
        raise not_a_key(table.name)
    return Key(table, pairs=tuple((_column(table, name), value) for name, value in pairs))


def check_unique(table: Table, store: Store, key: str, values: dict[str, Any]) -> None:
    """Refuse values that another row has in an alternate key.

    Raises:
        DataverseError: 412.
    """
    for columns in table.alternates:
        mine = [values.get(name) for name in columns]
        if all(value is None for value in mine):
            continue
        for row in store.table(table.name).values():
            if row.id != key and [row.values.get(name) for name in columns] == mine:
                raise duplicate_key(table.name, columns)


def required(key: Key, row: Row | None) -> Row:
    """Return the row that a key must find when it is no id.

    Raises:
        DataverseError: 404.
    """
    if row is None:
        raise no_such_key(key.table.name)
    return row


def _column(table: Table, name: str) -> str:
    column = table.by_property.get(name)
    return column.name if column and column.kind in REFERENCES else name


def _matches(values: dict[str, Any], wanted: dict[str, str]) -> bool:
    return all(_text(values.get(name)) == value.casefold() for name, value in wanted.items())


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return value.id if isinstance(value, Ref) else str(value).casefold()


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'") if text.startswith("'") else text
