"""Functions and actions: who am I, privileges, winning and losing, bulk writes."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sandbox.dataverse.definitions import privilege_id
from sandbox.dataverse.home import ORGANIZATION_ID, ROOT_UNIT, Home
from sandbox.dataverse.keys import key_of
from sandbox.dataverse.payloads import reference
from sandbox.dataverse.refusals import bad_argument, bad_query, bad_state, gone, no_resource
from sandbox.dataverse.requests import Request, Segment
from sandbox.dataverse.rules import LINES, lines_of
from sandbox.dataverse.schema import Table
from sandbox.dataverse.store import Ref, Row
from sandbox.dataverse.writes import Work

type Json = dict[str, Any]

CRM = "Microsoft.Dynamics.CRM."
_VERBS = ("Create", "Read", "Write", "Delete")
_RIGHTS = {"Read": "ReadAccess", "Write": "WriteAccess", "Create": "CreateAccess", "Delete": "DeleteAccess"}
_WON, _LOST = (1, 3), (2, 4)
_QUOTE_WON, _QUOTE_CLOSED, _REVISED = (2, 4), (3, 5), (3, 7)
_UPSERTED = re.compile(r"^(\w+)\((.*)\)$")


@dataclass(frozen=True, slots=True)
class Actions:
    """Answers the functions and actions of one request; None is an answer without a body."""

    home: Home
    work: Work
    request: Request

    def unbound(self, segment: Segment) -> Callable[[], Json | None] | None:
        """Return what answers a function or action of this name, or None when there is none.

        Raises:
            DataverseError: The verb is the wrong one.
        """
        functions: dict[str, Callable[[], Json | None]] = {
            "WhoAmI": self._who_am_i,
            "RetrieveVersion": lambda: self._response("RetrieveVersion", Version="9.2.25054.00161"),
        }
        actions: dict[str, Callable[[], Json | None]] = {
            "WinOpportunity": lambda: self._close("opportunity", "OpportunityClose", _WON),
            "LoseOpportunity": lambda: self._close("opportunity", "OpportunityClose", _LOST),
            "WinQuote": lambda: self._close("quote", "QuoteClose", _QUOTE_WON),
            "CloseQuote": lambda: self._close("quote", "QuoteClose", _QUOTE_CLOSED),
            "ReviseQuote": self._revise,
            "GenerateQuoteFromOpportunity": self._generate,
            "CalculatePrice": self._calculate,
        }
        known = functions if self.request.method == "GET" else actions
        other = actions if self.request.method == "GET" else functions
        if segment.name in other:
            raise no_resource(self.request.url)
        return known.get(segment.name)

    def on_collection(self, table: Table, name: str) -> Json | None:
        """Answer an action bound to a collection.

        Raises:
            DataverseError: There is no such action, or a row is refused: then none is written.
        """
        acts = {"CreateMultiple": self._create, "UpdateMultiple": self._update, "UpsertMultiple": self._upsert}
        act = acts.get(name.removeprefix(CRM))
        if act is None or self.request.method != "POST":
            raise no_resource(self.request.url)
        targets = self.request.json().get("Targets")
        if not isinstance(targets, list) or not all(isinstance(each, dict) for each in targets):
            raise bad_argument("The parameter Targets is missing.")
        return act(table, targets)

    def on_row(self, table: Table, key: str, name: str) -> Json:
        """Answer a function bound to a user.

        Raises:
            DataverseError: There is no such function.
        """
        acts = {
            "RetrieveUserPrivileges": self._privileges,
            "RetrieveUserPrivilegeByPrivilegeName": self._privileges,
            "RetrievePrincipalAccess": self._access,
        }
        act = acts.get(name.removeprefix(CRM))
        if act is None or table.name != "systemuser" or self.request.method != "GET":
            raise no_resource(self.request.url)
        if self.home.store.get(table.name, key) is None:
            raise gone(table.name, key)
        return act()

    def _who_am_i(self) -> Json:
        return self._response(
            "WhoAmI", BusinessUnitId=ROOT_UNIT, UserId=self.work.caller.user, OrganizationId=ORGANIZATION_ID
        )

    def _response(self, function: str, **facts: Any) -> Json:
        return {"@odata.context": f"{self.request.root}/$metadata#{CRM}{function}Response", **facts}

    def _privileges(self) -> Json:
        names = [f"prv{verb}{table.schema_name}" for table in self.home.catalog.tables.values() for verb in _VERBS]
        held = [
            {
                "Depth": "Global",
                "PrivilegeId": privilege_id(name),
                "BusinessUnitId": ROOT_UNIT,
                "PrivilegeName": name,
                "RecordFilterId": "00000000-0000-0000-0000-000000000000",
                "RecordFilterUniqueName": "",
            }
            for name in names
            if name not in self.work.caller.denied
        ]
        wanted = re.search(r"PrivilegeName='([^']*)'", f"{self.request.url}{self.request.pairs}")
        shown = [each for each in held if wanted is None or each["PrivilegeName"] == wanted[1]]
        return self._response("RetrieveUserPrivileges", RolePrivileges=shown)

    def _access(self) -> Json:
        found = re.search(r"\{.*\}", " ".join([*self.request.pairs.values(), self.request.url]))
        try:
            target = json.loads(found[0].replace("'", '"')) if found else {}
        except ValueError as error:
            raise bad_argument("The parameter Target cannot be read.") from error
        ref = reference(self.home, target.get("@odata.id"))
        schema = self.home.catalog.tables[ref.table].schema_name
        rights = [right for verb, right in _RIGHTS.items() if f"prv{verb}{schema}" not in self.work.caller.denied]
        return self._response("RetrievePrincipalAccess", AccessRights=", ".join(rights) or "None")

    def _close(self, name: str, part: str, goal: tuple[int, int]) -> None:
        body = self.request.json()
        details = body.get(part) or {}
        row = self._row(name, details.get(f"{name}id@odata.bind"))
        table = self.home.catalog.tables[name]
        self.work.allow("Write", table)
        state, status = goal[0], body.get("Status", goal[1])
        option = table.by_name["statuscode"].option(status if status != -1 else goal[1])
        open_now = row.values.get("statecode") == (1 if goal[0] == _QUOTE_WON[0] and name == "quote" else 0)
        closable = open_now or (name == "quote" and goal == _QUOTE_CLOSED and row.values.get("statecode") == 1)
        if option is None or option.state != state or not closable:
            raise bad_state()
        values: Json = {"statecode": state, "statuscode": option.value}
        if name == "opportunity":
            values |= {"actualclosedate": self.home.now().date()}
            if details.get("actualrevenue") is not None:
                values["actualvalue"] = Decimal(details["actualrevenue"])
        self.work.put(table, row, values)

    def _revise(self) -> Json:
        body = self.request.json()
        table = self.home.catalog.tables["quote"]
        row = self._row("quote", f"quotes({body.get('QuoteId', '')})")
        if row.values.get("statecode") == 0:
            raise bad_state()
        self.work.put(table, row, {"statecode": _REVISED[0], "statuscode": _REVISED[1]})
        revision = int(row.values.get("revisionnumber") or 0) + 1
        values = {**row.values, "statecode": 0, "statuscode": 1, "revisionnumber": revision}
        return self._response_of(table, self._copied(table, row, values))

    def _generate(self) -> Json:
        body = self.request.json()
        row = self._row("opportunity", f"opportunities({body.get('OpportunityId', '')})")
        table = self.home.catalog.tables["quote"]
        made = self.work.create(table, {"name": row.values.get("name")})
        kept = ("customerid", "transactioncurrencyid", "pricelevelid", "exchangerate")
        values = {name: row.values.get(name) for name in kept}
        self.work.put(table, made, {**values, "opportunityid": Ref("opportunity", row.id)})
        self._copy_lines("opportunity", row, "quote", made)
        return self._response_of(table, made)

    def _calculate(self) -> None:
        target = self.request.json().get("Target") or {}
        for name in LINES:
            if target.get(f"{name}id"):
                row = self._row(name, f"{self.home.catalog.tables[name].set_name}({target[f'{name}id']})")
                self.work.put(self.home.catalog.tables[name], row, {"skippricecalculation": 0})

    def _copied(self, table: Table, row: Row, values: Json) -> Row:
        made = self.work.create(table, {"name": row.values.get("name")})
        self.work.put(table, made, values)
        self._copy_lines(table.name, row, table.name, made)
        return made

    def _copy_lines(self, source: str, row: Row, goal: str, made: Row) -> None:
        table, (_, column) = self.home.catalog.tables[LINES[goal][0]], LINES[goal]
        for line in lines_of(self.home, source, row.id):
            key = str(uuid4())
            values = {name: value for name, value in line.values.items() if name in table.by_name}
            copy = self.home.store.insert(table.name, key, {**values, column: Ref(goal, made.id)})
            self.work.put(table, copy, {})

    def _response_of(self, table: Table, row: Row) -> Json:
        context = f"{self.request.root}/$metadata#{table.set_name}/$entity"
        return {"@odata.context": context, "@odata.etag": row.tag, table.key: row.id, "name": row.values.get("name")}

    def _row(self, table: str, address: Any) -> Row:
        ref = reference(self.home, address)
        row = self.home.store.get(ref.table, ref.id)
        if row is None or ref.table != table:
            raise bad_argument(f"Expected a {table}.")
        return row

    def _create(self, table: Table, targets: list[Json]) -> Json:
        rows = [self.work.create(table, each) for each in targets]
        return self._response("CreateMultiple", Ids=[row.id for row in rows])

    def _update(self, table: Table, targets: list[Json]) -> None:
        for each in targets:
            key = key_of(table, str(each.get(table.key, "")))
            row = key.find(self.home.store)
            if row is None:
                raise gone(table.name, key.id)
            self.work.update(table, row, {name: value for name, value in each.items() if name != table.key})

    def _upsert(self, table: Table, targets: list[Json]) -> None:
        for each in targets:
            found = _UPSERTED.match(str(each.get("@odata.id", "")))
            if found is None:
                raise bad_query("The target of an upsert needs @odata.id.")
            key = key_of(table, found[2])
            repeated = [name for name, _ in key.pairs if name in each]
            if repeated:
                raise bad_argument(f"The key attribute {repeated[0]} must not be repeated in the body.")
            row = key.find(self.home.store)
            if row:
                self.work.update(table, row, each)
            else:
                self.work.create(table, each, key.id or None, dict(key.pairs))
