"""Merges both sides of a contract: pushes, fetches and reconciles, one merge of a contract at a time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType

from sync.engine.deciding import LOCKED, Terms, decide
from sync.engine.directions import goes_out_by_itself
from sync.model.contract_link import ContractLink
from sync.model.errors import CallerError, StateError, SyncError
from sync.model.field_sync import Action, Operation
from sync.model.integration import Bridge
from sync.model.merge import MergeReport, Verdict
from sync.ports import Contract
from sync.services.bridge_desk import BridgeDesk
from sync.services.bridge_standing import watched
from sync.services.contract_rows import keep
from sync.services.leasing import leased
from sync.services.ledger import Look
from sync.services.linking import require_link
from sync.services.merge_notes import MergeNotes
from sync.services.merge_session import Session
from sync.services.outbox import Held

LEASE = timedelta(seconds=120)
"""How long a merge is believed to be at work; then another may take its place."""
_PATIENCE = timedelta(seconds=10)
_PAUSE = 0.25
_PUSHES = frozenset({Operation.PUSH, Operation.OVERWRITE})
_ASKED: Mapping[Operation, tuple[Action, ...]] = MappingProxyType(
    {
        Operation.PUSH: (Action.TO_ONEFLOW,),
        Operation.OVERWRITE: (Action.TO_ONEFLOW,),
        Operation.FETCH: (Action.TO_DYNAMICS,),
        Operation.RECONCILE: (),
    }
)


@dataclass(frozen=True, slots=True)
class Usual:
    """Decides about every field as its direction and policy say."""

    operation: Operation
    outward: bool
    """Whether changes in Dynamics go out though nobody asks for a push."""

    def __call__(self, look: Look) -> dict[str, Verdict]:
        """Return what becomes of each field.

        Raises:
            StateError: A push to a contract that takes no changes any more (CONTRACT_LOCKED).
        """
        check_open(look, self.operation)
        terms = Terms(self.operation, look.at, look.contract.state, self.outward, look.contract.signed)
        return {key: decide(state, look.known[key], terms) for key, (_, state) in look.fields.items()}


def work(
    desk: BridgeDesk, bridge: Bridge, link: ContractLink, operation: Operation, *, trigger: str, dry_run: bool = False
) -> MergeReport:
    """Merge a contract with its record; a dry run only tells what would be done.

    Raises:
        StateError: Another merge is at work (CONTRACT_BUSY), or the contract takes no changes (CONTRACT_LOCKED).
        RefusedError: Either side is gone (CONTRACT_GONE, RECORD_GONE), or the record is closed (RECORD_READ_ONLY).
        RetryLaterError: A side is not available; what was done until then is kept, and told in the log.
        NotFoundError: The link is gone.
    """
    choose = Usual(operation, outward=goes_out_by_itself(bridge.settings))
    news = Held(desk.outbox)
    holding = replace(desk, outbox=news)
    notes = MergeNotes(holding, operation, trigger)
    with watched(desk, bridge), nullcontext() if dry_run else held(desk, link):
        if dry_run:
            return Session(desk, bridge, link, choose, notes).rehearsed()
        session = Session(desk, bridge, require_link(desk, bridge, link.contract_id), choose, notes)
        try:
            report = carried_through(session, operation, news)
        except SyncError:
            _show(desk, bridge, session, operation)
            raise
        _show(desk, bridge, session, operation)
        return report


def reconcile(desk: BridgeDesk, bridge: Bridge, contract_id: int, *, trigger: str) -> MergeReport | None:
    """Bring both sides of a contract together; None when it has no link (else raises as work)."""
    link = desk.links.get(bridge.id, contract_id)
    return None if link is None else work(desk, bridge, link, Operation.RECONCILE, trigger=trigger)


@contextmanager
def held(desk: BridgeDesk, link: ContractLink) -> Iterator[None]:
    """Be the only merge of a contract (StateError CONTRACT_BUSY when another one does not end in time)."""
    began = desk.clock.now()
    while desk.clock.now() - began <= _PATIENCE:
        with leased(desk, lease_key(link), span=LEASE) as holder:
            if holder is not None:
                yield
                return
        desk.pause(_PAUSE)
    raise StateError("Another merge of this contract is under way: try again", code="CONTRACT_BUSY")


def lease_key(link: ContractLink) -> str:
    """Return the key of the lease that a merge of the contract holds."""
    return f"contract_{link.integration_id}_{link.contract_id}"


def carried_through(session: Session, operation: Operation, news: Held) -> MergeReport:
    """Merge under the lease, tell what was done, and save the link; so, too, when it fails midway (raises as work).

    The news leave when the link is saved.
    """
    try:
        session.run()
    except CallerError:
        session.close()
        news.release()
        raise
    except SyncError as error:
        session.tell(error)
        session.close()
        news.release()
        raise
    session.tell()
    report = session.close(*_ASKED[operation])
    news.release()
    return report


def begin_row(desk: BridgeDesk, bridge: Bridge, link: ContractLink, contract: Contract) -> ContractLink:
    """Show a contract that was just made in its row, unless a merge is at it already; return the link as it is then."""
    with suppress(StateError), held(desk, link):
        keep(desk, bridge, link.contract_id, contract)
    return desk.links.get(link.integration_id, link.contract_id) or link


def _show(desk: BridgeDesk, bridge: Bridge, session: Session, operation: Operation) -> None:
    """Let the contract's row show what the merge has seen; in the background, what fails for now is asked for again."""
    late = keep(desk, bridge, session.contract_id, session.contract)
    if late is not None and operation is Operation.RECONCILE:
        raise late


def check_open(look: Look, operation: Operation) -> None:
    """Make sure that a contract takes changes when a push is asked for (StateError CONTRACT_LOCKED)."""
    if operation in _PUSHES and look.contract.state in LOCKED:
        message = f"The contract is {look.contract.state}: it takes no changes any more"
        raise StateError(message, code="CONTRACT_LOCKED")
