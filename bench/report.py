"""What was measured, as a table with medians, and whether the targets are met."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import mean, median

from rich.console import Console
from rich.table import Table

console = Console(highlight=False)

READ, WRITE = "floor: read pages", "floor: write rows"
FULL, UNCHANGED, DELTA = "full sync", "unchanged full sync", "delta"
IN_FULL_USE = "in full use: "
_MANY = 10_000
"""Records from which on the CPU time of one means anything."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement: wall seconds, records, seconds of our CPU, peak megabytes, and the share of time stolen."""

    name: str
    wall: float
    records: int
    cpu: float | None = None
    peak: float | None = None
    stolen: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """All measurements of one thing."""

    name: str
    measured: tuple[Measured, ...]

    @property
    def wall(self) -> float:
        """The median, in seconds."""
        return median(each.wall for each in self.measured)

    @property
    def spread(self) -> str:
        """The fastest and the slowest, in seconds."""
        walls = sorted(each.wall for each in self.measured)
        return f"{walls[0]:.1f}-{walls[-1]:.1f}"

    @property
    def speed(self) -> float:
        """Records a second."""
        return self.measured[0].records / self.wall

    @property
    def cpu(self) -> float | None:
        """The median of our CPU time for a record, in microseconds; None for a few records."""
        known = [each.cpu / each.records * 1e6 for each in self.measured if each.cpu is not None]
        return median(known) if known and self.measured[0].records >= _MANY else None

    @property
    def peak(self) -> float | None:
        """The most memory in any of them, in megabytes."""
        return max((each.peak for each in self.measured if each.peak is not None), default=None)

    @property
    def stolen(self) -> float:
        """The share of the machine's time that its host gave to others."""
        return mean(each.stolen for each in self.measured)


@dataclass(frozen=True, slots=True)
class Report:
    """The rows of the table, in the order in which they were first measured."""

    rows: dict[str, Row]

    @classmethod
    def of(cls, measured: Iterable[Measured]) -> "Report":
        """Put measurements of the same name together."""
        known: dict[str, list[Measured]] = {}
        for each in measured:
            known.setdefault(each.name, []).append(each)
        return cls({name: Row(name, tuple(some)) for name, some in known.items()})

    @property
    def floor(self) -> float:
        """What the barest code took to read and to write, in seconds."""
        return self.rows[READ].wall + self.rows[WRITE].wall

    def ratio(self, row: Row) -> float:
        """Return how many times the floor a sync of everything took."""
        return row.wall / self.floor

    def show(self) -> None:
        """Print the table, and what each kind of sync came to."""
        console.print("\nDynamics Sync Hub against the floor of the same run: medians\n", style="bold")
        table = Table(box=None, pad_edge=False, collapse_padding=True)
        for column in ("", "wall s", "from-to", "records/s", "x floor", "CPU µs", "peak MB", "stolen"):
            table.add_column(column, justify="right" if column else "left", no_wrap=True)
        for name, row in self.rows.items():
            if name == IN_FULL_USE + FULL:
                table.add_row()
                table.add_row(IN_FULL_USE.rstrip(), style="bold")
            ratio = f"{self.ratio(row):.2f}" if name.endswith(FULL) else ""
            cpu = "" if row.cpu is None else f"{row.cpu:.1f}"
            peak = "" if row.peak is None else f"{row.peak:.0f}"
            cells = (f"{row.wall:.2f}", row.spread, f"{row.speed:,.0f}", ratio, cpu, peak, f"{row.stolen:.0%}")
            table.add_row(name.removeprefix(IN_FULL_USE), *cells)
        console.print(table)
        console.print()
        for row in self.rows.values():
            for note in dict.fromkeys(each.note for each in row.measured if each.note):
                console.print(f"{row.name}: {note}", style="dim")
        console.print()

    def judge(self) -> bool:
        """Print each target with what was measured; return whether all are met."""
        all_met = True
        for use in ("", IN_FULL_USE):
            for name, target in TARGETS:
                found = target.measure(self, self.rows[use + name])
                met = found is not None and target.is_met(found)
                all_met = all_met and met
                bound = "at least" if target.at_least else "at most"
                told = "not measured with so few records" if found is None else f"{found:,.2f} {target.unit}"
                console.print(f"{'ok' if met else 'MISSED':6} {use}{name}: {told}, {bound} {target.limit:,g}")
        return all_met


@dataclass(frozen=True, slots=True)
class Target:
    """How much of what is allowed, or asked for."""

    unit: str
    measure: Callable[[Report, Row], float | None]
    limit: float
    at_least: bool = False

    def is_met(self, found: float) -> bool:
        """Return whether so much is enough, or little enough."""
        return found >= self.limit if self.at_least else found <= self.limit


TARGETS = (
    (FULL, Target("x floor", lambda report, row: report.ratio(row), 1.3)),
    (FULL, Target("µs of our CPU a record", lambda _, row: row.cpu, 60)),
    (UNCHANGED, Target("records/s", lambda _, row: row.speed, 25_000, at_least=True)),
    (DELTA, Target("s", lambda _, row: row.wall, 1)),
)
