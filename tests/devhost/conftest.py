"""One sample host per test process, with keys; its session shows the master key."""

import signal
from collections.abc import Iterator

import pytest

from tests.devhost.running import RunningHost, running_host


@pytest.fixture(scope="session")
def host() -> Iterator[RunningHost]:
    with running_host("--host-key", "host-key", "--master-key", "master-key") as running:
        running.session.headers["x-functions-key"] = "master-key"
        yield running
        assert (running.stop(signal.SIGINT) < 3, running.process.returncode) == (True, 0)
