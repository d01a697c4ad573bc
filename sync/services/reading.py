"""Reads a run's records page by page, maps them, and stages them for writing."""

from dataclasses import replace
from datetime import datetime, timedelta

from mapping.compiler import CompiledMapping
from mapping.rules import Join
from sync.engine import planning, staging
from sync.engine.arrivals import arrive
from sync.engine.buckets import bucket_count, room_in
from sync.engine.standing import worth_waiting
from sync.model.checkpoint import Checkpoint, Plan, Range, StagedPage
from sync.model.entity import EntityType
from sync.model.errors import CursorLostError, RefusedError, RetryLaterError
from sync.model.integration import Integration
from sync.model.mapping import PRESET_VERSION
from sync.model.record import Arrival, RecordSet
from sync.model.run import RunKind
from sync.ports import PageQuery, Source
from sync.services.desk import Bench, Desk, Job, State, Step, is_cancelled
from sync.services.joining import LARGEST_PAGE, add_joined, records_of
from sync.services.retrying import has_failures, read_failures

_SMALLEST_PAGE = 100
_MOST_WALKS = 5


def plan_entity(desk: Desk, job: Job, bench: Bench, entity: EntityType) -> Checkpoint:
    """Decide what the run reads of one entity type, and return it as it is noted; a second call changes nothing."""
    noted = desk.checkpoints.read(job.key, entity)
    if noted.plan is not None:
        return noted
    connection = bench.integration.connection
    version = bench.run.mapping_versions.get(entity, PRESET_VERSION)
    stored = desk.watermarks.get(bench.integration.id, connection.source, entity, mapping=version)
    reach = planning.reach(bench.run, stored, overlap=overlap_of(desk, bench.integration))
    mapping = desk.mapping(bench.run, entity)
    size = _page_size(desk, bench, mapping)
    if not mapping.rules.tells_changes:
        reach = replace(reach, since=None)
    query = query_of(mapping, size, reach.since)
    everything = reach.since is None and bench.run.kind is not RunKind.RETRY
    expected = _counted(bench.source, query, last_try=job.last_try) if everything else None
    records, made = _record_set(desk, bench, entity, expected=expected)
    told = room_in(records.buckets) if everything and expected is None else expected or 0
    boundaries = bench.source.boundaries(query, expected=expected) if expected is not None and expected > size else ()
    ranges = () if bench.run.kind is RunKind.RETRY else planning.ranges_between(entity, boundaries)
    if not everything and has_failures(desk, bench, entity):
        ranges = (*ranges, Range(entity, planning.RETRY_RANGE))
    if reach.since is not None:
        ranges = (*ranges, *(planning.join_range(entity, join) for join in range(len(mapping.rules.joins))))
    plan = Plan(
        entity=entity,
        started_at=bench.run.window.until or desk.clock.now(),
        since=reach.since,
        everything=everything,
        expected=expected,
        buckets=records.buckets,
        groups=planning.group_count(told, buckets=records.buckets, size=desk.policy.group_size),
        source=connection.source,
        moves_watermark=reach.moves_watermark,
        page_size=size,
        first_run=made,
        largest_loss=_largest_loss(desk, bench, mapping),
        filter=mapping.rules.filter,
    )
    desk.checkpoints.write(job.key, plan, *ranges)
    return Checkpoint(plan, ranges)


def _record_set(desk: Desk, bench: Bench, entity: EntityType, *, expected: int | None) -> tuple[RecordSet, bool]:
    """Return the set and whether it is new; a run that only plans makes none, but tells what it would be."""
    key = bench.set_key(entity)
    if not bench.run.proposes:
        return desk.records.open_set(key, expected=expected)
    found = desk.records.find_set(key)
    return found or RecordSet(key, bucket_count(expected)), found is None


def _counted(source: Source, query: PageQuery, *, last_try: bool) -> int | None:
    """Return the source's count, None when it cannot be had though lists can be read.

    Raises:
        RefusedError: The source refuses the list, too.
        RetryLaterError: Neither count nor list can be had at present.
    """
    try:
        return source.count(query.entity_set, where=query.filter, route=query.route)
    except RefusedError:
        pass
    except RetryLaterError as error:
        if worth_waiting(error) and not last_try:
            raise
    source.page(replace(query, page_size=1), None)
    return None


def read_page(desk: Desk, job: Job, bench: Bench, entity: EntityType) -> Step:
    """Read the next page of a range and stage it; MORE while the range has pages left.

    A range that cannot be read on is noted as failed, and the run goes on without it.
    """
    noted = desk.checkpoints.read(job.key, entity)
    span = next(each for each in noted.ranges if each.index == job.index)
    if noted.plan is None or span.done:
        return Step(State.DONE)
    if is_cancelled(desk, job):
        return Step(State.CANCELLED)
    try:
        records, cursor = fetch(desk, bench, noted.plan, span)
    except CursorLostError as error:
        return _walk_again(desk, job, span, error)
    except RefusedError as error:
        return _leave(desk, job, span, error.message)
    except RetryLaterError as error:
        return _wait(desk, job, noted.plan, span, error)
    after = _stage(desk, job, noted.plan, replace(span, cursor=cursor, done=cursor is None), records)
    return Step(State.DONE if after.done else State.MORE)


