"""200 seeded plans: what is applied equals what was planned, row by row; what changed in between is refused."""

import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from sync.model.record import Record
from sync.model.run import Run, RunKind, RunStatus
from sync.services.plans import DiffFilter
from tests.support.phones import PhoneOffice, open_phones
from tests.unit.test_plans import applied, plan_of, planned

CASES = 200
PER_TEST = 50
_FIELDS = ("name", "phone", "number")
_ALL = DiffFilter()


@dataclass(slots=True)
class Case:
    """One company, what happens to it before a plan is made, and perhaps after."""

    seed: int
    chance: random.Random = field(init=False)
    office: PhoneOffice = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        size: dict[str, Any] = {"page_size": self.chance.choice((3, 100)), "group_size": self.chance.choice((4, 100))}
        self.office, _ = open_phones(self.chance.randrange(1, 20), **size, writers=1)
        self.office.sync(RunKind.DELTA)
        self.office.clock.pass_by(3600)

    def live(self, deeds: int) -> None:
        """Let the company change so often; no change leaves everything as it was."""
        for _ in range(deeds):
            self.office.clock.pass_by(1)
            ids = list(self.office.company.sets["vendors"])
            deed = self.chance.choice((self._add, self._add, self._move, self._move, self._rename, self._delete))
            deed(self.chance.choice(ids) if ids else self._add(""))

    def _add(self, _: str) -> str:
        (made,) = self.office.add(self.chance.choice(("", f"New {self.chance.randrange(10**6)}")))
        return made

    def _move(self, row_id: str) -> None:
        self.office.call([row_id], str(self.chance.randrange(10**6)))

    def _rename(self, row_id: str) -> None:
        self.office.company.put("vendors", row_id, self.chance.choice(("", f"Name {self.chance.randrange(10**6)}")))

    def _delete(self, row_id: str) -> None:
        self.office.company.delete("vendors", row_id)

    def stored(self) -> dict[str, Record]:
        """Return every supplier that is stored."""
        known = {row.id for row in self.office.company.sets["vendors"].values()} | set(self.office.source.phones)
        return {each: row for each in known if (row := self.office.record(each)) is not None}


def told(case: Case, run: Run) -> dict[str, dict[str, Any]]:
    """Return the rows of a plan by external id."""
    plan = plan_of(case.office, run)
    pages = [plan.changes(run, _ALL, cursor=None, limit=7)]
    while pages[-1].cursor is not None:
        pages.append(plan.changes(run, _ALL, cursor=pages[-1].cursor, limit=7))
    lines = [line for page in pages for _, line in page.items]
    assert len({line["externalId"] for line in lines}) == len(lines), case.seed
    return {line["externalId"]: line for line in lines}


@pytest.mark.parametrize("first", range(0, CASES, PER_TEST))
def test_the_applied_changes_equal_the_plan_row_by_row(first: int) -> None:
    for seed in range(first, first + PER_TEST):
        case = Case(seed)
        case.live(case.chance.randrange(1, 15))
        run = planned(case.office, case.chance.choice((RunKind.FULL, RunKind.DELTA)))
        lines, before = told(case, run), case.stored()
        done = applied(case.office, run)
        assert done.totals == run.totals, seed
        assert done.status is run.status, seed
        compare(case, lines, before)


def compare(case: Case, lines: dict[str, dict[str, Any]], before: dict[str, Record]) -> None:
    """Demand that each stored record became what its line told, and that none without a line changed."""
    after = case.stored()
    for each in before.keys() | after.keys() | lines.keys():
        line, old, new = lines.get(each), before.get(each), after.get(each)
        where = f"seed {case.seed}: {line}"
        if line is None:
            assert new == old, where
            continue
        changed = {
            name: {"from": None if old is None else old.fields[name], "to": new.fields[name]}
            for name in _FIELDS
            if new is not None and new.fields[name] != (None if old is None else old.fields[name])
        }
        assert {name: line["fields"][name] for name in _FIELDS if name in line["fields"]} == changed, where
        assert (old is None and new is not None) is (line["action"] == "create"), where
        assert (new is not None and not new.present_in_source) >= (line["action"] == "gone"), where


@pytest.mark.parametrize("first", range(0, CASES, PER_TEST))
def test_a_plan_whose_source_changed_in_between_is_refused(first: int) -> None:
    for seed in range(first, first + PER_TEST):
        case = Case(seed)
        case.live(case.chance.randrange(1, 15))
        run = planned(case.office, case.chance.choice((RunKind.FULL, RunKind.DELTA)))
        case.office.clock.pass_by(case.chance.choice((0.001, 60, 7200)))
        case._move(case._add(""))
        before = case.stored()
        done = applied(case.office, run)
        assert (done.status, done.error.code if done.error else "") == (RunStatus.FAILED, "PLAN_STALE"), seed
        assert case.stored() == before, seed
