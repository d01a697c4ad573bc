"""Wall time, CPU time and peak memory of a process."""

import threading
import time
from dataclasses import dataclass, field
from typing import Self

import psutil

_EVERY = 0.05
_MEGABYTE = 1024 * 1024


@dataclass(slots=True)
class Meter:
    """Measures one process from start to stop; seconds and megabytes.

    `stolen` is the share of the machine's time that its host gave to others: a run that lost more of it cannot be
    compared with one that lost less.
    """

    pid: int
    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0
    stolen: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _watch: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Start measuring."""
        self.wall, self.cpu, self.stolen = -time.perf_counter(), -_cpu(self.pid), -stolen_seconds()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop measuring."""
        self.wall += time.perf_counter()
        self.cpu += _cpu(self.pid)
        self.stolen = stolen_share(self.stolen + stolen_seconds(), self.wall)
        self._stop.set()
        if self._watch is not None:
            self._watch.join()

    def _look(self) -> None:
        process = psutil.Process(self.pid)
        while not self._stop.wait(_EVERY):
            self.peak = max(self.peak, process.memory_info().rss / _MEGABYTE)


def stolen_seconds() -> float:
    """Return how long the machine's CPUs have been ready to run and were not let, since it started."""
    return float(getattr(psutil.cpu_times(), "steal", 0.0))


def stolen_share(stolen: float, wall: float) -> float:
    """Return which share of all CPUs' time these stolen seconds are."""
    return stolen / (wall * (psutil.cpu_count() or 1))


def _cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
