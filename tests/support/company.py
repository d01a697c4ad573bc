"""A toy Business Central company in memory, with habits that lose records: late commits, ties, changes while paging."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sync.model.errors import CursorLostError, RefusedError
from sync.ports import Companies, Company, Environment, PageQuery, SourceField, SourcePage, SourceSchema

COMPANY = Company("11111111-1111-4111-8111-111111111111", "CRONUS", "CRONUS International Ltd.")
ENVIRONMENT = Environment("Production", "Production", "GB")
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
TICK = timedelta(microseconds=3333)
_NUMBERED = re.compile(r"\bnumber eq '([^']*)'")
_ONE_OF = re.compile(r"\bid eq ([0-9a-f-]{36})")


class VirtualClock:
    """Time that passes only when told."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment

    def pass_by(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass(slots=True)
class Row:
    """A record as the company holds it; it is seen by readers from `visible` on."""

    id: str
    number: str
    name: str
    modified: datetime
    visible: datetime
    before: "Row | None" = None
    """What readers see until then."""


@dataclass(slots=True)
class ToyCompany:
    """Vendors and items, and what happens to them while someone reads."""

    clock: VirtualClock
    sets: dict[str, dict[str, Row]] = field(default_factory=lambda: {"vendors": {}, "items": {}})
    before_page: Callable[[], None] = lambda: None
    by_number: bool = False
    hidden: set[str] = field(default_factory=set)
    """Ids of rows that lists leave out, while counts and single reads do not."""
    shown_alone: bool = True
    """Whether a list of one number, or of chosen ids, shows a hidden row all the same."""
    made: int = 0

    def put(self, entity_set: str, row_id: str, name: str, *, late: float = 0.0) -> None:
        """Insert or change a row now; its change is committed `late` seconds after its stamp."""
        known = self.sets[entity_set].get(row_id)
        stamp = self.clock.moment.replace(microsecond=self.clock.moment.microsecond // 3333 * 3333)
        number = known.number if known is not None else f"N{self.made:05d}"
        self.made += 1
        visible = self.clock.moment + timedelta(seconds=late)
        before = None if known is None else self._at(known)
        self.sets[entity_set][row_id] = Row(row_id, number, name, stamp, visible, before)

    def add(self, entity_set: str, name: str, *, late: float = 0.0) -> str:
        """Insert a new row; return its id."""
        row_id = str(UUID(int=(self.made + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128)))
        self.put(entity_set, row_id, name, late=late)
        return row_id

    def delete(self, entity_set: str, row_id: str) -> None:
        self.sets[entity_set].pop(row_id, None)

    def rename(self, entity_set: str, row_id: str, number: str) -> None:
        row = self.sets[entity_set][row_id]
        row.number, row.modified = number, self.clock.moment

    def seen(self, entity_set: str) -> Iterator[Row]:
        """Yield the rows as readers see them now."""
        return (row for each in list(self.sets[entity_set].values()) if (row := self._at(each)) is not None)

    def _at(self, row: Row) -> Row | None:
        return row if row.visible <= self.clock.moment else row.before


@dataclass(slots=True)
class ToySource:
    """The Source port over a toy company."""

    company: ToyCompany
    dead_cursors: int = 0
    """How many page cursors are lost before one works."""

    def environments(self) -> tuple[Environment, ...]:
        return (ENVIRONMENT,)

    def companies(self) -> Companies:
        return Companies((COMPANY,), self.company.clock.now())

    def in_company(self, company_id: str) -> "ToySource":
        return self

    def count(self, entity_set: str, *, where: str | None = None, route: str = "v2.0") -> int:
        return sum(1 for _ in self.company.seen(entity_set))

    def page(self, query: PageQuery, cursor: str | None) -> SourcePage:
        self.company.before_page()
        if cursor is not None and self.dead_cursors:
            self.dead_cursors -= 1
            raise CursorLostError("The cursor is no longer known")
        place = self._order(query)
        rows = sorted(filter(_wanted(query), self._listed(query)), key=place)
        rest = [row for row in rows if cursor is None or place(row) > cursor]
        page = rest[: query.page_size]
        more = len(rest) > query.page_size
        return SourcePage([_wire(row) for row in page], place(page[-1]) if more else None)

    def record(self, query: PageQuery, external_id: str) -> dict[str, Any] | None:
        return next((_wire(row) for row in self.company.seen(query.entity_set) if row.id == external_id), None)

    def schema(self, route: str, entity_set: str) -> SourceSchema:
        if entity_set not in self.company.sets:
            raise RefusedError(f"There is no {entity_set}", code="ENTITY_SET_NOT_FOUND")
        names = ("id", "number", "displayName", "website")
        fields = tuple(SourceField(name, "Edm.String", 20, caption=name.title()) for name in names)
        blocked = SourceField("blocked", "Microsoft.NAV.blocked", members=("_x0020_", "All"))
        return SourceSchema(entity_set, "vendor", (*fields, blocked), ("picture",))

    def boundaries(self, query: PageQuery, *, expected: int) -> tuple[str, ...]:
        numbers = sorted(row.number for row in self.company.seen(query.entity_set))
        return tuple(numbers[query.page_size :: query.page_size])

    def count_of(self, query: PageQuery) -> int:
        return sum(1 for _ in filter(_wanted(query), self.company.seen(query.entity_set)))

    def _listed(self, query: PageQuery) -> list[Row]:
        alone = self.company.shown_alone and (query.filter or "").startswith(("id eq", "number eq"))
        return [row for row in self.company.seen(query.entity_set) if alone or row.id not in self.company.hidden]

    def _order(self, query: PageQuery) -> Callable[[Row], str]:
        by_number = self.company.by_number or query.by_number
        return lambda row: f"{row.number}\0{row.id}" if by_number else row.id


def _wanted(query: PageQuery) -> Callable[[Row], bool]:
    ids = _ONE_OF.findall(query.filter or "")
    asked = frozenset(ids) if ids else None
    numbers = _NUMBERED.findall(query.filter or "")

    def wanted(row: Row) -> bool:
        return (
            (query.since is None or row.modified >= query.since)
            and (asked is None or row.id in asked)
            and (not numbers or row.number in numbers)
            and (query.low is None or row.number >= query.low)
            and (query.high is None or row.number < query.high)
        )

    return wanted


def _wire(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "displayName": row.name,
        "lastModifiedDateTime": row.modified.isoformat().replace("+00:00", "Z"),
        "@odata.etag": f'W/"{row.number};{row.name};{row.modified.timestamp()}"',
    }
