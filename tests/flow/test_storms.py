"""However the source throttles, no request is sent before its time, and every sync comes to its end."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from sandbox.control import Control
from scripts.client import Hub
from scripts.stack import Stack, running
from tests.flow.kit import until

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]

_VENDORS, _ITEMS = 200, 400
_COUNTS = {"suppliers": _VENDORS, "products": _ITEMS}
_SANDBOX = ("--company", "generated", "--vendors", str(_VENDORS), "--items", str(_ITEMS))
_CALM = {"latency_ms": 0, "window_limit": 6000, "window_seconds": 300, "throttle_retry_after": "absent"}
_PAGE_OF_VENDORS = r"/vendors\?(?!.*top=1)"
_PATIENCE = 20.0
"""Seconds that a worker waits; what the source asks for beyond them, the workflow waits for."""
_ON_ITS_WAY = 0.5
"""Seconds within which a refusal reaches whoever is about to send: what leaves meanwhile cannot know of it."""
_USERS = count(1)


@pytest.fixture(scope="module")
def place() -> Iterator[Stack]:
    with running(_SANDBOX, {"DEVHOST_LOG": "WARNING"}) as stack:
        yield stack
    for server in (stack.app, stack.sandbox):
        assert server.child.process.stdout is not None
        server.child.process.stdout.close()


@pytest.fixture
def control(place: Stack) -> Iterator[Control]:
    place.control.reset_journal()
    yield place.control
    place.control.clear_faults()
    place.control.set_switch(**_CALM)


@dataclass(frozen=True, slots=True)
class _User:
    """A user nobody else knows."""

    place: Stack
    hub: Hub

    def connected(self, client: str = "hub") -> str:
        """Return the path of a new integration."""
        app = self.place.control.client(client)
        connection = {name: app[name] for name in ("tenantId", "clientId", "clientSecret")}
        body = {
            "name": "An integration",
            "kind": "business_central",
            "connection": {**connection, "companyId": self.place.control.company_id("generated")},
            "settings": {"pageSize": 100},
        }
        return f"/api/integrations/{self.hub.post('/api/integrations', body)['id']}"

    def begin(self, path: str) -> str:
        """Start a sync and return its run's path."""
        answer = self.hub.call("POST", f"{path}/dynamics/sync", {}, Prefer="respond-async")
        return f"{path}/runs/{answer.data['id']}"

    def ended(self, run: str, seconds: float = 60) -> dict[str, Any]:
        """Wait for a run's end and return it."""
        deadline = time.monotonic() + seconds
        while not (found := self.hub.get(run))["endedAt"]:
            assert time.monotonic() < deadline, found
            time.sleep(0.1)
        return dict(found)

    def sync(self) -> dict[str, Any]:
        """Sync a new integration and return the run."""
        return self.ended(self.begin(self.connected()))


@pytest.fixture
def user(place: Stack) -> _User:
    return _new_user(place)


def _new_user(place: Stack) -> _User:
    claims = {"oid": f"a11ce000-0000-4000-8000-{next(_USERS):012d}"}
    return _User(place, Hub(place.url, place.control.user_token("alice", claims=claims)))


def _read(run: Mapping[str, Any]) -> dict[str, int]:
    return {entity: run["entities"][entity]["read"] for entity in _COUNTS}


def _seconds(run: Mapping[str, Any]) -> float:
    return (datetime.fromisoformat(run["endedAt"]) - datetime.fromisoformat(run["queuedAt"])).total_seconds()


def _hits(control: Control) -> int:
    return sum(fault["hits"] for fault in control.faults())


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_no_request_is_sent_before_retry_after_has_passed(control: Control, user: _User, form: str) -> None:
    control.set_switch(latency_ms=20)
    control.fault(status=429, every=5, retry_after=2, retry_form=form)
    run = user.sync()
    assert _hits(control) > 1
    assert (run["status"], _read(run), _early(control)) == ("succeeded", _COUNTS, [])


def test_without_retry_after_each_refusal_brings_a_silence_of_half_a_second_at_least(
    control: Control, user: _User
) -> None:
    control.fault(status=429, every=4)
    run = user.sync()
    assert (run["status"], _read(run)) == ("succeeded", _COUNTS)
    assert _seconds(run) > 0.5 * _hits(control) > 1


