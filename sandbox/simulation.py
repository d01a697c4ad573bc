"""All simulated parts together, and the way of a request through them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sandbox.arrivals import Porter, intercepted, planned_reply
from sandbox.business_central import BusinessCentral, Call, authorize
from sandbox.changes import Changer, PageHooks
from sandbox.clock import MICROS, Clock
from sandbox.courier import LoopbackCourier
from sandbox.datasets import Amounts
from sandbox.dataverse.gate import Dataverse, Deals
from sandbox.entra import Entra, token_form
from sandbox.faults import Effect, Fault, FaultPlan
from sandbox.journal import Entry, Journal
from sandbox.notices import Sender
from sandbox.oneflow.system import OneflowSystem
from sandbox.quota import Quotas, Usage
from sandbox.refusals import RefusedError
from sandbox.replies import Delivery, Reply, refusal, retry_after, told
from sandbox.subscriptions import Subscriptions
from sandbox.switches import Switches
from sandbox.tokens import Issued, TokenMint
from sandbox.world import World

_JOURNALED = ("user-agent", "accept", "prefer", "data-access-intent", "client-request-id", "accept-language")
_JOURNALED_FORM = ("grant_type", "client_id", "scope")
_THROTTLED = 429
_MILLIS = 1000


@dataclass(frozen=True, slots=True)
class Options:
    """What a sandbox starts with: companies of the first tenant's Production, generated amounts, switches, deals."""

    companies: tuple[str, ...] = ("cronus", "contoso", "hostile")
    amounts: Amounts = field(default_factory=Amounts)
    switches: Switches = field(default_factory=Switches)
    deals: Deals = field(default_factory=Deals)


class Simulation:
    """State of one sandbox."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = Clock()
        self.mint = TokenMint(self.clock)
        self.journal = Journal()
        self.faults = FaultPlan()
        courier = LoopbackCourier()
        self.subscriptions = Subscriptions(self.clock, lambda: self.switches, courier)
        self.sender = Sender(self.subscriptions, self.clock, lambda: self.switches, self.faults, courier)
        self.oneflow = OneflowSystem(self.clock, self.faults, self.journal, courier)
        self.dataverse = Dataverse(self.clock, self.mint, self.journal, self.faults, courier, options.deals)
        self.reset()

    def reset(self) -> None:
        """Go back to the start: data, clock, switches, faults, journal, quotas, applications, tokens, subscriptions."""
        self.switches = self.options.switches
        self.clock.offset(0)
        self.journal.reset()
        self.faults.clear()
        self.mint.issued.clear()
        self.subscriptions.clear()
        self.sender.clear()
        self.oneflow.reset()
        self.quotas = Quotas(self.clock, lambda: self.switches)
        self.world = World(self.options.companies, self.options.amounts)
        self.dataverse.reset(self.world)
        self.changer = Changer(self.world, self.clock, self.sender.changed)
        self.hooks = PageHooks(self.changer)
        self.business_central = BusinessCentral(self.world, lambda: self.switches, self.hooks)
        self.entra = Entra(self.world, self.mint, self.clock, lambda: self.switches)

    async def ask_business_central(self, call: Call, body: bytes = b"") -> Reply:
        """Answer one call, as a reply in any case."""
        issued = self._issued(call)
        principal = issued.principal if issued else ""
        entry = Porter(self.journal, "bc", _JOURNALED).enter(call, principal, self.clock.now())
        usage = self.quotas.of(principal)
        entry.early = usage.arrive(self.clock.now())
        try:
            reply = await self._admitted(call, body, usage, entry)
        except RefusedError as error:
            reply = self._throttled(refusal(error, call.number, call.headers.get("accept", "")), usage)
        finally:
            usage.leave()
        return self._answered(reply, usage, entry)

    async def ask_entra(self, call: Call, body: bytes) -> Reply:
        """Answer one call; only form fields that are no secret are journaled."""
        form = token_form(body)
        principal = form.get("client_id", "")
        entry = Porter(self.journal, "entra", _JOURNALED).enter(call, principal, self.clock.now())
        entry.note = {name: form[name] for name in _JOURNALED_FORM if name in form}
        usage = self.quotas.of(f"entra/{principal}")
        entry.early = usage.arrive(self.clock.now()) and call.path.endswith("/token")
        usage.leave()
        fault = self.faults.due("entra", call.target, principal)
        reply = await self._faulted(fault, entry)
        return self._answered(reply or self.entra.answer(call, form), usage, entry)

    async def _admitted(self, call: Call, body: bytes, usage: Usage, entry: Entry) -> Reply:
        issued = self._issued(call)
        if issued:
            await self.quotas.start(usage)
        try:
            fault = self.faults.due("bc", call.target, entry.principal)
            if self.switches.latency_ms:
                await asyncio.sleep(self.switches.latency_ms / _MILLIS)
            faulted = await self._faulted(fault, entry)
            if faulted:
                return faulted
            known = authorize(issued, self.clock.now())
            reply = await self._replied(call, body, known, fault)
            if self.switches.record_us and reply.rows:
                await asyncio.sleep(reply.rows * self.switches.record_us / MICROS)
            return _broken(reply, fault)
        finally:
            if issued:
                self.quotas.finish(usage)

    async def _replied(self, call: Call, body: bytes, issued: Issued, fault: Fault | None) -> Reply:
        asked = self.business_central.subscribing(call, issued, body)
        if asked is None:
            return self.business_central.answer(call, issued, fault)
        return await self.subscriptions.answer(*asked)

    def _issued(self, call: Call) -> Issued | None:
        return self.mint.issued.get(call.headers.get("authorization", "").removeprefix("Bearer "))

    async def _faulted(self, fault: Fault | None, entry: Entry) -> Reply | None:
        return await intercepted(fault, entry, lambda each: planned_reply(each, self.clock.now()))

    def _throttled(self, reply: Reply, usage: Usage) -> Reply:
        if reply.status != _THROTTLED:
            return reply
        wait = self.quotas.wait_seconds(usage)
        return told(reply, retry_after(self.switches.throttle_retry_after, wait, self.clock.now()))

    def _answered(self, reply: Reply, usage: Usage, entry: Entry) -> Reply:
        entry.status, entry.rows, entry.bytes = reply.status, reply.rows, len(reply.body)
        usage.throttled += reply.status == _THROTTLED
        if reply.not_before:
            self.quotas.announce(usage, reply.not_before)
        return reply


def _broken(reply: Reply, fault: Fault | None) -> Reply:
    if fault and fault.effect is Effect.CUT:
        return replace(reply, delivery=Delivery.CUT, cut_at=fault.cut_at)
    if fault and fault.effect is Effect.CONTENT_TYPE:
        return replace(reply, content_type=fault.content_type or "text/html")
    return reply


def lowered(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers by lower-case name."""
    return {name.lower(): value for name, value in headers.items()}
