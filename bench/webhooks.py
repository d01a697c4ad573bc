"""`python -m bench.webhooks`: notices of Oneflow at a steady rate, each answered in time and all of them heeded."""

import argparse
import asyncio
import hashlib
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import aiohttp
import psutil
from rich.console import Console

from bench.meter import Meter
from sandbox.control import Control
from sandbox.dataverse.control import DataverseControl
from sandbox.oneflow.control import OneflowControl
from scripts.client import Hub
from scripts.stack import Stack, reachable

console = Console(highlight=False)
_TARGET = 0.1
"""Seconds within which 95 of 100 notices are answered."""
_GOOD = 200
_PATIENCE = 900.0
_USER, _TEMPLATE, _WORKSPACE = "admin@contoso.example", "110010", "396198"


@dataclass(slots=True)
class Told:
    """What came of the notices: seconds until each was answered, counted from when it was due, and statuses."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    busy: float = 0.0
    """The share of the machine's CPU time that was used meanwhile, by whomever."""

    def share(self, part: float) -> float:
        """Return the seconds within which this part of all was answered."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(len(self.seconds) * part))]


def main() -> int:
    """Measure and print; exit 1 when a notice was lost, or the target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.webhooks", description=__doc__)
    parser.add_argument("--rate", type=int, default=200, help="notices a second")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--contracts", type=int, default=40)
    given = parser.parse_args()
    with reachable(settings={"HUB_WALK_SCHEDULE": "0 0 3 1 1 *"}) as stack:
        return measure(stack, given.rate, given.seconds, given.contracts)


def measure(stack: Stack, rate: int, seconds: int, contracts: int) -> int:
    """Send the notices, and wait until every contract's edit is in Dynamics."""
    hub, dynamics = Hub(stack.url, stack.control.user_token("alice")), DataverseControl(stack.control.url)
    oneflow = OneflowControl(stack.control)
    home = connected(hub, stack.control)
    pairs = contracts_of(hub, home, dynamics, contracts)
    hook = next(each for each in oneflow.webhooks() if each["callback_url"].startswith(str(stack.url)))
    for contract, record in pairs.items():
        oneflow.edit(contract, topic=f"Edited {record}")
    with Meter(stack.app.child.process.pid) as meter:
        told = asyncio.run(_send(hook, list(pairs), rate, seconds))
    began, missing = time.monotonic(), contracts
    while missing and time.monotonic() - began < _PATIENCE:
        topics = {each["opportunityid"]: each["name"] for each in dynamics.rows("opportunity")}
        missing = sum(topics[record] != f"Edited {record}" for record in pairs.values())
        time.sleep(1)
    count, good = rate * seconds, told.statuses[_GOOD]
    console.print(f"{count:,} notices of {contracts} contracts, {rate}/s for {seconds} s: {good:,} answered with 200")
    shares = ", ".join(f"p{part} {told.share(part / 100) * 1000:.0f} ms" for part in (50, 95, 99))
    console.print(f"{shares}; app CPU {meter.cpu:.1f} s, stolen {meter.stolen:.0%}, all CPUs {told.busy:.0%} busy")
    console.print(f"{missing} edits not in Dynamics after another {time.monotonic() - began:.0f} s")
    return 0 if good == count and told.share(0.95) <= _TARGET and not missing else 1


def connected(hub: Hub, control: Control) -> str:
    """Return the path of a new bridge between both simulated systems."""
    app, account = control.client("hub"), OneflowControl(control).account()
    dynamics = {name: app[name] for name in ("tenantId", "clientId", "clientSecret")}
    ends = {
        "dynamics": {"orgUrl": DataverseControl(control.url).info()["orgUrl"], **dynamics},
        "oneflow": {"apiToken": account["apiToken"], "userEmail": _USER},
    }
    order = {"name": "Bench", "kind": "oneflow", "connection": ends, "schedule": None, "settings": {}}
    return f"/api/integrations/{hub.post('/api/integrations', order)['id']}"


def contracts_of(hub: Hub, home: str, dynamics: DataverseControl, count: int) -> dict[str, str]:
    """Map the topic of opportunities two-way, and return contracts with their records."""
    path = f"{home}/entities/opportunity/mapping"
    row = {"dynamicsEntity": "opportunity", "via": None, "dynamicsField": "name", "oneflowField": "topic"}
    fields = [{**row, "direction": "two_way", "conflict": "manual"}]
    body = {"fields": fields, "templateId": _TEMPLATE, "workspaceId": _WORKSPACE, "products": False}
    hub.call("PUT", path, body, If_Match=hub.call("GET", path).etag)
    found = {}
    for deal in dynamics.rows("opportunity")[:count]:
        order = {"entity": "opportunity", "recordId": deal["opportunityid"]}
        found[hub.post(f"{home}/oneflow/contracts", order)["contractId"]] = deal["opportunityid"]
    return found


async def _send(hook: dict[str, str], contracts: list[str], rate: int, seconds: int) -> Told:
    told, tasks = Told(), []
    psutil.cpu_percent()
    began = time.monotonic()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        for number in range(rate * seconds):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            body = _notice(hook, number, contracts[number % len(contracts)])
            tasks.append(asyncio.create_task(_post(session, hook["callback_url"], body, due, told)))
        await asyncio.gather(*tasks)
    told.busy = psutil.cpu_percent() / 100
    return told


async def _post(session: aiohttp.ClientSession, url: str, body: dict[str, object], due: float, told: Told) -> None:
    try:
        async with session.post(url, json=body) as answer:
            await answer.read()
            status = answer.status
    except aiohttp.ClientError:
        status = 0
    told.seconds.append(time.monotonic() - due)
    told.statuses[status] += 1


def _notice(hook: dict[str, str], number: int, contract: str) -> dict[str, object]:
    callback_id = hashlib.sha1(f"bench {number}".encode(), usedforsecurity=False).hexdigest()
    signed = hashlib.sha1(f"{callback_id}{hook['sign_key']}".encode(), usedforsecurity=False).hexdigest()
    events = [{"created_time": "2020-07-06T15:14:14+0000", "id": number, "type": "data_field:update"}]
    return {"contract": {"id": int(contract)}, "callback_id": callback_id, "events": events, "signature": signed}


if __name__ == "__main__":
    sys.exit(main())
