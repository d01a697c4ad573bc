"""Lists of rows: selection, order, cursor, page and nextLink."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sandbox.faults import Effect, Fault
from sandbox.filters import Condition, parse_filter
from sandbox.query import Query
from sandbox.refusals import RefusedError, bad_request
from sandbox.rows import RowWriter, dumped
from sandbox.schema import Edm, EntitySet
from sandbox.switches import Switches
from sandbox.tables import Slots, Table

_PAGE_BYTES = 192_000_000
_FOREIGN_HOST = "https://api.businesscentral.evil.example"
_GUID_LENGTH = 36


@dataclass(frozen=True, slots=True)
class View:
    """One entity set of one company, as one request sees it."""

    company_id: str
    table: Table
    entity_set: EntitySet
    tables: dict[str, Table]
    switches: Switches


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list was asked for: origin, path and raw query of the request, and its context."""

    origin: str
    path: str
    query: str
    context: str

    @property
    def url(self) -> str:
        """The request's own address."""
        return f"{self.origin}{self.path}" + (f"?{self.query}" if self.query else "")


@dataclass(frozen=True, slots=True)
class Page:
    """Body and number of rows."""

    body: bytes
    rows: int
    link: str


class Library:
    """Makes pages, and keeps selections, row writers and finished pages for the next request."""

    def __init__(self) -> None:
        self._selections = _Shelf[Slots](64, lambda _: 1)
        self._writers = _Shelf[RowWriter](24, lambda _: 1)
        self._pages = _Shelf[Page](_PAGE_BYTES, lambda page: len(page.body))

    def page(self, view: View, query: Query, size: int, place: Place, fault: Fault | None) -> Page:
        """Return a page of a list.

        Raises:
            RefusedError: The filter or the cursor is refused.
        """
        key = (place, size, view.switches, _versions(view))
        if fault is not None:
            return self._made(view, query, size, place, fault)
        return self._pages.get(key, lambda: self._made(view, query, size, place, None))

    def count(self, view: View, query: Query) -> int:
        """Return how many rows a filter selects."""
        return len(self._selection(view, query))

    def writer(self, view: View, query: Query) -> RowWriter:
        """Return the writer of a view's rows."""
        columns = frozenset(query.select)  # the order in which they are asked for changes nothing
        key = (id(view.table), view.entity_set.name, len(view.entity_set.properties), columns, query.expand)
        return self._writers.get(
            key, lambda: RowWriter(view.table, view.entity_set, query.select, query.expand, view.tables)
        )

    def _selection(self, view: View, query: Query) -> Slots:
        key = (id(view.table), view.table.version, view.entity_set.name, query.filter_text, query.order, view.switches)
        return self._selections.get(key, lambda: _select(view, query))

    def _made(self, view: View, query: Query, size: int, place: Place, fault: Fault | None) -> Page:
        slots = self._selection(view, query)
        total = len(slots)
        if fault and fault.effect is Effect.HIDE:
            slots = slots[: fault.keep]
        if fault and fault.effect is Effect.OMIT:
            slots = [slot for slot in slots if view.table.id_of(slot) not in fault.ids]
        start = _start(view, query, slots)
        stop = min(start + size, len(slots), start + (size if query.top is None else query.top))
        more = stop < len(slots) and (query.top is None or stop - start < query.top)
        link = _link(query, place, view.table.id_of(slots[stop - 1]), stop - start) if more and stop else ""
        if fault and fault.effect is Effect.REPEAT and start:
            again = _link(query, place, view.table.id_of(slots[start - 1]), 0) + "&repeat=1"
            start, stop, link = max(0, start - size), start, again
        link = _distorted(link, place, fault)
        counted = query.counted and view.switches.count_option == "supported"
        head = b'{"@odata.context":' + dumped(place.context) + (b',"@odata.count":%d' % total if counted else b"")
        rows = self.writer(view, query).joined(slots[start:stop])
        tail = b',"@odata.nextLink":' + dumped(link) if link else b""
        return Page(b"".join((head, b',"value":[', rows, b"]", tail, b"}")), max(0, stop - start), link)


class _Shelf[T]:
    """The values used last, up to a total weight."""

    def __init__(self, capacity: int, weigh: Callable[[T], int]) -> None:
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._capacity = capacity
        self._weigh = weigh
        self._weight = 0

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        made = self._kept[key] = make()
        self._weight += self._weigh(made)
        while self._weight > self._capacity and len(self._kept) > 1:
            _, old = self._kept.popitem(last=False)
            self._weight -= self._weigh(old)
        return made


def _versions(view: View) -> tuple[tuple[int, int], ...]:
    related = (view.table, *(view.tables[table] for table, _ in view.entity_set.expands.values()))
    return tuple((id(table), table.version) for table in related)


def _select(view: View, query: Query) -> Slots:
    condition = parse_filter(query.filter_text, view.entity_set, view.switches) if query.filter_text else Condition()
    by = _index(view, query)
    if by is not None:
        return view.table.matching(condition, by)
    slots: list[int] = list(view.table.matching(condition, "id"))
    for order in reversed(query.order):
        slots.sort(key=_column(view, order.name), reverse=order.descending)
    return slots


def _index(view: View, query: Query) -> str | None:
    if not query.order:
        return "id" if view.switches.row_order == "id" else view.table.key
    first = query.order[0]
    return first.name if first.name in {"id", view.table.key} and not first.descending else None


def _column(view: View, name: str) -> Callable[[int], Any]:
    if name == "lastModifiedDateTime":
        return view.table.modified_of
    found = view.entity_set.property(name)
    blank: object = 0 if found and found.edm in {Edm.DECIMAL, Edm.BOOLEAN} else ""

    def value(slot: int) -> Any:
        stored = view.table.row(slot).get(name)
        return blank if stored is None else stored

    return value


def _start(view: View, query: Query, slots: Sequence[int]) -> int:
    if not query.token:
        return min(query.skip, len(slots))
    table = view.table
    if len(query.token) != _GUID_LENGTH:
        raise _bad_token()
    slot = table.find(query.token)
    policy = view.switches.dead_cursor
    if slot is None and policy != "continues":
        raise (
            RefusedError(404, "BadRequest_NotFound", "The cursor's record is gone.")
            if policy == "404"
            else _bad_token()
        )
    by = _index(view, query)
    if by == "id":
        return bisect_right(slots, query.token, key=table.id_of)
    if by is not None:
        key = table.grave(query.token) if slot is None else table.key_of(slot)
        if key is None:
            raise _bad_token()
        return bisect_right(slots, key, key=table.key_of)
    if slot is None or slot not in slots:
        raise _bad_token()
    return slots.index(slot) + 1


def _bad_token() -> RefusedError:
    return bad_request("The $skiptoken query option is not valid.", code="BadRequest_InvalidRequestUrl")


def _link(query: Query, place: Place, token: str, served: int) -> str:
    kept = [pair for pair in query.pairs if pair[0] not in {"$skiptoken", "$skip", "$top", "aid", "repeat"}]
    if query.top is not None:
        kept.append(("$top", str(query.top - served)))
    options = "&".join(f"{name}={quote(value, safe='')}" for name, value in (*kept, ("aid", "FIN")))
    return f"{place.origin}{place.path}?{options}&$skiptoken={token}"


def _distorted(link: str, place: Place, fault: Fault | None) -> str:
    if fault is None:
        return link
    if fault.effect is Effect.LOOP:
        return place.url
    if fault.effect is Effect.FOREIGN and link:
        return _FOREIGN_HOST + link.removeprefix(place.origin)
    return link
