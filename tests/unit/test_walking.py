"""Walks: what moved unheard is found, what did not is left alone, and everything has its turn."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from sync.engine.walking import BUCKETS_IN_TURN, buckets_in_turn
from sync.model.contract_link import ContractLink
from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.errors import RetryLaterError
from sync.model.field_sync import Direction
from sync.model.integration import Status
from sync.model.run import RunTrigger
from sync.ports import LINK_BUCKETS, Contract, Page, Row
from sync.services.walking import walk, walk_all
from tests.support.bridges import ToyDynamics, ToyOneflow
from tests.support.listening import Ears

LATER = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
THEN = "2025-02-01T10:00:00+0000"
FIRST = 1_000
"""Contracts from this number on lie in buckets whose turn is not the first walk's."""


@dataclass
class PagedOneflow(ToyOneflow):
    """Lists contracts a few at a time."""

    page: int = 2
    listed: list[str] = field(default_factory=list)
    endless: bool = False

    def contracts(self, filters: Any, cursor: str | None = None) -> Page[Contract]:
        self.stumble("contracts")
        self.listed.append(filters["states"])
        known = [each for each in self.made.values() if each.state in filters["states"].split(",")]
        start = int(cursor or 0)
        more = self.endless or start + self.page < len(known)
        return Page(tuple(known[start : start + self.page]), str(start + self.page) if more else None)


@dataclass
class PagedDynamics(ToyDynamics):
    """Lists changed rows one at a time, and notes what it is asked for."""

    changed: list[str] = field(default_factory=list)
    filters: list[str | None] = field(default_factory=list)

    def rows(self, table: Any, query: Any, cursor: str | None = None, *, page_size: int = 500) -> Page[Row]:
        self.filters.append(query.filter)
        start = int(cursor or 0)
        following = str(start + 1) if start + 1 < len(self.changed) else None
        return Page(tuple(Row(each, 'W/"1"', {}) for each in self.changed[start : start + 1]), following)


class Grounds(Ears):
    """Ears with contracts to walk over."""

    def __init__(self, **more: Any) -> None:
        self.account, self.organization = PagedOneflow(), PagedDynamics()
        super().__init__(oneflow=self.account, dynamics=self.organization, **more)
        self.change(settings={"automatic": True})

    def link(self, number: int, **changes: Any) -> ContractLink:
        """Store a contract that both sides agree on."""
        self.account.made[number] = Contract(number, "Deal", "pending", None, 1, 7, THEN, THEN)
        now = self.clock.now()
        made = ContractLink(self.bridge_id, number, "opportunity", f"record-{number}", "Deal", "pending", now)
        return self.desk.links.create(replace(made, **{"seen_at": SEEN, **changes}))

    def walked(self) -> list[int]:
        """Walk, and return which contracts are to be compared."""
        self.clock.moment += LATER
        assert walk_all(self.desk) == 1
        found = self.waiting(days=9)
        for each in found:
            self.desk.listening.inbox.settle(each)
        return sorted(each.contract_id for each in found)

    def map(self, direction: Direction) -> None:
        """Map one field."""
        pair = FieldPair("opportunity", None, "name", "topic", direction)
        self.desk.mappings.create(EntityMapping(self.bridge_id, "opportunity", (pair,)))


SEEN = Ears().clock.now().replace(year=2025, month=2, day=1, hour=10, minute=0, second=0, microsecond=0)


def grounds(*numbers: int) -> Grounds:
    made = Grounds()
    for number in numbers:
        made.link(number)
    return made


def turned(office: Grounds) -> Grounds:
    """Let the first buckets have had their turn."""
    office.walked()
    return office


def test_a_contract_that_did_not_move_is_left_alone() -> None:
    assert grounds(FIRST).walked() == []


def test_a_contract_that_oneflow_changed_is_compared() -> None:
    office = grounds(FIRST, FIRST + 1, FIRST + 2)
    known = office.account.made[FIRST + 2]
    office.account.made[FIRST + 2] = replace(known, updated_at="2025-02-01T10:00:01+0000")
    assert office.walked() == [FIRST + 2]


