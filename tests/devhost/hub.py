"""A task hub whose worker is the test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from durabletask.internal import orchestrator_service_pb2 as pb

from devhost.backend import Backend
from devhost.protocol import LocalContext, text, timestamp

COMPLETED = pb.ORCHESTRATION_STATUS_COMPLETED
FAILED = pb.ORCHESTRATION_STATUS_FAILED
CONTINUED = pb.ORCHESTRATION_STATUS_CONTINUED_AS_NEW


@dataclass
class Hub:
    """A backend whose test plays the worker; what it would wait for is kept in waits."""

    waits: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    backend: Backend = field(init=False)

    def __post_init__(self) -> None:
        self.backend = Backend(lambda delay, action: self.waits.append((delay, action)))
        self._items: Iterator[pb.WorkItem] = self.backend.GetWorkItems(pb.GetWorkItemsRequest(), LocalContext())

    @property
    def is_idle(self) -> bool:
        return not (self.backend._orchestration_queue or self.backend._activity_queue)

    def start(self, instance_id: str, **fields: Any) -> None:
        self.backend.call("StartInstance", pb.CreateInstanceRequest(name="job", instanceId=instance_id, **fields))

    def take(self) -> pb.WorkItem:
        assert not self.is_idle
        return next(self._items)

    def turn(self, *actions: pb.OrchestratorAction) -> pb.WorkItem:
        """Take one orchestrator turn and answer it with these actions."""
        item = self.take()
        reply = pb.OrchestratorResponse(
            instanceId=item.orchestratorRequest.instanceId, actions=actions, completionToken=item.completionToken
        )
        self.backend.call("CompleteOrchestratorTask", reply)
        return item

    def finish_activity(self, item: pb.WorkItem) -> None:
        request = item.activityRequest
        reply = pb.ActivityResponse(
            instanceId=request.orchestrationInstance.instanceId,
            taskId=request.taskId,
            result=text("1"),
            completionToken=item.completionToken,
        )
        self.backend.call("CompleteActivityTask", reply)

    def status(self, instance_id: str) -> int:
        return int(self.backend._instances[instance_id].status)


def activity(task_id: int = 1) -> pb.OrchestratorAction:
    return pb.OrchestratorAction(id=task_id, scheduleTask=pb.ScheduleTaskAction(name="work"))


def timer(task_id: int = 1) -> pb.OrchestratorAction:
    due = timestamp("2026-01-01T00:00:00Z")
    return pb.OrchestratorAction(id=task_id, createTimer=pb.CreateTimerAction(fireAt=due))


def child(instance_id: str, task_id: int = 1) -> pb.OrchestratorAction:
    wanted = pb.CreateSubOrchestrationAction(name="child", instanceId=instance_id)
    return pb.OrchestratorAction(id=task_id, createSubOrchestration=wanted)


def end(status: int = COMPLETED, failure: str = "") -> pb.OrchestratorAction:
    details = pb.TaskFailureDetails(errorType="ValueError", errorMessage=failure) if failure else None
    done = pb.CompleteOrchestrationAction(orchestrationStatus=status, failureDetails=details)  # type: ignore[arg-type]  # an enum's value
    return pb.OrchestratorAction(id=-1, completeOrchestration=done)


def kinds(item: pb.WorkItem) -> list[str]:
    return [str(event.WhichOneof("eventType")) for event in item.orchestratorRequest.newEvents]
