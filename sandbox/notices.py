"""The sender of change notices: late, in batches, again when nobody answers, and never again after a wrong answer."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import uuid4

import orjson

from sandbox.clock import MICROS, Clock, wire_time
from sandbox.courier import Courier
from sandbox.faults import Effect, Fault, FaultPlan
from sandbox.subscriptions import Subscription, Subscriptions
from sandbox.switches import Switches
from sandbox.world import Environment

type ChangeType = Literal["created", "updated", "deleted", "collection"]

RETRY_SECONDS = (60.0, 60.0, 600.0, 6000.0, 60_000.0)
"""Pauses after each failed attempt; after one more failure the subscription is deleted."""

_AGAIN = frozenset({408, 429})
_SECONDS = 30.0
_GLANCE = 0.02
_EARLIER = 50_000
_KEPT = 10_000
_LEADS = {"absent": "", "present": "/", "absolute": "https://api.businesscentral.dynamics.com/v2.0/"}


@dataclass(frozen=True, slots=True)
class Event:
    """One row of one table that was changed; `at` in microseconds."""

    environment: Environment
    company: str
    table: str
    row_id: str
    change: ChangeType
    at: int


@dataclass(slots=True)
class _Box:
    """What waits for one address."""

    waiting: dict[tuple[str, str, str], Event] = field(default_factory=dict)
    due: float | None = None
    failures: int = 0


class Sender:
    """Sends notices of changes to the addresses of the living subscriptions."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        clock: Clock,
        switches: Callable[[], Switches],
        faults: FaultPlan,
        courier: Courier,
    ) -> None:
        self._subscriptions = subscriptions
        self._clock = clock
        self._switches = switches
        self._faults = faults
        self._courier = courier
        self._boxes: dict[str, _Box] = {}
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.sent: deque[dict[str, Any]] = deque(maxlen=_KEPT)

    def clear(self) -> None:
        """Forget what waits and what was sent."""
        self._boxes.clear()
        self.sent.clear()

    def changed(self, event: Event) -> None:
        """Note a change for every subscription that is about it; the last of several updates of a row counts."""
        for each in self._subscriptions.living():
            if (each.environment, each.company, each.table) != (event.environment, event.company, event.table):
                continue
            box = self._boxes.setdefault(each.url, _Box())
            box.waiting[each.id, event.row_id, event.change] = event
            if box.due is None:
                box.due = self._clock.now() + self._switches().notice_seconds
                self._wake.set()

    async def run(self) -> None:
        """Send what is due, until cancelled."""
        while True:
            if all(box.due is None for box in self._boxes.values()):
                self._wake.clear()
                await self._wake.wait()
            for url in [url for url, box in self._boxes.items() if _is_due(box, self._clock.now())]:
                box = self._boxes[url]
                events, box.waiting, box.due = box.waiting, {}, None
                task = asyncio.create_task(self._send(url, box, events))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(_GLANCE)

    async def _send(self, url: str, box: _Box, events: dict[tuple[str, str, str], Event]) -> None:
        notices = self._written(url, events)
        if not notices:
            return
        fault = self._faults.due("notice", urlsplit(url).path, "")
        for _ in range(2 if fault and fault.effect is Effect.TWICE else 1):
            status = await self._posted(url, notices, fault)
        self._note(notices, status, box.failures, fault)
        if status in range(200, 300):
            box.failures = 0
        elif status in _AGAIN or status not in range(100, 500):
            self._put_off(url, box, events)
        else:
            self._give_up(url)

    async def _posted(self, url: str, notices: list[dict[str, Any]], fault: Fault | None) -> int:
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault and fault.effect is Effect.LOSE:
            return 200
        told = notices[::-1] if fault and fault.effect is Effect.REVERSE else notices
        identity = str(uuid4())
        headers = {"Content-Type": "application/json", "clientRequestId": identity, "x-ms-correlation-id": identity}
        body = orjson.dumps({"value": told})
        heard = await self._courier.carry("POST", url, seconds=_SECONDS, body=body, headers=headers)
        return 0 if heard is None else heard.status

    def _put_off(self, url: str, box: _Box, events: dict[tuple[str, str, str], Event]) -> None:
        if box.failures >= len(RETRY_SECONDS):
            self._give_up(url)
            return
        box.waiting = {**events, **box.waiting}
        box.due = self._clock.now() + RETRY_SECONDS[box.failures]
        box.failures += 1
        self._wake.set()

    def _give_up(self, url: str) -> None:
        self._boxes.pop(url, None)
        self._subscriptions.remove(lambda each: each.url == url)

    def _written(self, url: str, events: dict[tuple[str, str, str], Event]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for each in self._subscriptions.living():
            mine = [event for (subscription, _, _), event in events.items() if subscription == each.id]
            if each.url != url or not mine:
                continue
            if len(mine) > self._switches().notice_limit:
                found.append(self._notice(each, "collection", _filter(mine), mine[-1].at))
            else:
                found += [self._notice(each, event.change, f"({event.row_id})", event.at) for event in mine]
        return found

    def _notice(self, subscription: Subscription, change: ChangeType, tail: str, at: int) -> dict[str, Any]:
        lead = _LEADS[self._switches().notice_resource]
        path = f"api/{subscription.route}/companies({subscription.company})/{subscription.set}"
        return {
            "subscriptionId": subscription.id,
            "clientState": subscription.state,
            "expirationDateTime": wire_time(round(subscription.expires) * MICROS),
            "resource": f"{lead}{path}{tail}",
            "changeType": change,
            "lastModifiedDateTime": wire_time(at),
        }

    def _note(self, notices: list[dict[str, Any]], status: int, failures: int, fault: Fault | None) -> None:
        self.sent.append(
            {
                "time": wire_time(round(self._clock.now() * MICROS)),
                "status": status,
                "attempt": failures + 1,
                "fault": fault.effect if fault else "",
                "notices": [
                    {name: each[name] for name in ("subscriptionId", "changeType", "resource")} for each in notices
                ],
            }
        )


def _is_due(box: _Box, now: float) -> bool:
    return box.due is not None and box.due <= now


def _filter(events: list[Event]) -> str:
    """Return the filter of a collection; there is none when something was deleted."""
    if any(event.change == "deleted" for event in events):
        return ""
    first = min(event.at for event in events) - _EARLIER
    return f"?$filter=lastModifiedDateTime%20gt%20{wire_time(first)}"
