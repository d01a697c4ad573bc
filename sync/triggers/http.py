"""One way through for every API request: who calls, what is asked, one answer, and what went wrong."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import azure.functions as func
import orjson

from sync.edge import new_trace_id
from sync.model.errors import CallerError, InvalidError, Problem, StaleRecordError, SyncError
from sync.model.integration import AnyIntegration, Bridge, Integration, Owner
from sync.ports import Reply
from sync.services.integrations import require
from sync.triggers.hub import Hub, Hubs
from sync.triggers.idempotency import Reservation, reserve
from sync.triggers.problems import write_problem
from sync.triggers.queries import is_sent_empty

logger = logging.getLogger(__name__)

MOST_ITEMS = 200
USUAL_ITEMS = 50

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")
_JSON = {"Content-Type": "application/json"}
_NO_CONTENT = 204
_ENCODED_SLASH = re.compile("%2F", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller gets: `cursor` leads to the next page of a list, `facts` stand beside `data`."""

    data: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cursor: str | None = None
    facts: Mapping[str, Any] = field(default_factory=lambda: {"success": True})
    kept: Any = None
    """What is kept for a repeated request in place of `data`, when that holds a secret."""


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated request."""

    hub: Hub
    owner: Owner
    request: func.HttpRequest

    @property
    def id(self) -> str:
        """The integration's id of the path."""
        return self.path("id")

    def path(self, name: str) -> str:
        """Return a value of the path; the host decodes everything but a slash."""
        return _ENCODED_SLASH.sub("/", self.request.route_params[name])

    def integration(self) -> Integration:
        """Return the integration with Business Central of the path.

        Raises:
            NotFoundError: There is none, or it is someone else's.
            StateError: It connects Dynamics 365 Sales with Oneflow (WRONG_KIND).
        """
        return require(self.hub.desk.integrations, self.owner, self.id)

    def bridge(self) -> Bridge:
        """Return the integration of the path between Dynamics 365 Sales and Oneflow (raises as integration does)."""
        return require(self.hub.bridges.integrations, self.owner, self.id)

    def either(self) -> AnyIntegration:
        """Return the integration of the path, whatever it connects (NotFoundError as above)."""
        return require(self.hub.directory, self.owner, self.id)

    @property
    def paging(self) -> dict[str, Any]:
        """`limit` and `cursor` of a list (InvalidError when the limit is none)."""
        text = self.request.params.get("limit") or str(USUAL_ITEMS)
        text = "" if is_sent_empty(self.request, "limit") else text
        limit = int(text) if re.fullmatch("[0-9]{1,4}", text, re.ASCII) else 0
        if not 1 <= limit <= MOST_ITEMS:
            problem = Problem("/limit", "OUT_OF_RANGE", f"A page has 1 to {MOST_ITEMS} items.")
            raise InvalidError("The page cannot be that long", problem)
        return {"limit": limit, "cursor": self.request.params.get("cursor") or None}

    def check_match(self, tag: str) -> None:
        """Make sure that the caller has seen what is about to be changed.

        Raises:
            CallerError: If-Match is missing (IF_MATCH_MISSING).
            StaleRecordError: It names another version.
        """
        given = self.request.headers.get("if-match")
        if not given:
            raise CallerError("Send the ETag of what you change in If-Match", code="IF_MATCH_MISSING")
        if not {each.strip().removeprefix("W/") for each in given.split(",")} & {tag, "*"}:
            raise StaleRecordError("It was changed since you read it: read it again")


type Body = Callable[[Call], Answer | Reply]


@dataclass(frozen=True, slots=True)
class Route[B]:
    """A route of the API below `api/`, and what answers it; `repeatable` honours an Idempotency-Key.

    `revive` gives a kept answer back what must not be kept with it.
    """

    method: str
    path: str
    body: B
    name: str
    repeatable: bool = False
    revive: Callable[[Call, Reply], Reply] = lambda _, kept: kept

    @property
    def template(self) -> str:
        """The whole route as the host knows it."""
        return f"api/{self.path}"


def blueprint_of(hubs: Hubs, *routes: Route[Body]) -> func.Blueprint:
    """Return a blueprint with these routes."""
    blueprint = func.Blueprint()  # type: ignore[no-untyped-call]  # the SDK has no types here
    for route in routes:
        _register(blueprint, hubs, route)
    return blueprint


