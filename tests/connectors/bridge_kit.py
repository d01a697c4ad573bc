"""Both ends of a bridge on a scripted network."""

from dataclasses import dataclass, field
from typing import Any

import orjson
import requests

from sync.connectors.budget import DATAVERSE, ONEFLOW, Budgets
from sync.connectors.dataverse import Dataverse, DataverseOrganizations
from sync.connectors.oneflow import OneflowAccount, OneflowAccounts
from sync.model.bridge import DynamicsAccess, OneflowAccess
from sync.model.secret import Secret
from sync.model.table import Table
from sync.ports import Accounts, Organizations, RowQuery
from tests.connectors.kit import SECRET, Canned, Net, Place, _response, document, sample

ORG = "https://org.crm4.dynamics.com"
API = f"{ORG}/api/data/v9.2"
ONEFLOW_URL = "https://api.oneflow.com/v1"
ACCESS = DynamicsAccess(ORG, "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-0000000000aa", "secret-1")
TOKEN = Secret("a-oneflow-token".ljust(40, "0"))
USER = OneflowAccess("jim@contoso.example", "secret-2")
OPPORTUNITY = Table("opportunity", "opportunities", "opportunityid", "name", "Opportunity")
DEAL = "4624eff7-53d3-ed11-a7c7-000d3a993550"
NAME_ONLY = RowQuery(("name",))


@dataclass
class Routed(Net):
    """Answers by what an address holds, however many ask at once; each address is answered as often as it is asked."""

    answers: dict[str, Canned] = field(default_factory=dict)

    def __init__(self, answers: dict[str, Canned]) -> None:
        super().__init__()
        self.answers = answers

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        url = str(request.url)
        found = next((canned for part, canned in self.answers.items() if part in url), None)
        if found is None:
            return super().send(request, *args, **kwargs)
        self.sent.append(request)
        return _response(request, found)


def organizations(here: Place) -> Organizations:
    """Return Dataverse as this process reaches it."""
    budgets = Budgets(here.time, here.time, limits=DATAVERSE)
    return DataverseOrganizations(here.means, tokens=here.tokens, budgets=budgets, allowed=("http://127.0.0.1:7099",))


def organization(here: Place, access: DynamicsAccess = ACCESS) -> Dataverse:
    """Return an organization."""
    found = organizations(here).open(access, SECRET)
    assert isinstance(found, Dataverse)
    return found


def account(here: Place) -> OneflowAccount:
    """Return a Oneflow account."""
    every: Accounts = OneflowAccounts(
        f"{ONEFLOW_URL}/", here.means, budgets=Budgets(here.time, here.time, limits=ONEFLOW)
    )
    found = every.open(USER, TOKEN)
    assert isinstance(found, OneflowAccount)
    return found


def told(name: str, status: int = 200, **headers: str) -> Canned:
    """Return a reply from a sample."""
    return Canned(status, sample(name), {key.replace("_", "-"): text for key, text in headers.items()})


def body_of(here: Place, number: int = -1) -> Any:
    """Return the JSON that was sent."""
    return orjson.loads(here.net.sent[number].body or b"null")


def listing(*rows: dict[str, Any], **more: Any) -> Canned:
    """Return a collection of Dataverse."""
    return document({"value": [*rows], **more})
