"""The durable runtime: starting, watching and carrying workflows."""

import asyncio
import json
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import grpc  # type: ignore[import-untyped]  # the package ships no types
import pytest
from durabletask.client import OrchestrationStatus
from durabletask.task import CompletableTask, WhenAllTask, WhenAnyTask

from sync.model.run import Run, RunKind, RunStatus
from sync.services import steps
from sync.services.runs import SyncOrder, admit
from sync.triggers import durable, syncing, timers
from sync.triggers.durable import DurableContext, DurableLauncher, take_step
from tests.support.desks import connected
from tests.triggers.kit import Office

ZERO = timedelta(0)


@dataclass(slots=True)
class State:
    """What the runtime tells about a workflow."""

    runtime_status: OrchestrationStatus
    serialized_input: str | None = None


class RpcError(grpc.aio.AioRpcError):  # type: ignore[misc]  # its base has no types
    """An error of the runtime's channel."""

    def __init__(self, code: grpc.StatusCode) -> None:
        super().__init__(code, grpc.aio.Metadata(), grpc.aio.Metadata())


@dataclass(slots=True)
class Client:
    """A durable client that refuses as often as it is told, and remembers what it was asked for."""

    refusals: list[Exception] = field(default_factory=list)
    state: State | None = None
    end: Exception | None = None
    started: list[dict[str, Any]] = field(default_factory=list)

    async def schedule_new_orchestration(self, name: str, **given: Any) -> str:
        if self.refusals:
            raise self.refusals.pop(0)
        self.started.append({"name": name, **given})
        return str(given["instance_id"])

    async def get_orchestration_state(self, instance_id: str, *, fetch_payloads: bool = True) -> State | None:
        return self.state

    async def wait_for_orchestration_completion(
        self,
        instance_id: str,
        *,
        fetch_payloads: bool,
        timeout: float,  # noqa: ASYNC109 - the runtime's own name
    ) -> State | None:
        if self.end is not None:
            raise self.end
        return self.state


BUSY = RpcError(grpc.StatusCode.ALREADY_EXISTS)


@pytest.fixture
def run(office: Office) -> Run:
    return admit(office.desk, connected(office.desk), SyncOrder(RunKind.FULL))


def _launcher(client: Client) -> DurableLauncher:
    return DurableLauncher(client)  # type: ignore[arg-type]  # stands in for the real one


def test_a_workflow_is_started_under_its_integrations_name(run: Run) -> None:
    client = Client()
    asyncio.run(_launcher(client).start(run, delay=timedelta(seconds=5)))
    assert [(each["name"], each["instance_id"]) for each in client.started] == [
        ("sync_run", f"sync-{run.integration_id}")
    ]
    assert (client.started[0]["input"]["runId"], client.started[0]["input"]["delay"]) == (run.id, 5.0)


def test_contracts_are_compared_by_one_workflow_of_each_integration() -> None:
    client = Client([BUSY])
    assert [asyncio.run(_launcher(client).compare("int_1")) for _ in range(2)] == [False, True]
    assert client.started == [
        {"name": "compare_contracts", "input": {"integrationId": "int_1"}, "instance_id": "contracts-int_1"}
    ]


def test_a_workflow_that_carries_the_run_already_is_left_alone(run: Run) -> None:
    client = Client([BUSY], State(OrchestrationStatus.RUNNING, json.dumps({"runId": run.id})))
    asyncio.run(_launcher(client).start(run, delay=ZERO))
    assert client.started == []


@pytest.mark.parametrize("told", [None, "null", "[]", '{"runId": "run_0"}'])
def test_a_workflow_that_is_about_to_end_makes_way(run: Run, told: str | None) -> None:
    client = Client([BUSY], State(OrchestrationStatus.RUNNING, told))
    asyncio.run(_launcher(client).start(run, delay=ZERO))
    assert len(client.started) == 1


def test_a_workflow_that_does_not_end_is_left_alone(run: Run) -> None:
    client = Client([BUSY], None, TimeoutError())
    asyncio.run(_launcher(client).start(run, delay=ZERO))
    assert client.started == []


def test_a_runtime_that_does_not_answer_is_an_error(run: Run) -> None:
    client = Client([RpcError(grpc.StatusCode.UNAVAILABLE)])
    with pytest.raises(grpc.aio.AioRpcError):
        asyncio.run(_launcher(client).start(run, delay=ZERO))


