"""The task hub: each test shows one fault of the stock backend mended, or one default of the extension."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest
from durabletask.internal import orchestrator_service_pb2 as pb
from durabletask.testing import in_memory_backend

from devhost.protocol import CallError, timestamp
from tests.devhost.hub import COMPLETED, CONTINUED, FAILED, Hub, activity, child, end, kinds, timer


@pytest.fixture
def hub() -> Hub:
    return Hub()


class VirtualEvent:
    """Waits without waiting: adds up the time, and ends the instance after 40 virtual seconds."""

    waited = 0.0

    def __init__(self, hub: Hub, instance_id: str) -> None:
        self._hub = hub
        self._instance = hub.backend._instances[instance_id]

    def wait(self, timeout: float) -> bool:
        type(self).waited += timeout
        if type(self).waited >= 40:
            self._instance.status = COMPLETED
        return False

    def set(self) -> None:
        raise AssertionError


def test_waiting_without_a_limit_outlasts_30_seconds(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.start("a")
    virtual = type("Virtual", (VirtualEvent,), {"waited": 0.0})

    def waiter(predicate: Any) -> in_memory_backend.StateWaiter:
        return stock_waiter(predicate, event=virtual(hub, "a"))

    stock_waiter = in_memory_backend.StateWaiter
    monkeypatch.setattr(in_memory_backend, "StateWaiter", waiter)
    found = hub.backend._wait_for_state("a", lambda instance: instance.status == COMPLETED, None)
    assert found is not None


def test_waiting_with_a_limit_ends_with_it(hub: Hub) -> None:
    hub.start("a")
    assert hub.backend._wait_for_state("a", lambda instance: instance.status == COMPLETED, 0.01) is None


def test_a_stop_does_not_wait_for_those_who_wait(hub: Hub) -> None:
    hub.start("a")
    waiting = threading.Thread(target=hub.backend._wait_for_state, args=("a", lambda _: False, None), daemon=True)
    waiting.start()
    hub.backend.stop()
    waiting.join(2)
    assert not waiting.is_alive()


def test_clients_are_served_on_loopback_only(hub: Hub) -> None:
    port = int(hub.backend.start().rpartition(":")[2])
    connections = psutil.Process().net_connections(kind="inet")
    bound = {
        c.laddr.ip.removeprefix("::ffff:")
        for c in connections
        if c.laddr.port == port and c.status == psutil.CONN_LISTEN
    }
    hub.backend.stop()
    assert bound == {"127.0.0.1"}


def test_the_end_of_a_child_reaches_its_parent(hub: Hub) -> None:
    hub.start("parent")
    hub.turn(child("kid"))
    hub.turn(end())
    assert kinds(hub.take()) == ["orchestratorStarted", "subOrchestrationInstanceCompleted"]


def test_the_failure_of_a_child_reaches_its_parent_with_its_details(hub: Hub) -> None:
    hub.start("parent")
    hub.turn(child("kid"))
    hub.turn(end(FAILED, "no"))
    details = hub.take().orchestratorRequest.newEvents[-1].subOrchestrationInstanceFailed.failureDetails
    assert (details.errorType, details.errorMessage) == ("ValueError", "no")


def test_a_child_knows_its_parent(hub: Hub) -> None:
    hub.start("parent")
    hub.turn(child("kid", task_id=5))
    started = hub.take().orchestratorRequest.newEvents[1].executionStarted.parentInstance
    assert (started.orchestrationInstance.instanceId, started.name.value, started.taskScheduledId) == (
        "parent",
        "job",
        5,
    )


def test_children_and_timers_hold_no_threads(hub: Hub) -> None:
    hub.start("parent")
    before = threading.active_count()
    hub.turn(*(child(f"kid{n}", n) for n in range(1, 9)), *(timer(n) for n in range(9, 17)))
    assert threading.active_count() == before


def test_a_finished_id_may_be_used_again(hub: Hub) -> None:
    hub.start("a")
    hub.turn(end())
    hub.start("a")
    assert hub.status("a") == pb.ORCHESTRATION_STATUS_PENDING


def test_a_running_id_is_refused(hub: Hub) -> None:
    hub.start("a")
    with pytest.raises(CallError) as caught:
        hub.start("a")
    assert caught.value.is_exists


def test_an_instance_with_a_start_time_waits_for_it(hub: Hub) -> None:
    due = datetime.now(UTC) + timedelta(hours=1)
    hub.start("a", scheduledStartTimestamp=timestamp(due.isoformat()))
    assert (hub.is_idle, round(hub.waits[0][0], -2)) == (True, 3600)


def test_an_instance_with_a_start_time_starts_then(hub: Hub) -> None:
    hub.start("a", scheduledStartTimestamp=timestamp("2026-01-01T00:00:00"))
    hub.waits[0][1]()
    assert hub.take().orchestratorRequest.instanceId == "a"


def test_a_refused_start_with_a_time_does_not_hold_what_runs(hub: Hub) -> None:
    hub.start("a")
    hub.turn(timer())
    with pytest.raises(CallError):
        hub.start("a", scheduledStartTimestamp=timestamp("2026-01-01T00:00:00"))
    hub.waits[0][1]()
    assert kinds(hub.take()) == ["orchestratorStarted", "timerFired"]


def test_a_timer_fires_into_its_execution(hub: Hub) -> None:
    hub.start("a")
    hub.turn(timer())
    hub.waits[0][1]()
    assert kinds(hub.take()) == ["orchestratorStarted", "timerFired"]


def test_a_timer_does_not_fire_into_the_next_execution_of_its_id(hub: Hub) -> None:
    hub.start("a")
    hub.turn(timer(), end())
    hub.start("a")
    hub.turn(timer())
    hub.waits[0][1]()
    assert hub.is_idle


def test_a_timer_does_not_fire_into_what_continued_as_new(hub: Hub) -> None:
    hub.start("a")
    hub.turn(timer(), end(CONTINUED))
    hub.turn(timer())
    hub.waits[0][1]()
    assert hub.is_idle


def test_an_activity_does_not_answer_the_next_execution_of_its_id(hub: Hub) -> None:
    hub.start("a")
    hub.turn(activity(), end())
    old = hub.take()
    hub.start("a")
    hub.turn(activity())
    hub.take()
    hub.finish_activity(old)
    assert hub.is_idle


def test_an_activity_answers_once(hub: Hub) -> None:
    hub.start("a")
    hub.turn(activity())
    item = hub.take()
    hub.finish_activity(item)
    hub.finish_activity(item)
    assert kinds(hub.take()) == ["orchestratorStarted", "taskCompleted"]


def test_an_activity_that_ends_after_its_orchestration_causes_no_turn(hub: Hub) -> None:
    hub.start("a")
    hub.turn(activity(), end(FAILED, "no"))
    hub.finish_activity(hub.take())
    assert hub.is_idle


def test_a_child_that_ends_after_its_parent_causes_no_turn(hub: Hub) -> None:
    hub.start("parent")
    hub.turn(child("kid"), end())
    hub.turn(end())
    assert hub.is_idle


def test_the_end_of_a_turn_wakes_the_dispatcher(hub: Hub) -> None:
    hub.start("a")
    item = hub.take()
    hub.backend._work_available.clear()
    reply = pb.OrchestratorResponse(instanceId="a", completionToken=item.completionToken)
    hub.backend.call("CompleteOrchestratorTask", reply)
    assert hub.backend._work_available.is_set()


def test_an_entity_without_state_does_not_exist(hub: Hub) -> None:
    hub.backend.call("SignalEntity", pb.SignalEntityRequest(instanceId="@counter@a", name="add"))
    assert not hub.backend.call("GetEntity", pb.GetEntityRequest(instanceId="@counter@a")).exists


def test_a_long_history_is_taken(hub: Hub) -> None:
    hub.start("a")
    hub.backend._instances["a"].history.extend([pb.HistoryEvent()] * 20_000)
    hub.turn(end())
    assert hub.status("a") == COMPLETED


def test_termination_of_a_parent_is_not_warned_about(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    hub.start("a")
    hub.backend.call("TerminateInstance", pb.TerminateRequest(instanceId="a", recursive=True))
    assert "Recursive" not in caplog.text
