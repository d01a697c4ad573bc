"""After the last change a contract is left alone: a thousand looks at both sides write nothing."""

from collections.abc import Callable

import pytest

from sync.model.errand import Errand
from sync.model.field_sync import ConflictPolicy
from sync.services.merging import reconcile
from tests.support.errands import run_errands
from tests.support.two_sides import CONTRACT, CUSTOMER_NAME, OWN, RELATED, Sides, pair

IDLE = 1_000
FIELDS = (pair("name", policy=ConflictPolicy.NEWEST_WINS), pair("description"), pair("stepname"), CUSTOMER_NAME)


def last_changes(sides: Sides) -> None:
    """Change every field on one side or both: one is decided by its policy, one is for a person to decide."""
    sides.dynamics.edit(OWN, name="earlier", description="one", stepname="ours")
    sides.clock.pass_by(60)
    sides.oneflow.edit(f_name="later", f_description="another", f_customer="Contoso")


def too_long(sides: Sides) -> None:
    """Let a value come that the other side never takes."""
    last_changes(sides)
    sides.oneflow.edit(f_stepname="x" * 500)


def rounded(sides: Sides) -> None:
    """Let Dynamics store something else than it is sent, as a rule of the organization does."""
    sides.dynamics.stores = lambda _, value: str(value).upper()
    last_changes(sides)


def flipping(sides: Sides) -> None:
    """Let somebody else's rule write every value back that arrives."""
    sides.oneflow.stores = lambda _, __: "theirs"
    sides.dynamics.edit(OWN, name="ours")


def cycle(sides: Sides) -> int:
    """Let a notice name the contract and its errand be run; return how much was written anywhere."""
    now, inbox = sides.clock.now(), sides.desk.listening.inbox
    before = sides.written, sides.link.version, len(sides.logs)
    inbox.ask(Errand(sides.bridge.id, CONTRACT, now, now))
    run_errands(sides.desk, reconcile)
    assert inbox.due(now, limit=1) == ()
    sides.clock.pass_by(60)
    after = sides.written, sides.link.version, len(sides.logs)
    return sum(was != then for was, then in zip(before, after, strict=True))


def watched() -> Sides:
    """Return a contract that its bridge's errands find."""
    sides = Sides(FIELDS)
    sides.desk.integrations.create(sides.bridge)
    return sides


@pytest.mark.untraced
@pytest.mark.parametrize(("change", "idle"), [(last_changes, IDLE), (too_long, 50), (rounded, 50), (flipping, 50)])
def test_after_the_last_change_at_most_two_cycles_write_and_those_that_follow_write_nothing(
    change: Callable[[Sides], None], idle: int
) -> None:
    sides = watched()
    change(sides)
    written = [cycle(sides) for _ in range(2 + idle)]
    assert written[0]
    assert written[2:] == [0] * idle


def test_a_cycle_that_writes_is_seen() -> None:
    sides = watched()
    assert [cycle(sides) for _ in range(2)] == [1, 0]
    sides.dynamics.edit(RELATED, name="Contoso")
    assert cycle(sides) == 3
