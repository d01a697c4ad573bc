"""The stack that flow tests of one process share, and what each test gets of its own."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from sandbox.control import Control
from scripts.stack import Server, Stack, running
from tests.flow.kit import Caller, Connector, Site, watched

_SANDBOX = ("--company", "cronus", "contoso", "hostile", "generated", "--vendors", "250", "--items", "600")
_SETTINGS = {"HUB_DELTA_SCHEDULE": "* * * * * *"}


@pytest.fixture(scope="session")
def app_errors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file that the app's error stream goes to."""
    return tmp_path_factory.mktemp("flow") / "app.log"


@pytest.fixture(scope="session")
def stack(app_errors: Path) -> Iterator[Stack]:
    """Start storage, simulated systems and app once for each test process."""
    with ExitStack() as resources:
        with _errors_into(app_errors):
            started = resources.enter_context(running(_SANDBOX, _SETTINGS))
        yield started
    for server in (started.app, started.sandbox):
        close_output(server)


def close_output(server: Server) -> None:
    """Close the stream that an ended process wrote to."""
    if server.child.process.stdout is not None:
        server.child.process.stdout.close()


@contextmanager
def _errors_into(file: Path) -> Iterator[None]:
    """Let children started from now on write their errors into a file; this process keeps its own stream."""
    kept = os.dup(2)
    with file.open("wb") as log:
        os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


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
