"""The hub's tables: every entity passes the guard, every query takes its values as parameters."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import batched, groupby
from operator import itemgetter
from typing import Any

from azure.data.tables import TableClient, TableEntity, TableServiceClient

from sync.model.errors import KeyTakenError, StaleRecordError
from sync.storage.account import translated
from sync.storage.guard import MOST_OPERATIONS
from sync.storage.transactions import Operation, TransactionRefusedError, Verb, Wire

TABLES = (
    "Integrations",
    "IntegrationLookup",
    "Schedules",
    "Records",
    "RecordSets",
    "Runs",
    "Checkpoints",
    "Leases",
    "Watermarks",
    "SyncLogs",
    "Failures",
    "RunErrors",
    "Replies",
    "Secrets",
    "Conflicts",
    "Links",
    "Errands",
    "Heard",
    "Trails",
    "Edits",
    "WebhookEndpoints",
    "Deliveries",
    "Outbox",
)

type Entity = Mapping[str, Any]

_AT_ONCE = 7
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Tables:
    """The tables of one account; `prefix` begins their names.

    Every method may raise:
        RecordError: An entity is not what a table can hold.
        RetryLaterError: The account is busy or cannot be reached (STORAGE_UNAVAILABLE).
        RefusedError: The account refuses (STORAGE_REFUSED).
    """

    def __init__(self, service: TableServiceClient, *, prefix: str = "") -> None:
        self._service = service
        self._prefix = prefix
        self._clients: dict[str, TableClient] = {}
        self._wire = Wire(service)

    def create_tables(self) -> None:
        """Make the tables that are not there yet."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self._create_table, TABLES))

    def insert(self, table: str, entity: Entity) -> str:
        """Store a new row and return its ETag.

        Raises:
            KeyTakenError: There is one with these keys.
        """
        try:
            return self._write(table, Verb.INSERT, entity)
        except TransactionRefusedError as error:
            if error.status == HTTPStatus.CONFLICT:
                raise KeyTakenError("A row with these keys exists already.") from error
            raise

    def insert_missing(self, table: str, entities: Iterable[Entity]) -> None:
        """Store new rows, those of one partition together; nothing happens to rows that are there already."""
        for _, some in groupby(entities, key=itemgetter("PartitionKey")):
            for rows in batched(some, MOST_OPERATIONS, strict=False):
                self._insert_missing(table, rows)

    def replace(self, table: str, entity: Entity, *, etag: str) -> str:
        """Replace a row if the ETag is still current, and return its new ETag.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        return self._write_over(table, Verb.REPLACE, entity, etag)

    def merge(self, table: str, entity: Entity, *, etag: str) -> str:
        """Change the named properties of a row if the ETag is still current, and return its new ETag.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        return self._write_over(table, Verb.MERGE, entity, etag)

    def put(self, table: str, entity: Entity) -> str:
        """Store a row whatever was there, and return its ETag."""
        return self._write(table, Verb.REPLACE, entity)

    def find(self, table: str, partition: str, row: str) -> TableEntity | None:
        """Return a row, or None; `etag_of` tells its ETag."""
        with translated():
            return self._wire.read(self._name(table), partition, row)

    def remove(self, table: str, partition: str, row: str, *, etag: str | None = None) -> None:
        """Remove a row; nothing happens when it is gone.

        Raises:
            StaleRecordError: An ETag was given, and it is not current any more.
        """
        try:
            self._write(table, Verb.DELETE, {"PartitionKey": partition, "RowKey": row}, etag or "*")
        except TransactionRefusedError as error:
            if error.status == HTTPStatus.PRECONDITION_FAILED:
                raise StaleRecordError("A row was changed by someone else.") from error
            if error.status != HTTPStatus.NOT_FOUND:
                raise

    def query(
        self, table: str, condition: str, values: Mapping[str, Any], *, select: Sequence[str] = (), page: int = 1000
    ) -> Iterator[TableEntity]:
        """Return the rows that the condition keeps, in key order; it names its values as `@name`."""
        with translated():
            yield from self._client(table).query_entities(
                condition, parameters=dict(values), select=list(select) or None, results_per_page=page
            )

    def transact(self, table: str, operations: Sequence[Operation], insertions: Sequence[bytes] = ()) -> str:
        """Write all rows or none, at most 100 of one partition, and return the first one's ETag.

        `insertions` come last: new rows as the protocol's JSON, known to fit already.

        Raises:
            TransactionRefusedError: One of the operations is refused (404, 409 or 412).
        """
        with translated():
            return self._wire.transact(self._name(table), operations, insertions)

    def remove_all(self, table: str, keys: Iterable[tuple[str, str]]) -> int:
        """Remove rows by partition and row key; return how many were named."""
        count = 0
        for partition, rows in _by_partition(keys):
            count += len(rows)
            operations = [Operation(Verb.DELETE, {"PartitionKey": partition, "RowKey": row}, "*") for row in rows]
            try:
                self.transact(table, operations)
            except TransactionRefusedError:
                for row in rows:
                    self.remove(table, partition, row)
        return count

    def remove_where(self, table: str, condition: str, values: Mapping[str, Any]) -> int:
        """Remove the rows that the condition keeps (as query reads it); return how many there were."""
        found = self.query(table, condition, values, select=("PartitionKey", "RowKey"))
        return self.remove_all(table, [(row["PartitionKey"], row["RowKey"]) for row in found])

    def _insert_missing(self, table: str, rows: Iterable[Entity]) -> None:
        try:
            self.transact(table, [Operation(Verb.INSERT, dict(each)) for each in rows])
        except TransactionRefusedError:
            for each in rows:
                with suppress(KeyTakenError):
                    self.insert(table, each)

    def _client(self, table: str) -> TableClient:
        client = self._clients.get(table)
        if client is None:
            client = self._clients.setdefault(table, self._service.get_table_client(self._name(table)))
        return client

    def _name(self, table: str) -> str:
        return self._prefix + table

    def _create_table(self, table: str) -> None:
        with translated():
            self._service.create_table_if_not_exists(self._prefix + table)

    def _write(self, table: str, verb: Verb, entity: Entity, etag: str = "") -> str:
        return self.transact(table, [Operation(verb, dict(entity), etag)])

    def _write_over(self, table: str, verb: Verb, entity: Entity, etag: str) -> str:
        try:
            return self._write(table, verb, entity, etag)
        except TransactionRefusedError as error:
            if error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.PRECONDITION_FAILED}:
                raise StaleRecordError("A row was changed or removed by someone else.") from error
            raise


def etag_of(entity: TableEntity) -> str:
    """Return the ETag with which a row was read."""
    return str(entity.metadata["etag"])


def written_at(entity: TableEntity) -> datetime:
    """Return when a row was last written, by the account's own clock."""
    return plain_time(entity.metadata["timestamp"] or _LONG_AGO)


def plain_time(moment: datetime) -> datetime:
    """Return a time as the SDK tells it, without the SDK's own type."""
    return datetime.fromisoformat(moment.isoformat())


def _by_partition(keys: Iterable[tuple[str, str]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    rows_of: dict[str, list[str]] = {}
    for partition, row in keys:
        rows_of.setdefault(partition, []).append(row)
    for partition, rows in rows_of.items():
        for some in batched(rows, MOST_OPERATIONS, strict=False):
            yield partition, some
