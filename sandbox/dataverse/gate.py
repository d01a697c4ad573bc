"""The way of a request into the simulated Dataverse: journal, faults, token, limits, answer, and what follows."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.arrivals import Porter, intercepted, planned_reply
from sandbox.business_central import Call
from sandbox.clock import Clock
from sandbox.courier import Courier
from sandbox.dataverse.batch import Batch
from sandbox.dataverse.edits import Hooks, Order, edited
from sandbox.dataverse.home import Caller, Change, Home
from sandbox.dataverse.limits import Limits, Load
from sandbox.dataverse.posts import Postman
from sandbox.dataverse.preferences import Preferences, preferences
from sandbox.dataverse.refusals import DataverseError, unknown_segment
from sandbox.dataverse.requests import Request
from sandbox.dataverse.seeds import seeded
from sandbox.dataverse.service import Service
from sandbox.dataverse.store import Store
from sandbox.dataverse.switches import DataverseSwitches
from sandbox.dataverse.tables import CATALOG
from sandbox.dataverse.users import accepted, admitted, application_users, unauthorized
from sandbox.dataverse.writes import Work
from sandbox.faults import Effect, Fault, FaultPlan
from sandbox.journal import Entry, Journal
from sandbox.replies import BODY_TYPES, Delivery, Reply, correlation, error_body
from sandbox.tokens import TokenMint
from sandbox.world import TENANT_ONE, World

PREFIX = "/api/data/"
_VERSION = re.compile(r"^v9\.\d+$")
_JOURNALED = (
    "if-match", "if-none-match", "prefer", "user-agent", "odata-version", "odata-maxversion", "content-type", "accept",
    "mscrm.suppressduplicatedetection", "mscrmcallerid", "callerobjectid", "x-ms-client-request-id",
)  # fmt: skip
_THROTTLED = 429


@dataclass(frozen=True, slots=True)
class Deals:
    """How many opportunities are generated beside the demo rows, and from which seed."""

    count: int = 0
    seed: int = 1


@dataclass(slots=True)
class Dataverse:
    """One simulated organization behind one origin."""

    clock: Clock
    mint: TokenMint
    journal: Journal
    faults: FaultPlan
    courier: Courier
    deals: Deals = field(default_factory=Deals)
    initial: DataverseSwitches = field(default_factory=DataverseSwitches)
    switches: DataverseSwitches = field(default_factory=DataverseSwitches)
    home: Home = field(init=False)
    service: Service = field(init=False)
    limits: Limits = field(init=False)
    postman: Postman = field(init=False)
    callers: dict[str, Caller] = field(init=False)
    hooks: Hooks = field(default_factory=Hooks)

    def reset(self, world: World) -> None:
        """Go back to the start: rows, users, switches, loads, hooks, what waits to be sent."""
        self.switches = self.initial
        store = seeded(CATALOG, self.deals.count, self.deals.seed)
        self.home = Home(CATALOG, store, self.clock, lambda: self.switches)
        self.service = Service(self.home)
        self.limits = Limits(self.clock, lambda: self.switches)
        self.callers = application_users(world, store)
        self.hooks.clear()
        self.postman.move(self.home)

    def __post_init__(self) -> None:
        unfilled = Home(CATALOG, Store(), self.clock, lambda: self.switches)
        self.postman = Postman(unfilled, self.faults, self.courier)

    async def run(self) -> None:
        """Send webhooks until cancelled."""
        while True:
            await self.postman.glance()

    async def ask(self, call: Call, body: bytes) -> Reply:
        """Answer one call, as a reply in any case."""
        issued = self.mint.issued.get(call.headers.get("authorization", "").removeprefix("Bearer "))
        entry = Porter(self.journal, "dataverse", _JOURNALED).enter(
            call, issued.principal if issued else "", self.clock.now()
        )
        load = self.limits.of(entry.principal)
        entry.early = self.limits.arrive(load)
        try:
            fault = self.faults.due("dataverse", call.target, entry.principal)
            reply = await intercepted(fault, entry, self._planned) or await self._answered(call, body, entry, load)
        finally:
            self.limits.leave(load)
        reply = self._after(fault, reply)
        entry.status, entry.rows, entry.bytes = reply.status, reply.rows, len(reply.body)
        self.edit(self.hooks.due(call.method, call.target))
        return self._identified(reply, call)

    def edit(self, orders: list[Order]) -> list[Change]:
        """Change rows as somebody else would, webhooks included.

        Raises:
            DataverseError: A change is refused.
            LookupError: There is no such table or row.
        """
        changes = edited(self.home, orders)
        self.postman.told(changes)
        return changes

    async def _answered(self, call: Call, body: bytes, entry: Entry, load: Load) -> Reply:
        if self.switches.latency_ms:
            await asyncio.sleep(self.switches.latency_ms / 1000)
        issued = accepted(
            self.mint.issued.get(call.headers.get("authorization", "").removeprefix("Bearer ")),
            _origin(call),
            self.clock.now(),
        )
        wanted = preferences(call.headers.get("prefer", ""))
        if issued is None:
            return self._unauthorized(call)
        try:
            caller = admitted(self.callers.get(issued.app.client_id), self.switches)
            self.limits.admit(load)
            reply, works = self._routed(_request(call, body), caller, wanted)
        except DataverseError as error:
            return self.service.refusal(error, wanted)
        self.limits.spend(load, self.switches.request_ms * max(1, len(works)))
        changes = [change for work in works for change in work.changes]
        entry.changes = [change.journaled() for change in changes]
        self.postman.told(changes)
        hint = {"x-ms-dop-hint": str(self.switches.parallelism)} if "WhoAmI" in call.path else {}
        return reply.with_headers({**self.limits.remaining(load), **hint})

    def _routed(self, request: Request, caller: Caller, wanted: Preferences) -> tuple[Reply, list[Work]]:
        caller = self._impersonated(request, caller)
        if request.path.strip("/") == "$batch" and request.method == "POST":
            batch = Batch(self.home, lambda part: self.service.answer(part, caller), request, wanted.goes_on)
            return batch.answer(), batch.works
        reply, work = self.service.answer(request, caller)
        return reply, [work]

    def _impersonated(self, request: Request, caller: Caller) -> Caller:
        wanted = request.headers.get("mscrmcallerid", "").lower()
        known = wanted and self.home.store.get("systemuser", wanted)
        return replace(caller, user=wanted) if known else caller

    def _unauthorized(self, call: Call) -> Reply:
        headers = unauthorized(TENANT_ONE, _origin(call))
        if self.switches.unauthorized_body == "json":
            body = error_body("json", "0x80040204", "The caller is not authenticated.")
            return Reply(401, body, BODY_TYPES["json"], headers)
        return Reply(401, b"", "", headers)

    def _planned(self, fault: Fault) -> Reply:
        return planned_reply(fault, self.clock.now())

    def _after(self, fault: Fault | None, reply: Reply) -> Reply:
        """Distort a reply after the work was done."""
        distort: dict[Effect, Callable[[Fault], Reply]] = {
            Effect.LATE: self._planned,
            Effect.LOST: lambda _fault: Reply(0, delivery=Delivery.RESET),
            Effect.CUT: lambda each: replace(reply, delivery=Delivery.CUT, cut_at=each.cut_at),
            Effect.CONTENT_TYPE: lambda each: replace(reply, content_type=each.content_type or "text/html"),
            Effect.FOREIGN: lambda _fault: replace(
                reply, body=re.sub(rb'(Link":")https?://[^/]+', rb"\1https://elsewhere.example", reply.body)
            ),
        }
        act = distort.get(fault.effect) if fault else None
        return act(fault) if act and fault else reply

    @staticmethod
    def _identified(reply: Reply, call: Call) -> Reply:
        identity = correlation(call.number)
        return reply.with_headers({"REQ_ID": identity, "x-ms-service-request-id": identity})

    def report(self) -> dict[str, Any]:
        """Return the load of every user."""
        kept = ("most_at_once", "throttled", "early")
        return {name: {each: getattr(load, each) for each in kept} for name, load in self.limits.loads.items()}


def _request(call: Call, body: bytes) -> Request:
    version, _, path = call.path.removeprefix(PREFIX).partition("/")
    if not _VERSION.match(version):
        raise unknown_segment(version)
    return Request(call.method, f"{_origin(call)}{PREFIX}{version}", path, call.query, call.headers, body)


def _origin(call: Call) -> str:
    """Return the address that the caller sees: behind the names of the real service there is TLS."""
    secure = call.origin.endswith(".dynamics.com")
    return call.origin.replace("http://", "https://") if secure else call.origin
