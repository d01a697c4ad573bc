"""Finds by name what a source counts and does not list, or has listed and does not count, in a bounded search."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from sync.engine.numbering import Between, Exactly, hidden_numbers
from sync.model.certificate import Evidence, Named, Reason
from sync.model.checkpoint import Range
from sync.model.errors import RemoteError, SetupError
from sync.model.guid import is_guid
from sync.ports import PageQuery, Source, SourcePage
from sync.services.lookup import Row, narrowed, rows_where, walked

MOST_REQUESTS = 200
"""What one search asks of the source, at most."""
_MOST_ALONE = 50
"""Records that are asked for one by one."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a run read of one entity type, and which stored records were not among it."""

    arrived: dict[int, frozenset[str]]
    """External ids by range; those of ranges that hold anything else have negative indexes."""
    absent: tuple[Named, ...]

    def holds(self, external_id: object) -> bool:
        """Return whether a record was read, in whichever range."""
        return any(external_id in ids for ids in self.arrived.values())


class SpentError(Exception):
    """The search has asked enough."""


_ENDINGS = (SpentError, RemoteError, SetupError)
"""What ends a search, and no more than that."""


class Meter:
    """A source that is asked so often and not more often."""

    def __init__(self, source: Source, most: int) -> None:
        self._source = source
        self._most = most
        self._requests = count(1)
        self.asked = 0

    def page(self, query: PageQuery, cursor: str | None) -> SourcePage:
        """Return a page (SpentError when enough was asked)."""
        self._spend()
        return self._source.page(query, cursor)

    def count_of(self, query: PageQuery) -> int:
        """Return a count (SpentError when enough was asked)."""
        self._spend()
        return self._source.count_of(query)

    def record(self, query: PageQuery, external_id: str) -> Row | None:
        """Return a record or None (SpentError when enough was asked)."""
        self._spend()
        return self._source.record(query, external_id)

    def _spend(self) -> None:
        number = next(self._requests)
        if number > self._most:
            raise SpentError
        self.asked = number


