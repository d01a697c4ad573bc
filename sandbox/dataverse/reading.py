"""Reading rows: one, many, page by page, and what changed since a token."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from sandbox.dataverse.columns import Column
from sandbox.dataverse.computed import value_of
from sandbox.dataverse.cursors import Cursor, Cursors, Stamp
from sandbox.dataverse.filters import Getter, parse_filter, sortable
from sandbox.dataverse.home import Home
from sandbox.dataverse.options import Expansion, Options
from sandbox.dataverse.preferences import Preferences
from sandbox.dataverse.refusals import secured, tracking_refuses, unknown_property, untracked
from sandbox.dataverse.schema import Table
from sandbox.dataverse.store import Ref, Row
from sandbox.dataverse.wire import Json, Writer, raw

_CRM = "Microsoft.Dynamics.CRM."
_REFUSED_WITH_TRACKING = (("filter", "filter"), ("order", "orderby"), ("expand", "expand"), ("top", "top"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reply comes from: the service's root, and the collection's address below it."""

    root: str
    path: str
    query: dict[str, str]

    def context(self, tail: str) -> str:
        """Return the context of a reply."""
        return f"{self.root}/$metadata#{tail}"

    def link(self, name: str, token: str) -> str:
        """Return this address with a token in place of those it has."""
        kept = {key: value for key, value in self.query.items() if key not in {"$skiptoken", "$deltatoken"}}
        told = [f"{key}={quote(value, safe="$,()/:=;'@")}" for key, value in kept.items()]
        return f"{self.root}/{self.path}?{'&'.join([*told, f'{name}={token}'])}"


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads for one caller."""

    home: Home
    cursors: Cursors
    preferences: Preferences
    user: str = ""
    denied: frozenset[str] = frozenset()

    @property
    def writer(self) -> Writer:
        """Writes rows for this caller."""
        return Writer(self.home.catalog, self.home.store, self.home.switches(), self.preferences, self.denied)

    def one(self, table: Table, row: Row, options: Options, place: Place) -> Json:
        """Return one row with its context."""
        written = self._written(table, row, options)
        return {"@odata.context": place.context(f"{table.set_name}{options.names}/$entity"), **written}

    def many(self, table: Table, options: Options, place: Place, among: Iterable[Row] | None = None) -> Json:
        """Return a page of rows.

        Raises:
            DataverseError: An option does not fit.
        """
        tracked = self.preferences.tracked or bool(options.delta_token)
        if tracked:
            self._check_tracking(table, options)
        if options.delta_token:
            return self._delta(table, options, place)
        cursor = self.cursors.at(options.skip_token)
        if cursor and cursor.changed is not None:
            return self._changed_page(table, options, place, cursor)
        rows = self.found(table, options, among)
        since = cursor.since if cursor else self._stamp()
        return self._page(table, rows, options, place, replace(cursor or Cursor(), since=since, tracked=tracked))

    def found(self, table: Table, options: Options, among: Iterable[Row] | None = None) -> list[Row]:
        """Return the rows that a filter lets through, in order."""
        rows = list(self.home.store.table(table.name).values() if among is None else among)
        if options.filter:
            test = parse_filter(options.filter, self.resolver(table))
            rows = [row for row in rows if test(row)]
        rows.sort(key=lambda row: row.id)
        for name, descending in reversed(options.order):
            getter = self.resolver(table)(name)
            rows.sort(key=lambda row: sortable(getter(row)), reverse=descending)
        return rows

    def count(self, table: Table, options: Options) -> int:
        """Return how many rows there are, or how many changed since a token; never more than a page."""
        if options.delta_token:
            since = self.cursors.since(options.delta_token, self.home, table)
            return len(self._changes(table, since))
        return min(len(self.found(table, options)), self.home.switches().page_limit)

    def resolver(self, table: Table) -> Callable[[str], Getter]:
        """Return how a filter reads a property of a row, also through lookups."""
        return lambda name: self._getter(table, name)

    def _getter(self, table: Table, name: str) -> Getter:
        head, _, rest = name.partition("/")
        relation = self.home.catalog.up[table.name].get(head)
        if rest and relation:
            inner = self._getter(relation.parent, rest)

            def through(row: Row) -> Any:
                other = self.home.follow(row.values.get(relation.column.name), relation.parent.name)
                return inner(other) if other else None

            return through
        column = self.column(table, head)
        return lambda row: _comparable(value_of(table, column, row))

    def column(self, table: Table, name: str) -> Column:
        """Return the column of a property.

        Raises:
            DataverseError: There is none, or the caller may not read it.
        """
        column = table.by_property.get(name)
        if column is None:
            raise unknown_property(name, table.type_name)
        return column

    def _selected(self, table: Table, options: Options) -> tuple[Column, ...]:
        if not options.select or "*" in options.select:
            return tuple(column for column in table.by_property.values() if column.readable)
        found = tuple(self.column(table, name) for name in options.select)
        for column in found:
            if column.secured and f"{table.name}.{column.name}!" in self.denied:
                raise secured("read", self.user, table.name, column.name)
        return found

    def _written(self, table: Table, row: Row, options: Options, columns: tuple[Column, ...] | None = None) -> Json:
        expanded: Json = {}
        for each in options.expand:
            expanded[each.name] = self._expanded(table, row, each)
        return self.writer.row(table, row, columns or self._selected(table, options), expanded)

    def _expanded(self, table: Table, row: Row, expansion: Expansion) -> Any:
        up = self.home.catalog.up[table.name].get(expansion.name)
        down = self.home.catalog.down[table.name].get(expansion.name)
        if up:
            other = self.home.follow(row.values.get(up.column.name), up.parent.name)
            return self._written(up.parent, other, expansion.options) if other else None
        if down is None:
            raise unknown_property(expansion.name, table.type_name)
        rows = self.found(down.child, expansion.options, self.children(table, row, expansion.name))
        return [self._written(down.child, child, expansion.options) for child in rows[: expansion.options.top]]

    def children(self, table: Table, row: Row, name: str) -> list[Row]:
        """Return the rows of a collection-valued navigation property."""
        down = self.home.catalog.down[table.name][name]
        wanted = Ref(table.name, row.id)
        rows = self.home.store.table(down.child.name).values()
        return [child for child in rows if child.values.get(down.column.name) == wanted]

    def _page(self, table: Table, rows: list[Row], options: Options, place: Place, cursor: Cursor) -> Json:
        size = self._size()
        keys = self._keys(table, options)
        start = cursor.start(rows, keys)
        top = options.top if options.top is not None and self.preferences.size is None else None
        end = min(start + size, len(rows) if top is None else min(top, len(rows)))
        columns = self._selected(table, options)
        page = [self._written(table, row, options, columns) for row in rows[start:end]]
        body = self._head(place.context(f"{table.set_name}{options.names}"), options, len(rows))
        links: Json = {}
        if end < len(rows) and (top is None or end < top):
            token = self.cursors.after(table, cursor.beyond(rows[start], rows[end - 1], keys(rows[end - 1])))
            links["@odata.nextLink"] = place.link("$skiptoken", token)
        elif cursor.tracked and cursor.since:
            links["@odata.deltaLink"] = place.link("$deltatoken", cursor.since.written())
        return {**body, **(links if cursor.tracked else {}), "value": page, **({} if cursor.tracked else links)}

    def _keys(self, table: Table, options: Options) -> Callable[[Row], tuple[Any, ...]]:
        getters = [(self.resolver(table)(name), descending) for name, descending in options.order]
        return lambda row: (*((sortable(getter(row)), descending) for getter, descending in getters), row.id)

    def _size(self) -> int:
        return min(self.preferences.size or self.home.switches().page_limit, self.home.switches().page_limit)

    def _head(self, context: str, options: Options, total: int) -> Json:
        body: Json = {"@odata.context": context}
        limit = self.home.switches().page_limit
        if options.counted:
            body["@odata.count"] = min(total, limit)
        told = {
            f"{_CRM}totalrecordcount": min(total, limit) if options.counted else -1,
            f"{_CRM}totalrecordcountlimitexceeded": options.counted and total > limit,
            f"{_CRM}globalmetadataversion": str(self.home.metadata_version),
        }
        return body | {f"@{name}": value for name, value in told.items() if self.preferences.wants(name)}

    def _check_tracking(self, table: Table, options: Options) -> None:
        for name, said in _REFUSED_WITH_TRACKING:
            if getattr(options, name) not in ("", (), None):
                raise tracking_refuses(said)
        if not table.tracked:
            raise untracked(table.name)

    def _stamp(self) -> Stamp:
        return Stamp(self.home.store.version, self.home.now())

    def _delta(self, table: Table, options: Options, place: Place) -> Json:
        since = self.cursors.since(options.delta_token, self.home, table)
        changed = tuple(self._changes(table, since))
        return self._changed_page(table, options, place, Cursor(since=self._stamp(), changed=changed, tracked=True))

    def _changed_page(self, table: Table, options: Options, place: Place, cursor: Cursor) -> Json:
        changed = cursor.changed or ()
        size, columns = self._size(), self._selected(table, options)
        page = [self._change(table, key, options, columns, place) for key in changed[:size]]
        body: Json = {"@odata.context": place.context(f"{table.set_name}{options.names}/$delta")}
        if changed[size:]:
            token = self.cursors.after(table, replace(cursor, page=cursor.page + 1, changed=changed[size:]))
            body["@odata.nextLink"] = place.link("$skiptoken", token)
        elif cursor.since:
            body["@odata.deltaLink"] = place.link("$deltatoken", cursor.since.written())
        return {**body, "value": page}

    def _change(self, table: Table, key: str, options: Options, columns: tuple[Column, ...], place: Place) -> Json:
        row = self.home.store.get(table.name, key)
        if row:
            return self._written(table, row, options, columns)
        context = place.context(f"{table.set_name}/$deletedEntity")
        return {"@odata.context": context, "id": key, "reason": "deleted"}

    def _changes(self, table: Table, since: Stamp) -> list[str]:
        living = [row for row in self.home.store.table(table.name).values() if row.version > since.version]
        graves = self.home.store.deleted.get(table.name, {})
        dead = [key for key, version in graves.items() if version > since.version and not self._lives(table, key)]
        return [*(row.id for row in sorted(living, key=lambda row: row.version)), *sorted(dead, key=graves.__getitem__)]

    def _lives(self, table: Table, key: str) -> bool:
        return self.home.store.get(table.name, key) is not None


def _comparable(value: Any) -> Any:
    return raw(value) if isinstance(value, Ref | tuple) else value
