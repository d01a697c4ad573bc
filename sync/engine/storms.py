"""Says when a contract that notices name is compared: soon, and less often the more of them come."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

_SETTLING = timedelta(seconds=1)
"""Between a notice and its errand: more notices may follow."""
_BUSY = timedelta(seconds=5)
"""The same while notices of the contract keep coming."""
_STORM = 10
"""So many notices served by one errand let the next one wait twice as long."""
_LONGEST = timedelta(seconds=30)
_LULL = timedelta(seconds=9)
"""So long after an errand the next notice is the first one again."""
_SKEW = timedelta(seconds=0.5)
"""By so much the clocks of two machines may differ."""


@dataclass(frozen=True, slots=True)
class Request:
    """When an errand was asked for and when it is due, and how often its contract was named meanwhile."""

    asked_at: datetime
    due_at: datetime
    served: int = 1

    def serves(self, now: datetime) -> bool:
        """Tell whether the errand begins after now, by the clock of any machine."""
        return self.asked_at <= now < self.due_at - _SKEW

    def named_again(self) -> "Request":
        """Count another notice."""
        return replace(self, served=self.served + 1)


def following(last: Request | None, now: datetime) -> Request:
    """Return the request for a contract that is named now."""
    if last is None or now - last.due_at >= _LULL:
        return Request(now, now + _SETTLING)
    span = (last.due_at - last.asked_at) * 2 if last.served > _STORM else _BUSY
    return Request(now, now + min(max(span, _BUSY), _LONGEST))
