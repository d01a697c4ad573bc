"""Very many runs and records of one integration, written by the product's own storage."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import batched, chain

from sync.engine.buckets import bucket_of, record_key
from sync.model.bucket import BucketWrite, RowWrite
from sync.model.entity import EntityType
from sync.model.manifest import Manifest, Mark
from sync.model.record import RecordSet, SetKey, SyncStatus
from sync.model.run import Run, RunKind, RunStatus, RunTrigger, Tally
from sync.storage.connection import table_service
from sync.storage.records import TableRecordStore
from sync.storage.runs import _row
from sync.storage.tables import Tables
from tests.flow.kit import Caller, Site

SUPPLIERS = EntityType.SUPPLIERS
_WRITERS, _GROUP = 4, 100
_THEN = datetime(2026, 1, 1, tzinfo=UTC)


def crowd(storage: str, site: Site, *, runs: int, suppliers: int) -> None:
    """Give an integration that never synced so many runs, a minute apart, and so many suppliers.

    The set is made for a third more, so that no bucket outgrows its one transaction.
    """
    tables = Tables(table_service(storage))
    rows = batched((_row(_run(site.id, number)) for number in range(runs)), _GROUP, strict=False)
    store = TableRecordStore(tables)
    records, _ = store.open_set(SetKey(user_of(site.hub), "dynamics_bc", SUPPLIERS), expected=suppliers * 4 // 3)
    with ThreadPoolExecutor(_WRITERS) as pool:
        noted = pool.map(partial(tables.insert_missing, "Runs"), rows)
        stored = pool.map(partial(store.commit, records), _writes(records, site, suppliers))
        for _ in chain(noted, stored):
            pass


def user_of(caller: Caller) -> str:
    """Return the user id that a caller's token tells."""
    payload = caller.token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return f"{claims['tid']}:{claims['oid']}"


def _run(integration_id: str, number: int) -> Run:
    began = _THEN - timedelta(minutes=number)
    return Run(
        f"run_{number:08d}",
        integration_id,
        RunKind.DELTA,
        RunTrigger.TIMER,
        (SUPPLIERS,),
        began,
        status=RunStatus.SUCCEEDED,
        started_at=began,
        ended_at=began + timedelta(seconds=2),
        totals={SUPPLIERS: Tally(read=3, updated=2, unchanged=1)},
    )


def _writes(records: RecordSet, site: Site, count: int) -> Iterator[BucketWrite]:
    buckets: list[list[str]] = [[] for _ in range(records.buckets)]
    for external_id in (f"vendor-{number:06d}" for number in range(count)):
        buckets[bucket_of(record_key(external_id), records.buckets)].append(external_id)
    for bucket, ids in enumerate(buckets):
        entries = {record_key(each): (b"12345678", Mark.CREATED) for each in ids}
        manifest, rows = Manifest("run_00000000", entries), tuple(map(_row_of, ids))
        yield BucketWrite(bucket, f"crowd/{site.company}", site.id, _THEN, rows, manifest)


def _row_of(external_id: str) -> RowWrite:
    fields = f'{{"name":"Supplier {external_id[7:]}","number":"{external_id}","city":"Lund","country":"SE"}}'
    return RowWrite(external_id, True, SyncStatus.SYNCED, None, fields, "2026-01-01T00:00:00Z", True, "")