@pytest.mark.parametrize(
    ("state", "alive"),
    [
        (None, False),
        (State(OrchestrationStatus.COMPLETED), False),
        (State(OrchestrationStatus.FAILED), False),
        (State(OrchestrationStatus.PENDING), True),
        (State(OrchestrationStatus.RUNNING), True),
        (State(OrchestrationStatus.SUSPENDED), True),
        (State(OrchestrationStatus.CONTINUED_AS_NEW), True),
    ],
)
def test_a_workflow_is_alive_until_it_has_ended(state: State | None, *, alive: bool) -> None:
    assert asyncio.run(_launcher(Client(state=state)).alive("int_1")) is alive


@pytest.mark.parametrize(
    ("end", "ended"), [(None, True), (TimeoutError(), False), (RpcError(grpc.StatusCode.UNAVAILABLE), False)]
)
def test_waiting_tells_whether_the_workflow_has_ended(end: Exception | None, *, ended: bool) -> None:
    assert asyncio.run(_launcher(Client(end=end)).wait("int_1", seconds=1)) is ended


def test_a_step_is_taken_from_and_to_plain_data(office: Office, run: Run) -> None:
    step = take_step(office.desk, "open_run", {"integrationId": run.integration_id, "runId": run.id, "delay": 0})
    assert (step["state"], step["entities"]) == ("more", ["suppliers", "products"])


def test_an_unexpected_error_fails_the_run_and_is_logged(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    step = take_step(office.desk, "no_such_step", {"integrationId": "i", "runId": "r"})
    assert (step["state"], step["failure"]["code"]) == ("failed", "INTERNAL_ERROR")
    assert [entry.levelno for entry in caplog.records] == [logging.ERROR]


@dataclass(slots=True)
class Runtime:
    """Remembers what a workflow asks of the durable runtime."""

    asked: list[Any] = field(default_factory=list)

    def call_activity(self, name: str, *, input: Any) -> str:  # noqa: A002 - the runtime's own name
        self.asked.append(("activity", name, input))
        return "task"

    def call_sub_orchestrator(self, name: str, *, input: Any) -> str:  # noqa: A002 - the runtime's own name
        self.asked.append(("child", name, input))
        return "task"

    def create_timer(self, span: timedelta) -> str:
        self.asked.append(("timer", span))
        return "task"

    def continue_as_new(self, payload: Any) -> None:
        self.asked.append(("again", payload))


def test_a_workflow_asks_the_runtime_in_its_own_words() -> None:
    runtime = Runtime()
    context = DurableContext(runtime)  # type: ignore[arg-type]  # stands in for the real one
    context.call_activity("a", 1)
    context.call_sub_orchestrator("b", 2)
    context.sleep(ZERO)
    context.continue_as_new(3)
    assert isinstance(context.when_all([CompletableTask[int]()]), WhenAllTask)
    assert isinstance(context.when_any([CompletableTask[int]()]), WhenAnyTask)
    assert runtime.asked == [("activity", "a", 1), ("child", "b", 2), ("timer", ZERO), ("again", 3)]


def test_every_function_is_registered_once_under_its_name(office: Office) -> None:
    app = durable.application()
    for blueprint in (
        syncing.routes(lambda: office.hub),
        durable.workflow(lambda: office.hub),
        timers.timers(lambda: office.hub, delta="0 * * * * *", sweep_every="0 * * * * *", cleaning="0 0 3 * * *"),
    ):
        app.register_functions(blueprint)
    names = [str(function.get_function_name()) for function in app.get_functions()]
    ours = {name for name in names if not name.startswith("BuiltIn")}
    assert ours == {
        *(
            "sync_integration",
            "retry_run",
            "retry_supplier",
            "retry_product",
            "approve_run",
            "apply_plan",
            "sync_run",
            "read_entity",
            "write_entity",
            "finish_run",
            *steps.NAMES,
        ),
        *("start_due_syncs", "sweep_runs", "clean_history"),
    }


def test_the_registered_steps_carry_a_run_to_its_end(office: Office, run: Run) -> None:
    call = _functions(office)
    job = {"integrationId": run.integration_id, "runId": run.id}
    opened = call["open_run"](job)
    told = [call["begin_entity"]({**job, "entity": entity}) for entity in opened["entities"]]
    ended = call["finish_run"]({"job": job, "steps": told})
    found = office.desk.runs.get(run.integration_id, run.id)
    assert found is not None
    assert (ended["state"], found.status) == ("done", RunStatus.SUCCEEDED)


def _functions(office: Office) -> dict[str, Any]:
    app = durable.application()
    app.register_functions(durable.workflow(lambda: office.hub))
    return {str(function.get_function_name()): function.get_user_function() for function in app.get_functions()}
