"""Does what notices ask for: compares each contract that was named, by itself and as often as it takes."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from operator import attrgetter
from typing import Protocol

from sync.engine.genuine import rest_after
from sync.model.errand import Errand
from sync.model.errors import NotFoundError, RefusedError, RetryLaterError, SetupError, StaleRecordError, SyncError
from sync.model.integration import HELD, Bridge, Status
from sync.model.log import Action, LogStatus
from sync.services.bridge_desk import BridgeDesk
from sync.services.contract_log import note
from sync.services.rounds import Rounds

logger = logging.getLogger(__name__)

LONGEST_TRY = timedelta(hours=25)
"""For how long an errand that fails is tried again; the daily walk over all contracts goes on after that."""
KEPT = timedelta(days=3)
"""For how long a notice is known by its id; Oneflow repeats one for less than two hours."""

_INTEGRATIONS_AT_ONCE = 4
_CONTRACTS_AT_ONCE = 2
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


class Heeder:
    """Runs the errands that are due; a slow integration holds up no other one."""

    def __init__(self, reconcile: Reconcile) -> None:
        self._reconcile = reconcile
        self._rounds = Rounds(at_once=_INTEGRATIONS_AT_ONCE, of="integration", trouble="errands not run")

    def sweep(self, desk: BridgeDesk, *, patience: float) -> int:
        """Begin everything that is due, and wait some seconds for its end; return how many integrations were begun."""
        listening = desk.listening
        listening.callbacks.write_down(listening.inbox, desk.clock.now())
        due = listening.inbox.due(desk.clock.now(), limit=_MOST)
        work = partial(heed, desk, reconcile=self._reconcile)
        return self._rounds.begin(due, work, name_of=attrgetter("integration_id"), patience=patience)


def heed(desk: BridgeDesk, integration_id: str, errands: list[Errand], *, reconcile: Reconcile) -> None:
    """Run errands of one integration, a few contracts at a time; while it may not run, they wait."""
    bridge, inbox = desk.integrations.find(integration_id), desk.listening.inbox
    if bridge is None:
        inbox.clear(integration_id)
        return
    named, until = _by_contract(errands), desk.clock.now() + _PAUSE
    rests = bridge.status is Status.PAUSED or (bridge.standing in HELD and not bridge.untried)
    with ThreadPoolExecutor(_CONTRACTS_AT_ONCE) as pool:
        if rests:
            list(pool.map(lambda some: _put_off(desk, some, replace(some[-1], due_at=until)), named))
        else:
            list(pool.map(lambda some: _run(desk, bridge, some, reconcile), named))


def forget_notices(desk: BridgeDesk) -> int:
    """Forget notices that were heard long ago; return how many."""
    return desk.listening.inbox.prune(desk.clock.now() - KEPT, limit=_PRUNED_AT_ONCE)


def _by_contract(errands: Iterable[Errand]) -> list[list[Errand]]:
    """Return errands of one contract together, the last that was heard at the end."""
    named: dict[int, list[Errand]] = defaultdict(list)
    for errand in sorted(errands, key=lambda each: each.heard_at):
        named[errand.contract_id].append(errand)
    return list(named.values())


def _run(desk: BridgeDesk, bridge: Bridge, errands: list[Errand], reconcile: Reconcile) -> None:
    """Run all errands of one contract at once; what fails is kept, and stops nothing else."""
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
