"""From a path to the answer, for an account that is known."""

from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from sandbox.oneflow import account_api, contract_api
from sandbox.oneflow.asked import Asked, Route
from sandbox.oneflow.refusals import OneflowError, bad_request, not_found, unauthorized

CREATOR = "__CREATOR__"

_ROUTES = (*account_api.ROUTES, *contract_api.ROUTES)
_CONTRACTS = "/contracts/"


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """Return the operation for a path below the API's base, and the varying parts.

    Raises:
        OneflowError: 404, or 405 for a path that has other methods.
    """
    others = False
    for route in _ROUTES:
        found = route.pattern.fullmatch(path)
        if found and route.method == method:
            return route, tuple(unquote(part) for part in found.groups())
        others = others or found is not None
    raise OneflowError(405, "The method is not allowed here.") if others else not_found()


def answer(route: Route, asked: Asked) -> Any:
    """Do what is asked, and return the JSON of the reply.

    Raises:
        OneflowError: The answer is an error.
    """
    if route.named and not asked.email and asked.doing.switches.missing_email == "400":
        raise bad_request("x-oneflow-user-email", "Missing data for required field.")
    if asked.email != CREATOR:
        return route.handler(asked)
    if not asked.keys or not asked.path.startswith(_CONTRACTS):
        raise unauthorized()
    contract = asked.account.contracts.get(asked.number(0))
    if contract is None:
        raise not_found()
    return route.handler(replace(asked, email=contract.creator))
