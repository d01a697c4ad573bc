"""The workflow: which steps it asks for, how it waits, and how it ends (invariant 8: long waits are durable timers)."""

from typing import Any

from sync.engine.planning import GROUPS_AT_ONCE
from sync.orchestrators import (
    LOTS_AT_ONCE,
    MOST_WAITS,
    READERS,
    WAVES_PER_GENERATION,
    Context,
    Steps,
    compare_contracts,
    read_entity,
    sync_run,
    write_entity,
)
from tests.support.script import Script

JOB = {"integrationId": "int_1", "runId": "run_1"}
ENTITY_JOB = {**JOB, "entity": "suppliers"}
MORE, DONE = {"state": "more", "wait": 0.0}, {"state": "done", "wait": 0.0}
CANCELLED, FAILED = {"state": "cancelled", "wait": 0.0}, {"state": "failed", "wait": 0.0}
OPENED = {**MORE, "entities": ["suppliers", "products"]}


def wait(seconds: float) -> dict[str, Any]:
    return {"state": "wait", "wait": seconds}


def begun(ranges: int, groups: int = 1) -> dict[str, Any]:
    return {**MORE, "ranges": list(range(ranges)), "groups": groups}


def entity_script(ranges: int = 1, groups: int = 1, **answers: Any) -> Script:
    """Return a script in which every step goes well, but for those that are given."""
    well: dict[str, Any] = {
        "begin_entity": [begun(ranges, groups)],
        "read_page": [DONE],
        "write_group": [DONE],
        "prove_entity": [DONE],
    }
    return Script(well | answers)


def sync_entity(context: Context, job: dict[str, Any]) -> Steps:
    """Carry one entity type through, as a run does."""
    read = yield from read_entity(context, job)
    if read is None or read["state"] != "more":
        return read
    return (yield from write_entity(context, {"job": job, "read": read}))


def run_script(**answers: Any) -> Script:
    return Script({"open_run": [OPENED], "read_entity": [DONE], "finish_run": [DONE], **answers})


def test_a_run_carries_each_entity_type_through_and_is_finished_with_what_they_came_to() -> None:
    script = run_script(
        read_entity=lambda job: MORE if job["entity"] == "products" else {"state": "done", "of": "suppliers"},
        write_entity=lambda order: {"state": "done", "of": order["job"]["entity"]},
    )
    script.carry(sync_run, JOB)
    steps = [{"state": "done", "of": "suppliers"}, {"state": "done", "of": "products"}]
    assert script.payloads("finish_run") == [{"job": JOB, "steps": steps}]


def test_entity_types_are_read_at_the_same_time() -> None:
    script = run_script()
    script.carry(sync_run, JOB)
    assert script.waves == [2]


def test_entity_types_are_written_one_after_the_other_in_the_order_of_their_keys() -> None:
    script = run_script(read_entity=[MORE], write_entity=[DONE])
    script.carry(sync_run, JOB)
    written = [order["job"]["entity"] for order in script.payloads("write_entity")]
    assert (script.waves, written) == ([2], ["products", "suppliers"])


def test_an_entity_type_that_fails_leaves_the_others_to_be_written() -> None:
    script = run_script(read_entity=[MORE], write_entity=[FAILED, DONE])
    script.carry(sync_run, JOB)
    assert script.payloads("finish_run")[0]["steps"] == [DONE, FAILED]


def test_a_run_that_was_delayed_begins_after_its_delay() -> None:
    script = run_script()
    script.carry(sync_run, {**JOB, "delay": 12.5})
    assert [each.name for each in script.asked][:2] == ["sleep", "open_run"]
    assert script.payloads("sleep") == [12.5]


def test_a_run_that_cannot_be_opened_is_finished_all_the_same() -> None:
    script = run_script(open_run=[FAILED])
    script.carry(sync_run, JOB)
    assert (script.payloads("read_entity"), script.payloads("finish_run")) == ([], [{"job": JOB, "steps": [FAILED]}])


def test_a_wait_that_the_source_asked_for_is_a_durable_sleep() -> None:
    script = run_script(open_run=[wait(40), wait(7), OPENED])
    script.carry(sync_run, JOB)
    assert script.payloads("sleep") == [40, 7]


def test_the_try_after_the_last_wait_is_told_that_it_is_the_last() -> None:
    script = run_script(open_run=lambda job: FAILED if job["lastTry"] else wait(1))
    script.carry(sync_run, JOB)
    told = [job["lastTry"] for job in script.payloads("open_run")]
    assert told == [False] * MOST_WAITS + [True]


def test_a_step_that_waits_even_then_is_not_asked_again() -> None:
    script = run_script(open_run=[wait(1)])
    script.carry(sync_run, JOB)
    assert (len(script.payloads("open_run")), script.payloads("read_entity")) == (MOST_WAITS + 1, [])


def test_an_entity_type_that_was_carried_through_at_once_needs_no_further_step() -> None:
    script = entity_script(begin_entity=[DONE])
    assert (script.carry(sync_entity, ENTITY_JOB), len(script.asked)) == (DONE, 1)


def test_every_range_is_read_and_every_group_written() -> None:
    script = entity_script(ranges=12, groups=40)
    script.carry(sync_entity, ENTITY_JOB)
    read = [job["index"] for job in script.payloads("read_page")]
    assert (read, [job["index"] for job in script.payloads("write_group")]) == (list(range(12)), list(range(40)))


