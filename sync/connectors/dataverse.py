"""Reads metadata and rows of a Dataverse organization, and changes rows that nobody else changed meanwhile."""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from sync.connectors import dataverse_metadata as metadata
from sync.connectors import dataverse_wire as wire
from sync.connectors.budget import Budgets
from sync.connectors.business_central import ConnectionSignIn
from sync.connectors.dataverse_rulings import dataverse_fault, dataverse_ruling
from sync.connectors.exchange import Exchange, Manner, Means, Wish
from sync.connectors.http import Answer
from sync.connectors.odata import own
from sync.connectors.remembering import Memory
from sync.connectors.rulings import Move
from sync.connectors.tokens import EntraTokens
from sync.engine.origins import dataverse_origin
from sync.model.bridge import DynamicsAccess
from sync.model.errors import RefusedError, SetupError
from sync.model.guid import is_guid
from sync.model.secret import Secret
from sync.model.table import Column, Reference, Table
from sync.ports import Page, Row, RowQuery

API = "api/data/v9.2"
METADATA_SECONDS = 60.0
"""How long metadata is remembered: an organization's own caches may be half a minute old, too."""

_LARGEST_PAGE = 5000
_AT_ONCE = 4
_HEADERS = {"OData-MaxVersion": "4.0", "OData-Version": "4.0"}
_READING = {**_HEADERS, "If-None-Match": "null"}
_ANNOTATED = 'odata.include-annotations="*"'
_WRITING = {
    **_HEADERS,
    "Content-Type": "application/json; charset=utf-8",
    "Prefer": f"return=representation,{_ANNOTATED}",
}
_MANNER = Manner(
    fault=dataverse_fault,
    ruling=dataverse_ruling,
    unheard=frozenset({Move.RENEW, Move.SILENCE}),
)


class DataverseOrganizations:
    """Opens Dataverse organizations (see sync.ports.Organizations)."""

    def __init__(self, means: Means, *, tokens: EntraTokens, budgets: Budgets, allowed: Collection[str] = ()) -> None:
        self._means = means
        self._tokens = tokens
        self._budgets = budgets
        self._allowed = allowed
        self._memory = Memory(means.waiter, seconds=METADATA_SECONDS)

    def open(self, access: DynamicsAccess, secret: Secret | None) -> "Dataverse":
        """Return an organization; nothing is asked of it yet.

        Raises:
            SetupError: Its address is not one that tokens may go to (CONNECTION_INVALID).
        """
        if dataverse_origin(access.org_url, allowed=self._allowed) is None:
            message = f"{access.org_url} is no address of Dataverse: correct orgUrl in the connection."
            raise SetupError(message, code="CONNECTION_INVALID")
        budget = self._budgets.of(f"{access.org_url} {access.principal}")
        sign_in = ConnectionSignIn(self._tokens, access, secret)
        return Dataverse(access, secret, Exchange(self._means, budget, sign_in, manner=_MANNER), self._memory)

    def forget_refusal(self, access: DynamicsAccess, secret: Secret | None) -> None:
        """Let the next request find out whether credentials that were just refused are accepted now."""
        self._tokens.forget_refusal(access, secret)


