"""Contracts: create, change, send, delete."""

from typing import Any

from sandbox.oneflow.bodies import Json, object_of, objects_of, text_of, whole_of
from sandbox.oneflow.doing import Doing
from sandbox.oneflow.fields import fill, inherited
from sandbox.oneflow.model import Contract, SignState, State, Template, User
from sandbox.oneflow.parties import check_people, read_my_party, read_party
from sandbox.oneflow.products import fill_groups, template_groups
from sandbox.oneflow.refusals import OneflowError, Problems, bad_request, conflict, forbidden, not_found, unauthorized

_LONGEST_NAME = 130
_DAY = 86_400
_PAYMENT = 402
_NAMED = frozenset({State.DRAFT, State.PENDING, State.SIGNED})
_EXPIRATIONS = {
    "never": frozenset({State.DRAFT, State.PENDING}),
    "days_after_publish": frozenset({State.DRAFT}),
    "fixed_date": frozenset({State.DRAFT, State.PENDING}),
}


def create(body: Json, email: str, doing: Doing) -> Contract:
    """Make a draft from a template.

    Raises:
        OneflowError: 400 with everything that is wrong, 403 for a workspace or template that may not be used, 404 for
            one that does not exist.
    """
    problems = Problems()
    workspace, number = whole_of(body, "workspace_id", problems), whole_of(body, "template_id", problems)
    problems.check()
    template = _usable(workspace, number, email, doing)
    creator = _creator(email, doing)
    contract = Contract(
        doing.numbers.next("contract"),
        text_of(body, "name", "", problems, _LONGEST_NAME) or template.name,
        workspace,
        template,
        creator.email,
        doing.now,
        doing.now,
        doing.now,
    )
    contract.parties = [read_my_party(body, doing, creator, problems)]
    for at, each in enumerate(objects_of(body, "parties", problems)):
        contract.parties.append(read_party(each, f"parties[{at}].", doing, problems))
    check_people(contract.parties, problems)
    contract.fields = inherited(template, doing)
    fill(contract.fields, objects_of(body, "data_fields", problems), doing, problems)
    contract.groups = template_groups(doing) if template.products else []
    fill_groups(contract.groups, objects_of(body, "product_groups", problems), doing, problems)
    holder = body if doing.switches.create_value == "value" else object_of(body, "_private", problems)
    contract.amount = object_of(holder, "value", problems) or None
    problems.check()
    doing.account.contracts[contract.id] = contract
    doing.note("contract", contract, to="created", name=contract.name)
    doing.tell(contract, "contract:create")
    return contract


def _usable(workspace: int, template: int, email: str, doing: Doing) -> Template:
    place, found = doing.account.workspaces.get(workspace), doing.account.templates.get(template)
    if place is None or found is None:
        raise not_found()
    if not place.may_create or not doing.account.may_enter(email, workspace):
        raise forbidden("The user may not create contracts in this workspace.")
    if workspace not in found.workspaces or not found.active:
        raise forbidden("The template is inactive, or not shared with this workspace.")
    return found


def _creator(email: str, doing: Doing) -> User:
    found = doing.account.user(email) if email else next((each for each in doing.account.users if each.admin), None)
    if found is None:
        raise unauthorized()
    return found


def change(contract: Contract, body: Json, doing: Doing) -> Contract:
    """Change name, value and signing period; what is absent stays.

    Raises:
        OneflowError: 400, or 409 for what the contract's state does not allow.
    """
    problems = Problems()
    private = object_of(body, "_private", problems)
    name = text_of(private, "name", "_private.", problems, _LONGEST_NAME)
    amount = object_of(private, "value", problems, "_private.")
    expiration = _expiration(contract, private) if "signing_period_expiration" in private else None
    problems.check()
    if {"name", "value"} & private.keys() and contract.state not in _NAMED:
        raise conflict(f"Name and value cannot be changed in state {contract.state}.")
    if "name" in private:
        doing.note("name", contract, **{"from": contract.name, "to": name})
        contract.name, contract.updated = name, doing.now
    if "value" in private:
        contract.amount, contract.updated = amount or None, doing.now
    if expiration is not None:
        contract.expiration, contract.updated = expiration, doing.now
        contract.expires = _expiry(contract) if contract.published else None
    return contract


def _expiration(contract: Contract, private: Json) -> dict[str, Any]:
    given = private["signing_period_expiration"]
    path = "_private.signing_period_expiration"
    if not isinstance(given, dict) or str(given.get("type")) not in _EXPIRATIONS:
        raise bad_request(path, f"Must have one of the types {', '.join(_EXPIRATIONS)}.")
    if contract.state not in _EXPIRATIONS[given["type"]]:
        raise conflict(f"The signing period cannot become {given['type']} in state {contract.state}.")
    days = given.get("expire_days_after_publish")
    if given["type"] == "days_after_publish" and (not isinstance(days, int) or days < 1):
        raise bad_request(f"{path}.expire_days_after_publish", "Must be a number of days.")
    return given


def _expiry(contract: Contract) -> int | None:
    days = contract.expiration.get("expire_days_after_publish")
    if contract.published is None or not isinstance(days, int):
        return None
    return contract.published + days * _DAY


def publish(contract: Contract, body: Json, doing: Doing) -> Contract:
    """Send a draft to its participants.

    Raises:
        OneflowError: 400 without subject or message, 402 on the free plan, 409 when it is no draft.
    """
    problems = Problems()
    for name in ("subject", "message"):
        if not text_of(body, name, "", problems, 10_000):
            problems.add(name, "Missing data for required field.")
    if doing.account.plan == "free":
        raise OneflowError(_PAYMENT, "The plan of the account does not include this.")
    if contract.state is not State.DRAFT:
        raise conflict("Only a draft can be published.")
    problems.check()
    send(contract, doing)
    return contract


def send(contract: Contract, doing: Doing) -> None:
    """Put a draft into the hands of its participants."""
    contract.published = doing.now
    contract.expires = _expiry(contract)
    doing.move(contract, State.PENDING)
    for each in contract.participants:
        each.delivery_status = "success"
    doing.tell(contract, "contract:publish")


def delete(contract: Contract, doing: Doing) -> None:
    """Remove a contract for good."""
    del doing.account.contracts[contract.id]
    doing.note("contract", contract, to="deleted", name=contract.name)
    doing.tell(contract, "contract:delete")


def decline(contract: Contract, doing: Doing) -> Contract:
    """Decline a contract that waits for signatures.

    Raises:
        OneflowError: 409: it does not wait.
    """
    if contract.state not in {State.PENDING, State.OVERDUE}:
        raise conflict(f"A contract in state {contract.state} cannot be declined.")
    doing.move(contract, State.DECLINED)
    doing.tell(contract, "contract:decline")
    return contract


def mark_signed(contract: Contract, doing: Doing) -> Contract:
    """Make a contract count as signed by all.

    Raises:
        OneflowError: 409: it does not wait for signatures.
    """
    if contract.state not in {State.PENDING, State.OVERDUE}:
        raise conflict(f"A contract in state {contract.state} cannot be signed.")
    for each in contract.signatories:
        each.sign_state, each.signed = SignState.SIGNED, doing.now
    doing.move(contract, State.SIGNED)
    doing.tell(contract, "contract:sign")
    return contract


def expire_late(doing: Doing) -> None:
    """Let every signing period that has passed be over."""
    for each in doing.account.contracts.values():
        if each.state is State.PENDING and each.expires is not None and each.expires <= doing.now:
            doing.move(each, State.OVERDUE)
            doing.tell(each, "contract:signing_period_expire")
