"""Tells why records of a run failed: all of them, put together by cause."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from sync.engine.causes import Cause, grouped
from sync.model.integration import Owner
from sync.model.record import Failure
from sync.services import runs
from sync.services.desk import Desk
from sync.services.paging import AT_A_TIME, every

LOOKED_AT = 10_000
"""Failed records that one answer looks at."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The causes of a run's failures."""

    causes: tuple[Cause, ...]
    whole: bool
    """Whether all failed records were looked at."""


def diagnosed(desk: Desk, owner: Owner, integration_id: str, run_id: str, *, looked_at: int = LOOKED_AT) -> Diagnosis:
    """Return why records of a run failed.

    Raises:
        NotFoundError: There is no such run of the owner's.
    """
    failures = _failures_of(desk, owner, integration_id, run_id)
    causes = grouped(islice(failures, looked_at))
    return Diagnosis(causes, whole=next(failures, None) is None)


def _failures_of(desk: Desk, owner: Owner, integration_id: str, run_id: str) -> Iterator[Failure]:
    """Return the failed records of a run one by one (NotFoundError as above, at once)."""
    runs.show(desk, owner, integration_id, run_id)
    return every(lambda cursor: runs.errors(desk, owner, integration_id, run_id, cursor=cursor, limit=AT_A_TIME))
