"""Simulated Business Central: from a path to the reply, for a caller who is known."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from sandbox.changes import PageHooks
from sandbox.clock import wire_time
from sandbox.datasets import Company
from sandbox.faults import PAGE_EFFECTS, Fault
from sandbox.metadata import definitions, metadata, service_document
from sandbox.pages import Library, Place, View
from sandbox.query import Query, pairs_of, parse_query
from sandbox.refusals import (
    RefusedError,
    bad_request,
    method_not_allowed,
    no_environment,
    record_not_found,
    unauthorized,
    unknown_segment,
)
from sandbox.replies import JSON, XML, Reply, json_reply
from sandbox.schema import COMPANIES, ROUTES, ZERO_GUID, EntitySet, route_of
from sandbox.subscriptions import Request
from sandbox.switches import Switches
from sandbox.tables import ListSource, Table
from sandbox.tokens import BC_AUDIENCE, Issued
from sandbox.world import App, AppState, Environment, Tenant, World

_SEGMENT = re.compile(r"^([A-Za-z]\w*)(?:\(([^)]*)\))?$")
_SUBSCRIBING = re.compile(r"/api/[^(]+/subscriptions(?:[(/]|$)")
_GUID = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
_SIZE = re.compile(r"odata\.maxpagesize\s*=\s*(\d+)", re.IGNORECASE)
_DEFINITION_FILTER = re.compile(r"^\s*entityName\s+eq\s+'([^']*)'\s*$")
_CREATED = 1_672_851_347_367_000
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Call:
    """One request: raw path and query, lower-case headers, and its number."""

    method: str
    origin: str
    path: str
    query: str
    headers: Mapping[str, str]
    number: int

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class _Scene:
    """The environment and route that a call is about, and what fault distorts its page."""

    call: Call
    app: App
    environment: Environment
    sets: dict[str, EntitySet]
    root: str
    fault: Fault | None

    def context(self, tail: str) -> str:
        return f"{self.call.origin}{self.root}/$metadata#{tail}"


class BusinessCentral:
    """Answers GET requests from the world's tables."""

    def __init__(self, world: World, switches: Callable[[], Switches], hooks: PageHooks) -> None:
        self._world = world
        self._switches = switches
        self._hooks = hooks
        self._library = Library()
        self._sizes: dict[str, int] = {}

    def answer(self, call: Call, issued: Issued, fault: Fault | None) -> Reply:
        """Answer one call.

        Raises:
            RefusedError: The answer is an error.
        """
        if call.path.rstrip("/") == "/environments/v1.2":
            return self._environments(call, self._world.tenants[issued.app.tenant_id])
        front, back, environment = self._placed(call, issued.app)
        route, segments = route_of([unquote(part) for part in back.strip("/").split("/")])
        page_fault = fault if fault and fault.effect in PAGE_EFFECTS else None
        root = f"{front}/api/{route}"
        scene = _Scene(call, issued.app, environment, ROUTES[route], root, page_fault)
        return self._routed(scene, segments)

    def subscribing(self, call: Call, issued: Issued, body: bytes) -> tuple[list[str], Request] | None:
        """Return what a request asks of `subscriptions`, or None when it is about something else.

        Raises:
            RefusedError: There is no such environment.
        """
        if not _SUBSCRIBING.search(unquote(call.path)):
            return None
        front, back, environment = self._placed(call, issued.app)
        route, segments = route_of([unquote(part) for part in back.strip("/").split("/")])
        context = f"{call.origin}{front}/api/{route}/$metadata#subscriptions"
        return segments, Request(call.method, environment, issued.app, route, context, call.headers, body)

    def _placed(self, call: Call, app: App) -> tuple[str, str, Environment]:
        front, found, back = call.path.partition("/api/")
        if not found:
            raise unknown_segment(unquote(call.path.rsplit("/", 1)[-1]))
        return front, back, self._environment(unquote(front).strip("/").split("/")[1:], app)

    def _environment(self, parts: list[str], app: App) -> Environment:
        if len(parts) == 2:  # noqa: PLR2004  tenant and environment
            tenant = self._world.tenant(parts[0])
            if tenant is None or tenant.id != app.tenant_id:
                raise unauthorized()
        found = self._world.tenants[app.tenant_id].environment(parts[-1]) if parts else None
        if found is None:
            raise no_environment()
        return found

    def _routed(self, scene: _Scene, segments: list[str]) -> Reply:
        if scene.call.method != "GET":
            raise method_not_allowed(scene.call.method, segments[-1].partition("(")[0] if segments else "")
        roots: dict[str, Callable[[_Scene], Reply]] = {
            "": lambda here: json_reply(service_document(here.sets, here.context("").rstrip("#")), content_type=JSON),
            "$metadata": lambda here: Reply(200, metadata(here.sets), XML),
            "entityDefinitions": self._definitions,
            "companies": self._companies,
        }
        if len(segments) < 2 and (segments or [""])[0] in roots:  # noqa: PLR2004  no company in the path
            return roots[(segments or [""])[0]](scene)
        name, key = _cut(segments[0])
        if name != "companies":
            return self._in_company(scene, self._company(scene, _company_option(scene.call)), segments)
        company = self._company(scene, key or "")
        if len(segments) == 1:
            return self._one_company(scene, company)
        return self._in_company(scene, company, segments[1:])

    def _definitions(self, scene: _Scene) -> Reply:
        wanted = dict(pairs_of(scene.call.query)).get("$filter")
        found = _DEFINITION_FILTER.match(wanted) if wanted else None
        if wanted and not found:
            raise bad_request("The filter on entityDefinitions is not supported.")
        body = definitions(scene.sets, scene.context("entityDefinitions"), found[1] if found else None)
        return json_reply(body, content_type=JSON)

    def _environments(self, call: Call, tenant: Tenant) -> Reply:
        if call.method != "GET":
            raise method_not_allowed(call.method, "environments")
        rows = [
            {
                "aadTenantId": tenant.id,
                "applicationFamily": "BusinessCentral",
                "type": each.kind,
                "name": each.name,
                "countryCode": each.country,
                "webServiceUrl": BC_AUDIENCE,
                "webClientLoginUrl": f"https://businesscentral.dynamics.com/{tenant.id}/{each.name}",
                "ringName": "PROD",
            }
            for each in tenant.environments
        ]
        return json_reply({"value": rows})

    def _companies(self, scene: _Scene) -> Reply:
        filtered = self._switches().companies_list == "filtered"
        seen = [each for each in scene.environment.companies.values() if not filtered or _may_use(scene.app, each)]
        source = ListSource(
            ({**_company_row(each), "lastModifiedDateTime": wire_time(_CREATED)} for each in seen), "name"
        )
        view = View("", Table(source, "name"), COMPANIES, {}, self._switches())
        query = parse_query(pairs_of(scene.call.query), COMPANIES)
        place = Place(scene.call.origin, scene.call.path, scene.call.query, scene.context("companies"))
        page = Library().page(view, query, self._size(scene.call), place, scene.fault)
        return Reply(200, page.body, JSON, rows=page.rows)

    def _company(self, scene: _Scene, name: str) -> Company:
        for each in scene.environment.companies.values():
            if name.lower() == each.id or name == each.name:
                if _may_use(scene.app, each):
                    return each
                raise RefusedError(403, "Authorization_RequestDenied", "You do not have access to this company.")
        status = int(self._switches().company_not_found)
        raise RefusedError(status, "Internal_CompanyNotFound", f'The company "{name}" does not exist.')

    def _one_company(self, scene: _Scene, company: Company) -> Reply:
        context = scene.context("companies/$entity")
        return json_reply({"@odata.context": context, **_company_row(company)}, content_type=JSON)

    def _in_company(self, scene: _Scene, company: Company, segments: list[str]) -> Reply:
        name, key = _cut(segments[0])
        entity_set = scene.sets.get(name)
        if entity_set is None or segments[1:] not in ([], ["$count"]):
            raise unknown_segment(name if entity_set is None else segments[1])
        switches = self._switches()
        if switches.display_name_2 == "absent":
            entity_set = entity_set.without("displayName2")
        view = View(company.id, company.tables[entity_set.table], entity_set, company.tables, switches)
        query = parse_query(pairs_of(scene.call.query), entity_set)
        if segments[1:]:
            mark = b"\xef\xbb\xbf" if switches.count_mark == "sent" else b""
            return Reply(200, mark + b"%d" % self._library.count(view, query), "text/plain; charset=utf-8")
        tail = f"companies({company.id})/{entity_set.name}"
        if key is not None:
            return self._one_row(scene.context(f"{tail}/$entity"), view, query, key)
        place = Place(scene.call.origin, scene.call.path, scene.call.query, scene.context(tail))
        return self._list(scene, view, query, place)

    def _one_row(self, context: str, view: View, query: Query, key: str) -> Reply:
        if not _GUID.match(key):
            raise bad_request("Bad Request - Error in query syntax.", code="BadRequest_NotFound")
        slot = view.table.find(key.lower())
        if slot is None:
            raise record_not_found()
        row = self._library.writer(view, query).one(slot)
        return Reply(200, b'{"@odata.context":"' + context.encode() + b'",' + row[1:], JSON, rows=1)

    def _list(self, scene: _Scene, view: View, query: Query, place: Place) -> Reply:
        size = self._size(scene.call)
        page = self._library.page(view, query, size, place, scene.fault)
        if page.link and view.switches.preference == "remembered":
            self._remember(page.link, size)
        self._hooks.page_served(view.company_id, view.entity_set.name)
        applied = view.switches.preference_applied == "sent" and _SIZE.search(scene.call.headers.get("prefer", ""))
        headers = {"Preference-Applied": f"odata.maxpagesize={size}"} if applied else {}
        return Reply(200, page.body, JSON, headers, page.rows)

    def _size(self, call: Call) -> int:
        most = self._switches().max_page_size
        asked = _SIZE.search(call.headers.get("prefer", ""))
        if asked is None:
            return min(self._sizes.get(f"{call.origin}{call.target}", most), most)
        if int(asked[1]) > most and self._switches().oversize_page == "413":
            raise RefusedError(413, "BadRequest", "The page size is larger than the server allows.")
        return max(1, min(int(asked[1]), most))

    def _remember(self, link: str, size: int) -> None:
        if len(self._sizes) >= _REMEMBERED:
            self._sizes.clear()
        self._sizes[link] = size


