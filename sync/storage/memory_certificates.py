"""Certificates in memory."""

from sync.model.certificate import Certificate
from sync.model.checkpoint import RunKey


class MemoryCertificateStore:
    """One certificate for each run that listed everything."""

    def __init__(self) -> None:
        self._kept: dict[RunKey, Certificate] = {}

    def put(self, run: RunKey, certificate: Certificate) -> None:
        """Keep a run's certificate; an earlier one of the same run is replaced."""
        self._kept[run] = certificate

    def get(self, run: RunKey) -> Certificate | None:
        """Return a run's certificate, or None."""
        return self._kept.get(run)

    def prune(self, run: RunKey) -> None:
        """Forget a run's certificate; nothing happens when there is none."""
        self._kept.pop(run, None)
