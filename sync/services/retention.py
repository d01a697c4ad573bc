"""Removes history that has been kept long enough, or whose integration is gone."""

from datetime import datetime

from sync.model.checkpoint import RunKey
from sync.model.entity import EXTERNAL_SYSTEM, EntityType
from sync.model.integration import Integration
from sync.model.record import SetKey
from sync.ports import Chronicle, Clock, FailureStore, LogStore, RunStore
from sync.services.desk import Desk


def prune(desk: Desk, integration_id: str) -> int:
    """Remove runs and log entries that are older than the policy keeps them; return how many.

    With a run goes what it told of records; edits are kept as long as runs.
    """
    now, policy = desk.clock.now(), desk.policy
    ended = forget_runs(desk.runs, desk.failures, integration_id, before=now - policy.keep_runs)
    forget_journals(desk.chronicle, integration_id, frozenset(ended))
    integration = desk.integrations.find(integration_id)
    edits = 0 if integration is None else _prune_edits(desk, integration, before=now - policy.keep_runs)
    return len(ended) + edits + desk.logs.prune(integration_id, before=now - policy.keep_logs)


def forget(runs: RunStore, failures: FailureStore, logs: LogStore, integration_id: str, *, clock: Clock) -> None:
    """Remove all ended runs and all log entries of an integration."""
    end_of_time = clock.now().replace(year=9999)
    forget_runs(runs, failures, integration_id, before=end_of_time)
    logs.prune(integration_id, before=end_of_time)


def forget_runs(runs: RunStore, failures: FailureStore, integration_id: str, *, before: datetime) -> tuple[str, ...]:
    """Remove ended runs queued before this time, with their lists of failed records; return their ids."""
    removed = runs.prune(integration_id, before=before)
    for run_id in removed:
        failures.prune(RunKey(integration_id, run_id))
    return removed


def forget_journals(chronicle: Chronicle, integration_id: str, runs: frozenset[str] | None = None) -> None:
    """Remove what these runs told of records, None: all runs of the integration."""
    if runs is None or runs:
        for run_id in chronicle.trail.prune(integration_id, runs=runs):
            chronicle.journals.drop(RunKey(integration_id, run_id))


def _prune_edits(desk: Desk, integration: Integration, *, before: datetime) -> int:
    keys = (SetKey(integration.owner.user_id, EXTERNAL_SYSTEM, entity) for entity in EntityType)
    return sum(desk.chronicle.edits.prune(key, before=before) for key in keys)
