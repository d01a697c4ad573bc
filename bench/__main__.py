"""`make bench`: full, unchanged and delta sync of a generated company, against the floor of the same run."""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import requests

from bench import floor
from bench.meter import Meter
from bench.report import DELTA, FULL, IN_FULL_USE, READ, UNCHANGED, WRITE, Measured, Report, console
from scripts.client import Answer, Hub
from scripts.stack import Stack, reachable, running

_PAGE = 5_000
_FEW = 10_000
_DELTAS = 5
_CROWD = 100
_BUSY = 409
_PLAIN = {"realtime": False, "breaker": False}
_ROOM = "--max-old-space-size=12000"
_SELECT = {
    "items": "id,number,displayName,type,itemCategoryCode,baseUnitOfMeasureCode,gtin,blocked,lastModifiedDateTime",
    "vendors": (
        "id,number,displayName,addressLine1,city,state,country,postalCode,phoneNumber,email,website,"
        "taxRegistrationNumber,blocked,lastModifiedDateTime"
    ),
}


def main() -> int:
    """Measure and print; exit 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--vendors", type=int, default=20_000)
    parser.add_argument("--changes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured; medians are compared")
    parser.add_argument("--memory", type=int, default=0, help="compare only the peak memory for this many items")
    given = parser.parse_args()
    if given.memory:
        show_memory([peak_of(_FEW), peak_of(given.memory)])
        return 0
    report = Report.of(measure(given.items, given.vendors, given.changes, given.rounds))
    report.show()
    return 0 if report.judge() else 1


def peak_of(items: int) -> Measured:
    """Sync so many items in an app of its own."""
    os.environ["NODE_OPTIONS"] = _ROOM  # the emulator keeps all rows in memory
    with running(_company(items, 10)) as stack:
        hub, integration_id = connect(stack)
        return timed(f"{items:,} items", stack, hub, integration_id, {}, items)


def show_memory(rows: list[Measured]) -> None:
    """Print what the app's memory came to, and by how much it grew."""
    first = rows[0].peak or 0.0
    for row in rows:
        peak = row.peak or 0.0
        console.print(f"{row.name}: peak {peak:.0f} MB, {peak - first:+.0f} MB; {row.wall:.0f} s")
        console.print(row.note, style="dim")


def measure(items: int, vendors: int, changes: int, rounds: int) -> Iterator[Measured]:
    """Run the hub, the floor on the same pages and rows, and the hub with all of it in use: all of that some times.

    With the same work, one emulator is a tenth faster than the next: only what was taken in turn can be compared.
    """
    rows: floor.Rows = {}
    for turn in range(rounds):
        console.print(f"round {turn + 1} of {rounds} ...", style="dim")
        with running(_company(items, vendors)) as stack:
            hub, integration_id = connect(stack, **_PLAIN)
            warm(stack)
            yield from syncs(stack, hub, integration_id, items + vendors, changes)
            rows = rows or floor.encoded(floor.stored_rows(stack.storage, "Records"))
            yield Measured(READ, _floor_reads(stack), items + vendors)
        yield bare(rows)
        yield from in_full_use(items, vendors, changes)


def bare(rows: floor.Rows) -> Measured:
    """Time the barest code as it writes these rows to an emulator of its own."""
    with running(_company(10, 10)) as fresh:
        base = _table_endpoint(fresh.storage)
        floor.make_table(base, "floorRecords")
        ready = floor.bodies(rows, f"{base}/floorRecords")
        with Meter(os.getpid()) as meter:
            floor.write(ready, base)
    return Measured(WRITE, meter.wall, sum(map(len, rows.values())), stolen=meter.stolen)


def in_full_use(items: int, vendors: int, changes: int) -> list[Measured]:
    """Time the same syncs with change notices, limits to changes, records of the platform's own, and pins."""
    with reachable(_company(items, vendors)) as stack:
        hub, integration_id = connect(stack)
        warm(stack)
        records = f"/api/integrations/{integration_id}/suppliers"
        for number in range(_CROWD):
            hub.post(records, {"name": f"Made here {number}", "taxId": f"X{number}"})
        first = timed(FULL, stack, hub, integration_id, {}, items + vendors)
        for record in hub.call("GET", f"{records}?syncStatus=synced&limit={_CROWD}").data:
            path = f"{records}/{record['externalId']}"
            tag = hub.call("GET", path).headers["ETag"]
            hub.call("PATCH", path, {"pinned": ["name"]}, **{"If-Match": tag})
        later = again(stack, hub, integration_id, items + vendors, changes)
    return [replace(each, name=IN_FULL_USE + each.name) for each in (first, *later)]


