"""Reads vendors, items and whatever else a mapping names from Business Central; nothing here writes."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from threading import Event
from typing import Any

from sync.connectors import metadata, odata
from sync.connectors.budget import BUSINESS_CENTRAL, Budgets
from sync.connectors.exchange import Exchange, Means, Wish
from sync.connectors.http import Answer
from sync.connectors.tokens import EntraTokens
from sync.engine.retry import http_date
from sync.model.bridge import DynamicsAccess
from sync.model.errors import CursorLostError, RefusedError, RemoteError, SetupError
from sync.model.guid import is_guid
from sync.model.integration import Connection
from sync.model.secret import Secret
from sync.ports import Clock, Companies, Company, Environment, PageQuery, SourcePage, SourceSchema

MOST_BOUNDARIES = 63
"""Each costs a request."""
STANDARD = "v2.0"
"""The route of Business Central's own entity sets."""

_LOST = frozenset({400, 404, 410})


class BusinessCentralSources:
    """Opens connections to one Business Central service."""

    def __init__(self, base_url: str, means: Means, *, tokens: EntraTokens, budgets: Budgets) -> None:
        self._base = base_url.rstrip("/")
        self._means = means
        self._tokens = tokens
        self._budgets = budgets

    def open(self, connection: Connection, secret: Secret | None) -> "BusinessCentral":
        """Return a source; nothing is asked of the remote system yet."""
        exchange = Exchange(
            self._means, self._budgets.of(connection.principal), ConnectionSignIn(self._tokens, connection, secret)
        )
        return BusinessCentral(self._base, connection, exchange=exchange, clock=self._means.clock)

    def forget_refusal(self, connection: Connection, secret: Secret | None) -> None:
        """Let the next request find out whether credentials that were just refused are accepted now."""
        self._tokens.forget_refusal(connection, secret)


