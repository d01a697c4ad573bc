"""What flow tests of bridges speak with: an integration between Dataverse and Oneflow, and both simulated systems."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.control import Control
from sandbox.dataverse.control import DataverseControl
from sandbox.oneflow.control import OneflowControl
from scripts.client import Answer
from tests.flow.kit import Caller

SALES, LEGAL = "396198", "396199"
"""Workspaces of the first account."""
PROPOSAL = "110010"
"""A template of both workspaces with all data fields, and with products."""
EMAIL = "admin@contoso.example"
TOPIC = {"dynamicsEntity": "opportunity", "via": None, "dynamicsField": "name", "oneflowField": "topic"}


@dataclass(frozen=True, slots=True)
class Span:
    """One bridge of one caller, with the truth of both ends."""

    hub: Caller
    id: str
    dynamics: DataverseControl
    oneflow: OneflowControl
    control: Control

    def call(self, method: str, rest: str = "", body: Any = None, **headers: str) -> Answer:
        """Send one request below the integration."""
        return self.hub.call(method, f"/api/integrations/{self.id}{rest}", body, **headers)

    def get(self, rest: str = "") -> Any:
        """Return the data of a GET below the integration."""
        return self.hub.get(f"/api/integrations/{self.id}{rest}")

    def map(self, entity: str, *rows: dict[str, Any], **more: Any) -> Answer:
        """Write the mapping of a table, for the proposal in the sales workspace if nothing else is said."""
        path = f"/entities/{entity}/mapping"
        body = {"fields": rows, "templateId": PROPOSAL, "workspaceId": SALES, "products": False, **more}
        return self.call("PUT", path, body, If_Match=self.call("GET", path).etag)

    def create(self, entity: str, record_id: str, **more: Any) -> Answer:
        """Ask for a contract of a record."""
        return self.call("POST", "/oneflow/contracts", {"entity": entity, "recordId": record_id, **more})

    def deals(self) -> list[dict[str, Any]]:
        """Return the truth of the opportunities."""
        return self.dynamics.rows("opportunity")

    def deal(self, record_id: str) -> dict[str, Any]:
        """Return the truth of one opportunity."""
        return self.dynamics.rows("opportunity", id=record_id)[0]


def order(control: Control, **connection: Any) -> dict[str, Any]:
    """Return the body that makes a bridge; `connection` replaces members of either end."""
    app, dynamics = control.client("hub"), DataverseControl(control.url).info()
    token = OneflowControl(control).account()["apiToken"]
    ends = {
        "dynamics": {
            "orgUrl": dynamics["orgUrl"],
            "tenantId": app["tenantId"],
            "clientId": app["clientId"],
            "clientSecret": app["clientSecret"],
        },
        "oneflow": {"apiToken": token, "userEmail": EMAIL},
    }
    merged = {end: {**facts, **connection.get(end, {})} for end, facts in ends.items()}
    return {"name": "A bridge", "kind": "oneflow", "connection": merged, "schedule": None, "settings": {}}


def spans(hub: Caller, control: Control, **settings: Any) -> Iterator[Span]:
    """Yield a new bridge with these settings; afterwards nothing careless was written to Dataverse, and it is gone."""
    made = hub.post("/api/integrations", {**order(control), "settings": settings})
    span = Span(hub, made["id"], DataverseControl(control.url), OneflowControl(control), control)
    yield span
    span.call("DELETE")
    assert span.dynamics.violations() == []
