"""The sender of notices: thin, signed, ten attempts, and only 200 ends them."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any, Literal
from urllib.parse import urlsplit

import orjson

from sandbox.clock import MICROS, Clock, wire_time
from sandbox.courier import Courier
from sandbox.faults import Effect, Fault, FaultPlan
from sandbox.oneflow.doing import Doing
from sandbox.oneflow.model import Contract, Event, Webhook
from sandbox.oneflow.switches import OneflowSwitches
from sandbox.oneflow.webhooks import wants

RETRY_SECONDS = (1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0)
"""Pauses after each failed attempt; after the tenth the notice is given up, the webhook stays."""

type Order = Literal["kept", "reversed"]

_GOOD = 200
_GLANCE = 0.02
_KEPT = 10_000
_CONTENT = ("data_field:", "contract:content_update", "contract:signature_reset", "participant:", "party:", "product:")


@dataclass(slots=True, eq=False)
class Delivery:
    """One notice on its way; the body is the same in every attempt."""

    webhook: Webhook
    number: int
    contract: int
    events: list[Event]
    body: dict[str, Any]
    due: float
    attempts: int = 0

    @property
    def callback_id(self) -> str:
        """What all attempts have in common."""
        return str(self.body["callback_id"])


class Sender:
    """Sends what happened to the webhooks that want to hear of it."""

    def __init__(
        self, clock: Clock, switches: Callable[[], OneflowSwitches], faults: FaultPlan, courier: Courier
    ) -> None:
        self._clock = clock
        self._switches = switches
        self._faults = faults
        self._courier = courier
        self._waiting: list[Delivery] = []
        self._held = False
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.sent: deque[dict[str, Any]] = deque(maxlen=_KEPT)

    def clear(self) -> None:
        """Forget what waits and what was sent."""
        self._waiting.clear()
        self._held = False
        self.sent.clear()

    def hold(self) -> None:
        """Keep notices back until they are released."""
        self._held = True

    def release(self, order: Order) -> int:
        """Send what was kept back, in its order or the other way round; return how many."""
        self._held = False
        if order == "reversed":
            self._waiting.reverse()
        return len(self._waiting)

    def pending(self) -> list[dict[str, Any]]:
        """Return what waits, with the attempts made so far."""
        return [{**_told(each), "attempts": each.attempts} for each in self._waiting]

    def tell(self, doing: Doing) -> None:
        """Make notices of what happened, for every webhook of the account."""
        heard = [(contract, event) for contract, event in doing.happened if self._is_heard(contract, event, doing)]
        for webhook in doing.account.webhooks.values():
            for contract in {each.id: each for each, _ in heard}.values():
                mine = [event for each, event in heard if each is contract and wants(webhook, contract, event)]
                together = self._switches().notice_events == "together"
                for events in [mine] if together and mine else [[event] for event in mine]:
                    number = doing.numbers.next("callback")
                    body = self._notice(webhook, number, contract, events)
                    self._waiting.append(Delivery(webhook, number, contract.id, events, body, self._clock.now()))
                    self._wake.set()

    async def run(self, registered: Callable[[Webhook], bool]) -> None:
        """Send what is due, until cancelled; `registered` tells whether a webhook still exists."""
        while True:
            if not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            now = self._clock.now()
            due = [] if self._held else [each for each in self._waiting if each.due <= now]
            self._waiting = [each for each in self._waiting if each not in due]
            batch = [each for each in due if registered(each.webhook)]
            if batch:
                task = asyncio.create_task(self._send(batch))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(_GLANCE)

    def _is_heard(self, contract: Contract, event: Event, doing: Doing) -> bool:
        switches = self._switches()
        if contract.published is None and switches.draft_events == "silent":
            return False
        return not (doing.by_api and switches.echo == "absent" and event.type.startswith(_CONTENT))

    def _notice(self, webhook: Webhook, number: int, contract: Contract, events: list[Event]) -> dict[str, Any]:
        callback_id = sha1(f"callback {number}".encode(), usedforsecurity=False).hexdigest()
        told = [{"created_time": _time(each.created), "id": each.id, "type": each.type} for each in events]
        body: dict[str, Any] = {"contract": {"id": contract.id}, "callback_id": callback_id, "events": told}
        unsigned = self._switches().unsigned
        if webhook.sign_key or unsigned == "hash":
            signed = f"{callback_id}{webhook.sign_key or ''}".encode()
            body["signature"] = sha1(signed, usedforsecurity=False).hexdigest()
        elif unsigned == "empty":
            body["signature"] = ""
        return body

    async def _send(self, batch: list[Delivery]) -> None:
        for each in batch:
            fault = self._faults.due("oneflow-notice", urlsplit(each.webhook.callback_url).path, "")
            if fault and fault.delay:
                await asyncio.sleep(fault.delay)
            each.attempts += 1
            for _ in range(2 if fault and fault.effect is Effect.TWICE else 1):
                status = await self._posted(each, fault)
            self._note(each, status, fault)
            lost = fault is not None and fault.effect is Effect.LOSE
            if status != _GOOD and not lost and each.attempts <= len(RETRY_SECONDS):
                wait = RETRY_SECONDS[each.attempts - 1] * self._switches().retry_scale
                each.due = self._clock.now() + wait
                self._waiting.append(each)
                self._wake.set()

    async def _posted(self, delivery: Delivery, fault: Fault | None) -> int:
        if fault and fault.effect is Effect.LOSE:
            return 0
        body = delivery.body
        if fault and fault.effect is Effect.REVERSE:
            body = {**body, "events": body["events"][::-1]}
        heard = await self._courier.carry(
            "POST",
            delivery.webhook.callback_url,
            seconds=self._switches().notice_timeout,
            body=orjson.dumps(body),
            headers={"Content-Type": "application/json"},
        )
        return 0 if heard is None else heard.status

    def _note(self, delivery: Delivery, status: int, fault: Fault | None) -> None:
        self.sent.append(
            {
                "time": wire_time(round(self._clock.now() * MICROS)),
                **_told(delivery),
                "attempt": delivery.attempts,
                "status": status,
                "fault": fault.effect if fault else "",
            }
        )


def _told(delivery: Delivery) -> dict[str, Any]:
    return {
        "webhook": delivery.webhook.id,
        "callback_id": delivery.callback_id,
        "contract": delivery.contract,
        "events": [each.type for each in delivery.events],
    }


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}+0000"
