"""One merge of one contract: look, decide, note, write, and look again when somebody else wrote meanwhile."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Protocol

from sync.model.contract_link import ContractLink
from sync.model.entity_mapping import EntityMapping
from sync.model.errors import NotFoundError, RefusedError, RetryLaterError, StaleRecordError, SyncError
from sync.model.field_sync import NO_BASE, Action, Operation
from sync.model.integration import Bridge
from sync.model.merge import MergeReport, Verdict
from sync.ports import Contract
from sync.services import field_sides
from sync.services.bridge_desk import BridgeDesk
from sync.services.carrying import Order, Result, carry_in, carry_out, targets
from sync.services.ledger import Ledger, Look, looked_at
from sync.services.linking import as_told

ROUNDS = 3
"""How often a merge tries to write a row that somebody else changes all the time."""
_TRIES = 5
_GONE = "CONTRACT_GONE"


class Choose(Protocol):
    """Decides what a merge makes of the fields that it has looked at."""

    @property
    def operation(self) -> Operation:
        """What the merge is for."""
        ...

    def __call__(self, look: Look) -> dict[str, Verdict]:
        """Return what becomes of each field; those that are left out stay as they are."""
        ...


class Notes(Protocol):
    """Where a merge tells what it did."""

    def tell(self, report: MergeReport, error: SyncError | None = None) -> None:
        """Tell at the end what was done, and how it failed if it did."""
        ...

    def interim(self, report: MergeReport) -> None:
        """Tell what was written until now."""
        ...


class Session:
    """A merge under way; whoever starts one that writes holds the lease of the contract.

    What was written is told before the link forgets that it was to be: when the process dies in between, it is told
    twice rather than never.
    """

    def __init__(self, desk: BridgeDesk, bridge: Bridge, link: ContractLink, choose: Choose, notes: Notes) -> None:
        self._desk = desk
        self._dynamics = desk.dynamics(bridge)
        self._oneflow = desk.oneflow(bridge)
        self._choose = choose
        self._notes = notes
        self._stored = link
        self._link = link
        self._ledger = Ledger(link)
        self._contract: Contract | None = None
        self._late: RetryLaterError | None = None
        self._stale = False

    @property
    def contract_id(self) -> int:
        """The contract's number in Oneflow."""
        return self._link.contract_id

    @property
    def contract(self) -> Contract | None:
        """The contract as it was last read; None when it was not, or is gone."""
        return self._contract

    def rehearsed(self) -> MergeReport:
        """Return what would be done (raises as run)."""
        look = self._look(self._plan())
        self._ledger.rehearse(self._ledger.judge(look, self._choose(look)))
        return self._ledger.report(self._link)

    def run(self) -> None:
        """Merge.

        A write of unknown outcome is looked for, and never sent again blindly.

        Raises:
            RefusedError: Either side is gone; or, when a person asked for it, a side as a whole takes no changes.
            RetryLaterError: A side is not available.
            SetupError: Credentials or rights need a person.
        """
        plan = self._plan()
        rounds = ROUNDS
        while True:
            look = self._look(plan)
            orders = self._ledger.judge(look, self._choose(look))
            if not orders:
                return
            if self._late is not None:
                raise self._late
            if not rounds:
                self._ledger.give_up(orders)
                return
            rounds -= 1
            self._carry(look, orders)
            if not self._stale and self._late is None:
                return

    def tell(self, error: SyncError | None = None) -> None:
        """Tell what was done and not told yet, and how the merge failed if it did."""
        self._notes.tell(replace(self._ledger.report(self._current()), updated=self._ledger.untold()), error)

    def close(self, *ways: Action) -> MergeReport:
        """Save the link if anything about it is new: a push or fetch that was asked for, or wrote, has ended now."""
        at = self._desk.clock.now()
        report = self._ledger.report(self._link)
        if Action.TO_ONEFLOW in ways or report.written(Action.TO_ONEFLOW):
            self._link = replace(self._link, last_pushed_at=at)
        if Action.TO_DYNAMICS in ways or report.written(Action.TO_DYNAMICS):
            self._link = replace(self._link, last_fetched_at=at)
        self._save()
        return replace(report, link=self._stored)

    def _plan(self) -> field_sides.Plan:
        found = self._desk.mappings.get(self._link.integration_id, self._link.entity)
        mapping = found or EntityMapping(self._link.integration_id, self._link.entity)
        return field_sides.plan_of(self._dynamics, mapping)

    def _look(self, plan: field_sides.Plan) -> Look:
        """Read Dynamics first: Oneflow knows no versions, so what it holds must be read right before it is written."""
        reading = field_sides.read(self._dynamics, plan, self._link.record_id)
        try:
            contract = self._contract = self._oneflow.contract(self._link.contract_id)
        except RefusedError as error:
            if error.code == _GONE:
                self._contract = None
                self._link = as_told(self._link, None)
            raise
        seen_at = field_sides.time_told(contract.updated_at) or self._link.seen_at
        self._link = replace(as_told(self._link, contract), seen_at=seen_at)
        return looked_at(reading, contract, self._current(), at=self._desk.clock.now())

    def _carry(self, look: Look, orders: Mapping[str, Order]) -> None:
        self._stale = False
        written = self._ledger.untold()
        if written:
            self._notes.interim(replace(self._ledger.report(self._current()), updated=written))
        self._ledger.announce(orders)
        self._save()
        outward = {key: order for key, order in orders.items() if order.action is Action.TO_ONEFLOW}
        inward = {key: order for key, order in orders.items() if order.action is Action.TO_DYNAMICS}
        if outward:
            self._attempt(look, outward, lambda: carry_out(self._oneflow, look.contract.id, outward), is_own=True)
        for target in targets(look.reading, inward):
            carry = partial(carry_in, self._dynamics, target)
            self._attempt(look, target.orders, carry, is_own=target.is_own)

    def _attempt(
        self, look: Look, orders: Mapping[str, Order], carry: Callable[[], dict[str, Result]], *, is_own: bool
    ) -> None:
        try:
            results = carry()
        except StaleRecordError:
            self._stale = True
            return
        except RetryLaterError as error:
            self._late = error
            return
        except RefusedError as error:
            gone = error.code in {_GONE, "RECORD_GONE"}
            if is_own and (gone or self._choose.operation is not Operation.RECONCILE):
                raise
            results = dict.fromkeys(orders, Result(NO_BASE, error.code, error.message, lasting=False))
        self._ledger.settle(orders, results, look)

    def _current(self) -> ContractLink:
        return replace(self._link, fields=self._ledger.memory)

    def _save(self) -> None:
        """Save what is new; what others than merges noted of the link meanwhile stays.

        Raises:
            NotFoundError: The link is gone.
            StaleRecordError: This merge took so long that another one has taken its place.
        """
        for _ in range(_TRIES):
            wanted = replace(self._current(), version=self._stored.version)
            if wanted == self._stored:
                return
            try:
                self._stored = self._desk.links.save(wanted)
            except StaleRecordError:
                found = self._desk.links.get(wanted.integration_id, wanted.contract_id)
                if found is None:
                    raise NotFoundError("There is no such contract") from None
                if found.fields != self._stored.fields:
                    raise
                self._stored = found
                self._link = replace(self._link, created_at=found.created_at, people=found.people)
            else:
                return
        raise StaleRecordError("Others change the link all the time")
