"""What flow tests speak with: a caller that remembers every answer, and an integration of its own for each test."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sandbox.control import Control
from scripts.client import Answer, Hub
from scripts.stack import Stack

SUPPLIERS, PRODUCTS = "suppliers", "products"
VENDORS_OF = {"contoso": 7, "cronus": 66, "hostile": 22, "generated": 250}
ITEMS_OF = {"contoso": 64, "cronus": 149, "hostile": 18, "generated": 600}
PROBLEM_MEMBERS = {"type", "title", "status", "detail", "instance", "code", "traceId", "retryable", "success"}

SEEN: list[str] = []
"""Every answer that a caller of this process got, headers included."""


@dataclass(frozen=True, slots=True)
class Caller(Hub):
    """The hub as one user sees it."""

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send one request and remember the answer."""
        answer = Hub.call(self, method, path, body, **headers)
        SEEN.append(f"{answer.status} {answer.headers} {answer.body}")
        return answer


@dataclass(frozen=True, slots=True)
class Site:
    """One integration of one caller, and the company that it syncs."""

    hub: Caller
    control: Control
    id: str
    company: str

    def path(self, rest: str = "") -> str:
        """Return a path below the integration."""
        return f"/api/integrations/{self.id}{rest}"

    def call(self, method: str, rest: str, body: Any = None, **headers: str) -> Answer:
        """Send one request below the integration."""
        return self.hub.call(method, self.path(rest), body, **headers)

    def get(self, rest: str = "") -> Any:
        """Return the data of a GET below the integration."""
        return self.hub.get(self.path(rest))

    def try_sync(self, body: Mapping[str, Any] | None = None, **headers: str) -> Answer:
        """Ask for a sync."""
        return self.call("POST", "/dynamics/sync", {} if body is None else dict(body), **headers)

    def sync(self, **body: Any) -> Any:
        """Sync, and return the data; it must work."""
        return self.try_sync(body).data

    def begin(self, **body: Any) -> str:
        """Start a sync without waiting, and return its run's id."""
        answer = self.try_sync(body, Prefer="respond-async")
        assert answer.status == 202, answer.body
        return str(answer.data["id"])

    def run(self, run_id: str) -> Any:
        """Return a run."""
        return self.get(f"/runs/{run_id}")

    def ended(self, run_id: str, seconds: float = 40) -> Any:
        """Wait for a run's end and return it."""
        return until(lambda: self.run(run_id), lambda run: run["endedAt"] is not None, seconds=seconds)

    def records(self, entity: str, query: str = "") -> list[Any]:
        """Return all records of one type."""
        return self.hub.everything(self.path(f"/{entity}?limit=200{query}"))

    def record(self, entity: str, external_id: str) -> Answer:
        """Return the answer to a GET of one record."""
        return self.hub.call("GET", self.hub.record(self.id, entity, external_id))

    def edit(self, entity: str, external_id: str, patch: Mapping[str, Any]) -> Answer:
        """Change a record with the ETag that it has."""
        path = self.hub.record(self.id, entity, external_id)
        return self.hub.call("PATCH", path, dict(patch), If_Match=self.hub.call("GET", path).etag)

    def patch(self, body: Mapping[str, Any]) -> Answer:
        """Change the integration with the ETag that it has."""
        return self.call("PATCH", "", dict(body), If_Match=self.call("GET", "").etag)

    def rows(self, set_name: str) -> list[dict[str, Any]]:
        """Return the truth of a table."""
        return self.control.rows(set_name, company=self.company)

    def change(self, set_name: str, values: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """Change a row of the company in Business Central."""
        return self.control.patch_row(set_name, values, company=self.company, **more)

    def put(self, set_name: str, values: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """Insert a row in the company in Business Central."""
        return self.control.put_row(set_name, values, company=self.company, **more)

    def delete(self, set_name: str, row_id: str) -> None:
        """Delete a row of the company in Business Central."""
        self.control.delete_row(set_name, id=row_id, company=self.company)


@dataclass(slots=True)
class Connector:
    """Makes callers and integrations, and removes the scheduled ones in the end."""

    stack: Stack
    control: Control
    made: list[Site] = field(default_factory=list)

    def caller(self, user: str) -> Caller:
        """Return a user whom nobody else is: records belong to users, and tests must not share them."""
        return Caller(self.stack.url, self.control.user_token(user, claims={"oid": f"{user}-{uuid4()}"}))

    def order(self, company: str = "contoso", client: str = "hub", **connection: Any) -> dict[str, Any]:
        """Return the body that makes an integration."""
        app = self.control.client(client)
        return {
            "name": "A flow test",
            "kind": "business_central",
            "connection": {
                "tenantId": app["tenantId"],
                "clientId": app["clientId"],
                "clientSecret": app["clientSecret"],
                "environment": "Production",
                "companyId": self.control.company_id(company),
                "grant": "client_credentials",
                **connection,
            },
            "schedule": None,
            "settings": {},
        }

    def connect(self, hub: Caller, company: str = "contoso", client: str = "hub", **changes: Any) -> Site:
        """Make an integration; `changes` replace members of its body, `connection` is merged."""
        order = self.order(company, client, **changes.pop("connection", {}))
        made = hub.post("/api/integrations", {**order, **changes})
        site = Site(hub, self.control, made["id"], order["connection"]["companyId"])
        self.made.append(site)
        return site

    def end(self) -> None:
        """Remove what would go on by itself."""
        for site in self.made:
            answer = site.call("GET", "")
            if answer.status == 200 and answer.data["schedule"]:
                site.call("DELETE", "")


def counts(totals: Mapping[str, Any], entity: str) -> dict[str, int]:
    """Return the counts of one entity type that the seed names."""
    return {name: totals[entity][name] for name in ("created", "updated", "errors")}


def until[T](ask: Callable[[], T], good: Callable[[T], object], *, seconds: float = 40) -> T:
    """Ask until the answer is good, ever less often; fail when it is not in time."""
    deadline, pause = time.monotonic() + seconds, 0.03
    while not good(answer := ask()):
        assert time.monotonic() < deadline, f"not in {seconds} s: {answer}"
        time.sleep(pause)
        pause = min(1.2 * pause, 0.2)
    return answer


def moment(text: str) -> datetime:
    """Return the instant of a time in an answer; it must be UTC, with Z."""
    assert text.endswith("Z"), text
    return datetime.fromisoformat(text)


def text_of(instant: datetime) -> str:
    """Return an instant as callers write it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def ago(**span: float) -> str:
    """Return the time that is so long past."""
    return text_of(datetime.now(UTC) - timedelta(**span))


def problem(answer: Answer, status: int, code: str | None = None) -> Any:
    """Return the body of a failure after checking that it is a whole problem document."""
    assert answer.status == status, (answer.status, answer.body)
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    body = answer.body
    assert set(body) >= PROBLEM_MEMBERS, body
    assert body["status"] == status
    assert body["success"] is False
    assert all(isinstance(body[name], str) and body[name] for name in ("type", "title", "detail", "instance", "code"))
    assert body["code"] == body["code"].upper()
    assert isinstance(body["retryable"], bool)
    assert code is None or body["code"] == code, body
    return body


def pointers(answer: Answer) -> set[str]:
    """Return what the errors of a 422 point to."""
    found = problem(answer, 422)["errors"]
    assert all(set(each) >= {"pointer", "code", "detail"} for each in found), found
    return {each["pointer"] for each in found}


@contextmanager
def watched(control: Control) -> Iterator[None]:
    """Make sure that nothing was written to Business Central, then take everything in it back to the start."""
    try:
        yield
        assert control.writes() == []
    finally:
        control.reset()
