"""Contracts under attack: the app is killed while some are being made and others merged; nothing may be lost."""

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import requests

from sandbox.dataverse.control import DataverseControl
from sandbox.oneflow.control import OneflowControl
from scripts.campaign import fallen
from scripts.client import Hub
from scripts.stack import Stack
from sync.storage.connection import table_service
from sync.storage.leases import TableLeaseStore
from sync.storage.tables import Tables

_USER, _TEMPLATE, _WORKSPACE = "admin@contoso.example", "110010", "396198"
_LATENCY = 30.0
"""Milliseconds that each request to Oneflow takes, so that some are under way at any moment."""
_LONGEST = 0.3
"""Seconds before the kill at which the first requests are sent; one takes about half of it."""
_COLUMNS = {"name": "topic", "description": "description", "stepname": "stage"}
"""Mapped both ways: the first is edited in Oneflow, the second in Dynamics, the third in both."""
_KEY = "record_id"


@dataclass(slots=True)
class Deal:
    """One seed: a record whose contract is being made or merged when the app dies, and what became of it."""

    seed: int
    record: str
    contract: str | None = None
    before: float = 0.0
    """Seconds before the kill at which its request was sent."""
    moment: str = "not written"
    """How far the hub had come when the app died."""
    complaints: list[str] = field(default_factory=list)

    def demand(self, good: object, complaint: str) -> None:
        """Note what is wrong, unless it is good."""
        if not good:
            self.complaints.append(complaint)


