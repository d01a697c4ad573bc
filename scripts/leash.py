"""Runs a command that gets a signal when the process that started it dies: leash.py SIGNAL COMMAND ..."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def tie_to_parent(number: signal.Signals) -> None:
    """Ask the kernel to send this process the signal when its parent ends; elsewhere than on Linux do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number))


def end_with_make() -> None:
    """Let a command that make runs get SIGTERM when make dies; one that a person starts goes on without its shell."""
    if os.environ.get("MAKELEVEL"):
        tie_to_parent(signal.SIGTERM)


def main() -> None:
    """Tie this process to its parent and become the command."""
    parent = int(os.environ.pop("LEASH_PARENT", os.getppid()))
    tie_to_parent(signal.Signals[f"SIG{sys.argv[1]}"])
    if os.getppid() != parent:  # it died before the tie was made
        sys.exit(1)
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606  a list of arguments, no shell


if __name__ == "__main__":
    main()
