"""Everything that touches the durable runtime: workflows, their steps, and starting them."""

import logging
from collections.abc import Awaitable, Callable, Generator, Sequence
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import grpc  # type: ignore[import-untyped]  # the package ships no types
import orjson
from durabletask import task
from durabletask.client import OrchestrationStatus

from sync import orchestrators
from sync.codec import from_wire, to_wire
from sync.model.run import Run, RunFailure
from sync.ports import Launcher
from sync.services import steps
from sync.services.desk import Desk, Job, State, Step
from sync.services.finishing import finish_run
from sync.services.following import end_run
from sync.triggers.hub import Hubs

logger = logging.getLogger(__name__)

type Blueprint = df.Blueprint
"""A blueprint that takes durable functions."""

type Workflow = Callable[[orchestrators.Context, dict[str, Any]], Generator[Any, Any, Any]]

_UNDER_WAY = frozenset(
    {
        OrchestrationStatus.PENDING,
        OrchestrationStatus.RUNNING,
        OrchestrationStatus.SUSPENDED,
        OrchestrationStatus.CONTINUED_AS_NEW,
    }
)
_LAST_MOMENTS = 5.0
"""Seconds that a workflow whose run has ended may need to end itself."""


class DurableLauncher:
    """Starts and looks after workflows through the durable runtime (see sync.ports: Launcher, ComparisonLauncher)."""

    def __init__(self, client: df.DurableFunctionsClient) -> None:
        self._client = client

    async def start(self, run: Run, *, delay: timedelta) -> None:
        """Start the run's workflow after a delay, in place of an ended one; one under way is left alone."""
        if await self._schedule(run, delay):
            return
        state = await self._client.get_orchestration_state(_instance(run.integration_id))
        if state is not None and _run_of(state.serialized_input) == run.id:
            return
        if await self.wait(run.integration_id, seconds=_LAST_MOMENTS):
            await self._schedule(run, delay)

    async def alive(self, integration_id: str) -> bool:
        """Return whether a workflow of the integration is under way."""
        state = await self._client.get_orchestration_state(_instance(integration_id), fetch_payloads=False)
        return state is not None and state.runtime_status in _UNDER_WAY

    async def wait(self, integration_id: str, *, seconds: float) -> bool:
        """Return True as soon as the workflow has ended, False when the time has passed."""
        try:
            await self._client.wait_for_orchestration_completion(
                _instance(integration_id), fetch_payloads=False, timeout=seconds
            )
        except TimeoutError:
            return False
        except grpc.aio.AioRpcError as error:
            logger.warning("workflow cannot be watched", exc_info=error, extra={"integration": integration_id})
            return False
        return True

    async def compare(self, integration_id: str) -> bool:
        """Start the workflow that runs an integration's errands; return False when one is under way."""
        job = {"integrationId": integration_id}
        return await self._begin(orchestrators.compare_contracts, job, f"contracts-{integration_id}")

    async def _schedule(self, run: Run, delay: timedelta) -> bool:
        job = {**to_wire(Job(run.integration_id, run.id)), "delay": delay.total_seconds()}
        return await self._begin(orchestrators.sync_run, job, _instance(run.integration_id))

    async def _begin(self, body: Workflow, job: dict[str, Any], instance: str) -> bool:
        try:
            await self._client.schedule_new_orchestration(body.__name__, input=job, instance_id=instance)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.ALREADY_EXISTS:
                raise
            return False
        return True


class DurableContext:
    """The durable runtime as the workflows ask for it (see sync.orchestrators.Context)."""

    def __init__(self, context: task.OrchestrationContext) -> None:
        self._context = context

    def call_activity(self, name: str, payload: Any) -> Any:
        """Return a task that takes one step."""
        return self._context.call_activity(name, input=payload)

    def call_sub_orchestrator(self, name: str, payload: Any) -> Any:
        """Return a task that carries one entity type through."""
        return self._context.call_sub_orchestrator(name, input=payload)

    def sleep(self, span: timedelta) -> Any:
        """Return a task that is done after this time."""
        return self._context.create_timer(span)

    def when_all(self, tasks: Sequence[Any]) -> Any:
        """Return a task that is done when all of these are."""
        return task.when_all(list(tasks))

    def when_any(self, tasks: Sequence[Any]) -> Any:
        """Return a task whose result is the first of these that is done; `get_result()` tells what came of it."""
        return task.when_any(list(tasks))

    def continue_as_new(self, payload: Any) -> None:
        """Start again with a short history."""
        self._context.continue_as_new(payload)


