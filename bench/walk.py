"""`python -m bench.walk`: a walk over very many contracts, with one among them that always fails."""

import argparse
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import batched
from typing import Any

import requests
from rich.console import Console
from rich.table import Table

from bench.meter import Meter
from bench.webhooks import connected, contracts_of
from sandbox.dataverse.control import DataverseControl
from sandbox.oneflow.control import OneflowControl
from scripts.campaign import fallen
from scripts.client import Hub
from scripts.stack import Stack, reachable
from sync.model.contract_link import ContractLink
from sync.storage.connection import table_service
from sync.storage.documents import read_document, write_document
from sync.storage.tables import Tables
from sync.storage.transactions import Operation, Verb

console = Console(highlight=False)
_NEVER = "0 0 3 1 1 *"
_ALLOWED = 2_000
"""Requests of a token in five minutes."""
_BUCKETS = 256
_AT_ONCE = 100
_DAY = 86_400
_PATIENCE = 300.0
_DEAD = 60.0
"""Seconds after which a walk that gave no sign of life is taken for dead."""


@dataclass(slots=True)
class Ground:
    """A bridge with its contracts: those that moved, the bad one, and very many that did not."""

    stack: Stack
    home: str
    oneflow: OneflowControl
    dynamics: DataverseControl
    moved: dict[str, str]
    """Records of the contracts that were edited, by contract."""
    bad: str

    def missing(self) -> int:
        """Return how many edits are not in Dynamics."""
        topics = {each["opportunityid"]: each["name"] for each in self.dynamics.rows("opportunity")}
        return sum(topics[record] != f"Edited {record}" for number, record in self.moved.items() if number != self.bad)


def main() -> int:
    """Measure and print; exit 1 when an edit was missed or the limit passed."""
    parser = argparse.ArgumentParser(prog="python -m bench.walk", description=__doc__)
    parser.add_argument("--contracts", type=int, default=20_000)
    parser.add_argument("--moved", type=int, default=20)
    parser.add_argument("--kill", action="store_true", help="kill -9 the app in the middle of the first walk")
    given = parser.parse_args()
    with reachable(settings={"HUB_WALK_SCHEDULE": _NEVER, "HUB_HOOK_SCHEDULE": _NEVER}) as stack:
        ground = prepare(stack, given.contracts, given.moved)
        return measure(ground, given.contracts, kill=given.kill)


def prepare(stack: Stack, count: int, moved: int) -> Ground:
    """Make the contracts: a few through the hub, all others as copies of the first of them."""
    hub, dynamics = Hub(stack.url, stack.control.user_token("alice")), DataverseControl(stack.control.url)
    oneflow = OneflowControl(stack.control)
    home = connected(hub, stack.control)
    first, *pairs = contracts_of(hub, home, dynamics, moved + 1).items()
    copies = oneflow.copy(first[0], count - moved - 1, age=_DAY)
    _link(stack, int(first[0]), copies)
    for contract, record in pairs:
        oneflow.edit(contract, topic=f"Edited {record}")
    bad = pairs[0][0]
    stack.control.fault(part="oneflow", match=f"/contracts/{bad}$", status=500)
    return Ground(stack, home, oneflow, dynamics, dict(pairs), bad)


def measure(ground: Ground, count: int, *, kill: bool) -> int:
    """Let the app walk, and wait until every edit that can arrive has."""
    stack, before = ground.stack, len(ground.oneflow.journal())
    if kill:
        _kill_in_the_middle(ground, before + count // 200)
    with Meter(stack.app.child.process.pid) as meter:
        began = time.monotonic()
        _walk(stack)
        walked = time.monotonic() - began
    peak = meter.peak
    listed = len(ground.oneflow.journal()) - before
    while ground.missing() and time.monotonic() - began < _PATIENCE:
        time.sleep(1)
    merged = time.monotonic() - began
    journal = ground.oneflow.journal()[before:]
    reads = [each["path"] for each in journal if each["path"].rsplit("/", 1)[-1].isdigit()]
    usage = next(iter(ground.oneflow.counters().values()))
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    facts: list[tuple[str, Any]] = [
        ("open contracts", f"{count:,}, of which {len(ground.moved)} moved and one of those always fails"),
        ("pages of the list", sum(each["path"].endswith("/contracts") for each in journal)),
        ("the walk itself", f"{walked:.1f} s, {listed} requests to Oneflow"),
        ("app", f"CPU {meter.cpu:.1f} s, peak {peak:.0f} MB, stolen {meter.stolen:.0%}"),
        (
            "compared",
            f"{len(set(reads)):,} contracts by {merged:.0f} s after the walk began; {ground.missing()} edits missing",
        ),
        ("the one that fails", f"asked for {sum(each.endswith(ground.bad) for each in reads)} times"),
        ("most in five minutes", f"{usage['window_max']:,} of {_ALLOWED:,} requests; {usage['throttled']} throttled"),
    ]
    for name, fact in facts:
        table.add_row(name, str(fact))
    console.print(table)
    return 0 if not ground.missing() and usage["window_max"] <= _ALLOWED and not usage["throttled"] else 1


def _walk(stack: Stack) -> None:
    with requests.Session() as session:
        session.trust_env = False
        session.post(f"{stack.url}/admin/functions/walk_contracts?wait=1", timeout=_PATIENCE).raise_for_status()


def _kill_in_the_middle(ground: Ground, requests_made: int) -> None:
    stack = ground.stack
    with requests.Session() as session:
        session.trust_env = False
        session.post(f"{stack.url}/admin/functions/walk_contracts", timeout=_PATIENCE)
    while len(ground.oneflow.journal()) < requests_made:
        time.sleep(0.1)
    with fallen(stack):
        console.print(f"killed after {len(ground.oneflow.journal()):,} requests")
    time.sleep(_DEAD)


def _link(stack: Stack, known: int, copies: Iterable[int]) -> None:
    """Link copies of a contract with its record: rows that differ in the contract's number alone."""
    tables = Tables(table_service(stack.storage))
    (row,) = tables.query("Links", "RowKey eq @row", {"row": f"link_{known}"})
    link = read_document(ContractLink, row)
    link = replace(link, seen_at=None if link.seen_at is None else link.seen_at - timedelta(seconds=_DAY))
    part = str(row["PartitionKey"]).removesuffix(f"{known % _BUCKETS:03d}")
    of_bucket: dict[int, list[int]] = {}
    for number in copies:
        of_bucket.setdefault(number % _BUCKETS, []).append(number)
    for bucket, numbers in of_bucket.items():
        for some in batched(numbers, _AT_ONCE, strict=False):
            tables.transact("Links", [_row(f"{part}{bucket:03d}", replace(link, contract_id=each)) for each in some])


def _row(part: str, link: ContractLink) -> Operation:
    return Operation(Verb.INSERT, {"PartitionKey": part, "RowKey": f"link_{link.contract_id}", **write_document(link)})


if __name__ == "__main__":
    sys.exit(main())
