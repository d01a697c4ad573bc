"""Does what notices ask for: compares each contract that was named, by itself and as often as it takes."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import batched
from operator import attrgetter
from typing import Protocol

from sync.engine.genuine import rest_after
from sync.model.errand import Errand
from sync.model.errors import NotFoundError, RefusedError, RetryLaterError, SetupError, StaleRecordError, SyncError
from sync.model.integration import HELD, Bridge, Status
from sync.model.log import Action, LogStatus
from sync.ports import ComparisonLauncher
from sync.services.bridge_desk import BridgeDesk
from sync.services.contract_log import note

logger = logging.getLogger(__name__)

LONGEST_TRY = timedelta(hours=25)
"""For how long an errand that fails is tried again; the daily walk over all contracts goes on after that."""
KEPT = timedelta(days=3)
"""For how long a notice is known by its id; Oneflow repeats one for less than two hours."""

_HEARD = attrgetter("heard_at")
_LOT = 5
"""Contracts that one activity compares."""
_MOST_IN_TURN = 200
"""Contracts that one workflow compares: what becomes due meanwhile waits no longer than for these."""
_MOST = 5_000
_PAUSE = timedelta(seconds=10)
_STUBBORN = 12
"""By how much longer an errand rests after what will hardly change by itself."""
_PRUNED_AT_ONCE = 10_000
_OVER = frozenset({"CONTRACT_GONE", "RECORD_GONE"})
"""Codes after which there is nothing left to compare."""


class Reconcile(Protocol):
    """Compares both sides of one contract, and writes what differs (see sync.services.merging)."""

    def __call__(self, desk: BridgeDesk, bridge: Bridge, contract_id: int, *, trigger: str) -> object:
        """Return what came of it, None when the contract has no link."""
        ...


async def start_comparisons(desk: BridgeDesk, launcher: ComparisonLauncher) -> int:
    """Start the workflow of each integration that errands are due for and that has none; return how many."""
    names = await asyncio.to_thread(_names_due, desk)
    return sum([await launcher.compare(each) for each in names])


def plan_comparisons(desk: BridgeDesk, integration_id: str) -> tuple[tuple[int, ...], ...]:
    """Return the contracts that errands of an integration name, in lots, those that wait longest first.

    While the integration may not run, its errands wait on.
    """
    bridge, inbox = desk.integrations.find(integration_id), desk.listening.inbox
    if bridge is None:
        inbox.clear(integration_id)
        return ()
    errands = inbox.due_of(integration_id, desk.clock.now(), limit=_MOST)
    if _rests(bridge):
        _let_rest(desk, errands)
        return ()
    longest = sorted(errands, key=lambda each: each.due_at)
    contracts = list(dict.fromkeys(each.contract_id for each in longest))
    return tuple(batched(contracts[:_MOST_IN_TURN], _LOT, strict=False))


def compare_lot(desk: BridgeDesk, integration_id: str, contracts: Iterable[int], *, reconcile: Reconcile) -> None:
    """Run the errands of some contracts of one integration; none stops those that follow."""
    bridge = desk.integrations.find(integration_id)
    if bridge is None or _rests(bridge):
        return
    for contract in contracts:
        try:
            _run(desk, bridge, contract, reconcile)
        except Exception:
            logger.exception("errand not kept", extra={"integration": integration_id, "contract": contract})


def forget_notices(desk: BridgeDesk) -> int:
    """Forget notices that were heard long ago; return how many."""
    return desk.listening.inbox.prune(desk.clock.now() - KEPT, limit=_PRUNED_AT_ONCE)


def _names_due(desk: BridgeDesk) -> tuple[str, ...]:
    """Write down what was heard, and return the ids of the integrations that errands are due for."""
    listening = desk.listening
    listening.callbacks.write_down(listening.inbox, desk.clock.now())
    due = listening.inbox.due(desk.clock.now(), limit=_MOST)
    return tuple(sorted({errand.integration_id for errand in due}))


def _rests(bridge: Bridge) -> bool:
    return bridge.status is Status.PAUSED or (bridge.standing in HELD and not bridge.untried)


def _let_rest(desk: BridgeDesk, errands: Iterable[Errand]) -> None:
    """Put off errands of an integration that may not run, so that they are in nobody's way; one a contract is kept."""
    named: dict[int, list[Errand]] = defaultdict(list)
    for errand in sorted(errands, key=_HEARD):
        named[errand.contract_id].append(errand)
    until = desk.clock.now() + _PAUSE
    for some in named.values():
        _put_off(desk, some, replace(some[-1], due_at=until))


def _run(desk: BridgeDesk, bridge: Bridge, contract_id: int, reconcile: Reconcile) -> None:
    """Run all errands of one contract that are due by one comparison; when that fails, one of them is kept."""
    known, now = desk.listening.inbox.of_contract(bridge.id, contract_id), desk.clock.now()
    errands = sorted((each for each in known if each.due_at <= now), key=_HEARD)
    if not errands:
        return
    errand = errands[-1]
    error = _trouble_of(desk, bridge, errand, reconcile)
    if error is None or error.code in _OVER or isinstance(error, NotFoundError):
        _settle(desk, errands)
        return
    facts = {"integration": bridge.id, "contract": errand.contract_id, "code": error.code}
    logger.warning("errand failed", extra=facts)
    now, attempts = desk.clock.now(), errand.attempts + 1
    if now - errand.heard_at >= LONGEST_TRY:
        _give_up(desk, errand, error)
        _settle(desk, errands)
        return
    due_at = now + _rest(error, attempts)
    _put_off(desk, errands, replace(errand, attempts=attempts, trouble=error.code, due_at=due_at))


def _rest(error: SyncError, attempts: int) -> timedelta:
    if isinstance(error, RetryLaterError):
        return max(rest_after(attempts), timedelta(seconds=error.delay))
    return rest_after(attempts) * (_STUBBORN if isinstance(error, RefusedError | SetupError) else 1)


def _trouble_of(desk: BridgeDesk, bridge: Bridge, errand: Errand, reconcile: Reconcile) -> SyncError | None:
    try:
        reconcile(desk, bridge, errand.contract_id, trigger=errand.trigger.value)
    except SyncError as error:
        return error
    except Exception:
        logger.exception("errand broke", extra={"integration": bridge.id, "contract": errand.contract_id})
        return SyncError("Something went wrong in the hub; it is logged")
    return None


def _put_off(desk: BridgeDesk, errands: list[Errand], later: Errand) -> None:
    """Let one errand wait on for all of them, unless it was asked for anew.

    One that somebody else has fulfilled meanwhile is suggested again: what was heard after it has still to be heeded.
    """
    inbox, known = desk.listening.inbox, next((each for each in errands if not each.occasion), None)
    later = replace(later, occasion="")
    if known is None:
        inbox.suggest(later)
    else:
        try:
            inbox.put_off(replace(later, version=known.version))
        except StaleRecordError:
            inbox.suggest(later)
    _settle(desk, [each for each in errands if each is not known])


def _settle(desk: BridgeDesk, errands: Iterable[Errand]) -> None:
    for errand in errands:
        desk.listening.inbox.settle(errand)


def _give_up(desk: BridgeDesk, errand: Errand, error: SyncError) -> None:
    """Tell people that a notice came to nothing."""
    facts = {"trigger": errand.trigger.value, "contractId": str(errand.contract_id), "attempts": errand.attempts + 1}
    told = {**facts, "error": error.message, "code": error.code}
    note(desk, errand.integration_id, Action.FETCH, LogStatus.ERROR, told, affected=0)
