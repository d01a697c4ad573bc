"""A blueprint with the sample's durable functions."""

import time
from collections.abc import Generator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
from durabletask import task
from durabletask.entities import EntityContext, EntityInstanceId

bp = df.Blueprint()


class PageError(Exception):
    pass


@bp.activity_trigger(input_name="page")
def read_page(page: Any) -> Any:
    time.sleep(page.get("sleep", 0))
    if page.get("is_broken"):
        raise PageError(f"page {page['number']} is broken\nits second line")
    return page


@bp.activity_trigger(input_name="page")
async def read_page_async(page: Any) -> Any:
    return page


@bp.orchestration_trigger(context_name="context")
def fan_out(context: task.OrchestrationContext, job: dict[str, Any]) -> Generator[Any, Any, Any]:
    pages = [{"number": number, "sleep": job.get("sleep", 0)} for number in range(job.get("pages", 3))]
    read = yield task.when_all([context.call_activity(job.get("activity", "read_page"), input=page) for page in pages])
    context.set_custom_status({"done": len(read)})
    return len(read)


@bp.orchestration_trigger(context_name="context")
def one_by_one(context: task.OrchestrationContext, job: dict[str, Any]) -> Generator[Any, Any, Any]:
    for number in range(job["pages"]):
        yield context.call_activity("read_page_async", input={"number": number})
    return job["pages"]


@bp.orchestration_trigger(context_name="context")
def reports_failure(context: task.OrchestrationContext, _job: Any) -> Generator[Any, Any, Any]:
    try:
        yield context.call_activity("read_page", input={"number": 7, "is_broken": True})
    except task.TaskFailedError as error:
        return {"kind": error.details.error_type, "message": error.details.message}


@bp.orchestration_trigger(context_name="context")
def fails(context: task.OrchestrationContext, _job: Any) -> Generator[Any, Any, Any]:
    yield context.call_activity("read_page", input={"number": 1, "is_broken": True})


@bp.orchestration_trigger(context_name="context")
def parent(context: task.OrchestrationContext, job: dict[str, Any]) -> Generator[Any, Any, Any]:
    counts = yield task.when_all(
        [context.call_sub_orchestrator("fan_out", input={"pages": job["pages"]}) for _ in range(job["children"])]
    )
    return sum(counts)


@bp.orchestration_trigger(context_name="context")
def parent_of_failure(context: task.OrchestrationContext, _job: Any) -> Generator[Any, Any, Any]:
    try:
        yield context.call_sub_orchestrator("fails", input={})
    except task.TaskFailedError as error:
        return error.details.message


@bp.orchestration_trigger(context_name="context")
def waits_for_event(context: task.OrchestrationContext, job: dict[str, Any]) -> Generator[Any, Any, Any]:
    event = context.wait_for_external_event("go")
    limit = context.create_timer(timedelta(seconds=job.get("limit", 60)))
    winner = yield task.when_any([event, limit])
    return "event" if winner == event else "time is up"


@bp.orchestration_trigger(context_name="context")
def counts_up(context: task.OrchestrationContext, job: dict[str, Any]) -> Generator[Any, Any, Any]:
    yield context.call_activity("read_page_async", input={"number": job["number"]})
    if job["number"] < job["last"]:
        context.continue_as_new({**job, "number": job["number"] + 1})
        return None
    return job["number"]


@bp.orchestration_trigger(context_name="context")
def leaves_timers_behind(context: task.OrchestrationContext, job: dict[str, Any]) -> Generator[Any, Any, Any]:
    if job["turn"] == 0:
        context.create_timer(timedelta(milliseconds=150))
        yield context.call_activity("read_page_async", input={"number": 0})
        context.continue_as_new({"turn": 1})
        return None
    limit = context.create_timer(timedelta(seconds=60))
    event = context.wait_for_external_event("go")
    winner = yield task.when_any([event, limit])
    return "event" if winner == event else "an old timer"


@bp.entity_trigger(context_name="context", entity_name="Counter")
def counter(context: EntityContext, amount: Any) -> Any:
    value = context.get_state(int, 0) + amount
    context.set_state(value)
    return value


@bp.orchestration_trigger(context_name="context")
def counts_in_entity(context: task.OrchestrationContext, job: dict[str, Any]) -> Generator[Any, Any, Any]:
    entity = EntityInstanceId("Counter", job["key"])
    yield context.call_entity(entity, "add", 2)
    total = yield context.call_entity(entity, "add", 3)
    return total
