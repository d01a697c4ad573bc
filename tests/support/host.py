"""Runs workflows step by step in one thread, and dies where it is told to."""

import asyncio
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from sync.codec import from_wire, to_wire
from sync.model.run import Run
from sync.orchestrators import read_entity, sync_run, write_entity
from sync.services.desk import Desk, Job, Step
from sync.services.finishing import finish_run
from sync.services.steps import take
from tests.support.company import VirtualClock


class Crash(BaseException):
    """The process was killed: nothing catches it."""


_CHILDREN = {each.__name__: each for each in (read_entity, write_entity)}


@dataclass(eq=False, slots=True)
class _Activity:
    name: str
    payload: Any
    result: Any = None

    def get_result(self) -> Any:
        return self.result


@dataclass(frozen=True, slots=True)
class _Child:
    workflow: Callable[..., Generator[Any, Any, Any]]
    payload: Any


@dataclass(frozen=True, slots=True)
class _Sleep:
    seconds: float


@dataclass(frozen=True, slots=True)
class _All:
    tasks: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _First:
    tasks: tuple[Any, ...]


class _Again(Exception):  # noqa: N818 - a signal, not an error
    def __init__(self, payload: Any) -> None:
        super().__init__("continue as new")
        self.payload = payload


class StepContext:
    """The durable runtime's part, as the workflow sees it."""

    def call_activity(self, name: str, payload: Any) -> Any:
        return _Activity(name, payload)

    def call_sub_orchestrator(self, name: str, payload: Any) -> Any:
        return _Child(_CHILDREN[name], payload)

    def sleep(self, span: timedelta) -> Any:
        return _Sleep(span.total_seconds())

    def when_all(self, tasks: Sequence[Any]) -> Any:
        return _All(tuple(tasks))

    def when_any(self, tasks: Sequence[Any]) -> Any:
        return _First(tuple(tasks))

    def continue_as_new(self, payload: Any) -> None:
        raise _Again(payload)


@dataclass(slots=True)
class StepHost:
    """A host that carries one workflow at a time; `around` stands between it and each activity."""

    desk: Desk
    clock: VirtualClock
    around: Callable[[Callable[[], Any]], Any] = lambda body: body()
    end: Callable[[Desk, Job, list[Step]], Step] = finish_run
    waiting: list[dict[str, Any]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    async def start(self, run: Run, *, delay: timedelta) -> None:
        self.waiting.append(
            {"integrationId": run.integration_id, "runId": run.id, "delay": delay.total_seconds()},
        )

    async def alive(self, integration_id: str) -> bool:
        return any(job["integrationId"] == integration_id for job in self.waiting)

    async def wait(self, integration_id: str, *, seconds: float) -> bool:
        return not await self.alive(integration_id)

    def work(self) -> None:
        """Carry everything that waits to its end; a Crash leaves nothing of it behind."""
        while self.waiting:
            job = self.waiting[0]
            try:
                self._drive(sync_run, job)
            finally:
                self.waiting.clear()

    def _drive(self, workflow: Callable[..., Generator[Any, Any, Any]], payload: Any) -> Any:
        while True:
            steps = workflow(StepContext(), payload)
            answer = None
            try:
                while True:
                    answer = self._perform(steps.send(answer))
            except StopIteration as end:
                return end.value
            except _Again as again:
                payload = again.payload

    def _perform(self, task: Any) -> Any:
        match task:
            case _Sleep(seconds):
                self.slept.append(seconds)
                return self.clock.pass_by(seconds)
            case _All(tasks):
                return [self._perform(each) for each in tasks]
            case _First(tasks):
                tasks[0].result = self._perform(tasks[0])
                return tasks[0]
            case _Child(workflow, payload):
                return self._drive(workflow, payload)
            case _Activity(name, payload):
                self.calls.append(name)
                return self.around(lambda: self._activity(name, payload))
        raise AssertionError(f"not a task: {task!r}")

    def _activity(self, name: str, payload: Any) -> Any:
        if name == "finish_run":
            steps = [from_wire(Step, step) for step in payload["steps"]]
            return to_wire(self.end(self.desk, from_wire(Job, payload["job"]), steps))
        return to_wire(take(self.desk, name, from_wire(Job, payload)))


class _Loop(asyncio.SelectorEventLoop):
    """A loop that does at once, in its own thread, what it is asked to do in another."""

    def run_in_executor[*Ts, R](
        self, executor: Executor | None, func: Callable[[*Ts], R], *args: *Ts
    ) -> asyncio.Future[R]:
        done: asyncio.Future[R] = self.create_future()
        try:
            done.set_result(func(*args))
        except BaseException as error:  # noqa: BLE001 - as a thread would, it hands on whatever comes
            done.set_exception(error)
        return done


def settle(coroutine: Any) -> Any:
    """Run a coroutine of a service to its end, without any other thread."""
    return _loop().run_until_complete(coroutine)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return _Loop()
