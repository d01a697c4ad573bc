"""Adds the rows of joined pages to records, looked up by the records' ids."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import batched, chain
from typing import Any

from mapping.compiler import CompiledMapping
from mapping.joins import columns_of
from mapping.rules import Join
from sync.model.errors import RefusedError
from sync.model.guid import is_guid
from sync.ports import PageQuery, Source

LARGEST_PAGE = 2_000
"""Records of a page when something is joined to them: each page is looked up as a whole."""

_IDS = 50
"""Ids in one request: an address that every gateway takes."""
_AT_ONCE = 5

type Row = dict[str, Any]


def add_joined(source: Source, mapping: CompiledMapping, records: list[Row]) -> list[Row]:
    """Put each joined page's row into its record, None where there is none.

    Raises:
        RefusedError: The mapping's ids are no GUIDs.
        RemoteError: As Source does.
    """
    rules = mapping.rules
    ids = [each for record in records if isinstance(each := record.get(rules.id_field), str) and each]
    if rules.joins and ids and not any(map(is_guid, ids)):
        raise RefusedError(f"Pages can be joined by a GUID only, and {rules.id_field} is none")
    for join in rules.joins:
        wanted = PageQuery(join.entity_set, columns_of(join, rules), _IDS, route=join.route)
        rows = _looked_up(source, wanted, join.on, (record.get(rules.id_field) for record in records))
        known = {_folded(row.get(join.on)): row for row in rows}
        for record in records:
            record[join.prefix] = known.get(_folded(record.get(rules.id_field)))
    return records


def records_of(source: Source, query: PageQuery, rows: Iterable[Row], join: Join) -> list[Row]:
    """Return the records that a joined page's rows belong to, as the query asks for them (raises as Source does)."""
    everything = replace(query, since=None, low=None, high=None, page_size=_IDS)
    return list(_looked_up(source, everything, query.id_field, (row.get(join.on) for row in rows)))


def _looked_up(source: Source, query: PageQuery, column: str, ids: Iterable[object]) -> Iterator[Row]:
    usable = dict.fromkeys(each.lower() for each in ids if isinstance(each, str) and is_guid(each))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        parts = (_one_of(query, column, some) for some in batched(usable, _IDS, strict=False))
        return chain.from_iterable(list(pool.map(lambda part: _walked(source, part), parts)))


def _one_of(query: PageQuery, column: str, ids: tuple[str, ...]) -> PageQuery:
    wanted = " or ".join(f"{column} eq {each}" for each in ids)
    return replace(query, filter=wanted if query.filter is None else f"({query.filter}) and ({wanted})")


def _walked(source: Source, query: PageQuery) -> list[Row]:
    page = source.page(query, None)
    rows = page.records
    while page.cursor is not None:
        page = source.page(query, page.cursor)
        rows = rows + page.records
    return rows


def _folded(value: object) -> str | None:
    return value.lower() if isinstance(value, str) else None
