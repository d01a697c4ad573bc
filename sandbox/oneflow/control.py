"""A client for the Oneflow part of the control surface."""

from typing import Any

from sandbox.control import Control


class OneflowControl:
    """Orders and questions about the simulated Oneflow; every method is one request."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def info(self) -> dict[str, Any]:
        """Address of the API, accounts with tokens, users, workspaces and templates."""
        return dict(self._control.call("GET", "oneflow/info"))

    def account(self, name: str = "Contoso AB") -> dict[str, Any]:
        """One account.

        Raises:
            LookupError: There is none of this name.
        """
        for each in self.info()["accounts"]:
            if each["name"] == name:
                return dict(each)
        raise LookupError(f"no account {name}")

    def set_account(self, name: str = "Contoso AB", **facts: Any) -> None:
        """Change an account: revoked, plan (business, free)."""
        self._control.call("POST", "oneflow/account", {"account": name, **facts})

    def set_switch(self, **values: Any) -> dict[str, Any]:
        """Set switches by name (sandbox.oneflow.switches); returns all of them."""
        return dict(self._control.call("POST", "oneflow/switches", values))

    def set_field(self, template_type: int, custom_id: str, **facts: Any) -> dict[str, Any]:
        """Add or change a data field of a template type: name, value, source, active."""
        order = {"template_type": template_type, "custom_id": custom_id, **facts}
        return dict(self._control.call("POST", "oneflow/field", order))

    def act(self, contract: int | str, action: str, **more: Any) -> list[dict[str, Any]]:
        """Do what a person does in Oneflow, and return what changed; more: fields, participant, lifecycle.

        Actions: edit, sign, decline, expire, revive, publish, visit, bounce, lifecycle, delete, reset_signatures.
        """
        order = {"contract": int(contract), "action": action, **more}
        return list(self._control.call("POST", "oneflow/act", order))

    def edit(self, contract: int | str, **fields: str) -> list[dict[str, Any]]:
        """Change data fields as a person does."""
        return self.act(contract, "edit", fields=fields)

    def contracts(self) -> list[dict[str, Any]]:
        """The truth: every contract that is not deleted, with `values` by custom id."""
        return list(self._control.call("GET", "oneflow/contracts"))

    def copy(self, contract: int | str, count: int, *, age: int = 0) -> list[int]:
        """Make copies of a contract that nobody is told of, changed `age` seconds before it; return their numbers."""
        order = {"contract": int(contract), "count": count, "age": age}
        return list(self._control.call("POST", "oneflow/copies", order)["contracts"])

    def contract(self, number: int | str) -> dict[str, Any]:
        """The truth about one contract.

        Raises:
            LookupError: There is none, or no longer.
        """
        for each in self.contracts():
            if each["id"] == int(number):
                return each
        raise LookupError(f"no contract {number}")

    def webhooks(self) -> list[dict[str, Any]]:
        """Every webhook, with account and sign key."""
        return list(self._control.call("GET", "oneflow/webhooks"))

    def kill_webhooks(self, **which: Any) -> int:
        """Remove webhooks without a word to anybody; which: id (all without)."""
        return int(self._control.call("POST", "oneflow/webhooks/kill", which)["killed"])

    def notices(self) -> list[dict[str, Any]]:
        """Attempts made so far: time, webhook, callback_id, contract, events, attempt, status (0: none), fault."""
        return list(self._control.call("GET", "oneflow/notices"))

    def pending(self) -> list[dict[str, Any]]:
        """Notices that wait for their first or next attempt."""
        return list(self._control.call("GET", "oneflow/pending"))

    def hold(self) -> None:
        """Keep notices back."""
        self._control.call("POST", "oneflow/hold")

    def release(self, order: str = "kept") -> int:
        """Send the notices that were kept back, in order or reversed; returns how many."""
        return int(self._control.call("POST", "oneflow/release", {"order": order})["released"])

    def journal(self, since: int = 0) -> list[dict[str, Any]]:
        """Requests to Oneflow after a number, each with what it changed."""
        return self._control.journal(since, "oneflow")

    def writes(self) -> list[dict[str, Any]]:
        """Requests to Oneflow that changed something."""
        return [entry for entry in self.journal() if entry["changes"]]

    def counters(self) -> dict[str, Any]:
        """Requests, throttled, early, in_flight_max, window_max of each account."""
        return dict(self._control.call("GET", "oneflow/counters"))
