"""Routes that start a run, and wait a while for its end."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import azure.functions as func

from sync.engine.standing import HELD_CODES
from sync.model.entity import EntityType
from sync.model.errors import InvalidError, Problem, StateError, SyncError
from sync.model.integration import HELD
from sync.model.proposal import Intent
from sync.model.run import Run, RunFailure, RunStatus
from sync.ports import Launcher, Reply
from sync.services import holding, runs
from sync.services.desk import Job, State, Step
from sync.services.finishing import finish_run
from sync.services.keeping import put_back
from sync.services.plans import PlannedRun
from sync.triggers import durable
from sync.triggers.bodies import SyncBody
from sync.triggers.documents import as_object, check_document, read_document
from sync.triggers.http import Answer, Call, Route, Visit
from sync.triggers.hub import Hubs
from sync.triggers.plans import show_plan
from sync.triggers.problems import RunFailedError
from sync.triggers.queries import query_choice
from sync.triggers.views import location_of, view_outcome, view_run

LONGEST_WAIT = 100
"""Seconds that a caller may wait for the end of a run; the platform cuts an answer off after 230."""
POLL_AFTER = 2
"""Seconds after which a caller should ask again."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A run that is to begin or to go on."""

    run: Run
    former: Run | None = None
    """The same as it waited before: what it is again when it cannot be started."""


type Admission = Callable[[Call], Admitted]

_WAIT = re.compile(r"\bwait\s*=\s*\"?(\d{1,6})", re.ASCII)
_RESPOND_ASYNC = re.compile(r"\brespond-async\b")


def routes(hubs: Hubs) -> durable.Blueprint:
    """Return the routes that start a run."""
    blueprint = durable.new_blueprint()
    for route in starting_routes():
        durable.register_route(
            blueprint, answering(hubs, route), name=route.name, method=route.method, template=route.template
        )
    return blueprint


def starting_routes() -> tuple[Route[Admission], ...]:
    """Return the routes that start a run, each with what lets its run begin."""
    return (
        Route("POST", "integrations/{id}/dynamics/sync", admit_sync, "sync_integration", repeatable=True),
        Route("POST", "integrations/{id}/runs/{runId}/retry", admit_retry, "retry_run", repeatable=True),
        Route("POST", "integrations/{id}/plans/{planId}/apply", admit_applied, "apply_plan", repeatable=True),
        Route("POST", "integrations/{id}/runs/{runId}/approve", admit_approved, "approve_run", repeatable=True),
        *(_rereading(entity) for entity in EntityType),
    )


def answering(
    hubs: Hubs, route: Route[Admission]
) -> Callable[[func.HttpRequest, Launcher], Awaitable[func.HttpResponse]]:
    """Return what answers a route that starts a run."""

    async def answer(request: func.HttpRequest, launcher: Launcher) -> func.HttpResponse:
        visit = Visit(hubs, request, route)
        return await asyncio.to_thread(visit.leave, await carry(visit, route, launcher))

    return answer


async def carry(visit: Visit, route: Route[Admission], launcher: Launcher) -> Answer | Reply:
    """Let a run begin, start its workflow and wait for it; whatever goes wrong becomes a problem."""
    began = await asyncio.to_thread(visit.attempt, lambda: visit.enter(lambda call: (call, route.body(call))))
    if isinstance(began, Reply):
        return began
    call, admitted = began
    run = admitted.run
    try:
        await _start(call, admitted, launcher)
        wait = patience(call.request.headers.get("prefer"))
        if wait:
            await launcher.wait(run.integration_id, seconds=wait)
    except Exception as error:  # noqa: BLE001 - a trigger answers for everything
        return visit.refuse(error)
    return await asyncio.to_thread(visit.attempt, lambda: outcome(call, run))


def admit_sync(call: Call) -> Admitted:
    """Let the sync begin that the body asks for."""
    integration = call.integration()
    document = read_document(call.request)
    body = check_document(SyncBody, {} if document is None else as_object(document))
    return Admitted(runs.admit(call.hub.desk, integration, replace(body.to_order(), intent=_intent(call))))


