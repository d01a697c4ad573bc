"""Requests about rows: collections, single rows, their properties and references, with every condition."""

from dataclasses import dataclass
from typing import Any

from sandbox.dataverse.columns import REFERENCES
from sandbox.dataverse.computed import value_of
from sandbox.dataverse.home import Home
from sandbox.dataverse.keys import Key, key_of, required
from sandbox.dataverse.options import Options, options_of
from sandbox.dataverse.payloads import reference
from sandbox.dataverse.reading import Place, Reading
from sandbox.dataverse.refusals import (
    exists,
    gone,
    no_resource,
    stale,
    unguarded,
    unknown_segment,
)
from sandbox.dataverse.requests import Request, Segment
from sandbox.dataverse.schema import Table
from sandbox.dataverse.store import Row
from sandbox.dataverse.wire import raw
from sandbox.dataverse.writes import Guard, Work
from sandbox.replies import Reply
from sandbox.rows import dumped

JSON = "application/json; odata.metadata=minimal"
_MARK = b"\xef\xbb\xbf"
_CREATED, _OK, _NO_CONTENT, _NOT_MODIFIED = 201, 200, 204, 304
_DISABLED = {"null", ""}


@dataclass(frozen=True, slots=True)
class Records:
    """Answers one request about rows of one table."""

    home: Home
    work: Work
    reading: Reading
    request: Request

    def answer(self, table: Table, segments: list[Segment]) -> Reply:
        """Answer it.

        Raises:
            DataverseError: The answer is an error.
        """
        first, rest = segments[0], segments[1:]
        if first.key is None:
            return self._collection(table, rest)
        key = key_of(table, first.key)
        if rest:
            return self._below(table, self._found(key), rest)
        act = {"GET": self._get, "PATCH": self._patch, "DELETE": self._delete}.get(self.request.method)
        if act is None:
            raise no_resource(self.request.url)
        return act(table, key)

    @property
    def options(self) -> Options:
        """The query options."""
        return options_of(self.request.pairs)

    def _collection(self, table: Table, rest: list[Segment]) -> Reply:
        if [each.name for each in rest] == ["$count"]:
            self.work.allow("Read", table)
            number = self.reading.count(table, self.options)
            return Reply(_OK, _MARK + b"%d" % number, "text/plain")
        if rest:
            raise unknown_segment(str(rest[0]), self.home.switches().unknown_segment_code)
        if self.request.method == "POST":
            return self._created(table, self.work.create(table, self.request.json()))
        if self.request.method != "GET":
            raise no_resource(self.request.url)
        self.work.allow("Read", table)
        body = self.reading.many(table, self.options, self._place(table.set_name))
        return self._json(body, rows=len(body["value"]))

    def _get(self, table: Table, key: Key) -> Reply:
        self.work.allow("Read", table)
        row, options = self._found(key), self.options
        plain = not self.reading.preferences.annotations and not options.expand and table.guarded
        if plain and self.request.headers.get("if-none-match", "null") == row.tag:
            return Reply(_NOT_MODIFIED, b"", "", {"ETag": row.tag})
        body = self.reading.one(table, row, options, self._place(f"{table.set_name}({row.id})"))
        return self._json(body, {"ETag": row.tag}, rows=1)

    def _patch(self, table: Table, key: Key) -> Reply:
        match, none_match = (self.request.headers.get(name, "null") for name in ("if-match", "if-none-match"))
        row = key.find(self.home.store)
        body = self.request.json()
        if match not in _DISABLED:
            return self._updated(table, self.work.update(table, self._matching(key, row, match), body))
        if none_match == "*":
            self.work.guard = Guard.ABSENT
            if row:
                raise exists()
        if row:
            return self._updated(table, self.work.update(table, row, body))
        values = {name: self._key_value(table, name, value) for name, value in key.pairs}
        return self._created(table, self.work.create(table, body, key.id or None, values))

    @staticmethod
    def _key_value(table: Table, name: str, value: str) -> Any:
        kind = table.by_name[name].kind
        return value if kind == "String" else int(value)

    def _delete(self, table: Table, key: Key) -> Reply:
        match = self.request.headers.get("if-match", "null")
        row = self._found(key) if match in _DISABLED else self._matching(key, key.find(self.home.store), match)
        self.work.delete(table, row)
        return Reply(_NO_CONTENT, b"", "")

    def _matching(self, key: Key, row: Row | None, tag: str) -> Row:
        self.work.guard = Guard.ANY if tag == "*" else Guard.ETAG
        if tag != "*" and not key.table.guarded:
            raise unguarded(key.table.name, int(self.home.switches().unguarded_status))
        row = self._present(key, row)
        if tag not in {"*", row.tag}:
            raise stale()
        return row

    def _found(self, key: Key) -> Row:
        return self._present(key, key.find(self.home.store))

    @staticmethod
    def _present(key: Key, row: Row | None) -> Row:
        if row is None and key.id:
            raise gone(key.table.name, key.id)
        return required(key, row)

    def _created(self, table: Table, row: Row) -> Reply:
        address = f"{self.request.root}/{table.set_name}({row.id})"
        headers = {"OData-EntityId": address, "Location": address}
        if not self.reading.preferences.represented:
            return Reply(_NO_CONTENT, b"", "", headers)
        return self._represented(table, row, _CREATED, headers)

    def _updated(self, table: Table, row: Row) -> Reply:
        if self.reading.preferences.represented:
            return self._represented(table, row, _OK, {})
        sent = self.home.switches().patch_entity_id == "sent"
        address = f"{self.request.root}/{table.set_name}({row.id})"
        return Reply(_NO_CONTENT, b"", "", {"OData-EntityId": address} if sent else {})

    def _represented(self, table: Table, row: Row, status: int, headers: dict[str, str]) -> Reply:
        options = Options(select=self.options.select)
        body = self.reading.one(table, row, options, self._place(f"{table.set_name}({row.id})"))
        return Reply(status, dumped(body), JSON, {**headers, "ETag": row.tag}, rows=1)

    def _below(self, table: Table, row: Row, rest: list[Segment]) -> Reply:
        name = rest[0].name
        if name in self.home.catalog.up[table.name] or name in self.home.catalog.down[table.name]:
            return self._navigated(table, row, rest)
        column = table.by_property.get(name)
        if column is None or [each.name for each in rest[1:]] not in ([], ["$value"]):
            raise unknown_segment(name, self.home.switches().unknown_segment_code)
        if self.request.method == "GET":
            self.work.allow("Read", table)
            context = self._place("").context(f"{table.set_name}({row.id})/{name}")
            value = raw(value_of(table, column, row), column, self.home.switches().decimal_places)
            if rest[1:]:
                return Reply(_OK, str(value).encode(), "text/plain")
            return self._json({"@odata.context": context, "value": value}) if value is not None else _nothing()
        if self.request.method not in {"PUT", "DELETE"} or (column.kind in REFERENCES):
            raise no_resource(self.request.url)
        value = self.request.json().get("value") if self.request.method == "PUT" else None
        self.work.update(table, row, {name: value})
        return _nothing()

    def _navigated(self, table: Table, row: Row, rest: list[Segment]) -> Reply:
        if [each.name for each in rest[1:]] == ["$ref"] and self.request.method != "GET":
            return self._referenced(table, row, rest[0])
        if self.request.method != "GET" or rest[1:]:
            raise no_resource(self.request.url)
        name, address = rest[0].name, self._place(f"{table.set_name}({row.id})/{rest[0].name}")
        up = self.home.catalog.up[table.name].get(name)
        if up is None:
            child = self.home.catalog.down[table.name][name].child
            self.work.allow("Read", child)
            body = self.reading.many(child, self.options, address, self.reading.children(table, row, name))
            return self._json(body, rows=len(body["value"]))
        self.work.allow("Read", up.parent)
        other = self.home.follow(row.values.get(up.column.name), up.parent.name)
        return self._json(self.reading.one(up.parent, other, self.options, address), rows=1) if other else _nothing()

    def _referenced(self, table: Table, row: Row, segment: Segment) -> Reply:
        down = self.home.catalog.down[table.name].get(segment.name)
        body = {} if self.request.method == "DELETE" else self.request.json()
        if down:
            other = self._other(down.child, body, segment)
            bind = {f"{down.navigation}@odata.bind": _address(table, row) if body else None}
            self.work.update(down.child, other, bind)
        elif self.request.method in {"PUT", "DELETE"}:
            self.work.update(table, row, {f"{segment.name}@odata.bind": body.get("@odata.id")})
        else:
            raise no_resource(self.request.url)
        return _nothing()

    def _other(self, child: Table, body: dict[str, Any], segment: Segment) -> Row:
        if body:
            ref = reference(self.home, body.get("@odata.id"))
            return self._found(Key(child, ref.id))
        return self._found(key_of(child, segment.key or ""))

    def _place(self, path: str) -> Place:
        return Place(self.request.root, path, self.request.pairs)

    @staticmethod
    def _json(body: dict[str, Any], headers: dict[str, str] | None = None, rows: int = 0) -> Reply:
        return Reply(_OK, dumped(body), JSON, headers or {}, rows)


def _address(table: Table, row: Row) -> str:
    return f"/{table.set_name}({row.id})"


def _nothing() -> Reply:
    return Reply(_NO_CONTENT, b"", "")
