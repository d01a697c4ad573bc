"""Gathers what a certificate names, while the run's pages are still staged."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice, pairwise
from typing import Final

import orjson

from mapping.rules import MappingRules
from sync.codec import from_wire, to_wire
from sync.engine import certificates, staging, totals
from sync.model.certificate import LONGEST_LIST, Evidence, Gone, Named
from sync.model.checkpoint import Checkpoint, GroupResult, Plan
from sync.model.errors import NotFoundError
from sync.model.record import Record, RecordSet
from sync.model.run import Completeness
from sync.ports import PageQuery
from sync.services.desk import Bench, Desk, Job
from sync.services.searching import MOST_REQUESTS, Listing, Meter, Search
from sync.services.writing import Ledger

_WHOLE: Final = 64 * 1024 * 1024
"""Bytes; what is staged here has a small part of it."""
_AT_A_TIME = 20_000
"""Records that a search asks for at a time: the most that Business Central gives."""


def search(desk: Desk, job: Job, bench: Bench, *, noted: Checkpoint, judged: Completeness | None) -> None:
    """Stage the names of what the source counts otherwise than it listed; done again, nothing more is asked.

    A listing that broke off is no listing: what it lacks is not looked for.
    """
    plan = noted.plan
    if plan is None or judged is None or not _differs(noted, judged) or _is_staged(desk, job, _evidence(plan)):
        return
    rules = desk.mapping(bench.run, plan.entity).rules
    name = _name_column(rules)
    query = PageQuery(
        rules.entity_set,
        tuple(dict.fromkeys((rules.id_field, "number", *([] if name is None else [name])))),
        _AT_A_TIME,
        filter=rules.filter,
        route=rules.route,
        id_field=rules.id_field,
    )
    records = RecordSet(bench.set_key(plan.entity), plan.buckets)
    looking = Search(Meter(bench.source, MOST_REQUESTS), query, _listing(desk, job, noted, records), name)
    ranges = tuple(span for span in noted.ranges if span.index >= 0)
    found = looking.look_for(ranges, missing=judged.missing, extra=judged.extra)
    desk.stages.put(job.key, _evidence(plan), orjson.dumps(to_wire(found)))


def note_gone(pen: Ledger, result: GroupResult, rows: Sequence[Record]) -> None:
    """Stage the names of the stored records that a group has marked as gone; a second list replaces the first."""
    if rows:
        found = tuple(_named(row) for row in rows[:LONGEST_LIST])
        body = orjson.dumps(to_wire(Gone(found, len(rows))))
        pen.desk.stages.put(pen.job.key, _gone(pen.plan, result), body)


def gathered(desk: Desk, job: Job, plan: Plan, *, noted: Checkpoint, judged: Completeness) -> Evidence:
    """Return what was staged for one entity type."""
    found = (_staged(desk, job, _evidence(plan), Evidence) if _differs(noted, judged) else None) or Evidence()
    marked = (_staged(desk, job, _gone(plan, result), Gone) for result in noted.groups if result.retired)
    return replace(found, gone=certificates.joined(part for part in marked if part is not None))


def _differs(noted: Checkpoint, judged: Completeness) -> bool:
    return bool(judged.missing or judged.extra) and totals.walked(noted)


def _listing(desk: Desk, job: Job, noted: Checkpoint, records: RecordSet) -> Listing:
    arrived: dict[int, set[str]] = defaultdict(set)
    for page in noted.pages:
        body = desk.stages.read(job.key, page.name, start=0, end=page.offsets[-1])
        for start, end in pairwise(page.offsets):
            arrived[page.range_index].update(each.external_id for each in staging.unpack(body[start:end]))
    read = frozenset(chain.from_iterable(arrived.values()))
    plan = noted.plan
    absent = (
        named
        for result in noted.groups
        if plan is not None and result.absent
        for named in _absent(desk, records, plan, result=result, arrived=read)
    )
    return Listing({index: frozenset(ids) for index, ids in arrived.items()}, tuple(islice(absent, LONGEST_LIST)))


def _absent(
    desk: Desk, records: RecordSet, plan: Plan, *, result: GroupResult, arrived: frozenset[str]
) -> Iterator[Named]:
    """Yield the stored records of a group that are believed to be in the source and did not arrive."""
    for bucket in staging.buckets_in(result.group, buckets=plan.buckets, groups=plan.groups):
        for row in desk.records.bucket_rows(records, bucket):
            if row.source == plan.source and row.present_in_source and row.external_id not in arrived:
                yield _named(row)


def _named(row: Record) -> Named:
    return Named(row.external_id, _text(row, "number"), _text(row, "name"))


def _text(row: Record, member: str) -> str | None:
    value = row.fields.get(member)
    return value if isinstance(value, str) else None


def _name_column(rules: MappingRules) -> str | None:
    """Return the column that names are made of, where it is one and a plain one."""
    sources = next((rule.sources for rule in rules.fields if rule.target == "name"), ())
    return sources[0] if len(sources) == 1 and sources[0].isidentifier() else None


def _staged[T](desk: Desk, job: Job, name: str, shape: type[T]) -> T | None:
    try:
        body = desk.stages.read(job.key, name, start=0, end=_WHOLE)
    except NotFoundError:
        return None
    return from_wire(shape, orjson.loads(body))


def _is_staged(desk: Desk, job: Job, name: str) -> bool:
    return _staged(desk, job, name, dict) is not None


def _evidence(plan: Plan) -> str:
    return f"evidence-{plan.entity}"


def _gone(plan: Plan, result: GroupResult) -> str:
    return f"gone-{plan.entity}-{result.group}"
