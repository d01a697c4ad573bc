"""The fault plan: what goes wrong, and on which calls."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Effect(StrEnum):
    """What a fault does to the call that it hits."""

    STATUS = "status"
    DELAY = "delay"
    RESET = "reset"
    CUT = "cut"
    CONTENT_TYPE = "content_type"
    LOOP = "loop"
    FOREIGN = "foreign"
    REPEAT = "repeat"
    HIDE = "hide"
    OMIT = "omit"
    LOSE = "lose"
    TWICE = "twice"
    REVERSE = "reverse"
    LATE = "late"
    LOST = "lost"


PAGE_EFFECTS = frozenset({Effect.LOOP, Effect.FOREIGN, Effect.REPEAT, Effect.HIDE, Effect.OMIT})


@dataclass(frozen=True, slots=True)
class Fault:
    """One planned fault; without nth, next or every it hits each matching call."""

    effect: Effect = Effect.STATUS
    part: str = "bc"
    match: str = ""
    principal: str = ""
    nth: int = 0
    next: int = 0
    every: int = 0
    status: int = 503
    body: str = "json"
    code: str = "Internal_TenantUnavailable"
    message: str = "The service is not available."
    text: str | None = None
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    retry_after: float | None = None
    retry_form: str = "seconds"
    delay: float = 0.0
    cut_at: int = 40
    keep: int = 0
    ids: list[str] = field(default_factory=list)
    """Rows that a list leaves out; its count and their own addresses do not."""

    def hits(self, call: int) -> bool:
        """Whether the fault hits the matching call of this number, counted from one."""
        if self.nth:
            return call == self.nth
        if self.next:
            return call <= self.next
        return not self.every or call % self.every == 0


@dataclass(slots=True)
class _Planned:
    fault: Fault
    pattern: re.Pattern[str]
    calls: int = 0
    hits: int = 0


class FaultPlan:
    """The faults in force, in the order in which they were planned."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []

    def add(self, fault: Fault) -> int:
        """Plan a fault and return its number."""
        self._planned.append(_Planned(fault, re.compile(fault.match)))
        return len(self._planned) - 1

    def clear(self) -> None:
        """Forget all faults."""
        self._planned.clear()

    def due(self, part: str, target: str, principal: str) -> Fault | None:
        """Count a call for every fault that matches it; return the first fault that hits."""
        found: Fault | None = None
        for planned in self._planned:
            fault = planned.fault
            if fault.part != part or fault.principal not in {"", principal} or not planned.pattern.search(target):
                continue
            planned.calls += 1
            if found is None and fault.hits(planned.calls):
                planned.hits += 1
                found = fault
        return found

    def report(self) -> list[dict[str, Any]]:
        """Return effect, pattern, matching calls and hits of each fault."""
        return [
            {"effect": each.fault.effect, "match": each.fault.match, "calls": each.calls, "hits": each.hits}
            for each in self._planned
        ]
