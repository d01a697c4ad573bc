"""Invariant 3: an unchanged record costs nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sync.model.bucket import BucketWrite
from sync.model.run import RunKind, Tally
from sync.storage.memory_records import MemoryRecordStore
from tests.support.office import Office, open_office, suppliers


@dataclass(slots=True)
class Counted:
    """A record store that counts what is asked of it."""

    store: MemoryRecordStore
    commits: list[BucketWrite]
    read: list[int]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def manifest(self, records: Any, bucket: int, *, source: str) -> Any:
        self.read.append(bucket)
        return self.store.manifest(records, bucket, source=source)

    def manifests(self, records: Any, buckets: Sequence[int], *, source: str) -> Any:
        self.read.extend(buckets)
        return self.store.manifests(records, buckets, source=source)

    def commit(self, records: Any, write: BucketWrite) -> Any:
        self.commits.append(write)
        return self.store.commit(records, write)


def counting() -> tuple[Office, Counted, tuple[str, ...]]:
    office = open_office()
    ids = office.add("A", "B", "C")
    office.sync()
    store = office.desk.records
    assert isinstance(store, MemoryRecordStore)
    counted = Counted(store, [], [])
    office.desk = office.host.desk = replace(office.desk, records=counted)
    return office, counted, ids


def test_an_unchanged_record_is_not_written() -> None:
    office, counted, _ = counting()
    run = office.sync()
    assert (counted.commits, suppliers(run)) == ([], Tally(read=3, unchanged=3))


def test_only_the_changed_record_is_written() -> None:
    office, counted, (first, *_) = counting()
    office.company.put("vendors", first, "Changed")
    office.sync()
    assert [row.external_id for write in counted.commits for row in write.rows] == [first]


def test_a_record_touched_without_a_change_of_its_fields_is_not_written() -> None:
    office, counted, (first, *_) = counting()
    office.clock.pass_by(60)
    office.company.put("vendors", first, "A")
    office.sync()
    assert counted.commits == []


def test_a_record_that_still_cannot_be_mapped_is_not_written_again() -> None:
    office, counted, (first, *_) = counting()
    office.company.put("vendors", first, "")
    office.sync()
    counted.commits.clear()
    office.sync()
    assert counted.commits == []


def test_a_delta_reads_only_the_buckets_that_it_touches() -> None:
    office, counted, (first, *_) = counting()
    office.clock.pass_by(3600)
    office.sync(RunKind.DELTA)
    office.company.put("vendors", first, "Changed")
    counted.read.clear()
    office.sync(RunKind.DELTA)
    assert len(counted.read) == 1


def test_the_first_sync_of_a_set_reads_no_manifest() -> None:
    office = open_office()
    office.add("A")
    store = office.desk.records
    assert isinstance(store, MemoryRecordStore)
    counted = Counted(store, [], [])
    office.host.desk = replace(office.desk, records=counted)
    office.sync()
    assert counted.read == []