def test_a_change_in_the_second_of_the_last_comparison_is_compared() -> None:
    office = grounds(FIRST)
    now = office.clock.now().replace(microsecond=0)
    office.account.made[FIRST] = replace(office.account.made[FIRST], updated_at=now.isoformat())
    known = office.desk.links.get(office.bridge_id, FIRST)
    assert known is not None
    office.desk.links.save(replace(known, seen_at=now))
    assert office.walked() == [FIRST]
    assert office.walked() == [FIRST]
    assert office.walked() == []


def test_a_contract_whose_time_is_not_told_is_compared_when_one_was_told_before() -> None:
    office = grounds(FIRST)
    office.account.made[FIRST] = replace(office.account.made[FIRST], updated_at=None)
    assert office.walked() == [FIRST]


def test_a_contract_that_never_tells_its_time_has_only_its_turn() -> None:
    office = grounds()
    office.link(FIRST, seen_at=None)
    office.account.made[FIRST] = replace(office.account.made[FIRST], updated_at=None)
    assert office.walked() == []


def test_a_contract_that_is_open_no_more_is_compared_once() -> None:
    office = grounds(FIRST, FIRST + 1)
    office.account.made[FIRST] = replace(office.account.made[FIRST], state="signed")
    assert office.walked() == [FIRST]
    known = office.desk.links.get(office.bridge_id, FIRST)
    assert known is not None
    office.desk.links.save(replace(known, state="signed"))
    assert office.walked() == []


def test_a_contract_that_was_deleted_is_compared() -> None:
    office = grounds(FIRST, FIRST + 1)
    del office.account.made[FIRST]
    assert office.walked() == [FIRST]


def test_contracts_of_others_in_the_account_do_not_concern_us() -> None:
    office = grounds(FIRST)
    office.account.made[7] = Contract(7, "Theirs", "pending", None, 1, 7, THEN, "2027-01-01T00:00:00+00:00")
    assert office.walked() == []


def test_only_open_contracts_are_asked_for() -> None:
    office = turned(grounds(FIRST))
    assert office.account.listed == ["draft,pending,overdue"]


@pytest.mark.parametrize("direction", [Direction.TWO_WAY, Direction.DYNAMICS_TO_ONEFLOW])
def test_a_record_that_dynamics_changed_has_its_contracts_compared(direction: Direction) -> None:
    office = grounds(FIRST, FIRST + 1)
    office.map(direction)
    office.organization.changed = [f"record-{FIRST}", "record-of-nobody"]
    assert office.walked() == [FIRST]


def test_changes_are_looked_for_from_a_little_before_the_last_walk() -> None:
    office = grounds(FIRST)
    office.map(Direction.TWO_WAY)
    office.walked()
    before = office.clock.now() - timedelta(minutes=10)
    office.walked()
    assert office.organization.filters[-1] == f"modifiedon ge {before:%Y-%m-%dT%H:%M:%SZ}"


def test_a_table_whose_fields_are_synced_once_is_not_asked() -> None:
    office = turned(grounds(FIRST))
    office.map(Direction.ONCE)
    office.walked()
    assert office.organization.filters == []


def test_a_table_that_is_gone_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    office = grounds(FIRST)
    office.map(Direction.TWO_WAY)
    office.organization.known.clear()
    del office.account.made[FIRST]
    assert office.walked() == [FIRST]
    assert "table not walked" in caplog.messages