@dataclass(slots=True)
class Search:
    """One search; what it has found when trouble or the meter ends it, stays found."""

    meter: Meter
    query: PageQuery
    """Asks for id, number and name of everything."""
    listing: Listing
    name_column: str | None
    missing: list[Named] = field(default_factory=list)
    extra: list[Named] = field(default_factory=list)
    unasked: dict[str, Named] = field(default_factory=dict)

    def look_for(self, ranges: tuple[Range, ...], *, missing: int, extra: int) -> Evidence:
        """Name so many missing and so many extra records, as far as they can be found."""
        self.unasked = {each.external_id: each for each in self.listing.absent if each.external_id is not None}
        with suppress(*_ENDINGS):
            self._look(ranges, missing, extra)
        stored = [replace(each, reason=Reason.STORED) for each in self.unasked.values()]
        return Evidence((*self.missing, *stored), tuple(self.extra), requests=self.meter.asked)

    def _look(self, ranges: tuple[Range, ...], missing: int, extra: int) -> None:
        if missing:
            self._ask_for_stored()
        for span, surplus in self._suspects(ranges) if len(self.missing) < missing or extra else ():
            if surplus > 0 and len(self.missing) < missing:
                self._look_into(span, surplus)
            if surplus < 0 and len(self.extra) < extra:
                self._look_beyond(span)

    def _ask_for_stored(self) -> None:
        """Ask the source for the stored records that it did not list: many at once, then some of the rest alone."""
        ids = [each for each in self.unasked if is_guid(each)]
        rows = rows_where(self.meter, self.query, self.query.id_field, ids)
        came = {row.get(self.query.id_field) for row in rows}
        for external_id in [each for each in ids if each in came]:
            self._still_there(external_id)
        for external_id in [each for each in ids if each in self.unasked][:_MOST_ALONE]:
            if self.meter.record(self.query, external_id) is not None:
                self._still_there(external_id)
            else:
                del self.unasked[external_id]

    def _still_there(self, external_id: str) -> None:
        self.missing.append(replace(self.unasked.pop(external_id), reason=Reason.KNOWN))

    def _suspects(self, ranges: tuple[Range, ...]) -> Iterator[tuple[Range, int]]:
        """Return the ranges that the source counts otherwise than they were read, the worst first."""
        found = []
        for span in ranges:
            counted = self.meter.count_of(self._in(span.low, span.high))
            found.append((span, counted - len(self.listing.arrived.get(span.index, ()))))
        return iter(sorted(found, key=lambda each: -abs(each[1])))

    def _look_into(self, span: Range, surplus: int) -> None:
        """Name what a range hides: by listing it again, then by counting between the numbers that it lists."""
        rows = walked(self.meter, replace(self._in(span.low, span.high), by_number=True))
        self.missing.extend(self._named(row, Reason.LATER) for row in rows if self._is_new(row))
        numbers = list(dict.fromkeys(number for row in rows if isinstance(number := row.get("number"), str)))
        for known in self._known_numbers(span, numbers):
            numbers.insert(sum(1 for number in numbers if number < known), known)
        arrived = len(self.listing.arrived.get(span.index, ()))
        found: list[str] = []
        try:
            self._count_between(Between(span.low, span.high), numbers, arrived + surplus - len(numbers), found)
        finally:
            self.missing.extend(each for number in found if (each := self._identified(number)) is not None)

    def _known_numbers(self, span: Range, listed: list[str]) -> list[str]:
        low, high = span.low or "", span.high
        known = [each.number for each in (*self.missing, *self.unasked.values()) if each.number is not None]
        return [each for each in known if each not in listed and each >= low and (high is None or each < high)]

    def _count_between(self, span: Between, listed: list[str], hidden: int, found: list[str]) -> None:
        search = hidden_numbers(span, listed, hidden, found=found)
        try:
            question = next(search)
            while True:
                question = search.send(self._counted(question))
        except StopIteration:
            return

    def _counted(self, question: Between | Exactly) -> int:
        if isinstance(question, Between):
            return self.meter.count_of(self._in(question.low, question.high))
        return self.meter.count_of(self._numbered(question.number))

    def _identified(self, number: str) -> Named | None:
        """Return the record of a number, or only the number when the source does not tell more."""
        try:
            rows = self.meter.page(self._numbered(number), None).records
        except _ENDINGS:
            rows = []
        if not rows:
            return Named(None, number, reason=Reason.COUNTED)
        return self._named(rows[0], Reason.LATER) if self._is_new(rows[0]) else None

    def _look_beyond(self, span: Range) -> None:
        """Name what a range held and does not hold any more, when the source does not know it by its id either."""
        rows = walked(self.meter, self._in(span.low, span.high))
        now = {row.get(self.query.id_field) for row in rows}
        for external_id in sorted(self.listing.arrived.get(span.index, frozenset()) - now):
            if is_guid(external_id) and self.meter.record(self.query, external_id) is None:
                self.extra.append(Named(external_id, None, reason=Reason.VANISHED))

    def _in(self, low: str | None, high: str | None) -> PageQuery:
        return replace(self.query, low=low, high=high)

    def _numbered(self, number: str) -> PageQuery:
        literal = "'" + number.replace("'", "''") + "'"
        return narrowed(self.query, f"number eq {literal}")

    def _is_new(self, row: Row) -> bool:
        external_id = row.get(self.query.id_field)
        named = any(each.external_id == external_id for each in (*self.missing, *self.unasked.values()))
        return not named and not self.listing.holds(external_id)

    def _named(self, row: Row, reason: Reason) -> Named:
        name = row.get(self.name_column) if self.name_column is not None else None
        return Named(_text(row.get(self.query.id_field)), _text(row.get("number")), _text(name), reason)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
