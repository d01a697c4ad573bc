"""Orders of the control surface that are about Oneflow."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from typing import Any

import cattrs

from sandbox.oneflow.model import Account, Contract, TypeField
from sandbox.oneflow.people import Act
from sandbox.oneflow.refusals import OneflowError
from sandbox.oneflow.shapes import Shapes
from sandbox.oneflow.system import PREFIX, OneflowSystem
from sandbox.switches import changed

type Body = dict[str, Any]

_READER = cattrs.Converter(forbid_extra_keys=True)


@dataclass(frozen=True, slots=True)
class AccountOrder:
    """New facts about an account: whether its token is revoked, its plan (business, free)."""

    account: str
    revoked: bool | None = None
    plan: str | None = None


@dataclass(frozen=True, slots=True)
class FieldOrder:
    """A data field of a template type, new or changed; templates of the type take its value over."""

    template_type: int
    custom_id: str
    name: str = ""
    value: str = ""
    source: str = "user"
    active: bool = True


@dataclass(frozen=True, slots=True)
class CopyOrder:
    """Copies of a contract that nobody is told of, last changed so many seconds before it."""

    contract: int
    count: int
    age: int = 0


def routes(system: OneflowSystem) -> dict[str, Callable[[Body, str], Any]]:
    """Return what is answered below `oneflow/`."""
    orders = Orders(system)
    return {
        "GET oneflow/info": orders.info,
        "GET oneflow/switches": lambda _body, _base: asdict(system.switches),
        "POST oneflow/switches": orders.switch,
        "GET oneflow/counters": orders.counters,
        "GET oneflow/contracts": orders.contracts,
        "POST oneflow/copies": orders.copies,
        "GET oneflow/webhooks": orders.webhooks,
        "POST oneflow/webhooks/kill": orders.kill,
        "POST oneflow/act": orders.act,
        "POST oneflow/account": orders.account,
        "POST oneflow/field": orders.field,
        "GET oneflow/notices": lambda _body, _base: list(system.sender.sent),
        "GET oneflow/pending": lambda _body, _base: system.sender.pending(),
        "POST oneflow/hold": orders.hold,
        "POST oneflow/release": orders.release,
    }


class Orders:
    """Carries the orders out."""

    def __init__(self, system: OneflowSystem) -> None:
        self._system = system

    def info(self, _body: Body, base: str) -> Any:
        """Return the address of the API, and every account with its token, users, workspaces and templates."""
        return {"url": f"{base}{PREFIX}", "accounts": [_account(each) for each in self._system.accounts.values()]}

    def switch(self, body: Body, _base: str) -> Any:
        """Set switches."""
        self._system.switches = changed(self._system.switches, body)
        return asdict(self._system.switches)

    def counters(self, _body: Body, _base: str) -> Any:
        """Return the usage of each account."""
        return {
            name: {key: getattr(usage, key) for key in usage.__dataclass_fields__ if key != "windows"}
            for name, usage in self._system.limit.usages.items()
        }

    def contracts(self, _body: Body, base: str) -> Any:
        """Return the truth: every contract that is not deleted."""
        write = Shapes(f"{base}{PREFIX}", self._system.switches)
        everything = (each for account in self._system.accounts.values() for each in account.contracts.values())
        return [
            {**write.contract(each), "values": {one.custom_id: one.value for one in each.fields}} for each in everything
        ]

    def copies(self, body: Body, _base: str) -> Any:
        """Make copies of a contract, and return their numbers."""
        order = _READER.structure(body, CopyOrder)
        for account in self._system.accounts.values():
            known = account.contracts.get(order.contract)
            if known is not None:
                older = replace(known, updated=known.updated - order.age)
                made = [_copy(older, self._system.numbers.next("contract")) for _ in range(order.count)]
                account.contracts |= {each.id: each for each in made}
                return {"contracts": [each.id for each in made]}
        raise LookupError(f"no contract {order.contract}")

    def webhooks(self, _body: Body, _base: str) -> Any:
        """Return every webhook, its sign key included."""
        return [
            {"account": account.name, **asdict(each)}
            for account in self._system.accounts.values()
            for each in account.webhooks.values()
        ]

    def kill(self, body: Body, _base: str) -> Any:
        """Remove webhooks without a word to anybody."""
        wanted = body.get("id")
        killed = 0
        for account in self._system.accounts.values():
            for number in [each for each in account.webhooks if wanted in {None, each}]:
                del account.webhooks[number]
                killed += 1
        return {"killed": killed}

    def act(self, body: Body, _base: str) -> Any:
        """Do what a person does in Oneflow."""
        try:
            return self._system.act(_READER.structure(body, Act))
        except OneflowError as error:
            raise ValueError(error.detail) from error

    def account(self, body: Body, _base: str) -> Any:
        """Change an account."""
        order = _READER.structure(body, AccountOrder)
        for each in self._system.accounts.values():
            if each.name == order.account:
                each.revoked = each.revoked if order.revoked is None else order.revoked
                each.plan = order.plan or each.plan
                return {"account": each.name, "revoked": each.revoked, "plan": each.plan}
        raise LookupError(f"no account {order.account}")

    def field(self, body: Body, _base: str) -> Any:
        """Add or change a data field of a template type."""
        order = _READER.structure(body, FieldOrder)
        for account in self._system.accounts.values():
            if order.template_type in account.types:
                return _put_field(order, account, self._system)
        raise LookupError(f"no template type {order.template_type}")

    def hold(self, _body: Body, _base: str) -> Any:
        """Keep notices back."""
        self._system.sender.hold()
        return {}

    def release(self, body: Body, _base: str) -> Any:
        """Send the notices that were kept back."""
        order = body.get("order", "kept")
        if order not in {"kept", "reversed"}:
            raise ValueError("order is kept or reversed")
        return {"released": self._system.sender.release(order)}


def _copy(known: Contract, number: int) -> Contract:
    fields, parties, groups = deepcopy((known.fields, known.parties, known.groups))
    return replace(known, id=number, fields=fields, parties=parties, groups=groups, events=[])


def _put_field(order: FieldOrder, account: Account, system: OneflowSystem) -> dict[str, Any]:
    kind = account.types[order.template_type]
    known = kind.fields.get(order.custom_id)
    number = known.id if known else system.numbers.next("type_field")
    found = TypeField(number, order.custom_id, order.name or order.custom_id, "", "", order.value, order.source)
    found.active = order.active
    kind.fields[order.custom_id] = found
    for template in account.templates.values():
        if template.type is kind:
            template.values[order.custom_id] = order.value
    return asdict(found)


def _account(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "apiToken": account.token,
        "users": [{"email": each.email, "admin": each.admin, "active": each.active} for each in account.users],
        "workspaces": [{"id": each.id, "name": each.name} for each in account.workspaces.values()],
        "templates": [
            {"id": each.id, "name": each.name, "templateType": each.type.id if each.type else None}
            for each in account.templates.values()
        ],
    }
