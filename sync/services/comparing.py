"""Compares staged records with stored ones before anything is written, and doubts what changes too much at once."""

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Self

import orjson

from sync.engine.assess import (
    Breaker,
    all_weighed,
    breaker_of,
    field_changes,
    is_blanked,
    rewrites,
    sampled,
    stored_in,
)
from sync.engine.journal import done_before
from sync.engine.reconcile import BucketPlan, is_as_stored, of_run, reconcile
from sync.engine.totals import walked
from sync.engine.turnover import replaced, turnover_of
from sync.model.approval import FieldChange
from sync.model.bucket import RowWrite
from sync.model.checkpoint import Checkpoint, Doubt, Plan, Weight
from sync.model.manifest import Manifest
from sync.model.mapping import PRESET_VERSION
from sync.model.record import Arrival, Record, RecordSet
from sync.model.run import Tally
from sync.model.trail import Deed
from sync.services.desk import Bench, Desk, Job, State, Step
from sync.services.hearing import Case, Hearing

_BUCKETS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """What one bucket becomes if nobody else writes it meanwhile."""

    case: Case
    """What is stored, seen from this run, and what arrived, as it may be reconciled."""
    decided: BucketPlan
    done: Mapping[bytes, Deed] = MappingProxyType({})
    """What earlier tries of the same step did to it."""

    @property
    def manifest(self) -> Manifest:
        """Return what the bucket holds, seen from this run."""
        return self.case.manifest


type Drafts = Mapping[int, Draft]


def draft_of(
    hearing: Hearing, bucket: int, manifest: Manifest, arrivals: Collection[Arrival], *, again: bool = False
) -> Draft:
    """Return what these arrivals make of a bucket; `again` when a row stood in the way of the first try."""
    run_id = hearing.job.run_id
    if is_as_stored(manifest, arrivals, run_id):
        same = Tally(read=len(arrivals), unchanged=len(arrivals))
        plan = BucketPlan((), same, absent=0, gone=0, stored=len(arrivals))
        return Draft(Case(replace(manifest, run_id=run_id), arrivals), plan)
    case = hearing.hear(bucket, of_run(manifest, run_id), arrivals, again=again)
    decided = reconcile(case.manifest, case.arrivals, taken=case.taken, held=case.held)
    return Draft(case, decided, done_before(manifest, run_id))


