"""The sender of webhooks: one more try after 502, 503 and 504, and a system job that tells how it went."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sandbox.clock import MICROS, wire_time
from sandbox.courier import Courier
from sandbox.dataverse.home import Change, Home
from sandbox.dataverse.store import Row
from sandbox.dataverse.webhooks import Post, posts_of
from sandbox.faults import Effect, FaultPlan

_AGAIN = frozenset({502, 503, 504})
_GLANCE = 0.01
_KEPT = 10_000
_WAITING, _SUCCEEDED, _FAILED = (0, 0), (3, 30), (3, 31)


@dataclass(slots=True)
class Postman:
    """Sends what changes call for."""

    home: Home
    faults: FaultPlan
    courier: Courier
    sent: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _waiting: list[Post] = field(default_factory=list)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def move(self, home: Home) -> None:
        """Work for another state of the organization, and forget what waits."""
        self.home = home
        self._waiting.clear()
        self.sent.clear()

    def told(self, changes: list[Change]) -> None:
        """Note changes that were committed."""
        posts = [post for change in changes for post in posts_of(self.home, change)]
        for post in posts:
            self._job(post, _WAITING)
        self._waiting += posts
        if posts:
            self._wake.set()

    async def glance(self) -> None:
        """Wait until something is to be sent, and send it."""
        await self._wake.wait()
        await asyncio.sleep(_GLANCE)
        self._wake.clear()
        posts, self._waiting = self._waiting, []
        planned = [(post, self.faults.due("webhook", urlsplit(post.url).path, "")) for post in posts]
        if any(fault and fault.effect is Effect.REVERSE for _, fault in planned):
            planned.reverse()
        for post, fault in planned:
            effect, delay = (fault.effect, fault.delay) if fault else (None, 0.0)
            task = asyncio.create_task(self._send(post, effect, delay))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(_GLANCE if fault and fault.effect is Effect.REVERSE else 0)

    async def _send(self, post: Post, effect: Effect | None, delay: float) -> None:
        if delay:
            await asyncio.sleep(delay)
        if effect is Effect.LOSE:
            self._note(post, 0, 0, str(effect))
            return
        for _ in range(2 if effect is Effect.TWICE else 1):
            status = await self._tried(post, str(effect or ""))
        self._job(post, _SUCCEEDED if status in range(200, 300) else _FAILED)

    async def _tried(self, post: Post, effect: str) -> int:
        status = 0
        for attempt in (1, 2):
            seconds = self.home.switches().webhook_seconds
            heard = await self.courier.carry("POST", post.url, seconds=seconds, body=post.body, headers=post.headers)
            status = heard.status if heard else 0
            self._note(post, status, attempt, effect)
            if status not in _AGAIN:
                break
        return status

    def _job(self, post: Post, goal: tuple[int, int]) -> None:
        jobs, name = self.home.store.table("asyncoperation"), f"{post.change.operation} of {post.change.table}"
        step = self.home.store.get("sdkmessageprocessingstep", post.step)
        if goal == _SUCCEEDED and step and step.values.get("asyncautodelete"):
            jobs.pop(post.operation, None)
            return
        now = self.home.now()
        before = jobs[post.operation].values if post.operation in jobs else {"createdon": now}
        facts = {"name": name, "messagename": post.change.operation, "primaryentitytype": post.change.table}
        values = {**before, **facts, "operationtype": 1, "statecode": goal[0], "statuscode": goal[1], "modifiedon": now}
        jobs[post.operation] = Row(post.operation, self.home.store.next_version(), values)

    def _note(self, post: Post, status: int, attempt: int, effect: str) -> None:
        self.sent.append(
            {
                "time": wire_time(round(self.home.clock.now() * MICROS)),
                "status": status,
                "attempt": attempt,
                "fault": effect,
                "message": post.change.operation,
                "table": post.change.table,
                "id": post.change.id,
                "bytes": len(post.body),
            }
        )
