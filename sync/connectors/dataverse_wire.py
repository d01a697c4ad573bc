"""Rows as Dataverse sends and takes them: numbers stay exact, annotations are told apart from values."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from sync.connectors.odata import own
from sync.model.errors import RefusedError, RetryLaterError
from sync.ports import Page, Row, RowQuery

_BOM = b"\xef\xbb\xbf"
_LABEL = "@OData.Community.Display.V1.FormattedValue"
_TARGET = "@Microsoft.Dynamics.CRM.lookuplogicalname"
_ETAG = "@odata.etag"


def exact(body: bytes) -> Any:
    """Return the JSON of a reply, its fractions as decimals.

    Raises:
        RetryLaterError: The body is cut or no JSON.
    """
    try:
        return json.loads(body.removeprefix(_BOM), parse_float=Decimal)
    except ValueError as error:
        message = "Dataverse's reply is cut or no JSON"
        raise RetryLaterError(message, delay=0, code="SOURCE_UNAVAILABLE") from error


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a reply (RetryLaterError as exact; RefusedError SOURCE_UNREADABLE for another kind)."""
    document = exact(body)
    if not isinstance(document, dict):
        raise _unreadable("an object")
    return document


def read_list(body: bytes) -> list[dict[str, Any]]:
    """Return the objects of a collection (raises as read_object)."""
    rows = read_object(body).get("value")
    if not isinstance(rows, list) or not {dict}.issuperset(map(type, rows)):
        raise _unreadable("a list of rows")
    return rows


def read_row(body: bytes, id_column: str, query: RowQuery) -> Row:
    """Return a single row (raises as read_object)."""
    return _row(read_object(body), id_column, query)


def read_rows(body: bytes, id_column: str, query: RowQuery, *, base: str) -> Page[Row]:
    """Return a page of rows; the next page must be of the same origin (RefusedError FOREIGN_NEXT_LINK otherwise)."""
    following = read_object(body).get("@odata.nextLink")
    rows = tuple(_row(each, id_column, query) for each in read_list(body))
    return Page(rows, own(following, base) if isinstance(following, str) else None)


def written(changes: Mapping[str, Any]) -> bytes:
    """Return changes as JSON; a decimal becomes a number with exactly its digits."""
    members = (f"{json.dumps(name)}:{_literal(value)}" for name, value in changes.items())
    return f"{{{','.join(members)}}}".encode()


def options(query: RowQuery) -> str:
    """Return the query options of an address."""
    expansions = (f"{name}($select={','.join(columns)})" for name, columns in query.expand.items())
    wanted = {
        "select": ",".join(query.select),
        "expand": ",".join(expansions),
        "filter": query.filter or "",
        "orderby": query.order or "",
    }
    return "&".join(f"${name}={quote(value, safe=',()=$')}" for name, value in wanted.items() if value)


def _literal(value: Any) -> str:
    return format(value, "f") if isinstance(value, Decimal) else json.dumps(value)


def _row(document: Mapping[str, Any], id_column: str, query: RowQuery) -> Row:
    etag, row_id = document.get(_ETAG), document.get(id_column)
    if not isinstance(etag, str) or not isinstance(row_id, str):
        raise _unreadable("a row with its id and version")
    return Row(
        id=row_id,
        etag=etag,
        values=_plain(document, query),
        labels=_annotated(document, _LABEL),
        related={name: _related(document.get(name)) for name in query.expand},
        leads_to=_annotated(document, _TARGET),
    )


def _related(document: Any) -> Row | None:
    """Return an expanded row; its id is among its values."""
    if not isinstance(document, dict):
        return None
    etag = str(document.get(_ETAG) or "")
    values = _plain(document, RowQuery(()))
    return Row("", etag, values, _annotated(document, _LABEL), leads_to=_annotated(document, _TARGET))


def _plain(document: Mapping[str, Any], query: RowQuery) -> dict[str, Any]:
    return {name: value for name, value in document.items() if "@" not in name and name not in query.expand}


def _annotated(document: Mapping[str, Any], ending: str) -> dict[str, str]:
    return {name.removesuffix(ending): str(value) for name, value in document.items() if name.endswith(ending)}


def _unreadable(expected: str) -> RefusedError:
    return RefusedError(f"Dataverse's reply does not have {expected} where it belongs", code="SOURCE_UNREADABLE")
