"""A caller of the simulated Oneflow, and what its tests have in common."""

import json
from pathlib import Path
from typing import Any

import requests

from sandbox.control import Control
from sandbox.oneflow.control import OneflowControl
from tests.sandbox.ears import Ear, until

WORKSPACE, TEMPLATE, TYPE = 396198, 110010, 5
BUYER = {
    "type": "company",
    "name": "Adventure Works",
    "country_code": "SE",
    "participants": [{"name": "Buyer", "email": "buyer@adventure.example"}],
}
_SAMPLES = Path(__file__).parent.parent / "samples"


class Caller:
    """An account's token and one of its users."""

    def __init__(self, control: Control, account: str = "Contoso AB", email: str = "admin@contoso.example") -> None:
        self.oneflow = OneflowControl(control)
        self.control = control
        self.url = str(self.oneflow.info()["url"])
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["x-oneflow-api-token"] = self.oneflow.account(account)["apiToken"]
        self.session.headers["x-oneflow-user-email"] = email

    def ask(self, method: str, path: str, body: Any = None, **headers: str | None) -> requests.Response:
        """One request; underscores in the names of headers become hyphens, None leaves one out."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.request(
            method,
            self.url + path,
            json=body,
            headers=named,
            timeout=20,
            allow_redirects=False,
        )

    def get(self, path: str, **headers: str | None) -> Any:
        reply = self.ask("GET", path, **headers)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def done(self, method: str, path: str, body: Any = None) -> Any:
        reply = self.ask(method, path, body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def create(self, **more: Any) -> Any:
        body = {"workspace_id": WORKSPACE, "template_id": TEMPLATE, "name": "Deal", "parties": [BUYER], **more}
        return self.done("POST", "/contracts/create", body)

    def draft(self, **values: str) -> int:
        """The id of a new contract with these values in its data fields."""
        return int(self.create(data_fields=[{"custom_id": name, "value": one} for name, one in values.items()])["id"])

    def publish(self, contract: int) -> Any:
        return self.done("POST", f"/contracts/{contract}/publish", {"subject": "Please sign", "message": "Thank you"})

    def sent(self, **values: str) -> int:
        """The id of a new contract that waits for signatures."""
        contract = self.draft(**values)
        self.publish(contract)
        return contract

    def put(self, contract: int, custom_id: str, value: str | None) -> requests.Response:
        return self.ask("PUT", f"/contracts/{contract}/data_fields/c::{custom_id}", {"value": value})

    def values(self, contract: int) -> dict[str, str]:
        rows = self.get(f"/contracts/{contract}/data_fields")["data"]
        return {row["_private_ownerside"]["custom_id"]: row["value"] for row in rows}

    def hook(self, ear: Ear, **more: Any) -> int:
        body = {"callback_url": ear.url, "sign_key": "test-sign-key", **more}
        return int(self.done("POST", "/webhooks", body)["id"])


def sample(name: str) -> Any:
    return json.loads((_SAMPLES / f"oneflow-{name}.json").read_text(encoding="utf-8"))


def told(ear: Ear, count: int = 1) -> list[dict[str, Any]]:
    """Wait for so many notices and return their bodies."""
    heard = until(lambda: list(ear.heard), lambda found: len(found) >= count)
    return [json.loads(each.body) for each in heard]


def kinds(notice: dict[str, Any]) -> list[str]:
    return [each["type"] for each in notice["events"]]


def refused(reply: requests.Response) -> tuple[int, int, dict[str, list[str]]]:
    """Status, error code and problems of a refusal."""
    body = reply.json()
    return reply.status_code, body["error_code"], body["parameter_problems"]
