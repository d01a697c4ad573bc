"""Removes history that has been kept long enough, or whose integration is gone."""

from dataclasses import dataclass
from datetime import datetime

from sync.model.checkpoint import RunKey
from sync.ports import CertificateStore, Clock, FailureStore, LogStore, RunStore
from sync.services.desk import Desk


@dataclass(frozen=True, slots=True)
class History:
    """Runs, and what is kept for each of them as long as it is."""

    runs: RunStore
    failures: FailureStore
    certificates: CertificateStore

    def prune(self, integration_id: str, *, before: datetime) -> int:
        """Remove ended runs queued before this time, with failed records and certificate; return how many runs."""
        removed = self.runs.prune(integration_id, before=before)
        for run_id in removed:
            self.failures.prune(RunKey(integration_id, run_id))
            self.certificates.prune(RunKey(integration_id, run_id))
        return len(removed)


def prune(desk: Desk, integration_id: str) -> int:
    """Remove runs and log entries that are older than the policy keeps them; return how many."""
    now, policy = desk.clock.now(), desk.policy
    history = History(desk.runs, desk.failures, desk.certificates)
    removed = history.prune(integration_id, before=now - policy.keep_runs)
    return removed + desk.logs.prune(integration_id, before=now - policy.keep_logs)


def forget(history: History, logs: LogStore, integration_id: str, *, clock: Clock) -> None:
    """Remove all ended runs with what is kept for them, and all log entries of an integration."""
    end_of_time = clock.now().replace(year=9999)
    history.prune(integration_id, before=end_of_time)
    logs.prune(integration_id, before=end_of_time)
