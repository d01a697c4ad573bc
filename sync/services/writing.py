"""Writes staged records bucket by bucket: compared with what is stored, each bucket once."""

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from sync.engine import planning, staging
from sync.engine.buckets import by_bucket
from sync.engine.journal import Doings
from sync.engine.planning import GROUPS_AT_ONCE
from sync.engine.reconcile import BucketPlan, after, latest_by_key, parts
from sync.model.bucket import BucketWrite, Change
from sync.model.checkpoint import Checkpoint, GroupResult, Plan
from sync.model.conflict import Queue
from sync.model.entity import EntityType
from sync.model.errors import KeyTakenError, RecordError, StaleRecordError
from sync.model.manifest import Manifest
from sync.model.record import Arrival, RecordFault, RecordSet
from sync.model.run import Tally
from sync.model.trail import Deed
from sync.services.comparing import Draft, Drafts, Scale, draft_of
from sync.services.desk import TRIES, Bench, Desk, Job, State, Step
from sync.services.hearing import Hearing
from sync.services.journaling import Keeper, Site, written_before
from sync.services.kinship import Kin
from sync.services.retrying import remember

ROWS_AT_ONCE = 99
CHARACTERS_AT_ONCE = 1_000_000


def write_group(desk: Desk, job: Job, bench: Bench, entity: EntityType) -> Step:
    """Write one group of buckets; done again after a crash, it changes nothing more and counts the same.

    Before that it is compared: MORE while other groups are to be compared first, HELD when somebody has to approve.
    """
    noted = desk.checkpoints.read(job.key, entity)
    plan = noted.plan
    if plan is None or any(result.group == job.index and not result.planned for result in noted.groups):
        return Step(State.DONE)
    if noted.doubt is not None and noted.doubt.held and not bench.run.approved:
        return Step(State.HELD)
    arrived = arrivals_of(desk, job, noted, group=job.index)
    piles, buckets = spread(plan, job.index, arrived.all)
    pen = ledger(desk, job, bench, plan)
    drafts = pen.drafts(buckets, piles)
    ruling = Scale.of(desk, job, bench, plan).ruling(noted, drafts)
    if ruling is not None:
        return ruling
    result = GroupResult(entity, job.index, Tally())
    failed: list[Arrival] = []
    outcomes = pen.settle_all(piles, drafts)
    for settled in outcomes:
        result = added(result, settled.plan)
        failed.extend(settled.failed)
    keeper = Keeper(desk, bench, Site.of(plan, job.index))
    keeper.keep_written(arrived.all, arrived.raw, [settled.doings for settled in outcomes])
    remember(desk, job, plan, failed)
    healed = set(arrived.retried).difference(arrival.external_id for arrival in failed)
    desk.failures.clear(job.integration_id, entity, sorted(healed))
    desk.checkpoints.write(job.key, result)
    return Step(State.DONE)


def spread(
    plan: Plan, group: int, arrivals: Iterable[Arrival]
) -> tuple[Mapping[int, Collection[Arrival]], tuple[int, ...]]:
    """Return a group's arrivals by bucket, and the buckets to look at: all of them when everything was listed."""
    piles = by_bucket(arrivals, plan.buckets)
    span = staging.buckets_in(group, buckets=plan.buckets, groups=plan.groups)
    return piles, tuple(span) if plan.everything else tuple(sorted(piles))


def added(result: GroupResult, plan: BucketPlan) -> GroupResult:
    """Return the group's result with what became of one more bucket."""
    return replace(
        result,
        tally=result.tally + plan.tally,
        absent=result.absent + plan.absent,
        gone=result.gone + plan.gone,
        forgotten=result.forgotten + plan.forgotten,
        stored=result.stored + plan.stored,
    )


@dataclass(frozen=True, slots=True)
class Arrived:
    """What was staged for one group, and the ids that came because they had failed before."""

    all: tuple[Arrival, ...]
    retried: tuple[str, ...]
    raw: tuple[bytes, ...]
    """The same as it was staged."""


