"""Runs an app under the host in a process of its own, as a person would."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[2]
SAMPLE = Path(__file__).parent / "sample"
SETTINGS = {
    "SAMPLE_HUB": "SampleHub",
    "SAMPLE_SCHEDULE": "0 0 3 * * *",
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "PYTHON_THREADPOOL_THREAD_COUNT": "24",
    "AzureWebJobs.on_message.Disabled": "true",
    "AzureWebJobs.on_poison.Disabled": "true",
}


@dataclass
class RunningHost:
    process: subprocess.Popen[str]
    log: Path
    url: str
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.session.get(self.url + path, timeout=30, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.session.post(self.url + path, timeout=30, **options)

    def run(self, orchestrator: str, **job: Any) -> Any:
        return self.post(f"/api/run/{orchestrator}", json=job).json()

    def start(self, orchestrator: str, instance_id: str = "", **job: Any) -> Any:
        return self.post(f"/api/start/{orchestrator}?id={instance_id}", json=job).json()

    def stop(self, number: int) -> float:
        began = time.perf_counter()
        self.process.send_signal(number)
        self.process.wait(10)
        return time.perf_counter() - began


def start_process(
    app: Path, *options: str, settings: Mapping[str, str] | None = None, log: Path
) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error::DeprecationWarning", "-m", "devhost", str(app), "--port", "0", *options]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("DEVHOST_")}
    with log.open("w") as stderr:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environ | SETTINGS | dict(settings or {}),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )


@contextmanager
def running_host(*options: str, settings: Mapping[str, str] | None = None) -> Iterator[RunningHost]:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "host.log"
        process = start_process(SAMPLE, *options, settings=settings, log=log)
        assert process.stdout is not None
        ready, _, url = process.stdout.readline().strip().partition(" ")
        assert ready == "ready", log.read_text()
        host = RunningHost(process, log, url)
        try:
            yield host
        finally:
            host.session.close()
            process.terminate()
            process.wait(10)
            process.stdout.close()


def until(condition: Any, *, seconds: float = 30) -> Any:
    """Ask again and again until the answer is true."""
    end = time.perf_counter() + seconds
    while not (answer := condition()):
        if time.perf_counter() > end:
            raise TimeoutError(str(answer))
        time.sleep(0.02)
    return answer