def syncs(stack: Stack, hub: Hub, integration_id: str, total: int, changes: int) -> list[Measured]:
    """Time a first full sync, one that finds nothing changed, and deltas."""
    first = timed(FULL, stack, hub, integration_id, {}, total)
    return [first, *again(stack, hub, integration_id, total, changes)]


def again(stack: Stack, hub: Hub, integration_id: str, total: int, changes: int) -> list[Measured]:
    """Time a full sync that finds nothing changed, and deltas."""
    same = timed(UNCHANGED, stack, hub, integration_id, {}, total)
    return [same, *(delta_of(stack, hub, integration_id, changes, turn) for turn in range(_DELTAS))]


def delta_of(stack: Stack, hub: Hub, integration_id: str, changes: int, turn: int) -> Measured:
    """Change so many items, and time the delta that brings them."""
    company = stack.control.company_id("generated")
    rows = stack.control.rows("items", company=company, limit=changes)
    stack.control.change(
        *(
            {
                "op": "patch",
                "set": "items",
                "id": row["id"],
                "company": company,
                "values": {"displayName": f"{row['displayName'][:80]} {turn}"},
            }
            for row in rows
        )
    )
    return timed(DELTA, stack, hub, integration_id, {"mode": "delta"}, changes)


def timed(name: str, stack: Stack, hub: Hub, integration_id: str, order: dict[str, Any], records: int) -> Measured:
    """Time one sync over HTTP, to its end."""
    answer = Answer(_BUSY, {}, None)
    while answer.status == _BUSY:  # a run that follows on a notice
        with Meter(stack.app.child.process.pid) as meter:
            answer = hub.call("POST", f"/api/integrations/{integration_id}/dynamics/sync", order, Prefer="wait=600")
            totals = {} if answer.status == _BUSY else finished(hub, answer)
    return Measured(name, meter.wall, records, meter.cpu, meter.peak, meter.stolen, _told(totals))


def finished(hub: Hub, answer: Answer) -> dict[str, Any]:
    """Return the totals of a sync, waiting for it when it went on in the background."""
    while answer.status == 202 and answer.data["status"] in {"queued", "running"}:  # noqa: PLR2004 - HTTP
        time.sleep(0.1)
        path = answer.headers.get("Location") or f"/api/integrations/{answer.data['integrationId']}/runs"
        run = hub.call("GET", path)
        answer = Answer(202, {"Location": path}, run.body)
    data = answer.data
    found: dict[str, Any] = data.get("entities", data)
    return {name: found[name] for name in ("suppliers", "products")}


def _told(totals: dict[str, dict[str, Any]]) -> str:
    """Return the counts that are not zero; a run that went on in the background tells more than counts."""
    parts = []
    for name, found in totals.items():
        counts = [f"{count:,} {what}" for what, count in found.items() if isinstance(count, int) and count]
        parts += [f"{name} {', '.join(counts)}"] if counts else []
    return "; ".join(parts)


def connect(stack: Stack, **settings: Any) -> tuple[Hub, str]:
    """Create the integration with the generated company."""
    hub = Hub(stack.url, stack.control.user_token("alice", lifetime=7200))
    app = stack.control.client()
    connection = {
        "tenantId": app["tenantId"],
        "clientId": app["clientId"],
        "clientSecret": app["clientSecret"],
        "environment": "Production",
        "companyId": stack.control.company_id("generated"),
        "grant": "client_credentials",
    }
    body = {"name": "bench", "kind": "business_central", "connection": connection, "settings": settings}
    return hub, hub.post("/api/integrations", body)["id"]


def warm(stack: Stack) -> None:
    """Let the simulator make its pages, so that its work is not measured as ours."""
    _floor_reads(stack)


def _floor_reads(stack: Stack) -> float:
    app = stack.control.client()
    form = {
        "grant_type": "client_credentials",
        "client_id": app["clientId"],
        "client_secret": app["clientSecret"],
        "scope": stack.control.info()["scope"],
    }
    token = requests.post(f"{stack.sandbox.url}/{app['tenantId']}/oauth2/v2.0/token", data=form, timeout=60).json()
    company = stack.control.company_id("generated")
    root = f"{stack.sandbox.url}/v2.0/{app['tenantId']}/Production/api/v2.0/companies({company})"
    started = time.perf_counter()
    for entity_set, select in _SELECT.items():
        floor.read_pages(f"{root}/{entity_set}?$select={select}", token["access_token"], _PAGE)
    return time.perf_counter() - started


def _company(items: int, vendors: int) -> list[str]:
    return ["--company", "generated", "--items", str(items), "--vendors", str(vendors)]


def _table_endpoint(storage: str) -> str:
    parts = dict(part.split("=", 1) for part in storage.split(";") if part)
    return parts["TableEndpoint"]


if __name__ == "__main__":
    sys.exit(main())
