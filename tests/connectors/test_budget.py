"""The shared budget of a principal."""

from collections import deque
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random
from threading import Barrier, Condition, Lock, Thread
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.connectors.budget import BUSINESS_CENTRAL, Budget, Budgets
from sync.engine.budget import Limits, Pace
from sync.model.errors import RetryLaterError
from tests.connectors.kit import VirtualTime

SMALL = Limits(requests=20, window=30.0, recovery=4)


def budget_at(time: VirtualTime, limits: Limits = BUSINESS_CENTRAL) -> Budget:
    return Budget(time, time, limits=limits)


def send(budget: Budget, time: VirtualTime) -> float:
    """One good request that takes no time."""
    sent_at = budget.enter(time.monotonic() + 1000)
    budget.leave()
    budget.succeeded()
    return sent_at


def test_business_central_allows_5_at_once_and_6000_in_5_minutes() -> None:
    assert (BUSINESS_CENTRAL.in_flight, BUSINESS_CENTRAL.requests, BUSINESS_CENTRAL.window) == (5, 6000, 300)


def test_the_6001st_request_waits_until_the_first_has_left_the_window() -> None:
    time = VirtualTime()
    budget = budget_at(time)
    sent = [send(budget, time) for _ in range(6001)]
    assert sent[6000] - sent[0] == 301


def test_a_sixth_request_at_once_waits_until_one_is_finished() -> None:
    time = VirtualTime()
    budget = budget_at(time)
    for _ in range(5):
        budget.enter(time.monotonic())
    time.meanwhile = budget.leave
    budget.enter(time.monotonic() + 7)
    assert time.waits == [7]


def test_a_request_that_finds_no_place_in_time_is_left_to_the_workflow() -> None:
    time = VirtualTime()
    budget = budget_at(time)
    for _ in range(5):
        budget.enter(time.monotonic())
    with pytest.raises(RetryLaterError) as caught:
        budget.enter(time.monotonic() + 20)
    assert (caught.value.code, time.passed) == ("SOURCE_THROTTLED", 20)


def test_a_silence_longer_than_the_patience_is_not_waited_for_at_all() -> None:
    time = VirtualTime()
    budget = budget_at(time)
    budget.throttled(budget.enter(time.monotonic()), retry_after=90.0)
    with pytest.raises(RetryLaterError) as caught:
        budget.enter(time.monotonic() + 20)
    assert (caught.value.delay, time.passed) == (90, 0)


def test_a_silence_within_the_patience_is_waited_for() -> None:
    time = VirtualTime()
    budget = budget_at(time)
    budget.throttled(budget.enter(time.monotonic()), retry_after=7.0)
    budget.enter(time.monotonic() + 20)
    assert time.passed == 7


def test_a_shorter_silence_does_not_end_a_longer_one() -> None:
    time = VirtualTime()
    budget = budget_at(time)
    first, second = budget.enter(time.monotonic()), budget.enter(time.monotonic())
    budget.throttled(first, retry_after=10.0)
    budget.throttled(second, retry_after=2.0)
    assert budget.pace.silent_until == time.monotonic() + 10


def test_throttling_without_a_retry_after_is_waited_out_longer_each_time() -> None:
    time = VirtualTime()
    budget = budget_at(time)
    for _ in range(4):
        sent_at = budget.enter(time.monotonic() + 100)
        budget.leave()
        budget.throttled(sent_at, retry_after=None)
    assert time.waits == [1, 2, 4]


def test_throttling_halves_what_is_sent_at_once_down_to_one() -> None:
    paces = [Pace(5)]
    for moment in range(3):
        paces.append(paces[-1].slowed(sent_at=float(moment), now=float(moment)))
    assert [pace.allowed for pace in paces] == [5, 2, 1, 1]


def test_replies_of_one_wave_halve_it_once() -> None:
    pace = Pace(5).slowed(sent_at=1.0, now=3.0).slowed(sent_at=2.0, now=3.1)
    assert (pace.allowed, pace.strikes) == (2, 1)


def test_after_fifty_good_replies_one_more_at_once_is_allowed() -> None:
    time = VirtualTime()
    budget = budget_at(time)
    budget.throttled(budget.enter(time.monotonic()), retry_after=0.0)
    budget.leave()
    for _ in range(50):
        send(budget, time)
    assert budget.pace.allowed == 3


