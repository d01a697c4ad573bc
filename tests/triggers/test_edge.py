"""The real clock, identities, chance and waiting."""

import gc
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Condition

from sync.edge import SystemChance, SystemClock, SystemIds, SystemWaiter, calm_collector, new_trace_id, new_word


def test_the_clock_tells_the_time_in_utc() -> None:
    before = datetime.now(UTC)
    assert before <= SystemClock().now() <= datetime.now(UTC)


def test_an_id_is_its_prefix_and_21_hex_digits() -> None:
    assert re.fullmatch(r"run_[0-9a-f]{21}", SystemIds().new("run"))


def test_a_newer_id_sorts_before_every_earlier_one() -> None:
    ids = SystemIds()
    made = [ids.new("run") for _ in range(10_000)]
    assert sorted(made, reverse=True) == made


def test_ids_of_many_threads_are_all_different() -> None:
    ids = SystemIds()
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ids.new("x"), range(2_000)))
    assert len({each[:15] for each in made}) == 2_000


def test_chance_lies_between_0_and_1() -> None:
    chance = SystemChance()
    assert all(0 <= chance.fraction() < 1 for _ in range(100))


def test_waiting_ends() -> None:
    waiter, condition = SystemWaiter(), Condition()
    before = waiter.monotonic()
    waiter.sleep(0)
    with condition:
        waiter.wait(condition, 0)
    assert waiter.monotonic() >= before


def test_a_trace_id_has_32_hex_digits() -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", new_trace_id())


def test_a_word_cannot_be_guessed() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", new_word())
    assert new_word() != new_word()


def test_the_collector_passes_over_what_is_loaded() -> None:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    try:
        calm_collector()
        assert gc.get_freeze_count() > 1000
        assert gc.get_threshold()[0] > 700
    finally:
        gc.set_threshold(*before)
