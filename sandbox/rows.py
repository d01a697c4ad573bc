"""Rows as bytes: each made once for a $select, and again only after it changed."""

from base64 import b64encode
from collections.abc import Iterable
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import orjson

from sandbox.filters import Row
from sandbox.schema import ROUTES, EntitySet
from sandbox.tables import Table

_CACHED_ROWS = 150_000
_KNOWN: dict[str, frozenset[str]] = {}
for _sets in ROUTES.values():
    for _set in _sets.values():
        _KNOWN[_set.table] = _KNOWN.get(_set.table, frozenset()) | {each.name for each in _set.properties}
_EVERYWHERE = frozenset({"displayName2", "lastModifiedDateTime"})


def dumped(value: Any) -> bytes:
    """Return JSON; decimals keep all their digits."""
    return orjson.dumps(value, default=_decimal)


def etag(data: bytes) -> str:
    """Return the tag of a row's bytes: opaque, and another one after any change."""
    digits = str(int.from_bytes(blake2b(data, digest_size=8).digest()))
    return f'W/"{b64encode(f"'{len(digits)};{digits}1;00;'".encode()).decode()}"'


class RowWriter:
    """Writes the rows of one table as one entity set shows them."""

    def __init__(
        self,
        table: Table,
        entity_set: EntitySet,
        select: tuple[str, ...],
        expand: tuple[str, ...],
        tables: dict[str, Table],
    ) -> None:
        self._table = table
        self._names = tuple(each.name for each in entity_set.properties)
        self._select = tuple(name for name in self._names if name in select)
        self._known = _KNOWN.get(entity_set.table, frozenset(self._names)) | _EVERYWHERE
        self._open = entity_set.table == entity_set.name
        self._tagged = entity_set.entity != "company"
        self._expand = tuple((name, tables[table], source) for name, (table, source) in _picked(entity_set, expand))
        self._cache: dict[int, bytes] = {}
        self._seen = len(table.log)
        self._expanded = self._expansions()

    def joined(self, slots: Iterable[int]) -> bytes:
        """Return rows with commas between them."""
        self._forget_changed()
        known = self._cache.get
        return b",".join([known(slot) or self._write(slot) for slot in slots])

    def one(self, slot: int) -> bytes:
        """Return one row."""
        return self.joined((slot,))

    def _forget_changed(self) -> None:
        if self._expansions() != self._expanded:
            self._cache.clear()
            self._expanded = self._expansions()
        for slot in self._table.log[self._seen :]:
            self._cache.pop(slot, None)
        self._seen = len(self._table.log)

    def _expansions(self) -> tuple[int, ...]:
        return tuple(table.version for _, table, _ in self._expand)

    def _write(self, slot: int) -> bytes:
        row = self._table.row(slot)
        full = {name: row.get(name) for name in self._names}
        if self._open and not self._known.issuperset(row):
            full |= {name: value for name, value in row.items() if name not in self._known}
        data = dumped(full)
        head = {"@odata.etag": etag(data)} if self._tagged else {}
        if self._select or self._expand or not self._tagged:
            wanted = {name: full[name] for name in self._select} if self._select else full
            written = dumped({**head, **wanted, **self._navigations(row)})
        else:
            written = dumped(head)[:-1] + b"," + data[1:]
        if len(self._cache) < _CACHED_ROWS:
            self._cache[slot] = written
        return written

    def _navigations(self, row: Row) -> Row:
        found: Row = {}
        for name, table, source in self._expand:
            slot = table.find(str(row.get(source)))
            found[name] = None if slot is None else table.row(slot)
        return found


def _picked(entity_set: EntitySet, expand: tuple[str, ...]) -> list[tuple[str, tuple[str, str]]]:
    return [(name, entity_set.expands[name]) for name in expand]


def _decimal(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}".encode())
    raise TypeError(f"no JSON for {type(value).__name__}")
