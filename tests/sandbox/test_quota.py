"""Quotas of one principal."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime

import pytest

from sandbox.clock import Clock
from sandbox.quota import Quotas
from sandbox.refusals import RefusedError
from sandbox.switches import Switches
from tests.sandbox.clients import Caller


def statuses(caller: Caller, count: int) -> list[int]:
    with ThreadPoolExecutor(count) as pool:
        return sorted(pool.map(lambda _: caller.get("vendors", top="1").status_code, range(count)))


def test_five_run_and_the_others_wait(caller: Caller) -> None:
    caller.control.set_switch(latency_ms=500)
    assert statuses(caller, 8) == [200] * 8
    usage = caller.control.counters()["principals"][f"{caller.tenant}/{caller.client['clientId']}"]
    assert (usage["running_max"], usage["in_flight_max"]) == (5, 8)


def test_one_more_than_the_queue_holds_is_refused(caller: Caller) -> None:
    caller.control.set_switch(latency_ms=1000, running_limit=1, queued_limit=2)
    assert statuses(caller, 4) == [200, 200, 200, 429]


def test_waiting_too_long_in_the_queue_is_503(caller: Caller) -> None:
    caller.control.set_switch(latency_ms=200, running_limit=1, queue_seconds=0.02)
    assert statuses(caller, 2) == [200, 503]


def test_the_window_slides(caller: Caller) -> None:
    caller.control.set_switch(window_limit=2)
    assert [caller.get("vendors", top="1").status_code for _ in range(3)] == [200, 200, 429]
    caller.control.clock(advance=301)
    assert caller.get("vendors", top="1").status_code == 200


def test_the_refusal_says_actual_and_maximum(caller: Caller) -> None:
    caller.control.set_switch(window_limit=0)
    assert caller.get("vendors").json() == {
        "error": {
            "code": "Application_TooManyRequests",
            "message": "Too many requests reached. Actual (1). Maximum (0).",
        }
    }


def test_every_principal_has_its_own_quota(caller_of: Callable[..., Caller]) -> None:
    first, second = caller_of(), caller_of(app="hub-other")
    first.control.set_switch(window_limit=1)
    assert [first.get("vendors").status_code for _ in range(2)] == [200, 429]
    assert second.get("vendors").status_code == 200


def test_retry_after_may_be_absent(caller: Caller) -> None:
    caller.control.set_switch(window_limit=0)
    assert "Retry-After" not in caller.get("vendors").headers


def test_retry_after_may_be_seconds(caller: Caller) -> None:
    caller.control.clock(freeze=True)
    caller.control.set_switch(window_limit=1, throttle_retry_after="seconds")
    caller.get("vendors")
    assert caller.get("vendors").headers["Retry-After"] == "300"


def test_retry_after_may_be_a_date(caller: Caller) -> None:
    caller.control.clock(set="2026-03-01T12:00:00Z", freeze=True)
    caller.sign_in()
    caller.control.set_switch(window_limit=1, throttle_retry_after="date")
    caller.get("vendors")
    told = parsedate_to_datetime(caller.get("vendors").headers["Retry-After"])
    assert told.isoformat() == "2026-03-01T12:05:00+00:00"


def test_requests_before_the_announced_moment_are_early(caller: Caller) -> None:
    caller.control.fault(status=503, retry_after=10, next=1)
    caller.get("vendors")
    caller.get("vendors")
    caller.control.clock(advance=10.5)
    caller.get("vendors")
    assert caller.control.counters()["early"] == 1
    assert [entry["early"] for entry in caller.control.journal(part="bc")] == [False, True, False]


def test_the_journal_counts_the_fullest_window(caller: Caller) -> None:
    for _ in range(3):
        caller.get("vendors", top="1")
    caller.control.clock(advance=301)
    caller.sign_in()
    caller.get("vendors", top="1")
    assert caller.control.counters()["windowMax"] == 3


def test_a_freed_place_goes_to_the_first_who_waits() -> None:
    async def run() -> list[str]:
        quotas = Quotas(Clock(), lambda: Switches(running_limit=1))
        usage = quotas.of("p")
        order: list[str] = []

        async def one(name: str) -> None:
            await quotas.start(usage)
            order.append(name)
            await asyncio.sleep(0)
            quotas.finish(usage)

        await asyncio.gather(one("a"), one("b"), one("c"))
        assert usage.running == 0
        return order

    assert asyncio.run(run()) == ["a", "b", "c"]


def test_a_full_window_is_refused_before_the_queue() -> None:
    async def run() -> None:
        quotas = Quotas(Clock(), lambda: Switches(window_limit=0))
        await quotas.start(quotas.of("p"))

    with pytest.raises(RefusedError, match="429"):
        asyncio.run(run())
