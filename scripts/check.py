"""`make test`: everything that CI checks; the tests run last, their summary is the last line."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from scripts.leash import end_with_make

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
WORKERS = CORES + 1
"""Processes that run tests: a flow test waits as long as it works, and another one may work meanwhile."""

LEASH = (sys.executable, "-IS", str(ROOT / "scripts" / "leash.py"), "TERM")  # a check ends with this command

STATIC: dict[str, tuple[str, ...]] = {
    "types": ("mypy",),
    "dependencies": ("deptry", "."),
    "lint": ("ruff", "check", "."),
    "format": ("ruff", "format", "--check", "."),
    "layers": ("lint-imports",),
}
TESTS = (
    "pytest",
    "--quiet",
    "--numprocesses",
    str(WORKERS),
    "--dist=worksteal",
    "-p",
    "no:cacheprovider",
    "--cov",
    "--cov-report=term-missing:skip-covered",
    "--cov-fail-under=100",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one check went."""

    name: str
    status: int
    seconds: float
    output: str

    def report(self) -> str:
        """Return one line, and the whole output when the check failed."""
        line = f"{'FAILED' if self.status else 'ok':6} {self.name:12} {self.seconds:6.1f} s"
        return f"{line}\n{self.output.rstrip()}" if self.status else line


def outcome_of(name: str, command: Sequence[str]) -> Outcome:
    """Run one check to its end, its output kept."""
    started = time.monotonic()
    process = subprocess.run(
        [*LEASH, str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(name, process.returncode, time.monotonic() - started, process.stdout)


def failed_checks() -> list[str]:
    """Run the static checks side by side, print how each went, return the names of those that failed."""
    failed = []
    with ThreadPoolExecutor(CORES) as pool:
        for outcome in pool.map(outcome_of, STATIC.keys(), STATIC.values()):
            print(outcome.report(), flush=True)
            if outcome.status:
                failed.append(outcome.name)
    return failed


def tests_failed() -> int:
    """Run the tests, their output shown as it comes; measurements go to a folder of this run's own."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "COVERAGE_FILE": str(Path(folder) / "coverage")}
        return subprocess.run([*LEASH, BIN / TESTS[0], *TESTS[1:]], cwd=ROOT, env=environment, check=False).returncode


def main() -> int:
    """Run everything, also after a failure; 0 only when all went well."""
    end_with_make()
    failed = failed_checks()
    if failed:
        print(f"FAILED before the tests: {', '.join(failed)}", flush=True)
    return 1 if tests_failed() or failed else 0


if __name__ == "__main__":
    sys.exit(main())
