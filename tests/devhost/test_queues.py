"""Queue triggers and outputs against the storage emulator."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.devhost.running import RunningHost, running_host, until

pytestmark = pytest.mark.azurite


@pytest.fixture(scope="module")
def queue_host(azurite: Any) -> Iterator[RunningHost]:
    enabled = {f"AzureWebJobs.{name}.Disabled": "false" for name in ("on_message", "on_poison")}
    with running_host(settings={"AzureWebJobsStorage": azurite.connection_string} | enabled) as running:
        yield running


def seen(host: RunningHost, queue: str, number: int) -> list[int]:
    return [tries for body, tries in host.get("/api/seen").json()[queue] if body["number"] == number]


def test_a_message_goes_through_output_and_trigger(queue_host: RunningHost) -> None:
    queue_host.post("/api/enqueue", json={"number": 1})
    assert until(lambda: seen(queue_host, "queue", 1)) == [1]


def test_a_message_that_always_fails_is_tried_again(queue_host: RunningHost) -> None:
    queue_host.post("/api/enqueue", json={"number": 2, "is_poison": True})
    until(lambda: seen(queue_host, "poison", 2))
    assert seen(queue_host, "queue", 2) == [1, 2]


def test_a_message_that_always_fails_ends_in_the_poison_queue(queue_host: RunningHost) -> None:
    queue_host.post("/api/enqueue", json={"number": 3, "is_poison": True})
    assert until(lambda: seen(queue_host, "poison", 3)) == [1]
