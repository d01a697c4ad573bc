"""Marks single records as gone, once the source itself has said that they are."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from sync.engine.buckets import bucket_of, record_key
from sync.engine.journal import deed_of
from sync.engine.reconcile import after, of_run, retire
from sync.model.bucket import BucketWrite
from sync.model.channel import Hint
from sync.model.conflict import Queue
from sync.model.entity import EntityType
from sync.model.errors import StaleRecordError
from sync.model.manifest import Manifest, Mark
from sync.model.record import RecordSet
from sync.model.trail import Deed
from sync.ports import PageQuery
from sync.services.desk import TRIES, Bench, Desk
from sync.services.hearing import end_conflicts
from sync.services.journaling import Keeper, Site, gone

MOST_AT_ONCE = 200
"""Records that one run asks the source for."""

_ASKED_AT_ONCE = 5


def confirm(desk: Desk, bench: Bench, hints: Iterable[Hint]) -> tuple[Hint, ...]:
    """Ask the source for each of these records, mark those that it does not know, and return the hints that are done.

    Raises:
        SyncError: The source does not answer, or a bucket is written by someone else again and again.
    """
    asked = tuple(hints)[:MOST_AT_ONCE]
    with ThreadPoolExecutor(_ASKED_AT_ONCE) as pool:
        present = list(pool.map(lambda hint: _is_there(desk, bench, hint), asked))
    for entity in EntityType:
        pairs = zip(asked, present, strict=True)
        _retire(desk, bench, entity, [hint.external_id for hint, there in pairs if hint.entity is entity and not there])
    return asked


def _is_there(desk: Desk, bench: Bench, hint: Hint) -> bool:
    rules = desk.mapping(bench.run, hint.entity).rules
    query = PageQuery(rules.entity_set, (rules.id_field,), page_size=1, route=rules.route)
    return bench.source.record(query, hint.external_id) is not None


def _retire(desk: Desk, bench: Bench, entity: EntityType, external_ids: list[str]) -> None:
    if not external_ids:
        return
    records, _ = desk.records.open_set(bench.set_key(entity))
    marked = [each for each in external_ids if _mark(desk, bench, records, each)]
    desk.failures.clear(bench.integration.id, entity, external_ids)
    end_conflicts(desk, Queue(records.key.user_id, bench.integration.connection.source), entity, external_ids)
    site = Site(entity, bench.integration.connection.source, records.buckets)
    Keeper(desk, bench, site).keep_confirmed([gone(each, record_key(each)) for each in marked])


def _mark(desk: Desk, bench: Bench, records: RecordSet, external_id: str) -> bool:
    """Mark a record as gone; return whether this run did, now or in an earlier try."""
    key, source = record_key(external_id), bench.integration.connection.source
    bucket = bucket_of(key, records.buckets)
    for _ in range(TRIES):
        manifest = of_run(desk.records.manifest(records, bucket, source=source), bench.run.id)
        changes = retire(manifest, manifest.entries.keys() - {key}, ids=_stored(manifest, key, external_id))
        if not changes:
            return deed_of(manifest.entries.get(key, (b"", Mark.NONE))[1]) is Deed.GONE
        rows = tuple(row for _, _, row in changes if row is not None)
        write = BucketWrite(bucket, source, bench.integration.id, desk.clock.now(), rows, after(manifest, changes))
        try:
            desk.records.commit(records, write)
        except StaleRecordError:
            continue
        return bool(rows)
    raise StaleRecordError(f"Bucket {bucket} was written by someone else {TRIES} times")


def _stored(manifest: Manifest, key: bytes, external_id: str) -> dict[bytes, str]:
    _, marks = manifest.entries.get(key, (b"", Mark.UNSTORED))
    return {} if marks & Mark.UNSTORED else {key: external_id}
