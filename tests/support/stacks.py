"""The whole stack that tests of one process share: storage, simulated systems and app."""

import socket
from collections.abc import Iterator

import pytest

from scripts.stack import Server, Stack, running

_SANDBOX = ("--company", "cronus", "contoso", "hostile", "generated", "--vendors", "250", "--items", "600")
DOOR = socket.create_server(("127.0.0.1", 0))
FORM = f"http://127.0.0.1:{DOOR.getsockname()[1]}"
"""Where a test may serve a page that frames the widget; the socket is kept, so that nobody else takes the port."""
_SETTINGS = {"HUB_DELTA_SCHEDULE": "* * * * * *", "HUB_WIDGET_ANCESTORS": FORM}


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Start storage, simulated systems and app once for each test process."""
    with running(_SANDBOX, _SETTINGS) as started:
        yield started
    for server in (started.app, started.sandbox):
        close_output(server)


def close_output(server: Server) -> None:
    """Close the stream that an ended process wrote to."""
    if server.child.process.stdout is not None:
        server.child.process.stdout.close()