def _stage(desk: Desk, job: Job, plan: Plan, span: Range, records: list[Arrival]) -> Range:
    after = replace(span, pages=span.pages + 1)
    if not records:
        desk.checkpoints.write(job.key, after)
        return after
    body, offsets = staging.pack(records, buckets=plan.buckets, groups=plan.groups)
    name = f"{span.entity}-{span.index}-{span.walk}-{span.pages}"
    desk.stages.put(job.key, name, body)
    page = StagedPage(span.entity, span.index, span.walk, span.pages, name, len(records), offsets)
    desk.checkpoints.write(job.key, page, after)
    return after


def fetch(desk: Desk, bench: Bench, plan: Plan, span: Range) -> tuple[list[Arrival], str | None]:
    """Return the next page of a range, mapped, and where the one after it is (raises as the source does)."""
    if plan.source != bench.integration.connection.source:
        raise RefusedError("The connection was led to another company while the run was under way")
    mapping = desk.mapping(bench.run, span.entity)
    query = query_of(mapping, span.page_size or plan.page_size, plan.since)
    if span.index == planning.RETRY_RANGE:
        return _fetch_failures(desk, bench, span, query)
    join = planning.joined_by(span)
    if join is not None:
        return _fetch_joined(bench.source, mapping, mapping.rules.joins[join], query=query, cursor=span.cursor)
    page = bench.source.page(replace(query, low=span.low, high=span.high), span.cursor)
    return arrive(add_joined(bench.source, mapping, page.records), mapping), page.cursor


def _fetch_joined(
    source: Source, mapping: CompiledMapping, join: Join, *, query: PageQuery, cursor: str | None
) -> tuple[list[Arrival], str | None]:
    """Read what changed on a joined page, and the records that it belongs to."""
    changes = PageQuery(
        join.entity_set,
        (join.on,),
        query.page_size,
        since=query.since,
        route=join.route,
        modified_field=join.modified_field,
    )
    page = source.page(changes, cursor)
    records = records_of(source, query, page.records, join)
    return arrive(add_joined(source, mapping, records), mapping), page.cursor


def _fetch_failures(desk: Desk, bench: Bench, span: Range, query: PageQuery) -> tuple[list[Arrival], str | None]:
    """Read remembered failures again; those that the source refuses to give fail once more."""
    mapping = desk.mapping(bench.run, span.entity)
    again = read_failures(desk, bench, span, query)
    arrivals = arrive(add_joined(bench.source, mapping, again.records), mapping)
    return [*arrivals, *again.refused], again.cursor


def _walk_again(desk: Desk, job: Job, span: Range, error: CursorLostError) -> Step:
    if span.walk >= _MOST_WALKS:
        return _leave(desk, job, span, f"The source lost its page cursor {_MOST_WALKS} times: {error.message}")
    desk.checkpoints.restart(job.key, replace(span, cursor=None, pages=0, walk=span.walk + 1))
    return Step(State.MORE)


def _wait(desk: Desk, job: Job, plan: Plan, span: Range, error: RetryLaterError) -> Step:
    size = span.page_size or plan.page_size
    if error.code == "SOURCE_TIMEOUT" and size > _SMALLEST_PAGE:
        desk.checkpoints.write(job.key, replace(span, page_size=max(_SMALLEST_PAGE, size // 2)))
        return Step(State.MORE)
    if job.last_try or not worth_waiting(error):
        return _leave(desk, job, span, error.message)
    return Step(State.WAIT, wait=error.delay)


def _leave(desk: Desk, job: Job, span: Range, reason: str) -> Step:
    desk.checkpoints.write(job.key, replace(span, done=True, failed=reason))
    return Step(State.DONE)


def query_of(mapping: CompiledMapping, page_size: int, since: datetime | None = None) -> PageQuery:
    """Return what a mapping asks of the source; `page_size` in records."""
    rules = mapping.rules
    return PageQuery(
        entity_set=rules.entity_set,
        select=mapping.select,
        page_size=page_size,
        since=since,
        expand=mapping.expand,
        filter=rules.filter,
        route=rules.route,
        modified_field=rules.modified_field,
        id_field=rules.id_field,
    )


def _page_size(desk: Desk, bench: Bench, mapping: CompiledMapping) -> int:
    size = int(bench.integration.settings.get("pageSize", desk.policy.page_size))
    return min(size, LARGEST_PAGE) if mapping.rules.joins else size


def _largest_loss(desk: Desk, bench: Bench, mapping: CompiledMapping) -> float:
    """Return 1, which is any loss, where a filter may rightly leave out what is stored."""
    filtered = mapping.rules.filter is not None
    return 1.0 if filtered else float(bench.integration.settings.get("largestLoss", desk.policy.largest_loss))


def overlap_of(desk: Desk, integration: Integration) -> timedelta:
    """Return how far before a watermark to read: a change may be committed late."""
    seconds = integration.settings.get("overlapSeconds")
    return desk.policy.overlap if seconds is None else timedelta(seconds=seconds)