def admit_retry(call: Call) -> Admitted:
    """Let a run of the failed records of another one begin."""
    return Admitted(runs.repeat(call.hub.desk, call.owner, call.id, call.path("runId")))


def admit_reread(call: Call, entity: EntityType) -> Admitted:
    """Let a run of one record begin."""
    return Admitted(runs.reread(call.hub.desk, call.integration(), entity, call.path("externalId")))


def admit_applied(call: Call) -> Admitted:
    """Let the run of a plan go on and do what it tells."""
    plan = PlannedRun(call.hub.desk, call.owner, call.id, call.path("planId"))
    former = plan.run()
    return Admitted(plan.apply(), former)


def admit_approved(call: Call) -> Admitted:
    """Let a held run go on."""
    desk, run_id = call.hub.desk, call.path("runId")
    former = runs.show(desk, call.owner, call.id, run_id)
    return Admitted(holding.approve(desk, call.owner, call.id, run_id), former)


def _rereading(entity: EntityType) -> Route[Admission]:
    path, one = f"integrations/{{id}}/{entity.value}/{{externalId}}/retry", entity.value.removesuffix("s")
    return Route("POST", path, partial(admit_reread, entity=entity), f"retry_{one}", repeatable=True)


def _intent(call: Call) -> Intent:
    problems: list[Problem] = []
    wanted = query_choice(call.request.params, "plan", ("true", "false"), problems=problems)
    if problems:
        raise InvalidError("The sync cannot be asked for like this", *problems)
    return Intent.PLAN if wanted == "true" else Intent.WRITE


def patience(prefer: str | None) -> int:
    """Return how many seconds a caller wants to wait, by the Prefer header (RFC 7240)."""
    text = prefer or ""
    if _RESPOND_ASYNC.search(text):
        return 0
    wanted = _WAIT.search(text)
    return LONGEST_WAIT if wanted is None else min(int(wanted[1]), LONGEST_WAIT)


def outcome(call: Call, begun: Run) -> Answer:
    """Return what a run has come to so far.

    Raises:
        StateError: It was cancelled, or the connection needs a person.
        RunFailedError: It failed as a whole for another reason.
    """
    run = call.hub.desk.runs.get(begun.integration_id, begun.id) or begun
    if run.status is RunStatus.CANCELLED:
        raise StateError("The run was cancelled", code="RUN_CANCELLED", facts={"runId": run.id})
    if run.status is RunStatus.FAILED:
        raise _failure(call, run)
    if run.status.ended:
        return show_plan(call, run) if run.proposes else Answer(view_outcome(run))
    headers = {"Location": location_of(run), "Retry-After": str(POLL_AFTER)}
    return Answer(view_run(runs.show(call.hub.desk, call.owner, run.integration_id, run.id)), 202, headers)


def _failure(call: Call, run: Run) -> SyncError:
    error = run.error or RunFailure("SOURCE_UNAVAILABLE", "The run failed", retryable=True)
    integration = call.hub.desk.integrations.find(run.integration_id)
    if integration is not None and integration.standing in HELD and not error.retryable:
        return StateError(error.message, code=HELD_CODES[integration.standing], facts={"runId": run.id})
    return RunFailedError(error.message, code=error.code, run_id=run.id, retryable=error.retryable)


async def _start(call: Call, admitted: Admitted, launcher: Launcher) -> None:
    run = admitted.run
    try:
        await launcher.start(run, delay=timedelta(0))
    except Exception as error:
        message = "The run could not be started; try again"
        await asyncio.to_thread(_give_up, call, admitted, message)
        raise RunFailedError(message, code="WORKFLOW_UNAVAILABLE", run_id=run.id, retryable=True) from error


def _give_up(call: Call, admitted: Admitted, message: str) -> None:
    desk, run = call.hub.desk, admitted.run
    if admitted.former is not None:
        put_back(desk, admitted.former)
        return
    failed = Step(State.FAILED, failure=RunFailure("WORKFLOW_UNAVAILABLE", message, retryable=True))
    finish_run(desk, Job(run.integration_id, run.id), [failed])
