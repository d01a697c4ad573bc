"""Callers of the simulated Dataverse."""

from collections.abc import Iterator

import pytest

from sandbox.control import Control
from sandbox.dataverse.control import DataverseControl
from tests.sandbox.dataverse.caller import Callers, DataverseCaller


@pytest.fixture
def calls(control: Control) -> Iterator[Callers]:
    made: list[DataverseCaller] = []

    def make(app: str = "hub") -> DataverseCaller:
        made.append(DataverseCaller(control, app))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def dataverse(calls: Callers) -> DataverseCaller:
    return calls()


@pytest.fixture
def orders(control: Control) -> DataverseControl:
    return DataverseControl(control.url)
