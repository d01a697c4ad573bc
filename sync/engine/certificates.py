"""Decides what a certificate says about one entity type."""

from collections.abc import Iterable

from sync.engine import totals
from sync.model.certificate import LONGEST_LIST, Cut, EntityCertificate, Evidence, Gone
from sync.model.checkpoint import Checkpoint, Plan
from sync.model.mapping import PRESET_VERSION
from sync.model.run import Completeness, Run, Window


def certified(run: Run, plan: Plan, judged: Completeness, *, noted: Checkpoint, found: Evidence) -> EntityCertificate:
    """Return the certificate of an entity type that was listed in full, with its lists cut to their longest."""
    tally, gone = totals.total(noted), found.gone
    return EntityCertificate(
        verdict=judged.verdict,
        source=plan.source,
        mapping_version=run.mapping_versions.get(plan.entity, PRESET_VERSION),
        watermark=Window(None, plan.started_at),
        filter=plan.filter,
        counted=plan.expected,
        counted_again=plan.recount,
        read=tally.read,
        created=tally.created,
        updated=tally.updated,
        unchanged=tally.unchanged,
        conflicts=tally.conflicts,
        errors=tally.errors,
        stored=totals.stored(noted),
        missing=found.missing[:LONGEST_LIST],
        unnamed=max(0, judged.missing - len(found.missing)),
        extra=found.extra[:LONGEST_LIST],
        gone=gone.named[:LONGEST_LIST],
        more=Cut(_beyond(len(found.missing)), _beyond(len(found.extra)), _beyond(gone.total)),
    )


def joined(parts: Iterable[Gone]) -> Gone:
    """Return what all groups marked as gone."""
    known = tuple(parts)
    return Gone(tuple(each for part in known for each in part.named), sum(part.total for part in known))


def _beyond(total: int) -> int:
    return max(0, total - LONGEST_LIST)
