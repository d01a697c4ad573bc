"""The office that trigger tests call."""

import pytest

from tests.triggers.kit import Office


@pytest.fixture
def office() -> Office:
    return Office()