def test_no_more_pages_are_read_at_a_time_than_the_source_processes() -> None:
    script = entity_script(ranges=12, groups=40)
    script.carry(sync_entity, ENTITY_JOB)
    assert script.waves[:3] == [READERS, READERS, 2]


def test_as_many_groups_as_may_be_are_being_written_until_the_last_have_begun() -> None:
    script = entity_script(groups=40)
    script.carry(sync_entity, ENTITY_JOB)
    assert script.waves[1:] == [*[GROUPS_AT_ONCE] * 39, 1]


def test_what_was_read_is_written_before_completeness_is_proven() -> None:
    script = entity_script()
    script.carry(sync_entity, ENTITY_JOB)
    assert [each.name for each in script.asked] == ["begin_entity", "read_page", "write_group", "prove_entity"]


def test_a_range_is_read_until_it_is_done() -> None:
    script = entity_script(read_page=[MORE, MORE, DONE])
    script.carry(sync_entity, ENTITY_JOB)
    assert len(script.payloads("read_page")) == 3


def test_a_throttled_wave_waits_once_for_the_longest() -> None:
    script = entity_script(ranges=2, read_page=[wait(10), wait(30), DONE])
    script.carry(sync_entity, ENTITY_JOB)
    assert script.payloads("sleep") == [30]


def test_a_range_that_was_put_off_too_often_is_told_that_it_is_the_last_try() -> None:
    script = entity_script(read_page=lambda job: DONE if job["lastTry"] else wait(1))
    script.carry(sync_entity, ENTITY_JOB)
    assert len(script.payloads("sleep")) == MOST_WAITS


def test_a_page_that_came_makes_the_range_patient_again() -> None:
    script = entity_script(read_page=[wait(1)] * MOST_WAITS + [MORE, wait(1), DONE])
    script.carry(sync_entity, ENTITY_JOB)
    assert [job["lastTry"] for job in script.payloads("read_page")][-3:] == [True, False, False]


def test_a_cancelled_run_writes_what_was_read() -> None:
    script = entity_script(groups=3, read_page=[CANCELLED])
    assert script.carry(sync_entity, ENTITY_JOB) == CANCELLED
    assert (len(script.payloads("write_group")), script.payloads("prove_entity")) == (3, [])


def test_a_failed_page_step_ends_the_entity_type() -> None:
    script = entity_script(read_page=[FAILED])
    assert (script.carry(sync_entity, ENTITY_JOB), script.payloads("write_group")) == (FAILED, [])


def test_a_failed_group_ends_the_entity_type_when_those_under_way_are_done() -> None:
    script = entity_script(groups=20, write_group=lambda job: FAILED if job["index"] == 3 else DONE)
    assert (script.carry(sync_entity, ENTITY_JOB), len(script.payloads("write_group"))) == (FAILED, 3 + GROUPS_AT_ONCE)


def test_the_workflow_continues_as_new_before_its_history_grows() -> None:
    script = entity_script(read_page=[MORE])
    script.carry(sync_entity, ENTITY_JOB)
    assert (script.renewed, len(script.payloads("read_page"))) == (ENTITY_JOB, WAVES_PER_GENERATION)


def test_a_workflow_that_continues_as_new_writes_nothing_before() -> None:
    script = entity_script(read_page=[MORE])
    assert (script.carry(sync_entity, ENTITY_JOB), script.payloads("write_group")) == (None, [])


def test_a_group_whose_store_is_busy_is_written_after_the_wait() -> None:
    script = entity_script(groups=3, write_group=[wait(5), DONE])
    assert script.carry(sync_entity, ENTITY_JOB) == DONE
    assert (script.payloads("sleep"), [job["index"] for job in script.payloads("write_group")]) == ([5], [0, 1, 2, 0])


def test_a_group_that_was_put_off_too_often_is_told_that_it_is_the_last_try() -> None:
    script = entity_script(write_group=lambda job: FAILED if job["lastTry"] else wait(1))
    assert (script.carry(sync_entity, ENTITY_JOB), len(script.payloads("sleep"))) == (FAILED, MOST_WAITS)


def test_a_group_that_waits_while_another_has_failed_is_not_written_again() -> None:
    script = entity_script(groups=2, write_group=[FAILED, wait(5)])
    assert (script.carry(sync_entity, ENTITY_JOB), script.payloads("sleep")) == (FAILED, [])


def test_contracts_are_compared_lot_by_lot_some_lots_at_a_time() -> None:
    script = Script({"plan_comparisons": [[[1, 2], [3], [4]]], "compare_lot": [None]})
    script.carry(compare_contracts, {"integrationId": "int_1"})
    assert [job["contracts"] for job in script.payloads("compare_lot")] == [[1, 2], [3], [4]]
    assert {job["integrationId"] for job in script.payloads("compare_lot")} == {"int_1"}
    assert script.waves == [LOTS_AT_ONCE, LOTS_AT_ONCE, 1]


def test_where_no_errand_is_due_nothing_is_compared() -> None:
    script = Script({"plan_comparisons": [[]]})
    script.carry(compare_contracts, {"integrationId": "int_1"})
    assert [each.name for each in script.asked] == ["plan_comparisons"]
