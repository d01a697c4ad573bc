"""Callers of the simulated Oneflow."""

from collections.abc import Callable, Iterator

import pytest

from sandbox.control import Control
from tests.sandbox.ears import Ear
from tests.sandbox.oneflow.kit import Caller


@pytest.fixture
def calling(control: Control) -> Iterator[Callable[..., Caller]]:
    made: list[Caller] = []

    def make(account: str = "Contoso AB", email: str = "admin@contoso.example") -> Caller:
        made.append(Caller(control, account, email))
        return made[-1]

    yield make
    for each in made:
        each.session.close()


@pytest.fixture
def flow(calling: Callable[..., Caller]) -> Caller:
    return calling()


@pytest.fixture
def ear(control: Control) -> Iterator[Ear]:
    control.clock(freeze=True)
    with Ear() as ear:
        yield ear
