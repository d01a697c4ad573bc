"""What every simulated system does with a request before it answers: count it, journal it, play a planned fault."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sandbox.business_central import Call
from sandbox.clock import MICROS, wire_time
from sandbox.faults import Effect, Fault
from sandbox.journal import Entry, Journal
from sandbox.replies import BODY_TYPES, Delivery, Reply, error_body, retry_after, told


@dataclass(slots=True)
class Arrivals:
    """How one caller's requests came in; `early` counts those before an announced Retry-After had passed."""

    requests: int = 0
    throttled: int = 0
    early: int = 0
    in_flight: int = 0
    in_flight_max: int = 0
    window_max: int = 0
    not_before: float = 0.0

    def arrive(self, now: float) -> bool:
        """Count a request that has arrived; say whether it came too early."""
        self.requests += 1
        self.in_flight += 1
        self.in_flight_max = max(self.in_flight_max, self.in_flight)
        early = now < self.not_before
        self.early += early
        return early

    def leave(self) -> None:
        """Count a request that is answered."""
        self.in_flight -= 1


@dataclass(frozen=True, slots=True)
class Porter:
    """Enters the requests of one simulated system into the journal."""

    journal: Journal
    part: str
    kept: Iterable[str]
    """Names of headers that the journal keeps, in lower case."""

    def enter(self, call: Call, principal: str, now: float) -> Entry:
        """Return the new entry of a call."""
        time = wire_time(round(now * MICROS))
        entry = Entry(call.number, self.part, call.method, call.path, call.query, time, principal)
        entry.headers = {name: call.headers[name] for name in self.kept if name in call.headers}
        self.journal.entries.append(entry)
        return entry


async def intercepted(fault: Fault | None, entry: Entry, planned: Callable[[Fault], Reply]) -> Reply | None:
    """Note a fault and wait as it says; return the reply that takes the answer's place, None when there is none."""
    if fault is None:
        return None
    entry.fault = fault.effect
    if fault.delay:
        await asyncio.sleep(fault.delay)
    if fault.effect is Effect.RESET:
        return Reply(0, delivery=Delivery.RESET)
    return planned(fault) if fault.effect is Effect.STATUS else None


def planned_reply(fault: Fault, now: float) -> Reply:
    """Return what a fault of Microsoft's systems answers."""
    body = error_body(fault.body, fault.code, fault.message) if fault.text is None else fault.text.encode()
    content_type = BODY_TYPES.get(fault.body, "") if fault.content_type is None else fault.content_type
    reply = Reply(fault.status, body, content_type, fault.headers)
    if fault.retry_after is None:
        return reply
    return told(reply, retry_after(fault.retry_form, fault.retry_after, now))
