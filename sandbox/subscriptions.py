"""Subscriptions to changes of the simulated Business Central: made and renewed with a handshake, gone after days."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID, uuid4

import orjson

from sandbox.clock import MICROS, Clock, wire_time
from sandbox.courier import Courier
from sandbox.refusals import RefusedError, bad_request, method_not_allowed, record_not_found, unknown_segment
from sandbox.replies import JSON, Reply
from sandbox.rows import etag
from sandbox.schema import ROUTES
from sandbox.switches import Switches
from sandbox.world import App, Environment

SUPPORTED = frozenset(
    {"vendors", "items", "itemCategories", "unitsOfMeasure", "countriesRegions", "companyInformation"}
)
"""Sets of the standard route that this simulation has and that Business Central sends notices of."""

_STANDARD = "v2.0"
_SEGMENT = re.compile(r"^subscriptions(?:\('?([^')]*)'?\))?$")
_RESOURCE = re.compile(r"^/?api/(?P<route>.+)/companies\((?P<company>[0-9a-fA-F-]{36})\)/(?P<set>\w+)$")
_HANDSHAKE_SECONDS = 5.0
_LONGEST_STATE = 2048
_WRITABLE = frozenset({"notificationUrl", "resource", "clientState"})


@dataclass(slots=True)
class Subscription:
    """Who is told of the changes of one set of one company; times in seconds since 1970."""

    id: str
    environment: Environment
    user: str
    url: str
    resource: str
    company: str
    route: str
    set: str
    state: str
    created: float
    modified: float
    expires: float

    @property
    def table(self) -> str:
        """The table whose changes it is about."""
        return ROUTES[self.route][self.set].table

    def shown(self) -> dict[str, Any]:
        """Return it as the API shows it, without its tag."""
        return {
            "subscriptionId": self.id,
            "notificationUrl": self.url,
            "resource": self.resource,
            "timestamp": round(self.modified * 1000),
            "userId": self.user,
            "lastModifiedDateTime": _written(self.modified),
            "clientState": self.state,
            "expirationDateTime": _written(self.expires),
            "systemCreatedAt": _written(self.created),
            "systemCreatedBy": self.user,
            "systemModifiedAt": _written(self.modified),
            "systemModifiedBy": self.user,
        }

    @property
    def tag(self) -> str:
        """Its ETag."""
        return etag(orjson.dumps(self.shown()))


@dataclass(frozen=True, slots=True)
class Request:
    """A request below `subscriptions`, for a caller who is known."""

    method: str
    environment: Environment
    app: App
    route: str
    context: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Subscriptions:
    """All subscriptions of all environments."""

    clock: Clock
    switches: Callable[[], Switches]
    courier: Courier
    _rows: dict[str, Subscription] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget all."""
        self._rows.clear()

    def living(self) -> list[Subscription]:
        """Return those that have not expired, oldest first."""
        now = self.clock.now()
        for late in [each.id for each in self._rows.values() if each.expires <= now]:
            del self._rows[late]
        return list(self._rows.values())

    def remove(self, wanted: Callable[[Subscription], bool]) -> int:
        """Remove subscriptions without a word to anybody; return how many."""
        found = [each.id for each in self.living() if wanted(each)]
        for each in found:
            del self._rows[each]
        return len(found)

    async def answer(self, segments: list[str], request: Request) -> Reply:
        """Answer one request.

        Raises:
            RefusedError: The answer is an error.
        """
        found = _SEGMENT.match(segments[0])
        if found is None or len(segments) > 1:
            raise unknown_segment(segments[-1])
        if found[1] is None:
            return await self._collection(request)
        row = next((each for each in self._seen(request) if each.id == found[1]), None)
        if row is None:
            raise record_not_found()
        if request.method == "GET":
            return _one(request, row)
        if request.method not in {"PATCH", "DELETE"}:
            raise method_not_allowed(request.method, "subscriptions")
        self._check_match(request, row)
        if request.method == "PATCH":
            return await self._renew(request, row)
        self._rows.pop(row.id, None)
        return Reply(204, b"", "")

    async def _collection(self, request: Request) -> Reply:
        if request.method == "GET":
            rows = [{"@odata.etag": each.tag, **each.shown()} for each in self._seen(request)]
            return Reply(200, orjson.dumps({"@odata.context": request.context, "value": rows}), JSON, rows=len(rows))
        if request.method != "POST":
            raise method_not_allowed(request.method, "subscriptions")
        return await self._create(request)

    async def _create(self, request: Request) -> Reply:
        now = self.clock.now()
        wanted = self._wanted(request, _fields(request.body))
        mine = [each for each in self.living() if each.environment is request.environment]
        if len(mine) >= self.switches().subscription_limit:
            raise bad_request("The maximum number of subscriptions has been reached.")
        await self._shake_hands(wanted["url"])
        row = Subscription(
            id=uuid4().hex,
            environment=request.environment,
            user=str(UUID(request.app.client_id)),
            created=now,
            modified=now,
            expires=self.clock.now() + self.switches().subscription_seconds,
            **wanted,
        )
        self._rows[row.id] = row
        return _one(request, row, status=201)

    async def _renew(self, request: Request, row: Subscription) -> Reply:
        given = {"notificationUrl": row.url, "resource": row.resource, "clientState": row.state}
        wanted = self._wanted(request, {**given, **_fields(request.body)})
        await self._shake_hands(wanted["url"])
        for name, value in wanted.items():
            setattr(row, name, value)
        row.modified = self.clock.now()
        row.expires = row.modified + self.switches().subscription_seconds
        return _one(request, row)

    def _check_match(self, request: Request, row: Subscription) -> None:
        given = request.headers.get("if-match")
        if not given:
            raise bad_request("The If-Match header is missing or malformed.", code="BadRequest_InvalidToken")
        if given not in {"*", row.tag}:
            status = int(self.switches().stale_tag)
            raise RefusedError(status, "Request_EntityChanged", "Another user has already changed the record.")

    def _seen(self, request: Request) -> list[Subscription]:
        return [each for each in self.living() if each.environment is request.environment]

    def _wanted(self, request: Request, values: dict[str, Any]) -> dict[str, Any]:
        url, resource = str(values.get("notificationUrl", "")), str(values.get("resource", ""))
        scheme = urlsplit(url).scheme
        if scheme not in ({"https"} if self.switches().notification_scheme == "https" else {"http", "https"}):
            raise bad_request("The notification URL is not valid.")
        found = _RESOURCE.match(resource)
        if found is None or found["route"] != request.route or found["set"] not in ROUTES[request.route]:
            raise bad_request(f"The resource '{resource}' is not valid.")
        if request.route == _STANDARD and found["set"] not in SUPPORTED:
            raise bad_request(f"The resource '{resource}' does not support webhooks.")
        if found["company"].lower() not in request.environment.companies:
            raise bad_request("The company does not exist.", code="Internal_CompanyNotFound")
        state = str(values.get("clientState", ""))
        if len(state) > _LONGEST_STATE:
            raise bad_request("The client state is too long.", code="Application_StringExceededLength")
        where = {"company": found["company"].lower(), "route": request.route, "set": found["set"]}
        return {"url": url, "resource": resource, "state": state, **where}

    async def _shake_hands(self, url: str) -> None:
        token = uuid4().hex
        address = f"{url}{'&' if urlsplit(url).query else '?'}validationToken={quote(token)}"
        method = self.switches().handshake_method
        heard = await self.courier.carry(method, address, seconds=_HANDSHAKE_SECONDS)
        if heard is None or heard.status != 200 or heard.body != token.encode():  # noqa: PLR2004  as documented
            raise bad_request("The notification URL did not answer the validation request.")


def _fields(body: bytes) -> dict[str, Any]:
    try:
        values = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        raise bad_request("The request body is not valid.") from None
    if not isinstance(values, dict) or not all(isinstance(values[name], str) for name in _WRITABLE & values.keys()):
        raise bad_request("The request body is not valid.")
    return {name: values[name] for name in _WRITABLE & values.keys()}


def _one(request: Request, row: Subscription, status: int = 200) -> Reply:
    body = {"@odata.context": f"{request.context}/$entity", "@odata.etag": row.tag, **row.shown()}
    return Reply(status, orjson.dumps(body), JSON, rows=1)


def _written(seconds: float) -> str:
    return wire_time(round(seconds * 1000) * (MICROS // 1000))
