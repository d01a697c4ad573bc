"""The half of the demo that keeps the platform in step with CRONUS International Ltd. in Business Central."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from rich.live import Live

from scripts.client import Hub
from scripts.demo_show import Show, console
from scripts.stack import Stack

_VENDORS, _ITEMS = 66, 149


@dataclass(slots=True)
class SupplyDemo:
    """Business Central to the platform, step by step; every step checks what it shows."""

    stack: Stack
    hub: Hub
    show: Show
    integration_id: str = ""

    def play(self) -> None:
        """Play all steps in order."""
        self.show.part("Business Central → platform")
        self.connect()
        self.test()
        self.first_sync()
        self.look_at_records()
        changed = self.change_the_source()
        self.delta_sync(changed)
        self.mend_the_error(changed)
        self.show_history()

    def connect(self) -> None:
        """Create the integration."""
        app = self.stack.control.client()
        self.show.title("Connect Business Central", "POST /api/integrations")
        created = self.hub.post(
            "/api/integrations",
            {
                "name": "CRONUS to the EUDR platform",
                "kind": "business_central",
                "connection": {
                    "tenantId": app["tenantId"],
                    "clientId": app["clientId"],
                    "clientSecret": app["clientSecret"],
                    "environment": "Production",
                    "companyId": self.stack.control.company_id("cronus"),
                    "grant": "client_credentials",
                },
                "schedule": "0 */15 * * * *",
                "settings": {},
            },
        )
        self.integration_id = created["id"]
        self.show.short[created["id"]] = "{id}"
        shown = {name: created[name] for name in ("id", "status", "schedule", "nextRunAt")}
        self.show.table(("", ""), [*shown.items(), ("clientSecret", "stored encrypted, never returned")])
        self.show.demand(app["clientSecret"] not in str(created), "the secret is not in the answer", created)

    def test(self) -> None:
        """Test the connection."""
        self.show.title("Test the connection", f"POST {self.path('/dynamics/test')}")
        report = self.hub.post(self.path("/dynamics/test"))
        rows = [(check["name"], "ok" if check["ok"] else "failed", check["detail"] or "") for check in report["checks"]]
        self.show.table(("check", "", ""), rows)
        self.show.say(f"{report['company']}: {report['vendorCount']} vendors, {report['itemCount']} items")
        self.show.demand(
            (report["vendorCount"], report["itemCount"]) == (_VENDORS, _ITEMS), "66 vendors, 149 items", report
        )

    def first_sync(self) -> None:
        """Read everything."""
        self.show.title("Full sync", f"POST {self.path('/dynamics/sync')}")
        totals = self.sync({})
        self.show.demand(totals["suppliers"]["created"] == _VENDORS, "66 suppliers created", totals)
        self.show.demand(totals["products"]["created"] == _ITEMS, "149 products created", totals)

    def look_at_records(self) -> None:
        """Show some of what arrived."""
        self.show.title("What arrived", f"GET {self.path('/suppliers?limit=4')}")
        found = self.hub.get(self.path("/suppliers?limit=4"))
        columns = ("number", "name", "city", "country", "taxId", "syncStatus")
        self.show.table(columns, [[each[name] or "" for name in columns] for each in found])

    def change_the_source(self) -> dict[str, str]:
        """Change three records in Business Central, one of them for the worse."""
        self.show.title("Meanwhile, in Business Central", "a name, a new item, and a vendor without a name")
        control = self.stack.control
        vendors = control.rows("vendors", company=self.stack.control.company_id("cronus"))
        better, worse = vendors[0], vendors[1]
        company = {"company": self.stack.control.company_id("cronus")}
        control.patch_row("vendors", {"displayName": f"{better['displayName']} Ltd."}, id=better["id"], **company)
        control.patch_row("vendors", {"displayName": ""}, id=worse["id"], **company)
        control.put_row("items", {"number": "WOOD-1", "displayName": "Oak board, sawn", "type": "Inventory"}, **company)
        rows = [
            (better["number"], better["displayName"], f"{better['displayName']} Ltd."),
            (worse["number"], worse["displayName"], "(blank)"),
            ("WOOD-1", "", "Oak board, sawn"),
        ]
        self.show.table(("number", "was", "is"), rows)
        return {"better": better["id"], "worse": worse["id"], "name": worse["displayName"]}

    def delta_sync(self, changed: dict[str, str]) -> None:
        """Read the changes only."""
        self.show.title("Delta sync: only what changed", f'POST {self.path("/dynamics/sync")} {{"mode": "delta"}}')
        totals = self.sync({"mode": "delta"})
        self.show.demand(totals["suppliers"]["updated"] == 1, "one supplier updated", totals)
        self.show.demand(totals["suppliers"]["errors"] == 1, "one supplier in error", totals)
        self.show.demand(totals["products"]["created"] == 1, "one product created", totals)
        errors = self.hub.get(self.path(f"/runs/{totals['runId']}/errors"))
        self.show.table(
            ("record", "code", "error", "what came"),
            [(each["externalId"][:8] + "…", each["code"], each["error"], str(each["data"])) for each in errors],
        )
        kept = self.hub.get(self.hub.record(self.integration_id, "suppliers", changed["worse"]))
        self.show.say(f"The platform keeps [bold]{kept['name']}[/bold], marked [red]{kept['syncStatus']}[/red].")
        self.show.demand(
            (kept["name"], kept["syncStatus"]) == (changed["name"], "error"), "values kept, marked error", kept
        )
        changed["run"] = totals["runId"]

    def mend_the_error(self, changed: dict[str, str]) -> None:
        """Mend the vendor in Business Central and retry only what failed."""
        self.show.title("Mend it, and retry only what failed", f"POST {self.path('/runs/{runId}/retry')}")
        company = self.stack.control.company_id("cronus")
        self.stack.control.patch_row("vendors", {"displayName": changed["name"]}, id=changed["worse"], company=company)
        retried = self.hub.post(self.path(f"/runs/{changed['run']}/retry"))
        self.totals(retried)
        healed = self.hub.get(self.hub.record(self.integration_id, "suppliers", changed["worse"]))
        self.show.say(f"[bold]{healed['name']}[/bold] is [green]{healed['syncStatus']}[/green].")
        self.show.demand(healed["syncStatus"] == "synced", "the supplier is synced again", healed)

    def show_history(self) -> None:
        """Show the sync log."""
        self.show.title("Sync history", f"GET {self.path('/sync-logs')}")
        entries = self.hub.get(self.path("/sync-logs"))
        rows = [
            (
                entry["createdAt"][11:19],
                entry["action"],
                entry["entityType"] or "",
                entry["status"],
                str(entry["recordsAffected"]),
                str(entry["metadata"].get("kind") or ""),
            )
            for entry in entries
        ]
        self.show.table(("time", "action", "entity", "status", "records", "run"), rows)
        writes = [each for each in self.stack.control.writes() if "/subscriptions" not in each["path"]]
        self.show.say(f"Requests that wrote to Business Central, subscriptions apart: {len(writes)}")
        self.show.demand(not writes, "nothing is written to Business Central", writes)

    def sync(self, order: dict[str, Any]) -> dict[str, Any]:
        """Sync with progress, and show the totals."""
        started = time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(self.hub.post, self.path("/dynamics/sync"), order)
            self.follow(waiting)
            totals: dict[str, Any] = waiting.result()
        self.totals(totals)
        self.show.say(f"{time.monotonic() - started:.2f} s, run {totals['runId']}")
        return totals

    def follow(self, waiting: "Future[Any]") -> None:
        """Show the run's progress until it is over."""
        with Live(console=console, transient=True, refresh_per_second=8) as live:
            while not waiting.done():
                runs = self.hub.get(self.path("/runs?limit=1"))
                if runs:
                    progress = runs[0]["progress"]
                    expected = "?" if progress["expected"] is None else progress["expected"]
                    live.update(
                        f"  {progress['phase']}  {progress['records']} of {expected} records, "
                        f"{progress['ratePerSecond']:.0f} a second"
                    )
                time.sleep(0.1)

    def totals(self, totals: dict[str, Any]) -> None:
        """Show what a sync came to."""
        columns = ("created", "updated", "unchanged", "errors")
        rows = [
            (entity, *(str(totals[entity][name]) for name in columns))
            for entity in ("suppliers", "products")
            if entity in totals
        ]
        self.show.table(("", *columns), rows)

    def path(self, rest: str) -> str:
        """Return a path below the integration."""
        return f"/api/integrations/{self.integration_id}{rest}"
