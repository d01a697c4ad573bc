"""The office that trigger tests call."""

import pytest

from tests.triggers.kit import Office
from tests.triggers.signing import DELEGATED


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def waiting(office: Office) -> str:
    """Return an integration that nobody has authorized."""
    return office.integrated(connection=DELEGATED)
