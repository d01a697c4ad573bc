"""What each flow test gets of its own, on the stack that all tests of one process share."""

from collections.abc import Iterator

import pytest

from sandbox.control import Control
from scripts.stack import Stack
from tests.flow.bridge_kit import Span, spans
from tests.flow.kit import Caller, Connector, Site, watched


@pytest.fixture
def control(stack: Stack) -> Iterator[Control]:
    """Return the simulated systems' control; afterwards nothing was written there, and all is as it was."""
    with watched(stack.control):
        yield stack.control


@pytest.fixture
def connector(stack: Stack, control: Control) -> Iterator[Connector]:
    """Return what makes callers and integrations."""
    made = Connector(stack, control)
    yield made
    made.end()


@pytest.fixture
def alice(connector: Connector) -> Caller:
    """Return a new user."""
    return connector.caller("alice")


@pytest.fixture
def bob(connector: Connector) -> Caller:
    """Return another new user."""
    return connector.caller("bob")


@pytest.fixture
def span(control: Control, alice: Caller) -> Iterator[Span]:
    """Return a new bridge between the simulated Dataverse and Oneflow, which hears no notices."""
    yield from spans(alice, control, realtime=False)


@pytest.fixture
def site(connector: Connector, alice: Caller) -> Site:
    """Return a new integration with Contoso: 7 vendors and 64 items."""
    return connector.connect(alice)


@pytest.fixture
def synced(site: Site) -> Site:
    """Return an integration after its first full sync."""
    site.sync()
    return site


@pytest.fixture(scope="session")
def library(stack: Stack) -> Site:
    """Return an integration with CRONUS after a full sync, for tests that only look: 66 suppliers, 149 products."""
    with watched(stack.control):
        makes = Connector(stack, stack.control)
        made = makes.connect(makes.caller("alice"), "cronus")
        made.sync()
    return made


@pytest.fixture(scope="session")
def workshop(stack: Stack) -> Site:
    """Return an integration that never syncs, for tests that make records of their own."""
    with watched(stack.control):
        makes = Connector(stack, stack.control)
        return makes.connect(makes.caller("alice"))
