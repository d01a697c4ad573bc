"""`make test`: everything that CI checks, side by side; the summary of the tests is the last line."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from scripts.leash import end_with_make

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
WORKERS = CORES + 2
"""Processes that run tests: a flow test waits as long as it works, and another one may work meanwhile."""

FORBIDS_COMPILED = "PYTHONDONTWRITEBYTECODE"
COMPILED = ROOT / ".make" / "compiled"

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
    "--dist=loadfile",
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


def outcome_of(name: str, command: Sequence[str], environment: Mapping[str, str]) -> Outcome:
    """Run one check to its end, its output kept."""
    started = time.monotonic()
    process = subprocess.run(
        [*LEASH, str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(name, process.returncode, time.monotonic() - started, process.stdout)


def environment_of(given: Mapping[str, str], compiled: Path) -> dict[str, str]:
    """Return the environment of all checks: what Python compiles is kept, in a folder of the checks' own.

    The tests start hundreds of processes; where each has to compile what it imports, that is half of their start.
    """
    kept = {name: value for name, value in given.items() if name != FORBIDS_COMPILED}
    return {**kept, "PYTHONPYCACHEPREFIX": str(compiled)}


def told(lines: Iterable[str], checks: Sequence[Future[Outcome]]) -> Iterator[str]:
    """Yield the lines of the tests, and between them how each check went that has ended; the last line stays last."""
    waiting, held = list(checks), list[str]()
    for line in lines:
        yield from held
        for check in [each for each in waiting if each.done()]:
            waiting.remove(check)
            yield check.result().report()
        held = [line]
    yield from (check.result().report() for check in waiting)
    failed = [check.result().name for check in checks if check.result().status]
    if failed:
        yield f"FAILED beside the tests: {', '.join(failed)}"
    yield from held


def compile_all(environment: Mapping[str, str]) -> None:
    """Let one process compile the tests and all they import: else every one that runs them does it, at the same time.

    What is wrong with a test is left to those that run it.
    """
    print("compiling the tests ...", file=sys.stderr, flush=True)
    outcome_of("compiling", ("pytest", "--collect-only", "-qq", "-p", "no:cacheprovider"), environment)


def run_tests(checks: Sequence[Future[Outcome]], environment: Mapping[str, str]) -> int:
    """Run the tests, their output shown as it comes; measurements go to a folder of this run's own."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [*LEASH, BIN / TESTS[0], *TESTS[1:]],
            cwd=ROOT,
            env={**environment, "COVERAGE_FILE": str(Path(folder) / "coverage")},
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            for line in told((each.rstrip("\n") for each in process.stdout or ()), checks):
                print(line, flush=True)
        return process.returncode


def main() -> int:
    """Run everything, also after a failure; 0 only when all went well."""
    end_with_make()
    environment = environment_of(os.environ, COMPILED)
    is_first = not COMPILED.exists()  # asked before any check begins: each of them may make it
    pool = ThreadPoolExecutor(1)
    try:
        checks = [pool.submit(outcome_of, name, command, environment) for name, command in STATIC.items()]
        if is_first:
            compile_all(environment)
        status = run_tests(checks, environment)
    finally:
        pool.shutdown(cancel_futures=True)
    return 1 if status or any(check.result().status for check in checks) else 0


if __name__ == "__main__":
    sys.exit(main())
