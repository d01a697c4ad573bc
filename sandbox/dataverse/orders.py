"""The control surface of the simulated Dataverse: what /_control/dataverse/… answers."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

import cattrs

from sandbox.dataverse.columns import Source
from sandbox.dataverse.edits import Hook, Order
from sandbox.dataverse.gate import PREFIX, Dataverse
from sandbox.dataverse.home import ORGANIZATION_ID, Home, UserState
from sandbox.dataverse.prices import totals
from sandbox.dataverse.refusals import DataverseError
from sandbox.dataverse.rules import LINES
from sandbox.dataverse.users import ORGANIZATION_URL
from sandbox.dataverse.wire import raw
from sandbox.switches import changed

type Body = dict[str, Any]
type Answer = dict[str, Any] | list[dict[str, Any]]

_READER = cattrs.Converter(forbid_extra_keys=True)
_ROWS = 1000
_PART = "dataverse"
"""What requests to Dataverse are called in the journal."""


@dataclass(frozen=True, slots=True)
class UserOrder:
    """New facts about an application's user."""

    client_id: str
    state: UserState | None = None
    denied: list[str] | None = None


@dataclass(frozen=True, slots=True)
class HookOrder:
    """Changes right after the nth request whose method and address match."""

    edits: list[Order]
    match: str = ""
    method: str = ""
    nth: int = 1


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    broken: Callable[[dict[str, Any]], bool]


RULES = (
    _Rule("unguarded", lambda change: change["operation"] == "Update" and change["guard"] == "none"),
    _Rule("unchanged", lambda change: bool(change["unchanged"])),
    _Rule("recreated", lambda change: bool(change["recreated"])),
    _Rule("ignored", lambda change: bool(change["ignored"])),
)
"""What a careful client never does."""


@dataclass(slots=True)
class Orders:
    """Answers by method and path."""

    dataverse: Dataverse
    routes: dict[str, Callable[[Body, str], Answer]] = field(init=False)

    def __post_init__(self) -> None:
        self.routes = {
            "GET dataverse/info": self._info,
            "GET dataverse/rows": self._rows,
            "GET dataverse/switches": lambda _body, _base: asdict(self.dataverse.switches),
            "POST dataverse/switches": self._switch,
            "POST dataverse/edits": self._edit,
            "POST dataverse/hooks": self._hook,
            "POST dataverse/hooks/clear": self._unhook,
            "POST dataverse/users": self._user,
            "POST dataverse/rollups": self._rollups,
            "GET dataverse/webhooks": lambda _body, _base: list(self.dataverse.postman.sent),
            "GET dataverse/writes": self._writes,
            "GET dataverse/violations": self._violations,
            "GET dataverse/loads": lambda _body, _base: self.dataverse.report(),
        }

    @property
    def _home(self) -> Home:
        return self.dataverse.home

    def _info(self, _body: Body, base: str) -> Answer:
        return {
            "orgUrl": base,
            "scope": f"{base}/.default",
            "worldUrl": ORGANIZATION_URL,
            "api": f"{base}{PREFIX}v9.2",
            "organizationId": ORGANIZATION_ID,
            "users": {
                client: {"id": each.user, "state": each.state} for client, each in self.dataverse.callers.items()
            },
            "tables": {name: table.set_name for name, table in self._home.catalog.tables.items()},
        }

    def _rows(self, body: Body, _base: str) -> Answer:
        table = self._home.catalog.tables[str(body["table"])]
        rows = self._home.store.table(table.name)
        shown = [
            {
                table.key: row.id,
                "@odata.etag": row.tag,
                **{name: raw(value, table.by_name.get(name)) for name, value in row.values.items()},
            }
            for row in islice(rows.values(), int(body.get("limit", _ROWS)))
            if body.get("id") in {None, row.id}
        ]
        return {"count": len(rows), "rows": shown}

    def _switch(self, body: Body, _base: str) -> Answer:
        self.dataverse.switches = changed(self.dataverse.switches, body)
        return asdict(self.dataverse.switches)

    def _edit(self, body: Body, _base: str) -> Answer:
        orders = _READER.structure(body["edits"], list[Order])
        try:
            return [change.journaled() for change in self.dataverse.edit(orders)]
        except DataverseError as error:
            raise ValueError(f"{error.code} {error.message}") from error

    def _hook(self, body: Body, _base: str) -> Answer:
        order = _READER.structure(body, HookOrder)
        self.dataverse.hooks.planned.append(Hook(order.edits, order.match, order.method, order.nth))
        return {}

    def _unhook(self, _body: Body, _base: str) -> Answer:
        self.dataverse.hooks.clear()
        return {}

    def _user(self, body: Body, _base: str) -> Answer:
        order = _READER.structure(body, UserOrder)
        caller = self.dataverse.callers[order.client_id]
        caller.state = order.state or caller.state
        caller.denied = caller.denied if order.denied is None else frozenset(order.denied)
        return {"id": caller.user, "state": caller.state, "denied": sorted(caller.denied)}

    def _rollups(self, _body: Body, _base: str) -> Answer:
        """Compute the rollup columns anew, without touching versions or modifiedon, as the hourly job does."""
        now, found = self._home.now(), 0
        for name in LINES:
            columns = [each.name for each in self._home.catalog.tables[name].columns if each.source is Source.ROLLUP]
            for row in self._home.store.table(name).values():
                amount = totals(self._home, name, row.id, row.values)["totallineitemamount"]
                for column in columns:
                    value = now if column.endswith("completionrollup") else amount
                    fresh = {column: value, f"{column}_date": now, f"{column}_state": 1}
                    self._home.store.amend(name, row.id, fresh)
                    found += 1
        return {"computed": found}

    def _writes(self, body: Body, _base: str) -> Answer:
        return self._changes(int(body.get("since", 0)))

    def _violations(self, body: Body, _base: str) -> Answer:
        return [
            {"rule": rule.name, **change}
            for change in self._changes(int(body.get("since", 0)))
            for rule in RULES
            if change["direct"] and rule.broken(change)
        ]

    def _changes(self, since: int) -> list[dict[str, Any]]:
        return [
            {"number": entry.number, "method": entry.method, "path": entry.path, **change}
            for entry in self.dataverse.journal.entries
            if entry.part == _PART and entry.number > since
            for change in entry.changes
        ]
