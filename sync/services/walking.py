"""Walks over the open contracts of a bridge, and asks for a comparison of those that moved unheard."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sync.engine.directions import goes_out_by_itself
from sync.engine.walking import (
    OPEN_STATES,
    OVERLAP,
    SPACING,
    Sighting,
    buckets_in_turn,
    wanted,
    watched_tables,
)
from sync.model.contract_link import ContractLink
from sync.model.errand import Errand, Walk
from sync.model.errors import RefusedError, SyncError
from sync.model.integration import Bridge, Status
from sync.model.run import RunTrigger
from sync.ports import LINK_BUCKETS, RowQuery
from sync.services.bridge_desk import BridgeDesk
from sync.services.field_sides import MODIFIED, time_told
from sync.services.leasing import leased
from sync.services.paging import every

logger = logging.getLogger(__name__)

_AT_ONCE = 4
_MOST_LISTED = 20_000
"""A page that begins behind offset 19,900 is refused (List contracts)."""
_SPAN = timedelta(minutes=1)
"""After which a walk that gave no sign of life is taken for dead; two that meet leave the same errands."""
_BEAT = 1_000
_PAGE = 5_000


def walk_all(desk: BridgeDesk) -> int:
    """Walk over the contracts of every active bridge, a few bridges at a time; return how many came to an end."""
    active = [each for each in desk.integrations.everyone() if each.status is Status.ACTIVE]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return sum(pool.map(lambda bridge: _walk_safely(desk, bridge), active))


def walk(desk: BridgeDesk, bridge: Bridge, heartbeat: Callable[[], object] = lambda: None) -> int:
    """Leave errands for all contracts that moved, and in turn for all others; return how many.

    `heartbeat` is called again and again while the walk goes on. One that is broken off has left its errands, and the
    next one looks at the same changes.

    Raises:
        SyncError: Either side or the storage does not do what is asked; the next walk looks at the same changes.
    """
    began, inbox = desk.clock.now(), desk.listening.inbox
    last = inbox.walk(bridge.id) or Walk(bridge.id, began)
    if not desk.links.list(bridge.id, cursor=None, limit=1).items:
        inbox.note_walk(replace(last, walked_at=began))
        return 0
    since = last.walked_at - OVERLAP
    changed = _changed(desk, bridge, since=since) if goes_out_by_itself(bridge.settings) else {}
    seen = Sighting(*_listed(desk, bridge, heartbeat), since, changed)
    turn, count = buckets_in_turn(last.bucket, LINK_BUCKETS), 0
    for link in wanted(_read(desk, bridge, heartbeat), seen, lambda each: each.contract_id % LINK_BUCKETS, turn):
        inbox.suggest(_errand(link, began, due_at=began + count * SPACING))
        count += 1
    inbox.note_walk(Walk(bridge.id, began, (turn[-1] + 1) % LINK_BUCKETS))
    return count


def _walk_safely(desk: BridgeDesk, bridge: Bridge) -> bool:
    """Walk unless another walk of the bridge is under way; trouble with one bridge does not concern the others."""
    key = f"walk_{bridge.id}"
    try:
        with leased(desk, key, span=_SPAN) as holder:
            if holder is None:
                return False
            asked = walk(desk, bridge, lambda: desk.leases.renew(key, holder, until=desk.clock.now() + _SPAN))
    except SyncError as error:
        logger.warning("contracts not walked", extra={"integration": bridge.id, "code": error.code})
        return False
    except Exception:
        logger.exception("walk broke", extra={"integration": bridge.id})
        return False
    logger.info("contracts walked", extra={"integration": bridge.id, "errands": asked})
    return True


def _read(desk: BridgeDesk, bridge: Bridge, heartbeat: Callable[[], object]) -> Iterator[ContractLink]:
    for number, link in enumerate(desk.links.every(bridge.id)):
        if number % _BEAT == 0:
            heartbeat()
        yield link


def _listed(
    desk: BridgeDesk, bridge: Bridge, heartbeat: Callable[[], object]
) -> tuple[dict[int, datetime | None], bool]:
    """Return when each open contract of the account was changed, and whether these are all."""
    oneflow, found, cursor = desk.oneflow(bridge), dict[int, datetime | None](), None
    while True:
        heartbeat()
        page = oneflow.contracts({"states": ",".join(OPEN_STATES)}, cursor)
        found.update((each.id, time_told(each.updated_at)) for each in page.items)
        cursor = page.cursor
        if cursor is None or len(found) >= _MOST_LISTED:
            return found, cursor is None


def _changed(desk: BridgeDesk, bridge: Bridge, *, since: datetime) -> dict[str, set[str]]:
    """Return the ids of records that were changed in Dynamics, by table."""
    dynamics, stamp = desk.dynamics(bridge), since.strftime("%Y-%m-%dT%H:%M:%SZ")
    found: dict[str, set[str]] = {}
    for name in watched_tables(desk.mappings.list(bridge.id)):
        try:
            table = dynamics.table(name)
        except RefusedError as error:
            logger.warning("table not walked", extra={"integration": bridge.id, "code": error.code})
            continue
        query = RowQuery((table.id_column, MODIFIED), filter=f"{MODIFIED} ge {stamp}", order=MODIFIED)
        rows = every(partial(dynamics.rows, table, query, page_size=_PAGE))
        found.setdefault(name, set()).update(row.id for row in rows)
    return found


def _errand(link: ContractLink, now: datetime, *, due_at: datetime) -> Errand:
    return Errand(link.integration_id, link.contract_id, now, due_at, trigger=RunTrigger.TIMER)
