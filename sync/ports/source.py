"""Business Central, read only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sync.model.integration import Connection
from sync.model.secret import Secret


@dataclass(frozen=True, slots=True)
class Company:
    """A Business Central company."""

    id: str
    name: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Environment:
    """A Business Central environment of the connection's tenant; `kind` is Production or Sandbox."""

    name: str
    kind: str
    country: str


@dataclass(frozen=True, slots=True)
class PageQuery:
    """What to read of one entity set: columns, key span and earliest modification; sizes in records."""

    entity_set: str
    select: tuple[str, ...]
    page_size: int
    since: datetime | None = None
    low: str | None = None
    high: str | None = None
    expand: tuple[str, ...] = ()
    filter: str | None = None
    route: str = "v2.0"
    modified_field: str | None = "lastModifiedDateTime"
    """The column that tells a record's modification, which `since` is about."""
    id_field: str = "id"
    by_number: bool = False
    """Whether records come in the order of their numbers, as the source sorts them; otherwise in any."""


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One page of source records, decoded, and the cursor of the next."""

    records: list[dict[str, Any]]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class SourceField:
    """One column of an entity set, in the source's own words; `members` are those of an enum, as they are sent."""

    name: str
    type: str
    length: int | None = None
    """Characters that a text may have, where the source tells."""
    members: tuple[str, ...] = ()
    caption: str | None = None


@dataclass(frozen=True, slots=True)
class SourceSchema:
    """What a route says about an entity set; `navigations` can be expanded."""

    entity_set: str
    entity: str
    fields: tuple[SourceField, ...]
    navigations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Companies:
    """The companies that a connection sees, and the source's clock when it was asked."""

    items: tuple[Company, ...]
    asked_at: datetime


class Source(Protocol):
    """One Business Central company, read only: there is no method that writes.

    Every method may raise:
        SetupError: Credentials, consent, permissions, company or environment need a person.
        RetryLaterError: Throttled or unavailable for longer than a worker may wait.
        RefusedError: The request itself is refused.
    """

    def environments(self) -> tuple[Environment, ...]:
        """Return the environments of the tenant, whichever the connection names."""
        ...

    def companies(self) -> Companies:
        """Return the companies of the environment."""
        ...

    def in_company(self, company_id: str) -> "Source":
        """Return the same connection, in this company."""
        ...

    def count(self, entity_set: str, *, where: str | None = None, route: str = "v2.0") -> int:
        """Return the source's own count of an entity set."""
        ...

    def count_of(self, query: PageQuery) -> int:
        """Return the source's own count of what a query asks for."""
        ...

    def page(self, query: PageQuery, cursor: str | None) -> SourcePage:
        """Return the first page of a query, or the one at the cursor.

        Raises:
            CursorLostError: The cursor is no longer known.
        """
        ...

    def record(self, query: PageQuery, external_id: str) -> dict[str, Any] | None:
        """Return one record by id, or None when it is gone or the query's filter leaves it out."""
        ...

    def schema(self, route: str, entity_set: str) -> SourceSchema:
        """Return the columns of an entity set (RefusedError ENTITY_SET_NOT_FOUND when the route has none such)."""
        ...

    def boundaries(self, query: PageQuery, *, expected: int) -> tuple[str, ...]:
        """Return record numbers that split the set into spans of about one page; any answer is safe."""
        ...


class Sources(Protocol):
    """Connects to Business Central."""

    def open(self, connection: Connection, secret: Secret | None) -> Source:
        """Return a source; nothing is asked of the remote system yet."""
        ...

    def forget_refusal(self, connection: Connection, secret: Secret | None) -> None:
        """Let the next request find out whether credentials that were just refused are accepted now."""
        ...