def arrivals_of(desk: Desk, job: Job, noted: Checkpoint, *, group: int) -> Arrived:
    """Return everything staged for a group, in the order in which it was read."""
    arrivals: list[Arrival] = []
    retried: list[str] = []
    raw: list[bytes] = []
    for page in noted.pages:
        start, end = page.offsets[group], page.offsets[group + 1]
        if start == end:
            continue
        raw.append(desk.stages.read(job.key, page.name, start=start, end=end))
        found = staging.unpack(raw[-1])
        arrivals.extend(found)
        if page.range_index == planning.RETRY_RANGE:
            retried.extend(each.external_id for each in found)
    return Arrived(tuple(arrivals), tuple(retried), tuple(raw))


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one bucket, and the arrivals that could not be taken over."""

    plan: BucketPlan
    failed: tuple[Arrival, ...]
    done: Mapping[bytes, Deed]
    """What earlier tries of the same step did."""
    written: Mapping[bytes, str] = field(default_factory=lambda: MappingProxyType({}))
    """Fields that they wrote otherwise than they arrived."""

    @property
    def doings(self) -> Doings:
        """What the run did to the bucket."""
        return Doings(self.plan.changes, self.done, self.plan.tally.created, self.failed, self.written)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Keeps the buckets of one set, for one run."""

    desk: Desk
    job: Job
    bench: Bench
    plan: Plan
    records: RecordSet
    kin: Kin

    @property
    def queue(self) -> Queue:
        """Where the conflicts of the set's source wait."""
        return Queue(self.records.key.user_id, self.plan.source)

    def drafts(self, buckets: tuple[int, ...], piles: Mapping[int, Collection[Arrival]]) -> dict[int, Draft]:
        """Compare these buckets with what is stored; nothing can be when the set was made for this run."""
        stored = {} if self.plan.first_run else self.stored(buckets, piles)
        return {bucket: draft_of(self.hearing(), bucket, stored[bucket], piles.get(bucket, ())) for bucket in stored}

    def stored(self, buckets: tuple[int, ...], piles: Mapping[int, Collection[Arrival]]) -> dict[int, Manifest]:
        """Return what these buckets hold, without those that hold nothing and for which nothing came."""
        known = dict.fromkeys(buckets, Manifest()) if self.plan.first_run else self.manifests(buckets)
        return {bucket: manifest for bucket, manifest in known.items() if manifest.entries or bucket in piles}

    def settle_all(self, piles: Mapping[int, Collection[Arrival]], drafts: Drafts) -> list[Settled]:
        """Bring all buckets up to date that hold or get something, a few at a time (raises as settle does)."""
        writers = max(1, self.desk.policy.writers // min(self.plan.groups, GROUPS_AT_ONCE))

        def settle(bucket: int) -> Settled:
            arrivals = piles.get(bucket, ())
            return self.settle(
                bucket, arrivals, drafts.get(bucket) or draft_of(self.hearing(), bucket, Manifest(), arrivals)
            )

        busy = sorted(piles.keys() | drafts.keys())
        if writers == 1 or len(busy) <= 1:
            return [settle(bucket) for bucket in busy]
        with ThreadPoolExecutor(writers) as pool:
            return list(pool.map(settle, busy))

    def settle(self, bucket: int, arrivals: Collection[Arrival], draft: Draft) -> Settled:
        """Bring one bucket up to date, however often someone else gets in between.

        Raises:
            StaleRecordError: Someone else wrote the bucket again and again.
        """
        hearing, again = self.hearing(), False
        for _ in range(TRIES):
            case, decided = draft.case, draft.decided
            if decided.mended:
                self.desk.failures.clear(self.job.integration_id, self.plan.entity, decided.mended)
            hearing.note(case)
            try:
                self.write(bucket, case.manifest, decided.changes)
            except StaleRecordError:
                manifest = self.manifest(bucket)
            except KeyTakenError:
                manifest, again = self.manifest(bucket), True
            except RecordError as error:
                manifest, arrivals = self.manifest(bucket), _refused(arrivals, error)
            else:
                hearing.close(case, draft.done.keys())
                failed = _failed(case.arrivals) if decided.tally.errors else ()
                place = (self.records, bucket)
                written = written_before(self.desk, self.bench, place, draft.done, case.arrivals)
                return Settled(decided, failed, draft.done, written)
            draft = draft_of(hearing, bucket, manifest, arrivals, again=again)
        raise StaleRecordError(f"Bucket {bucket} was written by someone else {TRIES} times")

    def hearing(self) -> Hearing:
        """Return what judges the arrivals of one bucket."""
        return Hearing(self.desk, self.job, self.records, self.queue, self.kin)

    def write(self, bucket: int, manifest: Manifest, changes: tuple[Change, ...]) -> None:
        """Write changes that were decided on this manifest.

        Raises:
            StaleRecordError: It is another by now; what was written before that is in it.
            KeyTakenError: A row to be created exists already.
        """
        for part in parts(changes, rows=ROWS_AT_ONCE, characters=CHARACTERS_AT_ONCE):
            manifest = self.desk.records.commit(
                self.records,
                BucketWrite(
                    bucket=bucket,
                    source=self.plan.source,
                    integration_id=self.bench.integration.id,
                    written_at=self.desk.clock.now(),
                    rows=tuple([row for _, _, row in part if row is not None]),
                    manifest=after(manifest, part),
                ),
            )

    def manifest(self, bucket: int) -> Manifest:
        """Return the bucket's manifest as it is stored."""
        return self.desk.records.manifest(self.records, bucket, source=self.plan.source)

    def manifests(self, buckets: tuple[int, ...]) -> dict[int, Manifest]:
        """Return the manifests of these buckets as they are stored."""
        return self.desk.records.manifests(self.records, buckets, source=self.plan.source)


def _failed(arrivals: Collection[Arrival]) -> tuple[Arrival, ...]:
    return tuple(arrival for arrival in latest_by_key(arrivals).values() if arrival.fault is not None)


def _refused(arrivals: Iterable[Arrival], error: RecordError) -> list[Arrival]:
    """Return the arrivals with the fault that the store found in one of them (the error itself if in none)."""
    if error.external_id is None:
        raise error
    fault = RecordFault(error.code, error.message)
    return [
        arrival._replace(fault=fault, digest=b"", fields="{}") if arrival.external_id == error.external_id else arrival
        for arrival in arrivals
    ]


def ledger(desk: Desk, job: Job, bench: Bench, plan: Plan) -> Ledger:
    """Return a writer for the buckets of the plan's set."""
    key = bench.set_key(plan.entity)
    return Ledger(desk, job, bench, plan, RecordSet(key, plan.buckets), Kin(desk, key))
