"""A client for the control surface, for tests, demo and measurements."""

from collections.abc import Mapping, Sequence
from typing import Any

import requests

_SECONDS = 60


class ControlError(Exception):
    """The sandbox refused an order; the text says why."""


class Control:
    """Orders and questions to a running sandbox; every method is one request."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send any order; for GET the body becomes the query.

        Raises:
            ControlError: The order was refused.
        """
        with requests.Session() as session:
            session.trust_env = False
            sent = {"params": body} if method == "GET" else {"json": body or {}}
            reply = session.request(method, f"{self.url}/_control/{path}", timeout=_SECONDS, **sent)
        if not reply.ok:
            raise ControlError(reply.json()["error"])
        return reply.json()

    def info(self) -> dict[str, Any]:
        """Tenants, environments, companies, clients with secrets, users, issuer, audience and JWKS URL."""
        return dict(self.call("GET", "info"))

    def client(self, name: str = "hub") -> dict[str, Any]:
        """One registered application: tenantId, clientId, clientSecret, state.

        Raises:
            LookupError: There is none of this name.
        """
        for tenant in self.info()["tenants"]:
            for client in tenant["clients"]:
                if client["name"] == name:
                    return {**client, "tenantId": tenant["id"]}
        raise LookupError(f"no client {name}")

    def company_id(self, key: str, environment: str = "Production") -> str:
        """Id of a company of the first tenant by its key, such as cronus.

        Raises:
            LookupError: There is none.
        """
        for place in self.info()["tenants"][0]["environments"]:
            for company in place["companies"]:
                if place["name"] == environment and company["key"] == key:
                    return str(company["id"])
        raise LookupError(f"no company {key} in {environment}")

    def user_token(self, user: str, **twist: Any) -> str:
        """A bearer token of the product's own API; twist: lifetime, claims, without, alg, kid, key."""
        return str(self.call("POST", "entra/user-token", {"user": user, **twist})["access_token"])

    def token_error(self, client_id: str, problem: str, **more: Any) -> None:
        """Plan an error of the token endpoint; more: times, wait (seconds), wait_form (seconds or date)."""
        self.call("POST", "entra/error", {"client_id": client_id, "problem": problem, **more})

    def clear_token_errors(self) -> None:
        """Forget planned token errors."""
        self.call("POST", "entra/error/clear")

    def revoke_tokens(self) -> None:
        """Make Business Central refuse every token issued so far."""
        self.call("POST", "entra/revoke")

    def revoke_grants(self, user: str | None = None) -> int:
        """Revoke the consents of one user or of all, with their refresh tokens; returns how many."""
        return int(self.call("POST", "entra/revoke-grants", {"user": user} if user else {})["revoked"])

    def set_account(self, user: str, *, disabled: bool) -> None:
        """Say whether a user's account is disabled."""
        self.call("POST", "entra/account", {"user": user, "disabled": disabled})

    def sign_in(self, address: str, user: str = "alice", answer: str = "accept") -> str:
        """Do on a sign-in page what a person would, and return the address that the browser is sent to.

        Raises:
            ControlError: The page refuses to send anyone anywhere.
        """
        with requests.Session() as session:
            session.trust_env = False
            chosen = {"user": user, "answer": answer}
            reply = session.post(address, data=chosen, timeout=_SECONDS, allow_redirects=False)
        if "Location" not in reply.headers:
            raise ControlError(reply.text)
        return reply.headers["Location"]

    def set_resource(self, tenant: str, *, present: bool) -> None:
        """Say whether a tenant has Business Central's service principal."""
        self.call("POST", "entra/resource", {"tenant": tenant, "present": present})

    def set_app(self, client_id: str, **facts: Any) -> None:
        """Change an application: state, secret, companies (ids it may use)."""
        self.call("POST", "apps", {"client_id": client_id, **facts})

    def set_switch(self, **values: Any) -> dict[str, Any]:
        """Set switches by name; returns all of them."""
        return dict(self.call("POST", "switches", values))

    def fault(self, **fault: Any) -> int:
        """Plan a fault; fields as of sandbox.faults.Fault."""
        return int(self.call("POST", "faults", fault)["number"])

    def faults(self) -> list[dict[str, Any]]:
        """Effect, pattern, calls and hits of each planned fault."""
        return list(self.call("GET", "faults"))

    def clear_faults(self) -> None:
        """Forget all faults."""
        self.call("POST", "faults/clear")

    def change(self, *changes: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Apply changes in order; fields as of sandbox.changes.Change."""
        return list(self.call("POST", "changes", {"changes": list(changes)}))

    def put_row(self, set_name: str, values: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """Insert a row, or change the one with its id; missing properties are blank."""
        return self.change({"op": "upsert", "set": set_name, "values": dict(values), **more})[0]

    def patch_row(self, set_name: str, values: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """Change a row; more: id or number, company, environment, modified, transaction."""
        return self.change({"op": "patch", "set": set_name, "values": dict(values), **more})[0]

    def delete_row(self, set_name: str, **more: Any) -> dict[str, Any]:
        """Delete a row; more: id or number, company, environment, transaction."""
        return self.change({"op": "delete", "set": set_name, **more})[0]

    def touch(self, set_name: str, count: int, **more: Any) -> list[str]:
        """Bump the modification of so many rows and return their ids."""
        return list(self.change({"op": "touch", "set": set_name, "count": count, **more})[0]["touched"])

    def rollback(self, transaction: str) -> None:
        """Undo every row change made under this transaction."""
        self.change({"op": "rollback", "transaction": transaction})

    def hook(self, set_name: str, after_page: int, changes: Sequence[Mapping[str, Any]], **more: Any) -> None:
        """Apply changes right after the nth page of a set; more: company (id)."""
        self.call("POST", "hooks", {"set": set_name, "after_page": after_page, "changes": list(changes), **more})

    def clear_hooks(self) -> None:
        """Forget all hooks."""
        self.call("POST", "hooks/clear")

    def rows(self, set_name: str, **where: Any) -> list[dict[str, Any]]:
        """The truth: rows of a table; where: company, environment, tenant, limit (1000)."""
        return list(self.call("GET", "rows", {"set": set_name, **where})["rows"])

    def subscriptions(self) -> list[dict[str, Any]]:
        """Living subscriptions as the API shows them, with environment, company and set."""
        return list(self.call("GET", "subscriptions"))

    def kill_subscriptions(self, **which: Any) -> int:
        """Remove subscriptions without a word to anybody; which: id, company (all without)."""
        return int(self.call("POST", "subscriptions/kill", which)["killed"])

    def notices(self) -> list[dict[str, Any]]:
        """Batches of notices sent so far: time, status (0: no answer), attempt, fault, notices."""
        return list(self.call("GET", "notices"))

    def journal(self, since: int = 0, part: str | None = None) -> list[dict[str, Any]]:
        """Requests after a number, of "bc", "entra" or both."""
        return list(self.call("GET", "journal", {"since": since} | ({"part": part} if part else {})))

    def writes(self) -> list[dict[str, Any]]:
        """Requests to Business Central that were not GET."""
        return [entry for entry in self.journal(part="bc") if entry["method"] != "GET"]

    def counters(self) -> dict[str, Any]:
        """Requests, methods, statuses, rows, bytes, tokenRequests, early, inFlightMax, windowMax, principals."""
        return dict(self.call("GET", "counters"))

    def reset_journal(self) -> None:
        """Forget requests and counts; quotas in force stay."""
        self.call("POST", "journal/reset")

    def reset(self) -> None:
        """Go back to the start, data included."""
        self.call("POST", "reset")

    def clock(self, **move: Any) -> str:
        """Move the clock (set, offset, advance, freeze, run) and return its instant."""
        return str(self.call("POST", "clock", move)["now"])
