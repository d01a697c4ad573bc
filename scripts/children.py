"""Child processes that end in order, and never outlive the command that started them."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
LEASH = ROOT / "scripts" / "leash.py"
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Child:
    """A process that this command started and has to end."""

    name: str
    process: subprocess.Popen[bytes]

    def has_ended(self) -> bool:
        """Say whether the process is gone."""
        return self.process.poll() is not None

    def end(self, patience: float = PATIENCE) -> None:
        """Ask the process to end; kill it when it has not after `patience` seconds."""
        if self.has_ended():
            return
        self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_child(  # noqa: PLR0913  a process is all of these
    name: str,
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    orphaned: str = "KILL",
    output: IO[bytes] | int | None = None,
    errors: IO[bytes] | int | None = None,
    keeps: tuple[int, ...] = (),
) -> Child:
    """Start a process in a session of its own, so that Ctrl-C reaches this command only.

    Should this command be killed, the kernel sends the process the `orphaned` signal. Its output goes to `output`,
    errors included when that is a file and to `errors` otherwise; it inherits the file descriptors in `keeps`.
    """
    environment = {**(os.environ if environment is None else environment), "LEASH_PARENT": str(os.getpid())}
    process = subprocess.Popen(
        [sys.executable, "-IS", str(LEASH), orphaned, *command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors if output in {None, subprocess.PIPE} else subprocess.STDOUT,
        pass_fds=keeps,
        start_new_session=True,
    )
    return Child(name, process)


def end_all(children: Sequence[Child]) -> None:
    """End the youngest first: it may need the older ones to finish."""
    for child in reversed(children):
        child.end()


def make_was_interrupted() -> bool:
    """Say whether the make that runs this command got a SIGINT of its own.

    On SIGINT make waits for its children without telling them, as the terminal usually has; it stops catching the
    signal, which the process table shows.
    """
    if not os.environ.get("MAKELEVEL"):
        return False
    try:
        status = Path(f"/proc/{os.getppid()}/status").read_text(encoding="utf-8")
    except OSError:
        return False
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    caught = int(fields.get("SigCgt", "0"), 16)
    return fields.get("Name") == "make" and not caught >> (signal.SIGINT - 1) & 1
