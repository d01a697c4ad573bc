"""Decides what a run reads: since when, in which ranges, and whether it may move the watermark."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.model.checkpoint import Range
from sync.model.entity import EntityType
from sync.model.run import Run, RunKind, Watermark

PAGE_SIZE = 10_000
"""Records asked of Business Central at a time; it allows up to 20,000."""
GROUP_SIZE = 12_500
"""Records that one group of buckets holds, about: what one writer has in memory."""
GROUPS_AT_ONCE = 2
"""Groups written at a time: one is unpacked and compared while the other writes, nearly in the order of the keys."""
OVERLAP = timedelta(minutes=10)
"""How far before the watermark a delta begins: longer than a transaction can commit late."""
RETRY_RANGE = -1
"""The range that holds remembered failures, read again by their ids."""
_FIRST_JOIN = -2


@dataclass(frozen=True, slots=True)
class Reach:
    """What a run reads of one entity type."""

    since: datetime | None
    """None: everything."""
    moves_watermark: bool


def reach(run: Run, stored: datetime | None, *, overlap: timedelta = OVERLAP) -> Reach:
    """Decide since when to read; a delta without a watermark reads everything.

    A caller's modifiedSince is taken as it is, and moves the watermark only when it begins no later
    than a delta would: what is committed late within the overlap has not been read yet.
    """
    if run.kind is RunKind.RETRY:
        return Reach(None, moves_watermark=False)
    if run.modified_since is not None:
        joins = stored is not None and run.modified_since <= Watermark(stored).read_from(overlap)
        return Reach(run.modified_since, moves_watermark=run.whole and joins)
    if run.kind is RunKind.DELTA and stored is not None:
        return Reach(Watermark(stored).read_from(overlap), moves_watermark=run.whole)
    return Reach(None, moves_watermark=run.whole)


def ranges_between(entity: EntityType, boundaries: tuple[str, ...]) -> tuple[Range, ...]:
    """Return half-open ranges that cover every number: the first has no low end, the last no high end."""
    lows = (None, *boundaries)
    highs = (*boundaries, None)
    return tuple(
        Range(entity, index, low=low, high=high) for index, (low, high) in enumerate(zip(lows, highs, strict=True))
    )


def join_range(entity: EntityType, join: int) -> Range:
    """Return the range that holds what changed on a joined page alone."""
    return Range(entity, _FIRST_JOIN - join)


def joined_by(span: Range) -> int | None:
    """Return which joined page a range holds the changes of, None when it holds others."""
    return _FIRST_JOIN - span.index if span.index <= _FIRST_JOIN else None


def group_count(expected: int, *, buckets: int, size: int = GROUP_SIZE) -> int:
    """Return in how many groups of at most about `size` records the buckets are written."""
    return min(buckets, max(1, -(-expected // size)))