def test_a_recovered_principal_sends_five_at_once_and_no_more() -> None:
    pace = Pace(5).slowed(sent_at=0.0, now=0.0)
    for _ in range(1000):
        pace = pace.after_success(BUSINESS_CENTRAL)
    assert (pace.allowed, pace.strikes) == (5, 0)


def test_strikes_are_forgotten_after_a_good_reply_at_full_pace() -> None:
    pace = Pace(1).slowed(sent_at=0.0, now=0.0)
    assert pace.after_success(Limits(in_flight=1)).strikes == 0


def test_integrations_of_one_principal_share_one_budget() -> None:
    time = VirtualTime()
    budgets = Budgets(time, time)
    assert budgets.of("tenant:app") is budgets.of("tenant:app")


def test_each_principal_has_a_budget_of_its_own() -> None:
    time = VirtualTime()
    budgets = Budgets(time, time)
    assert budgets.of("tenant:app") is not budgets.of("tenant:other")


@dataclass
class Service:
    """The other side: notes every arrival and what it may not see."""

    limits: Limits
    arrivals: list[float] = field(default_factory=list)
    silent_until: float = 0.0
    inside: int = 0
    most_inside: int = 0
    too_early: int = 0

    def begin(self, sent_at: float, latency: float) -> None:
        self.too_early += sent_at < self.silent_until
        self.arrivals.append(sent_at + latency)
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)

    def fullest_window(self) -> int:
        recent: deque[float] = deque()
        fullest = 0
        for arrival in sorted(self.arrivals):
            recent.append(arrival)
            while recent[0] <= arrival - self.limits.window:
                recent.popleft()
            fullest = max(fullest, len(recent))
        return fullest


def simulate(seed: int, callers: int, limits: Limits) -> Service:
    """Let callers send for a while, each step at its own virtual moment, with random replies."""
    chance, time, service = Random(seed), VirtualTime(), Service(limits)
    budget = Budget(time, time, limits=limits)
    agenda = [(chance.uniform(0, 3), number, "ask", 0.0) for number in range(callers)]
    for _ in range(2000):
        at, number, what, sent_at = heappop(agenda)
        time.passed = max(at, time.passed)
        if what == "reply":
            _reply(budget, service, chance, sent_at, time)
            heappush(agenda, (time.passed + chance.choice([0, 0, 2]), number, "ask", 0.0))
            continue
        try:
            begun = budget.enter(time.monotonic())
        except RetryLaterError as error:
            heappush(agenda, (time.passed + error.delay, number, "ask", 0.0))
            continue
        latency = chance.uniform(0, limits.slack)
        service.begin(begun, latency)
        heappush(agenda, (time.passed + latency + chance.expovariate(3), number, "reply", begun))
    return service


def _reply(budget: Budget, service: Service, chance: Random, sent_at: float, time: VirtualTime) -> None:
    service.inside -= 1
    kind = chance.random()
    if kind < 0.03:
        wish = chance.randint(0, 20)
        service.silent_until = max(service.silent_until, time.monotonic() + wish)
        budget.throttled(sent_at, retry_after=wish + 0.05)
    elif kind < 0.06:
        budget.throttled(sent_at, retry_after=None)
    elif kind < 0.95:
        budget.succeeded()
    budget.leave()


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 12))
def test_never_more_at_once_nor_in_a_window_nor_before_a_retry_after(seed: int, callers: int) -> None:
    service = simulate(seed, callers, SMALL)
    assert service.most_inside <= SMALL.in_flight
    assert service.fullest_window() <= SMALL.requests
    assert service.too_early == 0


def test_the_budget_is_used_up_when_there_is_enough_to_send() -> None:
    service = simulate(1, 12, SMALL)
    assert (service.most_inside, service.fullest_window()) == (5, 20)


class RealTime:
    """For real threads: they are woken by each other, never by time."""

    def monotonic(self) -> float:
        return monotonic()

    def wait(self, condition: Condition, seconds: float) -> None:
        condition.wait(seconds)

    def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)

    def fraction(self) -> float:
        return 0.0


def test_real_threads_never_send_more_than_five_at_once() -> None:
    time, start, lock, inside, peaks = RealTime(), Barrier(20), Lock(), set[int](), list[int]()
    budget = Budget(time, time)

    def work(number: int) -> None:
        start.wait()
        for _ in range(20):
            budget.enter(monotonic() + 30)
            with lock:
                inside.add(number)
                peaks.append(len(inside))
            with lock:
                inside.remove(number)
            budget.leave()

    threads = [Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(peaks) == 400
    assert max(peaks) <= 5
