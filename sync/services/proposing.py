"""Plans what a group would become, and finds out whether store and source still are as they were then."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from sync.engine import diffs, planning
from sync.engine.buckets import room_in
from sync.engine.diffs import Line
from sync.engine.reconcile import latest_by_key
from sync.model.checkpoint import Checkpoint, GroupDiff, GroupResult, Plan, Range
from sync.model.entity import EntityType
from sync.model.errors import RefusedError
from sync.model.manifest import Manifest
from sync.model.record import Arrival, Record
from sync.model.run import Tally
from sync.services.comparing import Draft, draft_of
from sync.services.desk import Bench, Desk, Job, State, Step, save_run
from sync.services.reading import fetch, overlap_of
from sync.services.writing import Ledger, added, arrivals_of, ledger, spread


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a group would become: its counts, and its lines as they are kept."""

    result: GroupResult
    body: bytes
    diff: GroupDiff


def propose_group(desk: Desk, job: Job, bench: Bench, entity: EntityType) -> Step:
    """Note what one group would become; nothing of it is written."""
    noted = desk.checkpoints.read(job.key, entity)
    if noted.plan is not None and all(result.group != job.index for result in noted.groups):
        proposed = proposed_by(ledger(desk, job, bench, noted.plan), noted)
        desk.stages.put(job.key, proposed.diff.name, proposed.body)
        desk.checkpoints.write(job.key, proposed.diff, proposed.result)
    return Step(State.DONE)


def check_plan(desk: Desk, job: Job, bench: Bench) -> None:
    """Make sure that applying a plan would do what it tells.

    Raises:
        RefusedError: Store or source have changed since (PLAN_STALE).
    """
    proposal = bench.run.proposal
    if proposal is None or bench.run.proposes or proposal.checked:
        return
    for entity in bench.run.entities:
        noted = desk.checkpoints.read(job.key, entity)
        if noted.plan is None or noted.plan.source != bench.integration.connection.source:
            raise _stale("The connection was led to another company")
        _check_source(desk, job, bench, noted, noted.plan)
        _check_store(desk, job, bench, noted, _with_set(desk, job, bench, noted.plan))
    save_run(desk, bench.run, lambda run: replace(run, proposal=replace(proposal, checked=True)))


def proposed_by(pen: Ledger, noted: Checkpoint) -> Proposed:
    """Return what this group would become as the store is now."""
    plan, index = pen.plan, pen.job.index
    piles, buckets = spread(plan, index, arrivals_of(pen.desk, pen.job, noted, group=index).all)
    result = GroupResult(plan.entity, index, Tally(), planned=True)
    lines: list[Line] = []
    for bucket, manifest in pen.stored(buckets, piles).items():
        pile = piles.get(bucket, ())
        draft, rows = _drafted(pen, bucket, manifest, pile)
        result = added(result, draft.decided)
        lines += diffs.lines_of(
            draft.manifest, draft.decided, draft.case.arrivals, {row.external_id: row for row in rows}
        )
        lines += diffs.gone_lines(rows if plan.everything else (), (arrival.external_id for arrival in pile))
    body, chunks = diffs.pack(lines)
    return Proposed(result, body, GroupDiff(plan.entity, index, f"diff-{plan.entity}-{index}", chunks))


def _drafted(
    pen: Ledger, bucket: int, manifest: Manifest, pile: Collection[Arrival]
) -> tuple[Draft, tuple[Record, ...]]:
    """Return the draft and this source's rows if anything would change; rows in the way are seen beforehand."""
    hearing = pen.hearing()
    draft = draft_of(hearing, bucket, manifest, pile)
    decided = draft.decided
    if not (decided.changes or decided.absent):
        return draft, ()
    rows = pen.desk.records.bucket_rows(pen.records, bucket)
    own = tuple(row for row in rows if row.source == pen.plan.source)
    known = {row.external_id for row in rows}
    if any(row is not None and row.create and row.external_id in known for _, _, row in decided.changes):
        draft = draft_of(hearing, bucket, manifest, pile, again=True)
    return draft, own


def _with_set(desk: Desk, job: Job, bench: Bench, plan: Plan) -> Plan:
    """Return the plan for a set that is there: planning makes none, and another may have been made since."""
    if not plan.first_run:
        return plan
    records, _ = desk.records.open_set(bench.set_key(plan.entity), expected=room_in(plan.buckets))
    if records.buckets != plan.buckets:
        raise _stale("Records on the platform have changed since")
    settled = replace(plan, first_run=False)
    desk.checkpoints.write(job.key, settled)
    return settled


def _check_store(desk: Desk, job: Job, bench: Bench, noted: Checkpoint, plan: Plan) -> None:
    planned = {result.group: result for result in noted.groups}
    for diff in noted.diffs:
        now = proposed_by(ledger(desk, replace(job, index=diff.group), bench, plan), noted)
        body = desk.stages.read(job.key, diff.name, start=0, end=diff.size)
        if now.body != body or now.result != planned[diff.group]:
            raise _stale("Records on the platform have changed since")


def _check_source(desk: Desk, job: Job, bench: Bench, noted: Checkpoint, plan: Plan) -> None:
    """Read again what has changed since the plan began; everything, when the mapping does not tell changes."""
    mapping = desk.mapping(bench.run, plan.entity)
    rules = mapping.rules
    counts = {plan.expected, plan.recount} - {None}
    if counts and bench.source.count(rules.entity_set, where=rules.filter, route=rules.route) not in counts:
        raise _stale("Business Central counts more or fewer records now")
    since = plan.started_at - overlap_of(desk, bench.integration)
    recent = replace(plan, since=max(since, plan.since or since) if rules.tells_changes else None)
    joins = range(len(rules.joins)) if rules.tells_changes else ()
    spans = (Range(plan.entity, 0), *(planning.join_range(plan.entity, join) for join in joins))
    known: dict[bytes, bytes] | None = None
    for page in (page for span in spans for page in _pages(desk, bench, recent, span)):
        known = _digests(desk, job, noted) if known is None and page else known
        if any(arrival.digest != (known or {}).get(arrival.key) for arrival in page):
            raise _stale("Records have changed in Business Central since")


def _pages(desk: Desk, bench: Bench, plan: Plan, span: Range) -> Iterator[list[Arrival]]:
    while not span.done:
        page, cursor = fetch(desk, bench, plan, span)
        span = replace(span, cursor=cursor, done=cursor is None)
        yield page


def _digests(desk: Desk, job: Job, noted: Checkpoint) -> dict[bytes, bytes]:
    groups = range(noted.plan.groups if noted.plan is not None else 0)
    staged = (latest_by_key(arrivals_of(desk, job, noted, group=group).all) for group in groups)
    return {key: arrival.digest for some in staged for key, arrival in some.items()}


def _stale(reason: str) -> RefusedError:
    return RefusedError(f"{reason}: nothing of the plan was applied; plan again", code="PLAN_STALE")
