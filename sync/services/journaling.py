"""Keeps what a run changed, step by step, so that timelines can tell it; nothing is kept of what did not change."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile

import orjson

from sync.engine import journal
from sync.engine.buckets import record_key
from sync.engine.journal import Doings
from sync.engine.reconcile import latest_by_key
from sync.engine.timeline import happened, without
from sync.model.checkpoint import Plan, RunKey
from sync.model.entity import EntityType
from sync.model.mapping import PRESET_VERSION
from sync.model.record import Arrival, RecordSet
from sync.model.trail import Deed, Edit, Footprint
from sync.services.desk import Bench, Desk

_CONFIRMED, _RETIRED, _WRITTEN = "1", "2", "3"
"""The steps of a run that change records: what happens later sorts first."""


@dataclass(frozen=True, slots=True)
class Site:
    """The buckets that a step worked on."""

    entity: EntityType
    source: str
    buckets: int
    groups: int = 1
    group: int = 0

    @classmethod
    def of(cls, plan: Plan, group: int) -> "Site":
        """Return a group of a plan's buckets."""
        return cls(plan.entity, plan.source, plan.buckets, plan.groups, group)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps what one step of a run changed; done again, it keeps the same."""

    desk: Desk
    bench: Bench
    site: Site

    def keep_written(self, arrived: Collection[Arrival], raw: Iterable[bytes], doings: Collection[Doings]) -> None:
        """Keep what writing changed; `raw` holds all that arrived, as it was staged."""
        if not any(each.changes or each.done for each in doings):
            return
        if sum(each.created for each in doings) == len(arrived):
            touched = journal.touched((each.key for each in arrived), count=len(arrived))
            self._keep(_WRITTEN, journal.write_raw(Deed.CREATED, raw), touched)
            return
        failed = {arrival.key: arrival for each in doings for arrival in each.failed}
        known = latest_by_key(arrived) | failed
        self._keep_all(_WRITTEN, [found for each in doings for found in journal.happened(each, known)])

    def keep_retired(self, gone: Iterable[Arrival]) -> None:
        """Keep which records a proven full listing did not hold."""
        self._keep_all(_RETIRED, [(Deed.GONE, each) for each in gone])

    def keep_confirmed(self, gone: Iterable[Arrival]) -> None:
        """Keep which records the source itself said to be gone."""
        self._keep_all(_CONFIRMED, [(Deed.GONE, each) for each in gone])

    def _keep_all(self, step: str, happenings: Collection[tuple[Deed, Arrival]]) -> None:
        if happenings:
            touched = journal.touched((arrival.key for _, arrival in happenings), count=len(happenings))
            self._keep(step, journal.write(happenings), touched)

    def _keep(self, step: str, body: bytes, touched: bytes | None) -> None:
        """Store the footprint before the journal: of a step that dies between them, it is known that it was there."""
        run, site, now = self.bench.run, self.site, self.desk.clock.now()
        footprint = Footprint(
            integration_id=run.integration_id,
            run_id=run.id,
            entity=site.entity,
            part=f"{step}-{site.group:05d}",
            trigger=run.trigger,
            source=site.source,
            mapping_version=run.mapping_versions.get(site.entity, PRESET_VERSION),
            started_at=run.started_at or now,
            at=now,
            buckets=site.buckets,
            groups=site.groups,
            group=site.group,
            size=len(body),
            touched=touched,
        )
        self.desk.chronicle.trail.mark(footprint)
        self.desk.chronicle.journals.put(RunKey(run.integration_id, run.id), footprint.journal, body)


def written_before(
    desk: Desk, bench: Bench, place: tuple[RecordSet, int], done: Mapping[bytes, Deed], arrivals: Iterable[Arrival]
) -> dict[bytes, str]:
    """Return the fields that earlier tries of a step wrote otherwise than they arrived, because of pins.

    They are those of the rows now, without what people have edited since.
    """
    arrived = {each.key: each for each in arrivals if done.get(each.key) is Deed.UPDATED} if done else {}
    found: dict[bytes, str] = {}
    for row in desk.records.bucket_rows(*place) if arrived else ():
        arrival = arrived.get(record_key(row.external_id))
        if arrival is None or row.fields == orjson.loads(arrival.fields):
            continue
        edits = desk.chronicle.edits.of_record(place[0].key, row.external_id, after="")
        since = takewhile(lambda each: _is_since(each, bench), happened(edits, version=row.version))
        found[arrival.key] = orjson.dumps(without(row.fields, since)).decode()
    return found


def _is_since(edit: Edit, bench: Bench) -> bool:
    began = bench.run.started_at
    return edit.seen_at is not None and began is not None and edit.seen_at >= began


def gone(external_id: str, key: bytes) -> Arrival:
    """Return what is told of a record that is gone."""
    return Arrival(external_id, key, b"", "{}", None)
