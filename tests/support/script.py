"""Drives one workflow by hand: the test says what each step answers, and sees what the workflow asked for."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(eq=False, slots=True)
class Asked:
    """One thing that a workflow asked of its host: `name` is a step's, a child's, or `sleep`."""

    name: str
    payload: Any
    answer: Any = None

    def get_result(self) -> Any:
        return self.answer


class FirstOf(list[Asked]):
    """Things of which a workflow waits for the first that is done."""


type Answer = Callable[[Any], Any] | Sequence[Any]
"""What a step answers: a function of its payload, or a list whose last answer repeats."""


@dataclass(slots=True)
class Script:
    """A host whose steps answer what they are told to."""

    answers: Mapping[str, Answer]
    asked: list[Asked] = field(default_factory=list)
    waves: list[int] = field(default_factory=list)
    """How many tasks were waited for together, each time."""
    renewed: Any = None
    """What the workflow continued as new with."""

    def call_activity(self, name: str, payload: Any) -> Any:
        return Asked(name, payload)

    def call_sub_orchestrator(self, name: str, payload: Any) -> Any:
        return Asked(name, payload)

    def sleep(self, span: timedelta) -> Any:
        return Asked("sleep", span.total_seconds())

    def when_all(self, tasks: Sequence[Any]) -> Any:
        return list(tasks)

    def when_any(self, tasks: Sequence[Any]) -> Any:
        return FirstOf(tasks)

    def continue_as_new(self, payload: Any) -> None:
        self.renewed = payload

    def carry(self, workflow: Callable[..., Generator[Any, Any, Any]], job: dict[str, Any]) -> Any:
        """Drive the workflow to its end, and return what it returned."""
        steps = workflow(self, job)
        answer: Any = None
        try:
            while True:
                answer = self._perform(steps.send(answer))
        except StopIteration as end:
            return end.value

    def payloads(self, name: str) -> list[Any]:
        """Return what was asked under this name, in order."""
        return [each.payload for each in self.asked if each.name == name]

    def _perform(self, task: Any) -> Any:
        if isinstance(task, FirstOf):
            self.waves.append(len(task))
            task[0].answer = self._perform(task[0])
            return task[0]
        if not isinstance(task, Asked):
            self.waves.append(len(task))
            return [self._perform(each) for each in task]
        self.asked.append(task)
        if task.name == "sleep":
            return None
        answer = self.answers[task.name]
        if callable(answer):
            return answer(task.payload)
        return answer[min(len(self.payloads(task.name)), len(answer)) - 1]
