"""The task hub: durabletask's in-memory backend with its faults mended and the extension's defaults."""

import threading
import uuid
from collections.abc import Callable
from concurrent import futures
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

import grpc  # type: ignore[import-untyped]  # no stubs are installed
from durabletask.internal import helpers
from durabletask.internal import orchestrator_service_pb2 as pb
from durabletask.internal import orchestrator_service_pb2_grpc as stubs
from durabletask.testing import InMemoryOrchestrationBackend
from durabletask.testing.in_memory_backend import OrchestrationInstance

from devhost.protocol import FINAL, LocalContext, text

Later = Callable[[float, Callable[[], None]], object]

_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_WAITING_CLIENTS = 64
_HISTORY_EVENTS = 1_000_000
_SLICE = 0.25  # seconds; a stop waits no longer for those who wait for an instance


class _Ticket(NamedTuple):
    """What one execution of an instance waits for; a later execution of the same id has other tokens."""

    instance_id: str
    token: str
    task_id: int


class Backend(InMemoryOrchestrationBackend):
    """A task hub on loopback; later(seconds, action) is how it waits."""

    def __init__(self, later: Later) -> None:
        super().__init__(max_history_size=_HISTORY_EVENTS)
        self._later = later
        self._held: set[str] = set()
        self._open: dict[str, set[_Ticket]] = {}
        self._parents: dict[str, _Ticket] = {}

    def start(self) -> str:
        """Serve clients on a free loopback port; the base class binds every interface."""
        self._shutdown_event.clear()
        self._server = grpc.server(futures.ThreadPoolExecutor(_WAITING_CLIENTS), options=_UNLIMITED)
        register: Callable[[Any, Any], None] = stubs.add_TaskHubSidecarServiceServicer_to_server
        register(self, self._server)
        port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        return f"127.0.0.1:{port}"

    def call(self, method: str, request: Any) -> Any:
        """Make a client's or worker's call in this process.

        Raises:
            CallError: The backend refuses it.
        """
        return getattr(self, method)(request, LocalContext())

    def StartInstance(self, request: Any, context: Any) -> Any:  # noqa: N802 - the service's name
        """Start an instance, at its time when it has one; a finished one of the same id is replaced."""
        if not request.orchestrationIdReusePolicy.replaceableStatus:
            request.orchestrationIdReusePolicy.replaceableStatus.extend(FINAL)
        if not request.HasField("scheduledStartTimestamp"):
            return super().StartInstance(request, context)
        request.instanceId = request.instanceId or uuid.uuid4().hex
        with self._lock:  # the base class would start it at once
            held = set(self._held)
            self._held.add(request.instanceId)
            try:
                reply = super().StartInstance(request, context)
            except Exception:
                self._held = held
                raise
        due = request.scheduledStartTimestamp.ToDatetime(tzinfo=UTC)
        self._later(_seconds_until(due), partial(self._release, request.instanceId))
        return reply

    def CompleteOrchestratorTask(self, request: Any, context: Any) -> Any:  # noqa: N802 - the service's name
        """Take an orchestrator's turn; the end of an execution closes what it waited for."""
        with self._lock:
            reply = super().CompleteOrchestratorTask(request, context)
            instance = self._instances.get(request.instanceId)
            if instance is not None and instance.status in FINAL | {pb.ORCHESTRATION_STATUS_PENDING}:
                self._open.pop(request.instanceId, None)
            if instance is not None and instance.status in FINAL:
                self._tell_parent(instance)
        self._work_available.set()  # the base class lets an instance re-queued in flight wait up to 100 ms
        return reply

    def CompleteActivityTask(self, request: Any, context: Any) -> Any:  # noqa: N802 - the service's name
        """Take an activity's result, unless the execution that asked for it is over."""
        with self._lock:
            if not self._redeem(_Ticket(request.instanceId, request.completionToken, request.taskId)):
                return pb.CompleteTaskResponse()
            return super().CompleteActivityTask(request, context)

    def GetEntity(self, request: Any, context: Any) -> Any:  # noqa: N802 - the service's name
        """Return an entity; one without state does not exist, as in the extension."""
        reply = super().GetEntity(request, context)
        entity = self._entities.get(request.instanceId)
        if entity is not None and entity.serialized_state is None:
            reply.exists = False
        return reply

    def _release(self, instance_id: str) -> None:
        with self._lock:
            self._held.discard(instance_id)
            if instance_id in self._instances:
                self._enqueue_orchestration(instance_id)

    def _enqueue_orchestration(self, instance_id: str) -> None:
        if instance_id not in self._held:
            super()._enqueue_orchestration(instance_id)

    def _process_schedule_task_action(self, instance: OrchestrationInstance, action: pb.OrchestratorAction) -> None:
        super()._process_schedule_task_action(instance, action)
        self._expect(instance, action.id)

    def _process_create_timer_action(self, instance: OrchestrationInstance, action: pb.OrchestratorAction) -> None:
        # The base class holds a thread per timer and lets it fire into a later execution of the same id.
        due = action.createTimer.fireAt.ToDatetime(tzinfo=UTC)
        instance.history.append(helpers.new_timer_created_event(action.id, due))
        ticket = self._expect(instance, action.id)
        fired = helpers.new_timer_fired_event(action.id, due)
        self._later(_seconds_until(due), partial(self._deliver, ticket, fired))

    def _process_create_sub_orchestration_action(
        self, instance: OrchestrationInstance, action: pb.OrchestratorAction
    ) -> None:
        super()._process_create_sub_orchestration_action(instance, action)
        child = self._instances.get(action.createSubOrchestration.instanceId)
        for event in child.pending_events if child else ():
            if event.HasField("executionStarted"):  # the base class leaves the parent out
                parent = event.executionStarted.parentInstance
                parent.taskScheduledId = action.id
                parent.name.CopyFrom(text(instance.name))
                parent.orchestrationInstance.instanceId = instance.instance_id

    def _watch_sub_orchestration(self, parent_instance_id: str, sub_instance_id: str, task_id: int) -> None:
        # The base class holds a thread per child, which gives up after 30 s.
        self._parents[sub_instance_id] = self._expect(self._instances[parent_instance_id], task_id)
        child = self._instances.get(sub_instance_id)
        if child is not None and child.status in FINAL:
            self._tell_parent(child)

    def _tell_parent(self, child: OrchestrationInstance) -> None:
        ticket = self._parents.pop(child.instance_id, None)
        if ticket is None:
            return
        if child.status == pb.ORCHESTRATION_STATUS_COMPLETED:
            event = helpers.new_sub_orchestration_completed_event(ticket.task_id, child.output)
        else:
            event = helpers.new_sub_orchestration_failed_event(ticket.task_id, Exception("Sub-orchestration failed"))
            if child.failure_details is not None:
                event.subOrchestrationInstanceFailed.failureDetails.CopyFrom(child.failure_details)
        self._deliver(ticket, event)

    def _terminate_instance_internal(self, instance_id: str, output: str | None, recursive: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - the base class's signature
        # Termination does not reach children with the storage backend, either.
        super()._terminate_instance_internal(instance_id, output, recursive=False)

    def _wait_for_state(
        self, instance_id: str, predicate: Callable[[OrchestrationInstance], bool], timeout: float | None
    ) -> OrchestrationInstance | None:
        # The base class takes "no time limit" for 30 s, and keeps a stopping host waiting.
        left = threading.TIMEOUT_MAX if timeout is None else timeout
        while left > 0 and not self._shutdown_event.is_set():
            step = min(left, _SLICE)
            found = super()._wait_for_state(instance_id, predicate, step)
            if found is not None:
                return found
            left -= step
        return None

    def _expect(self, instance: OrchestrationInstance, task_id: int) -> _Ticket:
        ticket = _Ticket(instance.instance_id, str(instance.completion_token), task_id)
        self._open.setdefault(instance.instance_id, set()).add(ticket)
        return ticket

    def _redeem(self, ticket: _Ticket) -> bool:
        waiting = self._open.get(ticket.instance_id, set())
        if ticket not in waiting:
            return False
        waiting.remove(ticket)
        return True

    def _deliver(self, ticket: _Ticket, event: pb.HistoryEvent) -> None:
        with self._lock:
            instance = self._instances.get(ticket.instance_id)
            if self._redeem(ticket) and instance is not None:
                instance.pending_events.append(event)
                instance.last_updated_at = datetime.now(UTC)
                self._enqueue_orchestration(ticket.instance_id)


def _seconds_until(due: datetime) -> float:
    return max(0.0, (due - datetime.now(UTC)).total_seconds())
