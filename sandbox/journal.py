"""What reached the simulated systems; never a token, secret or request body."""

from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import Any

_KEPT = 200_000


@dataclass(slots=True)
class Entry:
    """One request; status 0 means that it is not answered yet, or was reset."""

    number: int
    part: str
    method: str
    path: str
    query: str
    time: str
    principal: str = ""
    status: int = 0
    rows: int = 0
    bytes: int = 0
    early: bool = False
    fault: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    note: dict[str, str] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    """What it wrote in Dataverse or Oneflow: names of columns and fields, never values of rows."""


class Journal:
    """The latest requests and running totals."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=_KEPT)
        self._number = 0

    def next_number(self) -> int:
        """Return the number of a new request."""
        self._number += 1
        return self._number

    def reset(self) -> None:
        """Forget the requests; numbers go on."""
        self.entries.clear()

    def since(self, number: int, part: str | None) -> list[dict[str, Any]]:
        """Return the requests after a number, of one part or of all."""
        return [asdict(each) for each in self.entries if each.number > number and part in {None, each.part}]

    def totals(self) -> dict[str, Any]:
        """Return counts by part, method and status."""
        business_central = [each for each in self.entries if each.part == "bc"]
        return {
            "requests": len(business_central),
            "methods": dict(Counter(each.method for each in business_central)),
            "statuses": {str(key): count for key, count in Counter(each.status for each in business_central).items()},
            "rows": sum(each.rows for each in business_central),
            "bytes": sum(each.bytes for each in business_central),
            "tokenRequests": sum(each.part == "entra" and each.path.endswith("/token") for each in self.entries),
        }
