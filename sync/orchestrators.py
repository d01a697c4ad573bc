"""The workflows, as durable generators: they carry keys and counts, never records."""

from collections import deque
from collections.abc import Generator, Iterable, Sequence
from datetime import timedelta
from typing import Any, Protocol

from sync.engine.planning import GROUPS_AT_ONCE

READERS = 5
"""Pages read at a time: as many requests as Business Central processes at once for one principal."""
MOST_WAITS = 30
"""How often a step may be put off before trouble that may pass counts as failure."""
WAVES_PER_GENERATION = 200
"""Waves of reading before the workflow continues as new, so that its history stays short."""

LOTS_AT_ONCE = 2
"""Lots of contracts of one integration that are compared at a time."""

type Steps = Generator[Any, Any, Any]


class Context(Protocol):
    """What the workflow asks of the durable runtime."""

    def call_activity(self, name: str, payload: Any) -> Any:
        """Return a task that takes one step."""
        ...

    def call_sub_orchestrator(self, name: str, payload: Any) -> Any:
        """Return a task that carries one entity type through."""
        ...

    def sleep(self, span: timedelta) -> Any:
        """Return a task that is done after this time."""
        ...

    def when_all(self, tasks: Sequence[Any]) -> Any:
        """Return a task that is done when all of these are."""
        ...

    def when_any(self, tasks: Sequence[Any]) -> Any:
        """Return a task whose result is the first of these that is done; `get_result()` tells what came of it."""
        ...

    def continue_as_new(self, payload: Any) -> None:
        """Start again with a short history."""
        ...


def sync_run(context: Context, job: dict[str, Any]) -> Steps:
    """Carry one run from its opening to its end; whatever happens to its entity types, it is finished.

    They are read side by side, and written one after the other in the order of their keys: a row that is put
    before others costs the emulator more than one at their end.
    """
    if job.get("delay"):
        yield context.sleep(timedelta(seconds=job["delay"]))
    opened = yield from _patiently(context, "open_run", job)
    steps = [opened]
    if opened["state"] == "more":
        entities = [{**job, "entity": entity} for entity in opened["entities"]]
        steps = yield context.when_all([context.call_sub_orchestrator("read_entity", each) for each in entities])
        for index in sorted(range(len(entities)), key=lambda each: entities[each]["entity"]):
            if steps[index]["state"] == "more":
                order = {"job": entities[index], "read": steps[index]}
                steps[index] = yield context.call_sub_orchestrator("write_entity", order)
    return (yield context.call_activity("finish_run", {"job": job, "steps": steps}))


def read_entity(context: Context, job: dict[str, Any]) -> Steps:
    """Read all ranges of one entity type, a few at a time; the step is MORE when there is something to write."""
    begun = yield from _patiently(context, "begin_entity", job)
    if begun["state"] != "more":
        return begun
    read = yield from _read(context, job, begun["ranges"])
    if read is None or read["state"] == "failed":
        return read
    return {"state": "more", "groups": begun["groups"], "ended": read}


def write_entity(context: Context, order: dict[str, Any]) -> Steps:
    """Write all groups of one entity type that was read, then prove completeness unless the run was cancelled."""
    job, read = order["job"], order["read"]
    failed = yield from _write(context, job, range(read["groups"]))
    if failed is not None or read["ended"]["state"] == "cancelled":
        return failed or read["ended"]
    return (yield from _patiently(context, "prove_entity", job))


def compare_contracts(context: Context, job: dict[str, Any]) -> Steps:
    """Compare the contracts that errands of one integration name, some lots at a time.

    Whatever becomes of a lot, the others are compared: an errand that is not done is still there for the next workflow.
    """
    waiting = deque((yield context.call_activity("plan_comparisons", job)))
    running: list[Any] = []
    while running or waiting:
        while waiting and len(running) < LOTS_AT_ONCE:
            running.append(context.call_activity("compare_lot", {**job, "contracts": waiting.popleft()}))
        done = yield context.when_any(running)
        running = [task for task in running if task is not done]


def _read(context: Context, job: dict[str, Any], ranges: Sequence[int]) -> Steps:
    """Read wave by wave; a cancelled run writes what it has read."""
    waiting = list(ranges)
    waits = dict.fromkeys(waiting, 0)
    waves = 0
    while waiting:
        if waves == WAVES_PER_GENERATION:
            context.continue_as_new(job)
            return None
        waves += 1
        wave, waiting = waiting[:READERS], waiting[READERS:]
        steps = yield context.when_all([_page(context, job, index, waits[index]) for index in wave])
        stopped = next((step for step in steps if step["state"] in {"failed", "cancelled"}), None)
        if stopped is not None:
            return stopped
        for index, step in zip(wave, steps, strict=True):
            waits[index] = waits[index] + 1 if step["state"] == "wait" else 0
        waiting = [index for index, step in zip(wave, steps, strict=True) if step["state"] != "done"] + waiting
        pause = max(step["wait"] for step in steps)
        if pause > 0:
            yield context.sleep(timedelta(seconds=pause))
    return {"state": "done"}


def _write(context: Context, job: dict[str, Any], groups: Iterable[int]) -> Steps:
    """Write all groups, those again that wait for others to be compared; return the step that failed or is held."""
    waiting = list(groups)
    while waiting:
        failed, waiting = yield from _write_once(context, job, waiting)
        if failed is not None:
            return failed
    return None


def _write_once(context: Context, job: dict[str, Any], groups: Iterable[int]) -> Steps:
    """Ask each group once, always as many at a time as there may be; return what failed, and who is not written yet."""
    waiting = deque((group, 0) for group in groups)
    running: list[tuple[int, int, Any]] = []
    failed = None
    again: list[int] = []
    while running or waiting:
        while waiting and len(running) < GROUPS_AT_ONCE:
            group, waits = waiting.popleft()
            order = {**job, "index": group, "lastTry": waits == MOST_WAITS}
            running.append((group, waits, context.call_activity("write_group", order)))
        done = yield context.when_any([task for _, _, task in running])
        group, waits = next((each, so_far) for each, so_far, task in running if task is done)
        running = [each for each in running if each[2] is not done]
        step = done.get_result()
        if step["state"] == "wait" and failed is None:
            waiting.append((group, waits + 1))
            yield context.sleep(timedelta(seconds=step["wait"]))
        elif step["state"] == "more":
            again.append(group)
        elif step["state"] in {"failed", "held", "wait"}:
            failed = failed or step
            waiting.clear()
    return failed, sorted(again)


def _page(context: Context, job: dict[str, Any], index: int, waits: int) -> Any:
    return context.call_activity("read_page", {**job, "index": index, "lastTry": waits >= MOST_WAITS})


def _patiently(context: Context, name: str, job: dict[str, Any]) -> Steps:
    """Take a step again after each wait that the source asked for."""
    for waits in range(MOST_WAITS + 1):
        step = yield context.call_activity(name, {**job, "lastTry": waits == MOST_WAITS})
        if step["state"] != "wait":
            return step
        yield context.sleep(timedelta(seconds=step["wait"]))
    return step
