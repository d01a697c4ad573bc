"""Contracts by themselves: Oneflow tells, the hub compares, and what is not told is found."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.control import Control
from scripts.stack import Stack, reachable
from tests.flow.bridge_kit import TOPIC, Span, spans
from tests.flow.kit import Caller, problem, until
from tests.support.stacks import close_output

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

TABLE = "of_oneflowcontract"
"""The organization's own table of contracts."""
SOON = 30.0
"""Seconds from a change to the other side, on a busy machine."""


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Start a stack whose app is known under an address that Oneflow can call."""
    settings = {
        "HUB_ERRAND_SCHEDULE": "* * * * * *",
        "HUB_HOOK_SCHEDULE": "* * * * * *",
        "HUB_WALK_SCHEDULE": "*/3 * * * * *",
        "HUB_PROBE_SECONDS": "2",
    }
    with reachable((), settings) as started:
        yield started
    for server in (started.app, started.sandbox):
        close_output(server)


@pytest.fixture
def control(stack: Stack) -> Control:
    """Return the simulated systems' control, as it was at first."""
    stack.control.reset()
    return stack.control


@pytest.fixture
def unwalked(control: Control) -> None:
    """Let no walk read the contracts, so that notices alone tell of them."""
    control.fault(part="oneflow", match=r"contracts\?", status=400)


@pytest.fixture
def span(control: Control, alice: Caller) -> Iterator[Span]:
    """Return a new bridge that hears of its contracts."""
    yield from spans(alice, control)


@pytest.fixture
def draft(span: Span) -> str:
    """Return a contract of a deal whose topic is two-way."""
    span.map("opportunity", {**TOPIC, "direction": "two_way", "conflict": "manual"})
    return str(span.create("opportunity", span.deals()[0]["opportunityid"]).data["contractId"])


@pytest.fixture
def sent(span: Span, draft: str) -> str:
    """Return a contract that was sent."""
    span.oneflow.act(draft, "publish")
    return draft


def hooks(span: Span) -> list[dict[str, Any]]:
    return [each for each in span.oneflow.webhooks() if f"/{span.id}/" in each["callback_url"]]


