"""The host as a process: its one line, its start errors, its end."""

import asyncio
import shutil
import signal
import socket
import threading
from pathlib import Path

import pytest
import requests

from devhost.host import Host
from devhost.keys import Keys
from devhost.settings import StartError
from tests.devhost.running import SAMPLE, running_host, start_process, until


def busy(url: str) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/api/sleep?seconds=60", timeout=60)


def test_the_host_serves_and_ends_in_time_whatever_runs() -> None:
    with running_host() as host:
        links = host.start("fan_out", pages=20, sleep=60)
        until(lambda: host.session.get(links["statusQueryGetUri"]).json()["runtimeStatus"] == "Running")
        request = threading.Thread(target=busy, args=(host.url,))
        request.start()
        seconds = host.stop(signal.SIGTERM)
        request.join()
        assert host.process.stdout is not None
        assert (host.process.returncode, seconds < 3, host.process.stdout.read()) == (0, True, "")


def test_an_app_that_azure_refuses_ends_with_one_line(tmp_path: Path) -> None:
    app = shutil.copytree(SAMPLE, tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    with (app / "function_app.py").open("a") as file:
        file.write('\n\n@app.route(route="wrong")\ndef wrong(other):\n    return None\n')
    process = start_process(app, log=tmp_path / "log")
    output, _ = process.communicate(timeout=60)
    log = (tmp_path / "log").read_text()
    assert (process.returncode, output, log.count("\n")) == (1, "", 1)
    assert "start error: indexing failed: FunctionLoadError: cannot load the wrong function" in log


def test_a_taken_port_is_a_start_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(StartError, match="cannot be used"):
        asyncio.run(Host(SAMPLE, Keys("key")).start(taken.getsockname()[1]))
