"""A client for the control surface of the simulated Dataverse."""

from collections.abc import Sequence
from typing import Any

from sandbox.control import Control


class DataverseControl:
    """Orders and questions to the Dataverse of a running sandbox; every method is one request."""

    def __init__(self, url: str) -> None:
        self._control = Control(url)

    def info(self) -> dict[str, Any]:
        """orgUrl, scope, api, organizationId, users by client id, tables with their sets."""
        return dict(self._control.call("GET", "dataverse/info"))

    def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """The truth of a table; where: id, limit."""
        return list(self._control.call("GET", "dataverse/rows", {"table": table, **where})["rows"])

    def switch(self, **values: Any) -> dict[str, Any]:
        """Set switches by name; returns all of them."""
        return dict(self._control.call("POST", "dataverse/switches", values))

    def edit(self, op: str, table: str, row_id: str = "", **more: Any) -> list[dict[str, Any]]:
        """Change a row as somebody else; op: create, update, delete; more: values, user, tag."""
        order = {"op": op, "table": table, "id": row_id, **more}
        return list(self._control.call("POST", "dataverse/edits", {"edits": [order]}))

    def hook(self, edits: Sequence[dict[str, Any]], **when: Any) -> None:
        """Plan changes right after a request; when: method, match (regular expression), nth."""
        self._control.call("POST", "dataverse/hooks", {"edits": list(edits), **when})

    def user(self, client_id: str, **facts: Any) -> dict[str, Any]:
        """Change an application's user; facts: state, denied (prvWriteQuote, opportunity.new_secret)."""
        return dict(self._control.call("POST", "dataverse/users", {"client_id": client_id, **facts}))

    def fault(self, **facts: Any) -> None:
        """Plan a fault of this part; facts: those of sandbox.faults.Fault."""
        self._control.fault(part="dataverse", **facts)

    def compute_rollups(self) -> int:
        """Compute rollup columns anew; returns how many values."""
        return int(self._control.call("POST", "dataverse/rollups")["computed"])

    def webhooks(self) -> list[dict[str, Any]]:
        """Attempts to deliver a webhook so far: status (0: no answer), attempt, fault, message, table, id."""
        return list(self._control.call("GET", "dataverse/webhooks"))

    def writes(self, since: int = 0) -> list[dict[str, Any]]:
        """Rows that requests wrote: operation, table, id, guard, columns sent, unchanged and ignored."""
        return list(self._control.call("GET", "dataverse/writes", {"since": since}))

    def violations(self, since: int = 0) -> list[dict[str, Any]]:
        """Writes that a careful client never makes; rule: unguarded, unchanged, recreated, ignored."""
        return list(self._control.call("GET", "dataverse/violations", {"since": since}))

    def loads(self) -> dict[str, Any]:
        """By user: most_at_once, throttled, early."""
        return dict(self._control.call("GET", "dataverse/loads"))
