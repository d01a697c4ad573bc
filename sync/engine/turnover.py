"""Decides whether a full listing can be believed: how much of what is stored it lacks, and what it holds instead."""

from collections.abc import Iterable
from typing import Protocol

from sync.model.checkpoint import Checkpoint, Turnover, Weight
from sync.model.run import Tally

_FEW = 10
"""Records that may be missing, or new, without a doubt."""


class Compared(Protocol):
    """What a part of a listing came to."""

    @property
    def tally(self) -> Tally:
        """Every arrived record, once."""
        ...

    @property
    def absent(self) -> int:
        """Stored records, present so far, that did not arrive."""
        ...

    @property
    def stored(self) -> int:
        """Records of the source that are stored and not gone, absent ones too."""
        ...


def turnover_of(parts: Iterable[Compared]) -> Turnover:
    """Return what these parts of a listing lack and hold; what is stored and arrived has come again."""
    return sum((_of_part(part) for part in parts), Turnover())


def believed(found: Turnover, *, largest_loss: float) -> bool:
    """Return whether so much may be gone indeed: a share of what is stored, or a few while others come again."""
    few = found.absent <= _FEW and found.again > 0
    return few or found.absent <= largest_loss * (found.again + found.absent)


def replaced(noted: Checkpoint, weights: Iterable[Weight], *, walked: bool) -> Turnover | None:
    """Return what was lost and found if a listing looks like another company's, else None.

    It lacks more than is believed, and new records stand in the place of what it lacks. What a listing that was not
    walked to its end lacks proves nothing, unless none of what is stored came again.
    """
    if noted.plan is None or not noted.plan.everything:
        return None
    weighed = {each.group: each.turnover for each in weights}
    rest = turnover_of(result for result in noted.groups if result.group not in weighed)
    found = sum(weighed.values(), rest)
    stands_in = found.created > _FEW or found.created > found.again
    if not stands_in or (found.again and not walked):
        return None
    return None if believed(found, largest_loss=noted.plan.largest_loss) else found


def _of_part(part: Compared) -> Turnover:
    created = part.tally.created
    return Turnover(part.absent, created, part.stored - part.absent - created)
