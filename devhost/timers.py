"""Timer triggers: each runs on its schedule, never two runs at once."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from devhost.ncrontab import Schedule, parse_schedule
from devhost.settings import StartError, resolve
from devhost.worker import Datum, Function, FunctionError, datum

logger = logging.getLogger("devhost.timers")


class Invoke(Protocol):
    """How a timer runs its function."""

    async def __call__(self, function: Function, trigger: Datum, /) -> object:
        """Run it to its end."""
        ...


@dataclass(frozen=True, slots=True)
class Clock:
    """The time and how to wait, in seconds."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep


class Timers:
    """The timers of an app; a run that outlasts its interval is followed at once by a single one."""

    def __init__(self, functions: list[Function], invoke: Invoke, clock: Clock | None = None) -> None:
        self._invoke = invoke
        self._clock = clock or Clock()
        self._schedules = [(function, _schedule(function)) for function in functions]
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to wait for every timer's next time."""
        self._tasks = [asyncio.create_task(self.run(*timer)) for timer in self._schedules]

    async def close(self) -> None:
        """Stop every timer."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def run(self, function: Function, schedule: Schedule) -> None:
        """Run one timer until it is cancelled."""
        is_monitored = function.trigger.get("useMonitor") is not False and schedule.is_monitored
        last, due = None, schedule.after(self._clock.now())
        is_startup = bool(function.trigger.get("runOnStartup"))
        while True:
            if not is_startup:
                await self._clock.wait(max(0.0, (due - self._clock.now()).total_seconds()))
            started = self._clock.now()
            status = (last or started, due) if is_monitored else None
            await self._fire(function, status)
            # The next time counts from this run's start, so that an overrun is made up for once;
            # a wait that ends a little early must not fire twice.
            due = schedule.after(started if is_startup else max(started, due))
            last, is_startup = started, False

    async def _fire(self, function: Function, status: tuple[datetime, datetime] | None) -> None:
        logger.info("timer %s fires", function.name)
        try:
            await self._invoke(function, datum(timer_info(status), "json"))
        except FunctionError:
            logger.info("timer %s failed; it fires again at its next time", function.name)


def timer_info(status: tuple[datetime, datetime] | None) -> str:
    """Return the trigger's JSON; status is the last and next time of a monitored timer."""
    kept = None
    if status is not None:
        last, following = (moment.isoformat() for moment in status)
        kept = {"Last": last, "Next": following, "LastUpdated": last}
    return json.dumps({"Schedule": {"AdjustForDST": True}, "ScheduleStatus": kept, "IsPastDue": False})


def _schedule(function: Function) -> Schedule:
    try:
        return parse_schedule(resolve(function.trigger["schedule"]))
    except ValueError as error:
        raise StartError(f"timer {function.name}: {error}") from error