def test_a_storm_costs_little_more_than_the_waits_it_asks_for(control: Control, user: _User, place: Stack) -> None:
    undisturbed = _seconds(user.sync())
    control.fault(status=429, every=6, retry_after=2)
    stormy = _seconds(_new_user(place).sync())
    asked_for = 2.0 * _hits(control)
    assert asked_for > 0
    assert stormy - asked_for < 3 * undisturbed + 3


def test_a_quota_that_is_used_up_is_waited_for(control: Control, user: _User) -> None:
    control.set_switch(window_limit=8, window_seconds=4, throttle_retry_after="seconds")
    run = user.sync()
    assert "429" in control.counters()["statuses"]
    assert (run["status"], _read(run), _early(control)) == ("succeeded", _COUNTS, [])


@pytest.mark.parametrize("owners", [1, 2])
def test_five_integrations_of_one_principal_share_its_five_requests(
    place: Stack, control: Control, owners: int
) -> None:
    control.set_switch(latency_ms=100)
    users = [_new_user(place) for _ in range(owners)]
    begun = [(user, user.begin(user.connected())) for user in (users * 5)[:5]]
    runs = [user.ended(run) for user, run in begun]
    assert [(run["status"], _read(run)) for run in runs] == [("succeeded", _COUNTS)] * 5
    assert 1 < control.counters()["inFlightMax"] <= 5


def test_five_integrations_of_one_principal_fall_silent_together(place: Stack, control: Control, user: _User) -> None:
    control.set_switch(latency_ms=50)
    control.fault(status=429, every=20, retry_after=2)
    begun = [user.begin(user.connected()) for _ in range(5)]
    statuses = [user.ended(run)["status"] for run in begun]
    assert _hits(control) > 1
    assert (statuses, _early(control)) == (["succeeded"] * 5, [])


def test_a_503_with_retry_after_delays_its_own_request_only(control: Control, user: _User) -> None:
    control.fault(status=503, retry_after=10, match=_PAGE_OF_VENDORS, nth=1)
    run = user.begin(user.connected())
    until(lambda: _hits(control), bool)
    for _ in range(2):
        user.hub.post(f"{user.connected()}/dynamics/test", {})
    assert user.ended(run)["status"] == "succeeded"
    refused, later = _after_the_refusal(control)
    own = next(each for each in later if (each["path"], each["query"]) == (refused["path"], refused["query"]))
    others = [each for each in later if _between(refused, each) < 8]
    assert _between(refused, own) >= 10
    assert len(others) > 3


def test_a_long_retry_after_leaves_the_app_free_for_others(place: Stack, control: Control, user: _User) -> None:
    control.fault(status=429, retry_after=_PATIENCE + 2, match=_PAGE_OF_VENDORS, nth=2)
    run = user.begin(user.connected())
    until(lambda: _hits(control), bool)
    other = _new_user(place)
    meanwhile = other.ended(other.begin(other.connected("hub-other")), 15)
    waiting = user.hub.get(run)
    ended = user.ended(run)
    assert (meanwhile["status"], waiting["status"]) == ("succeeded", "running")
    assert (ended["status"], ended["attempt"], _early(control)) == ("succeeded", 1, [])
    assert _PATIENCE + 2 < _seconds(ended) < 2 * _PATIENCE


def _early(control: Control) -> list[dict[str, Any]]:
    """Return the requests that were sent before an announced time, by someone who could know."""
    found: list[dict[str, Any]] = []
    refused: dict[str, dict[str, Any]] = {}
    for each in control.journal(part="bc"):
        principal = each["principal"]
        if each["early"] and _between(refused[principal], each) > _ON_ITS_WAY:
            found.append(each)
        if each["status"] == 429:
            refused[principal] = each
    return found


def _after_the_refusal(control: Control) -> tuple[dict[str, Any], Sequence[dict[str, Any]]]:
    entries = control.journal(part="bc")
    index = next(index for index, each in enumerate(entries) if each["status"] == 503)
    return entries[index], [each for each in entries[index + 1 :] if each["status"] == 200]


def _between(first: Mapping[str, Any], second: Mapping[str, Any]) -> float:
    begin, end = (datetime.fromisoformat(re.sub(r"Z$", "+00:00", each["time"])) for each in (first, second))
    return (end - begin).total_seconds()