def authorize(issued: Issued | None, now: float) -> Issued:
    """Return what is known of the caller's token.

    Raises:
        RefusedError: 401: no token, unknown, expired, for another audience, or of an app that may not enter.
    """
    enters = (
        issued is not None
        and now < issued.expires
        and issued.audience == BC_AUDIENCE
        and (issued.user or issued.app.state not in {AppState.DISABLED_IN_BC, AppState.WITHOUT_ROLES})
    )
    if issued is None or not enters:
        raise unauthorized()
    return issued


def _cut(segment: str) -> tuple[str, str | None]:
    found = _SEGMENT.match(segment)
    if found is None:
        raise unknown_segment(segment)
    return found[1], found[2]


def _company_option(call: Call) -> str:
    return dict(pairs_of(call.query)).get("company", "")


def _may_use(app: App, company: Company) -> bool:
    return not app.companies or company.id in app.companies


def _company_row(company: Company) -> dict[str, Any]:
    return {
        "id": company.id,
        "systemVersion": "29.0.49946.51685",
        "timestamp": 50516,
        "name": company.name,
        "displayName": company.display_name,
        "businessProfileId": "",
        "systemCreatedAt": wire_time(_CREATED),
        "systemCreatedBy": ZERO_GUID,
        "systemModifiedAt": wire_time(_CREATED),
        "systemModifiedBy": ZERO_GUID,
    }
