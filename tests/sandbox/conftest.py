"""One sandbox for the tests of this folder, put back to its start before each."""

from collections.abc import Callable, Iterator

import pytest

from sandbox.control import Control
from sandbox.datasets import Amounts
from sandbox.server import RunningSandbox, Sandbox
from sandbox.simulation import Options
from tests.sandbox.clients import Caller


@pytest.fixture(scope="session")
def running() -> Iterator[RunningSandbox]:
    options = Options(("cronus", "contoso", "hostile", "generated"), Amounts(300, 500, 7))
    with Sandbox(options).run_in_thread() as box:
        yield box


@pytest.fixture
def control(running: RunningSandbox) -> Control:
    control = running.control
    control.reset()
    return control


@pytest.fixture
def caller_of(control: Control) -> Iterator[Callable[..., Caller]]:
    made: list[Caller] = []

    def make(company: str = "cronus", app: str = "hub") -> Caller:
        made.append(Caller(control, company, app))
        return made[-1]

    yield make
    for caller in made:
        caller.close()


@pytest.fixture
def caller(caller_of: Callable[..., Caller]) -> Caller:
    return caller_of()