def test_everything_has_its_turn_once_in_a_day() -> None:
    office = grounds(3, 100, FIRST)
    found = [number for _ in range(LINK_BUCKETS // BUCKETS_IN_TURN) for number in office.walked()]
    assert sorted(found) == [3, 100, FIRST]


def test_the_turn_begins_again_after_the_last_bucket() -> None:
    assert buckets_in_turn(LINK_BUCKETS - 1, LINK_BUCKETS) == (LINK_BUCKETS - 1, 0)


def test_errands_of_a_walk_leave_room_for_notices() -> None:
    office = grounds(*range(FIRST, FIRST + 5))
    office.account.made.clear()
    office.clock.moment += LATER
    assert walk(office.desk, office.bridge) == 5
    found = sorted(office.waiting(days=9), key=lambda each: each.due_at)
    assert found[-1].due_at - found[0].due_at == timedelta(seconds=1)
    assert {each.trigger for each in found} == {RunTrigger.TIMER}


def test_a_contract_that_waits_already_is_not_asked_for_twice() -> None:
    office = grounds(FIRST)
    office.account.made.clear()
    for _ in range(2):
        walk(office.desk, office.bridge)
    assert len(office.waiting(days=9)) == 1


def test_an_account_with_more_open_contracts_than_can_be_listed_proves_nothing_about_the_rest() -> None:
    office = grounds(FIRST)
    office.account.made.clear()
    for number in range(20_001):
        office.account.made[number + 5_000] = Contract(number + 5_000, "x", "draft", None, 1, 7, THEN, THEN)
    office.account.endless, office.account.page = True, 10_000
    assert office.walked() == []


def test_a_bridge_without_contracts_asks_nobody() -> None:
    office = grounds()
    assert (office.walked(), office.oneflow.opened) == ([], [])
    assert office.desk.listening.inbox.walk(office.bridge_id) is not None


@pytest.mark.parametrize("status", [Status.PAUSED, Status.SETUP_REQUIRED])
def test_only_active_bridges_are_walked(status: Status) -> None:
    office = grounds(FIRST)
    office.change(status=status)
    assert walk_all(office.desk) == 0


def test_trouble_with_one_bridge_does_not_concern_the_others(caplog: pytest.LogCaptureFixture) -> None:
    office = grounds(FIRST)
    office.bridged()
    office.account.troubles["contracts"] = RetryLaterError("Oneflow is not available", delay=0)
    assert walk_all(office.desk) == 1
    assert "contracts not walked" in caplog.messages
    assert office.desk.listening.inbox.walk(office.bridge_id) is None


def test_a_walk_that_breaks_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    office = grounds(FIRST)
    office.account.made[FIRST] = None  # type: ignore[assignment]  # nothing that a walk can use
    assert walk_all(office.desk) == 0
    assert "walk broke" in caplog.messages


def test_a_walk_shows_that_it_is_alive_as_long_as_it_goes_on() -> None:
    office, beats = grounds(*range(FIRST, FIRST + 5)), list[int]()
    walk(office.desk, office.bridge, lambda: beats.append(len(office.account.listed)))
    assert beats == [0, 1, 2, 3]


def test_a_walk_that_died_is_followed_by_one_that_looks_at_the_same_changes() -> None:
    office = grounds(*range(FIRST, FIRST + 5))
    office.account.made.clear()
    with pytest.raises(KeyboardInterrupt):
        walk(office.desk, office.bridge, _dying(after=1))
    assert office.walked() == list(range(FIRST, FIRST + 5))


def test_the_place_of_a_walk_that_died_is_free_after_a_minute() -> None:
    office, now = grounds(FIRST), Ears().clock.now()
    office.desk.leases.acquire(f"walk_{office.bridge_id}", "dead", until=now + MINUTE, now=now, facts={})
    assert walk_all(office.desk) == 0
    office.clock.moment += MINUTE
    assert walk_all(office.desk) == 1


def _dying(*, after: int) -> Callable[[], None]:
    """Return a heartbeat at which the process ends, after so many others."""
    left = iter(range(after))

    def beat() -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    return beat


def test_two_walks_of_one_bridge_do_not_meet() -> None:
    office, now = grounds(FIRST), Ears().clock.now()
    office.desk.leases.acquire(f"walk_{office.bridge_id}", "other", until=now + LATER, now=now, facts={})
    assert walk_all(office.desk) == 0


def test_a_walk_takes_no_errands_place() -> None:
    office = grounds(FIRST)
    office.ask_for(FIRST)
    office.account.made.clear()
    walk(office.desk, office.bridge)
    assert [each.trigger for each in office.waiting(days=9)] == [RunTrigger.WEBHOOK]


def test_dynamics_is_not_asked_for_changes_that_wait_for_a_push_anyway() -> None:
    office = grounds(FIRST)
    office.map(Direction.TWO_WAY)
    office.change(settings={})
    office.organization.changed = [f"record-{FIRST}"]
    assert office.walked() == []
    assert office.organization.filters == []
