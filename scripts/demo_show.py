"""What the demo prints, and what it demands."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

console = Console(highlight=False, record=True, width=min(Console().width, 110) if sys.stdout.isatty() else 110)


class DemoError(Exception):
    """A step did not do what it should; the text says which and what came instead."""


@dataclass(slots=True)
class Show:
    """Numbered steps on the console."""

    number: int = 0
    short: dict[str, str] = field(default_factory=dict)
    """What long ids are shown as."""

    def part(self, text: str) -> None:
        """Begin a half of the demo."""
        console.print()
        console.rule(f"[bold]{text}[/bold]", align="left", style="cyan")

    def title(self, text: str, call: str) -> None:
        """Begin a step."""
        self.number += 1
        for long, short in self.short.items():
            call = call.replace(long, short)
        console.print(f"\n[bold cyan]{self.number}. {text}[/bold cyan]  [dim]{call}[/dim]")

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
