"""Lets each contract be made once: one caller at a time for a record, and a look before a second attempt."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sync.model.contract_link import Birth
from sync.model.errors import RefusedError, RemoteError, RetryLaterError, SetupError, StateError, SyncError
from sync.ports import Contract, Oneflow
from sync.services.bridge_desk import BridgeDesk
from sync.services.field_sides import time_told
from sync.services.leasing import leased
from sync.services.paging import every

TURN = timedelta(minutes=3)
"""How long a caller is believed to be at work: longer than one request to Oneflow can last, or two may be made."""

_SKEW = timedelta(minutes=2)
"""How far Oneflow's clock may be off."""
_LATEST = timedelta(minutes=10)
"""How long after it began an attempt may still have made its contract."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to make a contract of one record."""

    desk: BridgeDesk
    key: str
    holder: str

    def keep(self) -> None:
        """Make sure that the turn lasts for another request (StateError CONTRACT_IN_PROGRESS when it is lost)."""
        if not self.desk.leases.renew(self.key, self.holder, until=self.desk.clock.now() + TURN):
            raise _busy()


@contextmanager
def turn(desk: BridgeDesk, key: str) -> Iterator[Turn]:
    """Give one caller at a time the right to make a contract.

    Raises:
        StateError: Another caller has it (CONTRACT_IN_PROGRESS).
    """
    with leased(desk, key, span=TURN) as holder:
        if holder is None:
            raise _busy()
        yield Turn(desk, key, holder)


def look(desk: BridgeDesk, oneflow: Oneflow, birth: Birth) -> Contract | None:
    """Return the contract that an attempt has made without saying so, None when it made none.

    Raises:
        StateError: There are several, and nothing tells which (CONTRACT_AMBIGUOUS).
        SyncError: As Oneflow does.
    """
    found: dict[int, Contract] = {}
    for filters in _searches(birth):
        found |= {each.id: each for each in every(partial(oneflow.contracts, filters)) if _may_be(each, birth)}
    new = [number for number in sorted(found) if desk.links.get(birth.integration_id, number) is None]
    if len(new) > 1:
        message = (
            f"An earlier attempt did not say how it ended, and Oneflow has {len(new)} contracts that may be its own: "
            f"{', '.join(map(str, new))}. Delete all but one there, and ask again."
        )
        raise StateError(message, code="CONTRACT_AMBIGUOUS")
    return oneflow.contract(new[0]) if new else None


def bear(desk: BridgeDesk, oneflow: Oneflow, birth: Birth, body: Mapping[str, object]) -> Contract:
    """Make a contract, once; an attempt whose end nobody knows stays remembered, so that the next one looks first.

    Raises:
        RetryLaterError: Oneflow did not say whether it made the contract, and does not show it.
        SyncError: It made none.
    """
    desk.links.expect(birth)
    try:
        return oneflow.create(body)
    except (RefusedError, RetryLaterError) as error:
        if isinstance(error, RefusedError) and error.status is not None:
            desk.links.settle(birth)
            raise
        return _found_after(error, desk, oneflow, birth)
    except SetupError:
        desk.links.settle(birth)
        raise


def _found_after(error: SyncError, desk: BridgeDesk, oneflow: Oneflow, birth: Birth) -> Contract:
    """Return the contract that was made although its answer is lost; else the error stands."""
    try:
        found = look(desk, oneflow, birth)
    except (RemoteError, SetupError):
        found = None
    if found is None:
        raise error
    return found


def _searches(birth: Birth) -> tuple[Mapping[str, str], ...]:
    """Return what to ask for: the record's key; else the name, and all drafts should the search not know it yet."""
    if birth.key_field is not None:
        return ({"data_field_match": f"{birth.key_field}:{birth.record_id}"},)
    return ({"query": birth.name}, {"states": "draft"})


def _may_be(contract: Contract, birth: Birth) -> bool:
    made = time_told(contract.created_at)
    if made is None or made < birth.started_at - _SKEW:
        return False
    if birth.key_field is not None:
        return True
    return _is_like(contract, birth) and _is_timely(made, birth)


def _is_like(contract: Contract, birth: Birth) -> bool:
    told = (contract.workspace_id, contract.template_id, contract.name)
    return told == (birth.workspace_id, birth.template_id, birth.name)


def _is_timely(made: datetime, birth: Birth) -> bool:
    return made <= birth.started_at + _LATEST


def _busy() -> StateError:
    return StateError("A contract of this record is being made at this moment", code="CONTRACT_IN_PROGRESS")
