"""Hands the task hub's work to the app's orchestrators, activities and entities, in the extension's wire form."""

import asyncio
import base64
import json
import logging
import threading
from typing import Any

from durabletask.internal import helpers
from durabletask.internal import orchestrator_service_pb2 as pb

from devhost.backend import Backend
from devhost.protocol import LocalContext, text
from devhost.settings import DurableOptions
from devhost.worker import Function, FunctionError, Worker, datum

logger = logging.getLogger("devhost.durable")

WEBHOOKS = "/runtime/webhooks/durabletask"
_VERBS = ("terminate", "rewind", "suspend", "resume")


class Durable:
    """The durable part of the host; lives on one event loop."""

    def __init__(self, worker: Worker, options: DurableOptions) -> None:
        self.backend = Backend(self._later)
        self._worker = worker
        self._hub = options.hub_name
        self._orchestrators = _by_name(worker, "orchestrationTrigger", "orchestration")
        self._activities = _by_name(worker, "activityTrigger", "activity")
        self._entities = _by_name(worker, "entityTrigger", "entityName")
        self._turns = {
            "orchestratorRequest": (self._orchestrate, asyncio.Semaphore(options.orchestrators)),
            "activityRequest": (self._act, asyncio.Semaphore(options.activities)),
            "entityRequestV2": (self._operate, asyncio.Semaphore(options.entities)),
        }
        self._context = LocalContext()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()

    def start(self, base_url: str, system_key: str) -> None:
        """Serve clients and begin to hand out work; links in replies start with base_url."""
        address = self.backend.start()
        self._worker.client_config = json.dumps(_client_config(self._hub, base_url, f"http://{address}", system_key))
        threading.Thread(target=self._pump, name="durable-pump", daemon=True).start()

    async def close(self) -> None:
        """Stop handing out work; what runs is given up."""
        self._context.active = False
        for task in self._tasks:
            task.cancel()
        await asyncio.to_thread(self.backend.stop, 0.2)

    def _later(self, delay: float, action: Any) -> None:
        self._loop.call_soon_threadsafe(self._loop.call_later, delay, action)

    def _pump(self) -> None:
        for item in self.backend.GetWorkItems(pb.GetWorkItemsRequest(), self._context):
            if self._context.active:
                self._loop.call_soon_threadsafe(self._spawn, item)

    def _spawn(self, item: pb.WorkItem) -> None:
        task = self._loop.create_task(self._take(item))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a work item failed in the host", exc_info=error)

    async def _take(self, item: pb.WorkItem) -> None:
        turn, free = self._turns[str(item.WhichOneof("request"))]
        async with free:
            await turn(item)

    async def _orchestrate(self, item: pb.WorkItem) -> None:
        request = item.orchestratorRequest
        started = [e for e in (*request.pastEvents, *request.newEvents) if e.HasField("executionStarted")]
        name = started[-1].executionStarted.name if started else ""
        reply = pb.OrchestratorResponse(instanceId=request.instanceId)
        try:
            reply.ParseFromString(await self._call(_find(self._orchestrators, name, "orchestrator"), request))
        except FunctionError as error:
            end = pb.CompleteOrchestrationAction(
                orchestrationStatus=pb.ORCHESTRATION_STATUS_FAILED, failureDetails=_failure(error)
            )
            reply.actions.append(pb.OrchestratorAction(id=-1, completeOrchestration=end))
        reply.completionToken = item.completionToken
        self.backend.call("CompleteOrchestratorTask", reply)

    async def _act(self, item: pb.WorkItem) -> None:
        request = item.activityRequest
        reply = pb.ActivityResponse(
            instanceId=request.orchestrationInstance.instanceId,
            taskId=request.taskId,
            completionToken=item.completionToken,
        )
        try:
            function = _find(self._activities, request.name, "activity")
            value = request.input.value if request.HasField("input") else "null"
            result = await self._worker.invoke(function, datum(value))
            if result is not None and result.value is not None:
                reply.result.CopyFrom(text(result.value))
        except FunctionError as error:
            reply.failureDetails.CopyFrom(_failure(error))
        self.backend.call("CompleteActivityTask", reply)

    async def _operate(self, item: pb.WorkItem) -> None:
        source = item.entityRequestV2
        batch, infos = helpers.convert_to_entity_batch_request(source)
        reply = pb.EntityBatchResult()
        try:
            name = source.instanceId[1:].split("@", 1)[0]
            reply.ParseFromString(await self._call(_find(self._entities, name, "entity"), batch))
        except FunctionError as error:
            failed = pb.OperationResult(failure=pb.OperationResultFailure(failureDetails=_failure(error)))
            reply = pb.EntityBatchResult(results=[failed] * len(batch.operations), entityState=batch.entityState)
        reply.completionToken = item.completionToken
        del reply.operationInfos[:]
        reply.operationInfos.extend(infos)
        self.backend.call("CompleteEntityTask", reply)

    async def _call(self, function: Function, request: Any) -> bytes:
        result = await self._worker.invoke(function, datum(base64.b64encode(request.SerializeToString()).decode()))
        return base64.b64decode("" if result is None else result.value)


def _by_name(worker: Worker, kind: str, key: str) -> dict[str, Function]:
    return {(f.trigger.get(key) or f.name).lower(): f for f in worker.of_kind(kind)}


def _find(functions: dict[str, Function], name: str, label: str) -> Function:
    function = functions.get(name.lower())
    if function is None:
        logger.warning("there is no %s function %s", label, name)
        raise FunctionError("FunctionMissing", f"The {label} function '{name}' doesn't exist or is disabled")
    return function


def _failure(error: FunctionError) -> pb.TaskFailureDetails:
    # The backend takes a failure without message for a success.
    return pb.TaskFailureDetails(
        errorType=error.kind, errorMessage=error.message or error.kind, stackTrace=text(error.stack)
    )


def _client_config(hub: str, base_url: str, rpc_url: str, system_key: str) -> dict[str, Any]:
    query = f"taskHub={hub}&connection=Storage&code={system_key}"
    root = f"{base_url}{WEBHOOKS}/instances/INSTANCEID"
    links = {
        "id": "INSTANCEID",
        "statusQueryGetUri": f"{root}?{query}",
        "sendEventPostUri": f"{root}/raiseEvent/{{eventName}}?{query}",
        "purgeHistoryDeleteUri": f"{root}?{query}",
        "restartPostUri": f"{root}/restart?{query}",
    }
    links |= {f"{verb}PostUri": f"{root}/{verb}?reason={{text}}&{query}" for verb in _VERBS}
    return {
        "taskHubName": hub,
        "connectionName": "Storage",
        "rpcBaseUrl": rpc_url,
        "requiredQueryStringParameters": query,
        "managementUrls": links,
        "httpBaseUrl": f"{base_url}{WEBHOOKS}",
        "maxGrpcMessageSizeInBytes": 2**31 - 1,
        "grpcHttpClientTimeout": "00:01:40",
    }
