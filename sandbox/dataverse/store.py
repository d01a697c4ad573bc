"""Rows with versions, what was deleted, and undoing all of a failed change set."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

FIRST_VERSION = 81_359_000


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to a row of a table."""

    table: str
    id: str


@dataclass(slots=True)
class Row:
    """Values by column name; a column without a value is null."""

    id: str
    version: int
    values: dict[str, Any]

    @property
    def tag(self) -> str:
        """Its ETag."""
        return f'W/"{self.version}"'


@dataclass(slots=True)
class Store:
    """All rows of one organization."""

    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    deleted: dict[str, dict[str, int]] = field(default_factory=dict)
    version: int = FIRST_VERSION
    _undo: list[Callable[[], None]] | None = None

    def table(self, name: str) -> dict[str, Row]:
        """Return the rows of a table by id."""
        return self.rows.setdefault(name, {})

    def get(self, table: str, key: str) -> Row | None:
        """Return a row, or None."""
        return self.table(table).get(key)

    def next_version(self) -> int:
        """Return a version higher than all before."""
        self.version += 1
        return self.version

    def insert(self, table: str, key: str, values: dict[str, Any]) -> Row:
        """Add a row."""
        row = Row(key, self.next_version(), values)
        self.table(table)[key] = row
        self._remember(lambda: self.table(table).pop(key, None))
        return row

    def update(self, table: str, key: str, values: dict[str, Any]) -> Row:
        """Change values of a row, which gets a new version."""
        row = self.table(table)[key]
        version, before = row.version, dict(row.values)
        row.values.update(values)
        row.version = self.next_version()

        def back() -> None:
            row.values, row.version = before, version

        self._remember(back)
        return row

    def amend(self, table: str, key: str, values: dict[str, Any]) -> None:
        """Change values without a new version, as rollups do."""
        self.table(table)[key].values.update(values)

    def remove(self, table: str, key: str) -> Row:
        """Delete a row and remember its version of death."""
        row = self.table(table).pop(key)
        graves = self.deleted.setdefault(table, {})
        graves[key] = self.next_version()

        def back() -> None:
            self.table(table)[key] = row
            graves.pop(key, None)

        self._remember(back)
        return row

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Undo everything inside when it fails."""
        outer, self._undo = self._undo, []
        mine = self._undo
        try:
            yield
        except BaseException:
            for back in reversed(mine):
                back()
            raise
        finally:
            self._undo = outer
        if outer is not None:
            outer.extend(mine)

    def _remember(self, back: Callable[[], Any]) -> None:
        if self._undo is not None:
            self._undo.append(back)
