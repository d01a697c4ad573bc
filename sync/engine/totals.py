"""Decides what a run came to: verdicts, status, and what the next one may rely on."""

from collections.abc import Iterable
from dataclasses import replace

from sync.engine.turnover import believed, turnover_of
from sync.model.checkpoint import Checkpoint, Doubt
from sync.model.run import Completeness, RunFailure, RunStatus, Tally, Verdict


def total(checkpoint: Checkpoint) -> Tally:
    """Add up the groups of an entity type: each record once."""
    return sum((result.tally for result in checkpoint.groups), Tally())


def done(checkpoint: Checkpoint) -> Checkpoint:
    """Return what is noted without the groups that were only planned: nothing came of them yet."""
    return replace(checkpoint, groups=tuple(result for result in checkpoint.groups if not result.planned))


def judge(expected: tuple[int, ...], read: int, *, walked: bool, gone: int = 0) -> Completeness:
    """Compare what was read with the source's counts before and after reading.

    Records may come and go meanwhile, so anything between the counts is complete.
    """
    if not expected:
        return Completeness(Verdict.UNPROVEN, None, read, gone=gone)
    low, high = min(expected), max(expected)
    missing, extra = max(0, low - read), max(0, read - high)
    verdict = Verdict.COMPLETE if walked and not missing else Verdict.SHORT
    return Completeness(verdict, expected[-1], read, missing, extra, gone)


def combined(parts: Iterable[Completeness]) -> Completeness | None:
    """Return one completeness for all entity types of a run: the worst verdict, and sums."""
    known = tuple(parts)
    if not known:
        return None
    verdict = max((part.verdict for part in known), key=_WORSE.__getitem__)
    counts = [part.expected for part in known]
    expected = None if None in counts else sum(count for count in counts if count is not None)
    return Completeness(
        verdict,
        expected,
        sum(part.read for part in known),
        sum(part.missing for part in known),
        sum(part.extra for part in known),
        sum(part.gone for part in known),
    )


def failures_of(checkpoint: Checkpoint) -> tuple[str, ...]:
    """Return why ranges could not be read to their end."""
    return tuple(each.failed for each in checkpoint.ranges if each.failed is not None)


def walked(checkpoint: Checkpoint) -> bool:
    """Return whether every range was read to its end."""
    return (
        checkpoint.plan is not None
        and bool(checkpoint.ranges)
        and all(each.done and each.failed is None for each in checkpoint.ranges)
    )


def written(checkpoint: Checkpoint) -> bool:
    """Return whether every group of buckets was written."""
    plan = checkpoint.plan
    return plan is not None and len({result.group for result in checkpoint.groups}) == plan.groups


def stored(checkpoint: Checkpoint) -> int:
    """Return how many records of the run's source are stored and not gone, where a run listed everything."""
    return sum(result.stored for result in checkpoint.groups)


def lost(checkpoint: Checkpoint) -> int:
    """Return how many stored records a full listing lacks if they are too many to be believed, else 0.

    A source that lists nothing of what is stored, or far fewer records, has more likely been emptied, swapped or cut
    by mistake than by so many deletions; a few records are believed as long as others come again.
    """
    plan = checkpoint.plan
    if plan is None or not plan.everything:
        return 0
    found = turnover_of(checkpoint.groups)
    return 0 if believed(found, largest_loss=plan.largest_loss) else found.absent


def held(checkpoint: Checkpoint) -> bool:
    """Return whether an entity type was left unwritten because it would change too much at once."""
    doubt = checkpoint.doubt
    return doubt is not None and doubt.held is True and not written(checkpoint)


def outcome(
    checkpoints: Iterable[Checkpoint], *, judged: Iterable[Completeness]
) -> tuple[RunStatus, RunFailure | None]:
    """Return the status of a run that came to its end, and what kept it from success.

    A run that could read nothing at all has failed; one that could not read something, or not prove
    that it read everything, or had failed records, is partial.
    """
    known = tuple(checkpoints)
    doubts = [each.doubt for each in known if each.doubt is not None and held(each)]
    if doubts:
        return RunStatus.PARTIAL, RunFailure("APPROVAL_REQUIRED", _asked(doubts))
    reasons = [reason for checkpoint in known for reason in failures_of(checkpoint)]
    if reasons:
        nothing = not any(each.pages for checkpoint in known for each in checkpoint.ranges)
        status = RunStatus.FAILED if nothing else RunStatus.PARTIAL
        return status, RunFailure("SOURCE_INCOMPLETE", reasons[0], retryable=True)
    if not all(map(walked, known)):
        return RunStatus.PARTIAL, RunFailure("SOURCE_INCOMPLETE", "Not everything could be read", retryable=True)
    short = [each for each in judged if each.verdict is Verdict.SHORT]
    if short:
        missing = sum(each.missing for each in short)
        message = f"The source counts {missing} records more than it listed; nothing was marked as gone"
        return RunStatus.PARTIAL, RunFailure("LISTING_SHORT", message, retryable=True)
    missing = sum(map(lost, known))
    if missing:
        message = (
            f"The source listed {missing} fewer of the stored records than before, more than is believed; nothing was "
            "marked as gone. If they are gone indeed, allow it by settings.largestLoss and sync again"
        )
        return RunStatus.PARTIAL, RunFailure("LISTING_SHRUNK", message)
    errors = sum(total(checkpoint).errors for checkpoint in known)
    return (RunStatus.PARTIAL if errors else RunStatus.SUCCEEDED), None


def _asked(doubts: Iterable[Doubt]) -> str:
    told = "; ".join(map(_doubted, doubts))
    return f"{told}. Nothing of it was written: look at the sample, then approve the run, or sync again"


def _doubted(doubt: Doubt) -> str:
    found = doubt.replaced
    if found is not None:
        return (
            f"The company looks like another one: {found.absent} of {doubt.stored} stored {doubt.entity} were not "
            f"listed, and {found.created} others were that are not stored"
        )
    return (
        f"{doubt.changes} of {doubt.stored} stored {doubt.entity} would change "
        f"({100 * doubt.changes // max(1, doubt.stored)} %), and {doubt.blanks} of them lose a value"
    )


_WORSE = {Verdict.COMPLETE: 0, Verdict.UNPROVEN: 1, Verdict.SHORT: 2}
