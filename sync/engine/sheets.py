"""Writes rows as CSV that a spreadsheet opens without running any of it."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_MARK = "\ufeff"
"""Tells spreadsheets that the text is UTF-8."""


def write_csv(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return rows below their names (RFC 4180); what a spreadsheet would take for a formula gets a `'` before it."""
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(names)
    sheet.writerows([cell(value) for value in row] for row in rows)
    return _MARK + text.getvalue()


def cell(value: Any) -> Any:
    """Return a value as a cell: nothing for None, JSON for what has parts."""
    if value is None or isinstance(value, bool | int | float):
        return value
    told = value if isinstance(value, str) else orjson.dumps(value).decode()
    return f"'{told}" if told.startswith(_FORMULA) else told
