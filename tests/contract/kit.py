"""Values for the contract tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sync.engine.buckets import bucket_of, record_key
from sync.model.bucket import BucketWrite, RowWrite
from sync.model.checkpoint import RunKey
from sync.model.entity import EntityType
from sync.model.integration import Connection, Integration, Kind, Owner
from sync.model.log import Action, LogEntry, LogStatus
from sync.model.manifest import Manifest, Mark
from sync.model.record import Failure, RecordFault, RecordSet, SetKey, SyncStatus
from sync.model.run import Run, RunKind, RunTrigger
from sync.ports import RecordStore

NOW = datetime(2026, 3, 1, 12, 0, 0, 250, tzinfo=UTC)
HOUR = timedelta(hours=1)
OWNER = Owner("tenant-1", "user-1")
STRANGER = Owner("tenant-1", "user-2")
RUN = RunKey("int-1", "run-1")
SUPPLIERS, PRODUCTS = EntityType.SUPPLIERS, EntityType.PRODUCTS
SET = SetKey(OWNER.user_id, "dynamics_bc", PRODUCTS)
SOURCE = "tenant-1/production/company-1"


def integration(number: int = 1, owner: Owner = OWNER, next_run_at: datetime | None = None) -> Integration:
    connection = Connection("tenant-1", "client-1", "production", "secret-1")
    return Integration(
        f"int-{number}", owner, "Ours", Kind.BUSINESS_CENTRAL, connection, NOW, NOW, next_run_at=next_run_at
    )


def run(number: int = 1, queued_at: datetime = NOW) -> Run:
    return Run(f"run-{number}", "int-1", RunKind.FULL, RunTrigger.MANUAL, (SUPPLIERS, PRODUCTS), queued_at)


def log(number: int = 1, created_at: datetime = NOW, **changes: Any) -> LogEntry:
    entry = LogEntry(
        f"log-{number:03d}", "int-1", "PRODUCT", Action.UPSERT, LogStatus.SUCCESS, 5, created_at, {"runId": "run-1"}
    )
    return replace(entry, **changes)


def failure(external_id: str = "1", run_id: str = "run-1", last_at: datetime = NOW) -> Failure:
    fault = RecordFault("NAME_MISSING", "There is no name.", {"name": None})
    return Failure(PRODUCTS, external_id, fault, run_id, 1, last_at, last_at)


def create(external_id: str, **changes: Any) -> RowWrite:
    fields = f'{{"name":"Name {external_id}","number":"N{external_id}"}}'
    row = RowWrite(external_id, True, SyncStatus.SYNCED, None, fields, "2026-02-01T00:00:00Z", True, "")
    return row._replace(**changes)


def merge(external_id: str, status: SyncStatus, before: SyncStatus | None = None, **changes: Any) -> RowWrite:
    return RowWrite(external_id, False, status, before)._replace(**changes)


def bucket_write(records: RecordSet, *rows: RowWrite, manifest: Manifest | None = None, **changes: Any) -> BucketWrite:
    known = manifest or Manifest("run-1")
    entries = {record_key(row.external_id): (b"12345678", Mark.CREATED) for row in rows}
    bucket = bucket_of(record_key(rows[0].external_id), records.buckets) if rows else 0
    write = BucketWrite(bucket, SOURCE, "int-1", NOW, rows, replace(known, entries=known.entries | entries))
    return replace(write, **changes)


def neighbours(records: RecordSet, count: int, bucket: int = 0) -> list[str]:
    """Return external ids that all live in one bucket."""
    found = (str(number) for number in range(1_000_000))
    mine = (each for each in found if bucket_of(record_key(each), records.buckets) == bucket)
    return [next(mine) for _ in range(count)]


def fill(store: RecordStore, records: RecordSet, *rows: RowWrite, source: str = SOURCE, **changes: Any) -> None:
    """Store rows, whatever their buckets."""
    for row in rows:
        bucket = bucket_of(record_key(row.external_id), records.buckets)
        manifest = store.manifest(records, bucket, source=source)
        store.commit(records, bucket_write(records, row, manifest=manifest, source=source, **changes))