def _register(blueprint: func.Blueprint, hubs: Hubs, route: Route[Body]) -> None:
    def handle(req: func.HttpRequest) -> func.HttpResponse:
        visit = Visit(hubs, req, route)
        return visit.leave(visit.attempt(lambda: visit.enter(route.body)))

    handle.__name__ = route.name
    blueprint.route(route=route.template, methods=[route.method], auth_level=func.AuthLevel.FUNCTION)(handle)


class Visit:
    """One request from its arrival to its answer."""

    def __init__(self, hubs: Hubs, request: func.HttpRequest, route: Route[Any]) -> None:
        self._hubs = hubs
        self._request = request
        self._route = route
        self._began = perf_counter()
        self._call: Call | None = None
        self._reservation: Reservation | None = None
        self.trace_id = trace_id_of(request)

    def enter[T](self, body: Callable[[Call], T]) -> T | Reply:
        """Find out who calls, and ask the body; or return the answer that the same request had before."""
        hub = self._hubs()
        owner = hub.verifier.owner_of(self._request.headers.get("authorization"))
        self._call = call = Call(hub, owner, self._request)
        if self._route.repeatable:
            found = reserve(hub.replies, owner, request=self._request, now=hub.desk.clock.now())
            if isinstance(found, Reply):
                revived = self._route.revive(call, found)
                return replace(revived, headers={**found.headers, "Idempotency-Replayed": "true"})
            self._reservation = found
        return body(call)

    def attempt[T](self, work: Callable[[], T]) -> T | Reply:
        """Return what the work returns, or the problem that it ends in."""
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - a trigger answers for everything
            return self.refuse(error)

    def refuse(self, error: Exception) -> Reply:
        """Return the problem that tells about an error; one that nobody expected is logged."""
        known = error if isinstance(error, SyncError) else SyncError("Something went wrong; it is logged")
        if known is not error:
            logger.error("request failed", exc_info=error, extra={"trace": self.trace_id, "route": self._route.name})
        return write_problem(known, instance=urlsplit(self._request.url).path, trace_id=self.trace_id)

    def leave(self, outcome: Answer | Reply) -> func.HttpResponse:
        """Answer, and keep the answer when the request may be repeated."""
        reply = self._written(outcome) if isinstance(outcome, Answer) else outcome
        reservation = self._reservation
        if reservation is not None:
            kept = self._kept(outcome, reply)
            self.attempt(lambda: reservation.settle(kept))
        milliseconds = round((perf_counter() - self._began) * 1000, 1)
        facts = {"route": self._route.name, "status": reply.status, "ms": milliseconds, "trace": self.trace_id}
        logger.info("request answered", extra=facts)
        return respond(reply, self.trace_id)

    def _kept(self, outcome: Answer | Reply, reply: Reply) -> Reply:
        """Return what is kept of an answer for a repeated request: no secret."""
        if isinstance(outcome, Answer) and outcome.kept is not None:
            return self._written(replace(outcome, data=outcome.kept))
        return reply

    def _written(self, answer: Answer) -> Reply:
        if answer.status == _NO_CONTENT:
            return Reply(_NO_CONTENT, dict(answer.headers), "")
        body = {**answer.facts, "data": answer.data}
        if answer.cursor is not None and self._call is not None:
            body["nextLink"] = next_link(self._request.url, answer.cursor, base=self._call.hub.public_url)
        return Reply(answer.status, {**_JSON, **answer.headers}, orjson.dumps(body).decode())


def respond(reply: Reply, trace_id: str) -> func.HttpResponse:
    """Return a reply as the host takes it; nothing on the way may keep it."""
    headers = {**reply.headers, "X-Trace-Id": trace_id, "Cache-Control": "no-store"}
    media = "application/json" if reply.body else "text/plain"
    return func.HttpResponse(reply.body, status_code=reply.status, headers=headers, mimetype=media)


def trace_id_of(request: func.HttpRequest) -> str:
    """Return the trace that the request belongs to, a new one if it names none."""
    known = _TRACEPARENT.fullmatch(request.headers.get("traceparent", ""))
    return known[1] if known else new_trace_id()


def next_link(url: str, cursor: str, *, base: str | None) -> str:
    """Return the address of the next page, with the same question; `base` is the hub's own, if it has one."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name != "cursor"]
    return f"{base or f'{parts.scheme}://{parts.netloc}'}{parts.path}?{urlencode([*kept, ('cursor', cursor)])}"
