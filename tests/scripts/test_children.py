import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.children import make_was_interrupted, start_child

SLEEPER = [sys.executable, "-IS", "-c", "import time; time.sleep(60)"]
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = """
import sys
from scripts.children import start_child
print(start_child("x", sys.argv[1:]).process.pid, flush=True)
input()
"""


def test_a_child_ends_when_asked_to() -> None:
    child = start_child("sleeper", SLEEPER)
    child.end()
    assert child.process.returncode == -signal.SIGTERM


def test_a_child_that_does_not_listen_is_killed() -> None:
    child = start_child("stubborn", [sys.executable, "-IS", "-c", STUBBORN], output=subprocess.PIPE)
    assert child.process.stdout is not None
    with child.process.stdout as output:
        output.readline()
        child.end(patience=0.1)
    assert child.process.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's own")
def test_a_child_dies_with_a_killed_parent() -> None:
    command = [sys.executable, "-c", PARENT, *SLEEPER]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    assert _ends(child)


def test_outside_make_nothing_was_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAKELEVEL", raising=False)
    assert not make_was_interrupted()


def _ends(process: int) -> bool:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{process}/stat").read_text(encoding="ascii").split(") ")[1].startswith("Z"):
            return True
        time.sleep(0.05)
    return False
