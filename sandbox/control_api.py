"""The control surface: what /_control answers."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import cattrs

from sandbox.changes import Change
from sandbox.clock import MICROS, parse_time, wire_time
from sandbox.dataverse.orders import Orders
from sandbox.entra_orders import EntraOrders
from sandbox.faults import Fault
from sandbox.oneflow.orders import routes as oneflow_routes
from sandbox.platform import CONSOLE, NAME
from sandbox.simulation import Simulation
from sandbox.switches import changed
from sandbox.tokens import BC_AUDIENCE, HUB_AUDIENCE, HUB_ISSUER
from sandbox.world import USERS, Tenant

type Body = dict[str, Any]
type Answer = dict[str, Any] | list[dict[str, Any]]

_READER = cattrs.Converter(forbid_extra_keys=True)
_ROWS = 1000


@dataclass(frozen=True, slots=True)
class HookOrder:
    """Changes after the nth page of a set."""

    set: str
    after_page: int
    changes: list[Change]
    company: str | None = None


@dataclass(frozen=True, slots=True)
class ClockOrder:
    """One or more moves of the clock, applied in this order."""

    freeze: bool = False
    set: str | None = None
    offset: float | None = None
    advance: float | None = None
    run: bool = False


class ControlApi:
    """Answers by method and path below /_control."""

    def __init__(self, simulation: Simulation, now: Callable[[], float]) -> None:
        self._simulation = simulation
        self._routes: dict[str, Callable[[Body, str], Answer]] = {
            "GET info": self._info,
            "GET journal": self._journal,
            "GET counters": self._counters,
            "GET rows": self._rows,
            "GET switches": lambda _body, _base: asdict(simulation.switches),
            "POST switches": self._switch,
            "GET faults": lambda _body, _base: simulation.faults.report(),
            "POST faults": self._fault,
            "POST faults/clear": lambda _body, _base: _done(simulation.faults.clear),
            "GET hooks": lambda _body, _base: simulation.hooks.report(),
            "POST hooks": self._hook,
            "POST hooks/clear": lambda _body, _base: _done(simulation.hooks.clear),
            "POST changes": self._change,
            "GET subscriptions": self._subscriptions,
            "POST subscriptions/kill": self._kill,
            "GET notices": lambda _body, _base: list(simulation.sender.sent),
            "GET clock": self._clock,
            "POST clock": self._clock,
            "POST reset": lambda _body, _base: _done(simulation.reset),
            "POST journal/reset": self._forget,
            **EntraOrders(simulation, now).routes,
            **oneflow_routes(simulation.oneflow),
            **Orders(simulation.dataverse).routes,
        }

    def answer(self, method: str, path: str, body: Body, base: str) -> tuple[int, Answer]:
        """Return status and JSON; a bad order is 400 and says why."""
        route = self._routes.get(f"{method} {path}")
        if route is None:
            return 404, {"error": f"unknown: {method} {path}", "known": sorted(self._routes)}
        try:
            return 200, route(body, base)
        except (ValueError, LookupError, TypeError, re.PatternError, cattrs.BaseValidationError) as error:
            return 400, {"error": "; ".join(_reasons(error))}

    def _info(self, _body: Body, base: str) -> Answer:
        return {
            "url": base,
            "audience": BC_AUDIENCE,
            "scope": f"{BC_AUDIENCE}/.default",
            "customRoute": "contoso/eudr/v1.0",
            "api": {
                "issuer": HUB_ISSUER,
                "audience": HUB_AUDIENCE,
                "jwksUrl": f"{base}/common/discovery/v2.0/keys",
                "authority": f"{base}/{NAME}/v2.0",
                "consoleClientId": CONSOLE.client_id,
            },
            "users": {
                name: {"id": each.id, "tenantId": each.tenant_id, "owner": f"{each.tenant_id}:{each.id}"}
                for name, each in USERS.items()
            },
            "tenants": [_tenant(each) for each in self._simulation.world.tenants.values()],
        }

    def _journal(self, body: Body, _base: str) -> Answer:
        return self._simulation.journal.since(int(body.get("since", 0)), body.get("part"))

    def _forget(self, _body: Body, _base: str) -> Answer:
        self._simulation.journal.reset()
        self._simulation.oneflow.limit.forget()
        for usage in self._simulation.quotas.usages.values():
            usage.requests = usage.throttled = usage.early = 0
            usage.in_flight_max = usage.in_flight
            usage.running_max = usage.running
            usage.window_max = len(usage.stamps)
        return {}

    def _counters(self, _body: Body, _base: str) -> Answer:
        hidden = {"stamps", "waiting"}
        principals = {
            name: {key: getattr(usage, key) for key in usage.__dataclass_fields__ if key not in hidden}
            for name, usage in self._simulation.quotas.usages.items()
        }
        return {
            **self._simulation.journal.totals(),
            "early": sum(each["early"] for each in principals.values()),
            "inFlightMax": max((each["in_flight_max"] for each in principals.values()), default=0),
            "windowMax": max((each["window_max"] for each in principals.values()), default=0),
            "principals": principals,
        }

    def _rows(self, body: Body, _base: str) -> Answer:
        wanted = {key: body[key] for key in ("company", "environment", "tenant") if key in body}
        table = self._simulation.changer.table(_READER.structure({"op": "touch", "set": body["set"], **wanted}, Change))
        slots = table.ordered(table.key)
        limit = int(body.get("limit", _ROWS))
        return {"count": len(slots), "rows": [table.row(slot) for slot in islice(slots, limit)]}

    def _switch(self, body: Body, _base: str) -> Answer:
        self._simulation.switches = changed(self._simulation.switches, body)
        return asdict(self._simulation.switches)

    def _fault(self, body: Body, _base: str) -> Answer:
        return {"number": self._simulation.faults.add(_READER.structure(body, Fault))}

    def _hook(self, body: Body, _base: str) -> Answer:
        order = _READER.structure(body, HookOrder)
        self._simulation.hooks.add(order.set, order.company, order.after_page, tuple(order.changes))
        return {}

    def _change(self, body: Body, _base: str) -> Answer:
        changes = _READER.structure(body["changes"], list[Change])
        return [self._simulation.changer.apply(change) for change in changes]

    def _subscriptions(self, _body: Body, _base: str) -> Answer:
        return [
            {**each.shown(), "environment": each.environment.name, "set": each.set, "company": each.company}
            for each in self._simulation.subscriptions.living()
        ]

    def _kill(self, body: Body, _base: str) -> Answer:
        wanted, company = body.get("id"), body.get("company")
        found = self._simulation.subscriptions.remove(
            lambda each: wanted in {None, each.id} and company in {None, each.company}
        )
        return {"killed": found}

    def _clock(self, body: Body, _base: str) -> Answer:
        order = _READER.structure(body, ClockOrder)
        clock = self._simulation.clock
        if order.freeze:
            clock.freeze()
        if order.set is not None:
            clock.set(datetime.fromtimestamp(parse_time(order.set) / MICROS, UTC))
        if order.offset is not None:
            clock.offset(order.offset)
        if order.advance is not None:
            clock.advance(order.advance)
        if order.run:
            clock.run()
        return {"now": wire_time(round(clock.now() * MICROS)), "micros": round(clock.now() * MICROS)}


def _done(act: Callable[[], None]) -> Answer:
    act()
    return {}


def _reasons(error: Exception) -> list[str]:
    if isinstance(error, cattrs.BaseValidationError):
        return cattrs.transform_error(error)
    return [str(error)]


def _tenant(tenant: Tenant) -> dict[str, Any]:
    return {
        "id": tenant.id,
        "domain": tenant.domain,
        "environments": [
            {
                "name": each.name,
                "type": each.kind,
                "companies": [
                    {"key": one.key, "id": one.id, "name": one.name, "displayName": one.display_name}
                    for one in each.companies.values()
                ],
            }
            for each in tenant.environments
        ],
        "clients": [
            {"name": app.name, "clientId": app.client_id, "clientSecret": app.secret, "state": app.state}
            for app in tenant.apps.values()
        ],
    }