def application() -> df.DFApp:
    """Return an app that blueprints are registered with."""
    return df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


def new_blueprint() -> df.Blueprint:
    """Return a blueprint for functions that start workflows."""
    return df.Blueprint()


def workflow(hubs: Hubs) -> df.Blueprint:
    """Return the workflows and their steps."""
    blueprint = df.Blueprint()
    for body in (orchestrators.sync_run, orchestrators.read_entity, orchestrators.write_entity):
        register_workflow(blueprint, body)
    for name in steps.NAMES:
        register_step(blueprint, _step(hubs, name), name=name)

    def end(job: Any) -> Any:
        told = tuple(from_wire(Step, step) for step in job["steps"])
        return to_wire(end_run(hubs().realtime, from_wire(Job, job["job"]), told))

    register_step(blueprint, end, name=finish_run.__name__)
    return blueprint


def take_step(desk: Desk, name: str, job: dict[str, Any]) -> dict[str, Any]:
    """Take a step of a run; an error that nobody expected fails the run, and is logged."""
    try:
        step = steps.take(desk, name, from_wire(Job, job))
    except Exception:
        logger.exception("step failed", extra={"step": name, "run": job.get("runId")})
        step = Step(State.FAILED, failure=RunFailure("INTERNAL_ERROR", "Something went wrong in the hub; it is logged"))
    told: dict[str, Any] = to_wire(step)
    return told


def register_route(
    blueprint: df.Blueprint,
    handler: Callable[[func.HttpRequest, Launcher], Awaitable[func.HttpResponse]],
    *,
    name: str,
    method: str,
    template: str,
    level: func.AuthLevel = func.AuthLevel.FUNCTION,
) -> None:
    """Register an HTTP function that starts workflows."""

    async def handle(  # pragma: no cover - the host calls it: in the flow tests, in a process of its own
        req: func.HttpRequest, client: df.DurableFunctionsClient
    ) -> func.HttpResponse:
        return await handler(req, DurableLauncher(client))

    bound = blueprint.durable_client_input(client_name="client")(_named(handle, name))
    blueprint.route(route=template, methods=[method], auth_level=level)(bound)


def register_timer(
    blueprint: df.Blueprint, work: Callable[[DurableLauncher], Awaitable[object]], *, name: str, schedule: str
) -> None:
    """Register a timer whose work starts workflows; a time that was missed while nothing ran is not made up for."""

    async def tick(  # pragma: no cover - the host calls it: in the flow tests, in a process of its own
        timer: func.TimerRequest,  # noqa: ARG001 - bound by name
        client: df.DurableFunctionsClient,
    ) -> None:
        await work(DurableLauncher(client))

    bound = blueprint.durable_client_input(client_name="client")(_named(tick, name))
    blueprint.timer_trigger(arg_name="timer", schedule=schedule, use_monitor=False)(bound)


def register_workflow(blueprint: df.Blueprint, body: Workflow) -> None:
    """Register a workflow under its name."""

    def carry(  # pragma: no cover - the host calls it: in the flow tests, in a process of its own
        context: task.OrchestrationContext, job: dict[str, Any]
    ) -> Generator[Any, Any, Any]:
        return (yield from body(DurableContext(context), job))

    blueprint.orchestration_trigger(context_name="context")(_named(carry, body.__name__))


def register_step(blueprint: df.Blueprint, step: Callable[[Any], Any], *, name: str) -> None:
    """Register an activity; its one argument is called `job`."""
    blueprint.activity_trigger(input_name="job")(_named(step, name))


def _step(hubs: Hubs, name: str) -> Callable[[Any], Any]:
    def step(job: Any) -> Any:
        return take_step(hubs().desk, name, job)

    return step


def _named[F: Callable[..., Any]](function: F, name: str) -> F:
    function.__name__ = function.__qualname__ = name
    return function


def _instance(integration_id: str) -> str:
    return f"sync-{integration_id}"


def _run_of(serialized: str | None) -> str | None:
    given = orjson.loads(serialized or "null")
    return given.get("runId") if isinstance(given, dict) else None