class BridgeCampaign:
    """One bridge whose contracts are made and merged while the app is killed."""

    def __init__(self, stack: Stack, user: str = "alice") -> None:
        self.stack = stack
        self.kills = 0
        self._hub = Hub(stack.url, stack.control.user_token(user))
        self._dynamics, self._oneflow = DataverseControl(stack.control.url), OneflowControl(stack.control)
        self._oneflow.set_switch(latency_ms=_LATENCY)
        self._home = f"/api/integrations/{self._hub.post('/api/integrations', self._order())['id']}"
        self._map()
        self._free = iter(sorted(each["opportunityid"] for each in self._dynamics.rows("opportunity", limit=5_000)))

    def wave(self, seeds: Sequence[int]) -> list[Deal]:
        """Kill the app once, while a contract of each seed is being made or, for odd ones, merged; then look."""
        deals = [Deal(seed, next(self._free)) for seed in seeds]
        for deal in deals:
            deal.before = random.Random(deal.seed).uniform(0, _LONGEST)  # noqa: S311 - chance that can be repeated
            if deal.seed % 2:
                self._edit(deal)
        with ThreadPoolExecutor(len(deals)) as pool:
            sent = [pool.submit(self._attempt, deal) for deal in deals]
            time.sleep(_LONGEST)
            with fallen(self.stack):
                self.kills += 1
                self._look(deals)
                self._forget_the_dead()
            for each in sent:
                each.result()
        for deal in deals:
            self._finish(deal)
        return deals

    def end(self) -> None:
        """Leave the simulated systems as they were."""
        self._oneflow.set_switch(latency_ms=0)
        self._hub.call("DELETE", self._home)

    def _order(self) -> dict[str, Any]:
        app, account = self.stack.control.client("hub"), self._oneflow.account()
        ends = {
            "dynamics": {
                "orgUrl": self._dynamics.info()["orgUrl"],
                **{name: app[name] for name in ("tenantId", "clientId", "clientSecret")},
            },
            "oneflow": {"apiToken": account["apiToken"], "userEmail": _USER},
        }
        settings = {"realtime": False}
        return {"name": "Attacked", "kind": "oneflow", "connection": ends, "schedule": None, "settings": settings}

    def _map(self) -> None:
        path = f"{self._home}/entities/opportunity/mapping"
        pair = {"dynamicsEntity": "opportunity", "via": None, "direction": "two_way", "conflict": "manual"}
        fields = [{**pair, "dynamicsField": name, "oneflowField": told} for name, told in _COLUMNS.items()]
        place = {"templateId": _TEMPLATE, "workspaceId": _WORKSPACE, "keyField": _KEY}
        body = {"fields": fields, "products": False, **place}
        answer = self._hub.call("PUT", path, body, If_Match=self._hub.call("GET", path).etag)
        assert answer.status == HTTPStatus.OK, answer.body  # noqa: S101 - a campaign without a mapping attacks nothing

    def _edit(self, deal: Deal) -> None:
        """Make a contract, and change its fields as people do."""
        deal.contract = str(self._make(deal)["contractId"])
        here, there, both = _COLUMNS
        self._oneflow.edit(deal.contract, **{_COLUMNS[here]: f"O{deal.seed}", _COLUMNS[both]: f"B{deal.seed}"})
        values = {there: f"D{deal.seed}", both: f"A{deal.seed}"}
        self._dynamics.edit("update", "opportunity", deal.record, values=values)

    def _attempt(self, deal: Deal) -> None:
        time.sleep(_LONGEST - deal.before)
        with suppress(requests.RequestException):
            if deal.contract is None:
                self._hub.call("POST", f"{self._home}/oneflow/contracts", _asked(deal))
            else:
                self._merge(deal, "fetch" if deal.seed % 4 == 1 else "push")
            deal.moment = "answered"

    def _look(self, deals: Sequence[Deal]) -> None:
        """Note what had happened to each deal when the app died."""
        for deal in deals:
            values = self._dynamics.rows("opportunity", id=deal.record)[0]
            made = [each["values"] for each in self._oneflow.contracts() if each["values"][_KEY] == deal.record]
            if deal.contract is None:
                has_begun = bool(made)
            else:
                here, there, _ = _COLUMNS
                has_begun = values.get(here) == f"O{deal.seed}" or made[0][_COLUMNS[there]] == f"D{deal.seed}"
            if has_begun and deal.moment != "answered":
                deal.moment = "written, not answered"

    def _merge(self, deal: Deal, way: str) -> int:
        return self._hub.call("POST", f"{self._home}/oneflow/contracts/{deal.contract}/{way}").status

    def _make(self, deal: Deal) -> Any:
        return self._hub.post(f"{self._home}/oneflow/contracts", _asked(deal))

    def _forget_the_dead(self) -> None:
        """Let the leases of the dead app run out; so much time need not pass."""
        leases = TableLeaseStore(Tables(table_service(self.stack.storage)))
        for each in leases.list(""):
            leases.release(each.key, each.holder)

    def _finish(self, deal: Deal) -> None:
        """Ask again as people do, and check what came of it."""
        if deal.contract is None:
            deal.contract = str(self._make(deal)["contractId"])
            self._check_one(deal)
            return
        statuses = {self._merge(deal, way) for way in ("fetch", "push")}
        deal.demand(statuses == {HTTPStatus.OK}, f"merges end in {statuses}")
        self._check_merged(deal)

    def _check_one(self, deal: Deal) -> None:
        made = [each["id"] for each in self._oneflow.contracts() if each["values"][_KEY] == deal.record]
        listed = [each["contractId"] for each in self._listed(deal)]
        deal.demand(listed == [deal.contract], f"links {listed}, not {deal.contract}")
        deal.demand(made == [int(str(deal.contract))], f"contracts {made} of one record")

    def _check_merged(self, deal: Deal) -> None:
        row = self._dynamics.rows("opportunity", id=deal.record)[0]
        held = {name: (row.get(name), self._value(deal.contract, told)) for name, told in _COLUMNS.items()}
        here, there, both = (f"{letter}{deal.seed}" for letter in "ODB")
        wanted = dict(zip(_COLUMNS, ((here, here), (there, there), (f"A{deal.seed}", both)), strict=True))
        deal.demand(held == wanted, f"{held} instead of {wanted}")
        told = [each for entry in self._logged(deal) for each in entry["metadata"].get("fields", ())]
        reported = {(each["field"], each["to"]) for each in told}
        deal.demand(reported == {("name", here), ("description", there)}, f"the log tells of {reported}")

    def _listed(self, deal: Deal) -> list[Any]:
        return self._hub.everything(f"{self._home}/oneflow/contracts?entity=opportunity&recordId={deal.record}")

    def _logged(self, deal: Deal) -> list[Any]:
        found = self._hub.everything(f"{self._home}/sync-logs?limit=200")
        merges = [each for each in found if each["action"] in {"PUSH", "FETCH"}]
        return [each for each in merges if each["metadata"].get("contractId") == deal.contract]

    def _value(self, contract: int | str | None, custom_id: str) -> str:
        return str(self._oneflow.contract(contract or 0)["values"].get(custom_id, ""))


def _asked(deal: Deal) -> dict[str, str]:
    return {"entity": "opportunity", "recordId": deal.record}
