"""Reads a Oneflow account, makes contracts in it, and writes their data fields."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from sync.connectors import oneflow_wire as wire
from sync.connectors.budget import Budgets
from sync.connectors.exchange import Exchange, Manner, Means, Wish
from sync.connectors.http import Answer
from sync.connectors.odata import own
from sync.connectors.oneflow_rulings import oneflow_fault, oneflow_ruling
from sync.connectors.rulings import Move
from sync.model.bridge import OneflowAccess
from sync.model.errors import RefusedError, SetupError
from sync.model.secret import Secret
from sync.ports import Contract, ContractField, DataFieldDefinition, Hook, Page, Template, Workspace

LARGEST_PAGE = 100
_MOST_PAGES = 200
"""Paging ends at offset 19,900 (List contracts)."""

_CONTRACT = "contract"


def _shown(token: Secret) -> dict[str, str]:
    return {"x-oneflow-api-token": token.reveal()}


_MANNER = Manner(_shown, oneflow_fault, oneflow_ruling, unheard=frozenset({Move.SILENCE}))


@dataclass(frozen=True, slots=True)
class FixedSignIn:
    """A token that a person made: there is no other."""

    token: Secret

    def get(self) -> Secret:
        """Return the token."""
        return self.token

    def invalidate(self, token: Secret) -> None:
        """Do nothing: a person has to make another one."""


class OneflowAccounts:
    """Opens Oneflow accounts (see sync.ports.Accounts)."""

    def __init__(self, base_url: str, means: Means, *, budgets: Budgets) -> None:
        self._base = base_url.rstrip("/")
        self._means = means
        self._budgets = budgets

    def open(self, access: OneflowAccess, token: Secret | None) -> "OneflowAccount":
        """Return an account; nothing is asked of it yet.

        Raises:
            SetupError: There is no token (ONEFLOW_TOKEN_MISSING).
        """
        if token is None:
            raise SetupError("The connection has no API token for Oneflow: enter one.", code="ONEFLOW_TOKEN_MISSING")
        budget = self._budgets.of(sha256(token.reveal().encode()).hexdigest())
        exchange = Exchange(self._means, budget, FixedSignIn(token), manner=_MANNER)
        return OneflowAccount(self._base, access, exchange)


@dataclass(frozen=True, slots=True)
class OneflowAccount:
    """One Oneflow account, as one of its users (see sync.ports.Oneflow)."""

    base: str
    access: OneflowAccess
    exchange: Exchange

    def account(self) -> str:
        """Return the name of the account that the token belongs to."""
        return self._get("accounts/me", "account", lambda answer: str(wire.read_object(answer.body).get("name") or ""))

    def workspaces(self) -> tuple[Workspace, ...]:
        """Return the workspaces that the user sees."""
        return self._all("workspaces", {}, "workspaces", wire.read_workspace)

    def templates(self, workspace_id: int) -> tuple[Template, ...]:
        """Return the active templates of a workspace."""
        found = self._all("templates", {"filter[workspace_ids]": str(workspace_id)}, "templates", wire.read_template)
        return tuple(each for each in found if each.active)

    def definitions(self, type_id: int) -> tuple[DataFieldDefinition, ...]:
        """Return the data fields that templates of a type have."""
        found = self._get(f"template_types/{type_id}", "template type", lambda answer: wire.read_object(answer.body))
        return tuple(wire.read_definition(each) for each in found.get("data_fields") or ())

    def contract(self, contract_id: int) -> Contract:
        """Return one contract with its data fields (RefusedError CONTRACT_GONE when it is not there)."""
        return self._of_contract(lambda: self._get(f"contracts/{contract_id}", _CONTRACT, _contract))

    def contracts(self, filters: Mapping[str, str], cursor: str | None = None) -> Page[Contract]:
        """Return a page of contracts, without their data fields: the first one, or the one at the cursor."""
        asked = {f"filter[{name}]": value for name, value in filters.items()}
        url = self._listing("contracts", asked) if cursor is None else own(cursor, self.base)
        contracts, following = self._page(url, "contracts", wire.read_contract)
        return Page(contracts, following)

    def create(self, order: Mapping[str, Any]) -> Contract:
        """Make a contract; a RetryLaterError leaves open whether it was made: look before asking again."""
        return self._send("POST", "contracts/create", _CONTRACT, order, _contract)

    def write(self, contract_id: int, values: Mapping[str, str]) -> tuple[ContractField, ...]:
        """Write data fields by custom id, and return all fields as they are then.

        Raises:
            RefusedError: The contract takes no changes any more (CONTRACT_LOCKED), or is gone (CONTRACT_GONE).
        """
        path = f"contracts/{contract_id}/data_fields"
        items = [{"_private_ownerside": {"custom_id": name}, "value": value} for name, value in values.items()]
        self._of_contract(lambda: self._send("PUT", path, "data fields", {"data_fields": items}, _heard))
        return self._of_contract(lambda: self._all(path, {}, "data fields", wire.read_field))

    def hooks(self) -> tuple[Hook, ...]:
        """Return the webhooks of the account."""
        return self._get("webhooks", "webhooks", lambda answer: wire.read_hooks(wire.read_any(answer.body)))

    def hook(self, callback_url: str, sign_key: Secret, events: Sequence[str]) -> Hook:
        """Let Oneflow tell an address about these events."""
        rules = [{"type": "EVENT_TYPE", "values": [*events]}]
        body = {"callback_url": callback_url, "sign_key": sign_key.reveal(), "filters": [{"filter_rules": rules}]}
        return self._send(
            "POST", "webhooks", "webhooks", body, lambda answer: wire.read_hook(wire.read_object(answer.body))
        )

    def unhook(self, hook_id: int) -> None:
        """Remove a webhook; nothing happens when it is gone."""
        try:
            self._send("DELETE", f"webhooks/{hook_id}", "webhooks", None, _heard)
        except RefusedError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise

    @property
    def _headers(self) -> dict[str, str]:
        return {"x-oneflow-user-email": self.access.user_email}

    def _get[T](self, path: str, what: str, read: Callable[[Answer], T]) -> T:
        return self.exchange.get(Wish(f"{self.base}/{path}", what, self._headers), read)

    def _send[T](self, method: str, path: str, what: str, body: Any, read: Callable[[Answer], T]) -> T:
        return self.exchange.send(Wish(f"{self.base}/{path}", what, self._headers, method, body), read)

    def _all[T](self, path: str, asked: Mapping[str, str], what: str, read: Callable[[wire.Json], T]) -> tuple[T, ...]:
        found: list[T] = []
        url: str | None = self._listing(path, asked)
        for _ in range(_MOST_PAGES):
            if url is None:
                break
            items, url = self._page(url, what, read)
            found += items
        return tuple(found)

    def _page[T](self, url: str, what: str, read: Callable[[wire.Json], T]) -> tuple[tuple[T, ...], str | None]:
        wish = Wish(url, what, self._headers)
        return self.exchange.get(wish, lambda answer: wire.read_page(answer.body, read, url=url, base=self.base))

    def _listing(self, path: str, asked: Mapping[str, str]) -> str:
        return f"{self.base}/{path}?{urlencode({**asked, 'limit': LARGEST_PAGE, 'offset': 0}, quote_via=quote)}"

    @staticmethod
    def _of_contract[T](ask: Callable[[], T]) -> T:
        try:
            return ask()
        except RefusedError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            raise RefusedError("Oneflow has no such contract any more", status=404, code="CONTRACT_GONE") from error


def _contract(answer: Answer) -> Contract:
    return wire.read_contract(wire.read_object(answer.body))


def _heard(answer: Answer) -> None:
    """Take a reply for good whatever it holds: what was done is looked at anew."""
