"""One request to the simulated Oneflow, and what its handlers have in common."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.oneflow.doing import Doing
from sandbox.oneflow.model import Account, Contract
from sandbox.oneflow.paging import Key, ordered, page, read_query
from sandbox.oneflow.refusals import forbidden, not_found
from sandbox.oneflow.shapes import Shapes


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; `keys` are the parts of the path that vary, `email` the user who acts, empty for nobody."""

    path: str
    query: str
    keys: tuple[str, ...]
    body: Any
    email: str
    doing: Doing
    write: Shapes

    @property
    def account(self) -> Account:
        """The caller's account."""
        return self.doing.account

    @property
    def address(self) -> str:
        """The address of the path, without the query."""
        return f"{self.write.base}{self.path}"

    def number(self, at: int) -> int:
        """Return an id of the path.

        Raises:
            OneflowError: 404: it is none.
        """
        text = self.keys[at]
        if not (text.isascii() and text.isdecimal()):
            raise not_found()
        return int(text)


type Handler = Callable[[Asked], Any]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation; `named` means that it must say which user acts."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler
    named: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    """An answer that sends the caller elsewhere."""

    path: str


def route(method: str, path: str, handler: Handler, *, named: bool = False) -> Route:
    """Return an operation; ID in a path stands for a part that varies."""
    return Route(method, re.compile(path.replace("ID", "([^/]+)")), handler, named)


def contract_of(asked: Asked) -> Contract:
    """Return the contract that the path names.

    Raises:
        OneflowError: 404, or 403 for a workspace that the user may not enter.
    """
    found = asked.account.contracts.get(asked.number(0))
    if found is None:
        raise not_found()
    if not asked.account.may_enter(asked.email, found.workspace):
        raise forbidden("The user has no access to the workspace of this contract.")
    return found


def list_of(asked: Asked, rows: Sequence[Any], write: Callable[[Any], Any], keys: dict[str, Key]) -> Any:
    """Return one page of rows, as the query asks.

    Raises:
        OneflowError: 400: the query is not possible.
    """
    wanted = read_query(asked.query)
    found = ordered(rows, wanted.sort, keys, lambda each: int(each.id))
    whole = page(found, wanted, asked.address, asked.query)
    return {**whole, "data": [write(each) for each in whole["data"]]}
