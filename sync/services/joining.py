"""Adds the rows of joined pages to records, looked up by the records' ids."""

from collections.abc import Iterable
from dataclasses import replace

from mapping.compiler import CompiledMapping
from mapping.joins import columns_of
from mapping.rules import Join
from sync.model.errors import RefusedError
from sync.model.guid import is_guid
from sync.ports import PageQuery, Source
from sync.services.lookup import IDS, Row, rows_where

LARGEST_PAGE = 2_000
"""Records of a page when something is joined to them: each page is looked up as a whole."""


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
        wanted = PageQuery(join.entity_set, columns_of(join, rules), IDS, route=join.route)
        rows = rows_where(source, wanted, join.on, (record.get(rules.id_field) for record in records))
        known = {_folded(row.get(join.on)): row for row in rows}
        for record in records:
            record[join.prefix] = known.get(_folded(record.get(rules.id_field)))
    return records


def records_of(source: Source, query: PageQuery, rows: Iterable[Row], join: Join) -> list[Row]:
    """Return the records that a joined page's rows belong to, as the query asks for them (raises as Source does)."""
    everything = replace(query, since=None, low=None, high=None, page_size=IDS)
    return rows_where(source, everything, query.id_field, (row.get(join.on) for row in rows))


def _folded(value: object) -> str | None:
    return value.lower() if isinstance(value, str) else None
