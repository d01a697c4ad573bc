"""10,000 seeded lives of a contract that both sides change: nothing that a person wrote is lost, all is told."""

import random

import pytest

from tests.support.contract_life import ContractLife

HISTORIES = 10_000
PER_TEST = 100


@pytest.mark.timeout(300)
@pytest.mark.parametrize("first", range(0, HISTORIES, PER_TEST))
def test_both_sides_come_together_and_no_edit_is_lost_or_overwritten_in_silence(first: int) -> None:
    for seed in range(first, first + PER_TEST):
        life = ContractLife(random.Random(seed))
        try:
            life.live()
            life.settle()
            life.check()
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error
