"""The simulated Oneflow as a whole: who calls, how often, with which fault, and what comes back."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sandbox.arrivals import Porter, intercepted
from sandbox.business_central import Call
from sandbox.clock import Clock
from sandbox.courier import Courier
from sandbox.faults import Effect, Fault, FaultPlan
from sandbox.journal import Entry, Journal
from sandbox.oneflow.accounts import accounts
from sandbox.oneflow.api import CREATOR, answer, find
from sandbox.oneflow.asked import Asked, Redirect
from sandbox.oneflow.bodies import read_body
from sandbox.oneflow.contracts import expire_late
from sandbox.oneflow.doing import Doing
from sandbox.oneflow.limits import RateLimit, Usage
from sandbox.oneflow.model import Account, Numbers, Webhook
from sandbox.oneflow.people import Act, perform
from sandbox.oneflow.refusals import OneflowError, refusal, throttled, unauthorized
from sandbox.oneflow.sender import Sender
from sandbox.oneflow.shapes import Shapes
from sandbox.oneflow.switches import OneflowSwitches
from sandbox.replies import BODY_TYPES, Delivery, Reply, error_body, json_reply, retry_after, told

PREFIX = "/v1"

_TOKEN = re.compile(r"[a-zA-Z0-9-]{40}")
_DOWNLOAD = re.compile(r"/_files/\d+/\d+")
_JOURNALED = ("user-agent", "accept", "content-type", "x-oneflow-user-email", "x-oneflow-custom-source")
_JSON = "application/json"
_THROTTLED = 429
_MILLIS = 1000
_PDF = b"%PDF-1.4\n%%EOF\n"


class OneflowSystem:
    """State of the simulated Oneflow, and the way of a request through it."""

    def __init__(self, clock: Clock, faults: FaultPlan, journal: Journal, courier: Courier) -> None:
        self._clock = clock
        self._faults = faults
        self._journal = journal
        self.sender = Sender(clock, lambda: self.switches, faults, courier)
        self.reset()

    def reset(self) -> None:
        """Go back to the start: accounts, switches, limits, notices."""
        self.switches = OneflowSwitches()
        self.accounts: dict[str, Account] = accounts()
        self.numbers = Numbers()
        self.limit = RateLimit(self._clock, lambda: self.switches)
        self.sender.clear()

    async def run_sender(self) -> None:
        """Send notices until cancelled."""
        await self.sender.run(self._is_registered)

    async def ask(self, call: Call, body: bytes) -> Reply:
        """Answer one call, as a reply in any case."""
        path = call.path.removeprefix(PREFIX)
        if _DOWNLOAD.fullmatch(path):
            return Reply(200, _PDF, "binary/octet-stream")
        account = self._account(call)
        porter = Porter(self._journal, "oneflow", _JOURNALED)
        entry = porter.enter(call, account.name if account else "", self._clock.now())
        usage = self.limit.of(entry.principal)
        entry.early = usage.arrive(self._clock.now())
        try:
            reply = await self._admitted(call, path, body, usage, entry)
        finally:
            usage.leave()
        return self._answered(reply, usage, entry)

    def act(self, act: Act) -> list[dict[str, Any]]:
        """Do what a person does, and return what changed.

        Raises:
            LookupError: There is no such contract, action, field or participant.
            OneflowError: The contract's state does not allow it.
        """
        for account in self.accounts.values():
            if act.contract in account.contracts:
                doing = self._doing(account, by_api=False)
                perform(act, doing)
                self.sender.tell(doing)
                return doing.changes
        raise LookupError(f"no contract {act.contract}")

    async def _admitted(self, call: Call, path: str, body: bytes, usage: Usage, entry: Entry) -> Reply:
        account = self._account(call)
        if account and not self.limit.admit(usage, f"{call.method} {re.sub(r'[0-9]+', 'ID', path)}"):
            wait = retry_after(self.switches.throttle_retry_after, self.limit.wait_seconds(usage), self._clock.now())
            return told(throttled(), wait)
        if self.switches.latency_ms:
            await asyncio.sleep(self.switches.latency_ms / _MILLIS)
        fault = self._faults.due("oneflow", call.target, entry.principal)
        early = await intercepted(fault, entry, self._planned)
        if early:
            return early
        return _broken(self._carried_out(call, path, body, account, entry), fault)

    def _carried_out(self, call: Call, path: str, body: bytes, account: Account | None, entry: Entry) -> Reply:
        base = f"{call.origin}{PREFIX}"
        try:
            if account is None:
                raise unauthorized()
            email = self._email(call, account)
            doing = self._doing(account, by_api=True)
            route, keys = find(call.method, path)
            asked = Asked(path, call.query, keys, read_body(body), email, doing, Shapes(base, self.switches))
            try:
                result = answer(route, asked)
            finally:
                entry.changes = doing.changes
                self.sender.tell(doing)
        except OneflowError as error:
            return refusal(error, call.number, base)
        if isinstance(result, Redirect):
            return Reply(302, b"", "", {"Location": f"{base}{result.path}?X-Amz-Expires=60"})
        return json_reply(result, content_type=_JSON)

    def _doing(self, account: Account, *, by_api: bool) -> Doing:
        late = Doing(account, self.numbers, self.switches, int(self._clock.now()), by_api=False)
        expire_late(late)
        self.sender.tell(late)
        return replace(late, by_api=by_api, changes=[], happened=[])

    def _account(self, call: Call) -> Account | None:
        token = call.headers.get("x-oneflow-api-token", "")
        found = self.accounts.get(token) if _TOKEN.fullmatch(token) else None
        return None if found is None or found.revoked else found

    @staticmethod
    def _email(call: Call, account: Account) -> str:
        email = call.headers.get("x-oneflow-user-email", "")
        if email and email != CREATOR and account.user(email) is None:
            raise unauthorized()
        return email

    def _answered(self, reply: Reply, usage: Usage, entry: Entry) -> Reply:
        entry.status, entry.bytes = reply.status, len(reply.body)
        usage.throttled += reply.status == _THROTTLED
        usage.not_before = max(usage.not_before, reply.not_before)
        return reply

    def _planned(self, fault: Fault) -> Reply:
        wait = retry_after(fault.retry_form, fault.retry_after or 0, self._clock.now())
        if fault.text is None and fault.body == "json":
            reply = (
                throttled() if fault.status == _THROTTLED else refusal(OneflowError(fault.status, fault.message), 0, "")
            )
        else:
            body = error_body(fault.body, fault.code, fault.message) if fault.text is None else fault.text.encode()
            reply = Reply(fault.status, body, fault.content_type or BODY_TYPES.get(fault.body, ""))
        return told(reply.with_headers(fault.headers), wait if fault.retry_after is not None else None)

    def _is_registered(self, webhook: Webhook) -> bool:
        return any(each.webhooks.get(webhook.id) is webhook for each in self.accounts.values())


def _broken(reply: Reply, fault: Fault | None) -> Reply:
    """Spoil a reply to a request that was carried out."""
    breaks: dict[Effect, Callable[[Fault], Reply]] = {
        Effect.CUT: lambda found: replace(reply, delivery=Delivery.CUT, cut_at=found.cut_at),
        Effect.LOSE: lambda _: replace(reply, delivery=Delivery.RESET),
        Effect.CONTENT_TYPE: lambda found: replace(reply, content_type=found.content_type or "text/html"),
    }
    return breaks[fault.effect](fault) if fault and fault.effect in breaks else reply
