"""A caller of the simulated Dataverse, for the tests of this folder."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import requests

from sandbox.control import Control
from sandbox.dataverse.control import DataverseControl
from sandbox.dataverse.schema import stable_id

type Json = dict[str, Any]

DEAL = stable_id("opportunity", "0")
"""The first demo opportunity: two lines of dollars and cents, an account as its customer."""
QUOTE = stable_id("quote", "5")
"""A draft."""
WON = stable_id("opportunity", "7")
ACTIVE_QUOTE = stable_id("quote", "20")
ACCOUNT = stable_id("account", "3")
CONTACT = stable_id("contact", "3")
NOWHERE = "00000000-1111-4222-8333-444444444444"


class DataverseCaller:
    """One application with a token for the organization."""

    def __init__(self, control: Control, app: str = "hub") -> None:
        self.control = control
        self.orders = DataverseControl(control.url)
        self.client = control.client(app)
        self.origin = control.url
        self.root = f"{control.url}/api/data/v9.2"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers.update({"Accept": "application/json", "OData-Version": "4.0", "OData-MaxVersion": "4.0"})
        reply = self.ask_token()
        if reply.ok:
            self.session.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"

    def ask_token(self, scope: str | None = None) -> requests.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client["clientId"],
            "client_secret": self.client["clientSecret"],
            "scope": scope or f"{self.origin}/.default",
        }
        return self.session.post(f"{self.origin}/{self.client['tenantId']}/oauth2/v2.0/token", data=form, timeout=20)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """Send a request; header names may have underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        if data is not None:
            named.setdefault("Content-Type", "application/json; charset=utf-8")
        url = path if path.startswith("http") else f"{self.root}/{path}"
        return self.session.request(method, url, data=data, headers=named, timeout=20)

    def get(self, path: str, prefer: str = "", **options: str) -> requests.Response:
        """GET; options lose their dollar sign: filter becomes $filter."""
        query = "&".join(f"${name}={quote(value)}" for name, value in options.items())
        headers = {"Prefer": prefer} if prefer else {}
        return self.ask("GET", path + (f"?{query}" if query else ""), **headers)

    def json(self, path: str, prefer: str = "", **options: str) -> Json:
        reply = self.get(path, prefer, **options)
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def values(self, path: str, prefer: str = "", **options: str) -> list[Json]:
        return list(self.json(path, prefer, **options)["value"])

    def patch(self, path: str, body: Json, **headers: str) -> requests.Response:
        return self.ask("PATCH", path, body, **headers)

    def post(self, path: str, body: Json, **headers: str) -> requests.Response:
        return self.ask("POST", path, body, **headers)

    def created(self, set_name: str, body: Json) -> str:
        """Create a row and return its id."""
        reply = self.post(set_name, body)
        assert reply.status_code == 204, reply.text
        return reply.headers["OData-EntityId"].rpartition("(")[2].rstrip(")")

    def close(self) -> None:
        self.session.close()


type Callers = Callable[..., DataverseCaller]


def deal(column: str = "") -> str:
    """Return the address of the first deal."""
    return f"opportunities({DEAL})" + (f"?$select={column}" if column else "")


def refusal(reply: requests.Response) -> tuple[int, str]:
    """Return status and code of an error."""
    return reply.status_code, str(reply.json()["error"]["code"])
