"""Decides which contracts a walk has to compare: those that moved on either side, and in turn all others."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sync.model.contract_link import ContractLink
from sync.model.entity_mapping import EntityMapping
from sync.model.field_sync import Direction

OPEN_STATES = ("draft", "pending", "overdue")
"""States in which a contract may still change."""
OVERLAP = timedelta(minutes=10)
"""How far before the last walk changes are looked for: clocks differ, and changes are committed late."""
SPACING = timedelta(seconds=0.25)
"""Between the errands of one walk, so that notices come in between and budgets are kept."""
BUCKETS_IN_TURN = 2
"""Buckets of links of which a walk compares everything: with a walk every ten minutes, all of them once in 22 hours."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen of both sides: when Oneflow changed each open contract, and which records Dynamics changed."""

    contracts: Mapping[int, datetime | None]
    is_whole: bool
    """Whether all open contracts are among them; one that is not listed is open no more."""
    since: datetime
    """What Oneflow changed from here on counts as moved: it tells whole seconds, and two changes may share one."""
    records: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Ids of changed records by table."""


def is_open(link: ContractLink) -> bool:
    """Tell whether a contract may still change."""
    return link.state in OPEN_STATES


def wanted(
    links: Iterable[ContractLink], seen: Sighting, bucket_of: Callable[[ContractLink], int], turn: Collection[int]
) -> Iterator[ContractLink]:
    """Yield the open contracts of which either side has moved since both were compared, and those whose turn it is."""
    return (each for each in links if is_open(each) and (bucket_of(each) in turn or _has_moved(each, seen)))


def watched_tables(mappings: Iterable[EntityMapping]) -> tuple[str, ...]:
    """Return the tables whose changes may go to Oneflow by themselves."""
    return tuple(each.entity for each in mappings if any(one.direction is not Direction.ONCE for one in each.fields))


def buckets_in_turn(after: int, count: int) -> tuple[int, ...]:
    """Return the buckets of which everything is compared now."""
    return tuple((after + step) % count for step in range(BUCKETS_IN_TURN))


def _has_moved(link: ContractLink, seen: Sighting) -> bool:
    if link.record_id in seen.records.get(link.entity, ()):
        return True
    if link.contract_id not in seen.contracts:
        return seen.is_whole
    changed = seen.contracts[link.contract_id]
    return changed != link.seen_at or (changed is not None and changed >= seen.since)
