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
    """Measures one process from start to stop; seconds and megabytes."""

    pid: int
    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _watch: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Start measuring."""
        self.wall, self.cpu = -time.perf_counter(), -_cpu(self.pid)
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop measuring."""
        self.wall += time.perf_counter()
        self.cpu += _cpu(self.pid)
        self._stop.set()
        if self._watch is not None:
            self._watch.join()

    def _look(self) -> None:
        process = psutil.Process(self.pid)
        while not self._stop.wait(_EVERY):
            self.peak = max(self.peak, process.memory_info().rss / _MEGABYTE)


def _cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
