"""Azurite, the simulated systems and the app together, on free ports: for the demo, benchmarks and flow tests."""

import base64
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sandbox.control import Control
from scripts.azurite import HOST, Ports, Presence, command, connection_string, free_ports, presence
from scripts.children import Child, end_all, start_child

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / ".run"
PATIENCE = 60.0
_TAIL = 40


class StackError(Exception):
    """Something did not start; the message holds the end of its output."""


@dataclass(slots=True)
class Server:
    """A child that says where it is ready, and what it printed since."""

    child: Child
    log: Path
    """Where it writes what it logs."""
    url: str = ""
    lines: list[str] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)

    def listen(self, output: IO[bytes], *, until: str) -> None:
        """Keep the output; the line that begins as told holds the address."""
        for raw in output:
            line = raw.decode(errors="replace").rstrip()
            self.lines.append(line)
            if line.startswith(until):
                self.url = line.rsplit(" ", 1)[-1]
                self.ready.set()


@dataclass(slots=True)
class Stack:
    """Everything that runs; `app` may be killed and started again."""

    storage: str
    environment: Mapping[str, str]
    azurite: Child
    sandbox: Server
    control: Control
    app: Server
    _children: list[Child]

    @property
    def url(self) -> str:
        """The app's address."""
        return self.app.url

    def restart_app(self) -> None:
        """Start the app again, on the port that it had."""
        port = self.app.url.rsplit(":", 1)[-1]
        self.app = start_app(self.environment, port=int(port))
        self._children.append(self.app.child)


@contextmanager
def running(
    sandbox: Sequence[str] = (), settings: Mapping[str, str] | None = None, *, port: int = 0
) -> Iterator[Stack]:
    """Start everything, and end it in the reverse order; `port` is the app's, 0 takes one that stays free for it.

    Raises:
        StackError: Something did not start in time.
    """
    children: list[Child] = []
    try:
        ports = free_ports()
        azurite = start_child("Azurite", command(ports, None), output=subprocess.DEVNULL)
        children.append(azurite)
        box = _serve("The sandbox", [sys.executable, "-m", "sandbox", "--port", "0", *sandbox], "sandbox ready ")
        children.append(box.child)
        _await_azurite(ports, azurite)
        _await(box, "The sandbox")
        control = Control(box.url)
        storage = connection_string(ports)
        environment = {**os.environ, **hub_settings(control, box.url, storage), **(settings or {})}
        app = start_app(environment, port=port or free_ports().blob)
        children.append(app.child)
        yield Stack(storage, environment, azurite, box, control, app, children)
    finally:
        end_all(children)


def reachable(sandbox: Sequence[str] = (), settings: Mapping[str, str] | None = None) -> AbstractContextManager[Stack]:
    """Start everything as running does; the app is known under an address that the simulated systems can call."""
    port = free_ports().blob
    return running(sandbox, {"HUB_PUBLIC_URL": f"http://{HOST}:{port}", **(settings or {})}, port=port)


def hub_settings(control: Control, sandbox_url: str, storage: str) -> dict[str, str]:
    """Return the app's settings for the simulated systems."""
    info = control.info()
    return {
        "AzureWebJobsStorage": storage,
        "HubStorage": storage,
        "HUB_SECRET_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "HUB_AUTH_ISSUER": info["api"]["issuer"],
        "HUB_AUTH_AUDIENCE": info["api"]["audience"],
        "HUB_AUTH_JWKS_URL": info["api"]["jwksUrl"],
        "HUB_CONSOLE_AUTHORITY": info["api"]["authority"],
        "HUB_CONSOLE_CLIENT_ID": info["api"]["consoleClientId"],
        "HUB_ENTRA_URL": sandbox_url,
        "HUB_BUSINESS_CENTRAL_URL": sandbox_url,
        "HUB_ONEFLOW_URL": f"{sandbox_url}/v1",
        "HUB_DATAVERSE_ORIGINS": sandbox_url,
    }


def start_app(environment: Mapping[str, str], *, port: int = 0) -> Server:
    """Start the app on the local host and wait until it is ready.

    Raises:
        StackError: It did not start.
    """
    server = _serve(
        "The app", [sys.executable, "-m", "devhost", str(ROOT), "--port", str(port)], "ready ", environment=environment
    )
    _await(server, "The app")
    return server


def _serve(name: str, line: list[str], until: str, environment: Mapping[str, str] | None = None) -> Server:
    LOGS.mkdir(exist_ok=True)
    file = LOGS / f"{name.lower().replace(' ', '-')}-{os.getpid()}.log"
    with file.open("ab") as log:
        return _listening(name, line, until, environment, log)


def _listening(name: str, line: list[str], until: str, environment: Mapping[str, str] | None, log: IO[bytes]) -> Server:
    child = start_child(name, line, environment=environment, output=subprocess.PIPE, errors=log)
    server = Server(child, Path(str(log.name)))
    output = child.process.stdout
    if output is None:
        raise StackError(f"{name} has no output")
    threading.Thread(target=server.listen, args=(output,), kwargs={"until": until}, daemon=True).start()
    return server


def _await(server: Server, name: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not server.ready.wait(0.05):
        if server.child.has_ended() or time.monotonic() > deadline:
            logged = server.log.read_text(encoding="utf-8", errors="replace").splitlines()
            tail = "\n".join(logged[-_TAIL:])
            raise StackError(f"{name} did not start:\n{tail}")


def _await_azurite(ports: Ports, azurite: Child) -> None:
    deadline = time.monotonic() + PATIENCE
    while presence(ports) is not Presence.AZURITE:
        if azurite.has_ended() or time.monotonic() > deadline:
            raise StackError(f"Azurite did not start on {HOST}, ports {ports}")
        time.sleep(0.05)