class BusinessCentral:
    """One Business Central company, read only (see sync.ports.Source)."""

    def __init__(self, base: str, connection: Connection, *, exchange: Exchange, clock: Clock) -> None:
        self._base = base
        self._connection = connection
        self._exchange = exchange
        self._clock = clock

    def environments(self) -> tuple[Environment, ...]:
        """Return the environments of the tenant."""
        url = f"{self._base}/environments/v1.2"
        page = self._get(url, "environments", lambda answer: self._page(answer, url))
        return tuple(_environment(row) for row in page.records)

    def companies(self) -> Companies:
        """Return the companies of the environment, and when they were asked for on the source's clock."""
        url = f"{self._route(STANDARD)}/companies"
        page, asked_at = self._get(
            url, "companies", lambda answer: (self._page(answer, url), asked(answer, self._clock))
        )
        rows = [*page.records]
        while page.cursor is not None:
            page = self._following(page.cursor)
            rows.extend(page.records)
        return Companies(tuple(_company(row) for row in rows), asked_at)

    def in_company(self, company_id: str) -> "BusinessCentral":
        """Return the same connection, in this company."""
        connection = replace(self._connection, company_id=company_id)
        return BusinessCentral(self._base, connection, exchange=self._exchange, clock=self._clock)

    def count(self, entity_set: str, *, where: str | None = None, route: str = STANDARD) -> int:
        """Return the source's own count of an entity set."""
        url = odata.with_options(f"{self._entity_set(route, entity_set)}/$count", {"filter": where or ""})
        return self._get(url, entity_set, lambda answer: odata.read_count(answer.body))

    def count_of(self, query: PageQuery) -> int:
        """Return the source's own count of what a query asks for."""
        return self.count(query.entity_set, where=odata.conditions(query), route=query.route)

    def page(self, query: PageQuery, cursor: str | None) -> SourcePage:
        """Return the first page of a query, or the one at the cursor.

        Raises:
            CursorLostError: The cursor is no longer known.
        """
        url = self._first(query) if cursor is None else odata.own(cursor, self._base)
        headers = odata.page_preference(query)
        try:
            return self._exchange.get(Wish(url, query.entity_set, headers), lambda answer: self._page(answer, url))
        except RefusedError as error:
            if cursor is None or error.status not in _LOST:
                raise
            message = f"Business Central does not know the next page of {query.entity_set} any more"
            raise CursorLostError(message) from error

    def record(self, query: PageQuery, external_id: str) -> dict[str, Any] | None:
        """Return one record by id, or None when it is gone or the query's filter leaves it out."""
        if not is_guid(external_id):
            return None
        if query.filter is not None:
            return self._filtered(query, external_id)
        url = f"{self._entity_set(query.route, query.entity_set)}({external_id})"
        try:
            return self._get(
                odata.with_options(url, odata.options_of(query)),
                query.entity_set,
                lambda answer: odata.read_record(answer.body),
            )
        except RefusedError as error:
            if error.code == "RECORD_NOT_FOUND":
                return None
            raise

    def _filtered(self, query: PageQuery, external_id: str) -> dict[str, Any] | None:
        one = replace(
            query, filter=f"({query.filter}) and {query.id_field} eq {external_id}", since=None, low=None, high=None
        )
        return next(iter(self.page(one, None).records), None)

    def schema(self, route: str, entity_set: str) -> SourceSchema:
        """Return the columns of an entity set, with their captions where the route tells them.

        Raises:
            RefusedError: The route has no such entity set (ENTITY_SET_NOT_FOUND).
        """
        base, accept = self._route(route), {"Accept": "application/xml"}
        wish = Wish(f"{base}/$metadata", "metadata", accept)
        found = self._exchange.get(wish, lambda answer: metadata.read_schema(answer.body, entity_set))
        if found is None:
            message = f"Business Central has no entity set {entity_set} on the route {route}"
            raise RefusedError(message, code="ENTITY_SET_NOT_FOUND")
        captions = self._captions(base, found.entity)
        named = (replace(each, caption=captions.get(each.name)) for each in found.fields)
        return replace(found, fields=tuple(named))

    def _captions(self, base: str, entity: str) -> Mapping[str, str]:
        wanted = {"filter": f"entityName eq {odata.literal(entity)}"}
        url = odata.with_options(f"{base}/entityDefinitions", wanted)
        try:
            return self._get(url, "captions", lambda answer: metadata.read_captions(answer.body, entity))
        except RefusedError:
            return {}

    def boundaries(self, query: PageQuery, *, expected: int) -> tuple[str, ...]:
        """Return record numbers that split the set into spans of about one page; any answer is safe.

        A probe that fails ends the search: what was found until then comes back.
        """
        parts = min(ceil(expected / max(query.page_size, 1)), MOST_BOUNDARIES + 1)
        if parts <= 1:
            return ()
        failed = Event()

        def number_at(offset: int) -> str:
            if failed.is_set():
                return ""
            try:
                return self._probe(query, offset)
            except RemoteError:
                failed.set()
                return ""

        offsets = [part * ceil(expected / parts) for part in range(1, parts)]
        with ThreadPoolExecutor(BUSINESS_CENTRAL.in_flight) as pool:
            return tuple(dict.fromkeys(number for number in pool.map(number_at, offsets) if number))

    def _probe(self, query: PageQuery, offset: int) -> str:
        options = {"filter": odata.conditions(query), "orderby": "number", "select": "number"}
        url = odata.with_options(
            self._entity_set(query.route, query.entity_set), {**options, "top": "1", "skip": str(offset)}
        )
        page = self._get(url, query.entity_set, lambda answer: self._page(answer, url))
        number = page.records[0].get("number") if page.records else None
        return number if isinstance(number, str) else ""

    def _following(self, url: str) -> SourcePage:
        return self._get(url, "companies", lambda answer: self._page(answer, url))

    def _first(self, query: PageQuery) -> str:
        order = {"orderby": "number"} if query.by_number else {}
        options = {"filter": odata.conditions(query), **odata.options_of(query), **order}
        return odata.with_options(self._entity_set(query.route, query.entity_set), options)

    def _page(self, answer: Answer, url: str) -> SourcePage:
        return odata.read_page(answer.body, url=url, base=self._base)

    def _get[T](self, url: str, what: str, read: Callable[[Answer], T]) -> T:
        return self._exchange.get(Wish(url, what, {}), read)

    def _entity_set(self, route: str, entity_set: str) -> str:
        company = self._connection.company_id
        if company is None:
            raise SetupError("No company is chosen: choose one in the connection.", code="COMPANY_REQUIRED")
        return f"{self._route(route)}/companies({odata.segment(company)})/{odata.segment(entity_set)}"

    def _route(self, route: str) -> str:
        return route_address(self._base, self._connection, route)


@dataclass(frozen=True, slots=True)
class ConnectionSignIn:
    """The tokens of one connection."""

    tokens: EntraTokens
    connection: Connection | DynamicsAccess
    secret: Secret | None

    def get(self) -> Secret:
        """Return a valid token (raises as EntraTokens does)."""
        return self.tokens.get(self.connection, self.secret)

    def invalidate(self, token: Secret) -> None:
        """Never return this token again: it was refused."""
        self.tokens.invalidate(self.connection, self.secret, token)


def route_address(base: str, connection: Connection, route: str) -> str:
    """Return the address of a route in the connection's environment."""
    names = (connection.tenant_id, connection.environment, "api", *route.split("/"))
    return "/".join([base, "v2.0", *map(odata.segment, names)])


def asked(answer: Answer, clock: Clock) -> datetime:
    """Return when a request was sent, by the source's clock, rounded down; by ours when the reply has no date."""
    replied = http_date(answer.headers.get("Date")) or clock.now()
    return (replied - timedelta(seconds=answer.elapsed)).replace(microsecond=0)


def _environment(row: dict[str, Any]) -> Environment:
    name, kind, country = (str(row.get(key) or "") for key in ("name", "type", "countryCode"))
    return Environment(name, kind, country)


def _company(row: dict[str, Any]) -> Company:
    name = str(row.get("name") or "")
    return Company(id=str(row.get("id") or ""), name=name, display_name=str(row.get("displayName") or "") or name)
