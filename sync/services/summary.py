"""What somebody wants to know of an integration at one look."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sync.model.entity import EntityType
from sync.model.integration import Bridge, Integration
from sync.model.log import LogEntry
from sync.model.run import Run, RunKind, Tally
from sync.ports import ConflictFilter, FailureFilter, LogFilter, Page
from sync.services.bridge_desk import BridgeDesk
from sync.services.conflicts import Court
from sync.services.desk import Desk
from sync.services.progress import watch

RECENT = 20
"""Runs, or log entries of a bridge, that are told one by one."""
COUNTED = 200
"""Where counting ends, and how many runs are looked through for the last full one."""


@dataclass(frozen=True, slots=True)
class Amount:
    """How many there are, or at least are when there are `more`."""

    count: int
    more: bool


@dataclass(frozen=True, slots=True)
class Stand:
    """What the last full run over an entity type came to, and how many records came since."""

    read: int
    in_step: int
    at: datetime | None
    created_since: int


@dataclass(frozen=True, slots=True)
class SupplySummary:
    """An integration with Business Central: newest runs first; None: no full run is among those that are kept."""

    runs: tuple[Run, ...]
    active: Run | None
    held: tuple[str, ...]
    """Ids of runs that wait for an approval."""
    records: dict[EntityType, Stand | None]
    failures: Amount
    conflicts: Amount


@dataclass(frozen=True, slots=True)
class BridgeSummary:
    """A bridge: newest log entries first, contracts by state."""

    entries: tuple[LogEntry, ...]
    contracts: dict[str, int]
    more_contracts: bool
    conflicts: Amount


def supply_summary(desk: Desk, integration: Integration) -> SupplySummary:
    """Return the summary of an integration with Business Central."""
    runs = desk.runs.list(integration.id, cursor=None, limit=COUNTED).items
    failures = desk.failures.list(integration.id, FailureFilter(), cursor=None, limit=COUNTED)
    conflicts = Court(desk, integration).list(ConflictFilter(), cursor=None, limit=COUNTED)
    active = next((run for run in runs if not run.status.ended), None)
    return SupplySummary(
        runs=runs[:RECENT],
        held=tuple(run.id for run in runs if run.held),
        active=None if active is None else watch(desk, active),
        records={entity: stand_of(runs, entity) for entity in EntityType},
        failures=_amount(failures),
        conflicts=_amount(conflicts),
    )


def bridge_summary(desk: BridgeDesk, bridge: Bridge) -> BridgeSummary:
    """Return the summary of a bridge."""
    links = desk.links.list(bridge.id, cursor=None, limit=COUNTED)
    return BridgeSummary(
        entries=desk.logs.list(bridge.id, LogFilter(), cursor=None, limit=RECENT).items,
        contracts=dict(Counter(link.state for link in links.items)),
        more_contracts=links.cursor is not None,
        conflicts=_amount(desk.links.contested(bridge.id, cursor=None, limit=COUNTED)),
    )


def stand_of(runs: Sequence[Run], entity: EntityType) -> Stand | None:
    """Return what the last full run came to for an entity type; plans wrote nothing and do not count."""
    wrote = [run for run in runs if run.status.came_through and not run.proposes and entity in run.totals]
    index = next((at for at, run in enumerate(wrote) if run.kind is RunKind.FULL), None)
    if index is None:
        return None
    tally = wrote[index].totals[entity]
    since = sum(run.totals[entity].created for run in wrote[:index])
    return Stand(tally.read, _in_step(tally), wrote[index].ended_at, since)


def _in_step(tally: Tally) -> int:
    return tally.created + tally.updated + tally.unchanged


def _amount[T](page: Page[T]) -> Amount:
    return Amount(len(page.items), page.cursor is not None)
