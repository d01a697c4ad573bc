"""Certificates of runs."""

from typing import Protocol

from sync.model.certificate import Certificate
from sync.model.checkpoint import RunKey


class CertificateStore(Protocol):
    """One certificate for each run that listed everything."""

    def put(self, run: RunKey, certificate: Certificate) -> None:
        """Keep a run's certificate; an earlier one of the same run is replaced."""
        ...

    def get(self, run: RunKey) -> Certificate | None:
        """Return a run's certificate, or None."""
        ...

    def prune(self, run: RunKey) -> None:
        """Forget a run's certificate; nothing happens when there is none."""
        ...
