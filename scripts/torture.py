"""`make torture`: the fault campaign, and its report."""

import argparse
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from itertools import batched

from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.table import Table

from scripts.bridge_campaign import BridgeCampaign, Deal
from scripts.campaign import LIMIT, Campaign, Victim
from scripts.client import AnswerError
from scripts.stack import Stack, StackError, running

VENDORS, ITEMS = 4_000, 16_000
TOGETHER = 5
"""Syncs that one kill hits: an app that dies has several under way."""
CONTRACTS_TOGETHER = 10
MOST_AT_ONCE = 5
_RIGHT = frozenset({"seed", "page size", "pages again", "converged in"})
_COLUMNS = ("seed", "page size", "killed after", "in phase", "pages again", "converged in", "verdict")
_ABOUT = f"""\
Each seed syncs {VENDORS + ITEMS:,} records for a user of its own, {TOGETHER} at a time in one app.
kill -9 hits the app at random moments, and the source changes while it is dead.
After its next start every run must end by itself within {LIMIT:.0f} s, with exact totals and at most
one page of each range read again for each kill. Then a delta must leave every stored
record equal to that of an undisturbed sync. Then each seed makes or merges a contract when the app dies,
{CONTRACTS_TOGETHER} at a time: there must be one contract, no edit lost, and every write in the log."""

_WIDTH = 110

console = Console(highlight=False, width=min(Console().width, _WIDTH) if sys.stdout.isatty() else _WIDTH)


def main() -> int:
    """Run the campaign and report; 1 when anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m scripts.torture", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first one")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console.print(Panel(_ABOUT, title="Torture", border_style="cyan"))
    began = time.monotonic()
    try:
        with stack_of(VENDORS, ITEMS) as stack:
            campaign = Campaign(stack)
            seeds = range(given.first, given.first + given.seeds)
            victims = _play(campaign, seeds)
            usages = stack.control.counters()["principals"].values()
            crowd = max(each["in_flight_max"] for each in usages)
            deals = _attack(stack, seeds)
    except (StackError, AnswerError) as error:
        console.print(f"[red]{error}[/red]")
        return 1
    except KeyboardInterrupt:
        console.print("ended")
        return 1
    wrong = [victim for victim in victims if victim.complaints]
    console.print(
        f"\n{len(victims) - len(wrong)} of {len(victims)} syncs came to the right end: {campaign.kills} kills, "
        f"never more than {crowd} requests of a principal at once, {time.monotonic() - began:.0f} s"
    )
    return 1 if wrong or lost_among(deals) or crowd > MOST_AT_ONCE else 0


def lost_among(deals: Sequence[Deal]) -> int:
    """Print what became of the contracts, and return how many came to a wrong end."""
    lost = [deal for deal in deals if deal.complaints]
    for deal in lost:
        console.print(f"[red]contract of seed {deal.seed}, {deal.moment}: {'; '.join(deal.complaints)}[/red]")
    moments = ", ".join(f"{count} {name}" for name, count in Counter(deal.moment for deal in deals).most_common())
    console.print(
        f"{len(deals) - len(lost)} of {len(deals)} contracts came to the right end; when the app died: {moments}"
    )
    return len(lost)


def stack_of(vendors: int, items: int) -> AbstractContextManager[Stack]:
    """Return a stack whose company has so many records."""
    return running(
        ("--company", "generated", "--vendors", str(vendors), "--items", str(items)), {"DEVHOST_LOG": "WARNING"}
    )


def report(victims: Sequence[Victim]) -> Table:
    """Return what became of each sync."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in _COLUMNS:
        table.add_column(name, justify="right" if name in _RIGHT else "left", no_wrap=name != "verdict")
    for each in victims:
        verdict = f"[red]{'; '.join(each.complaints[:3])}[/red]" if each.complaints else "[green]ok[/green]"
        lines = ("\n".join(each.moments), "\n".join(each.phases))
        numbers = (str(each.again), f"{each.seconds:.1f} s")
        table.add_row("-" if each.seed < 0 else str(each.seed), str(each.page_size), *lines, *numbers, verdict)
    return table


def _attack(stack: Stack, seeds: range) -> list[Deal]:
    """Kill the app while contracts are made and merged."""
    campaign = BridgeCampaign(stack)
    with console.status("contracts …"):
        deals = [deal for wave in batched(seeds, CONTRACTS_TOGETHER, strict=False) for deal in campaign.wave(wave)]
    campaign.end()
    return deals


def _play(campaign: Campaign, seeds: range) -> list[Victim]:
    with console.status("one sync without a kill, for comparison …"):
        victims = [campaign.calibrate()]
    with Live(report(victims), console=console, refresh_per_second=1) as live:
        for number, wave in enumerate(batched(seeds, TOGETHER, strict=False)):
            victims += campaign.wave(wave, kills=1 + number % 2)
            live.update(report(victims))
    return victims


if __name__ == "__main__":
    sys.exit(main())
