"""Proves that everything was read, and only then marks what is gone from the source."""

from collections.abc import Iterable
from dataclasses import replace

from sync.engine import staging, totals
from sync.engine.buckets import by_bucket, record_key
from sync.engine.hearing import disputed, unstored
from sync.engine.journal import done_before
from sync.engine.reconcile import leaving, of_run, retire
from sync.model.checkpoint import Checkpoint, GroupResult, Plan
from sync.model.entity import EntityType
from sync.model.errors import RemoteError, StaleRecordError
from sync.model.manifest import Manifest
from sync.model.record import Record
from sync.model.run import Completeness, Verdict
from sync.model.trail import Deed
from sync.services import evidence
from sync.services.desk import TRIES, Bench, Desk, Job, State, Step, is_cancelled
from sync.services.hearing import end_by_key, end_conflicts
from sync.services.journaling import Keeper, Site, gone
from sync.services.writing import Ledger, arrivals_of, ledger

_FAILURES = 100_000


def prove_entity(desk: Desk, job: Job, bench: Bench, entity: EntityType) -> Step:
    """Compare what was read with the source's count, and mark what a proven full listing did not hold.

    Only a run that listed everything has anything to prove; a listing that lost too much proves nothing. What a
    mapping's filter leaves out may still be in the source: then nothing is marked.
    """
    noted = desk.checkpoints.read(job.key, entity)
    if noted.plan is None or not noted.plan.everything or noted.plan.source != bench.integration.connection.source:
        return Step(State.DONE)
    if is_cancelled(desk, job):
        return Step(State.CANCELLED)
    plan = _recounted(desk, job, bench, noted)
    verdict = completeness(replace(noted, plan=plan))
    if bench.run.proposes:
        return Step(State.DONE)
    evidence.search(desk, job, bench, noted=noted, judged=verdict)
    filtered = desk.mapping(bench.run, entity).rules.filter is not None
    if verdict is not None and verdict.verdict is Verdict.COMPLETE and not filtered:
        for result in noted.groups:
            if result.absent or result.forgotten:
                _retire_group(desk, job, bench, noted, result)
    return Step(State.DONE)


def completeness(noted: Checkpoint) -> Completeness | None:
    """Return the verdict on one entity type, or None when the run did not set out to read everything."""
    if noted.plan is None or not noted.plan.everything:
        return None
    if totals.held(noted) or not totals.written(noted):
        read = sum(page.records for page in noted.pages)
        return Completeness(Verdict.UNPROVEN, noted.plan.expected, read)
    counts = tuple(count for count in (noted.plan.expected, noted.plan.recount) if count is not None)
    gone = sum(result.gone for result in noted.groups)
    judged = totals.judge(counts, totals.total(noted).read, walked=totals.walked(noted), gone=gone)
    doubted = judged.verdict is Verdict.COMPLETE and totals.lost(noted) > 0
    return replace(judged, verdict=Verdict.UNPROVEN) if doubted else judged


def _recounted(desk: Desk, job: Job, bench: Bench, noted: Checkpoint) -> Plan:
    plan = noted.plan
    assert plan is not None, "only planned entity types are proven"  # noqa: S101 - narrows for the type checker
    if plan.recount is not None or plan.expected in {None, totals.total(noted).read}:
        return plan
    rules = desk.mapping(bench.run, plan.entity).rules
    try:
        recount = bench.source.count(rules.entity_set, where=rules.filter, route=rules.route)
    except RemoteError:
        return plan
    plan = replace(plan, recount=recount)
    desk.checkpoints.write(job.key, plan)
    return plan


def _retire_group(desk: Desk, job: Job, bench: Bench, noted: Checkpoint, result: GroupResult) -> None:
    plan = noted.plan
    assert plan is not None, "only planned entity types are proven"  # noqa: S101 - narrows for the type checker
    piles = by_bucket(arrivals_of(desk, job, noted, group=result.group).all, plan.buckets)
    pen = ledger(desk, job, bench, replace(plan, first_run=False))
    retired: set[bytes] = set()
    lost: list[Record] = []
    span = staging.buckets_in(result.group, buckets=plan.buckets, groups=plan.groups)
    for bucket, manifest in pen.manifests(tuple(span)).items():
        arrived = frozenset(arrival.key for arrival in piles.get(bucket, ()))
        keys, rows = _retire_bucket(pen, bucket, manifest, arrived)
        retired.update(keys)
        lost.extend(rows)
    evidence.note_gone(pen, result, lost)
    told = [gone(row.external_id, record_key(row.external_id)) for row in lost]
    Keeper(desk, bench, Site.of(plan, result.group)).keep_retired(told)
    _forget_failures(desk, job, plan.entity, retired)
    desk.checkpoints.write(job.key, _retired(result))


def _retired(result: GroupResult) -> GroupResult:
    """Return the result of a group whose absent records are marked as gone."""
    absent = result.absent
    return replace(
        result, absent=0, forgotten=0, gone=result.gone + absent, retired=absent, stored=result.stored - absent
    )


def _forget_failures(desk: Desk, job: Job, entity: EntityType, retired: set[bytes]) -> None:
    """What is gone from the source is no failure any more."""
    known = desk.failures.open(job.integration_id, entity, limit=_FAILURES) if retired else ()
    ids = [failure.external_id for failure in known if record_key(failure.external_id) in retired]
    desk.failures.clear(job.integration_id, entity, ids)


def _retire_bucket(
    pen: Ledger, bucket: int, known: Manifest, arrived: frozenset[bytes]
) -> tuple[list[bytes], list[Record]]:
    """Mark what did not arrive; return its keys, and the rows that this run has marked in the bucket so far."""
    for _ in range(TRIES):
        manifest = of_run(known, pen.job.run_id)
        before = [key for key, deed in done_before(known, pen.job.run_id).items() if deed is Deed.GONE]
        if not before and not any(leaving(manifest, arrived)):
            return [], []
        rows = pen.desk.records.bucket_rows(pen.records, bucket)
        stored = {record_key(row.external_id): row for row in rows if row.source == pen.plan.source}
        changes = retire(manifest, arrived, ids={key: row.external_id for key, row in stored.items()})
        try:
            pen.write(bucket, manifest, changes)
        except StaleRecordError:
            known = pen.manifest(bucket)
            continue
        _end_conflicts(pen, rows, disputed(manifest, changes), unstored(manifest, changes))
        end_by_key(pen.desk, pen.queue, pen.plan.entity, set(before))
        marked = [*before, *(key for key, entry, _ in changes if entry is not None)]
        return [key for key, _, _ in changes], [stored[key] for key in marked]
    raise StaleRecordError(f"Bucket {bucket} was written by someone else {TRIES} times")


def _end_conflicts(pen: Ledger, rows: Iterable[Record], stored: list[str], unstored: set[bytes]) -> None:
    """Close the conflicts of what is gone; of what was never stored another source's row may tell the id."""
    known = {record_key(row.external_id): row.external_id for row in rows} if unstored else {}
    told = [known[key] for key in unstored if key in known]
    end_conflicts(pen.desk, pen.queue, pen.plan.entity, [*stored, *told])
    end_by_key(pen.desk, pen.queue, pen.plan.entity, unstored.difference(known))
