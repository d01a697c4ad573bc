"""The half of the demo that keeps an opportunity in Dynamics 365 Sales and its contract in Oneflow in step."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.dataverse.control import DataverseControl
from sandbox.oneflow.control import OneflowControl
from scripts.client import Hub
from scripts.demo_show import Show
from scripts.stack import Stack

_ROWS = (
    ("name", "topic", "two_way"),
    ("budgetamount", "budgetamount", "two_way"),
    ("estimatedclosedate", "estimatedclosedate", "two_way"),
    ("estimatedvalue", "estimatedvalue", "dynamics_to_oneflow"),
    ("customerid", "customer", "once"),
)
_BUYER = {
    "type": "company",
    "name": "Litware, Inc.",
    "countryCode": "US",
    "participants": [{"name": "Ana Bowman", "email": "ana@litware.example", "signatory": True}],
}
_TOPIC = "Zürich + straße 12"
_PATIENCE = 60.0


@dataclass(slots=True)
class BridgeDemo:
    """Dynamics 365 Sales with Oneflow, step by step; every step checks what it shows."""

    stack: Stack
    hub: Hub
    show: Show
    integration_id: str = ""
    deal: str = ""
    contract: str = ""

    def play(self) -> None:
        """Play all steps in order."""
        self.show.part("Dynamics 365 Sales ↔ Oneflow")
        self.connect()
        self.test()
        self.map_fields()
        self.create_contract()
        self.push()
        self.hear_of_a_change()
        self.fetch()
        self.decide()
        self.show_history()

    def connect(self) -> None:
        """Create the integration."""
        app, account = self.stack.control.client(), self.oneflow.account()
        self.show.title("Connect Dynamics 365 Sales and Oneflow", "POST /api/integrations")
        dynamics = {"orgUrl": self.dynamics.info()["orgUrl"], **{name: app[name] for name in _CREDENTIALS}}
        oneflow = {"apiToken": account["apiToken"], "userEmail": account["users"][0]["email"]}
        connection = {"dynamics": dynamics, "oneflow": oneflow}
        body = {"name": "Sales to contracts", "kind": "oneflow", "connection": connection, "settings": {}}
        created = self.hub.post("/api/integrations", {**body, "schedule": None})
        self.integration_id = created["id"]
        self.show.short[created["id"]] = "{id}"
        self.show.table(("", ""), [(name, created[name]) for name in ("id", "kind", "status")])
        hidden = account["apiToken"] not in str(created) and app["clientSecret"] not in str(created)
        self.show.demand(hidden, "no secret is in the answer", created)

    def test(self) -> None:
        """Test both ends."""
        self.show.title("Test both ends", f"POST {self.path('/dynamics/test')}")
        report = self.hub.post(self.path("/dynamics/test"))
        rows = [(check["name"], "ok" if check["ok"] else "failed", check["detail"] or "") for check in report["checks"]]
        self.show.table(("check", "", ""), rows)
        self.show.demand(report["connected"], "both ends answer", report)

    def map_fields(self) -> None:
        """Choose what travels, and which way."""
        path = self.path("/entities/opportunity/mapping")
        self.show.title("Map fields of the opportunity to data fields", f"PUT {path}")
        workspace = self.hub.get(self.path("/oneflow/workspaces"))[0]
        templates = self.hub.get(self.path(f"/oneflow/templates?workspaceId={workspace['id']}"))
        template = next(each for each in templates if each["fields"])
        body = {"templateId": template["id"], "workspaceId": workspace["id"], "products": False}
        wishful = [*_ROWS[:-1], ("customerid", "customer", "two_way")]
        refused = self.hub.call("PUT", path, {**body, "fields": _pairs(wishful)}, If_Match="*")
        self.show.say(f"[yellow]{refused.status}[/yellow] {refused.body['errors'][0]['detail']}")
        self.show.demand(refused.status == _UNACCEPTABLE, "a customer cannot be two-way", refused.body)
        tag = self.hub.call("GET", path).etag
        stored = self.hub.call("PUT", path, {**body, "fields": _pairs(_ROWS)}, If_Match=tag).data
        columns = ("dynamicsField", "oneflowField", "direction", "conflict")
        self.show.table(columns, [[each[name] for name in columns] for each in stored["fields"]])

    def create_contract(self) -> None:
        """Make a contract from an opportunity."""
        self.show.title("Create a contract", f"POST {self.path('/oneflow/contracts')}")
        self.deal = next(each["opportunityid"] for each in self.dynamics.rows("opportunity") if each["name"] == _TOPIC)
        self.dynamics.edit("update", "opportunity", self.deal, values={"name": "Oak boards for next year"})
        order = {"entity": "opportunity", "recordId": self.deal, "parties": [_BUYER]}
        link = self.hub.post(self.path("/oneflow/contracts"), order)
        self.contract = link["contractId"]
        self.show.say(f"[bold]{link['name'].strip()}[/bold], {link['state']}")
        self.fields(link)
        held = self.values()
        self.show.demand(held["topic"] != "" and held["customer"] != "", "the contract has the values", held)

    def push(self) -> None:
        """Change the opportunity and push."""
        path = self.contract_path("/push")
        self.show.title("Change the opportunity, push", f"POST {path}")
        self.dynamics.edit("update", "opportunity", self.deal, values={"estimatedvalue": 125000, "budgetamount": 90000})
        planned = self.hub.post(f"{path}?dryRun=true")
        done = self.hub.post(path)
        self.updated(done)
        same = [each["to"] for each in planned["updated"]] == [each["to"] for each in done["updated"]]
        self.show.demand(same and len(done["updated"]) > 0, "what the dry run said was pushed", (planned, done))
        self.show.demand(self.values()["budgetamount"].startswith("90000"), "Oneflow has the budget", self.values())

    def hear_of_a_change(self) -> None:
        """Send the contract, change it in Oneflow, and see it arrive in Dynamics by itself."""
        self.show.title("Sent to the counterparty, and changed in Oneflow", "its webhook does the rest")
        self.oneflow.act(self.contract, "publish")
        began = time.monotonic()
        self.oneflow.edit(self.contract, budgetamount="87500.50")
        self.until(lambda: float(self.truth()["budgetamount"]) == _AGREED, "the budget arrives in Dynamics")
        self.show.say(f"{time.monotonic() - began:.2f} s later the opportunity has it: {self.truth()['budgetamount']}")

    def fetch(self) -> None:
        """Lose a webhook, and fetch by hand."""
        path = self.contract_path("/fetch")
        self.show.title("A webhook is lost: fetch by hand", f"POST {path}")
        self.oneflow.hold()
        self.oneflow.edit(self.contract, topic="Renewal for three years")
        self.updated(self.hub.post(path))
        self.show.demand(self.truth()["name"] == "Renewal for three years", "the topic is fetched", self.truth())
        self.oneflow.release()

    def decide(self) -> None:
        """Change both sides, and let a person decide."""
        self.show.title("Both sides change the same field", f"POST {self.path('/conflicts/{conflictId}/resolve')}")
        self.oneflow.hold()
        self.dynamics.edit("update", "opportunity", self.deal, values={"name": "Renewal, two years"})
        self.oneflow.edit(self.contract, topic="Renewal, four years")
        found = self.hub.post(self.contract_path("/fetch"))["conflicts"]
        columns = ("field", "base", "dynamics", "oneflow")
        self.show.table(columns, [[each[name] for name in columns] for each in found])
        self.show.demand(len(found) == 1, "one conflict", found)
        names = (self.truth()["name"], self.values()["topic"])
        self.show.demand(names == ("Renewal, two years", "Renewal, four years"), "nothing is overwritten", names)
        self.resolve(found[0]["id"])
        self.oneflow.release()
        self.show.demand(self.truth()["name"] == "Renewal, four years", "Dynamics follows", self.truth()["name"])
        self.show.say("Decided for Oneflow: the opportunity is now [bold]Renewal, four years[/bold].")

    def resolve(self, conflict_id: str) -> None:
        """Decide for what Oneflow holds."""
        body = {"choice": "oneflow"}
        self.hub.post(self.path(f"/conflicts/{conflict_id}/resolve"), body, If_Match="*")

    def show_history(self) -> None:
        """Show the log, and that nothing careless was written."""
        self.show.title("Where the fields stand", f"GET {self.contract_path()}")
        link = self.hub.get(self.contract_path())
        self.fields(link)
        self.show.demand({each["status"] for each in link["fields"]} <= {"in_step"}, "all in step", link)
        entries = self.hub.get(self.path("/sync-logs?entityType=CONTRACT"))
        rows = [
            (each["createdAt"][11:19], each["action"], each["status"], each["metadata"]["trigger"]) for each in entries
        ]
        self.show.table(("time", "action", "status", "trigger"), rows)
        careless = self.dynamics.violations()
        self.show.demand(not careless, "no write without If-Match, no unchanged column", careless)

    @property
    def dynamics(self) -> DataverseControl:
        """The truth of Dataverse."""
        return DataverseControl(self.stack.control.url)

    @property
    def oneflow(self) -> OneflowControl:
        """The truth of Oneflow."""
        return OneflowControl(self.stack.control)

    def truth(self) -> Mapping[str, Any]:
        """Return the opportunity as Dataverse has it."""
        return self.dynamics.rows("opportunity", id=self.deal)[0]

    def values(self) -> dict[str, str]:
        """Return the contract's data fields as Oneflow has them."""
        return dict(self.oneflow.contract(self.contract)["values"])

    def fields(self, link: Mapping[str, Any]) -> None:
        """Show where each field stands."""
        columns = ("field", "direction", "dynamics", "oneflow", "status")
        self.show.table(columns, [[_line(each[name]) for name in columns] for each in link["fields"]])

    def updated(self, report: Mapping[str, Any]) -> None:
        """Show what was written, and what was not."""
        rows = [[each["field"], _line(each["from"]), _line(each["to"])] for each in report["updated"]]
        self.show.table(("field", "from", "to"), rows)
        self.show.say(f"{report['unchanged']} unchanged, {len(report['skipped'])} skipped")

    def until(self, is_good: Callable[[], bool], what: str) -> None:
        """Wait until something is so; the demo fails when it does not come."""
        deadline = time.monotonic() + _PATIENCE
        while not is_good():
            self.show.demand(time.monotonic() < deadline, what, "not in time")
            time.sleep(0.05)

    def path(self, rest: str) -> str:
        """Return a path below the integration."""
        return f"/api/integrations/{self.integration_id}{rest}"

    def contract_path(self, rest: str = "") -> str:
        """Return a path below the contract."""
        return self.path(f"/oneflow/contracts/{self.contract}{rest}")


_CREDENTIALS = ("tenantId", "clientId", "clientSecret")
_UNACCEPTABLE = 422
_AGREED = 87500.50


def _pairs(rows: Sequence[tuple[str, str, str]]) -> list[dict[str, Any]]:
    names = ("dynamicsField", "oneflowField", "direction")
    return [
        {"dynamicsEntity": "opportunity", "via": None, **dict(zip(names, row, strict=True)), "conflict": "manual"}
        for row in rows
    ]


def _line(value: str | None) -> str:
    return "" if value is None else " ".join(value.split())
