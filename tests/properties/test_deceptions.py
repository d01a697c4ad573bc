"""1,000 seeded cases of a source that deceives: none ends in a false success; a failure names its seed."""

import random

import pytest

from tests.support.deception import Case, Trick

CASES = 1_000
PER_TEST = 100


@pytest.mark.timeout(300)
@pytest.mark.parametrize("first", range(0, CASES, PER_TEST))
def test_no_deception_ends_in_a_false_success_or_calls_a_present_record_gone(first: int) -> None:
    for seed in range(first, first + PER_TEST):
        case, chance = Case(seed), random.Random(seed)
        case.sync(Trick.NONE)
        for _ in range(chance.randrange(1, 4)):
            case.live()
            if chance.random() < 0.2:
                case.lead_elsewhere()
            case.sync(chance.choice(list(Trick)))
        case.live()
        case.sync(Trick.NONE)
        assert case.claims, f"seed {seed}: an honest source is never believed"
