"""What a person does in Oneflow's own pages."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.oneflow import contracts, fields
from sandbox.oneflow.doing import Doing
from sandbox.oneflow.model import Contract, Participant, SignState, State


@dataclass(frozen=True, slots=True)
class Act:
    """One act upon a contract; `fields` are values by custom id, `participant` an id or address (all when absent)."""

    contract: int
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    participant: str | None = None
    lifecycle: str = "start"


def perform(act: Act, doing: Doing) -> None:
    """Do it.

    Raises:
        LookupError: There is no such contract, action, field or participant.
        OneflowError: The contract's state does not allow it.
    """
    contract = doing.account.contracts[act.contract]
    if act.action not in _ACTIONS:
        raise LookupError(f"no action {act.action}; known: {', '.join(_ACTIONS)}")
    _ACTIONS[act.action](contract, act, doing)


def _edit(contract: Contract, act: Act, doing: Doing) -> None:
    writes: list[tuple[Any, str | None]] = []
    for custom_id, value in act.fields.items():
        found = contract.field_of(custom_id)
        if found is None or len(value) > fields.LONGEST_VALUE:
            raise LookupError(f"no data field {custom_id}, or a value that is too long")
        writes.append((found, value))
    doing.refuse_locked(contract)
    fields.write(contract, writes, doing)


def _sign(contract: Contract, act: Act, doing: Doing) -> None:
    _require(contract, State.PENDING, State.OVERDUE)
    for each in _chosen(contract, act):
        if each.signatory and each.sign_state is not SignState.SIGNED:
            each.sign_state, each.signed, each.updated = SignState.SIGNED, doing.now, doing.now
            doing.note("signature", contract, participant=each.id, to=SignState.SIGNED)
            doing.tell(contract, "participant:sign")
    if all(each.sign_state is SignState.SIGNED for each in contract.signatories):
        contracts.mark_signed(contract, doing)


def _decline(contract: Contract, act: Act, doing: Doing) -> None:
    _require(contract, State.PENDING, State.OVERDUE)
    for each in _chosen(contract, act):
        each.sign_state, each.signed, each.updated = SignState.DECLINED, doing.now, doing.now
        doing.tell(contract, "participant:decline")
    contracts.decline(contract, doing)


def _expire(contract: Contract, _: Act, doing: Doing) -> None:
    _require(contract, State.PENDING)
    contract.expires = doing.now
    contracts.expire_late(doing)


def _revive(contract: Contract, _: Act, doing: Doing) -> None:
    _require(contract, State.OVERDUE)
    contract.expires = None
    doing.move(contract, State.PENDING)
    doing.tell(contract, "contract:signing_period_revive")


def _visit(contract: Contract, act: Act, doing: Doing) -> None:
    for each in _chosen(contract, act):
        first = each.first_visit is None
        each.first_visit = doing.now if first else each.first_visit
        each.last_visit, each.visits = doing.now, each.visits + 1
        if first:
            doing.tell(contract, "participant:first_visit")


def _bounce(contract: Contract, act: Act, doing: Doing) -> None:
    for each in _chosen(contract, act):
        each.delivery_status = "bounce"
        doing.tell(contract, "participant:delivery_failure")


def _live(contract: Contract, act: Act, doing: Doing) -> None:
    state = _LIFECYCLES[act.lifecycle]
    contract.terminated = act.lifecycle == "terminate"
    contract.canceled = doing.now if act.lifecycle == "cancel" else contract.canceled
    contract.lifecycle, contract.lifecycle_updated, contract.updated = state, doing.now, doing.now
    doing.note("lifecycle", contract, to=state)
    doing.tell(contract, f"contract:lifecycle_state:{act.lifecycle}")


def _publish(contract: Contract, _: Act, doing: Doing) -> None:
    _require(contract, State.DRAFT)
    contracts.send(contract, doing)


def _chosen(contract: Contract, act: Act) -> list[Participant]:
    everybody = list(contract.participants)
    if act.participant is None:
        return [each for each in everybody if each.signatory]
    found = [each for each in everybody if act.participant in {str(each.id), each.email}]
    if not found:
        raise LookupError(f"no participant {act.participant}")
    return found


def _require(contract: Contract, *states: State) -> None:
    if contract.state not in states:
        raise LookupError(f"the contract is not {' or '.join(states)} but {contract.state}")


_LIFECYCLES = {"start": "active", "new_period": "active", "cancel": "active", "end": "ended", "terminate": "ended"}
_ACTIONS: dict[str, Callable[[Contract, Act, Doing], None]] = {
    "edit": _edit,
    "sign": _sign,
    "decline": _decline,
    "expire": _expire,
    "revive": _revive,
    "publish": _publish,
    "visit": _visit,
    "bounce": _bounce,
    "lifecycle": _live,
    "delete": lambda contract, _, doing: contracts.delete(contract, doing),
    "reset_signatures": lambda contract, _, doing: doing.reset_signatures(contract),
}
