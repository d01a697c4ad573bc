"""`make demo`: CRONUS International Ltd. connected, synced, changed and synced again, before your eyes."""

import os
import re
import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table

from scripts.client import AnswerError, Hub
from scripts.leash import end_with_make
from scripts.stack import Stack, StackError, running

console = Console(highlight=False, record=True, width=min(Console().width, 110) if sys.stdout.isatty() else 110)
_VENDORS, _ITEMS = 66, 149
_ABOUT = (
    "Azurite, a simulated Entra and Business Central with Microsoft's demo company, and the hub itself,\n"
    "all on this machine. Every step goes through the HTTP API and checks what it shows."
)


class DemoError(Exception):
    """A step did not do what it should; the text says which and what came instead."""


@dataclass(slots=True)
class Demo:
    """The story, step by step; every step checks what it shows."""

    stack: Stack
    hub: Hub
    integration_id: str = ""
    number: int = 0

    def play(self) -> None:
        """Play all steps in order."""
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
        self.title("Connect Business Central", "POST /api/integrations")
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
        shown = {name: created[name] for name in ("id", "status", "schedule", "nextRunAt")}
        self.table(("", ""), [*shown.items(), ("clientSecret", "stored encrypted, never returned")])
        self.demand(app["clientSecret"] not in str(created), "the secret is not in the answer", created)

    def test(self) -> None:
        """Test the connection."""
        self.title("Test the connection", f"POST {self.path('/dynamics/test')}")
        report = self.hub.post(self.path("/dynamics/test"))
        rows = [(check["name"], "ok" if check["ok"] else "failed", check["detail"] or "") for check in report["checks"]]
        self.table(("check", "", ""), rows)
        self.say(f"{report['company']}: {report['vendorCount']} vendors, {report['itemCount']} items")
        self.demand((report["vendorCount"], report["itemCount"]) == (_VENDORS, _ITEMS), "66 vendors, 149 items", report)

    def first_sync(self) -> None:
        """Read everything."""
        self.title("Full sync", f"POST {self.path('/dynamics/sync')}")
        totals = self.sync({})
        self.demand(totals["suppliers"]["created"] == _VENDORS, "66 suppliers created", totals)
        self.demand(totals["products"]["created"] == _ITEMS, "149 products created", totals)

    def look_at_records(self) -> None:
        """Show some of what arrived."""
        self.title("What arrived", f"GET {self.path('/suppliers?limit=4')}")
        found = self.hub.get(self.path("/suppliers?limit=4"))
        columns = ("number", "name", "city", "country", "taxId", "syncStatus")
        self.table(columns, [[each[name] or "" for name in columns] for each in found])

    def change_the_source(self) -> dict[str, str]:
        """Change three records in Business Central, one of them for the worse."""
        self.title("Meanwhile, in Business Central", "a name, a new item, and a vendor without a name")
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
        self.table(("number", "was", "is"), rows)
        return {"better": better["id"], "worse": worse["id"], "name": worse["displayName"]}

    def delta_sync(self, changed: dict[str, str]) -> None:
        """Read the changes only."""
        self.title("Delta sync: only what changed", f'POST {self.path("/dynamics/sync")} {{"mode": "delta"}}')
        totals = self.sync({"mode": "delta"})
        self.demand(totals["suppliers"]["updated"] == 1, "one supplier updated", totals)
        self.demand(totals["suppliers"]["errors"] == 1, "one supplier in error", totals)
        self.demand(totals["products"]["created"] == 1, "one product created", totals)
        errors = self.hub.get(self.path(f"/runs/{totals['runId']}/errors"))
        self.table(
            ("record", "code", "error", "what came"),
            [(each["externalId"][:8] + "…", each["code"], each["error"], str(each["data"])) for each in errors],
        )
        kept = self.hub.get(self.hub.record(self.integration_id, "suppliers", changed["worse"]))
        self.say(f"The platform keeps [bold]{kept['name']}[/bold], marked [red]{kept['syncStatus']}[/red].")
        self.demand((kept["name"], kept["syncStatus"]) == (changed["name"], "error"), "values kept, marked error", kept)
        changed["run"] = totals["runId"]

    def mend_the_error(self, changed: dict[str, str]) -> None:
        """Mend the vendor in Business Central and retry only what failed."""
        self.title("Mend it, and retry only what failed", f"POST {self.path('/runs/{runId}/retry')}")
        company = self.stack.control.company_id("cronus")
        self.stack.control.patch_row("vendors", {"displayName": changed["name"]}, id=changed["worse"], company=company)
        retried = self.hub.post(self.path(f"/runs/{changed['run']}/retry"))
        self.totals(retried)
        healed = self.hub.get(self.hub.record(self.integration_id, "suppliers", changed["worse"]))
        self.say(f"[bold]{healed['name']}[/bold] is [green]{healed['syncStatus']}[/green].")
        self.demand(healed["syncStatus"] == "synced", "the supplier is synced again", healed)

    def show_history(self) -> None:
        """Show the sync log."""
        self.title("Sync history", f"GET {self.path('/sync-logs')}")
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
        self.table(("time", "action", "entity", "status", "records", "run"), rows)
        writes = self.stack.control.writes()
        self.say(f"Requests that wrote to Business Central: {len(writes)}")
        self.demand(not writes, "nothing is written to Business Central", writes)

    def sync(self, order: dict[str, Any]) -> dict[str, Any]:
        """Sync with progress, and show the totals."""
        started = time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(self.hub.post, self.path("/dynamics/sync"), order)
            self.follow(waiting)
            totals: dict[str, Any] = waiting.result()
        self.totals(totals)
        self.say(f"{time.monotonic() - started:.2f} s, run {totals['runId']}")
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
        self.table(("", *columns), rows)

    def path(self, rest: str) -> str:
        """Return a path below the integration."""
        return f"/api/integrations/{self.integration_id}{rest}"

    def title(self, text: str, call: str) -> None:
        """Begin a step."""
        self.number += 1
        shown = call.replace(self.integration_id, "{id}") if self.integration_id else call
        console.print(f"\n[bold cyan]{self.number}. {text}[/bold cyan]  [dim]{shown}[/dim]")

    def say(self, text: str) -> None:
        """Say something about the step."""
        console.print(f"   {text}")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show a table; numbers are flush right."""
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
        for index, column in enumerate(columns):
            numeric = bool(rows) and all(str(row[index]).isdigit() for row in rows)
            table.add_column(column, justify="right" if numeric else "left", overflow="ellipsis", no_wrap=True)
        for row in rows:
            table.add_row(*(str(cell) for cell in row))
        console.print(Padding(table, (0, 0, 0, 3)))

    def demand(self, held: bool, what: str, came: Any) -> None:  # noqa: FBT001 - reads as an assertion
        """Stop the demo when something is not as it should be."""
        if not held:
            raise DemoError(f"step {self.number} should show: {what}; instead: {came}")


def main() -> int:
    """Play the demo; stay up until Ctrl-C unless ONCE is set, and draw it into the file that PICTURE names."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    end_with_make()
    console.print(Panel(_ABOUT, title="Dynamics Sync Hub", border_style="cyan"))
    try:
        with ExitStack() as resources:
            with console.status("starting …"):
                stack = resources.enter_context(running())
            Demo(stack, Hub(stack.url, stack.control.user_token("alice"))).play()
            console.print(f"\n[green]Every step did what it should.[/green]  The hub answers on {stack.url}")
            if os.environ.get("PICTURE"):
                _draw(Path(os.environ["PICTURE"]))
            if not os.environ.get("ONCE"):
                _stay(stack)
    except (StackError, DemoError, AnswerError) as error:
        console.print(f"\n[red]{error}[/red]")
        return 1
    except KeyboardInterrupt:
        console.print("ended")
    return 0


def _draw(file: Path) -> None:
    """Draw what was printed; fonts are the reader's own, nothing is fetched."""
    drawn = console.export_svg(title="make demo")
    file.write_text(re.sub(r"@font-face \{.*?\}|<!--.*?-->", "", drawn, flags=re.DOTALL), encoding="utf-8")


def _stay(stack: Stack) -> None:
    console.print(f"   the simulated systems on {stack.sandbox.url}; Ctrl-C ends everything")
    while not stack.app.child.has_ended():
        time.sleep(0.5)
    raise DemoError("the app ended by itself")


if __name__ == "__main__":
    sys.exit(main())
