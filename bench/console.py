"""`python -m bench.console`: how soon the console's first view stands, with nothing kept from an earlier visit."""

import argparse
import sys
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import Browser, expect
from rich.console import Console
from rich.table import Table

from bench.meter import stolen_seconds
from scripts.stack import Stack, running
from tests.browser.kit import Browsing, running_chromium
from tests.flow.kit import Caller, Connector

console = Console(highlight=False)
_TARGET = 1_000
_MOMENTS = """() => {
    const shown = performance.getEntriesByName("page-shown")[0].startTime;
    const files = performance.getEntriesByType("resource").filter((each) => each.startTime < shown);
    const packed = files.reduce((sum, each) => sum + each.transferSize, 0);
    const [document] = performance.getEntriesByType("navigation");
    const last = Math.max(...files.map((each) => each.responseEnd));
    return [document.responseEnd, last, shown, files.length + 1, packed + document.transferSize];
}"""


@dataclass(frozen=True, slots=True)
class View:
    """One load: milliseconds until the document is there, the last file, and the page that takes clicks and keys."""

    document: float
    files: float
    shown: float
    requests: int
    packed: int


def main() -> int:
    """Measure and print; exit 1 when the median load is not interactive within a second."""
    parser = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__)
    parser.add_argument("--loads", type=int, default=10)
    given = parser.parse_args()
    with running(["--company", "contoso"]) as stack, running_chromium() as browser:
        connector = Connector(stack, stack.control)
        caller = connector.caller("alice")
        connector.connect(caller).sync()
        load(browser, stack, caller)
        stolen = -stolen_seconds()
        views = [load(browser, stack, caller) for _ in range(given.loads)]
        stolen += stolen_seconds()
    show(views, stolen)
    return 0 if median(each.shown for each in views) < _TARGET else 1


def load(browser: Browser, stack: Stack, caller: Caller) -> View:
    """Open the overview in a profile of its own."""
    browsing = Browsing(browser, stack)
    page = browsing.page(caller)
    expect(page.get_by_text("71 of 71")).to_be_visible()
    view = View(*page.evaluate(_MOMENTS))
    browsing.end()
    return view


def show(views: list[View], stolen: float) -> None:
    """Print the loads, the soonest first, and their median."""
    table = Table(title=f"First view, nothing cached, {len(views)} loads ({stolen:.1f} s stolen)")
    for column in ("", "document ms", "last file ms", "interactive ms", "requests", "packed KB"):
        table.add_column(column, justify="right" if column else "left")
    ordered = sorted(views, key=lambda each: each.shown)
    for name, pick in (("best", ordered[0]), ("worst", ordered[-1])):
        table.add_row(name, *cells(pick))
    middle = View(*(median(getattr(each, name) for each in views) for name in View.__slots__))
    table.add_row("median", *cells(middle))
    console.print(table)
    console.print("interactive: " + " ".join(f"{each.shown:.0f}" for each in views), style="dim")


def cells(view: View) -> list[str]:
    """Return the cells of a row."""
    return [
        f"{view.document:.0f}",
        f"{view.files:.0f}",
        f"{view.shown:.0f}",
        f"{view.requests:.0f}",
        f"{view.packed / 1000:.0f}",
    ]


if __name__ == "__main__":
    sys.exit(main())