@dataclass(frozen=True, slots=True)
class Scale:
    """Weighs what the groups of one entity type would change."""

    desk: Desk
    job: Job
    bench: Bench
    plan: Plan
    records: RecordSet

    @classmethod
    def of(cls, desk: Desk, job: Job, bench: Bench, plan: Plan) -> Self:
        """Return the scale for the records that the plan is about."""
        return cls(desk, job, bench, plan, RecordSet(bench.set_key(plan.entity), plan.buckets))

    def ruling(self, noted: Checkpoint, drafts: Drafts) -> Step | None:
        """Return None when the group may be written now, MORE when others are to be looked at first, HELD if never."""
        breaker = breaker_of(self.bench.integration.settings, self.desk.policy.breaker)
        if not (breaker or self.plan.everything) or not self._is_weighed(noted, drafts):
            return None
        mine = next((each for each in noted.weights if each.group == self.job.index), None) or self._weight(drafts)
        weights = all_weighed(noted, mine)
        if weights is None:
            self._note(mine)
            return Step(State.MORE)
        if noted.doubt is None and self._is_replaced(noted, weights):
            return Step(State.HELD)
        if breaker is None:
            return None
        doubt = noted.doubt or self._doubt(breaker, weights)
        if doubt is None or doubt.held is False:
            return None
        return self._judged(noted, breaker, doubt, self._looked_at(mine, drafts))

    def _is_weighed(self, noted: Checkpoint, drafts: Drafts) -> bool:
        """Return whether there is anything to doubt: changes of what is stored, in a run that nobody approved.

        In a listing of everything that may be in other groups.
        """
        changed = any(draft.decided.changes for draft in drafts.values())
        stored = self.plan.everything or any(draft.manifest.entries for draft in drafts.values())
        known = any(each.group == self.job.index for each in noted.weights)
        return not self.bench.run.approved and ((changed and stored) or known)

    def _is_replaced(self, noted: Checkpoint, weights: tuple[Weight, ...]) -> bool:
        """Return whether others stand in the place of what is stored; then a person has to look, and nothing else."""
        found = replaced(noted, weights, walked=walked(noted))
        if found is None:
            return False
        changes = sum(each.changes for each in weights)
        self._note(Doubt(self.plan.entity, self._stored(), held=True, changes=changes, replaced=found))
        return True

    def _weight(self, drafts: Drafts) -> Weight:
        changes = sum(len(_rewritten(draft)) for draft in drafts.values())
        known = sum(stored_in(draft.manifest) for draft in drafts.values()) if changes else 0
        turnover = turnover_of(draft.decided for draft in drafts.values())
        return Weight(self.plan.entity, self.job.index, changes, known, turnover=turnover)

    def _doubt(self, breaker: Breaker, weights: tuple[Weight, ...]) -> Doubt | None:
        """Return the doubt that so many changes raise; what is stored in all is counted only when it decides."""
        changes, known = sum(each.changes for each in weights), sum(each.known for each in weights)
        if not breaker.doubts(changes, stored=known):
            return None
        stored = self._stored()
        doubted = breaker.doubts(changes, stored=stored) and not self._is_expected()
        doubt = Doubt(self.plan.entity, stored, None if doubted else False, changes)
        self._note(doubt)
        return doubt

    def _judged(self, noted: Checkpoint, breaker: Breaker, doubt: Doubt, mine: Weight) -> Step | None:
        weights = all_weighed(noted, mine) or ()
        if any(each.blanks is None for each in weights):
            return Step(State.MORE)
        blanks = sum(each.blanks or 0 for each in weights)
        held = breaker.trips(doubt.changes, blanks=blanks, stored=doubt.stored)
        sample = sampled(change for each in weights for change in each.sample)
        self._note(replace(doubt, held=held, blanks=blanks, sample=sample))
        return Step(State.HELD) if held else None

    def _looked_at(self, weight: Weight, drafts: Drafts) -> Weight:
        """Return the weight with what the rows themselves would lose."""
        if weight.blanks is not None:
            return weight
        blanked: set[str] = set()
        sample: list[FieldChange] = []
        for changes in self.changes(drafts):
            blanked.update(each.external_id for each in changes if is_blanked(each.before, each.after))
            sample = list(sampled((*sample, *changes)))
        looked = replace(weight, blanks=len(blanked), sample=tuple(sample))
        self._note(looked)
        return looked

    def changes(self, drafts: Drafts) -> Iterator[tuple[FieldChange, ...]]:
        """Yield the field changes of stored records, bucket by bucket."""
        touched = {bucket: rows for bucket, draft in drafts.items() if (rows := _rewritten(draft))}
        with ThreadPoolExecutor(self.desk.policy.writers) as pool:
            yield from pool.map(self._changes_of, touched, touched.values())

    def _changes_of(self, bucket: int, rows: tuple[RowWrite, ...]) -> tuple[FieldChange, ...]:
        stored = {row.external_id: row for row in self.desk.records.bucket_rows(self.records, bucket)}
        return tuple(
            FieldChange(self.plan.entity, row.external_id, name, before, after, _name_of(stored.get(row.external_id)))
            for row in rows
            for name, (before, after) in _differences(stored.get(row.external_id), row).items()
        )

    def _stored(self) -> int:
        total = 0
        for start in range(0, self.plan.buckets, _BUCKETS_AT_ONCE):
            some = range(start, min(start + _BUCKETS_AT_ONCE, self.plan.buckets))
            known = self.desk.records.manifests(self.records, some, source=self.plan.source)
            total += sum(map(stored_in, known.values()))
        return total

    def _is_expected(self) -> bool:
        """Return whether the mapping was changed since everything was last read: then its owner asked for changes."""
        version = self.bench.run.mapping_versions.get(self.plan.entity, PRESET_VERSION)
        if version == PRESET_VERSION:
            return False
        known = self.desk.watermarks.get(self.bench.integration.id, self.plan.source, self.plan.entity, mapping=version)
        return known is None

    def _note(self, note: Weight | Doubt) -> None:
        self.desk.checkpoints.write(self.job.key, note)


def _rewritten(draft: Draft) -> tuple[RowWrite, ...]:
    return tuple(rewrites(draft.manifest.entries, draft.decided.changes))


def _differences(row: Record | None, write: RowWrite) -> dict[str, tuple[object, object]]:
    return field_changes(row.fields if row is not None else {}, orjson.loads(write.fields or "{}"))


def _name_of(row: Record | None) -> str | None:
    name = row.fields.get("name") if row is not None else None
    return name if isinstance(name, str) else None