def post(url: str, body: Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.post(url, json=body, timeout=20)


def topic_becomes(span: Span, text: str) -> None:
    until(lambda: span.deals()[0]["name"], lambda told: told == text, seconds=SOON)


def faulted(span: Span, effect: str) -> list[dict[str, Any]]:
    """Return the notices that a fault befell, once there is one."""
    return until(lambda: [each for each in span.oneflow.notices() if each["fault"] == effect], bool, seconds=SOON)


def logged(span: Span, trigger: str) -> list[dict[str, Any]]:
    return [each for each in span.get("/sync-logs?limit=50") if each["metadata"].get("trigger") == trigger]


def test_the_first_contract_brings_the_webhook(span: Span, sent: str) -> None:
    (hook,) = hooks(span)
    assert len(hook["sign_key"]) >= 32
    assert len(hook["callback_url"].rsplit("/", 1)[-1]) >= 32


@pytest.mark.usefixtures("unwalked")
def test_an_edit_in_oneflow_arrives_in_dynamics_by_itself(span: Span, sent: str) -> None:
    span.oneflow.edit(sent, topic="Agreed at last")
    topic_becomes(span, "Agreed at last")
    until(lambda: logged(span, "webhook"), bool, seconds=SOON)


def test_a_signature_is_known_by_itself(span: Span, sent: str) -> None:
    span.oneflow.act(sent, "sign")
    until(lambda: span.get(f"/oneflow/contracts/{sent}")["state"], lambda state: state == "signed", seconds=SOON)


def test_what_happens_to_a_contract_is_shown_in_its_row(span: Span) -> None:
    span.call("PATCH", "", {"settings": {"contractTable": TABLE}}, If_Match=span.call("GET").etag)
    span.map("opportunity", {**TOPIC, "direction": "two_way", "conflict": "manual"})
    contract = str(span.create("opportunity", span.deals()[0]["opportunityid"]).data["contractId"])
    (drafted,) = span.dynamics.rows(TABLE)
    assert (drafted["of_contractid"], drafted.get("of_senton")) == (contract, None)
    span.oneflow.act(contract, "publish")
    until(lambda: span.dynamics.rows(TABLE)[0], lambda row: row.get("of_senton"), seconds=SOON)
    span.oneflow.act(contract, "sign")
    until(lambda: span.dynamics.rows(TABLE)[0], lambda row: row.get("of_signdate"), seconds=SOON)
    assert len(span.dynamics.rows(TABLE)) == 1


def test_an_edit_that_oneflow_tells_nobody_of_is_found_by_the_walk(span: Span, draft: str) -> None:
    span.oneflow.edit(draft, topic="Nobody told")
    topic_becomes(span, "Nobody told")
    until(lambda: logged(span, "timer"), bool, seconds=SOON)
    assert span.oneflow.notices() == []


def test_an_edit_whose_notice_is_lost_arrives_all_the_same(span: Span, sent: str) -> None:
    span.control.fault(part="oneflow-notice", effect="lose", next=9)
    span.oneflow.edit(sent, topic="Lost on the way")
    topic_becomes(span, "Lost on the way")
    assert faulted(span, "lose")


def test_a_webhook_that_oneflow_dropped_is_registered_again(span: Span, sent: str) -> None:
    known = hooks(span)[0]
    span.oneflow.kill_webhooks()
    (again,) = until(lambda: hooks(span), bool, seconds=SOON)
    assert (again["id"] != known["id"], again["callback_url"]) == (True, known["callback_url"])


def test_a_change_in_dynamics_arrives_in_oneflow_by_itself_where_that_is_wanted(span: Span, sent: str) -> None:
    span.call("PATCH", "", {"settings": {"automatic": True}}, If_Match=span.call("GET").etag)
    span.dynamics.edit("update", "opportunity", span.deals()[0]["opportunityid"], values={"name": "Renamed there"})
    until(lambda: span.oneflow.contract(sent)["values"]["topic"], lambda told: told == "Renamed there", seconds=SOON)


@pytest.mark.usefixtures("unwalked")
def test_a_notice_that_comes_twice_is_answered_alike(span: Span, sent: str) -> None:
    span.control.fault(part="oneflow-notice", effect="twice", next=1)
    span.oneflow.edit(sent, topic="Told twice")
    topic_becomes(span, "Told twice")
    assert faulted(span, "twice")[0]["status"] == 200


def test_notices_that_come_in_the_wrong_order_leave_the_latest_value(span: Span, sent: str) -> None:
    span.oneflow.hold()
    for text in ("First", "Second", "Third"):
        span.oneflow.edit(sent, topic=text)
    span.oneflow.release("reversed")
    topic_becomes(span, "Third")


def test_notices_wait_while_the_integration_is_paused(span: Span, sent: str) -> None:
    tag = span.call("GET").etag
    span.call("PATCH", "", {"status": "paused"}, If_Match=tag)
    known = len(span.oneflow.notices())
    span.oneflow.edit(sent, topic="Meanwhile")
    told = until(lambda: span.oneflow.notices()[known:], bool, seconds=SOON)
    assert {each["status"] for each in told} == {200}
    assert span.deals()[0]["name"] != "Meanwhile"
    span.call("PATCH", "", {"status": "active"}, If_Match=span.call("GET").etag)
    topic_becomes(span, "Meanwhile")


def test_what_is_unknown_or_forged_is_404_alike(span: Span, sent: str) -> None:
    url = hooks(span)[0]["callback_url"]
    body = {"contract": {"id": int(sent)}, "callback_id": "a" * 40, "events": [], "signature": "0" * 40}
    wrong = [post(url, body), post(f"{url}x", body), post(url.replace(span.id, "int_unknown"), body), post(url, [])]
    assert {each.status_code for each in wrong} == {404}
    assert len({str({**each.json(), "traceId": ""}) for each in wrong}) == 1
    problem(span.hub.call("POST", url, body), 404, "NOT_FOUND")


def test_with_the_integration_its_webhook_goes(span: Span, sent: str) -> None:
    url = hooks(span)[0]["callback_url"]
    assert span.call("DELETE").status == 204
    assert hooks(span) == []
    assert post(url, {}).status_code == 404
