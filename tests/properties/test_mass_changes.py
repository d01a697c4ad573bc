"""1,000 seeded accidents at the source: none ends in a false success or in a mass change that nobody approved."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from sync.model.run import Run, RunKind, RunStatus
from tests.support.office import SUPPLIERS, VENDORS
from tests.support.phones import PhoneOffice, open_phones

CASES = 1_000
PER_TEST = 100
RECORDS = 40


@dataclass(slots=True)
class Accident:
    """One company of forty vendors, and what befalls it between two syncs."""

    seed: int
    chance: random.Random = field(init=False)
    office: PhoneOffice = field(init=False)
    ids: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        size: dict[str, Any] = {"page_size": self.chance.choice((7, 100)), "group_size": self.chance.choice((9, 100))}
        self.office, self.ids = open_phones(RECORDS, **size, writers=1)

    def some(self, share: float) -> list[str]:
        """Return about this share of the vendors, and never less."""
        return self.chance.sample(self.ids, min(RECORDS, int(share * RECORDS) + 1 + self.chance.randrange(3)))

    def truncate(self) -> None:
        """A listing ends early, and the count agrees with it or not."""
        kept = RECORDS - len(self.some(0.5))
        claimed = self.chance.choice((kept, RECORDS))
        for each in self.chance.sample(self.ids, RECORDS - kept):
            self.office.company.delete(VENDORS, each)
        self.office.source.counts = [claimed, claimed]

    def empty(self) -> None:
        """Nothing is listed."""
        for each in self.ids:
            self.office.company.delete(VENDORS, each)

    def swap(self) -> None:
        """Another company's records stand in the place of ours."""
        self.empty()
        self.office.call(self.office.add(*(f"Other {n}" for n in range(self.chance.randrange(20, 60)))), "9")

    def rewrite(self) -> None:
        """Another company's values stand under our ids, as after a copy."""
        for each in self.some(0.55):
            self.office.company.put(VENDORS, each, f"Other {self.chance.randrange(1000)}")

    def unname(self) -> None:
        """Names are emptied: such records are errors, and keep what they have."""
        for each in self.some(0.4):
            self.office.company.put(VENDORS, each, self.chance.choice(("", "  ")))

    def blank(self) -> None:
        """A column loses its values."""
        self.office.call(self.some(0.4), "")

    def sync(self, kind: RunKind) -> Run:
        return self.office.sync(kind, entities=(SUPPLIERS,))

    def stored(self) -> dict[str, tuple[Any, Any, bool]]:
        """Return name, phone and presence of every record that was there before."""
        rows = [self.office.kept(each) for each in self.ids]
        return {row.external_id: (row.fields["name"], row.fields["phone"], row.present_in_source) for row in rows}


ACCIDENTS: Mapping[str, tuple[Callable[[Accident], None], str, tuple[RunKind, ...]]] = {
    "truncated": (Accident.truncate, "LISTING_", (RunKind.FULL,)),
    "empty": (Accident.empty, "LISTING_SHRUNK", (RunKind.FULL,)),
    "swapped": (Accident.swap, "APPROVAL_REQUIRED", (RunKind.FULL,)),
    "rewritten": (Accident.rewrite, "APPROVAL_REQUIRED", (RunKind.FULL, RunKind.DELTA)),
    "unnamed": (Accident.unname, "", (RunKind.FULL, RunKind.DELTA)),
    "blanked": (Accident.blank, "APPROVAL_REQUIRED", (RunKind.FULL, RunKind.DELTA)),
}


@pytest.mark.parametrize("first", range(0, CASES, PER_TEST))
def test_no_accident_ends_in_a_false_success_or_an_unapproved_mass_change(first: int) -> None:
    for seed in range(first, first + PER_TEST):
        check(Accident(seed))


def check(case: Accident) -> None:
    """Let one accident happen; demand that the run tells of it, and that nothing was changed."""
    what = list(ACCIDENTS)[case.seed % len(ACCIDENTS)]
    befall, code, kinds = ACCIDENTS[what]
    before = case.stored()
    befall(case)
    kind = case.chance.choice(kinds)
    for _ in range(3):
        run = case.sync(kind)
        where = f"seed {case.seed}, {what}, {kind}: {run.error}"
        assert run.status is RunStatus.PARTIAL, where
        assert (run.error.code if run.error else "").startswith(code), where
        assert case.stored() == before, where
        case.office.clock.pass_by(60)
