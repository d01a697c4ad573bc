"""Removes history that has been kept long enough, or whose integration is gone."""

from collections.abc import Collection
from datetime import UTC, datetime

from sync.model.checkpoint import RunKey
from sync.model.entity import EXTERNAL_SYSTEM, EntityType
from sync.model.integration import Integration
from sync.model.record import SetKey
from sync.services.desk import Desk
from sync.services.keeping import let_go_all

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def prune(desk: Desk, integration: Integration) -> int:
    """Remove what is older than the policy keeps it: runs, log entries, edits, changes of configuration.

    Returns how many runs, entries and edits. With a run goes what it told of records; edits are kept as long as runs,
    changes of configuration as long as log entries.
    """
    now, policy = desk.clock.now(), desk.policy
    ended = desk.runs.ended(integration.id, before=now - policy.keep_runs)
    _remove_runs(desk, integration.id, ended)
    edits = _prune_edits(desk, integration, before=now - policy.keep_runs)
    return len(ended) + edits + prune_notes(desk, integration.id)


def prune_notes(desk: Desk, integration_id: str) -> int:
    """Remove log entries and changes of configuration that have been kept long enough; return how many entries.

    That is all the history that an integration with Oneflow has.
    """
    before = desk.clock.now() - desk.policy.keep_logs
    desk.config.prune(integration_id, before=before)
    return desk.logs.prune(integration_id, before=before)


def prune_daily(desk: Desk, integration: Integration) -> int:
    """Remove what is too old unless a run of this day has synced already: one look a day is enough."""
    last = integration.last_synced_at
    return 0 if last is not None and last.date() == desk.clock.now().date() else prune(desk, integration)


def forget(desk: Desk, integration_id: str) -> None:
    """Remove all ended runs with what is kept for them, and all log entries of an integration."""
    let_go_all(desk, integration_id)
    trail = desk.chronicle.trail
    told = {each.run_id for entity in EntityType for each in trail.footprints(integration_id, entity, after="")}
    _drop_journals(desk, integration_id, told)
    trail.prune(integration_id, runs=None)
    _remove_runs(desk, integration_id, desk.runs.ended(integration_id, before=_END_OF_TIME))
    desk.logs.prune(integration_id, before=_END_OF_TIME)
    desk.config.prune(integration_id, before=_END_OF_TIME)


def _remove_runs(desk: Desk, integration_id: str, runs: Collection[str]) -> None:
    """Remove runs with all that is kept for them; the runs go last, so that what failed on the way is found again."""
    _drop_journals(desk, integration_id, runs)
    desk.chronicle.trail.prune(integration_id, runs=runs)
    for run_id in runs:
        desk.failures.prune(RunKey(integration_id, run_id))
        desk.certificates.prune(RunKey(integration_id, run_id))
    desk.runs.remove(integration_id, runs)


def _drop_journals(desk: Desk, integration_id: str, runs: Collection[str]) -> None:
    for run_id in runs:
        desk.chronicle.journals.drop(RunKey(integration_id, run_id))


def _prune_edits(desk: Desk, integration: Integration, *, before: datetime) -> int:
    keys = (SetKey(integration.owner.user_id, EXTERNAL_SYSTEM, entity) for entity in EntityType)
    return sum(desk.chronicle.edits.prune(key, before=before) for key in keys)
