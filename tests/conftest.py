"""The storage emulator and the whole stack, one of each a test process, and which tests coverage does not look at."""

import os
import socket
import subprocess
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer  # type: ignore[import-untyped]  # the library has no types

from scripts.azurite import free_ports
from sync.edge import calm_collector
from sync.storage.connection import emulator_connection
from tests.support.sharing import Sharing
from tests.support.stacks import stack  # noqa: F401 - a fixture for all tests
from tests.support.tracing import untraced

_PROGRAM = Path(__file__).parents[1] / ".tools" / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
_QUIET = ("--silent", "--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence")
_START_SECONDS = 30

# The same examples in every run, on a machine of any speed; HYPOTHESIS_PROFILE=explore looks for others.
settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("explore", max_examples=500, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

_UNTRACED = frozenset({"browser", "devhost", "flow", "properties", "sandbox"})
"""Folders whose tests coverage does not look at: they watch other processes, or repeat what others cover so often that
looking is half the work. Nothing counts as covered because of them alone."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run some tests untraced, laws and those of some folders among them; their fixtures, too."""
    is_law = hasattr(getattr(item, "obj", None), "hypothesis")
    if not is_law and item.nodeid.split("/")[1] not in _UNTRACED and not item.get_closest_marker("untraced"):
        return (yield)
    with untraced():
        return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Sharing | None:
    """Let `--dist=loadfile` keep more together than modules."""
    return Sharing(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over thousands of tests that stay to the end."""
    calm_collector()


@dataclass(frozen=True, slots=True)
class Azurite:
    """A running storage emulator; the ports are 0 when only its connection string is known."""

    connection_string: str
    blob_port: int = 0
    queue_port: int = 0
    table_port: int = 0


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """Return the emulator that HUB_TEST_STORAGE names by connection string, or one of our own."""
    given = os.environ.get("HUB_TEST_STORAGE")
    if given:
        yield Azurite(given)
        return
    with running_azurite(tmp_path_factory.mktemp("azurite")) as emulator:
        yield emulator


@contextmanager
def running_azurite(place: Path) -> Iterator[Azurite]:
    """Run an emulator in a directory, all three services in memory, until the block ends."""
    blob, queue, table = astuple(free_ports())
    ports = ("--blobPort", str(blob), "--queuePort", str(queue), "--tablePort", str(table))
    with (place / "azurite.log").open("wb") as log:
        command = ["node", str(_PROGRAM), *_QUIET, *ports]
        process = subprocess.Popen(command, cwd=place, stdout=log, stderr=log)
    try:
        for port in (blob, queue, table):
            _await_port(port, process)
        yield Azurite(emulator_connection({"Blob": blob, "Queue": queue, "Table": table}), blob, queue, table)
    finally:
        process.kill()
        process.wait()


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the storage emulator does not start: is .tools/node_modules installed?")
