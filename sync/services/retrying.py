"""Remembers failed records, reads them again by their ids, and tells when each is tried again."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import batched

from sync.engine.arrivals import NO_FIELDS
from sync.engine.buckets import record_key
from sync.engine.failures import Outlook, may_be_asked_for, outlook
from sync.model.checkpoint import Plan, Range, RunKey
from sync.model.entity import EntityType
from sync.model.errors import RefusedError
from sync.model.integration import Integration
from sync.model.record import Arrival, Failure, RecordFault
from sync.ports import FailureFilter, FailureOrder, PageQuery
from sync.services.desk import Bench, Desk, Job
from sync.services.lookup import AT_ONCE, IDS, Row, rows_where


@dataclass(frozen=True, slots=True)
class Reread:
    """What came of reading failed records again: those that are there, and those that the source refuses to give."""

    records: list[Row]
    refused: tuple[Arrival, ...]
    cursor: str | None


def remember(desk: Desk, job: Job, plan: Plan, arrivals: Iterable[Arrival]) -> None:
    """Note the arrivals that have a fault."""
    now = desk.clock.now()
    failures = [
        Failure(plan.entity, arrival.external_id, arrival.fault, job.run_id, 1, now, now, plan.source)
        for arrival in arrivals
        if arrival.fault is not None
    ]
    if failures:
        desk.failures.note(job.integration_id, failures)


def has_failures(desk: Desk, bench: Bench, entity: EntityType) -> bool:
    """Return whether the run has failed records to read again."""
    named = bench.run.retry_of is not None or bench.run.record is not None
    return named or bool(_open(desk, bench, entity, limit=1))


def read_failures(desk: Desk, bench: Bench, span: Range, query: PageQuery) -> Reread:
    """Read remembered failures again, many with one request; what is gone from the source is no failure any more.

    Raises:
        RefusedError: The source gives none of them, and no list either.
        RemoteError: As Source does.
    """
    ids, cursor = _due(desk, bench, span)
    plain = replace(query, since=None, low=None, high=None)
    try:
        records = rows_where(bench.source, replace(plain, page_size=IDS), query.id_field, ids)
    except RefusedError:
        records = []
    came = {row.get(query.id_field) for row in records}
    found = _ask_alone(bench, plain, [each for each in ids if each not in came])
    gone = [each for each, answer in found if answer is None]
    if gone and not bench.run.proposes:
        desk.failures.clear(bench.integration.id, span.entity, gone)
    records.extend(answer for _, answer in found if isinstance(answer, dict))
    refused = [_refused(each, answer) for each, answer in found if isinstance(answer, RefusedError)]
    return Reread(records, tuple(refused), cursor)


def outlooks(desk: Desk, integration: Integration, failures: Sequence[Failure]) -> list[Outlook | None]:
    """Return when each of these is tried again, None for what is no failure any more."""
    known: dict[tuple[EntityType, str], Failure] = {}
    for entity in EntityType:
        ids = [each.external_id for each in failures if each.entity is entity]
        found = desk.failures.find(integration.id, entity, ids)
        known |= {(entity, external_id): failure for external_id, failure in found.items()}
    still = (known.get((each.entity, each.external_id)) for each in failures)
    return [None if each is None else outlook(each, integration) for each in still]


def _due(desk: Desk, bench: Bench, span: Range) -> tuple[list[str], str | None]:
    source = bench.integration.connection.source
    if bench.run.record is not None:
        return [bench.run.record], None
    if bench.run.retry_of is None:
        return [each.external_id for each in _open(desk, bench, span.entity, limit=desk.policy.retries)], None
    key = RunKey(bench.integration.id, bench.run.retry_of)
    page = desk.failures.of_run(key, cursor=span.cursor, limit=desk.policy.retries)
    mine = [each for each in page.items if each.entity is span.entity and may_be_asked_for(each, source)]
    return [each.external_id for each in mine], page.cursor


def _open(desk: Desk, bench: Bench, entity: EntityType, *, limit: int) -> tuple[Failure, ...]:
    source = bench.integration.connection.source
    which = FailureFilter(entity, to_ask=source, order=FailureOrder.LONGEST_UNTRIED)
    return desk.failures.list(bench.integration.id, which, cursor=None, limit=limit).items


def _ask_alone(bench: Bench, query: PageQuery, ids: Sequence[str]) -> list[tuple[str, Row | RefusedError | None]]:
    """Ask for records one by one (RefusedError when the source gives none of them, nor anything else)."""

    def ask(external_id: str) -> Row | RefusedError | None:
        try:
            return bench.source.record(query, external_id)
        except RefusedError as error:
            return error

    found: list[tuple[str, Row | RefusedError | None]] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for some in batched(ids, AT_ONCE, strict=False):
            answers = list(pool.map(ask, some))
            if not found:
                _check_source(bench, query, answers)
            found.extend(zip(some, answers, strict=True))
    return found


def _check_source(bench: Bench, query: PageQuery, answers: Iterable[object]) -> None:
    """When all records are refused, make sure that it is for what they are: a list is given (raises as Source does)."""
    if all(isinstance(each, RefusedError) for each in answers):
        bench.source.page(replace(query, page_size=1), None)


def _refused(external_id: str, error: RefusedError) -> Arrival:
    return Arrival(
        external_id, record_key(external_id), b"", NO_FIELDS, None, RecordFault("SOURCE_REFUSED", error.message)
    )
