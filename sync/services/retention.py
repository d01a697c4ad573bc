"""Removes history that has been kept long enough, or whose integration is gone."""

from datetime import datetime

from sync.model.checkpoint import RunKey
from sync.ports import Clock, FailureStore, LogStore, RunStore
from sync.services.desk import Desk


def prune(desk: Desk, integration_id: str) -> int:
    """Remove runs and log entries that are older than the policy keeps them; return how many."""
    now, policy = desk.clock.now(), desk.policy
    removed = forget_runs(desk.runs, desk.failures, integration_id, before=now - policy.keep_runs)
    return removed + desk.logs.prune(integration_id, before=now - policy.keep_logs)


def forget(runs: RunStore, failures: FailureStore, logs: LogStore, integration_id: str, *, clock: Clock) -> None:
    """Remove all ended runs and all log entries of an integration."""
    end_of_time = clock.now().replace(year=9999)
    forget_runs(runs, failures, integration_id, before=end_of_time)
    logs.prune(integration_id, before=end_of_time)


def forget_runs(runs: RunStore, failures: FailureStore, integration_id: str, *, before: datetime) -> int:
    """Remove ended runs queued before this time, with their lists of failed records; return how many runs."""
    removed = runs.prune(integration_id, before=before)
    for run_id in removed:
        failures.prune(RunKey(integration_id, run_id))
    return len(removed)
