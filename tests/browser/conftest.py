"""One browser for each test process, in a thread of its own, where the browser tests run, too."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser

from sandbox.control import Control
from scripts.stack import Stack
from tests.browser.kit import Browsing, running_chromium
from tests.flow.kit import Caller, Connector, Site, watched

collect_ignore = [] if os.environ.get("SCREENS") else ["test_screens.py"]
"""What only draws pictures runs only for them."""


@pytest.fixture(scope="session")
def thread() -> Iterator[ThreadPoolExecutor]:
    """Return the thread of the browser: its event loop must not be in the way of other tests."""
    with ThreadPoolExecutor(1, "browser") as pool:
        yield pool


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that has a browser in the browser's thread."""
    pool: Any = pyfuncitem.funcargs.get("thread")
    if pool is None or "browsing" not in pyfuncitem.funcargs:
        return None
    given = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    pool.submit(pyfuncitem.obj, **given).result()
    return True


@pytest.fixture(scope="session")
def chromium(thread: ThreadPoolExecutor) -> Iterator[Browser]:
    """Start Debian's Chromium, headless."""
    with ExitStack() as resources:
        yield thread.submit(resources.enter_context, running_chromium()).result()
        thread.submit(resources.pop_all().close).result()


@pytest.fixture
def browsing(thread: ThreadPoolExecutor, chromium: Browser, stack: Stack) -> Iterator[Browsing]:
    """Return the console in the browser; afterwards it must have done nothing wrong."""
    made = Browsing(chromium, stack)
    yield made
    thread.submit(made.end).result()


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
def site(connector: Connector, alice: Caller) -> Site:
    """Return a new integration with Contoso: 7 vendors and 64 items."""
    return connector.connect(alice)


@pytest.fixture
def synced(site: Site) -> Site:
    """Return an integration after its first full sync."""
    site.sync()
    return site
