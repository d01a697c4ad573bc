"""What one request, or one act of a person, brings about."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.oneflow.model import Account, Contract, Event, Numbers, SignState, State
from sandbox.oneflow.refusals import conflict
from sandbox.oneflow.switches import OneflowSwitches

_LOCKED = {
    "signed_declined": frozenset({State.SIGNED, State.DECLINED}),
    "published": frozenset(State) - {State.DRAFT},
    "none": frozenset[State](),
}


@dataclass(slots=True)
class Doing:
    """Collects what changed, for the journal, and what happened, for the webhooks."""

    account: Account
    numbers: Numbers
    switches: OneflowSwitches
    now: int
    by_api: bool
    changes: list[dict[str, Any]] = field(default_factory=list)
    happened: list[tuple[Contract, Event]] = field(default_factory=list)

    def note(self, what: str, contract: Contract | None = None, **facts: Any) -> None:
        """Note a change."""
        about = {} if contract is None else {"contract": contract.id}
        self.changes.append({"what": what, **about, **facts})

    def tell(self, contract: Contract, kind: str) -> None:
        """Let an event of this type happen to a contract."""
        event = Event(self.numbers.next("event"), kind, self.now)
        contract.events.append(event)
        self.happened.append((contract, event))

    def move(self, contract: Contract, state: State) -> None:
        """Put a contract into another state."""
        self.note("state", contract, **{"from": contract.state, "to": state})
        contract.state, contract.state_updated, contract.updated = state, self.now, self.now

    def is_locked(self, contract: Contract) -> bool:
        """Tell whether the contract's content cannot be changed now."""
        return contract.state in _LOCKED[self.switches.locked_states]

    def refuse_locked(self, contract: Contract) -> None:
        """Do nothing when the contract's content can be changed.

        Raises:
            OneflowError: 409.
        """
        if self.is_locked(contract):
            raise conflict(f"The contract cannot be changed in state {contract.state}.")

    def content_changed(self, contract: Contract, *kinds: str) -> None:
        """Let content events happen; signatures already given are taken back."""
        contract.updated = self.now
        for kind in kinds:
            self.tell(contract, kind)
        self.tell(contract, "contract:content_update")
        signed = any(each.sign_state is SignState.SIGNED for each in contract.participants)
        if signed and contract.state is State.PENDING and self.switches.signature_reset == "resets":
            self.reset_signatures(contract)

    def reset_signatures(self, contract: Contract) -> None:
        """Take all signatures back."""
        for each in contract.participants:
            each.sign_state, each.signed = SignState.UNDECIDED, None
        self.note("signatures", contract, to=SignState.UNDECIDED)
        self.tell(contract, "contract:signature_reset")
