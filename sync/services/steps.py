"""The steps of a run by name, as the workflow calls them: each may happen twice."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from sync.engine.standing import status_after, worth_waiting
from sync.model.checkpoint import Range
from sync.model.entity import EntityType
from sync.model.errors import NotFoundError, RetryLaterError, SyncError
from sync.model.run import RunFailure
from sync.services.desk import Bench, Desk, Job, State, Step, sit_down
from sync.services.notebook import Notebook
from sync.services.opening import open_run
from sync.services.proposing import propose_group
from sync.services.proving import prove_entity
from sync.services.reading import plan_entity, read_page
from sync.services.writing import write_group

_GIVEN_UP = frozenset({State.WAIT, State.CANCELLED, State.FAILED})


def take(desk: Desk, name: str, job: Job) -> Step:
    """Take one step; what goes wrong with the remote system is an outcome that the workflow decides on."""
    try:
        return _STEPS[name](desk, job)
    except RetryLaterError as error:
        if worth_waiting(error) and not job.last_try:
            return Step(State.WAIT, wait=error.delay)
        return Step(State.FAILED, failure=RunFailure(error.code, error.message, retryable=True))
    except NotFoundError:
        return Step(State.CANCELLED)
    except SyncError as error:
        return Step(State.FAILED, failure=RunFailure(error.code, error.message), standing=status_after(error))


def begin_entity(desk: Desk, job: Job, bench: Bench, entity: EntityType) -> Step:
    """Plan one entity type; when a page of each range is all there is, carry it through at once."""
    desk = replace(desk, checkpoints=Notebook(desk.checkpoints))
    noted = plan_entity(desk, job, bench, entity)
    if len([span for span in noted.ranges if span.index >= 0]) <= 1:
        for span in noted.ranges:
            step = _first_page(desk, job, bench, span)
            if step.state is State.CANCELLED:
                _write_all(desk, job, bench, entity)
            if step.state in _GIVEN_UP:
                return step
        noted = desk.checkpoints.read(job.key, entity)
        if all(span.done for span in noted.ranges):
            held = _write_all(desk, job, bench, entity)
            return held or prove_entity(desk, job, bench, entity)
    waiting = tuple(span.index for span in noted.ranges if not span.done)
    return Step(State.MORE, ranges=waiting, groups=noted.plan.groups if noted.plan is not None else 0)


def carry_group(desk: Desk, job: Job, bench: Bench, entity: EntityType) -> Step:
    """Write one group, or plan what it would become."""
    return (propose_group if bench.run.proposes else write_group)(desk, job, bench, entity)


def _first_page(desk: Desk, job: Job, bench: Bench, span: Range) -> Step:
    if span.pages:
        return Step(State.MORE)
    return read_page(desk, replace(job, index=span.index), bench, span.entity)


def _write_all(desk: Desk, job: Job, bench: Bench, entity: EntityType) -> Step | None:
    """Write what has been read, also when the run stops here; return the step that is held, if one is."""
    plan = desk.checkpoints.read(job.key, entity).plan
    waiting = list(range(plan.groups if plan is not None else 0))
    while waiting:
        told = {group: carry_group(desk, replace(job, index=group), bench, entity) for group in waiting}
        held = next((step for step in told.values() if step.state is State.HELD), None)
        if held is not None:
            return held
        waiting = [group for group, step in told.items() if step.state is State.MORE]
    return None


def _of_entity(body: Callable[[Desk, Job, Bench, EntityType], Step]) -> Callable[[Desk, Job], Step]:
    def step(desk: Desk, job: Job) -> Step:
        if job.entity is None:
            raise SyncError(f"{body.__name__} needs an entity type")
        return body(desk, job, sit_down(desk, job), job.entity)

    return step


_STEPS: Mapping[str, Callable[[Desk, Job], Step]] = MappingProxyType(
    {
        "open_run": open_run,
        "begin_entity": _of_entity(begin_entity),
        "read_page": _of_entity(read_page),
        "write_group": _of_entity(carry_group),
        "prove_entity": _of_entity(prove_entity),
    }
)

NAMES = tuple(_STEPS)
"""The names of all steps, for those who register them."""