@dataclass(frozen=True, slots=True)
class Dataverse:
    """One Dataverse organization (see sync.ports.Dynamics)."""

    access: DynamicsAccess
    secret: Secret | None
    exchange: Exchange
    memory: Memory

    def who_am_i(self) -> str:
        """Return the id of the user that the hub is there."""
        return self._get("WhoAmI", "WhoAmI", lambda answer: str(wire.read_object(answer.body).get("UserId") or ""))

    def tables(self) -> tuple[Table, ...]:
        """Return all tables that have rows of their own, by name."""
        return self._remembered(metadata.tables_path(), "tables", _tables)

    def table(self, name: str) -> Table:
        """Return one table (RefusedError ENTITY_NOT_FOUND when there is none of this name)."""
        found = self._remembered(metadata.table_path(name), name, _tables)
        if not found:
            raise RefusedError(f"Dataverse has no table {name}", code="ENTITY_NOT_FOUND")
        return found[0]

    def columns(self, table: str) -> tuple[Column, ...]:
        """Return the columns of a table, by name, with what only some types have."""
        columns = self._remembered(metadata.columns_path(table), table, _columns)
        paths = metadata.special_paths(table, columns)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = list(pool.map(lambda path: self._remembered(path, table, _listed), paths))
        details = {each["LogicalName"]: metadata.read_details(each) for rows in answers for each in rows}
        return tuple(replace(each, details=details.get(each.name, each.details)) for each in columns)

    def references(self, table: str) -> tuple[Reference, ...]:
        """Return the table's lookups to other tables."""
        return self._remembered(metadata.references_path(table), table, _references)

    def row(self, table: Table, row_id: str, query: RowQuery) -> Row:
        """Return one row (RefusedError RECORD_GONE when it is not there)."""
        if not is_guid(row_id):
            raise RefusedError(f"There is no such row of {table.name}", code="RECORD_GONE")
        path = f"{table.entity_set}({row_id})?{wire.options(query)}"
        return self._get(path, table.name, lambda answer: wire.read_row(answer.body, table.id_column, query))

    def rows(self, table: Table, query: RowQuery, cursor: str | None = None, *, page_size: int = 500) -> Page[Row]:
        """Return a page of rows: the first one, or the one at the cursor."""
        base = self.access.org_url
        url = self._address(f"{table.entity_set}?{wire.options(query)}") if cursor is None else own(cursor, base)
        preference = f"odata.maxpagesize={min(max(page_size, 1), _LARGEST_PAGE)},{_ANNOTATED}"
        wish = Wish(url, table.name, {**_READING, "Prefer": preference})
        return self.exchange.get(wish, lambda answer: wire.read_rows(answer.body, table.id_column, query, base=base))

    def update(self, table: Table, row: Row, changes: Mapping[str, Any]) -> Row:
        """Change these columns of the row that was read; return what Dataverse has stored then.

        A RetryLaterError leaves open whether it was done: read the row again, and compare.

        Raises:
            StaleRecordError: Somebody changed the row since it was read.
            RecordError: A value cannot be stored.
            RefusedError: The row is gone (RECORD_GONE) or closed (RECORD_READ_ONLY), or its table knows no
                versions (TABLE_UNGUARDED).
        """
        if not table.guarded or not row.etag:
            message = f"{table.name} cannot be changed without overwriting what others change meanwhile"
            raise RefusedError(message, code="TABLE_UNGUARDED")
        path = f"{table.entity_set}({row.id})?$select={','.join(changes)}"
        headers = {**_WRITING, "If-Match": row.etag}
        wish = Wish(self._address(path), table.name, headers, "PATCH", wire.written(changes))
        return self.exchange.send(wish, lambda answer: wire.read_row(answer.body, table.id_column, RowQuery(())))

    def create(self, table: Table, values: Mapping[str, Any]) -> Row:
        """Make a row, and return what Dataverse has stored of it.

        A RetryLaterError leaves open whether it was made: look for it.

        Raises:
            RecordError: A value cannot be stored.
        """
        path = f"{table.entity_set}?$select={','.join(values)}"
        wish = Wish(self._address(path), table.name, _WRITING, "POST", wire.written(values))
        return self.exchange.send(wish, lambda answer: wire.read_row(answer.body, table.id_column, RowQuery(())))

    def _remembered[T](self, path: str, what: str, read: Callable[[Answer], T]) -> T:
        key = (self.access.org_url, self.access.principal, self.secret, path)
        return self.memory.recall(key, lambda: self._get(path, what, read))

    def _get[T](self, path: str, what: str, read: Callable[[Answer], T]) -> T:
        return self.exchange.get(Wish(self._address(path), what, {**_READING, "Prefer": _ANNOTATED}), read)

    def _address(self, path: str) -> str:
        return f"{self.access.org_url}/{API}/{path}"


def _listed(answer: Answer) -> list[dict[str, Any]]:
    return wire.read_list(answer.body)


def _tables(answer: Answer) -> tuple[Table, ...]:
    """Return the tables of a listing, or of a single definition: the service answers both ways."""
    document = wire.read_object(answer.body)
    rows = wire.read_list(answer.body) if "value" in document else [document]
    found = (metadata.read_table(each) for each in rows)
    return tuple(sorted((each for each in found if each is not None), key=lambda table: table.name))


def _columns(answer: Answer) -> tuple[Column, ...]:
    found = (metadata.read_column(each) for each in wire.read_list(answer.body) if each.get("LogicalName"))
    return tuple(sorted(found, key=lambda column: column.name))


def _references(answer: Answer) -> tuple[Reference, ...]:
    return tuple(metadata.read_reference(each) for each in wire.read_list(answer.body))
