"""Removes history that has been kept long enough, or whose integration is gone."""

from datetime import datetime

from sync.model.checkpoint import RunKey
from sync.model.entity import EXTERNAL_SYSTEM, EntityType
from sync.model.integration import Integration
from sync.model.record import SetKey
from sync.services.desk import Desk
from sync.services.keeping import let_go_all


def prune(desk: Desk, integration_id: str) -> int:
    """Remove runs and log entries that are older than the policy keeps them; return how many.

    With a run goes what it told of records; edits are kept as long as runs.
    """
    now, policy = desk.clock.now(), desk.policy
    ended = _prune_runs(desk, integration_id, before=now - policy.keep_runs)
    _drop_journals(desk, integration_id, frozenset(ended))
    integration = desk.integrations.find(integration_id)
    edits = 0 if integration is None else _prune_edits(desk, integration, before=now - policy.keep_runs)
    return len(ended) + edits + desk.logs.prune(integration_id, before=now - policy.keep_logs)


def forget(desk: Desk, integration_id: str) -> None:
    """Remove all ended runs with what is kept for them, and all log entries of an integration."""
    end_of_time = desk.clock.now().replace(year=9999)
    let_go_all(desk, integration_id)
    _prune_runs(desk, integration_id, before=end_of_time)
    _drop_journals(desk, integration_id, None)
    desk.logs.prune(integration_id, before=end_of_time)


def _prune_runs(desk: Desk, integration_id: str, *, before: datetime) -> tuple[str, ...]:
    """Remove ended runs queued before this time, with failed records and certificate; return their ids."""
    removed = desk.runs.prune(integration_id, before=before)
    for run_id in removed:
        desk.failures.prune(RunKey(integration_id, run_id))
        desk.certificates.prune(RunKey(integration_id, run_id))
    return removed


def _drop_journals(desk: Desk, integration_id: str, runs: frozenset[str] | None) -> None:
    """Remove what these runs told of records, None: all runs of the integration."""
    if runs is None or runs:
        for run_id in desk.chronicle.trail.prune(integration_id, runs=runs):
            desk.chronicle.journals.drop(RunKey(integration_id, run_id))


def _prune_edits(desk: Desk, integration: Integration, *, before: datetime) -> int:
    keys = (SetKey(integration.owner.user_id, EXTERNAL_SYSTEM, entity) for entity in EntityType)
    return sum(desk.chronicle.edits.prune(key, before=before) for key in keys)
