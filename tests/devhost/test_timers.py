"""Timer triggers on a clock of their own."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from devhost.settings import StartError
from devhost.timers import Clock, Timers
from devhost.worker import Datum, Function, FunctionError

NOON = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)


class EndError(Exception):
    pass


@dataclass
class Scene:
    """Runs take their lengths in turn; the scene ends with the last."""

    lengths: list[float]
    moment: datetime = NOON
    early: float = 0.0
    fired: list[str] = field(default_factory=list)
    infos: list[Any] = field(default_factory=list)
    running: int = 0

    def now(self) -> datetime:
        return self.moment

    async def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=max(0.0, seconds - self.early))

    async def invoke(self, _function: Function, trigger: Datum, /) -> None:
        if not self.lengths:
            raise EndError
        self.fired.append(self.moment.strftime("%H:%M:%S"))
        self.infos.append(json.loads(trigger.value))
        self.moment += timedelta(seconds=self.lengths.pop(0))
        if self.moment.second == 13:
            raise FunctionError("ValueError", "thirteen")

    def play(self, **trigger: Any) -> list[str]:
        binding = {"name": "timer", "type": "timerTrigger", "schedule": "0 * * * * *", "direction": "IN", **trigger}
        timers = Timers([Function("tick", "tick", (binding,))], self.invoke, Clock(self.now, self.wait))
        with pytest.raises(EndError):
            asyncio.run(timers.run(*timers._schedules[0]))
        return self.fired


def test_a_timer_fires_at_its_times() -> None:
    assert Scene([1, 1, 1]).play() == ["12:01:00", "12:02:00", "12:03:00"]


def test_an_overrun_is_made_up_for_once_and_at_once() -> None:
    assert Scene([200, 1, 1]).play() == ["12:01:00", "12:04:20", "12:05:00"]


def test_a_wait_that_ends_early_does_not_fire_twice() -> None:
    assert Scene([0, 0], early=0.001).play() == ["12:00:59", "12:01:59"]


def test_a_failure_does_not_stop_the_timer() -> None:
    assert Scene([13, 1]).play() == ["12:01:00", "12:02:00"]


def test_a_timer_with_run_on_startup_fires_first_at_once() -> None:
    assert Scene([1, 1], moment=NOON + timedelta(seconds=30)).play(runOnStartup=True) == ["12:00:30", "12:01:00"]


def test_a_monitored_timer_is_told_its_last_and_next_time() -> None:
    scene = Scene([1, 1])
    scene.play()
    status = scene.infos[1]["ScheduleStatus"]
    assert (status["Last"], status["Next"]) == ("2026-01-31T12:01:00+00:00", "2026-01-31T12:02:00+00:00")


def test_a_timer_that_is_not_monitored_is_told_nothing() -> None:
    scene = Scene([1])
    scene.play(useMonitor=False)
    assert scene.infos[0]["ScheduleStatus"] is None


def test_a_schedule_may_be_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICK", "30 * * * * *")
    assert Scene([1]).play(schedule="%TICK%") == ["12:00:30"]


@pytest.mark.parametrize(("schedule", "message"), [("%NO_TICK%", "'NO_TICK'"), ("soon", "timer tick: schedule 'soon'")])
def test_a_bad_schedule_is_a_start_error(schedule: str, message: str) -> None:
    with pytest.raises(StartError, match=message):
        Scene([1]).play(schedule=schedule)
