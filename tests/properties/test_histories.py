"""10,000 seeded histories of a company, its runs and their crashes; a failure names its seed."""

import random

import pytest

from tests.support.history import History, check

HISTORIES = 10_000
PER_TEST = 250


@pytest.mark.timeout(300)
@pytest.mark.parametrize("first", range(0, HISTORIES, PER_TEST))
def test_whatever_happens_nothing_is_lost_doubled_or_claimed(first: int) -> None:
    for seed in range(first, first + PER_TEST):
        history = History(seed)
        history.live()
        for _ in range(random.Random(seed).randrange(1, 4)):
            history.sync(history.order())
            history.live()
        check(history)
