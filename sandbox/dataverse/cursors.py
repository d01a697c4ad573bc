"""Paging cookies and delta tokens, in the forms of the samples."""

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from sandbox.dataverse.home import Home
from sandbox.dataverse.refusals import bad_query, expired_token
from sandbox.dataverse.schema import Table
from sandbox.dataverse.store import Row

_TOKEN = re.compile(r"(\d+)!(\d\d/\d\d/\d{4} \d\d:\d\d:\d\d)")
_FORM = "%m/%d/%Y %H:%M:%S"
_NUMBER = re.compile(r'serial="(\d+)"')


@dataclass(frozen=True, slots=True)
class Stamp:
    """A version, and when it was the latest."""

    version: int
    at: datetime

    def written(self) -> str:
        """Return it as a delta token of an address."""
        return quote(f"{self.version}!{self.at.strftime(_FORM)}", safe="").lower()


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after a row by its sort key, or among the changes that are left."""

    page: int = 1
    last_key: tuple[Any, ...] | None = None
    first: str = ""
    last: str = ""
    since: Stamp | None = None
    tracked: bool = False
    changed: tuple[str, ...] | None = None

    def start(self, rows: list[Row], keys: Callable[[Row], tuple[Any, ...]]) -> int:
        """Return the index of the first row after the last one of the page before."""
        last = self.last_key
        if last is None:
            return 0
        return bisect_left(rows, 1, key=lambda row: int(_comes_after(keys(row), last)))

    def beyond(self, first: Row, last: Row, key: tuple[Any, ...]) -> "Cursor":
        """Return the cursor of the next page."""
        return replace(self, page=self.page + 1, first=first.id, last=last.id, last_key=key)


@dataclass(slots=True)
class Cursors:
    """The cookies given so far."""

    given: list[Cursor] = field(default_factory=list)

    def after(self, table: Table, cursor: Cursor) -> str:
        """Return a cookie for a cursor, encoded as in the sample."""
        self.given.append(cursor)
        ids = f'last="{{{cursor.last.upper()}}}" first="{{{cursor.first.upper()}}}"'
        inner = f'<cookie page="{cursor.page - 1}" serial="{len(self.given) - 1}"><{table.key} {ids} /></cookie>'
        encoded = _lowered(quote(inner, safe=""))
        tracking = "True" if cursor.tracked else "False"
        text = f'<cookie pagenumber="{cursor.page}" pagingcookie="{encoded}" istracking="{tracking}" />'
        return quote(text, safe="=/")

    def at(self, token: str) -> Cursor | None:
        """Return the cursor of a cookie.

        Raises:
            DataverseError: The cookie was not given by this service.
        """
        if not token:
            return None
        found = _NUMBER.search(unquote(unquote(token)))
        if found is None or int(found[1]) >= len(self.given):
            raise bad_query("Malformed XML in the Paging Cookie")
        return self.given[int(found[1])]

    @staticmethod
    def since(token: str, home: Home, table: Table) -> Stamp:
        """Read a delta token.

        Raises:
            DataverseError: It is none, or too old.
        """
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise bad_query(f"The delta token of {table.name} is not valid.")
        at = datetime.strptime(found[2], _FORM).replace(tzinfo=UTC)
        if home.now() - at > timedelta(days=home.switches().token_days):
            raise expired_token(home.switches().delta_expired_code)
        return Stamp(int(found[1]), at)


def _comes_after(key: tuple[Any, ...], last: tuple[Any, ...]) -> bool:
    for mine, other in zip(key[:-1], last[:-1], strict=True):
        (value, descending), (bound, _) = mine, other
        if value != bound:
            return bool(value < bound if descending else value > bound)
    return bool(key[-1] > last[-1])


def _lowered(text: str) -> str:
    return re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), text)
