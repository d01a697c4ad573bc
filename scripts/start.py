"""`make start`: Azurite and the app, in the foreground, until INT or TERM."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, NoReturn

from scripts.azurite import HOST, Ports, PortsError, Presence, is_listening, ports_from, presence
from scripts.children import Child, end_all, make_was_interrupted, start_child
from scripts.leash import end_with_make
from scripts.local_settings import LocalSettingsError, merged, values_in, with_storage
from scripts.storage import StorageError, shared_or_started

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / ".azurite"
DEFAULT_PORT = "7071"
READY_PATIENCE = 120.0
PORT_PATIENCE = 15.0
GLANCE = 0.25


class StartError(Exception):
    """The app cannot run, or stopped running; the message says why."""


class Ending(Exception):  # noqa: N818  not an error: INT or TERM asked for it
    """Somebody asked this command to end."""


class Start:
    """The running command: what it started, and what it was told."""

    def __init__(self, settings: Mapping[str, str], port: int) -> None:
        self.settings = settings
        self.port = port
        self.ports = ports_from(settings.get("HUB_AZURITE_PORTS") or str(Ports()))
        self.children: list[Child] = []
        self.azurite: Child | None = None
        self.told_to_end = threading.Event()
        self.ready = threading.Event()

    def run(self) -> NoReturn:
        """Start everything and stay until told to end.

        Raises:
            Ending: On INT or TERM.
            StartError: Something did not start, or ended by itself.
            StorageError: There is no Azurite and none could be started.
        """
        self.have_storage()
        self.wait_for_the_port()
        self.start_app()
        deadline = time.monotonic() + READY_PATIENCE
        while not self.ready.is_set():
            self.glance()
            if time.monotonic() > deadline:
                message = f"The app was not ready after {READY_PATIENCE:.0f} s."
                raise StartError(message)
        while True:
            self.glance()
            if self.azurite is None and presence(self.ports) is Presence.NOBODY:
                self.have_storage()

    def have_storage(self) -> None:
        """Use the Azurite that listens, or start one on the data in .azurite."""
        self.azurite = shared_or_started(self.ports, DATA)
        if self.azurite is not None:
            self.children.insert(0, self.azurite)

    def wait_for_the_port(self) -> None:
        """Give an app that is about to end the time to do so."""
        deadline = time.monotonic() + PORT_PATIENCE
        while self.port and is_listening(self.port):
            self.glance()
            if time.monotonic() > deadline:
                message = f"Port {self.port} is in use: end what listens there, or set PORT."
                raise StartError(message)

    def start_app(self) -> None:
        """Start the app on the host; its output becomes ours."""
        command = [sys.executable, "-m", "devhost", str(ROOT), "--port", str(self.port)]
        environment = with_storage(self.settings, self.ports)
        app = start_child("The app", command, environment=environment, output=subprocess.PIPE)
        self.children.append(app)
        if app.process.stdout is not None:
            threading.Thread(target=self.pass_on, args=[app.process.stdout], daemon=True).start()

    def pass_on(self, output: IO[bytes]) -> None:
        """Print what the app prints; its ready line, too, which then is ours."""
        for line in output:
            text = line.decode(errors="replace").rstrip("\n")
            print(text, flush=True)
            if text.startswith(f"ready http://{HOST}:"):
                self.ready.set()

    def glance(self) -> None:
        """Wait a moment, and notice what happened.

        Raises:
            Ending: On INT or TERM.
            StartError: A child has ended by itself.
        """
        if self.told_to_end.wait(GLANCE) or make_was_interrupted():
            raise Ending
        for child in self.children:
            if child.has_ended():
                message = f"{child.name} ended by itself, status {child.process.returncode}."
                raise StartError(message)


def settings_here() -> dict[str, str]:
    """Return the settings of this start.

    Raises:
        LocalSettingsError: local.settings.json cannot be read.
    """
    return merged(os.environ, values_in(ROOT / "local.settings.json"))


def main() -> int:
    """Run until told to end; 0 when told to, 1 when something failed, 2 when a setting is wrong."""
    try:
        settings = settings_here()
        start = Start(settings, int(settings.get("PORT", DEFAULT_PORT)))
    except (LocalSettingsError, PortsError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: start.told_to_end.set())
    end_with_make()
    try:
        start.run()
    except Ending:
        return 0
    except (StartError, StorageError) as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        return 1
    finally:
        end_all(start.children)


if __name__ == "__main__":
    sys.exit(main())
